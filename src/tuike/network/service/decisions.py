"""What two people decide about a deposit: one asks, another approves; nothing moves before (docs/rules.md §1)."""

from datetime import datetime

from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import AccountRef, Draft, Move
from tuike.messages import service as messages
from tuike.network import queries
from tuike.network.service.deposits import lock_deposit
from tuike.network.types import (
    DECIDED_WITHIN,
    DecisionClosed,
    DecisionKind,
    DecisionOpen,
    DecisionShown,
    DecisionState,
    DepositNotHere,
    DepositShown,
    DepositState,
    SecondPerson,
)
from tuike.parties import queries as parties

_CLOSE = """
    UPDATE network_decision SET state = %(to)s, decided_by = %(by)s, decided_at = %(now)s, note = %(note)s
    WHERE id = %(id)s AND state = 'asked' AND asked_at >= %(since)s RETURNING id
"""
# The statement that takes it from the deposit: neither a refund on its way nor another decision leaves it twice.
_TAKE = """
    UPDATE network_deposit SET {column} = {column} + %(fen)s,
        state = CASE WHEN amount_fen - forfeited_fen - returned_fen = %(fen)s THEN 'ended' ELSE state END,
        ended_at = CASE WHEN amount_fen - forfeited_fen - returned_fen = %(fen)s THEN %(now)s ELSE ended_at END,
        due_at = CASE WHEN amount_fen - forfeited_fen - returned_fen = %(fen)s THEN NULL ELSE due_at END
    WHERE no = %(no)s AND state = ANY(%(in)s) AND amount_fen - forfeited_fen - returned_fen >= %(fen)s
    RETURNING person_id
"""
_STANDING = frozenset({DepositState.PAID, DepositState.HOLDING})


@transaction.atomic
def ask_decision(
    *,
    no: str,
    kind: DecisionKind,
    amount_fen: int,
    reason: str,
    reference: str = "",
    actor: Actor,
    now: datetime,
) -> DecisionShown:
    """Ask a second person to approve that some of a deposit is forfeited, or that all of a held one was given back by
    hand (`reference`: the bank's number). Until it is decided, for seven days, nothing goes back by itself. Audited.

    Raises:
        DepositNotHere: no such deposit stands, or less of it is left.
        DecisionOpen: something was asked for already.
        Invalid: the amount, or no reference of the bank's.
    """
    kind = DecisionKind(kind)
    deposit = lock_deposit(no=no)
    _check(deposit, kind, amount_fen, reference)
    _lapse(deposit.deposit_id, now)
    try:
        with transaction.atomic():
            made = rows.query(
                "INSERT INTO network_decision (deposit_id, kind, amount_fen, reason, reference, state, asked_by,"
                " asked_at, note) VALUES (%s, %s, %s, %s, %s, 'asked', %s, %s, '') RETURNING id",
                [deposit.deposit_id, kind.value, amount_fen, reason, reference, actor.person_id, now],
            )
    except IntegrityError as error:
        if "network_decision_one_open" in str(error):
            raise DecisionOpen from error
        raise
    facts = {"kind": kind.value, "amount_fen": amount_fen, "reason": reason}
    audit.record(actor=actor, action="deposit.ask", object_=no, facts=facts, now=now)
    return queries.decision(made[0][0])


@transaction.atomic
def approve_decision(*, decision_id: int, actor: Actor, now: datetime) -> DecisionShown:
    """Book what another person asked for: the forfeit (event `deposit_forfeit`) or what was given back by hand (event
    `deposit_by_hand`). Audited; the promoter's person is told.

    Raises:
        DecisionClosed: decided before, lapsed, or unknown.
        SecondPerson: the one who asked.
        DepositNotHere: less is left than it was about.
    """
    found = queries.decision(decision_id)
    lock_deposit(no=found.deposit_no)
    if found.asked_by == actor.person_id:
        raise SecondPerson
    _close(found, DecisionState.APPROVED, "", actor, now)
    forfeit = found.kind is DecisionKind.FORFEIT
    column, states = ("forfeited_fen", _STANDING) if forfeit else ("returned_fen", {DepositState.HOLDING})
    said = {"no": found.deposit_no, "fen": found.amount_fen, "now": now, "in": [state.value for state in states]}
    taken = rows.query(_TAKE.format(column=column), said)
    if not taken:
        raise DepositNotHere
    _book(found, now)
    facts = {"kind": found.kind.value, "amount_fen": found.amount_fen, "asked_by": found.asked_by}
    audit.record(actor=actor, action="deposit.approve", object_=found.deposit_no, facts=facts, now=now)
    told = "deposit_forfeited" if forfeit else "deposit_returned"
    about = {"amount_fen": found.amount_fen, "reason": found.reason}
    whose = parties.refs([found.promoter_id])[found.promoter_id].no
    messages.tell_person(person_id=taken[0][0], kind=told, facts=about, object_=whose, now=now)
    return queries.decision(decision_id)


@transaction.atomic
def reject_decision(*, decision_id: int, note: str, actor: Actor, now: datetime) -> DecisionShown:
    """Turn down what was asked for, one's own too; nothing is booked. Audited.

    Raises:
        DecisionClosed: decided before, lapsed, or unknown.
    """
    found = queries.decision(decision_id)
    lock_deposit(no=found.deposit_no)
    _close(found, DecisionState.REJECTED, note, actor, now)
    facts = {"kind": found.kind.value, "note": note}
    audit.record(actor=actor, action="deposit.reject", object_=found.deposit_no, facts=facts, now=now)
    return queries.decision(decision_id)


def _check(deposit: DepositShown, kind: DecisionKind, amount_fen: int, reference: str) -> None:
    standing = _STANDING if kind is DecisionKind.FORFEIT else {DepositState.HOLDING}
    if deposit.state not in standing or not 0 < amount_fen <= deposit.left_fen:
        raise DepositNotHere
    if kind is DecisionKind.HAND and (amount_fen != deposit.left_fen or not 1 <= len(reference) <= 60):
        raise Invalid(
            field="reference",
            reason_zh="须全额退还并填写银行流水号",
            reason_en="all that is left, with the bank's number",
        )


def _lapse(deposit_id: int, now: datetime) -> None:
    """End what nobody decided in time."""
    rows.run(
        "UPDATE network_decision SET state = 'lapsed', decided_at = %s"
        " WHERE deposit_id = %s AND state = 'asked' AND asked_at < %s",
        [now, deposit_id, now - DECIDED_WITHIN],
    )


def _close(found: DecisionShown, to: DecisionState, note: str, actor: Actor, now: datetime) -> None:
    said = {"id": found.decision_id, "to": to.value, "by": actor.person_id, "now": now, "note": note}
    if not rows.query(_CLOSE, said | {"since": now - DECIDED_WITHIN}):
        raise DecisionClosed


def _book(found: DecisionShown, now: datetime) -> None:
    giver = chart.promoter(found.promoter_id, "deposit")
    source = f"deposit:{found.deposit_no}"
    if found.kind is DecisionKind.FORFEIT:
        moves = (Move(giver, chart.platform("fees"), found.amount_fen),)
        draft = Draft(f"deposit_forfeit:{found.decision_id}", "deposit_forfeit", source, now, moves)
    else:
        bank: AccountRef = chart.outside("bank")
        moves = (Move(giver, bank, found.amount_fen),)
        draft = Draft(f"deposit_by_hand:{found.decision_id}", "deposit_by_hand", source, now, moves)
    ledger.post(drafts=[draft], now=now)
