"""A list as a page: filters, tabs, table, sums, pages, files. The address says everything that was asked for.

The same address answers a whole page, the table alone (htmx, `#list`), the sums and counts that come after the rows
(`part=totals`) and the dialog from which a file is asked for (`part=export`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.core import signing
from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from tuike.doors.console import answers, cells
from tuike.doors.console.text import T
from tuike.insight.lists import listing as lists
from tuike.insight.lists.types import Capped, Column, Filter, Listing, Page, TooWide
from tuike.kit.errors import NotFound

FIRST_FILTERS = 4
"""Filters that are seen at once; the others are behind a button, unless one of them is used."""
EXPORT_SALT = "console.export"
COUNT_SECONDS = 3
"""Sums and counts that take longer are left open; rows never wait for them."""


@dataclass(frozen=True, slots=True)
class BulkAct:
    """A button for the rows that are selected: their ids go along as `ids`. `dialog` asks first (a GET)."""

    words: T
    route: str
    icon: str = ""
    danger: bool = False
    confirm: T | None = None
    dialog: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A filter with what was typed into it, as the form draws it."""

    one: Filter
    label: T
    hint: str
    values: tuple[str, ...]
    keys: tuple[str, ...]
    choices: tuple[tuple[str, T, bool], ...] = ()

    @property
    def chosen(self) -> int:
        """Return how many choices are taken."""
        return sum(taken for _, _, taken in self.choices)


@dataclass(frozen=True, slots=True)
class Head:
    """A column's heading, with the address that sorts by it."""

    column: Column
    words: T
    number: bool
    url: str = ""
    sorted: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab with its address."""

    value: str
    words: T
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is drawn."""

    id: Any
    cells: tuple[tuple[Head, SafeString], ...]
    url: str
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a row opens: by a route with the party's number and one of the row's values, or by an address made of it."""

    by: str | Callable[[Mapping[str, Any]], str] | None
    key: str
    into: str

    def url(self, request: HttpRequest, data: Mapping[str, Any]) -> str:
        """Return the address, empty where rows open nothing."""
        if callable(self.by):
            return self.by(data)
        return reverse(self.by, args=[request.asker.party.no, data[self.key]]) if self.by else ""


def show(
    request: HttpRequest,
    listing: Listing,
    *,
    scope: Mapping[str, Any],
    title: T,
    lead: T | None = None,
    acts: str = "",
    row: str | Callable[[Mapping[str, Any]], str] | None = None,
    row_key: str = "id",
    row_open: str = "drawer",
    row_acts: str = "",
    bulk: Sequence[BulkAct] = (),
    empty: tuple[T, T] | None = None,
    export: bool = True,
    top: str = "",
    template: str = "console/list.html",
    slice_: Mapping[str, Any] | None = None,
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return the list that the request's address asks for, as the page or as the part of it that htmx wants.

    `row` is the route (or gives the address) that a row opens, in `row_open` (drawer, dialog or page), with the party's
    number and the row's `row_key`. `acts`, `top` and `row_acts` are templates: buttons of the head, what stands above
    the filters, a row's own buttons (`row` is its data). `empty` says why nothing is here and what to do. `slice_` is
    what a file needs beside the listing's name, where the listing isn't the one of that name.

    Raises:
        BadFilter: a value in the address can't be one.
        TooWide: the rows aren't found within the time that the database gives a page.
    """
    asked = _asked(request)
    part = request.GET.get("part", "")
    if part == "totals":
        return _totals(request, listing, scope, asked)
    if part == "export":
        if not export:
            raise NotFound
        return _export(request, listing, asked, {"scope": dict(scope), **(slice_ or {})}, title)
    page = _page(listing, scope, asked)
    context = _context(request, listing, scope, page, Opening(row, row_key, row_open)) | {
        "title": title,
        "lead": lead,
        "acts": acts,
        "top": top,
        "row_acts": row_acts,
        "bulk": [(one, reverse(one.route, args=[request.asker.party.no])) for one in bulk],
        "empty": empty,
        "export": export and not request.asker.looking,
        **(extra or {}),
    }
    if answers.by_htmx(request) and request.headers.get("HX-Target") == "list":
        answer = render(request, "console/parts/list.html", context)
        answer.headers["HX-Push-Url"] = _url(request, keep_position=True)
        return answer
    return render(request, template, context)


def _page(listing: Listing, scope: Mapping[str, Any], asked: dict[str, str]) -> Page:
    try:
        return lists.page(listing, scope, asked)
    except OperationalError as error:
        if _took_too_long(error):
            raise TooWide from error
        raise


def _took_too_long(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", None) == "57014"


def _context(
    request: HttpRequest, listing: Listing, scope: Mapping[str, Any], page: Page, opening: Opening
) -> dict[str, Any]:
    """Return what the templates need of the list itself."""
    heads = _heads(request, listing, page)
    filters = _filters(listing, scope, page)
    return {
        "listing": listing,
        "filters": filters,
        "more_filters": any(any(one.values) for one in filters[FIRST_FILTERS:]),
        "filtered": bool(set(page.values) - ({listing.tabs.key} if listing.tabs else set())),
        "tabs": _tabs(request, listing, scope, page),
        "heads": heads,
        "rows": _rows(request, page, heads, opening),
        "hidden": _hidden(request, listing, page),
        "url": request.path,
        "reload_url": _url(request, keep_position=True),
        "next_url": _url(request, after=page.next) if page.next else "",
        "previous_url": _url(request, before=page.previous) if page.previous else "",
        "totals_url": _url(request, part="totals"),
        "export_url": _url(request, part="export"),
    }


def ask_of(request: HttpRequest, signed: str) -> dict[str, Any]:
    """Return what an export's dialog was made for: listing, scope, asked, title; only to whom it was made for.

    Raises:
        NotFound: not one of ours, too old, or somebody else's.
    """
    try:
        ask = signing.loads(signed, salt=EXPORT_SALT, max_age=3600)
    except signing.BadSignature as error:
        raise NotFound from error
    if (ask["person"], ask["party"]) != (request.asker.person.id, request.asker.party_id):
        raise NotFound
    return ask


def _asked(request: HttpRequest) -> dict[str, str]:
    """Return the query as one text a name; several of a name are joined by commas."""
    return {key: ",".join(one for one in values if one) for key, values in request.GET.lists()}


def _url(request: HttpRequest, *, keep_position: bool = False, **changed: str | None) -> str:
    """Return this list's address with some of it changed; a changed filter or sort begins at the first page."""
    query = {
        key: value
        for key, value in _asked(request).items()
        if value and key != "part" and (keep_position or key not in ("after", "before"))
    }
    query = {key: value for key, value in (query | changed).items() if value}
    return f"{request.path}?{urlencode(query, safe=',')}" if query else request.path


def _filters(listing: Listing, scope: Mapping[str, Any], page: Page) -> list[Shown]:
    shown = []
    for one in listing.filters:
        values = tuple(page.values.get(key, "") for key in one.keys)
        chosen = set(values[0].split(",")) if one.many else {values[0]}
        choices = tuple((value, T(*words), value in chosen) for value, words in one.choices_for(scope))
        hint = str(T(*one.hint)) if one.hint else ""
        shown.append(Shown(one, T(*one.label), hint, values, one.keys, choices))
    return shown


def _tabs(request: HttpRequest, listing: Listing, scope: Mapping[str, Any], page: Page) -> list[Tab]:
    if listing.tabs is None:
        return []
    key, current = listing.tabs.key, page.values.get(listing.tabs.key, "")
    every = [("", T("全部", "All")), *((value, T(*words)) for value, words in listing.tabs.choices_for(scope))]
    return [Tab(value, words, _url(request, **{key: value}), value == current) for value, words in every]


def _heads(request: HttpRequest, listing: Listing, page: Page) -> list[Head]:
    heads = []
    for one in listing.columns:
        if not one.shown:
            continue
        words, number = T(*one.heading), one.kind in cells.NUMBERS
        if not one.sort:
            heads.append(Head(one, words, number))
            continue
        falls = page.sort == f"-{one.key}"
        state = "descending" if falls else "ascending" if page.sort == one.key else ""
        heads.append(Head(one, words, number, _url(request, sort=one.key if falls else f"-{one.key}"), state))
    return heads


def _rows(request: HttpRequest, page: Page, heads: list[Head], opening: Opening) -> list[Row]:
    zh = request.asker.zh
    rows = []
    for data in page.rows:
        url = opening.url(request, data)
        opens = cells.opens(url, opening.into) if url else None
        drawn = tuple(
            (head, cells.cell(head.column, data, zh=zh, opens=opens if number == 0 else None))
            for number, head in enumerate(heads)
        )
        rows.append(Row(data["id"], drawn, url, data))
    return rows


def _hidden(request: HttpRequest, listing: Listing, page: Page) -> list[tuple[str, str]]:
    """Return what the filters' form sends along: the tab and the sort in force."""
    hidden = [("sort", request.GET["sort"])] if request.GET.get("sort") else []
    if listing.tabs is not None and page.values.get(listing.tabs.key):
        hidden.append((listing.tabs.key, page.values[listing.tabs.key]))
    return hidden


def _totals(request: HttpRequest, listing: Listing, scope: Mapping[str, Any], asked: dict[str, str]) -> HttpResponse:
    """Answer the count, the sums and the tabs' counts, which come after the rows."""
    exact = request.GET.get("exact") == "1"
    # The quickest first: what comes after one that takes too long isn't read.
    count, counts, sums = _within_time(
        lambda: lists.count(listing, scope, asked, exact=exact),
        lambda: {} if exact else lists.tab_counts(listing, scope, asked),
        lambda: lists.totals(listing, scope, asked),
    )
    context = {
        "count": count,
        "shown": f"{count.n:,}" if count else "",
        "sums": [(T(*one.heading), cells.sums(one, sums[one.key])) for one in listing.summed] if sums else [],
        "unsummed": sums is None,
        "tabs": [(value, capped_shown(capped)) for value, capped in (counts or {}).items()],
        "exact_url": _url(request, part="totals", exact="1"),
    }
    return render(request, "console/parts/list_totals.html", context)


def capped_shown(count: Capped | None) -> str:
    """Return a count as a tab shows it: `12`, `1,000+`; `…` where it took too long."""
    return "…" if count is None else f"{count.n:,}{'+' if count.more else ''}"


def _within_time(*works: Callable[[], Any]) -> list[Any]:
    """Return what each of `works` reads, in one transaction; None for what takes too long and for all after it."""
    read: list[Any] = []
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = '{COUNT_SECONDS}s'")
            for work in works:
                read.append(work())
    except OperationalError as error:
        if not _took_too_long(error):
            raise
    return [*read, *[None] * (len(works) - len(read))]


def _export(
    request: HttpRequest, listing: Listing, asked: dict[str, str], slice_: Mapping[str, Any], title: T
) -> HttpResponse:
    """Answer the dialog from which a file is asked for: how many rows, which format."""
    wanted = {key: value for key, value in asked.items() if key not in ("part", "after", "before") and value}
    [count] = _within_time(lambda: lists.count(listing, slice_["scope"], wanted))
    ask = {
        "listing": listing.name,
        "asked": wanted,
        "zh": title.zh,
        "en": title.en,
        "person": request.asker.person.id,
        "party": request.asker.party_id,
        **slice_,
    }
    kind = request.asker.party.kind.value
    context = {
        "title": title,
        "count": capped_shown(count),
        "signed": signing.dumps(ask, salt=EXPORT_SALT, compress=True),
        "start_url": reverse(f"console:{kind}-exports-start", args=[request.asker.party.no]),
    }
    return answers.dialog(request, "console/parts/export_ask.html", context)
