"""Reading a party's tokens and how much of its calls it has used."""

from datetime import datetime, timedelta

from tuike.apps.types import Call, Door, Scope, TokenShown
from tuike.db import rows
from tuike.kit.errors import NotFound


def tokens_of(party_id: int, *, limit: int = 100) -> list[TokenShown]:
    """Return a party's personal tokens, the newest first; ended ones included."""
    found = rows.query(
        "SELECT id, name, tail, scopes, created_at, created_by, expires_at, revoked_at FROM apps_token"
        " WHERE party_id = %s AND kind = 'personal' ORDER BY id DESC LIMIT %s",
        [party_id, limit],
    )
    return [
        TokenShown(id_, name, tail, tuple(Scope(one) for one in scopes if one in set(Scope)), *rest)
        for id_, name, tail, scopes, *rest in found
    ]


def token(*, party_id: int, token_id: int) -> TokenShown:
    """Return one of a party's personal tokens.

    Raises:
        NotFound: not a token of the party.
    """
    found = rows.query(
        "SELECT id, name, tail, scopes, created_at, created_by, expires_at, revoked_at FROM apps_token"
        " WHERE id = %s AND party_id = %s AND kind = 'personal'",
        [token_id, party_id],
    )
    if not found:
        raise NotFound
    id_, name, tail, scopes, *rest = found[0]
    return TokenShown(id_, name, tail, tuple(Scope(one) for one in scopes if one in set(Scope)), *rest)


def call(*, party_id: int, call_id: int) -> Call:
    """Return one call of a party's software, while the log keeps it.

    Raises:
        NotFound: not a call of the party.
    """
    found = rows.query(
        "SELECT id, at, door, method, path, status, code, took_ms, request_id, token_tail FROM apps_call"
        " WHERE id = %s AND party_id = %s",
        [call_id, party_id],
    )
    if not found:
        raise NotFound
    id_, at, door, *rest = found[0]
    return Call(id_, at, Door(door), *rest)


def own_quota(party_id: int) -> int | None:
    """Return how many calls a minute the operator allows a party's software, or None for the setting's number."""
    found = rows.query("SELECT per_minute FROM apps_quota WHERE party_id = %s", [party_id])
    return found[0][0] if found else None


def calls_by_hour(party_id: int, *, now: datetime) -> list[tuple[datetime, Door, int]]:
    """Return the calls that counted in the last 24 hours: hour, door, calls."""
    found = rows.query(
        "SELECT date_trunc('hour', minute), door, sum(calls) FROM apps_minute WHERE party_id = %s AND minute >= %s"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        [party_id, now - timedelta(days=1)],
    )
    return [(hour, Door(door), int(calls)) for hour, door, calls in found]


def busiest_minute(party_id: int, *, now: datetime) -> tuple[datetime | None, int]:
    """Return the minute of the last 24 hours with the most calls at one door, and how many those were."""
    found = rows.query(
        "SELECT minute, calls FROM apps_minute WHERE party_id = %s AND minute >= %s"
        " ORDER BY calls DESC, minute LIMIT 1",
        [party_id, now - timedelta(days=1)],
    )
    return (found[0][0], int(found[0][1])) if found else (None, 0)
