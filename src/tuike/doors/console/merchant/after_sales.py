"""The shop's after-sales desk: the queue by deadline, goods that came back, and many yeses at once."""

from django.http import HttpRequest, HttpResponse

from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import orders
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T, money_shown
from tuike.doors.web.soon import soon
from tuike.flows import refund_order, return_goods
from tuike.kit.errors import Refusal
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleKind, AfterSaleRef, AfterSaleState
from tuike.parties.types import Source

MOST_AT_ONCE = 100


def receive(request: HttpRequest, no: str) -> HttpResponse:
    """Confirm that goods came back: the money goes to the buyer; ticked, they go to stock."""
    asker = who(request)
    done = return_goods.receive_goods(
        no=no,
        merchant_id=asker.party_id,
        restock=bool(request.POST.get("restock")),
        actor=asker.actor,
        key=asker_key(request),
        now=asker.now,
    )
    soon("send_refunds")
    return orders.changed(request, done.order_no, T("已确认退货，退款处理中", "They are back; the refund goes out"))


def agree_all(request: HttpRequest) -> HttpResponse:
    """Ask, and then say yes to every request that waits for an order that wasn't shipped; each by itself."""
    asker = who(request)
    waiting = _unshipped(asker.party_id)
    if request.method == "GET":
        fen = money_shown(sum(one.amount_fen for one in waiting))
        return answers.dialog(request, "console/merchant/refunds_agree.html", {"n": len(waiting), "fen": fen})
    agreed = 0
    for one in waiting:
        try:
            refund_order.approve_refund(no=one.no, merchant_id=asker.party_id, actor=asker.actor, now=asker.now)
        except Refusal:
            continue  # answered meanwhile, or its payment takes no refund: it stays in the queue
        agreed += 1
    soon("send_refunds")
    words = T("已同意 {n} 个退款，{rest} 个未成功", "Approved: {n}; not approved: {rest}").fill(
        n=str(agreed), rest=str(len(waiting) - agreed)
    )
    return answers.done(words, refresh="list-changed")


def _unshipped(merchant_id: int) -> list[AfterSaleRef]:
    found = orders_of.after_sales_of_merchant(
        merchant_id=merchant_id, states=[AfterSaleState.REQUESTED], limit=MOST_AT_ONCE
    )
    return [one for one in found if one.kind is AfterSaleKind.UNSHIPPED and one.source is Source.MINI_STORE]
