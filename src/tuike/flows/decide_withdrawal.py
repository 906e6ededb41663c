"""The yes or no to a withdrawal, by the operator's finance; and the party's taking it back."""

from collections.abc import Callable
from datetime import datetime

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.flows.request_withdrawal import seated
from tuike.kit.errors import Forbidden, NotFound
from tuike.parties import queries as parties
from tuike.parties.types import Role
from tuike.settlement import queries, service
from tuike.settlement.types import OwnWithdrawal, UnknownWithdrawal, WithdrawalState


@retry
def approve_withdrawal(*, no: str, actor: Actor, now: datetime, key: str | None = None) -> WithdrawalState:
    """Say yes; with enough of them the withdrawal is approved. Returns the state it is in now (docs/rules.md §8).

    Raises:
        Forbidden: the person holds no finance seat of the operator now.
        UnknownWithdrawal, WrongState: there is none, or it isn't waiting for approval.
        OwnWithdrawal: the person asked for it, or sits in the party that did.
        ApprovedBefore: the same person again.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> WithdrawalState:
        _judge(no, actor)
        return service.approve(no=no, actor=actor, now=now)

    return _keyed(verb="approve_withdrawal", no=no, said={}, actor=actor, now=now, key=key, work=work)


@retry
def reject_withdrawal(*, no: str, reason: str, actor: Actor, now: datetime, key: str | None = None) -> WithdrawalState:
    """Say no, with a reason that the party reads: the money is available again.

    Raises:
        Forbidden: the person holds no finance seat of the operator now.
        UnknownWithdrawal, WrongState: there is none, or it isn't waiting for approval.
        OwnWithdrawal: the person asked for it, or sits in the party that did.
        Invalid: no reason, or longer than 200 characters.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> WithdrawalState:
        _judge(no, actor)
        service.reject(no=no, reason=reason, actor=actor, now=now)
        return WithdrawalState.REJECTED

    return _keyed(verb="reject_withdrawal", no=no, said={"reason": reason}, actor=actor, now=now, key=key, work=work)


@retry
def cancel_withdrawal(*, no: str, actor: Actor, now: datetime, key: str | None = None) -> WithdrawalState:
    """Take a request back before it is approved, by a seat that could have asked: the money is available again.

    Raises:
        NotFound: no such withdrawal, or not of a party in which the person sits.
        Forbidden: the seat's role doesn't reach the party's money.
        WrongState: it isn't waiting for approval any more.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> WithdrawalState:
        found = queries.withdrawal(no)
        if found is None:
            raise NotFound
        seated(found.party_id, actor)
        service.cancel(no=no, actor=actor, now=now)
        return WithdrawalState.CANCELLED

    return _keyed(verb="cancel_withdrawal", no=no, said={}, actor=actor, now=now, key=key, work=work)


def finance(actor: Actor) -> None:
    """Refuse everybody without the operator's finance seat at this moment.

    Raises:
        Forbidden: somebody else.
    """
    operator = parties.operator()
    if operator is None or actor.person_id is None:
        raise Forbidden
    seat = parties.seat_of(actor.person_id, operator.id)
    if seat is None or seat.role is not Role.FINANCE:
        raise Forbidden


def _keyed(
    *,
    verb: str,
    no: str,
    said: dict[str, str],
    actor: Actor,
    now: datetime,
    key: str | None,
    work: Callable[[], WithdrawalState],
) -> WithdrawalState:
    """Do it once per key of this person: only who did it is told how it stands."""

    def again() -> WithdrawalState:
        found = queries.withdrawal(no)
        if found is None:
            raise UnknownWithdrawal
        return found.state

    return keyed(
        scope=f"person:{actor.person_id}:{verb}",
        key=key,
        content={"no": no, **said},
        now=now,
        work=work,
        again=again,
    )


def _judge(no: str, actor: Actor) -> None:
    """Let only an uninvolved person of the operator's finance decide."""
    finance(actor)
    found = queries.withdrawal(no)
    if found is None:
        raise UnknownWithdrawal
    involved = parties.seat_of(actor.person_id or 0, found.party_id) is not None
    if involved or found.asked_by == actor.person_id:
        raise OwnWithdrawal
