"""What waits in leaders' activities for a leader and for a shop, and what is due when."""

from dataclasses import dataclass
from datetime import datetime

from tuike.db import rows

SOON_DAYS = 14
"""Ends that many days ahead are shown."""
MOST = 6


@dataclass(frozen=True, slots=True)
class LeaderContract:
    """How many applications and cancels wait for a leader, how many cooperations run and activities take products."""

    applied: int
    cancels: int
    running: int
    activities: int


@dataclass(frozen=True, slots=True)
class Due:
    """Something that comes by itself: a cooperation's end, or the last instant for the shop's answer (`answer`)."""

    no: str
    product: str
    at: datetime
    answer: bool


def of_leader(*, leader_id: int, now: datetime) -> LeaderContract:
    """Return what waits for a leader."""
    found = rows.planned(
        """
        SELECT count(*) FILTER (WHERE e.state = 'applied'),
            count(*) FILTER (WHERE e.state = 'active' AND EXISTS (
                SELECT FROM cooperation_cancel c WHERE c.enrolment_id = e.id AND c.state = 'open')),
            count(*) FILTER (WHERE e.state = 'active'),
            (SELECT count(*) FROM cooperation_activity a
             WHERE a.leader_id = %(id)s AND a.state = 'published' AND a.ends_at > %(now)s)
        FROM cooperation_enrolment e JOIN cooperation_activity v ON v.id = e.activity_id
        WHERE v.leader_id = %(id)s AND e.state IN ('applied', 'active') AND e.ends_at > %(now)s
        """,
        {"id": leader_id, "now": now},
    )
    return LeaderContract(*found[0])


def to_answer(*, merchant_id: int, now: datetime) -> int:
    """Return how many wishes for longer a shop can still answer."""
    found = rows.planned(
        """
        SELECT count(*) FROM cooperation_enrolment e JOIN cooperation_extension x ON x.enrolment_id = e.id
        WHERE e.merchant_id = %(id)s AND e.state = 'active' AND e.ends_at > %(now)s AND x.state = 'open'
            AND x.asked_at + interval '259200 s' >= %(now)s
        """,
        {"id": merchant_id, "now": now},
    )
    return found[0][0]


def due(*, leader_id: int, now: datetime) -> list[Due]:
    """Return what comes next in a leader's cooperations, the nearest first."""
    found = rows.planned(
        """
        WITH running AS (
            SELECT e.id, e.no, e.ends_at, p.title FROM cooperation_enrolment e
            JOIN cooperation_activity v ON v.id = e.activity_id JOIN catalog_product p ON p.id = e.product_id
            WHERE v.leader_id = %(id)s AND e.state = 'active' AND e.ends_at > %(now)s
        )
        SELECT r.no, r.title, r.ends_at AS at, false FROM running r
        WHERE r.ends_at <= %(now)s::timestamptz + make_interval(days => %(days)s::int)
        UNION ALL
        SELECT r.no, r.title, x.asked_at + interval '259200 s', true FROM running r
        JOIN cooperation_extension x ON x.enrolment_id = r.id AND x.state = 'open'
        WHERE x.asked_at + interval '259200 s' >= %(now)s
        ORDER BY at, no LIMIT %(most)s
        """,
        {"id": leader_id, "now": now, "days": SOON_DAYS, "most": MOST},
    )
    return [Due(*row) for row in found]
