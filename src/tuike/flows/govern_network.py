"""The operator governs the network: the form, who is shut out and let back, who stands under whom."""

from datetime import datetime

from django.db import transaction

from tuike.audit.types import SYSTEM, Actor
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.network import queries
from tuike.network import service as network
from tuike.network.types import ApplicationState, FormShown, NewForm
from tuike.parties import queries as parties
from tuike.parties import service as parties_of
from tuike.parties.types import PartyKind, Role, UnknownParty
from tuike.people import service as people


@retry
def publish_form(*, form: NewForm, actor: Actor, now: datetime) -> FormShown:
    """Put an edition of the application form in force.

    Raises:
        Forbidden: neither the operator's super administrator nor an administrator.
        Invalid, TiersWithThreshold: see network.
    """
    with transaction.atomic(durable=True):
        operators.require(actor, operators.GOVERNORS)
        return network.publish_form(form=form, actor=actor, now=now)


@retry
def ban_promoter(*, promoter_no: str, reason: str, actor: Actor, now: datetime) -> None:
    """Shut a promoter and its super administrator out: nothing new is earned, what is under review of the two is
    rejected, the deposit is held and goes back unless two people forfeit it.

    Raises:
        Forbidden: no deciding seat of the operator. Involved: the person sits in it. Invalid: no reason.
        UnknownParty: no such promoter. NotThisState: banned already.
    """
    why = operators.reason(reason)
    with transaction.atomic(durable=True):
        operators.require(actor, operators.DECIDERS)
        promoter_id = _promoter(promoter_no)
        operators.require_uninvolved(actor, [promoter_id])
        people.hold_living(person_ids=_heads(promoter_id))  # who files an application holds the person, too
        parties_of.ban_promoter(promoter_id=promoter_id, reason=why, actor=actor, now=now)
        heads = _heads(promoter_id)
        network.ban_people(person_ids=heads, promoter_id=promoter_id, reason=why, now=now)
        network.hold_deposit(promoter_id=promoter_id, at_once=False, now=now)
        _reject(promoter_id, heads, why, now)


@retry
def restore_party(*, party_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let a suspended party act again; a banned promoter's people may come in again, too, and its deposit stays.

    Raises:
        NotOperator, ReasonNeeded, UnknownParty, NotSuspended, NotThisState: see parties.
    """
    with transaction.atomic(durable=True):
        parties_of.restore(party_id=party_id, reason=reason, actor=actor, now=now)
        if network.lift_bans(promoter_id=party_id, now=now):
            network.stay_deposit(promoter_id=party_id, least_fen=1)


@retry
def move_promoter(*, promoter_no: str, recruiter_no: str, reason: str, actor: Actor, now: datetime) -> tuple[int, ...]:
    """Put a promoter, with all below, under another recruiter, or under none (empty), and return the new line. Earlier
    claims stay as they are.

    Raises:
        Forbidden: no deciding seat of the operator. Involved: the person sits in one of the three.
        UnknownParty: one of the two is no promoter.
        ReasonNeeded, CycleInLine, LineBackwards: see parties.
    """
    with transaction.atomic(durable=True):
        operators.require(actor, operators.DECIDERS)
        promoter_id = _promoter(promoter_no)
        recruiter_id = _promoter(recruiter_no) if recruiter_no else None
        before = parties.promoter_facts([promoter_id])[promoter_id].line[:1]
        operators.require_uninvolved(actor, [promoter_id, *before, *([recruiter_id] if recruiter_id else [])])
        return parties_of.change_recruiter(
            promoter_id=promoter_id, recruiter_id=recruiter_id, reason=reason, actor=actor, now=now
        )


def _heads(promoter_id: int) -> list[int]:
    seats = parties.administrators_of([promoter_id])[promoter_id]
    return [seat.person_id for seat in seats if seat.role is Role.SUPER_ADMIN]


def _reject(promoter_id: int, heads: list[int], why: str, now: datetime) -> None:
    """Reject what is under review of a banned promoter and of the persons shut out with it."""
    filed = {one.no: one for one in queries.filed_by(heads)}
    if (last := queries.last_application(promoter_id)) is not None and last.state is ApplicationState.FILED:
        filed[last.no] = last
    for no, one in sorted(filed.items()):
        network.decide_application(no=no, to=ApplicationState.REJECTED, reason=why, actor=SYSTEM, now=now)
        if one.promoter_id != promoter_id:
            network.hold_deposit(promoter_id=one.promoter_id, at_once=True, now=now)


def _promoter(no: str) -> int:
    found = parties.find(no)
    if found is None or found.kind is not PartyKind.PROMOTER:
        raise UnknownParty
    return found.id
