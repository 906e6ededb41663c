"""What a risk score is made of, in words: a signal's name, what was measured, from where on it counts, its weight."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tuike.doors.console import text
from tuike.doors.console.text import T
from tuike.scoring.types import WORDS, Signal, Unit


@dataclass(frozen=True, slots=True)
class Said:
    """A finding as a page shows it."""

    name: T
    sentence: T


def said(kept: Mapping[str, Any]) -> Said:
    """Return a finding, as a case keeps it, in words."""
    words = WORDS[Signal(kept["signal"])]
    figures = {name: _figure(words.unit, int(kept[name])) for name in ("value", "threshold")}
    sentence = T(*words.says).fill(**figures)
    weight = T("（权重 {points}）", " (weight {points})").fill(points=kept["points"])
    return Said(T(*words.name), T(sentence.zh + weight.zh, sentence.en + weight.en))


def _figure(unit: Unit, value: int) -> T:
    if unit is Unit.BPS:
        shown = text.rate_shown(value)
        return T(shown, shown)
    if unit is Unit.MS:
        whole, rest = divmod(value, 1_000)
        shown = f"{whole}.{rest // 100}" if rest >= 100 else str(whole)
        return T(f"{shown} 秒", f"{shown} s")
    return T(str(value), str(value))
