"""How promoters stand in the network: let in, gone, shut out. Freezing is a party's suspension, see `standing`."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.messages import service as messages
from tuike.outbox import service as outbox
from tuike.parties import rules
from tuike.parties.models import Party
from tuike.parties.service import guards
from tuike.parties.types import NotThisState, PartyKind, PromoterState

_MOVE = """
    UPDATE parties_promoter SET standing = %(to)s WHERE party_id = %(id)s AND standing = ANY(%(from)s)
    RETURNING party_id
"""


@transaction.atomic
def admit_promoter(*, promoter_id: int, now: datetime) -> None:
    """Let a promoter act that waited to be let in, or had left and applied again (docs/rules.md §1).

    One that the operator suspended while it waited stays suspended.

    Raises:
        UnknownParty: no such promoter.
        NotThisState: it is in, or banned.
    """
    party = guards.lock(promoter_id, PartyKind.PROMOTER)
    before = _move(party, PromoterState.ACTIVE, {PromoterState.JOINING, PromoterState.RETIRED})
    if before is PromoterState.RETIRED:
        Party.objects.filter(id=promoter_id).update(suspended_at=None, suspended_reason="")
    outbox.put(topic="promoter.admit", events=[(party.no, {"party_id": party.id})], now=now)


@transaction.atomic
def retire_promoter(*, promoter_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let a promoter leave the network: it earns nothing on new orders; what it has earned stays its own.

    Raises:
        UnknownParty: no such promoter.
        NotSuperAdmin: neither its super administrator nor the machine.
        NotThisState: it has left, or is banned.
    """
    party = guards.lock(promoter_id, PartyKind.PROMOTER)
    guards.require_super_admin(party, actor)
    _move(party, PromoterState.RETIRED, {PromoterState.JOINING, PromoterState.ACTIVE})
    _stop(party, "promoter.retire", reason.strip()[:200], actor, now)


@transaction.atomic
def ban_promoter(*, promoter_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Shut a promoter out of the network for good; only the operator takes that back, with `restore`.

    Raises:
        NotOperator: the actor has no deciding seat of the operator.
        ReasonNeeded: no reason.
        UnknownParty: no such promoter.
        NotThisState: it is banned already.
    """
    guards.require_operator(actor)
    why = rules.reason(reason)
    party = guards.lock(promoter_id, PartyKind.PROMOTER)
    allowed = {PromoterState.JOINING, PromoterState.ACTIVE, PromoterState.RETIRED}
    _move(party, PromoterState.BANNED, allowed)
    _stop(party, "promoter.ban", why, actor, now)
    messages.tell(party_id=party.id, kind="party_suspended", facts={"reason": why}, now=now)


def _move(party: Party, to: PromoterState, allowed: set[PromoterState]) -> PromoterState:
    """Set how a promoter stands, whose party is locked, and return how it stood; frozen ones count as active."""
    before = PromoterState(rows.query("SELECT standing FROM parties_promoter WHERE party_id = %s", [party.id])[0][0])
    named = sorted(state.value for state in allowed)
    if not rows.query(_MOVE, {"id": party.id, "to": to.value, "from": named}):
        raise NotThisState(state=before.value)
    return before


def _stop(party: Party, action: str, reason: str, actor: Actor, now: datetime) -> None:
    at = party.suspended_at or now
    Party.objects.filter(id=party.id).update(suspended_at=at, suspended_reason=reason)
    audit.record(actor=actor, action=action, object_=party.no, facts={"reason": reason}, now=now)
    outbox.put(topic=action, events=[(party.no, {"party_id": party.id})], now=now)
