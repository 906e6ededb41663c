"""What became of a payout, booked by two people of the operator's finance where no rail will say more."""

from datetime import datetime

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows.decide_withdrawal import finance
from tuike.flows.keyed import keyed
from tuike.parties import queries as parties
from tuike.risk import service as risk
from tuike.risk.types import CaseKind
from tuike.settlement import queries, service
from tuike.settlement.types import HandBookingDecided, Heard, OwnWithdrawal, UnknownWithdrawal, WithdrawalState

_ABOUT_PAYOUTS = (CaseKind.UNKNOWN_PAYOUT, CaseKind.PAYOUT_CONFLICT)


@retry
def ask_by_hand(
    *,
    no: str,
    heard: Heard,
    happened_at: datetime,
    reference: str,
    reason: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """File what became of a payout, for another person of finance to approve (docs/rules.md §8).

    Raises:
        Forbidden: the person holds no finance seat of the operator now.
        UnknownWithdrawal: there is none.
        OwnWithdrawal: the person asked for it, or sits in the party that did.
        NotByHand, HandBookingOpen, Invalid: see settlement.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        _judge(no, actor)
        service.ask_outcome(
            no=no, heard=heard, happened_at=happened_at, reference=reference, reason=reason, actor=actor, now=now
        )

    said = [no, str(heard), happened_at.isoformat(), reference, reason]
    keyed(scope=f"person:{actor.person_id}:ask_by_hand", key=key, content=said, now=now, work=work, again=lambda: None)


@retry
def approve_by_hand(*, booking_id: int, actor: Actor, now: datetime, key: str | None = None) -> WithdrawalState:
    """Book what another person filed, close the cases about it, and return the withdrawal's state.

    Raises:
        Forbidden: the person holds no finance seat of the operator now.
        HandBookingDecided: decided before, or unknown.
        OwnWithdrawal: the person asked for the withdrawal, or sits in the party that did.
        SecondPersonNeeded: who filed it approves.
        NotByHand: the rail has said in the meantime what became of it.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> WithdrawalState:
        no = _judged(booking_id, actor)
        service.approve_outcome(booking_id=booking_id, actor=actor, now=now)
        risk.close_about(kinds=_ABOUT_PAYOUTS, object_=no, note=f"#{booking_id}", actor=actor, now=now)
        return _state(booking_id)

    return keyed(
        scope=f"person:{actor.person_id}:approve_by_hand",
        key=key,
        content=booking_id,
        now=now,
        work=work,
        again=lambda: _state(booking_id),
    )


@retry
def reject_by_hand(
    *, booking_id: int, note: str, actor: Actor, now: datetime, key: str | None = None
) -> WithdrawalState:
    """Turn a filing down, one's own too; nothing is booked. Returns the withdrawal's state.

    Raises:
        Forbidden: the person holds no finance seat of the operator now.
        HandBookingDecided: decided before, or unknown.
        OwnWithdrawal: the person asked for the withdrawal, or sits in the party that did.
        Invalid: no note, or longer than 200 characters.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> WithdrawalState:
        _judged(booking_id, actor)
        service.reject_outcome(booking_id=booking_id, note=note, actor=actor, now=now)
        return _state(booking_id)

    return keyed(
        scope=f"person:{actor.person_id}:reject_by_hand",
        key=key,
        content=[booking_id, note],
        now=now,
        work=work,
        again=lambda: _state(booking_id),
    )


def _judged(booking_id: int, actor: Actor) -> str:
    finance(actor)
    found = queries.hand_booking(booking_id)
    if found is None:
        raise HandBookingDecided
    _judge(found.no, actor)
    return found.no


def _judge(no: str, actor: Actor) -> None:
    """Let only an uninvolved person of the operator's finance book."""
    finance(actor)
    found = queries.withdrawal(no)
    if found is None:
        raise UnknownWithdrawal
    involved = parties.seat_of(actor.person_id or 0, found.party_id) is not None
    if involved or found.asked_by == actor.person_id:
        raise OwnWithdrawal


def _state(booking_id: int) -> WithdrawalState:
    found = queries.hand_booking(booking_id)
    if found is None:
        raise HandBookingDecided
    return found.stands
