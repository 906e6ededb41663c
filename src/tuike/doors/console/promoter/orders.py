"""What the promoter earns by orders; a row's explanation; and why an order or a link earned nothing."""

from typing import Any

from django.http import HttpResponse

from tuike.commission.types import Payee
from tuike.doors.console import answers, lists, receipts
from tuike.doors.console.appeals import own as appeals
from tuike.doors.console.text import T
from tuike.insight.explain import UnknownNumber
from tuike.insight.explain.own import own_accrual
from tuike.insight.lists.promoter_orders import ORDERS
from tuike.insight.why_link import why_link
from tuike.insight.why_not import why_not
from tuike.kit.errors import Refusal

_LONGEST = 400


def page(request: Any) -> HttpResponse:
    """List the promoter's commission by order lines."""
    return lists.show(
        request,
        ORDERS,
        scope={"party": request.asker.party_id},
        title=T("订单数据", "Orders"),
        lead=T(
            "每行是一件商品给您带来的一笔佣金，点订单号看它是怎么算出来的。",
            "Each row is the commission of one order line; open it to see how it was computed.",
        ),
        acts="console/promoter/orders_acts.html",
        row="console:promoter-order",
        empty=(
            T("还没有订单", "No orders yet"),
            T(
                "买家通过您的推广素材下单并付款后，一分钟内会出现在这里。",
                "What buyers order through your material is here within a minute of their paying.",
            ),
        ),
    )


def explanation(request: Any, *, accrual_id: int) -> HttpResponse:
    """Explain one of the promoter's own accruals."""
    receipt = own_accrual(accrual_id, Payee("promoter", request.asker.party_id))
    context = {"receipt": receipts.drawn(receipt, zh=request.asker.zh), "deeds": appeals.offered(request, accrual_id)}
    return answers.drawer(request, "console/party/receipt.html", context)


def why(request: Any) -> HttpResponse:
    """Answer "Why not me?" for an order's number or one of the promoter's own links."""
    asked = request.GET.get("q", "").strip()[:_LONGEST]
    context: dict[str, Any] = {"asked": asked}
    problem: Refusal | None = None
    if asked:
        try:
            context["receipt"] = receipts.drawn(_found(request, asked), zh=request.asker.zh)
        except UnknownNumber as refusal:
            problem = refusal
    template = "console/promoter/why_not.html"
    return answers.dialog(request, template, context | {"problem": problem}, status=422 if problem else 200)


def _found(request: Any, asked: str) -> Any:
    asker = request.asker
    if "/" not in asked:
        try:
            return why_not(asked, promoter_no=asker.party.no)
        except UnknownNumber:
            return why_link(asked, promoter_id=asker.party_id, now=asker.now)
    return why_link(asked, promoter_id=asker.party_id, now=asker.now)
