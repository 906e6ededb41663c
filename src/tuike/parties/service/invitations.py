"""Seats offered: to a phone number, or to whoever scans a code beside the super administrator."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit import crypto, ids
from tuike.parties import rules
from tuike.parties.models import Invitation
from tuike.parties.service import guards, seats
from tuike.parties.types import (
    InvitationOpen,
    InvitationState,
    PartyKind,
    PartyRef,
    Role,
    TooManyInvitations,
    UnknownInvitation,
)
from tuike.people import queries as people
from tuike.people import service as person_verbs
from tuike.people.types import BadPhone

INVITATION_LIFE = timedelta(days=3)
"""How long an invitation can be taken; at exactly three days it still can."""

JOIN = "join_party"
"""Purpose of the scan challenge by which somebody takes a seat; its subject is `<party number>:<role>`."""

_CODE_LENGTH = 20

_END = """
    UPDATE parties_invitation SET state = %(state)s, decided_at = %(now)s, person_id = %(person_id)s
    WHERE code = %(code)s AND state = 'open' AND expires_at >= %(now)s AND phone_index = %(index)s
    RETURNING id, party_id, role, invited_by
"""


@transaction.atomic
def invite(*, party_id: int, phone: str, role: Role, actor: Actor, now: datetime) -> str:
    """Offer a seat to whoever has a phone number, for three days, and return the invitation's code.

    Nothing says whether the number belongs to anybody: they find it after signing in with this number. An invitation
    that has ended makes room for another one.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator gives seats.
        NotCertified, Suspended: the party may not act.
        RoleNotOfKind: no such role to give here.
        BadPhone: not a phone number.
        InvitationOpen: the number is invited already.
        TooManyInvitations: with the open ones there would be more than 100 seats.
    """
    role = Role(role)
    party = guards.lock(party_id)
    guards.require_super_admin(party, actor)
    guards.require_certified(party)
    rules.check_role(PartyKind(party.kind), role)
    index = people.phone_index(phone)
    shown = crypto.masked(phone.strip())
    rows.run(
        "UPDATE parties_invitation SET state = 'withdrawn', decided_at = expires_at"
        " WHERE party_id = %s AND state = 'open' AND expires_at < %s",
        [party_id, now],
    )
    if party.admins + Invitation.objects.filter(party=party, state=InvitationState.OPEN).count() >= rules.MAX_ADMINS:
        raise TooManyInvitations(most=rules.MAX_ADMINS)
    code = ids.random_code(_CODE_LENGTH)
    try:
        with transaction.atomic():
            Invitation.objects.create(
                code=code,
                party=party,
                phone_index=index,
                shown=shown[:20],
                role=role,
                state=InvitationState.OPEN,
                invited_by=actor.person_id or 0,
                invited_at=now,
                expires_at=now + INVITATION_LIFE,
            )
    except IntegrityError as error:
        raise InvitationOpen from error
    audit.record(
        actor=actor, action="seat.invite", object_=party.no, facts={"role": role.value, "phone": shown}, now=now
    )
    return code


@transaction.atomic
def withdraw_invitation(*, party_id: int, code: str, actor: Actor, now: datetime) -> None:
    """Take an offer back.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator gives seats.
        UnknownInvitation: the party has no such open invitation.
    """
    party = guards.lock(party_id)
    guards.require_super_admin(party, actor)
    done = rows.run(
        "UPDATE parties_invitation SET state = 'withdrawn', decided_at = %s"
        " WHERE party_id = %s AND code = %s AND state = 'open'",
        [now, party_id, code],
    )
    if not done:
        raise UnknownInvitation
    audit.record(actor=actor, action="seat.withdraw_invitation", object_=party.no, facts={}, now=now)


@transaction.atomic
def accept_invitation(*, code: str, actor: Actor, now: datetime) -> PartyRef:
    """Take the seat that was offered to the actor's own verified phone number, and return the party.

    The one who invited must still be the super administrator: an offer ends with the office of who made it.

    Raises:
        UnknownInvitation: not for this person, over, or its maker gives no seats any more.
        NotCertified, Suspended: the party may not act.
        TooManyAdministrators: the 101st.
        AlreadySeated: the person has a seat here.
    """
    party_id, role, invited_by = _end(code, InvitationState.ACCEPTED, actor, now)
    party = guards.lock(party_id)
    guards.require_certified(party)
    if guards.role_in(party_id, invited_by) is not Role.SUPER_ADMIN:
        raise UnknownInvitation
    seats.take_seat(party=party, person_id=actor.person_id or 0, role=role, actor=actor, now=now)
    return guards.ref(party)


@transaction.atomic
def decline_invitation(*, code: str, actor: Actor, now: datetime) -> None:
    """Say no to a seat that was offered to the actor's phone number.

    Raises:
        UnknownInvitation: not for this person, or over.
    """
    party_id, role, _ = _end(code, InvitationState.DECLINED, actor, now)
    party = guards.find(party_id)
    audit.record(actor=actor, action="seat.decline_invitation", object_=party.no, facts={"role": role.value}, now=now)


@transaction.atomic
def ask_to_join(*, party_id: int, role: Role, asker: str, place: str, actor: Actor, now: datetime) -> str:
    """Open the scan challenge by which somebody beside the super administrator takes a seat; return its ticket.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator gives seats.
        NotCertified, Suspended: the party may not act.
        RoleNotOfKind: no such role to give here.
    """
    role = Role(role)
    party = guards.find(party_id)
    guards.require_super_admin(party, actor)
    guards.require_certified(party)
    rules.check_role(PartyKind(party.kind), role)
    return person_verbs.ask_scan(purpose=JOIN, subject=f"{party.no}:{role.value}", place=place, asker=asker, now=now)


@transaction.atomic
def seat_scanned(*, party_id: int, role: Role, ticket: str, asker: str, actor: Actor, now: datetime) -> int:
    """Give the seat to whoever confirmed the challenge with their phone; return who that was.

    Raises:
        UnknownScan, ScanExpired, ScanNotOpen: see `people.use_scan`.
        UnknownParty, NotSuperAdmin, NotCertified, Suspended, RoleNotOfKind, TooManyAdministrators, AlreadySeated: see
            `add_seat`.
    """
    role = Role(role)
    party = guards.find(party_id)
    joins = person_verbs.use_scan(ticket=ticket, asker=asker, purpose=JOIN, subject=f"{party.no}:{role.value}", now=now)
    seats.add_seat(party_id=party_id, person_id=joins, role=role, actor=actor, now=now)
    return joins


def _end(code: str, state: InvitationState, actor: Actor, now: datetime) -> tuple[int, Role, int]:
    """End an invitation of the actor's phone number in one statement; return party, role and who invited."""
    phone = people.phone_of(actor.person_id, unmasked=True) if actor.person_id is not None else None
    if phone is None:
        raise UnknownInvitation
    try:
        index = people.phone_index(phone.number)
    except BadPhone as error:
        raise UnknownInvitation from error
    ended = rows.query(_END, {"state": state, "now": now, "person_id": actor.person_id, "code": code, "index": index})
    if not ended:
        raise UnknownInvitation
    return ended[0][1], Role(ended[0][2]), ended[0][3]


def void_invitations(*, party_id: int, now: datetime) -> None:
    """End what a super administrator has offered, in the transaction that hands the office on."""
    rows.run(
        "UPDATE parties_invitation SET state = 'withdrawn', decided_at = %s WHERE party_id = %s AND state = 'open'",
        [now, party_id],
    )
