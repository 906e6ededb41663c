"""After-sales that came before the operator, and its verdicts: money back, goods back first, or no."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.doors.console import after_sales, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details
from tuike.doors.console.text import T
from tuike.doors.web.soon import soon
from tuike.flows.decide_after_sales import Verdict, decide_dispute
from tuike.insight.lists.operator_disputes import DISPUTES
from tuike.kit.errors import Invalid, NotFound
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleRef, AfterSaleState
from tuike.parties import queries as parties

_VERDICTS = {
    Verdict.REFUND: (
        T("判定退款", "Refund"),
        T("款项立即退还买家，佣金同时扣回，不能撤销。", "The money goes back and commission is taken back, for good."),
    ),
    Verdict.RETURN: (
        T("判定退货退款", "Goods back first"),
        T(
            "买家须寄回商品，商家确认收到后退款。",
            "The goods come back; the money goes once the shop has them.",
        ),
    ),
    Verdict.REJECT: (
        T("驳回申请", "Reject"),
        T("该售后结束，买家不能再次申请介入。", "It ends here; the buyer can't bring it again."),
    ),
}


def page(request: Any) -> HttpResponse:
    """List the disputes."""
    return lists.show(
        request,
        DISPUTES,
        scope={},
        title=T("售后裁决", "Disputes"),
        lead=T("商家拒绝或逾期未处理、由平台裁决的售后。", "After-sales that a shop refused or left unanswered."),
        row="console:operator-dispute",
        row_key="no",
        empty=(T("没有待裁决的售后", "Nothing to decide"), T("买家与商家都已协商一致。", "Shops and buyers agree.")),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show a dispute: what is asked, its whole timeline with evidence, and what can be decided."""
    found = orders_of.disputed_after_sale(no)
    card = after_sales.cards([found], now=request.asker.now)[0]
    deeds = []
    if found.state is AfterSaleState.DISPUTED and request.asker.may("operator-dispute-decide", "POST"):
        deeds = [
            Deed(
                words,
                reverse("console:operator-dispute-decide", args=[request.asker.party.no, no, verdict.value]),
                style="pri" if verdict is Verdict.REFUND else "",
            )
            for verdict, (words, _) in _VERDICTS.items()
            if verdict is not Verdict.RETURN or card.is_return
        ]
    return details(
        request,
        Details(
            title=found.no,
            state=card.state,
            facts=_facts(found, card),
            deeds=deeds,
            more="console/parts/after_sale_steps.html",
            context={"steps": card.steps},
        ),
    )


def decide(request: Any, *, no: str, verdict: str) -> HttpResponse:
    """Ask for the words of a verdict, and pass it."""
    found = orders_of.disputed_after_sale(no)
    if verdict not in list(Verdict):
        raise NotFound
    card = after_sales.cards([found], now=request.asker.now)[0]
    words, follows = _VERDICTS[Verdict(verdict)]
    form = Form(
        words,
        request.path,
        words,
        fields=[Field("note", T("裁决说明（双方可见）", "Words of the verdict (both read them)"), "area", most=200)],
        facts=_facts(found, card)[:4],
        note=follows,
        danger=verdict == Verdict.REFUND,
    )

    def work() -> T:
        note = request.POST.get("note", "").strip()
        if not note:
            raise Invalid(field="note", reason_zh="请填写", reason_en="this is needed")
        decide_dispute(
            no=no,
            verdict=Verdict(verdict),
            note=note,
            actor=request.asker.actor,
            now=request.asker.now,
            key=asker_key(request),
        )
        soon("send_refunds")
        return T("已裁决", "Decided")

    return asked(request, form, work)


def _facts(found: AfterSaleRef, card: after_sales.Card) -> list[tuple[T, object, str]]:
    shop = parties.refs([found.merchant_id])[found.merchant_id]
    return [
        (T("商家", "Shop"), shop.name, "text"),
        (T("订单", "Order"), found.order_no, "copy"),
        (T("类型", "Kind"), card.kind, "text"),
        (T("金额", "Amount"), found.amount_fen, "money"),
        (T("买家原因", "Reason"), found.reason or "—", "text"),
        (T("商家回复", "The shop's answer"), found.answer or "—", "text"),
        (T("申请时间", "Asked"), found.opened_at, "when"),
    ]
