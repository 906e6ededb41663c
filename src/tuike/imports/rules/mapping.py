"""Reading a mapping file: every key is known, every value is checked, every fault has its line."""

import codecs
import hashlib
import re
import tomllib
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tuike.imports.rules.amounts import fraction
from tuike.imports.types import Columns, Mapping, MappingInvalid, Rates, TopUp

T = TypeVar("T")

_SECTIONS = {
    "file": {"encoding", "delimiter", "fold_codes"},
    "columns": {"order", "code", "title", "quantity", "placed_at", "price", "customer"},
    "time": {"format", "zone"},
    "money": {"currency", "rate"},
    "cancellation": {"order_prefixes", "negative_quantity"},
    "adjustment": {"order_prefixes", "codes", "patterns"},
    "freight": {"codes"},
    "received": {"days_after_paid"},
    "catalog": {"category"},
    "rates": {"written_at", "default_bps", "category_bps", "tier2_bps", "tier3_bps"},
    "claims": {"promoters", "nobody_bps", "seed"},
    "prepaid": {"top_up", "paid_at", "reference"},
}
_OPTIONAL = {"adjustment", "freight", "rates", "prepaid"}


def read_mapping(content: bytes) -> Mapping:
    """Return the mapping that a TOML file says (docs/user/import-orders.md).

    Raises:
        MappingInvalid: a fault, with its line and key.
    """
    book = _Book(content)
    rate = book.value("money", "rate", str, fraction)
    return Mapping(
        encoding=book.value("file", "encoding", str, _encoding, default="utf-8-sig"),
        delimiter=book.value("file", "delimiter", str, lambda v: v if len(v) == 1 else None, default=","),
        columns=Columns(**{name: book.value("columns", name, str, _filled) for name in sorted(_SECTIONS["columns"])}),
        time_format=book.value("time", "format", str, _filled),
        zone=book.value("time", "zone", str, _zone),
        currency=book.value("money", "currency", str, lambda v: v if re.fullmatch(r"[A-Z]{3}", v) else None),
        rate=(rate[0] * 100, rate[1]),
        cancel_prefixes=book.texts("cancellation", "order_prefixes"),
        cancel_negative=book.value("cancellation", "negative_quantity", bool, lambda v: v, default=True),
        adjust_prefixes=book.texts("adjustment", "order_prefixes"),
        adjust_codes=frozenset(book.texts("adjustment", "codes")),
        adjust_patterns=book.patterns("adjustment", "patterns"),
        freight_codes=frozenset(book.texts("freight", "codes")),
        fold_codes=book.value("file", "fold_codes", bool, lambda v: v, default=False),
        received_after_days=book.value("received", "days_after_paid", int, _between(0, 3650)),
        category=book.value("catalog", "category", str, _path),
        rates=_rates(book),
        promoters=book.texts("claims", "promoters"),
        nobody_bps=book.value("claims", "nobody_bps", int, _between(0, 10_000), default=0),
        seed=book.value("claims", "seed", str, _filled),
        top_up=_top_up(book),
        digest=hashlib.sha256(content).digest(),
    )


class _Book:
    """The parsed file, and where in it each key stands."""

    def __init__(self, content: bytes) -> None:
        try:
            self._text = content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content[: error.start].count(b"\n") + 1
            raise MappingInvalid(line=line, key="file", reason_zh="须为 UTF-8", reason_en="must be UTF-8") from error
        try:
            self._said = tomllib.loads(self._text)
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            line = int(found[1]) if found else self._text.count("\n") + 1
            raise MappingInvalid(line=line, key="TOML", reason_zh=str(error), reason_en=str(error)) from error
        self._check_names()

    def has(self, section: str) -> bool:
        """Return whether the section is there."""
        return section in self._said

    def value(
        self,
        section: str,
        key: str,
        kind: type,
        read: Callable[[Any], T | None],
        *,
        default: T | None = None,
    ) -> T:
        """Return a value as `read` makes it of what is written; `read` gives None for what can't be."""
        found = self._said.get(section, {})
        if key not in found:
            if default is not None:
                return default
            raise self.fault(section, key, "缺少", "is missing")
        given = found[key]
        made = read(given) if isinstance(given, kind) and isinstance(given, bool) == (kind is bool) else None
        if made is None:
            raise self.fault(section, key, f"值 {given!r} 不正确", f"{given!r} is not a value for this")
        return made

    def texts(self, section: str, key: str) -> tuple[str, ...]:
        """Return a list of texts; none where it isn't there."""
        return self.value(section, key, list, _texts, default=())

    def patterns(self, section: str, key: str) -> tuple[str, ...]:
        """Return a list of regular expressions."""
        found = self.texts(section, key)
        for one in found:
            try:
                re.compile(one)
            except re.error as error:
                raise self.fault(section, key, f"{one!r}：{error}", f"{one!r}: {error}") from error
        return found

    def fault(self, section: str, key: str, zh: str, en: str) -> MappingInvalid:
        """Return the refusal for a key, with the line where it stands, or where its section begins."""
        return MappingInvalid(line=self._line(section, key), key=f"{section}.{key}", reason_zh=zh, reason_en=en)

    def _check_names(self) -> None:
        for section, found in self._said.items():
            if section not in _SECTIONS or not isinstance(found, dict):
                line = self._line(section, "") if isinstance(found, dict) else self._line("", section)
                raise MappingInvalid(line=line, key=section, reason_zh="没有这一节", reason_en="no such section")
            for key in found:
                if key not in _SECTIONS[section]:
                    raise self.fault(section, key, "没有这一项", "no such key")
        for section in _SECTIONS.keys() - _OPTIONAL - self._said.keys():
            raise MappingInvalid(
                line=self._text.count("\n") + 1,
                key=section,
                reason_zh=f"缺少 [{section}]",
                reason_en=f"[{section}] is missing",
            )

    def _line(self, section: str, key: str) -> int:
        inside, begins = section == "", 1
        for number, line in enumerate(self._text.splitlines(), start=1):
            if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]", line):
                inside = header[1].strip("\"'") == section
                begins = number if inside else begins
            elif inside and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return begins


def _rates(book: _Book) -> Rates | None:
    if not book.has("rates"):
        return None
    tiers = {tier: book.value("rates", f"tier{tier}_bps", int, _between(0, 9000), default=0) for tier in (2, 3)}
    default = book.value("rates", "default_bps", int, _between(0, 9000), default=0) or None
    category = book.value("rates", "category_bps", int, _between(0, 9000), default=0) or None
    if default is None and category is None:
        raise book.fault(
            "rates", "default_bps", "须给出 default_bps 或 category_bps", "say default_bps or category_bps"
        )
    return Rates(
        written_at=book.value("rates", "written_at", datetime, _aware),
        default_bps=default,
        category_bps=category,
        tier_bps={tier: bps for tier, bps in tiers.items() if bps},
    )


def _top_up(book: _Book) -> TopUp | None:
    if not book.has("prepaid"):
        return None
    amount = book.value("prepaid", "top_up", str, fraction)
    fen, rest = divmod(amount[0] * 100, amount[1])
    if rest:
        raise book.fault("prepaid", "top_up", "须精确到分", "must be whole fen")
    return TopUp(
        amount_fen=fen,
        paid_at=book.value("prepaid", "paid_at", datetime, _aware),
        reference=book.value("prepaid", "reference", str, lambda v: v if 1 <= len(v.strip()) <= 40 else None),
    )


def _filled(text: str) -> str | None:
    return text if text.strip() else None


def _texts(given: list) -> tuple[str, ...] | None:
    return tuple(given) if all(isinstance(one, str) and one for one in given) else None


def _between(low: int, high: int) -> Callable[[int], int | None]:
    return lambda value: value if low <= value <= high else None


def _encoding(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
    except LookupError:
        return None
    return "utf-8-sig" if found.name == "utf-8" else found.name


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _path(text: str) -> tuple[str, ...] | None:
    parts = tuple(part.strip() for part in text.split("/"))
    return parts if 1 <= len(parts) <= 3 and all(parts) else None


def _aware(instant: datetime) -> datetime | None:
    return instant if instant.tzinfo else None
