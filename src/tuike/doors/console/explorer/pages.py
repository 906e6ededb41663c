"""The explorer itself: rows or groups of accruals, and a row opened down to the ledger."""

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse, QueryDict

from tuike.doors.console import answers, checked, lists, receipts
from tuike.doors.console.appeals import own as appeals
from tuike.doors.console.explorer import asked
from tuike.doors.console.operator.drawn import Deed
from tuike.doors.console.text import T
from tuike.insight.explorer import dimensions, slices
from tuike.insight.explorer.opened import opened
from tuike.views import queries as views
from tuike.views.types import ViewShown

TITLE = T("佣金明细", "Commission explorer")
LEADS = {
    "promoter": T("每行是付给您的一笔佣金。", "Each row is an accrual that pays you."),
    "merchant": T("每行是您承担的一笔佣金。", "Each row is an accrual that you pay."),
    "leader": T("每行是您的一笔服务费。", "Each row is a service fee of yours."),
    "operator": T("每行是联盟的一笔佣金。", "Each row is an accrual of the alliance."),
}
EMPTY = {
    "promoter": T("买家付款后一分钟内会出现在这里。", "What buyers pay for is here within a minute."),
    "merchant": T("推广订单付款后会出现在这里。", "Promoted orders are here once they are paid."),
    "leader": T("活动商品成交后会出现在这里。", "Sales of your activities' products are here once they are paid."),
    "operator": T("订单付款后会出现在这里。", "Orders are here once they are paid."),
}
CHECK = "explorer"
"""The check of `verify` that compares these totals with the ledger."""


def page(request: Any) -> HttpResponse:
    """Show what the address asks for; a bare address opens the seat's first view, if there is one.

    Raises:
        BadFilter, BadSlice: the address asks for something that can't be.
    """
    kind, mine = asked.kind_of(request), views.mine(keeper=asked.keeper(request))
    first = next((one for one in mine if one.first), None)
    if not request.GET and first is not None:
        return answers.SeeOther(_view_url(request, first))
    columns = asked.columns_of(request)
    wanted = asked.typed(request.GET)
    listing = asked.listing_of(kind, wanted, columns)
    by = asked.names(wanted.get("by", ""))
    # A sort by what only the other slice has would be refused: the person changed the groups, not the sort.
    _put(request, asked.asked_sort(listing, wanted))
    part = request.GET.get("part", "")
    return lists.show(
        request,
        listing,
        scope={"party": request.asker.party_id},
        title=TITLE,
        lead=LEADS[kind],
        acts="console/explorer/acts.html",
        row=_into(request, kind, by, wanted) if by else f"console:{kind}-explorer-row",
        row_open="page" if by else "drawer",
        empty=(T("还没有佣金", "No commission yet"), EMPTY[kind]),
        template="console/explorer/page.html",
        slice_={"by": list(by)} if by else {"columns": list(asked.names(wanted.get("cols", "")) or columns)},
        extra={} if part else _bar(request, kind, by, wanted, mine),
    )


def row(request: Any, *, accrual_id: int) -> HttpResponse:
    """Explain one accrual, down to its entries in the ledger.

    Raises:
        UnknownNumber: no such accrual that this asker sees.
    """
    kind = asked.kind_of(request)
    receipt = opened(accrual_id, asker=kind, party_id=request.asker.party_id)
    deeds = appeals.offered(request, accrual_id)
    if kind == "operator":
        address = answers.url(request, "evidence", accrual_id=accrual_id)
        deeds = [Deed(T("审核依据", "Evidence"), address, "page", icon="search")]
    context = {"receipt": receipts.drawn(receipt, zh=request.asker.zh), "deeds": deeds}
    return answers.drawer(request, "console/party/receipt.html", context)


def _put(request: Any, query: Mapping[str, str]) -> None:
    """Let the list read this instead of the address as it came."""
    request.GET = QueryDict(mutable=True)
    request.GET.update(query)


def _into(
    request: Any, kind: str, by: tuple[str, ...], wanted: Mapping[str, str]
) -> Callable[[Mapping[str, Any]], str]:
    """Return what gives a group's address: its rows, under the filters that are in force."""
    filters = {key: value for key, value in wanted.items() if key in asked.every_filter(kind)}
    more = {key: wanted[key] for key in ("cols",) if key in wanted}

    def url(data: Mapping[str, Any]) -> str:
        return asked.url_of(request, request.path, slices.drill(kind, by, data, filters) | more)

    return url


def _bar(
    request: Any, kind: str, by: tuple[str, ...], wanted: Mapping[str, str], mine: list[ViewShown]
) -> dict[str, Any]:
    """Return what stands above the rows: views, groups, columns, and when the books were checked."""
    groups = [(key, T(*words)) for key, (words, _) in dimensions.groups_of(kind).items()]
    current = next((one for one in mine if str(one.id) == wanted.get("view")), None)
    query = {key: value for key, value in wanted.items() if key not in ("after", "before", "part", "view")}
    return {
        "bar": "console/explorer/bar.html",
        "views": [(one, _view_url(request, one)) for one in mine],
        "view": current,
        "grouped": [(n, by[n] if n < len(by) else "") for n in range(2)],
        "groups": groups,
        "carried": [(key, wanted[key]) for key in ("cols", "view") if key in wanted],
        "query": asked.url_of(request, "", query),
        "plain_url": asked.url_of(request, request.path, {}),
        "url": asked.url_of(request, request.path, {}),
        "checked": checked.said(request.asker.now, CHECK),
        "may_check": request.asker.may("operator-checkups") if kind == "operator" else False,
        "statements": kind != "operator" and request.asker.may(f"{kind}-statements"),
        "may_keep": request.asker.may(f"{kind}-explorer-view-save", "POST"),
    }


def _view_url(request: Any, one: ViewShown) -> str:
    return asked.url_of(request, request.path, {**one.asked, "view": str(one.id)})
