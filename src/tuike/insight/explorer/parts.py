"""The usual shapes of dimensions: an instant, a party or another thing with a number, a state in words."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tuike.db import rows
from tuike.insight.explorer.types import Asked, Group
from tuike.insight.lists.types import EMPTY, Column, Filter, Words
from tuike.kit import days

NUMBER = "^[A-Z]{1,3}[0-9]{13,}$"
"""Numbers that the product gives: of parties, products, campaigns, activities (capitals, the day, the id)."""

Found = tuple[str, Mapping[str, Any]]
"""A condition, and what fills its holes."""
NOTHING: Found = ("false", {})
"""No row is meant."""


def by(name: str) -> Callable[[Any], Asked]:
    """Return what asks for a group's rows by one filter of this name."""
    return lambda key: {name: EMPTY if key is None else str(key)}


def instant(key: str, words: Words, sql: str, *, filled: bool = False, sort: bool = False, implied: str = "") -> Any:
    """Return column, filters and groups (by day and by month of Shanghai) of an instant; `filled`: it is always known.
    `implied` is what follows for other columns, along which the rows come.

    The answer is (columns, filters, groups), as a dimension takes them.
    """
    zh, en = words
    column = Column(key, words, sql, kind="time", sort=sort, filled=filled)
    filters = [Filter(key, words, f"{sql} >= %(low)s AND {sql} < %(high)s{implied}", kind="days")]
    if not filled:
        choices = [("yes", ("有", "Known")), ("no", ("无", "None"))]
        known = {"yes": f"{sql} IS NOT NULL", "no": f"{sql} IS NULL"}
        label = (f"有无{zh}", f"{en}: known")
        filters.append(Filter(f"{key}_known", label, "true", kind="choice", choices=choices, conditions=known))
    groups = {}
    for span, said, last in (("day", ("日", "day"), _same), ("month", ("月", "month"), _last)):
        group = Group(
            f"date_trunc('{span}', {sql} AT TIME ZONE 'Asia/Shanghai')::date",
            _span(key, last),
            kind="day",
        )
        groups[f"{key}_{span}"] = ((f"{zh}（{said[0]}）", f"{en} ({said[1]})"), group)
    return (column,), tuple(filters), groups


def numbered(key: str, words: Words, *, find: Callable[[str], Found | None], name: str, id_sql: str, join: str) -> Any:
    """Return filters and groups of a thing with a number and a name.

    `find` finds it by its number (`finder`); `name` and `id_sql` are its name and id in the rows; `join` finds it
    by its id, as a group's does.
    """
    hint = ("编号或名称；- 为无", "number or name; - for none")
    one = Filter(key, words, f"{name} ILIKE %(like)s", hint=hint, empty=f"{id_sql} IS NULL", find=find)
    group = Group(id_sql, by(key), join=join, label="{at}.name", no="{at}.no")
    return (one,), {key: (words, group)}


def finder(of: str, exact: str) -> Callable[[str], Found | None]:
    """Return what finds a thing by its number: the condition `exact` with what is read of the thing as `found_<name>`.

    `of` is a table and what is read of it, such as `parties_party: id, kind`. No row has a number that isn't given. How
    many rows a thing has is known so before their way is planned.
    """
    table, _, columns = of.partition(": ")
    names = [f"found_{one.split()[-1]}" for one in columns.split(", ")]

    def find(text: str) -> Found | None:
        if not re.search(NUMBER, text):
            return None
        found = rows.query(f"SELECT {columns} FROM {table} WHERE no = %s", [text])
        return (exact, dict(zip(names, found[0], strict=True))) if found else NOTHING

    return find


def stated(key: str, words: Words, sql: str, states: Mapping[str, tuple[str, ...]]) -> Any:
    """Return column, filter (of which several may be chosen) and group of a state in words."""
    choices = [(state, (said[0], said[1])) for state, said in states.items()]
    condition = f"({sql}) = ANY(%(value)s)"
    one = Filter(key, words, condition, kind="choice", choices=choices, many=True, empty=f"({sql}) IS NULL")
    group = Group(sql, by(key), kind="tag", words=states)
    return (Column(key, words, sql, kind="tag", words=states),), (one,), {key: (words, group)}


def _span(key: str, last: Callable[[date], date]) -> Callable[[Any], Asked]:
    def drill(first: Any) -> Asked:
        if first is None:
            return {f"{key}_known": "no"}
        return {f"{key}_from": first.isoformat(), f"{key}_to": last(first).isoformat()}

    return drill


def _same(day: date) -> date:
    return day


def _last(first: date) -> date:
    """Return the last day of the month that begins with `first`."""
    return date.fromordinal(days.next_month(first).toordinal() - 1)
