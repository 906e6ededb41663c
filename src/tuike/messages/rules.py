"""How a piece of news is worded: facts filled into a kind's sentence."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tuike.kit import days, money


def filled(sentence: str, facts: Mapping[str, Any]) -> str:
    """Return the sentence with its facts: `_fen` as money, `_bps` as a rate, `_at` (ISO text) as time in Shanghai.

    A fact that was not told is shown as `—`: news of last month stay readable when a kind's words change.
    """
    return sentence.format_map(_Shown({name: _said(name, value) for name, value in facts.items()}))


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"


def _said(name: str, value: Any) -> str:
    if value is None:
        return "—"
    if name.endswith("_fen"):
        return money.yuan(int(value)).replace("-", "−")
    if name.endswith("_bps"):
        return money.percent(int(value)).replace("-", "−")
    if name.endswith("_at"):
        return days.shown(datetime.fromisoformat(str(value)))[:16]
    return str(value)
