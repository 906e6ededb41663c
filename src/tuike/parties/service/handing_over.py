"""The super administrator's role handed on by two scans: the one who gives confirms, and the one who takes."""

from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.parties.service import guards, invitations, seats
from tuike.parties.types import NotSuperAdmin, OtherHand, Role
from tuike.people import service as people

GIVE, TAKE = "give_super_admin", "take_super_admin"
"""Purposes of the two challenges; the subject of both is the party's number."""


@transaction.atomic
def ask_to_hand_over(*, party_id: int, asker: str, place: str, actor: Actor, now: datetime) -> tuple[str, str]:
    """Open the two challenges behind a hand-over; return the tickets: first the giver's, then the taker's.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator hands it on.
        NotCertified, Suspended: the party may not act.
    """
    party = guards.find(party_id)
    guards.require_super_admin(party, actor)
    guards.require_certified(party)
    give = people.ask_scan(purpose=GIVE, subject=party.no, place=place, asker=asker, now=now)
    take = people.ask_scan(purpose=TAKE, subject=party.no, place=place, asker=asker, now=now)
    return give, take


@transaction.atomic
def hand_over(*, party_id: int, give: str, take: str, asker: str, actor: Actor, now: datetime) -> int:
    """Hand the super administrator's role to the seat that confirmed `take`; return who has it now (docs/rules.md §1).

    The former one stays as an administrator; what they had offered to others ends. Either both scans are used up and
    the role has moved, or nothing has changed.

    Raises:
        UnknownParty: no such party.
        UnknownScan, ScanExpired, ScanNotOpen: one of the two isn't confirmed, or belongs elsewhere.
        NotSuperAdmin: somebody else confirmed for the giver, or the actor isn't the giver.
        OtherHand: the same person confirmed both.
        NotSeated: the taker has no seat here; a seat comes first.
        NotCertified, Suspended: the party may not act.
    """
    party = guards.lock(party_id)
    guards.require_certified(party)
    giver = people.use_scan(ticket=give, asker=asker, purpose=GIVE, subject=party.no, now=now)
    taker = people.use_scan(ticket=take, asker=asker, purpose=TAKE, subject=party.no, now=now)
    if guards.role_in(party_id, giver) is not Role.SUPER_ADMIN:
        raise NotSuperAdmin
    if giver == taker:
        raise OtherHand
    seats.transfer_super_admin(party_id=party_id, to_person_id=taker, actor=actor, now=now)
    invitations.void_invitations(party_id=party_id, now=now)
    return taker
