"""The consoles' lists as JSON: what a row and a query look like follows from a list's definition, figures and all.

A column of money is `<key>_fen`, one of rates `<key>_bps`; a filter by days, money, rates or numbers is a pair
(`…_from`, `…_to` as days in Shanghai; `…_min`, `…_max` in whole fen or ten-thousandths).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cached_property
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import BaseModel, Field, create_model

from tuike.doors.openapi.kinds import MOST_A_PAGE, Text
from tuike.insight.lists import listing
from tuike.insight.lists.types import Column, Filter, Listing

_SUFFIX = {"money": "_fen", "rate": "_bps"}
_TYPES: dict[str, Any] = {"money": int, "rate": int, "count": int, "time": datetime, "day": datetime}
_ENDS = {"days": "", "fen": "_fen", "bps": "_bps", "number": ""}
_Fen = Annotated[int, Field(ge=-(10**13), le=10**13)]
_ONE_PAGE = 50

Extra = str | Callable[[Mapping[str, Any]], Any]
"""Where a further field of a row comes from: a key of the list's row (`title__no`), or a function of the row."""


@dataclass(frozen=True)
class Rows:
    """A list that this door offers.

    `name` names its shapes. `leave` are columns that only serve the console; `rename` gives a column another name;
    `extra` adds fields of text; `filters` are left out by `without`.
    """

    name: str
    says: str
    listing: Listing
    leave: Collection[str] = ()
    rename: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Extra] = field(default_factory=dict)
    without: Collection[str] = ()

    @cached_property
    def item(self) -> type[BaseModel]:
        """The shape of a row."""
        fields: dict[str, Any] = {}
        for one in self._columns:
            kind = _TYPES.get(one.kind, str)
            fields[self._named(one)] = (kind if one.filled else kind | None, _told(one))
        fields |= dict.fromkeys(self.extra, (str | None, None))
        return create_model(self.name, __base__=Schema, __doc__=self.says, **fields)

    @cached_property
    def page(self) -> type[BaseModel]:
        """The shape of a page."""
        says = f"A page of rows: {self.says}"
        return create_model(
            f"{self.name}Page", __base__=Schema, __doc__=says, items=(list[self.item], ...),
            next=(str, Field(description="Hand it back as `after` for the rows that follow; empty at the end.")),
        )  # fmt: skip

    @cached_property
    def query(self) -> type[BaseModel]:
        """The shape of the query: filters, sort, page."""
        fields: dict[str, Any] = {}
        for one in self.listing.all_filters:
            if one.key not in self.without:
                fields |= {name: kind for name, (kind, _) in _asked(one).items()}
        sorts = [f"{way}{self._named(one)}" for one in self._sortable for way in ("", "-")]
        if sorts:
            fields["sort"] = (Literal[tuple(sorts)] | None, Field(None, description="`-`: falling."))
        fields["limit"] = (int, Field(_ONE_PAGE, ge=1, le=MOST_A_PAGE, description="Items a page."))
        fields["after"] = (str, Field("", max_length=400, description="`next` of the page before, unread."))
        return create_model(f"{self.name}Query", __base__=Schema, **fields)

    def read(self, query: BaseModel, scope: Mapping[str, Any], **fixed: str) -> dict[str, Any]:
        """Return a page of rows; `fixed` are filters that the address has set.

        Raises:
            BadFilter: a value that this list can't be asked for.
        """
        asked = self._question(query) | fixed
        shown = listing.page(replace(self.listing, page_size=getattr(query, "limit", _ONE_PAGE)), scope, asked)
        return {"items": [self._row(row) for row in shown.rows], "next": shown.next or ""}

    def all(self, scope: Mapping[str, Any], **fixed: str) -> list[dict[str, Any]]:
        """Return up to `MOST_A_PAGE` rows under filters that the address has set."""
        shown = listing.page(replace(self.listing, page_size=MOST_A_PAGE), scope, fixed)
        return [self._row(row) for row in shown.rows]

    def named(self, scope: Mapping[str, Any], key: str, values: Sequence[Any]) -> dict[str, list[dict[str, Any]]]:
        """Return the rows whose `key` (see `listing.named`) has one of `values`, by that value, as JSON has them."""
        found: dict[str, list[dict[str, Any]]] = {}
        for row in listing.named(self.listing, scope, key, values):
            shown = self.item.model_validate(self._row(row)).model_dump(mode="json")
            found.setdefault(str(row[key]), []).append(shown)
        return found

    def _question(self, query: BaseModel) -> dict[str, str]:
        asked: dict[str, str] = {}
        for one in self.listing.all_filters:
            for name, (_, key) in _asked(one).items():
                value = getattr(query, name, None)
                if value is not None and value != "":
                    asked[key] = _typed(one, value)
        sort = getattr(query, "sort", None)
        if sort:
            keys = {self._named(one): one.key for one in self._sortable}
            way = "-" if sort.startswith("-") else ""
            asked["sort"] = way + keys[sort.removeprefix("-")]
        if getattr(query, "after", ""):
            asked["after"] = query.after
        return asked

    def _row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        shown = {self._named(one): row[one.key] for one in self._columns}
        for name, source in self.extra.items():
            shown[name] = row[source] if isinstance(source, str) else source(row)
        return shown

    @cached_property
    def _columns(self) -> tuple[Column, ...]:
        return tuple(one for one in self.listing.columns if one.key not in self.leave)

    @cached_property
    def _sortable(self) -> tuple[Column, ...]:
        return tuple(one for one in self._columns if one.sort)

    def _named(self, column: Column) -> str:
        name = self.rename.get(column.key, column.key)
        suffix = _SUFFIX.get(column.kind, "")
        return name if name.endswith(suffix) else name + suffix


def _told(column: Column) -> Any:
    """Return a field's description: what it is, and what its values mean."""
    zh, en = column.heading
    told = f"{zh} · {en}"
    if column.words:
        told += ": " + "; ".join(f"`{value}` {words[0]} {words[1]}" for value, words in column.words.items())
    return Field(description=told) if column.filled else Field(None, description=told)


def _asked(one: Filter) -> dict[str, tuple[Any, str]]:
    """Return a filter's parameters: by name the kind of value, and the key that the list asks under."""
    zh, en = one.label
    told = f"{zh} · {en}"
    if one.kind == "text":
        return {one.key: ((Text | None, Field(None, description=told)), one.key)}
    if one.kind == "choice":
        if callable(one.choices) or one.many:
            return {one.key: ((Text | None, Field(None, description=told)), one.key)}
        values = tuple(value for value, _ in one.choices)
        told += ": " + "; ".join(f"`{value}` {words[0]} {words[1]}" for value, words in one.choices)
        return {one.key: ((Literal[values] | None, Field(None, description=told)), one.key)}
    kind = date if one.kind == "days" else _Fen
    ends = ("from", "to") if one.kind == "days" else ("min", "max")
    return {
        f"{one.key}{_ENDS[one.kind]}_{end}": ((kind | None, Field(None, description=f"{told} ({end})")), key)
        for end, key in zip(ends, one.keys, strict=True)
    }


def _typed(one: Filter, value: Any) -> str:
    """Return a value as the list's own address has it: amounts and rates are typed in hundredths there."""
    if one.kind in ("fen", "bps"):
        sign = "-" if value < 0 else ""
        return f"{sign}{abs(value) // 100}.{abs(value) % 100:02d}"
    return value.isoformat() if isinstance(value, date) else str(value)
