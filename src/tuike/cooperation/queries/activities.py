"""Reads of leaders' activities."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from tuike.cooperation.types import ActivityKind, ActivityShown, ActivityState, Floor, OpenWanted
from tuike.db import rows
from tuike.kit import crypto
from tuike.kit.errors import NotFound

_ACTIVITY = """
    SELECT a.id, a.no, a.leader_id, a.title, a.kind, a.starts_at, a.ends_at, a.min_rate_bps, a.min_service_bps,
        a.sample, a.note, a.state, a.created_at, a.published_at, a.closed_at,
        ARRAY(SELECT ARRAY[f.category_id, f.min_rate_bps, f.min_service_bps] FROM cooperation_activity_floor f
              WHERE f.activity_id = a.id ORDER BY f.category_id),
        ARRAY(SELECT p.promoter_id FROM cooperation_activity_promoter p WHERE p.activity_id = a.id
              ORDER BY p.promoter_id)
    FROM cooperation_activity a
"""
MOST = 200
"""Rows a page."""


def contact_place(no: str) -> str:
    """Return the place that an activity's sealed contact is bound to."""
    return f"cooperation_activity|contact|{no}"


def activity(activity_id: int) -> ActivityShown:
    """Return an activity by its id, in whatever state.

    Raises:
        NotFound: there is none.
    """
    return _one("WHERE a.id = %s", [activity_id])


def activity_by_no(no: str) -> ActivityShown:
    """Return an activity by its number, in whatever state: for the operator and for reads that checked who asks.

    Raises:
        NotFound: there is none.
    """
    return _one("WHERE a.no = %s", [no])


def activity_of(*, leader_id: int, no: str) -> ActivityShown:
    """Return a leader's own activity.

    Raises:
        NotFound: not one of the leader's, or deleted.
    """
    return _one("WHERE a.no = %s AND a.leader_id = %s AND a.state <> 'deleted'", [no, leader_id])


def open_activity(*, no: str, now: datetime) -> ActivityShown:
    """Return an activity that takes products now: every shop may see it.

    Raises:
        NotFound: there is none that does.
    """
    found = activity_by_no(no)
    if not found.open_at(now):
        raise NotFound
    return found


def activities_of(
    *, leader_id: int, states: Collection[ActivityState] = (), before_id: int | None = None, limit: int = 20
) -> list[ActivityShown]:
    """Return a page of a leader's own activities, newest first; deleted ones are left out."""
    wanted = [state.value for state in states] or ["draft", "published", "closed"]
    return _activities(
        "WHERE a.leader_id = %s AND a.state = ANY(%s) AND (%s::bigint IS NULL OR a.id < %s)"
        " ORDER BY a.id DESC LIMIT %s",
        [leader_id, wanted, before_id, before_id, min(limit, MOST)],
    )


def open_activities(
    *, now: datetime, wanted: OpenWanted | None = None, before_id: int | None = None, limit: int = 20
) -> list[ActivityShown]:
    """Return a page of the activities that take products now, newest first."""
    asked = wanted or OpenWanted()
    return _activities(
        """
        WHERE a.state = 'published' AND a.ends_at > %(now)s AND (%(before)s::bigint IS NULL OR a.id < %(before)s)
          AND (%(words)s = '' OR strpos(lower(a.title), lower(%(words)s)) > 0 OR a.no = %(words)s)
          AND (%(kind)s::text IS NULL OR a.kind = %(kind)s) AND (%(leader)s::bigint IS NULL OR a.leader_id = %(leader)s)
          AND (%(rate)s::int IS NULL OR a.min_rate_bps <= %(rate)s)
          AND (%(service)s::int IS NULL OR a.min_service_bps <= %(service)s)
        ORDER BY a.id DESC LIMIT %(limit)s
        """,
        {
            "now": now,
            "before": before_id,
            "words": asked.words.strip(),
            "kind": asked.kind.value if asked.kind else None,
            "leader": asked.leader_id,
            "rate": asked.most_rate_bps,
            "service": asked.most_service_bps,
            "limit": min(limit, MOST),
        },
    )


def contact_of_activity(*, no: str) -> str:
    """Return how an activity's leader is reached, for a reader who may see the activity; empty where it says nothing.

    Raises:
        NotFound: there is no such activity.
    """
    found = rows.query("SELECT contact FROM cooperation_activity WHERE no = %s", [no])
    if not found:
        raise NotFound
    [(sealed,)] = found
    return (
        "" if sealed is None else crypto.open_sealed(bytes(sealed), place=contact_place(no), keys=settings.FIELD_KEYS)
    )


def _one(where: str, params: Sequence[object]) -> ActivityShown:
    found = _activities(where, params)
    if not found:
        raise NotFound
    return found[0]


def _activities(where: str, params: Any) -> list[ActivityShown]:
    return [_shown(row) for row in rows.query(f"{_ACTIVITY} {where}", params)]


def _shown(row: tuple[Any, ...]) -> ActivityShown:
    return ActivityShown(
        activity_id=row[0],
        no=row[1],
        leader_id=row[2],
        title=row[3],
        kind=ActivityKind(row[4]),
        starts_at=row[5],
        ends_at=row[6],
        floor=Floor(row[7], row[8]),
        sample=row[9],
        note=row[10],
        state=ActivityState(row[11]),
        created_at=row[12],
        published_at=row[13],
        closed_at=row[14],
        floors={category: Floor(rate, service) for category, rate, service in row[15]},
        promoter_ids=tuple(row[16]),
    )
