"""Withdrawals: the queue of finance, approve (one or many), reject, and what became of each."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.doors.console import answers, lists, receipts
from tuike.doors.console.keys import asker_key
from tuike.doors.console.lists import BulkAct
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags
from tuike.doors.console.text import T, money_shown
from tuike.flows.decide_withdrawal import approve_withdrawal, reject_withdrawal
from tuike.insight import payout_words, review_words
from tuike.insight.explain import explain
from tuike.insight.lists.operator_queues import PAYOUTS, WITHDRAWALS
from tuike.kit.errors import NotFound, Refusal
from tuike.parties import queries as parties
from tuike.people import queries as people
from tuike.review import queries as review
from tuike.review.types import Subject
from tuike.settlement import queries
from tuike.settlement.types import Heard, WithdrawalShown, WithdrawalState

STATES = tags(WITHDRAWALS)
AT_ONCE = 100
"""Withdrawals that one click may approve."""


def page(request: Any) -> HttpResponse:
    """List withdrawals."""
    may = request.asker.may("operator-withdrawals-approve", "POST")
    bulk = [
        BulkAct(
            T("批量通过", "Approve"),
            "console:operator-withdrawals-approve",
            "check",
            confirm=T("要通过所选的提现吗？", "Approve the selected withdrawals?"),
        )
    ]
    return lists.show(
        request,
        PAYOUTS,
        scope={},
        title=T("提现审批", "Withdrawals"),
        lead=T(
            "由财务审批：申请人不能审批自己的提现，超过限额的须两人审批。",
            "Approved by finance: never by who asked, and by two above the threshold.",
        ),
        acts="console/operator/withdrawals_acts.html",
        row="console:operator-withdrawal",
        row_key="no",
        bulk=bulk if may else (),
        empty=(
            T("没有提现", "No withdrawals here"),
            T("主体申请后会出现在这里。", "They appear here once asked."),
        ),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show a withdrawal with its time line and transfers."""
    found = _found(no)
    (receipt,) = explain(no)
    return details(
        request,
        Details(
            title=found.no,
            state=STATES[found.state],
            note=_note(request, found),
            facts=_facts(found),
            receipt=receipts.drawn(receipt, zh=request.asker.zh),
            deeds=_deeds(request, found),
        ),
    )


def approve(request: Any, *, no: str) -> HttpResponse:
    """Say yes to one."""
    found = _found(no)
    form = Form(
        T("通过提现", "Approve the withdrawal"),
        request.path,
        T("通过", "Approve"),
        facts=_facts(found),
        note=T("通过后将按收款账户付款，不能撤回。", "It is then paid to the account shown and can't be taken back."),
    )

    def work() -> T:
        state = approve_withdrawal(no=no, actor=request.asker.actor, now=request.asker.now, key=asker_key(request))
        if state is WithdrawalState.REQUESTED:
            return T("已记录您的审批，还需另一位财务审批", "Your approval is noted; another person's is needed")
        return T("已通过", "Approved")

    return asked(request, form, work)


def approve_many(request: Any) -> HttpResponse:
    """Say yes to those that were selected, each by itself; what is refused stays, with the first reason said."""
    asker, key = request.asker, asker_key(request)
    ids = [int(one) for one in request.POST.getlist("ids")[:AT_ONCE] if one.isascii() and one.isdigit()]
    done, problems = 0, []
    for no in queries.numbers(ids):
        try:
            approve_withdrawal(no=no, actor=asker.actor, now=asker.now, key=f"{key}:{no}"[:80])
            done += 1
        except Refusal as refusal:
            problems.append(f"{no}: {refusal.sentence('zh' if asker.zh else 'en')}")
    if not problems:
        return answers.done(T("已通过 {n} 笔", "{n} approved").fill(n=done), refresh="list-changed")
    words = T("已通过 {n} 笔，{m} 笔未通过。{first}", "{n} approved, {m} refused. {first}")
    answer = answers.done(words.fill(n=done, m=len(problems), first=problems[0]), refresh="list-changed")
    return answers.toast(answer, words.fill(n=done, m=len(problems), first=problems[0]), kind="bad")


def reject(request: Any, *, no: str) -> HttpResponse:
    """Say no, with a reason that the party reads."""
    found = _found(no)
    form = Form(
        T("驳回提现", "Reject the withdrawal"),
        request.path,
        T("驳回", "Reject"),
        fields=[Field("reason", T("驳回原因", "Reason"), "area", hint=T("主体会看到原因。", "The party reads it."))],
        facts=_facts(found),
        note=T("款项立即退回该主体的可提现余额。", "The money is available to the party again at once."),
        danger=True,
    )

    def work() -> T:
        reject_withdrawal(
            no=no,
            reason=request.POST.get("reason", ""),
            actor=request.asker.actor,
            now=request.asker.now,
            key=asker_key(request),
        )
        return T("已驳回", "Rejected")

    return asked(request, form, work)


def _found(no: str) -> WithdrawalShown:
    found = queries.withdrawal(no)
    if found is None:
        raise NotFound
    return found


def _facts(one: WithdrawalShown) -> list[tuple[T, object, str]]:
    party = parties.refs([one.party_id])[one.party_id]
    asker = people.refs([one.asked_by]).get(one.asked_by)
    why = payout_words.why(state=one.state, reason=one.reason)
    code = payout_words.code_of(state=one.state, reason=one.reason)
    told: list[tuple[T, object, str]] = [(T("未付原因", "Why it isn't paid"), T(why.zh, why.en), "text")] if why else []
    told += [(T("通道返回码", "The provider's code"), code, "mono")] if code else []
    return [
        (T("主体", "Party"), party.name, "text"),
        (T("主体编号", "Number"), party.no, "copy"),
        (T("申请金额", "Asked for"), one.amount_fen, "money"),
        (T("到账金额", "Arrives"), one.net_fen, "money"),
        (T("收款账户", "To"), f"…{one.tail}", "text"),
        (T("申请人", "Asked by"), asker.nickname if asker else f"#{one.asked_by}", "text"),
        (T("申请时间", "Asked at"), one.asked_at, "when"),
        (T("审批", "Approvals"), f"{one.approvals} / {one.approvals_needed}", "text"),
        *_held_by(one),
        *told,
    ]


def _held_by(one: WithdrawalShown) -> list[tuple[T, object, str]]:
    """Return by which rule a withdrawal was left to people, and what was known of it then."""
    hit = review.hit_of(queries.withdrawal_id(one.no), subject=Subject.WITHDRAWAL)
    if hit is None:
        return []
    known = review_words.known(hit.facts, review_words.names())
    said = T("；".join(part.zh for part in known), "; ".join(part.en for part in known))
    rule = T("「{name}」第 {n} 版", "“{name}”, version {n}").fill(name=hit.name, n=hit.version)
    return [(T("命中审核规则", "Held by rule"), rule, "text"), (T("命中时的数据", "What was known"), said, "text")]


def _note(request: Any, one: WithdrawalShown) -> T | None:
    if one.state is not WithdrawalState.REQUESTED:
        return None
    if one.asked_by == request.asker.person.id:
        return T("这是您申请的提现，须由其他财务审批。", "You asked for it; somebody else must approve.")
    if one.approvals_needed > 1:
        words = T("金额 {fen} 超过限额，须两人审批。", "{fen} is above the threshold: two people must approve.")
        return words.fill(fen=money_shown(one.amount_fen))
    return None


def _deeds(request: Any, one: WithdrawalShown) -> list[Deed]:
    asker = request.asker

    def url(name: str) -> str:
        return reverse(f"console:operator-{name}", args=[asker.party.no, one.no])

    deeds = []
    if one.state is WithdrawalState.REQUESTED and asker.may("operator-withdrawal-approve", "POST"):
        deeds.append(Deed(T("驳回", "Reject"), url("withdrawal-reject"), style="danger"))
        deeds.append(Deed(T("通过", "Approve"), url("withdrawal-approve"), style="pri"))
    if asker.may("operator-by-hand-ask", "POST") and queries.outcomes_by_hand(one.no, now=asker.now):
        deeds.append(Deed(T("人工入账", "Book by hand"), url("by-hand-ask"), icon="pencil"))
    return deeds


OUTCOME_WORDS = {
    Heard.RETURNED.value: T("已退回：款项回到可提现", "Came back: available again"),
    Heard.PAID.value: T("已到账", "Arrived"),
}
