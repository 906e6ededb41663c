"""Pages of rows by keyset, capped counts, sums. Each is one statement over what the definition says.

A page first finds its ids, along an index where there is one, and then reads what is shown of those rows alone: an
expensive expression costs as many times as rows are seen, and joins that only serve for showing are left out of the
search. Rows come by (sort value, id), those without a value last, forwards and backwards.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from tuike.db import rows
from tuike.insight.lists.asking import Question, read, token
from tuike.insight.lists.types import (
    BadFilter,
    Capped,
    Choices,
    Column,
    Filter,
    Kind,
    Listing,
    Page,
    Position,
    Words,
)

__all__ = [
    "BadFilter",
    "Capped",
    "Choices",
    "Column",
    "Filter",
    "Kind",
    "Listing",
    "Page",
    "Words",
    "count",
    "named",
    "page",
    "tab_counts",
    "totals",
]

COUNTED = 1_000
"""Rows that are counted before a count says "and more"."""


def page(listing: Listing, scope: Mapping[str, Any], asked: Mapping[str, str]) -> Page:
    """Return the page of `listing` that `asked` (the query string) names; `scope` fills the listing's condition.

    Raises:
        BadFilter: a value that can't be one.
    """
    question = read(listing, scope, asked)
    at, size = question.position, listing.page_size
    found = _ids(question, at, size + 1)
    if at is not None and not at.forward:
        if len(found) <= size:
            # Nothing is before these rows: the first page, whole, however few of them the token left.
            return page(listing, scope, {key: value for key, value in asked.items() if key != "before"})
        found = found[:size][::-1]
        return Page(_shown(question, found), token(question, found[-1]), token(question, found[0]), *_asked(question))
    kept = found[:size]
    following = token(question, kept[-1]) if len(found) > size else None
    before = token(question, kept[0]) if at is not None and kept else None
    return Page(_shown(question, kept), following, before, *_asked(question))


def count(
    listing: Listing, scope: Mapping[str, Any], asked: Mapping[str, str], *, exact: bool = False, most: int = COUNTED
) -> Capped:
    """Return how many rows `asked` finds: up to `most` and whether there are more, or (`exact`) all of them.

    Raises:
        BadFilter: a value that can't be one.
    """
    listing = listing.whole
    question = read(listing, scope, _without_position(asked))
    where, bound = question.where, "" if exact else f"LIMIT {most + 1}"
    found = rows.query(
        f"SELECT count(*) FROM (SELECT 1 FROM {question.listing.needed_from(where)} WHERE {where} {bound}) AS found",
        question.params,
    )[0][0]
    return Capped(found if exact else min(found, most), not exact and found > most)


def totals(listing: Listing, scope: Mapping[str, Any], asked: Mapping[str, str]) -> dict[str, int]:
    """Return the sum of each summed column over all rows that `asked` finds, by its key; in the column's unit.

    Raises:
        BadFilter: a value that can't be one.
    """
    listing = listing.whole
    question = read(listing, scope, _without_position(asked))
    if not listing.summed:
        return {}
    sums = ", ".join(f"coalesce(sum({one.sum_sql or one.sql}), 0)::bigint" for one in listing.summed)
    needed = question.listing.needed_from(f"{sums} {question.where}")
    found = rows.query(f"SELECT {sums} FROM {needed} WHERE {question.where}", question.params)[0]
    return {one.key: value for one, value in zip(listing.summed, found, strict=True)}


def tab_counts(listing: Listing, scope: Mapping[str, Any], asked: Mapping[str, str]) -> dict[str, Capped]:
    """Return how many rows each tab would show, under the other filters; "" is the tab of all.

    Raises:
        BadFilter: a value that can't be one.
    """
    if listing.tabs is None:
        return {}
    listing, tabs = listing.whole, listing.tabs
    values = ["", *(value for value, _ in tabs.choices_for(scope))]
    asked = _without_position(asked)
    counts, params = [], {}
    for number, value in enumerate(values):
        question = read(listing, scope, {**asked, tabs.key: value})
        own = f"f_{tabs.key}_value"
        where = question.where.replace(f"%({own})s", f"%({own}_{number})s")
        params |= question.params | {f"{own}_{number}": value}
        counts.append(
            f"(SELECT count(*) FROM (SELECT 1 FROM {listing.needed_from(where)} WHERE {where} LIMIT {COUNTED + 1}) t)"
        )
    found = rows.query(f"SELECT {', '.join(counts)}", params)[0]
    return {value: Capped(min(number, COUNTED), number > COUNTED) for value, number in zip(values, found, strict=True)}


def named(listing: Listing, scope: Mapping[str, Any], key: str, values: Sequence[Any]) -> tuple[dict[str, Any], ...]:
    """Return all rows whose column `key` has one of `values` (`id`, or a column's further expression, `title__no`), in
    the order of their ids; what is outside the scope isn't there."""
    wanted = _wanted(listing)
    needed = listing.needed_from(f"{', '.join(wanted.values())} {listing.scope_sql}")
    found = rows.query(
        f"SELECT {', '.join(wanted.values())} FROM {needed}"
        f" WHERE ({listing.scope_sql}) AND {wanted[key]} = ANY(%(k_values)s) ORDER BY {listing.id_sql}",
        {**scope, "k_values": list(values)},
    )
    return tuple(dict(zip(wanted, row, strict=True)) for row in found)


def _asked(question: Question) -> tuple[str, dict[str, str]]:
    return question.sort, question.values


def _without_position(asked: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in asked.items() if key not in ("after", "before")}


def _ids(question: Question, at: Position | None, limit: int) -> list[dict[str, Any]]:
    """Return ids and sort values of the next rows from `at`, nearest first; backwards, so do they come.

    Rows with a value and rows without are two ranges of the same index; the second is looked at when the first ends.
    """
    forward = at is None or at.forward
    ranges = [False] if _never_empty(question) else [False, True]
    if not forward:
        ranges.reverse()
    if at is not None:
        ranges = ranges[ranges.index(at.empty) :] if at.empty in ranges else []
    found: list[dict[str, Any]] = []
    for empty in ranges:
        start = at if at is not None and at.empty == empty else None
        found += _range(question, empty=empty, start=start, forward=forward, limit=limit - len(found))
        if len(found) >= limit:
            break
    return found


def _range(question: Question, *, empty: bool, start: Position | None, forward: bool, limit: int) -> list[dict]:
    by, id_sql = question.column.sql, question.listing.id_sql
    falling = question.descending == forward
    way, beyond = ("DESC", "<") if falling else ("ASC", ">")
    conditions, params = [question.where], dict(question.params)
    if not _never_empty(question):
        conditions.append(f"({by}) IS {'' if empty else 'NOT '}NULL")
    alone = empty or by == id_sql
    if start is not None:
        params |= {"k_value": start.value, "k_id": start.id}
        conditions.append(
            f"({id_sql}) {beyond} %(k_id)s" if alone else f"({by}, {id_sql}) {beyond} (%(k_value)s, %(k_id)s)"
        )
    order = f"{id_sql} {way}" if alone else f"{by} {way}, {id_sql} {way}"
    wanted = _wanted(question.listing) if question.listing.grouped else {"id": id_sql}
    wanted |= {"__sort": "NULL" if empty else by}
    said = f"WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT {limit}"
    columns = ", ".join(wanted.values())
    found = rows.query(f"SELECT {columns} FROM {question.listing.needed_from(f'{columns} {said}')} {said}", params)
    return [dict(zip(wanted, row, strict=True)) for row in found]


def _never_empty(question: Question) -> bool:
    return question.column.filled or question.column.sql == question.listing.id_sql


def _shown(question: Question, found: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    """Return what is shown of the rows that were found, in their order."""
    if not found or question.listing.grouped:
        return tuple(found)
    listing, wanted = question.listing, _wanted(question.listing)
    needed = listing.needed_from(f"{', '.join(wanted.values())} {listing.scope_sql}")
    read_rows = rows.query(
        f"SELECT {', '.join(wanted.values())} FROM {needed}"
        f" WHERE ({listing.scope_sql}) AND {listing.id_sql} = ANY(%(k_ids)s)",
        question.params | {"k_ids": [one["id"] for one in found]},
    )
    by_id = {row[0]: dict(zip(wanted, row, strict=True)) for row in read_rows}
    return tuple(by_id[one["id"]] for one in found if one["id"] in by_id)


def _wanted(listing: Listing) -> dict[str, str]:
    """Return what a row carries: expressions by name."""
    wanted = {"id": listing.id_sql}
    for one in listing.columns:
        wanted[one.key] = one.sql
        wanted |= {f"{one.key}__{name}": sql for name, sql in one.also.items()}
    return wanted
