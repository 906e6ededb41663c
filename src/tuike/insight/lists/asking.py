"""From a query string to a condition: every value is looked at before the database sees it (docs/rules.md §1)."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tuike.insight.lists.types import EMPTY, BadFilter, Column, Filter, Listing, Position
from tuike.kit import days

_HOLE = re.compile(r"%\((value|like|prefix|low|high|found_[a-z]+)\)s")
_NUMBER = re.compile(r"-?\d{1,13}")
_HUNDREDTHS = re.compile(r"(-?)(\d{1,13})(?:\.(\d{1,2}))?")
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 30, tzinfo=UTC)
_WIDE = 2**62
LONGEST = 200
"""Characters that a text filter takes."""


@dataclass(frozen=True, slots=True)
class Question:
    """A listing with everything that was asked of it."""

    listing: Listing
    where: str
    params: dict[str, Any]
    values: dict[str, str]
    column: Column
    descending: bool
    position: Position | None

    @property
    def sort(self) -> str:
        """Return the sort as it is written in an address."""
        return f"-{self.column.key}" if self.descending else self.column.key


def read(listing: Listing, scope: Mapping[str, Any], asked: Mapping[str, str], *, leave: str = "") -> Question:
    """Return the question that `asked` (a query string) puts to `listing`; the filter `leave` isn't taken.

    Raises:
        BadFilter: a value that can't be one: not a day, not an amount, no such choice, no such sort, a broken token.
    """
    conditions, params, values = [f"({listing.scope_sql})"], dict(scope), {}
    for one in listing.all_filters:
        typed = {key: asked.get(key, "").strip() for key in one.keys}
        if one.key == leave or not any(typed.values()):
            continue
        values |= {key: text for key, text in typed.items() if text}
        condition, given = _condition(one, typed, scope)
        conditions.append(f"({_HOLE.sub(lambda hole, at=one.key: f'%(f_{at}_{hole[1]})s', condition)})")
        params |= {f"f_{one.key}_{name}": value for name, value in given.items()}
    sort = asked.get("sort") or listing.default_sort
    column = listing.column(sort.removeprefix("-"))
    if column is None or not (column.sort or sort == listing.default_sort):
        raise BadFilter(field="sort", name=("排序", "sort"))
    position = _position(listing, column, asked)
    where = " AND ".join(conditions)
    if listing.grouped:
        joins = " ".join(listing.needed(f"{listing.sql_from} {where}"))
        inner = listing.sql_from.replace("{where}", where).replace("{joins}", joins)
        listing, where = replace(listing, sql_from=inner, joins={}), "true"
    return Question(listing, where, params, values, column, sort.startswith("-"), position)


def token(question: Question, row: Mapping[str, Any]) -> str:
    """Return the token of the page that begins after (or before) `row`, under the question's sort."""
    value = row["__sort"]
    told = value.isoformat() if isinstance(value, date) else value
    text = json.dumps([question.column.key, told, row["id"]], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _condition(one: Filter, typed: dict[str, str], scope: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a filter's condition and the values that its holes are filled with."""
    if one.empty and typed[one.keys[0]] == EMPTY:
        return one.empty, {}
    if one.kind == "text":
        text = typed[one.key]
        if len(text) > LONGEST or "\0" in text:
            raise BadFilter(field=one.key, name=one.label)
        found = one.find(text) if one.find else None
        if found is not None:
            return found[0], dict(found[1])
        pattern = re.sub(r"([\\%_])", r"\\\1", text)
        return one.sql, {"value": text, "like": f"%{pattern}%", "prefix": f"{pattern}%"}
    if one.kind == "choice":
        wanted = typed[one.key].split(",") if one.many else [typed[one.key]]
        if not set(wanted) <= {value for value, _ in one.choices_for(scope)}:
            raise BadFilter(field=one.key, name=one.label)
        if one.many:
            return one.sql, {"value": wanted}
        return one.conditions.get(wanted[0], one.sql), {"value": wanted[0]}
    low, high = (typed[key] for key in one.keys)
    try:
        bounds = _days(low, high) if one.kind == "days" else _numbers(low, high, hundredths=one.kind != "number")
    except ValueError as error:
        raise BadFilter(field=one.key, name=one.label) from error
    return one.sql, {"low": bounds[0], "high": bounds[1]}


def _days(low: str, high: str) -> tuple[datetime, datetime]:
    """Return the instants that bound whole days: from the first one's midnight until the last one's end."""
    try:
        begin = days.start_of(date.fromisoformat(low)) if low else _FIRST
        end = days.start_of(date.fromisoformat(high) + timedelta(days=1)) if high else _LAST
    except OverflowError as error:
        raise ValueError("out of the calendar") from error
    return begin, end


def _numbers(low: str, high: str, *, hundredths: bool) -> tuple[int, int]:
    return (
        (_hundredths(low) if hundredths else _whole(low)) if low else -_WIDE,
        (_hundredths(high) if hundredths else _whole(high)) if high else _WIDE,
    )


def _whole(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _hundredths(text: str) -> int:
    """Return yuan as fen, or percent as bps: both are hundredths of what a person types."""
    found = _HUNDREDTHS.fullmatch(text.replace(",", "").removeprefix("¥").removesuffix("%"))
    if not found:
        raise ValueError(text)
    sign, whole, rest = found.groups()
    number = int(whole) * 100 + int((rest or "").ljust(2, "0"))
    return -number if sign else number


def _position(listing: Listing, column: Column, asked: Mapping[str, str]) -> Position | None:
    forward = "after" in asked
    text = asked.get("after") or asked.get("before")
    if not text:
        return None
    try:
        key, told, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if key != column.key or type(row_id) is not (str if listing.text_ids else int):
            raise ValueError(text)
        value = None if told is None else _value(column, told)
    except (ValueError, TypeError, binascii.Error) as error:
        raise BadFilter(field="after", name=("页码", "page")) from error
    return Position(value=value, id=row_id, empty=value is None, forward=forward)


def _value(column: Column, told: Any) -> int | str | datetime | date:
    """Return a token's value in the type that its column sorts by."""
    wanted = {"money": int, "rate": int, "count": int}.get(column.kind, str)
    if type(told) is not wanted or (isinstance(told, int) and abs(told) > _WIDE) or "\0" in str(told):
        raise ValueError(told)
    if column.kind == "time":
        instant = datetime.fromisoformat(told)
        if instant.tzinfo is None:
            raise ValueError(told)
        return instant
    return date.fromisoformat(told) if column.kind == "day" else told
