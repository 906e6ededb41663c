"""Outcomes of payouts that finance books by hand: filed by one person, approved by another."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.doors.console import lists, receipts
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags, typed_instant
from tuike.doors.console.operator.withdrawals import OUTCOME_WORDS
from tuike.doors.console.text import T
from tuike.flows.book_by_hand import approve_by_hand, ask_by_hand, reject_by_hand
from tuike.insight.explain import explain
from tuike.insight.lists.operator_queues import BY_HAND, HAND_BOOKINGS
from tuike.kit import days
from tuike.kit.errors import Invalid, NotFound
from tuike.settlement import queries
from tuike.settlement.types import HandBookingShown, Heard

STATES = tags(BY_HAND)


def page(request: Any) -> HttpResponse:
    """List what was filed by hand."""
    return lists.show(
        request,
        HAND_BOOKINGS,
        scope={},
        title=T("人工入账", "Booked by hand"),
        lead=T(
            "银行退票，或提交付款满 30 天仍无结果的提现：一人提交，另一位财务复核。",
            "A bank's late return, or a payout without an outcome for 30 days: one files, another approves.",
        ),
        row="console:operator-by-hand-one",
        empty=(
            T("没有人工入账", "Nothing was booked by hand"),
            T("在提现详情中点“人工入账”提交。", "File one from a withdrawal's details."),
        ),
    )


def ask(request: Any, *, no: str) -> HttpResponse:
    """Ask what happened, and file it for another person."""
    found = queries.withdrawal(no)
    if found is None:
        raise NotFound
    allowed = queries.outcomes_by_hand(no, now=request.asker.now)
    words = {key: text for key, text in OUTCOME_WORDS.items() if key in allowed}
    form = Form(
        T("人工入账", "Book by hand"),
        request.path,
        T("提交复核", "File for approval"),
        fields=[
            Field("outcome", T("结果", "Outcome"), "select", choices=list(words.items())),
            Field("happened_at", T("发生时间", "When it happened"), "time", value=days.shown(request.asker.now)[:16]),
            Field("reference", T("银行流水号", "The bank's number"), most=64),
            Field("reason", T("原因", "Reason"), "area", hint=T("例：账户已销户", "e.g. the account was closed")),
        ],
        facts=[
            (T("提现单号", "Withdrawal"), no, "copy"),
            (T("到账金额", "Arrives"), found.net_fen, "money"),
        ],
        note=T(
            "提交后不会立即入账，须由另一位财务复核。", "Nothing is booked before another person of finance approves."
        ),
    )

    def work() -> T:
        ask_by_hand(
            no=no,
            heard=_heard(request),
            happened_at=typed_instant(request, "happened_at"),
            reference=request.POST.get("reference", ""),
            reason=request.POST.get("reason", ""),
            actor=request.asker.actor,
            now=request.asker.now,
            key=asker_key(request),
        )
        return T("已提交，待另一位财务复核", "Filed; another person of finance must approve")

    return asked(request, form, work)


def one(request: Any, *, booking_id: int) -> HttpResponse:
    """Show a filing with its withdrawal."""
    found = _found(booking_id)
    (receipt,) = explain(found.no)
    asker, deeds = request.asker, []
    args = [asker.party.no, booking_id]
    if found.state == "asked" and asker.may("operator-by-hand-approve", "POST"):
        deeds.append(
            Deed(T("驳回", "Turn down"), reverse("console:operator-by-hand-reject", args=args), style="danger")
        )
        if found.asked_by != asker.person.id:
            url = reverse("console:operator-by-hand-approve", args=args)
            deeds.append(Deed(T("复核入账", "Approve and book"), url, style="pri"))
    note = T("这是您提交的，须由另一位财务复核。", "You filed it; another person of finance must approve.")
    return details(
        request,
        Details(
            title=found.no,
            state=STATES[found.state],
            note=note if found.state == "asked" and found.asked_by == asker.person.id else None,
            facts=_facts(found),
            receipt=receipts.drawn(receipt, zh=asker.zh),
            deeds=deeds,
        ),
    )


def approve(request: Any, *, booking_id: int) -> HttpResponse:
    """Ask, and book what another person filed."""
    found = _found(booking_id)
    form = Form(
        T("复核人工入账", "Approve the booking"),
        request.path,
        T("确认入账", "Book it"),
        facts=_facts(found),
        note=T("入账后不能撤回，相关待处理事项会自动关闭。", "It can't be taken back; open cases about it are closed."),
        danger=True,
    )

    def work() -> T:
        approve_by_hand(booking_id=booking_id, actor=request.asker.actor, now=request.asker.now, key=asker_key(request))
        return T("已入账", "Booked")

    return asked(request, form, work)


def reject(request: Any, *, booking_id: int) -> HttpResponse:
    """Ask why, and turn it down."""
    found = _found(booking_id)
    form = Form(
        T("驳回人工入账", "Turn the booking down"),
        request.path,
        T("驳回", "Turn down"),
        fields=[Field("note", T("原因", "Reason"), "area")],
        facts=_facts(found),
        danger=True,
    )

    def work() -> T:
        reject_by_hand(
            booking_id=booking_id,
            note=request.POST.get("note", ""),
            actor=request.asker.actor,
            now=request.asker.now,
            key=asker_key(request),
        )
        return T("已驳回，未入账", "Turned down; nothing was booked")

    return asked(request, form, work)


def _heard(request: Any) -> Heard:
    try:
        return Heard(request.POST.get("outcome", ""))
    except ValueError as error:
        raise Invalid(field="outcome", reason_zh="请选择结果", reason_en="choose an outcome") from error


def _found(booking_id: int) -> HandBookingShown:
    found = queries.hand_booking(booking_id)
    if found is None:
        raise NotFound
    return found


def _facts(one: HandBookingShown) -> list[tuple[T, object, str]]:
    return [
        (T("提现单号", "Withdrawal"), one.no, "copy"),
        (T("金额", "Amount"), one.net_fen, "money"),
        (T("结果", "Outcome"), OUTCOME_WORDS[one.heard.value], "text"),
        (T("发生时间", "Happened"), one.happened_at, "when"),
        (T("银行流水号", "Bank's number"), one.reference, "copy"),
        (T("原因", "Reason"), one.reason, "text"),
        *([(T("驳回原因", "Turned down because"), one.note, "text")] if one.note else []),
    ]
