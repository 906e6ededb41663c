"""Kinds of values that callers send, in every way in which their clients write them (docs/user/union-api.md, Values).

A kind reads what came (text out of a query, or JSON) and says as a JSON schema what it takes.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tuike.kit.errors import Invalid

MAX_ID = 2**63 - 1
MAX_FEN = 10**13
BPS = 10_000
_MOST_DIGITS = 19
Schema = dict[str, Any]


class Kind(Protocol):
    """What a value may be."""

    def read(self, raw: Any, name: str) -> Any:
        """Return the value.

        Raises:
            Invalid: it isn't one; `name` says which field.
        """

    def schema(self, *, query: bool) -> Schema:
        """Return its JSON schema, as text of a query or within a body."""


def wrong(name: str, zh: str, en: str) -> Invalid:
    """Return the refusal of a field."""
    shown = name[:80] if name.isprintable() and name.isascii() else "?"
    return Invalid(field=shown, reason_zh=zh, reason_en=en)


@dataclass(frozen=True, slots=True)
class Text:
    """Visible text. Spaces around it don't count."""

    most: int
    least: int = 0
    only: str = ""
    """A pattern for the description; what it says is refused by the verb."""

    def read(self, raw: Any, name: str) -> str:
        """Return the text."""
        if not isinstance(raw, str):
            raise wrong(name, "应为字符串", "must be a string")
        text = raw.replace("\u3000", " ").strip()  # what a Chinese keyboard's space bar writes
        if not self.least <= len(text) <= self.most:
            zh, en = f"须为 {self.least}–{self.most} 个字符", f"has {self.least} to {self.most} characters"
            raise wrong(name, zh, en)
        if not text.isprintable():
            raise wrong(name, "含有不可见字符", "has invisible characters")
        return text

    def schema(self, *, query: bool) -> Schema:
        """A string."""
        bounds: Schema = {"maxLength": self.most} | ({"minLength": self.least} if self.least else {})
        return {"type": "string"} | bounds | ({"pattern": self.only} if self.only else {})


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number, as a number or as its digits."""

    low: int = 0
    high: int = MAX_ID

    def read(self, raw: Any, name: str) -> int:
        """Return the number."""
        number = _whole(raw)
        if number is None:
            raise wrong(name, "应为整数", "must be a whole number")
        if not self.low <= number <= self.high:
            raise wrong(name, f"须在 {self.low} 与 {self.high} 之间", f"is from {self.low} to {self.high}")
        return number

    def schema(self, *, query: bool) -> Schema:
        """A number; within a body its digits, too."""
        number: Schema = {"type": "integer", "minimum": self.low, "maximum": self.high}
        return number if query else {"oneOf": [number, {"type": "string", "pattern": r"^[0-9]{1,19}$"}]}


ID = Whole(1, MAX_ID)
FEN = Whole(0, MAX_FEN)
RATIO = Whole(0, BPS)
SECONDS = Whole(0, 253_402_300_799)
"""A Unix time in seconds, up to the year 9999."""


@dataclass(frozen=True, slots=True)
class Flag:
    """Yes or no, as `true`/`false`, `1`/`0`."""

    def read(self, raw: Any, name: str) -> bool:
        """Return whether it is set."""
        known = {"1": True, "0": False, "true": True, "false": False}
        text = str(raw).lower() if isinstance(raw, (str, int)) else ""
        if text not in known:
            raise wrong(name, "应为 0 或 1", "must be 0 or 1")
        return known[text]

    def schema(self, *, query: bool) -> Schema:
        """0 or 1; within a body a truth value, too."""
        return {"enum": [0, 1]} if query else {"enum": [True, False, 0, 1]}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    words: tuple[str, ...]

    def read(self, raw: Any, name: str) -> str:
        """Return the word."""
        if not isinstance(raw, str) or raw not in self.words:
            listed = " / ".join(self.words)
            raise wrong(name, f"应为 {listed} 之一", f"is one of {listed}")
        return raw

    def schema(self, *, query: bool) -> Schema:
        """One of the words."""
        return {"enum": list(self.words)}


@dataclass(frozen=True, slots=True)
class Many:
    """Several values: in a query `k=a,b`, `k=a&k=b`, `k[]=a&k[]=b`, `k[0]=a`, or JSON text; in a body an array."""

    of: Kind
    most: int
    least: int = 0

    def read(self, raw: Any, name: str) -> tuple[Any, ...]:
        """Return the values in their order."""
        values = _listed(raw, name)
        if not self.least <= len(values) <= self.most:
            raise wrong(name, f"须为 {self.least}–{self.most} 项", f"has {self.least} to {self.most} items")
        return tuple(self.of.read(value, f"{name}[{place}]") for place, value in enumerate(values))

    def schema(self, *, query: bool) -> Schema:
        """An array; in a query text."""
        if query:
            return {"type": "string"}
        bounds: Schema = {"maxItems": self.most} | ({"minItems": self.least} if self.least else {})
        return {"type": "array", "items": self.of.schema(query=False)} | bounds


_MISSING: Any = object()


@dataclass(frozen=True, slots=True)
class Ask:
    """A field that a call takes: its name, its kind, what stands for it when it is missing (nothing: it is needed)."""

    name: str
    kind: Kind
    default: Any = _MISSING
    about: str = ""

    @property
    def needed(self) -> bool:
        """Return whether the caller has to send it."""
        return self.default is _MISSING


@dataclass(frozen=True, slots=True)
class Object:
    """Fields under one name: in a query `k[x]=1` or JSON text, in a body an object. Other fields don't matter."""

    asks: tuple[Ask, ...] = field(default=())

    def read(self, raw: Any, name: str) -> dict[str, Any]:
        """Return the values by name."""
        found = _parsed(raw, name) if isinstance(raw, str) else raw
        if not isinstance(found, dict):
            raise wrong(name, "应为对象", "must be an object")
        return read_all(self.asks, found, name)

    def schema(self, *, query: bool) -> Schema:
        """An object; in a query its JSON text."""
        if query:
            return {"type": "string"}
        needed = [ask.name for ask in self.asks if ask.needed]
        properties = {ask.name: ask.kind.schema(query=False) for ask in self.asks}
        return {"type": "object", "properties": properties} | ({"required": needed} if needed else {})


def read_all(asks: Sequence[Ask], raw: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Return the values of fields by name. What is empty text or null counts as missing.

    Raises:
        Invalid: the first field that is missing or wrong.
    """
    values = {}
    for ask in asks:
        name = f"{within}.{ask.name}" if within else ask.name
        value = raw.get(ask.name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if ask.needed:
                raise wrong(name, "必填", "is missing")
            values[ask.name] = ask.default
        else:
            values[ask.name] = ask.kind.read(value, name)
    return values


def _whole(raw: Any) -> int | None:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.isascii() and raw.isdigit() and len(raw) <= _MOST_DIGITS:
        return int(raw)
    return None


def _listed(raw: Any, name: str) -> list[Any]:
    if isinstance(raw, str):
        if raw.lstrip().startswith(("[", "{")):
            raw = _parsed(raw, name)
        else:
            return [part for part in raw.split(",") if part.strip()]
    if isinstance(raw, dict) and raw and all(key.isdecimal() and len(key) < 6 for key in raw):
        return [raw[key] for key in sorted(raw, key=int)]
    if not isinstance(raw, list):
        raise wrong(name, "应为列表", "must be a list")
    return raw


def _parsed(raw: str, name: str) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise wrong(name, "不是有效的 JSON", "is not JSON") from None
