"""Corrections between a payee and the platform: filed by one person, decided by another."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.commission import queries
from tuike.commission.types import AdjustmentShown
from tuike.doors.console import lists, receipts
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags, typed_fen
from tuike.doors.console.text import T
from tuike.flows.adjust_commission import approve_adjustment, ask_adjustment, reject_adjustment
from tuike.insight.explain import explain
from tuike.insight.lists.operator_queues import ADJUSTMENTS, CORRECTIONS
from tuike.kit.errors import Invalid, NotFound
from tuike.parties import queries as parties
from tuike.parties.types import UnknownParty

STATES = tags(ADJUSTMENTS)


def page(request: Any) -> HttpResponse:
    """List corrections."""
    return lists.show(
        request,
        CORRECTIONS,
        scope={},
        title=T("人工调整", "Adjustments"),
        lead=T(
            "平台与主体之间的金额更正：一人提出，另一人审批后入账。",
            "Corrections between the platform and a party: one person files, another approves.",
        ),
        acts="console/operator/adjustments_acts.html",
        row="console:operator-adjustment",
        row_key="no",
        empty=(T("没有调整", "No adjustments here"), T("需要更正时在右上角新建。", "File one by the button above.")),
        extra={"may_ask": request.asker.may("operator-adjustment-ask", "POST")},
    )


def ask(request: Any) -> HttpResponse:
    """Ask whom, how much and why, and file it."""
    form = Form(
        T("新建调整", "File an adjustment"),
        request.path,
        T("提交审批", "File for approval"),
        fields=[
            Field(
                "party_no",
                T("主体编号", "Party's number"),
                value=request.GET.get("party_no", "")[:24],
                hint=T("推客、商家或团长的编号", "a promoter's, shop's or leader's"),
                most=24,
            ),
            Field(
                "side",
                T("方向", "Direction"),
                "select",
                choices=[
                    ("to", T("平台付给主体", "From the platform to the party")),
                    ("from", T("向主体收回", "Back from the party")),
                ],
            ),
            Field("amount", T("金额", "Amount"), "yuan"),
            Field(
                "order_no",
                T("涉及订单", "About order"),
                value=request.GET.get("order_no", "")[:32],
                required=False,
                most=32,
                hint=T("可不填", "may be left out"),
            ),
            Field("reason", T("原因", "Reason"), "area"),
        ],
        note=T(
            "须由另一位同事审批。收回时余额不足的部分记为欠款，从以后的结算中扣还。",
            "Another person must approve. What the party lacks becomes a debt, netted from what settles next.",
        ),
    )

    def work() -> T:
        fen = typed_fen(request, "amount")
        try:
            no = ask_adjustment(
                party_no=request.POST.get("party_no", "").strip(),
                amount_fen=-fen if request.POST.get("side") == "from" else fen,
                reason=request.POST.get("reason", ""),
                order_no=request.POST.get("order_no", ""),
                actor=request.asker.actor,
                now=request.asker.now,
                key=asker_key(request),
            )
        except UnknownParty as error:
            raise Invalid(field="party_no", reason_zh="没有这个主体", reason_en="there is no such party") from error
        return T("调整 {no} 已提交，待另一位同事审批", "{no} is filed; another person must approve").fill(no=no)

    return asked(request, form, work)


def one(request: Any, *, no: str) -> HttpResponse:
    """Show a correction with its receipt."""
    found = _found(no)
    asker, deeds = request.asker, []
    (receipt,) = explain(no)
    if found.state == "asked" and asker.may("operator-adjustment-approve", "POST"):
        args = [asker.party.no, no]
        own = found.author_id == asker.person.id
        words = T("撤回", "Take back") if own else T("不通过", "Turn down")
        deeds.append(Deed(words, reverse("console:operator-adjustment-reject", args=args), style="danger"))
        if not own:
            url = reverse("console:operator-adjustment-approve", args=args)
            deeds.append(Deed(T("审批入账", "Approve and book"), url, style="pri"))
    return details(
        request,
        Details(
            title=no,
            state=STATES[found.state],
            receipt=receipts.drawn(receipt, zh=asker.zh),
            deeds=deeds,
        ),
    )


def approve(request: Any, *, no: str) -> HttpResponse:
    """Ask, and book it."""
    found = _found(no)
    form = Form(
        T("审批调整", "Approve the adjustment"),
        request.path,
        T("确认入账", "Book it"),
        facts=_facts(found),
        note=T("入账后不能撤回，只能再做一笔相反的调整。", "It can't be taken back, only corrected by another one."),
        danger=True,
    )

    def work() -> T:
        approve_adjustment(no=no, actor=request.asker.actor, now=request.asker.now, key=asker_key(request))
        return T("已入账", "Booked")

    return asked(request, form, work)


def reject(request: Any, *, no: str) -> HttpResponse:
    """Ask why, and turn it down."""
    found = _found(no)
    form = Form(
        T("不通过调整", "Turn the adjustment down"),
        request.path,
        T("不通过", "Turn down"),
        fields=[Field("reason", T("原因", "Reason"), "area")],
        facts=_facts(found),
        danger=True,
    )

    def work() -> T:
        reject_adjustment(
            no=no,
            reason=request.POST.get("reason", ""),
            actor=request.asker.actor,
            now=request.asker.now,
            key=asker_key(request),
        )
        return T("已处理，未入账", "Done; nothing was booked")

    return asked(request, form, work)


def _found(no: str) -> AdjustmentShown:
    found = queries.adjustment(no)
    if found is None:
        raise NotFound
    return found


def _facts(one: AdjustmentShown) -> list[tuple[T, object, str]]:
    party = parties.refs([one.payee.id]).get(one.payee.id)
    return [
        (T("主体", "Party"), party.name if party else "—", "text"),
        (T("金额", "Amount"), one.amount_fen, "money"),
        (T("原因", "Reason"), one.reason, "text"),
    ]
