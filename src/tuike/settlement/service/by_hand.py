"""Outcomes that people book by hand: a bank's late return, and what no rail says for long (docs/rules.md §8)."""

from datetime import datetime

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft
from tuike.messages import service as messages
from tuike.settlement import rules
from tuike.settlement.service.payouts import record_outcomes
from tuike.settlement.service.telling import tell
from tuike.settlement.types import (
    HandBookingDecided,
    HandBookingOpen,
    Heard,
    NotByHand,
    Outcome,
    Rail,
    SecondPersonNeeded,
    UnknownWithdrawal,
    WithdrawalState,
)

_FOUND = """
    SELECT w.id, w.party_id, w.payee_kind, w.rail, w.amount_fen, w.fee_fen, w.tax_fen, w.state, w.ended_at,
        (SELECT min(a.at) FROM settlement_attempt a WHERE a.withdrawal_id = w.id AND a.kind = 'send')
    FROM settlement_withdrawal w WHERE w.no = %s FOR UPDATE OF w
"""
_ABOUT = """
    SELECT w.no FROM settlement_withdrawal w JOIN settlement_hand_booking h ON h.withdrawal_id = w.id
    WHERE h.id = %s FOR UPDATE OF w
"""
_OPEN = """
    SELECT outcome, happened_at, reference, reason, asked_by FROM settlement_hand_booking
    WHERE id = %s AND state = 'asked' FOR UPDATE
"""
_DECIDE = """
    UPDATE settlement_hand_booking SET state = %s, note = %s, decided_by = %s, decided_at = %s WHERE id = %s
"""
_UNDO = """
    UPDATE settlement_withdrawal SET state = 'returned', reason = %s, provider_no = %s, ended_at = %s, ask_at = NULL
    WHERE id = %s
"""


def ask_outcome(
    *, no: str, heard: Heard, happened_at: datetime, reference: str, reason: str, actor: Actor, now: datetime
) -> int:
    """File what became of a payout, for another person to approve, and return the filing's id; nothing is booked yet.

    `paid` and `returned` may be filed of what the rail has been without an outcome for 30 days; `returned` of
    what a bank had paid and gave back later. `reference` is the bank's number of it, `happened_at` when it happened.

    Raises:
        UnknownWithdrawal: there is none.
        NotByHand: the rail has said what became of it, or may still say so.
        HandBookingOpen: one waits for approval.
        Invalid: outcome, instant, reference or reason; or nobody stands behind it.
    """
    if actor.person_id is None:
        raise Invalid(field="author", reason_zh="必须由人员提出", reason_en="a person must ask for it")
    reference, reason = reference.strip(), reason.strip()
    _check(heard, reference, reason)
    row_id, rail, state, ended_at, sent_at = _standing(no)
    _allowed(heard, rail, state, sent_at, now)
    begun = ended_at if state is WithdrawalState.PAID else sent_at
    if not (begun or now) <= happened_at <= now:
        raise Invalid(
            field="happened_at",
            reason_zh="应在提交付款之后、现在之前",
            reason_en="must lie after the payout was sent and before now",
        )
    added = rows.query(
        "INSERT INTO settlement_hand_booking"
        " (withdrawal_id, outcome, happened_at, reference, reason, state, note, asked_by, asked_at)"
        " VALUES (%s, %s, %s, %s, %s, 'asked', '', %s, %s) ON CONFLICT DO NOTHING RETURNING id",
        [row_id, heard.value, happened_at, reference, reason, actor.person_id, now],
    )
    if not added:
        raise HandBookingOpen
    facts = {"outcome": heard.value, "reference": reference, "reason": reason}
    audit.record(actor=actor, action="payout.ask_by_hand", object_=no, facts=facts, now=now)
    return added[0][0]


def approve_outcome(*, booking_id: int, actor: Actor, now: datetime) -> str:
    """Book what another person filed and return the withdrawal's number (events `payout`, `withdrawal_back`,
    `payout_return`).

    Raises:
        HandBookingDecided: decided before, or unknown.
        SecondPersonNeeded: who filed it approves.
        NotByHand: the rail has said in the meantime what became of it.
    """
    no, told, happened_at, reference, reason, asked_by = _open(booking_id)
    if actor.person_id is None or actor.person_id == asked_by:
        raise SecondPersonNeeded
    heard = Heard(told)
    _, rail, state, _, sent_at = _standing(no)
    _allowed(heard, rail, state, sent_at, now)
    if state is WithdrawalState.PAID:
        _undo(no, happened_at, reference, reason, now)
    else:
        record_outcomes(outcomes=[Outcome(no, heard, happened_at, provider_no=reference, reason=reason)], now=now)
    rows.run(_DECIDE, ["approved", "", actor.person_id, now, booking_id])
    facts = {"outcome": heard.value, "reference": reference, "asked_by": asked_by}
    audit.record(actor=actor, action="payout.book_by_hand", object_=no, facts=facts, now=now)
    return no


def reject_outcome(*, booking_id: int, note: str, actor: Actor, now: datetime) -> str:
    """Turn a filed outcome down, by its author or another person; nothing is booked. Returns the withdrawal's number.

    Raises:
        HandBookingDecided: decided before, or unknown.
        Invalid: no note, or longer than 200 characters; or nobody stands behind it.
    """
    if actor.person_id is None:
        raise Invalid(field="author", reason_zh="必须由人员处理", reason_en="a person must decide")
    note = note.strip()
    if not 1 <= len(note) <= 200 or "\0" in note:
        raise Invalid(field="note", reason_zh="请填写原因（不超过 200 字）", reason_en="say why in 200 characters")
    no = _open(booking_id)[0]
    rows.run(_DECIDE, ["rejected", note, actor.person_id, now, booking_id])
    audit.record(actor=actor, action="payout.reject_by_hand", object_=no, facts={"note": note}, now=now)
    return no


def _check(heard: Heard, reference: str, reason: str) -> None:
    if heard not in (Heard.PAID, Heard.RETURNED):
        raise Invalid(field="outcome", reason_zh="只能是已付款或已退回", reason_en="paid or returned")
    if not 1 <= len(reference) <= 64 or not reference.isprintable():
        raise Invalid(
            field="reference", reason_zh="请填写银行流水号（不超过 64 字）", reason_en="the bank's number of it"
        )
    if not 1 <= len(reason) <= 200 or "\0" in reason:
        raise Invalid(field="reason", reason_zh="请填写原因（不超过 200 字）", reason_en="say why in 200 characters")


def _standing(no: str) -> tuple[int, Rail, WithdrawalState, datetime | None, datetime | None]:
    """Lock a withdrawal and return its id, rail, state, end, and the instant at which it was first sent."""
    found = rows.query(_FOUND, [no])
    if not found:
        raise UnknownWithdrawal
    row = found[0]
    return row[0], Rail(row[3]), WithdrawalState(row[7]), row[8], row[9]


def _allowed(heard: Heard, rail: Rail, state: WithdrawalState, sent_at: datetime | None, now: datetime) -> None:
    if heard not in rules.outcomes_by_hand(state, rail, sent_at, now=now):
        raise NotByHand(days=rules.UNKNOWN_FOR.days)


def _open(booking_id: int) -> tuple:
    """Lock a filing that waits, behind its withdrawal, and return the withdrawal's number and what is claimed."""
    about = rows.query(_ABOUT, [booking_id])
    found = rows.query(_OPEN, [booking_id]) if about else []
    if not found:
        raise HandBookingDecided
    return about[0] + found[0]


def _undo(no: str, happened_at: datetime, reference: str, reason: str, now: datetime) -> None:
    row_id, party_id, kind, rail, amount_fen, fee_fen, tax_fen, *_ = rows.query(_FOUND, [no])[0]
    moves = rules.undo_pay_out(kind, party_id, rail, amount_fen=amount_fen, fee_fen=fee_fen, tax_fen=tax_fen)
    draft = Draft(f"payout_return:{no}", "payout_return", f"withdrawal:{no}", happened_at, moves)
    ledger.post(drafts=[draft], now=now)
    rows.run(_UNDO, [reason, reference, happened_at, row_id])
    tell([(no, party_id, WithdrawalState.RETURNED)], now=now)
    told = {"no": no, "amount_fen": amount_fen}
    messages.tell(party_id=party_id, kind="withdrawal_returned", facts=told, object_=no, now=now)
