"""Who sits where."""

from collections.abc import Iterable
from datetime import datetime

from tuike.db import rows
from tuike.parties.queries.shapes import ref
from tuike.parties.types import (
    InvitationShown,
    InvitationState,
    Role,
    SeatShown,
    Standing,
)
from tuike.people import queries as people

_SEAT = """
    SELECT p.id, p.no, p.kind, p.name, s.person_id, s.role, s.since
    FROM parties_seat s JOIN parties_party p ON p.id = s.party_id
    WHERE s.removed_at IS NULL AND
"""


def seats_of(person_id: int) -> list[SeatShown]:
    """Return where a person sits, the oldest seat first."""
    return _seats("s.person_id = %s ORDER BY s.since, s.id", [person_id])


def seat_of(person_id: int, party_id: int) -> SeatShown | None:
    """Return a person's seat in a party, or None."""
    found = _seats("s.person_id = %s AND s.party_id = %s", [person_id, party_id])
    return found[0] if found else None


def standing(*, person_id: int, party_no: str) -> Standing | None:
    """Return the party with a public number as a person comes to its pages, with their seat if they have one."""
    found = rows.query(
        """
        SELECT p.id, p.no, p.kind, p.name, s.role, s.since, p.certified_at IS NOT NULL, p.suspended_at IS NOT NULL,
            p.suspended_reason
        FROM parties_party p
            LEFT JOIN parties_seat s ON s.party_id = p.id AND s.person_id = %s AND s.removed_at IS NULL
        WHERE p.no = %s
        """,
        [person_id, party_no],
    )
    if not found:
        return None
    row = found[0]
    party = ref(row[:4])
    seat = SeatShown(party, person_id, Role(row[4]), row[5]) if row[4] else None
    return Standing(party, seat, *row[6:])


def administrators_of(party_ids: Iterable[int]) -> dict[int, list[SeatShown]]:
    """Return who sits in parties, the super administrator first, then by time."""
    seats: dict[int, list[SeatShown]] = {party_id: [] for party_id in party_ids}
    for seat in _seats("s.party_id = ANY(%s) ORDER BY s.role <> 'super_admin', s.since, s.id", [list(seats)]):
        seats[seat.party.id].append(seat)
    return seats


def invitations_of(party_id: int, *, now: datetime) -> list[InvitationShown]:
    """Return a party's open invitations, the latest first."""
    return _invitations("i.party_id = %s AND i.state = 'open' AND i.expires_at >= %s", [party_id, now])


def invitations_for(person_id: int, *, now: datetime) -> list[InvitationShown]:
    """Return the seats that are offered to a person's own phone number, the latest first."""
    phone = people.phone_of(person_id, unmasked=True)
    if phone is None:
        return []
    index = people.phone_index(phone.number)
    return _invitations("i.phone_index = %s AND i.state = 'open' AND i.expires_at >= %s", [index, now])


def _invitations(where: str, params: list) -> list[InvitationShown]:
    found = rows.query(
        f"""
        SELECT p.id, p.no, p.kind, p.name, i.code, i.shown, i.role, i.state, i.invited_by, i.invited_at, i.expires_at
        FROM parties_invitation i JOIN parties_party p ON p.id = i.party_id WHERE {where} ORDER BY i.id DESC
        """,
        params,
    )
    return [InvitationShown(row[4], ref(row), row[5], Role(row[6]), InvitationState(row[7]), *row[8:]) for row in found]


def _seats(where: str, params: list) -> list[SeatShown]:
    return [SeatShown(ref(row[:4]), row[4], Role(row[5]), row[6]) for row in rows.query(_SEAT + where, params)]
