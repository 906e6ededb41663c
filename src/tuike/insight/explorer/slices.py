"""Slices of the explorer: the rows with the columns that somebody chose, or the same rows brought together in groups.

A slice is a listing like any other: pages, totals and files of it are those of lists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from tuike.insight.explorer import dimensions
from tuike.insight.explorer.types import MOST_GROUPS, BadSlice, Group
from tuike.insight.lists import accruals, registry
from tuike.insight.lists.types import Column, Listing

_SUMS = (
    ("first", ("预估佣金", "Estimated"), "a.first_fen", ""),
    ("amount", ("当前佣金", "Commission now"), "a.amount_fen", ""),
    ("pending", ("其中待结算", "Of it pending"), "a.amount_fen", " FILTER (WHERE a.state IN ('pending', 'waiting'))"),
    ("settled", ("其中已结算", "Of it settled"), "a.amount_fen", " FILTER (WHERE a.state = 'settled')"),
)


def usual(asker: str) -> tuple[str, ...]:
    """Return the columns of whoever hasn't chosen any."""
    return tuple(column.key for one in dimensions.of(asker) if asker in one.usual for column in one.columns)


def choosable(asker: str) -> tuple[Column, ...]:
    """Return all columns that a kind of party may choose from."""
    return tuple(column for one in dimensions.of(asker) for column in one.columns)


def chosen(asker: str, columns: Sequence[str]) -> Listing:
    """Return the rows with these columns alone, in the order of the dimensions; the order's number always stands.

    Raises:
        BadSlice: a column that this asker doesn't have.
    """
    wanted, listing = {"order_no", *columns}, accruals.EVERY[asker]
    unknown = wanted - {one.key for one in choosable(asker)}
    if unknown:
        raise BadSlice(name=sorted(unknown)[0][:40])
    kept = [
        replace(one, shown=one.key in wanted, export=one.key in wanted) if one.key != "newest" else one
        for one in listing.columns
    ]
    return replace(listing, columns=tuple(kept))


def grouped(asker: str, keys: Sequence[str]) -> Listing:
    """Return groups of the rows by one or two dimensions: how many, and what they come to in fen.

    A row is a group; it carries `g1__key` (`g2__key`), which `drill` takes.

    Raises:
        BadSlice: a dimension that this asker doesn't have, the same twice, or more than two.
    """
    known = dimensions.groups_of(asker)
    for key in keys:
        if key not in known:
            raise BadSlice(name=key[:40])
    if not 1 <= len(set(keys)) == len(keys) <= MOST_GROUPS:
        raise BadSlice(name=",".join(keys)[:40])
    base = accruals.EVERY[asker]
    by = [(f"g{n}", *known[key]) for n, key in enumerate(keys, 1)]
    inner = ", ".join(
        [
            *(f"{group.sql} AS k_{at}" for at, _, group in by),
            "count(*) AS n",
            *(f"coalesce(sum({sql}){only}, 0)::bigint AS {key}" for key, _, sql, only in _SUMS),
        ]
    )
    places = ", ".join(str(n) for n in range(1, len(by) + 1))
    joins = " ".join(group.join.format(at=at, key=f"w.k_{at}") for at, _, group in by if group.join)
    return Listing(
        name=base.name,
        sql_from=f"(SELECT {inner} FROM {base.sql_from} {{joins}} WHERE {{where}} GROUP BY {places}) w {joins}",
        joins=base.joins,
        scope_sql=base.whole.scope_sql,
        id_sql="concat_ws('|', " + ", ".join(f"coalesce(w.k_{at}::text, '-')" for at, *_ in by) + ")",
        text_ids=True,
        default_sort="-amount",
        columns=(
            *(column for at, words, group in by for column in _named(at, words, group)),
            Column("n", ("笔数", "Accruals"), "w.n", kind="count", sort=True, filled=True, total=True),
            *(
                Column(key, words, f"w.{key}", kind="money", sort=True, filled=True, total=True)
                for key, words, *_ in _SUMS
            ),
        ),
        filters=base.filters,
        page_size=50,
        grouped=True,
    )


def drill(
    asker: str, keys: Sequence[str], row: Mapping[str, Any], filters: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return what asks for the rows of a group under the filters that were in force: values by name.

    A group by a span of time is narrowed by a filter of the same time: both must hold.
    """
    known, asked = dimensions.groups_of(asker), dict(filters or {})
    for n, key in enumerate(keys, 1):
        for name, value in known[key][1].drill(row[f"g{n}__key"]).items():
            before, narrower = asked.get(name, ""), max if name.endswith("_from") else min
            both_hold = before and name.endswith(("_from", "_to"))
            asked[name] = narrower(value, date.fromisoformat(before).isoformat()) if both_hold else value
    return asked


def resolved(what: Mapping[str, Any]) -> Listing:
    """Return the listing that a file is made of: a list by its name, or (`by`, `columns`) a slice of the explorer.

    Raises:
        KeyError: there is no such list.
        BadSlice: the slice isn't one of its asker's.
    """
    asker = next((kind for kind, one in accruals.EVERY.items() if one.name == what["listing"]), "")
    if asker and what.get("by"):
        return grouped(asker, what["by"])
    if asker and what.get("columns"):
        return chosen(asker, what["columns"])
    return registry.find(what["listing"])


def _named(at: str, words: tuple[str, str], group: Group) -> tuple[Column, ...]:
    """Return the columns that say which group a row is: its name, and for files its number."""
    key, no = f"w.k_{at}", group.no.format(at=at)
    label = group.label.format(at=at) or key
    also = {"key": no or key} | ({"under": no} if no else {})
    name = Column(at, words, label, kind=group.kind, words=group.words, sort=group.kind == "day", also=also)
    if not no:
        return (name,)
    zh, en = words
    return (name, Column(f"{at}_no", (f"{zh}编号", f"{en}: number"), no, shown=False))
