"""Reading a party's tokens and how much of its calls it has used."""

from datetime import datetime, timedelta

from tuike.apps.types import Door, Scope, TokenShown
from tuike.db import rows


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


def calls_by_hour(party_id: int, *, now: datetime) -> list[tuple[datetime, Door, int]]:
    """Return the calls that counted in the last 24 hours: hour, door, calls."""
    found = rows.query(
        "SELECT date_trunc('hour', minute), door, sum(calls) FROM apps_minute WHERE party_id = %s AND minute >= %s"
        " GROUP BY 1, 2 ORDER BY 1, 2",
        [party_id, now - timedelta(days=1)],
    )
    return [(hour, Door(door), int(calls)) for hour, door, calls in found]


def busiest_minute(party_id: int, *, now: datetime) -> int:
    """Return the most calls of one minute at one door in the last 24 hours."""
    found = rows.query(
        "SELECT COALESCE(max(calls), 0) FROM apps_minute WHERE party_id = %s AND minute >= %s",
        [party_id, now - timedelta(days=1)],
    )
    return int(found[0][0])
