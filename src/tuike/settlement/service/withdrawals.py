"""Asking for money, and the yes or no to it (docs/rules.md §8)."""

from datetime import datetime

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import ids, rows
from tuike.kit.errors import Invalid
from tuike.kit.ids import number
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import AccountRef, Draft, NotEnough
from tuike.messages import service as messages
from tuike.settlement import rules
from tuike.settlement.service.telling import tell
from tuike.settlement.types import (
    ApprovedBefore,
    InDebt,
    NotAvailable,
    OwnWithdrawal,
    TooSmall,
    UnknownWithdrawal,
    Wish,
    WithdrawalState,
    WrongState,
)

_TAKE = "SELECT id, party_id, payee_kind, amount_fen, state, asked_by, approvals_needed FROM settlement_withdrawal"


def hold(*, payee_kind: str, party_id: int) -> None:
    """Lock what a party has until the transaction ends, so that what is read of it next stays true."""
    ledger.lock(refs=_accounts(payee_kind, party_id))


def request(*, wish: Wish, minimum_fen: int, actor: Actor, now: datetime) -> str:
    """Take the money out of available at once and return the withdrawal's number (event `withdrawal`).

    The locked account and its floor decide, so that any number of parallel requests takes no more than there is.

    Raises:
        TooSmall: below `minimum_fen`, or nothing left after fee and tax.
        InDebt: the party owes something.
        NotAvailable: more than what is available, or than what was earned from the wish's source.
    """
    if wish.amount_fen < minimum_fen or wish.amount_fen <= wish.fee_fen + wish.tax_fen:
        raise TooSmall
    kind, party_id = wish.payee_kind, wish.party_id
    accounts = _accounts(kind, party_id)
    if ledger.lock(refs=accounts)[accounts[-1].path] < 0:
        raise InDebt
    if wish.most_fen is not None and wish.amount_fen > wish.most_fen:
        raise NotAvailable
    row_id = ids.take_one("settlement_withdrawal")
    no = number("W", row_id, now)
    moves = rules.leave(kind, party_id, wish.amount_fen)
    try:
        ledger.post(drafts=[Draft(f"withdrawal:{no}", "withdrawal", f"withdrawal:{no}", now, moves)], now=now)
    except NotEnough as refusal:
        raise NotAvailable from refusal
    state = WithdrawalState.REQUESTED if wish.approvals_needed else WithdrawalState.APPROVED
    rows.run(
        "INSERT INTO settlement_withdrawal (id, no, party_id, payee_kind, source, rail, bank_account_id, amount_fen,"
        " fee_fen, tax_fen, state, reason, asked_by, asked_at, approvals_needed, decided_at, batch_file_no, attempts,"
        " provider_no, confirm_package)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, '', %s, %s, %s, %s, '', 0, '', '')",
        [
            row_id,
            no,
            party_id,
            kind,
            wish.source,
            wish.rail,
            wish.bank_account_id,
            wish.amount_fen,
            wish.fee_fen,
            wish.tax_fen,
            state,
            wish.asked_by,
            now,
            wish.approvals_needed,
            None if wish.approvals_needed else now,
        ],
    )
    facts = {
        "amount_fen": wish.amount_fen,
        "source": wish.source,
        "rail": wish.rail,
        "approvals_needed": wish.approvals_needed,
    }
    audit.record(actor=actor, action="withdrawal.request", object_=no, facts=facts, now=now)
    tell([(no, party_id, state)], now=now)
    return no


def approve(*, no: str, actor: Actor, now: datetime) -> WithdrawalState:
    """Add one yes; with enough of them the withdrawal is approved. Returns the state it is in now.

    Raises:
        UnknownWithdrawal, WrongState: there is none, or it isn't waiting for approval.
        OwnWithdrawal: the asker approves.
        ApprovedBefore: the same person again.
        Invalid: nobody stands behind the yes.
    """
    row_id, party_id, _, fen, asked_by, needed = _locked(no, WithdrawalState.REQUESTED)
    if actor.person_id is None:
        raise Invalid(field="approver", reason_zh="必须由人员审批", reason_en="a person must approve")
    if actor.person_id == asked_by:
        raise OwnWithdrawal
    added = rows.run(
        "INSERT INTO settlement_approval (withdrawal_id, person_id, at) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [row_id, actor.person_id, now],
    )
    if not added:
        raise ApprovedBefore
    given = rows.query("SELECT count(*) FROM settlement_approval WHERE withdrawal_id = %s", [row_id])[0][0]
    state = WithdrawalState.APPROVED if given >= needed else WithdrawalState.REQUESTED
    rows.run(
        "UPDATE settlement_withdrawal SET state = %s, decided_at = %s WHERE id = %s",
        [state, now if state is WithdrawalState.APPROVED else None, row_id],
    )
    facts = {"amount_fen": fen, "given": given, "needed": needed}
    audit.record(actor=actor, action="withdrawal.approve", object_=no, facts=facts, now=now)
    tell([(no, party_id, state)], now=now)
    if state is WithdrawalState.APPROVED:
        told = {"no": no, "amount_fen": fen}
        messages.tell(party_id=party_id, kind="withdrawal_approved", facts=told, object_=no, now=now)
    return state


def reject(*, no: str, reason: str, actor: Actor, now: datetime) -> None:
    """Say no before it is approved: the money is available again.

    Raises:
        UnknownWithdrawal, WrongState: there is none, or it isn't waiting for approval.
        Invalid: no reason given, or longer than 200 characters.
    """
    if not 1 <= len(reason.strip()) <= 200 or "\0" in reason:
        raise Invalid(field="reason", reason_zh="请填写原因（不超过 200 字）", reason_en="say why in 200 characters")
    _end(no, WithdrawalState.REJECTED, reason.strip(), actor, now)


def cancel(*, no: str, actor: Actor, now: datetime) -> None:
    """Take a request back before it is approved: the money is available again.

    Raises:
        UnknownWithdrawal, WrongState: there is none, or it isn't waiting for approval.
    """
    _end(no, WithdrawalState.CANCELLED, "", actor, now)


def _accounts(kind: str, party_id: int) -> list[AccountRef]:
    return [chart.payee(kind, party_id, purpose) for purpose in ("available", "leaving", "owed")]


def _end(no: str, state: WithdrawalState, reason: str, actor: Actor, now: datetime) -> None:
    row_id, party_id, kind, fen, _, _ = _locked(no, WithdrawalState.REQUESTED)
    rows.run(
        "UPDATE settlement_withdrawal SET state = %s, reason = %s, decided_at = %s, ended_at = %s WHERE id = %s",
        [state, reason, now, now, row_id],
    )
    moves = rules.come_back(kind, party_id, fen)
    draft = Draft(f"withdrawal_back:{no}", "withdrawal_back", f"withdrawal:{no}", now, moves)
    ledger.post(drafts=[draft], now=now)
    audit.record(actor=actor, action=f"withdrawal.{state}", object_=no, facts={"reason": reason}, now=now)
    tell([(no, party_id, state)], now=now)
    if state is WithdrawalState.REJECTED:
        told = {"no": no, "amount_fen": fen, "reason": reason}
        messages.tell(party_id=party_id, kind="withdrawal_rejected", facts=told, object_=no, now=now)


def _locked(no: str, state: WithdrawalState) -> tuple[int, int, str, int, int, int]:
    """Lock the withdrawal and return its facts without the state, which must be `state`."""
    found = rows.query(f"{_TAKE} WHERE no = %s FOR UPDATE", [no])
    if not found:
        raise UnknownWithdrawal
    row_id, party_id, kind, fen, stands, asked_by, needed = found[0]
    if stands != state:
        raise WrongState(state=stands)
    return row_id, party_id, kind, fen, asked_by, needed
