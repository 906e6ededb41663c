"""How news and messages are worded: facts filled into a kind's sentence, or into the keywords of WeChat's templates."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
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


SENTENCE = "sentence"
"""The fact that is the whole message."""

_MOST = {
    "thing": 20,
    "character_string": 32,
    "letter": 32,
    "symbol": 5,
    "number": 32,
    "time": 32,
    "date": 32,
    "amount": 16,
    "phone_number": 17,
    "phrase": 5,
    "name": 10,
}
"""Characters that a keyword of a subscribe message takes, by its kind (mini-program server API, "sendMessage")."""
_KEYWORD = re.compile(r"([a-z_]+?)[0-9]{1,3}")
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""How long a sending without a known outcome rests before it is tried again; then it is given up."""


def keyword_kind(keyword: str) -> str | None:
    """Return the kind of a template's keyword (`thing` of `thing1`), None for what WeChat has no such kind of."""
    found = _KEYWORD.fullmatch(keyword)
    return found[1] if found and found[1] in _MOST else None


def template_data(fields: Mapping[str, str], facts: Mapping[str, Any], sentence: str) -> dict[str, str]:
    """Return what a template's keywords show, each as short as WeChat takes it; a fact that is missing is `无`."""
    shown = {name: _said(name, value) for name, value in facts.items()} | {SENTENCE: sentence}
    return {keyword: _fitted(keyword, shown.get(name, "")) for keyword, name in fields.items()}


def _fitted(keyword: str, text: str) -> str:
    kind = keyword_kind(keyword) or "thing"
    if kind == "amount":
        text = text.replace(",", "").replace("−", "")
    text = text.strip()
    if kind in ("number", "amount") and not text:
        return "0"
    most = _MOST[kind]
    if len(text) > most:
        text = text[: most - 1] + "…" if kind == "thing" else text[:most]
    return text or ("无" if kind in ("thing", "phrase", "name") else "-")


def rest(tries: int) -> timedelta | None:
    """Return how long a sending rests after so many tries without a known outcome; None: it is given up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None
