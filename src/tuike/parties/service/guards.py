"""What every verb of parties asks first: which party, and may this actor do it."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from tuike.audit.types import Actor
from tuike.db import rows
from tuike.parties import rules
from tuike.parties.models import Party
from tuike.parties.types import (
    AppidTaken,
    NotCertified,
    NotOperator,
    NotSuperAdmin,
    PartyKind,
    PartyRef,
    Role,
    Suspended,
    UnknownParty,
)

MACHINE = frozenset({"job", "cli"})
"""Actors without a seat: the product itself, and a person at the machine's own command line."""


def lock(party_id: int, *kinds: PartyKind) -> Party:
    """Lock a party's row until the transaction ends. Verbs lock the party before anything that hangs on it.

    Raises:
        UnknownParty: no such party, or of another kind.
    """
    party = Party.objects.select_for_update(no_key=True).filter(id=party_id).first()
    if party is None or (kinds and party.kind not in kinds):
        raise UnknownParty
    return party


def find(party_id: int) -> Party:
    """Return a party without locking it.

    Raises:
        UnknownParty: no such party.
    """
    party = Party.objects.filter(id=party_id).first()
    if party is None:
        raise UnknownParty
    return party


def ref(party: Party) -> PartyRef:
    """Return the party as others know it."""
    return PartyRef(party.id, party.no, PartyKind(party.kind), party.name)


def require_certified(party: Party) -> None:
    """Refuse what works only after certification, and while not suspended.

    Raises:
        NotCertified: it hasn't passed.
        Suspended: the operator stopped the party.
    """
    if party.certified_at is None:
        raise NotCertified
    if party.suspended_at is not None:
        raise Suspended(reason=party.suspended_reason)


def require_super_admin(party: Party, actor: Actor) -> None:
    """Refuse everybody but the party's super administrator (or the machine).

    Raises:
        NotSuperAdmin: somebody else.
    """
    if actor.kind in MACHINE:
        return
    if actor.person_id is None or role_in(party.id, actor.person_id) is not Role.SUPER_ADMIN:
        raise NotSuperAdmin


def require_operator(actor: Actor) -> None:
    """Refuse everybody but the operator's deciding seats (or the machine).

    Raises:
        NotOperator: somebody else.
    """
    if actor.kind in MACHINE:
        return
    found = rows.query(
        "SELECT 1 FROM parties_seat s JOIN parties_party p ON p.id = s.party_id"
        " WHERE p.kind = %s AND s.person_id = %s AND s.removed_at IS NULL AND s.role = ANY(%s)",
        [PartyKind.OPERATOR, actor.person_id, list(rules.DECIDERS)],
    )
    if not found:
        raise NotOperator


def appid_once(write: Callable[[], object]) -> None:
    """Write a shop's AppID; the database sees to it that no two shops have one.

    Raises:
        AppidTaken: another shop has it.
    """
    try:
        with transaction.atomic():
            write()
    except IntegrityError as error:
        if "parties_merchant_appid_once" in str(error):
            raise AppidTaken from error
        raise


def role_in(party_id: int, person_id: int) -> Role | None:
    """Return a person's role in a party, or None without a seat."""
    found = rows.query(
        "SELECT role FROM parties_seat WHERE party_id = %s AND person_id = %s AND removed_at IS NULL",
        [party_id, person_id],
    )
    return Role(found[0][0]) if found else None


def require_outsider(party: Party, person_id: int) -> None:
    """Refuse whoever would judge a party in which they hold a seat.

    Raises:
        NotOperator: the person sits in it.
    """
    if role_in(party.id, person_id) is not None:
        raise NotOperator
