"""Withdrawals: ask for one, see where each stands, take one back before it is approved."""

from typing import Any

from django.http import HttpResponse

from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import reading
from tuike.doors.console.party.funds import RAILS, may_withdraw
from tuike.doors.console.problems import beside
from tuike.doors.console.text import T, Tag
from tuike.doors.web.soon import soon
from tuike.flows.decide_withdrawal import cancel_withdrawal
from tuike.flows.purses import Purse, purses
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.insight import funds, payout_words
from tuike.insight.lists.party_funds import SOURCES, STATES, WITHDRAWALS
from tuike.kit.errors import Invalid, Refusal
from tuike.parties import queries as parties
from tuike.parties.types import (
    BankAccountCooling,
    BankAccountNotVerified,
    NoBankAccount,
    PartyKind,
    Source,
    SubjectKind,
)
from tuike.settings import service as settings
from tuike.settlement import queries as settlement
from tuike.settlement.service import withheld_fen
from tuike.settlement.types import InDebt, NotAvailable, TooSmall, UnknownWithdrawal, WithdrawalShown, WithdrawalState

_TOLD = (Invalid, TooSmall, InDebt, NotAvailable, NoBankAccount, BankAccountNotVerified, BankAccountCooling)
_AMOUNT = {TooSmall: "amount", NotAvailable: "amount"}


def page(request: Any) -> HttpResponse:
    """List the party's withdrawals."""
    return lists.show(
        request,
        WITHDRAWALS,
        scope={"party": request.asker.party_id},
        title=T("提现记录", "Withdrawals"),
        lead=T("每笔提现走到哪一步，点单号查看。", "Where each one stands; open it for its steps."),
        top="console/party/funds_tabs.html",
        acts="console/party/withdraw_act.html",
        row=_address(request),
        empty=(
            T("还没有提现", "No withdrawal yet"),
            T("佣金结算后进入可提现余额，就可以申请提现。", "What has settled is available, and can be withdrawn."),
        ),
        extra={"tab": "withdrawals", "may_withdraw": may_withdraw(request.asker)},
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show one withdrawal with its steps."""
    found = _own(request, no)
    why = payout_words.why(state=found.state, reason=found.reason)
    context = {
        "one": found,
        "why": T(why.zh, why.en) if why else None,
        "code": payout_words.code_of(state=found.state, reason=found.reason),
        "tag": Tag(T(*STATES[found.state.value][:2]), STATES[found.state.value][2]),
        "steps": _steps(request, no),
        "rail": RAILS[found.rail],
        "source": T(*SOURCES[found.source]),
        "open": found.state in _WAITING,
        "may_cancel": found.state is WithdrawalState.REQUESTED and may_withdraw(request.asker),
    }
    return answers.drawer(request, "console/party/withdrawal.html", context)


def ask(request: Any) -> HttpResponse:
    """Ask how much of which source; on POST take it out of what is available."""
    asker, typed = request.asker, {name: request.POST.get(name, "")[:40] for name in ("amount", "source")}
    found = purses(party=asker.party)
    if request.method == "GET":
        return _form(request, found, typed)
    try:
        amount_fen = reading.fen(typed["amount"], field="amount")
        no = request_withdrawal(
            party_id=asker.party_id,
            amount_fen=amount_fen,
            source=_source(typed["source"]),
            key=asker_key(request),
            actor=asker.actor,
            now=asker.now,
        )
    except _TOLD as refusal:
        return _form(request, found, typed, refusal)
    soon("run_payouts")  # it may have passed by itself
    said = T("提现申请已提交：{no}", "The withdrawal was asked for: {no}").fill(no=no)
    return answers.to(request, answers.url(request, "withdrawals"), toast=said)


def cancel(request: Any, *, no: str) -> HttpResponse:
    """Take a request back before it is approved."""
    _own(request, no)
    cancel_withdrawal(no=no, actor=request.asker.actor, key=asker_key(request), now=request.asker.now)
    said = T("提现已撤销，金额已退回可提现", "Taken back: the amount is available again")
    return answers.done(said, refresh="list-changed")


_WAITING = frozenset(
    {
        WithdrawalState.REQUESTED,
        WithdrawalState.APPROVED,
        WithdrawalState.SENDING,
        WithdrawalState.WAITING_USER,
    }
)


def _address(request: Any) -> Any:
    return lambda row: answers.url(request, "withdrawal", no=row["no"])


def _steps(request: Any, no: str) -> list[dict[str, Any]]:
    language = "zh-hans" if request.asker.zh else "en"
    return [
        {
            "at": step.at,
            "said": step.said.said(language),
            "note": step.note.said(language) if step.note else "",
            "tone": step.tone,
        }
        for step in funds.steps_of(no, party_id=request.asker.party_id)
    ]


def _own(request: Any, no: str) -> WithdrawalShown:
    """Return the party's own withdrawal.

    Raises:
        UnknownWithdrawal: no such one, or another party's: both look the same.
    """
    found = settlement.withdrawal(no)
    if found is None or found.party_id != request.asker.party_id:
        raise UnknownWithdrawal
    return found


def _source(text: str) -> Source:
    if text not in set(Source):
        raise Invalid(field="source", reason_zh="请选择资金来源", reason_en="choose what it was earned from")
    return Source(text)


def _form(request: Any, found: list[Purse], typed: dict[str, str], problem: Refusal | None = None) -> HttpResponse:
    asker = request.asker
    chosen = typed["source"] or max(found, key=lambda purse: purse.available_fen).source.value
    rule = settings.read(("tax_bps", "withdraw_two_approvers_fen", "withdraw_auto_approve_fen"))
    taxed = rule["tax_bps"] if _taxed(request) else 0
    context = {
        "purses": [
            {
                "purse": purse,
                "words": T(*SOURCES[purse.source.value]),
                "chosen": purse.source.value == chosen,
                "tax_fen": withheld_fen(purse.available_fen, tax_bps=taxed),
            }
            for purse in found
        ],
        "account": parties.bank_account_of(asker.party_id),
        "rails": RAILS,
        "owed_fen": -funds.balances(asker.party).get("owed", 0),
        "now": asker.now,
        "tax_bps": taxed,
        "two_above_fen": rule["withdraw_two_approvers_fen"],
        "typed": typed,
        "errors": beside(problem, _AMOUNT) if problem else {},
    }
    return answers.dialog(request, "console/party/withdraw.html", context, status=422 if problem else 200)


def _taxed(request: Any) -> bool:
    """Return whether tax is withheld: from persons' commission, not from shops or enterprises (docs/rules.md §8)."""
    party = request.asker.party
    if party.kind is PartyKind.PROMOTER:
        return parties.promoter_facts([party.id])[party.id].subject_kind is SubjectKind.INDIVIDUAL
    if party.kind is PartyKind.LEADER:
        return parties.leader_facts([party.id])[party.id].subject_kind is SubjectKind.INDIVIDUAL
    return False
