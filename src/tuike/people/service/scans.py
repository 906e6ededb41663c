"""Scan challenges: a browser asks, a person with a phone confirms, the same browser uses it, once (docs/rules.md §1).

Each step is one statement that compares the old state and sets the new one; only the reason for a no is read after.
"""

from datetime import datetime

from django.db import transaction

from tuike.db import rows
from tuike.kit import crypto, ids
from tuike.people import rules
from tuike.people.models import ScanChallenge
from tuike.people.types import ScanExpired, ScanNotOpen, ScanShown, ScanState, UnknownScan

TICKET_LENGTH = 24
"""Characters of a ticket: 139 random bits, and short enough for a mini-program code's scene (32)."""

SCAN = """
    UPDATE people_scan_challenge SET state = 'scanned', person_id = %(person_id)s
    WHERE ticket_digest = %(ticket)s AND expires_at >= %(now)s
      AND (state = 'created' OR (state = 'scanned' AND person_id = %(person_id)s))
    RETURNING purpose, subject, place, state, expires_at
"""
DECIDE = """
    UPDATE people_scan_challenge SET state = %(state)s
    WHERE ticket_digest = %(ticket)s AND expires_at >= %(now)s AND state = 'scanned' AND person_id = %(person_id)s
    RETURNING id
"""
USE = """
    UPDATE people_scan_challenge SET state = 'used'
    WHERE ticket_digest = %(ticket)s AND asker_digest = %(asker)s AND purpose = %(purpose)s AND subject = %(subject)s
      AND expires_at >= %(now)s AND state = 'confirmed'
    RETURNING person_id
"""


@transaction.atomic
def ask_scan(*, purpose: str, subject: str = "", place: str = "", asker: str, now: datetime) -> str:
    """Open a challenge and return its ticket, to be shown as a QR code; it is good until exactly five minutes from now.

    `asker` is a secret of the browser that asks (its session), `purpose` and `subject` say what a confirmation would
    do and to what (`reset_secret`, a party's number), `place` where it was asked from, for the person to judge.
    """
    ticket = ids.random_code(TICKET_LENGTH)
    ScanChallenge.objects.create(
        ticket_digest=crypto.digest(ticket),
        asker_digest=crypto.digest(asker),
        purpose=purpose,
        subject=subject,
        place=place[:80],
        state=ScanState.CREATED,
        created_at=now,
        expires_at=now + rules.SCAN_LIFE,
    )
    return ticket


def scan(*, ticket: str, person_id: int, now: datetime) -> ScanShown:
    """Take a challenge for the person who scanned it first, and say what confirming would do.

    Raises:
        UnknownScan: no such ticket.
        ScanExpired: the five minutes are over.
        ScanNotOpen: somebody else scanned it, or it was confirmed, declined or used.
    """
    found = rows.query(SCAN, {"ticket": crypto.digest(ticket), "person_id": person_id, "now": now})
    if not found:
        raise _why_not(ticket, now)
    purpose, subject, place, state, expires_at = found[0]
    return ScanShown(purpose, subject, place, ScanState(state), expires_at)


def confirm_scan(*, ticket: str, person_id: int, now: datetime) -> None:
    """Confirm what was scanned, once, as the person who scanned it.

    Raises:
        UnknownScan: no such ticket.
        ScanExpired: the five minutes are over.
        ScanNotOpen: it isn't scanned by this person and waiting.
    """
    _decide(ticket, person_id, ScanState.CONFIRMED, now)


def decline_scan(*, ticket: str, person_id: int, now: datetime) -> None:
    """Say no to what was scanned; nothing can be done with it any more.

    Raises:
        UnknownScan: no such ticket.
        ScanExpired: the five minutes are over.
        ScanNotOpen: it isn't scanned by this person and waiting.
    """
    _decide(ticket, person_id, ScanState.DECLINED, now)


def use_scan(*, ticket: str, asker: str, purpose: str, subject: str = "", now: datetime) -> int:
    """Use a confirmed challenge up and return who confirmed it: only for its asker, its purpose and its subject.

    Raises:
        UnknownScan: no such ticket for this asker, purpose and subject.
        ScanExpired: the five minutes are over.
        ScanNotOpen: not confirmed yet, declined, or used before.
    """
    params = {
        "ticket": crypto.digest(ticket),
        "asker": crypto.digest(asker),
        "purpose": purpose,
        "subject": subject,
        "now": now,
    }
    found = rows.query(USE, params)
    if not found:
        state = scan_state(ticket=ticket, asker=asker, now=now)
        if (state.purpose, state.subject) != (purpose, subject):
            raise UnknownScan
        raise ScanNotOpen(state=state.state.value)
    return int(found[0][0])


def scan_state(*, ticket: str, asker: str, now: datetime) -> ScanShown:
    """Return where a challenge stands, for the browser that asked for it and waits.

    Raises:
        UnknownScan: no such ticket of this asker.
        ScanExpired: the five minutes are over.
    """
    found = rows.query(
        "SELECT purpose, subject, place, state, expires_at FROM people_scan_challenge"
        " WHERE ticket_digest = %s AND asker_digest = %s",
        [crypto.digest(ticket), crypto.digest(asker)],
    )
    if not found:
        raise UnknownScan
    purpose, subject, place, state, expires_at = found[0]
    if expires_at < now and state != ScanState.USED:
        raise ScanExpired
    return ScanShown(purpose, subject, place, ScanState(state), expires_at)


def _decide(ticket: str, person_id: int, state: ScanState, now: datetime) -> None:
    params = {"ticket": crypto.digest(ticket), "person_id": person_id, "state": state, "now": now}
    if not rows.query(DECIDE, params):
        raise _why_not(ticket, now)


def _why_not(ticket: str, now: datetime) -> UnknownScan | ScanExpired | ScanNotOpen:
    found = rows.query(
        "SELECT state, expires_at FROM people_scan_challenge WHERE ticket_digest = %s", [crypto.digest(ticket)]
    )
    if not found:
        return UnknownScan()
    state, expires_at = found[0]
    return ScanExpired() if expires_at < now else ScanNotOpen(state=state)
