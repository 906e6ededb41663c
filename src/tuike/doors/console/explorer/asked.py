"""What the explorer's address asks for: filters, groups, columns, a view."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest, QueryDict

from tuike.insight.explorer import slices
from tuike.insight.lists import accruals
from tuike.insight.lists.asking import read
from tuike.insight.lists.types import Listing
from tuike.views import queries as views
from tuike.views.types import Keeper

PAGE = "explorer"
NO_VIEW = "none"
"""As `view`: the page as it is, whichever view is the first."""


def keeper(request: Any) -> Keeper:
    """Return whose views the page shows."""
    return Keeper(request.asker.party_id, request.asker.person.id, PAGE)


def kind_of(request: Any) -> str:
    """Return which kind of party asks."""
    return request.asker.party.kind.value


def names(text: str) -> tuple[str, ...]:
    """Return the names in a text with commas, each once."""
    return tuple(dict.fromkeys(one for one in text.split(",") if one))


def typed(query: QueryDict) -> dict[str, str]:
    """Return the query as one text a name; several of a name are joined by commas, what is empty is left out."""
    joined = {key: ",".join(one for one in values if one) for key, values in query.lists()}
    return {key: value for key, value in joined.items() if value}


def listing_of(kind: str, asked: Mapping[str, str], columns: tuple[str, ...]) -> Listing:
    """Return the rows or the groups that an address asks for; `columns` are the seat's own.

    Raises:
        BadSlice: columns or dimensions that the asker doesn't have.
    """
    by = names(asked.get("by", ""))
    if by:
        return slices.grouped(kind, by)
    return slices.chosen(kind, names(asked.get("cols", "")) or columns)


def columns_of(request: Any) -> tuple[str, ...]:
    """Return the columns that the seat sees: those it chose and still has, or the usual ones."""
    kind = kind_of(request)
    known = {one.key for one in slices.choosable(kind)}
    return tuple(one for one in views.columns(keeper=keeper(request)) if one in known) or slices.usual(kind)


def kept(request: Any, text: str) -> dict[str, str]:
    """Return what a view keeps of an address (its query as text): filters, groups, sort and columns, all of them good.

    Raises:
        BadFilter, BadSlice: it asks for something that can't be.
    """
    kind = kind_of(request)
    asked = typed(QueryDict(urlencode(parse_qsl(text.removeprefix("?"), max_num_fields=200))))
    columns = columns_of(request)
    listing = listing_of(kind, asked, columns)
    question = read(listing, {"party": request.asker.party_id}, asked_sort(listing, asked))
    found = {**question.values, "sort": question.sort if "sort" in asked else "", "by": asked.get("by", "")}
    if not found["by"]:
        found["cols"] = asked.get("cols", "") or ",".join(columns)
    return {key: value for key, value in found.items() if value}


def asked_sort(listing: Listing, asked: Mapping[str, str]) -> dict[str, str]:
    """Return what is asked without a place or a sort that belonged to another slice of the same page."""
    column = listing.column(asked.get("sort", listing.default_sort).removeprefix("-"))
    foreign = column is None or not column.sort
    return {key: value for key, value in asked.items() if not foreign or key not in ("sort", "after", "before")}


def url_of(request: HttpRequest, path: str, asked: Mapping[str, str]) -> str:
    """Return an address of the explorer; without anything asked it is the page as it is, not its first view."""
    return f"{path}?{urlencode(dict(asked) or {'view': NO_VIEW}, safe=',')}"


def every_filter(kind: str) -> frozenset[str]:
    """Return the names under which values of filters are asked for."""
    return frozenset(key for one in accruals.EVERY[kind].filters for key in one.keys)
