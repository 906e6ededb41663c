"""Seats: who may act for a party, and how many may."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.messages import service as messages
from tuike.parties import rules
from tuike.parties.models import Party
from tuike.parties.service import guards
from tuike.parties.types import (
    AlreadySeated,
    NotSeated,
    PartyKind,
    Role,
    SuperAdminStays,
    TooManyAdministrators,
)
from tuike.people import queries as people
from tuike.people.types import UnknownPerson

TAKE_PLACE = "UPDATE parties_party SET admins = admins + 1 WHERE id = %(party_id)s AND admins < %(most)s RETURNING id"
"""Takes one of the 100 places; the row's lock makes parallel takers queue, the clause makes the 101st get nothing."""

GIVE_PLACE = "UPDATE parties_party SET admins = admins - 1 WHERE id = %s"

SIT = """
    INSERT INTO parties_seat (party_id, person_id, role, since) VALUES (%s, %s, %s, %s)
    ON CONFLICT (party_id, person_id) WHERE removed_at IS NULL DO NOTHING RETURNING id
"""

LEAVE = """
    UPDATE parties_seat SET removed_at = %s
    WHERE party_id = %s AND person_id = %s AND removed_at IS NULL AND role <> 'super_admin' RETURNING role
"""

SWITCH = """
    UPDATE parties_seat SET role = %s
    WHERE party_id = %s AND person_id = %s AND removed_at IS NULL AND role <> 'super_admin' RETURNING id
"""


@transaction.atomic
def add_seat(*, party_id: int, person_id: int, role: Role, actor: Actor, now: datetime) -> None:
    """Give a person a seat; at most 100 besides the super administrator's, whatever their roles (docs/rules.md §1).

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator gives seats.
        NotCertified: the party isn't certified.
        Suspended: the party is suspended.
        RoleNotOfKind: no such role in this kind of party, or the super administrator's.
        UnknownPerson: no such person.
        TooManyAdministrators: the 101st.
        AlreadySeated: the person has a seat here.
    """
    role = Role(role)
    party = _party(party_id, actor)
    guards.require_certified(party)
    rules.check_role(PartyKind(party.kind), role)
    take_seat(party=party, person_id=person_id, role=role, actor=actor, now=now)


def take_seat(*, party: Party, person_id: int, role: Role, actor: Actor, now: datetime) -> None:
    """Seat a person in the caller's transaction; whether they may be seated the caller has said.

    Raises:
        UnknownPerson, TooManyAdministrators, AlreadySeated: see `add_seat`.
    """
    party_id = party.id
    if person_id not in people.refs([person_id]):
        raise UnknownPerson
    if not rows.query(TAKE_PLACE, {"party_id": party_id, "most": rules.MAX_ADMINS}):
        raise TooManyAdministrators(most=rules.MAX_ADMINS)
    if not rows.query(SIT, [party_id, person_id, role, now]):
        raise AlreadySeated
    facts = {"person": person_id, "role": role.value}
    audit.record(actor=actor, action="seat.add", object_=party.no, facts=facts, now=now)
    messages.tell(party_id=party_id, kind="seat_added", facts={"name": _name(person_id)}, now=now)


@transaction.atomic
def remove_seat(*, party_id: int, person_id: int, actor: Actor, now: datetime) -> None:
    """Take a person's seat away; the row stays as history and the place is free again.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator takes seats away.
        SuperAdminStays: it is the super administrator's own.
        NotSeated: the person has no seat here.
    """
    party = _party(party_id, actor)
    guards.lock(party_id)
    left = rows.query(LEAVE, [now, party_id, person_id])
    if not left:
        raise _why_not(party_id, person_id)
    rows.run(GIVE_PLACE, [party_id])
    facts = {"person": person_id, "role": left[0][0]}
    audit.record(actor=actor, action="seat.remove", object_=party.no, facts=facts, now=now)
    messages.tell(party_id=party_id, kind="seat_removed", facts={"name": _name(person_id)}, now=now)


@transaction.atomic
def change_role(*, party_id: int, person_id: int, role: Role, actor: Actor, now: datetime) -> None:
    """Give a seat another role.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator changes roles.
        RoleNotOfKind: no such role in this kind of party, or the super administrator's.
        SuperAdminStays: it is the super administrator's own.
        NotSeated: the person has no seat here.
    """
    role = Role(role)
    party = _party(party_id, actor)
    guards.lock(party_id)
    rules.check_role(PartyKind(party.kind), role)
    before = guards.role_in(party_id, person_id)
    if not rows.query(SWITCH, [role, party_id, person_id]):
        raise _why_not(party_id, person_id)
    facts = {"person": person_id, "from": before.value if before else "", "to": role.value}
    audit.record(actor=actor, action="seat.change_role", object_=party.no, facts=facts, now=now)


@transaction.atomic
def transfer_super_admin(*, party_id: int, to_person_id: int, actor: Actor, now: datetime) -> None:
    """Hand the super administrator's role to somebody who has a seat; the former one stays as an administrator.

    The number of seats besides the super administrator's is the same before and after.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator hands it on.
        NotSeated: the person has no seat here.
        SuperAdminStays: the person has the role already.
    """
    party = _party(party_id, actor)
    guards.lock(party_id)
    guards.require_super_admin(party, actor)  # again, now that nobody else can hand it on
    role = guards.role_in(party_id, to_person_id)
    if role is None:
        raise NotSeated
    if role is Role.SUPER_ADMIN:
        raise SuperAdminStays
    former = rows.query(
        "UPDATE parties_seat SET role = 'admin' WHERE party_id = %s AND removed_at IS NULL AND role = 'super_admin'"
        " RETURNING person_id",
        [party_id],
    )
    rows.run(
        "UPDATE parties_seat SET role = 'super_admin' WHERE party_id = %s AND person_id = %s AND removed_at IS NULL",
        [party_id, to_person_id],
    )
    facts = {"person": to_person_id, "from": former[0][0]}
    audit.record(actor=actor, action="seat.transfer_super_admin", object_=party.no, facts=facts, now=now)
    messages.tell(party_id=party_id, kind="super_admin_given", facts={"name": _name(to_person_id)}, now=now)


def _name(person_id: int) -> str:
    """Return what a person is called in the news of a party: the nickname, else the public number."""
    found = people.refs([person_id]).get(person_id)
    return found.called if found else "—"


def _party(party_id: int, actor: Actor) -> Party:
    """Return the party, not locked: the statement that takes a place is the lock of those who add."""
    party = guards.find(party_id)
    guards.require_super_admin(party, actor)
    return party


def _why_not(party_id: int, person_id: int) -> NotSeated | SuperAdminStays:
    return NotSeated() if guards.role_in(party_id, person_id) is None else SuperAdminStays()
