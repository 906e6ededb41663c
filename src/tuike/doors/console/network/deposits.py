"""Deposits: the list, one of them with what was decided about it, a forfeit or a return by hand by two people."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.doors.console import lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags, typed_fen
from tuike.doors.console.text import T, money_shown
from tuike.flows import decide_deposits
from tuike.insight.lists.network import DECISIONS, DEPOSITS, GUARANTEES
from tuike.kit.errors import NotFound
from tuike.network import queries
from tuike.network.types import (
    DECIDED_WITHIN,
    DecisionClosed,
    DecisionKind,
    DecisionShown,
    DecisionState,
    DepositNotHere,
    DepositShown,
    DepositState,
)
from tuike.parties import queries as parties
from tuike.people import queries as people

STATES, DECIDED = tags(DEPOSITS), tags(DECISIONS)
KINDS = {
    DecisionKind.FORFEIT: T("扣除保证金", "Forfeit"),
    DecisionKind.HAND: T("人工退还", "Given back by hand"),
}
_STANDING = frozenset({DepositState.PAID, DepositState.HOLDING})


def page(request: Any) -> HttpResponse:
    """List the deposits."""
    return lists.show(
        request,
        GUARANTEES,
        scope={"since": (request.asker.now - DECIDED_WITHIN).isoformat()},
        title=T("保证金", "Deposits"),
        lead=T(
            "推客的可退保证金：不产生任何佣金；退出后到期原路退还，扣除须由两人决定。",
            "Promoters' guarantees: nobody earns by them; they go back after leaving, a forfeit takes two people.",
        ),
        row="console:operator-deposit",
        row_key="no__no",
        empty=(
            T("没有保证金", "No deposits here"),
            T(
                "申请表要求保证金后，推客缴纳的记录会出现在这里。",
                "Once the form asks for one, what was paid appears here.",
            ),
        ),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show a deposit with every decision there was."""
    found, decided = _found(no), queries.decisions_of(no)
    persons = people.refs({one for row in decided for one in (row.asked_by, row.decided_by) if one})

    def who(id_: int | None) -> str:
        return persons[id_].called if id_ in persons else "—"

    shown = [(row, KINDS[row.kind], _state(request, row), who(row.asked_by), who(row.decided_by)) for row in decided]
    return details(
        request,
        Details(
            title=no,
            state=STATES[found.state],
            note=_note(found),
            facts=_facts(found),
            deeds=_deeds(request, found, _waiting(request, decided)),
            more="console/network/decisions.html" if decided else "",
            context={"decisions": shown},
        ),
    )


def forfeit(request: Any, *, no: str) -> HttpResponse:
    """Ask how much and why; another person must approve."""
    form = Form(
        T("扣除保证金", "Forfeit"),
        request.path,
        T("提交复核", "Ask a second person"),
        fields=[
            Field("amount", T("扣除金额", "Amount"), "yuan"),
            Field("reason", T("原因", "Reason"), "area", hint=T("推客会看到原因。", "The promoter reads it.")),
        ],
        facts=_facts(_found(no))[:5],
        note=T(
            "须由另一位同事在 7 天内复核后才会扣除，扣除的金额归平台。",
            "Another person must approve within 7 days; what is forfeited becomes the platform's.",
        ),
        danger=True,
    )

    def work() -> T:
        _ask(request, no, DecisionKind.FORFEIT, typed_fen(request, "amount"))
        return T("已提交，待另一位同事复核", "Filed; another person must approve")

    return asked(request, form, work)


def by_hand(request: Any, *, no: str) -> HttpResponse:
    """Ask for the bank's number of what was given back by hand; another person must approve."""
    found = _found(no)
    form = Form(
        T("登记人工退还", "Given back by hand"),
        request.path,
        T("提交复核", "Ask a second person"),
        fields=[
            Field("reference", T("银行流水号", "The bank's number"), most=60),
            Field("reason", T("原因", "Reason"), "area"),
        ],
        facts=_facts(found)[:5],
        note=T(
            "用于原支付渠道已不能退款的情况：先由银行转账退还全部余额，再在此登记。",
            "For what the channel gives back no more: transfer all that is left by bank first, then file it here.",
        ),
        danger=True,
    )

    def work() -> T:
        _ask(request, no, DecisionKind.HAND, found.left_fen, request.POST.get("reference", ""))
        return T("已提交，待另一位同事复核", "Filed; another person must approve")

    return asked(request, form, work)


def approve(request: Any, *, no: str) -> HttpResponse:
    """Ask, and book what another person asked for."""
    found = _decision(request, no)
    form = Form(
        T("复核保证金处理", "Approve the decision"),
        request.path,
        T("确认入账", "Book it"),
        facts=_asked_facts(found),
        note=T("入账后不能撤回。", "It can't be taken back."),
        danger=True,
    )

    def work() -> T:
        asker = request.asker
        decide_deposits.approve_decision(
            decision_id=found.decision_id, actor=asker.actor, now=asker.now, key=asker_key(request)
        )
        return T("已入账", "Booked")

    return asked(request, form, work)


def reject(request: Any, *, no: str) -> HttpResponse:
    """Ask why, and turn down what was asked for, one's own too."""
    found = _decision(request, no)
    form = Form(
        T("驳回保证金处理", "Turn the decision down"),
        request.path,
        T("驳回", "Turn down"),
        fields=[Field("note", T("原因", "Reason"), "area")],
        facts=_asked_facts(found),
        danger=True,
    )

    def work() -> T:
        asker = request.asker
        decide_deposits.reject_decision(
            decision_id=found.decision_id,
            note=request.POST.get("note", ""),
            actor=asker.actor,
            now=asker.now,
            key=asker_key(request),
        )
        return T("已驳回，未入账", "Turned down; nothing was booked")

    return asked(request, form, work)


def _ask(request: Any, no: str, kind: DecisionKind, fen: int, reference: str = "") -> None:
    asker = request.asker
    decide_deposits.ask_decision(
        no=no,
        kind=kind,
        amount_fen=fen,
        reason=request.POST.get("reason", ""),
        reference=reference,
        actor=asker.actor,
        now=asker.now,
        key=asker_key(request),
    )


def _found(no: str) -> DepositShown:
    try:
        return queries.deposit(no)
    except DepositNotHere as error:
        raise NotFound from error


def _decision(request: Any, no: str) -> DecisionShown:
    """Return what waits for a second person about a deposit.

    Raises:
        NotFound: there is no such deposit. DecisionClosed: nothing waits.
    """
    _found(no)
    waiting = _waiting(request, queries.decisions_of(no))
    if waiting is None:
        raise DecisionClosed
    return waiting


def _waiting(request: Any, decided: list[DecisionShown]) -> DecisionShown | None:
    since = request.asker.now - DECIDED_WITHIN
    return next((one for one in decided if one.state is DecisionState.ASKED and one.asked_at >= since), None)


def _state(request: Any, one: DecisionShown) -> object:
    late = one.state is DecisionState.ASKED and one.asked_at < request.asker.now - DECIDED_WITHIN
    return DECIDED[DecisionState.LAPSED if late else one.state]


def _note(found: DepositShown) -> T | None:
    if found.state is DepositState.HOLDING and found.due_at is None:
        return T(
            "原支付渠道已不能退款，请人工退还后登记。",
            "The payment channel gives it back no more: return it by hand and file that.",
        )
    if found.state is DepositState.HOLDING:
        return T("推客已退出，到期后自动原路退还。", "The promoter has left; it goes back by itself when due.")
    return None


def _facts(found: DepositShown) -> list[tuple[T, object, str]]:
    promoter = parties.refs([found.promoter_id])[found.promoter_id]
    facts: list[tuple[T, object, str]] = [
        (T("推客", "Promoter"), f"{promoter.name}（{promoter.no}）", "text"),
        (T("金额", "Amount"), found.amount_fen, "money"),
        (T("已扣除", "Forfeited"), found.forfeited_fen, "money"),
        (T("已退还", "Given back"), found.returned_fen, "money"),
        (T("余额", "Left"), found.left_fen if found.paid_at else 0, "money"),
        (T("支付时间", "Paid"), found.paid_at, "when"),
    ]
    if found.due_at:
        facts.append((T("退还时间", "Goes back at"), found.due_at, "when"))
    if found.intent_no:
        facts.append((T("支付单号", "Payment"), found.intent_no, "mono"))
    if found.refund_no:
        facts.append((T("退款单号", "Refund"), found.refund_no, "mono"))
    return facts


def _asked_facts(found: DecisionShown) -> list[tuple[T, object, str]]:
    asker = people.refs([found.asked_by]).get(found.asked_by)
    return [
        (T("处理", "Decision"), KINDS[found.kind], "text"),
        (T("金额", "Amount"), found.amount_fen, "money"),
        (T("原因", "Reason"), found.reason, "text"),
        *([(T("银行流水号", "The bank's number"), found.reference, "mono")] if found.reference else []),
        (T("提交人", "Asked by"), asker.called if asker else "—", "text"),
        (T("提交时间", "Asked"), found.asked_at, "when"),
    ]


def _deeds(request: Any, found: DepositShown, waiting: DecisionShown | None) -> list[Deed]:
    asker = request.asker
    if not asker.may("operator-deposit-approve", "POST"):
        return []

    def url(name: str) -> str:
        return reverse(f"console:operator-deposit-{name}", args=[asker.party.no, found.no])

    if waiting is not None:
        own = waiting.asked_by == asker.person.id
        deeds = [Deed(T("撤回", "Take back") if own else T("驳回", "Turn down"), url("reject"), style="danger")]
        if not own:
            words = T("复核：{kind} {fen}", "Approve: {kind} {fen}").fill(
                kind=KINDS[waiting.kind], fen=money_shown(waiting.amount_fen)
            )
            deeds.append(Deed(words, url("approve"), style="pri"))
        return deeds
    deeds = []
    if found.state is DepositState.HOLDING and found.due_at is None:
        deeds.append(Deed(T("登记人工退还", "Given back by hand"), url("by-hand"), style="pri"))
    if found.state in _STANDING:
        deeds.append(Deed(T("扣除", "Forfeit"), url("forfeit"), style="danger"))
    return deeds
