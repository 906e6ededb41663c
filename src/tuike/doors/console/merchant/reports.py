"""What an external shop's software has reported, and why something of it couldn't be taken."""

from django.http import HttpRequest, HttpResponse

from tuike.doors.console import lists
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.insight.lists import merchant_reports
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties.types import Source


def page(request: HttpRequest) -> HttpResponse:
    """Show the reports, the latest first; a shop in our mall reports nothing and has no such page."""
    asker = who(request)
    if not is_external(asker.party_id):
        raise NotFound
    return lists.show(
        request,
        merchant_reports.LISTING,
        scope={"party": asker.party_id},
        title=T("上报记录", "Order reports"),
        lead=T(
            "贵店系统通过接口上报的订单。已拒绝的请按原因修正后重新上报，其他订单不受影响。",
            "Orders that your system reported. What was refused comes again when it is put right; others are not held"
            " up.",
        ),
        top="console/merchant/orders_tabs.html",
        empty=(
            T("还没有上报记录", "Nothing has been reported"),
            T("贵店系统通过开放接口上报订单后，结果显示在这里。", "What your system reports by the API shows up here."),
        ),
        extra={"place": "merchant-reports", "external": True},
    )


def is_external(merchant_id: int) -> bool:
    """Return whether a shop sells in a mini-program of its own."""
    return parties.sources_of([merchant_id]).get(merchant_id) is Source.MINI_PROGRAM
