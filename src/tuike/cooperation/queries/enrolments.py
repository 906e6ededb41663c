"""Reads of enrolments: a shop sees its own, a leader those in its activities."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from tuike.cooperation.rules import ANSWER_DAYS
from tuike.cooperation.types import (
    CancelShown,
    CancelState,
    EndCause,
    EnrolmentShown,
    EnrolmentState,
    ExtensionShown,
    ExtensionState,
    ShownTo,
)
from tuike.db import rows
from tuike.kit import crypto
from tuike.kit.days import exact_days
from tuike.kit.errors import NotFound

_ENROLMENT = """
    SELECT e.id, e.no, e.activity_id, a.no, a.title, a.leader_id, e.merchant_id, e.product_id, e.rate_bps,
        e.service_bps, e.starts_at, e.ends_at, e.base_orders, e.shown_to, e.state, e.applied_at, e.decided_at,
        e.ended_at, e.end_cause, e.gross_orders, e.net_orders, e.reason,
        c.asked_at, c.gross_orders, c.base_orders, c.state, c.decided_at,
        x.asked_at, x.old_ends_at, x.new_ends_at, x.state, x.decided_at
    FROM cooperation_enrolment e
    JOIN cooperation_activity a ON a.id = e.activity_id
    LEFT JOIN LATERAL (SELECT * FROM cooperation_cancel WHERE enrolment_id = e.id ORDER BY id DESC LIMIT 1) c ON true
    LEFT JOIN LATERAL (SELECT * FROM cooperation_extension WHERE enrolment_id = e.id ORDER BY id DESC LIMIT 1) x ON true
"""
MOST = 200
"""Rows a page."""


def contact_place(no: str) -> str:
    """Return the place that an enrolment's sealed contact is bound to."""
    return f"cooperation_enrolment|contact|{no}"


def enrolments_by_id(enrolment_ids: Iterable[int]) -> dict[int, EnrolmentShown]:
    """Return enrolments by id; unknown ids are missing."""
    return {
        one.enrolment_id: one for one in _enrolments("WHERE e.id = ANY(%s) ORDER BY e.id", [sorted(set(enrolment_ids))])
    }


def enrolment_ids_of(leader_id: int) -> list[int]:
    """Return the ids of all that was ever enrolled in a leader's activities."""
    found = rows.query(
        "SELECT e.id FROM cooperation_enrolment e JOIN cooperation_activity a ON a.id = e.activity_id"
        " WHERE a.leader_id = %s",
        [leader_id],
    )
    return [id_ for (id_,) in found]


def enrolments_of_party(*, party_id: int, nos: Iterable[str]) -> list[EnrolmentShown]:
    """Return those of the enrolments with these numbers that are a shop's own, or in a leader's activities."""
    return _enrolments(
        "WHERE e.no = ANY(%s) AND %s IN (e.merchant_id, a.leader_id) ORDER BY e.id", [sorted(set(nos)), party_id]
    )


def enrolments_by_no(nos: Iterable[str]) -> dict[str, EnrolmentShown]:
    """Return enrolments by number, for what tells both sides of them; unknown numbers are missing."""
    return {one.no: one for one in _enrolments("WHERE e.no = ANY(%s) ORDER BY e.id", [sorted(set(nos))])}


def enrolment_of_merchant(*, merchant_id: int, no: str) -> EnrolmentShown:
    """Return a shop's own enrolment.

    Raises:
        NotFound: not one of the shop's.
    """
    return _one("WHERE e.no = %s AND e.merchant_id = %s", [no, merchant_id])


def enrolment_of_leader(*, leader_id: int, no: str) -> EnrolmentShown:
    """Return an enrolment in one of a leader's activities.

    Raises:
        NotFound: not in one of the leader's.
    """
    return _one("WHERE e.no = %s AND a.leader_id = %s", [no, leader_id])


def enrolments_of_merchant(
    *,
    merchant_id: int,
    activity_no: str = "",
    states: Collection[EnrolmentState] = (),
    before_id: int | None = None,
    limit: int = 20,
) -> list[EnrolmentShown]:
    """Return a page of a shop's enrolments, newest first."""
    return _page(
        "e.merchant_id = %(who)s",
        who=merchant_id,
        activity_no=activity_no,
        states=states,
        before_id=before_id,
        limit=limit,
    )


def enrolments_in(
    *,
    leader_id: int,
    activity_no: str = "",
    states: Collection[EnrolmentState] = (),
    before_id: int | None = None,
    limit: int = 20,
) -> list[EnrolmentShown]:
    """Return a page of what is enrolled in a leader's activities (or one of them), newest first."""
    return _page(
        "a.leader_id = %(who)s",
        who=leader_id,
        activity_no=activity_no,
        states=states,
        before_id=before_id,
        limit=limit,
    )


def requests_of_leader(*, leader_id: int, limit: int = 50) -> list[EnrolmentShown]:
    """Return what waits for a leader's decision: applications and cancels, the oldest enrolment first."""
    return _enrolments(
        "WHERE a.leader_id = %s AND (e.state = 'applied' OR (e.state = 'active' AND c.state = 'open'))"
        " ORDER BY e.id LIMIT %s",
        [leader_id, min(limit, MOST)],
    )


def requests_of_merchant(*, merchant_id: int, now: datetime, limit: int = 50) -> list[EnrolmentShown]:
    """Return the extensions that wait for a shop's answer and can still be answered at `now`, the oldest first."""
    return _enrolments(
        "WHERE e.merchant_id = %s AND e.state = 'active' AND e.ends_at > %s AND x.state = 'open' AND x.asked_at >= %s"
        " ORDER BY x.asked_at, e.id LIMIT %s",
        [merchant_id, now, exact_days(now, -ANSWER_DAYS), min(limit, MOST)],
    )


def running_for_promoter(
    *, promoter_id: int, now: datetime, activity_no: str = "", before_id: int | None = None, limit: int = 20
) -> list[EnrolmentShown]:
    """Return a page of what a promoter can make led material for at `now`, newest first: products of ordinary
    activities, and of exclusive ones that name the promoter."""
    return _enrolments(
        """
        WHERE e.state = 'active' AND e.starts_at <= %(now)s AND e.ends_at > %(now)s AND a.state = 'published'
          AND (%(activity)s = '' OR a.no = %(activity)s) AND (%(before)s::bigint IS NULL OR e.id < %(before)s)
          AND (a.kind = 'ordinary' OR EXISTS (SELECT 1 FROM cooperation_activity_promoter p
                                              WHERE p.activity_id = a.id AND p.promoter_id = %(promoter)s))
        ORDER BY e.id DESC LIMIT %(limit)s
        """,
        {
            "now": now,
            "activity": activity_no,
            "before": before_id,
            "promoter": promoter_id,
            "limit": min(limit, MOST),
        },
    )


def contact_of_enrolment(*, no: str, promoter: bool, now: datetime) -> str:
    """Return how an enrolment's shop is reached, for its leader, or for a promoter of the activity where the shop
    agreed to that and the cooperation is running; empty where it isn't for them, or nothing was said.

    Raises:
        NotFound: there is no such enrolment.
    """
    found = rows.query(
        "SELECT contact, shown_to, state = 'active' AND ends_at > %s FROM cooperation_enrolment WHERE no = %s",
        [now, no],
    )
    if not found:
        raise NotFound
    [(sealed, shown_to, running)] = found
    hidden = promoter and not (running and shown_to == ShownTo.LEADER_AND_PROMOTERS.value)
    if sealed is None or hidden:
        return ""
    return crypto.open_sealed(bytes(sealed), place=contact_place(no), keys=settings.FIELD_KEYS)


def _page(
    whose: str,
    *,
    who: int,
    activity_no: str,
    states: Collection[EnrolmentState],
    before_id: int | None,
    limit: int,
) -> list[EnrolmentShown]:
    return _enrolments(
        f"WHERE {whose} AND (%(activity)s = '' OR a.no = %(activity)s) AND e.state = ANY(%(states)s)"
        " AND (%(before)s::bigint IS NULL OR e.id < %(before)s) ORDER BY e.id DESC LIMIT %(limit)s",
        {
            "who": who,
            "activity": activity_no,
            "states": [state.value for state in states or EnrolmentState],
            "before": before_id,
            "limit": min(limit, MOST),
        },
    )


def _one(where: str, params: Sequence[object]) -> EnrolmentShown:
    found = _enrolments(where, params)
    if not found:
        raise NotFound
    return found[0]


def _enrolments(where: str, params: Any) -> list[EnrolmentShown]:
    return [_shown(row) for row in rows.query(f"{_ENROLMENT} {where}", params)]


def _shown(row: tuple[Any, ...]) -> EnrolmentShown:
    asked, gross, base, cancel, decided = row[22:27]
    wished, old, new, extension, answered = row[27:32]
    return EnrolmentShown(
        *row[:13],
        ShownTo(row[13]),
        EnrolmentState(row[14]),
        *row[15:18],
        EndCause(row[18]) if row[18] else None,
        *row[19:22],
        cancel=CancelShown(asked, gross, base, CancelState(cancel), decided) if cancel else None,
        extension=ExtensionShown(wished, old, new, ExtensionState(extension), answered) if extension else None,
    )
