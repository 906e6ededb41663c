"""The rows behind a board's figures: lines sold, and what was shared and clicked; each opens what it came to."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse

from tuike.doors.console import answers, lists
from tuike.doors.console.text import T
from tuike.insight.lists import board_rows

LINES = T("成交明细", "Lines sold")
TRAFFIC = T("推广明细", "Shares and clicks")


def lines(request: Any) -> HttpResponse:
    """Show the order lines behind a figure; a line opens its accruals, and those their entries in the ledger.

    Raises:
        BadFilter: the address asks for something that can't be.
    """
    kind = request.asker.party.kind.value
    # Of one promoter or place an order counts, even where another promoter brought its first line.
    each = request.GET.get("promoter") or request.GET.get("place")
    listing = board_rows.EACH.get(kind) if each else None
    explorer = answers.url(request, "explorer")
    return lists.show(
        request,
        listing or board_rows.LINES[kind],
        scope={"party": request.asker.party_id},
        title=LINES,
        lead=T(
            "每行是一个商品行；点开看它的佣金和账本分录。",
            "A row is an order line; it opens its commission and entries.",
        ),
        acts="console/boards/back.html",
        row=lambda data: f"{explorer}?{urlencode({'order_no': data['order_no']})}",
        row_open="page",
        empty=(
            T("没有成交", "Nothing was sold"),
            T("有订单付款后会出现在这里。", "Lines stand here once their order is paid."),
        ),
    )


def traffic(request: Any) -> HttpResponse:
    """Show what was shared and clicked, by day, product and place; a row opens what was sold of it on that day.

    Raises:
        BadFilter: the address asks for something that can't be.
    """
    kind = request.asker.party.kind.value
    to = answers.url(request, "board-lines")

    def sold(data: Mapping[str, Any]) -> str:
        day = data["day"].isoformat()
        asked = {
            "paid_at_from": day,
            "paid_at_to": day,
            "product": data["product__no"],
            "place": data.get("place__pid"),
        }
        return f"{to}?{urlencode({key: value for key, value in asked.items() if value})}"

    return lists.show(
        request,
        board_rows.TRAFFIC[kind],
        scope={"party": request.asker.party_id},
        title=TRAFFIC,
        lead=T(
            "每行是一天、一个推广位和一个商品；点开看当天的成交。",
            "A row is a day of a product at a place; it opens what was sold of it on that day.",
        ),
        acts="console/boards/back.html",
        row=sold,
        row_open="page",
        empty=(
            T("没有分享和点击", "No shares, no clicks"),
            T("素材被分享或点击后，一分钟内出现在这里。", "Shares and clicks stand here within a minute."),
        ),
    )
