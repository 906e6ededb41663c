"""What a risk score is made of, in words: a signal's name, what was measured, from where on it counts, its weight."""

from collections.abc import Iterable
from dataclasses import dataclass

from tuike.doors.console import text
from tuike.doors.console.text import T
from tuike.scoring.types import WORDS, Found, ScoreShown, Unit


@dataclass(frozen=True, slots=True)
class Said:
    """A finding as a page shows it."""

    name: T
    sentence: T


def rows(findings: Iterable[Found]) -> list[tuple[T, object, str]]:
    """Return findings as rows of a page's facts, the heaviest first."""
    return [(said.name, said.sentence, "text") for said in map(_said, findings)]


def of_score(score: ScoreShown | None) -> list[tuple[T, object, str]]:
    """Return an order's score and what it is made of; nothing where it has none."""
    if score is None:
        return []
    shown = T("{now} / 1000（最高 {highest}）", "{now} of 1,000 (at most {highest})")
    figure = shown.fill(now=score.thousandths, highest=score.highest)
    return [(T("订单风险分", "The order's risk score"), figure, "text"), *rows(score.findings)]


def _said(found: Found) -> Said:
    """Return a finding in words."""
    words = WORDS[found.signal]
    value, threshold = _figure(words.unit, found.value), _figure(words.unit, found.threshold)
    sentence = T(*words.says).fill(value=value, threshold=threshold)
    weight = T("（权重 {points}）", " (weight {points})").fill(points=found.points)
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
