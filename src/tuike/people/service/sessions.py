"""Sessions: bearer tokens of which only the digest is kept."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from tuike.db import rows
from tuike.kit import crypto
from tuike.people import rules
from tuike.people.models import Session
from tuike.people.service.identities import lock_person
from tuike.people.types import PersonRef, SessionKind, SessionOver, UnknownSession

KEPT = timedelta(days=30)
"""How long rows of ended sessions, challenges and counted tries are kept."""


@transaction.atomic
def open_session(*, person_id: int, kind: SessionKind, device: str = "", now: datetime) -> str:
    """Open a session and return its token, which is shown this once.

    A console session ends after 12 hours or 30 minutes of rest, a storefront session after 30 days.

    Raises:
        UnknownPerson: no such person.
    """
    person = lock_person(person_id)
    kind = SessionKind(kind)
    token = secrets.token_urlsafe(32)
    Session.objects.create(
        person=person,
        token_digest=crypto.digest(token),
        kind=kind,
        device=device[:120],
        created_at=now,
        seen_at=now,
        expires_at=now + rules.LIFETIMES[kind].absolute,
    )
    return token


def person_of(*, token: str, kind: SessionKind, now: datetime) -> PersonRef:
    """Return whose token this is, and note its use.

    Raises:
        SessionOver: unknown, of the other kind, revoked, idle too long, past its end, or the person was erased.
    """
    found = rows.planned(
        """
        SELECT s.id, s.seen_at, s.expires_at, p.id, p.no, p.nickname, p.language
        FROM people_session s JOIN people_person p ON p.id = s.person_id
        WHERE s.token_digest = %s AND s.kind = %s AND s.revoked_at IS NULL AND p.erased_at IS NULL
        """,
        [crypto.digest(token), kind],
    )
    if not found:
        raise SessionOver
    session_id, seen_at, expires_at, *person = found[0]
    if not rules.session_alive(kind=kind, seen_at=seen_at, expires_at=expires_at, now=now):
        raise SessionOver
    if now - seen_at > rules.LIFETIMES[kind].noted_every:
        rows.run("UPDATE people_session SET seen_at = greatest(seen_at, %s) WHERE id = %s", [now, session_id])
    return PersonRef(*person)


def renew_session(*, token: str, kind: SessionKind, now: datetime) -> datetime:
    """Let a running session last its whole life from now on, under the same token; return its new end.

    Raises:
        SessionOver: see `person_of`.
    """
    person_of(token=token, kind=kind, now=now)
    until = now + rules.LIFETIMES[kind].absolute
    renewed = rows.query(
        "UPDATE people_session SET expires_at = greatest(expires_at, %s), seen_at = greatest(seen_at, %s)"
        " WHERE token_digest = %s AND kind = %s AND revoked_at IS NULL RETURNING expires_at",
        [until, now, crypto.digest(token), kind],
    )
    if not renewed:
        raise SessionOver
    ends: datetime = renewed[0][0]
    return ends


def revoke_session(*, person_id: int, session_id: int, now: datetime) -> None:
    """End one of a person's own sessions.

    Raises:
        UnknownSession: the person has no such running session.
    """
    ended = rows.run(
        "UPDATE people_session SET revoked_at = %s WHERE id = %s AND person_id = %s AND revoked_at IS NULL",
        [now, session_id, person_id],
    )
    if not ended:
        raise UnknownSession


def revoke_others(*, person_id: int, token: str, now: datetime) -> int:
    """End a person's console sessions but the one of this token, and return how many ended."""
    return rows.run(
        "UPDATE people_session SET revoked_at = %s"
        " WHERE person_id = %s AND kind = %s AND revoked_at IS NULL AND token_digest <> %s",
        [now, person_id, SessionKind.CONSOLE, crypto.digest(token)],
    )


def revoke_token(*, token: str, now: datetime) -> None:
    """Sign out: end the session of this token. An unknown or ended one is no matter."""
    rows.run(
        "UPDATE people_session SET revoked_at = %s WHERE token_digest = %s AND revoked_at IS NULL",
        [now, crypto.digest(token)],
    )


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Remove sessions, scan challenges, claimed addresses and tries that ended over 30 days ago; return how many."""
    before = now - KEPT
    return (
        rows.run("DELETE FROM people_session WHERE least(expires_at, revoked_at) < %s", [before])
        + rows.run("DELETE FROM people_scan_challenge WHERE expires_at < %s", [before])
        + rows.run("DELETE FROM people_email_claim WHERE expires_at < %s", [before])
        + rows.run("DELETE FROM people_attempt WHERE since < %s", [before])
    )
