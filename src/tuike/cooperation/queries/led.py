"""Which enrolment leads a product of an activity, for those who claim orders and make material."""

from collections.abc import Iterable
from datetime import datetime

from tuike.cooperation.types import Led, NotForThisPromoter, NotInActivity
from tuike.db import rows
from tuike.kit.errors import NotFound

_LED = """
    SELECT DISTINCT ON (a.no, e.product_id) a.no, e.product_id, e.id, a.leader_id, e.rate_bps, e.service_bps
    FROM unnest(%(nos)s::text[], %(products)s::bigint[]) AS w (no, product_id)
    JOIN cooperation_activity a ON a.no = w.no
    JOIN cooperation_enrolment e ON e.activity_id = a.id AND e.product_id = w.product_id
    WHERE e.state IN ('active', 'ended') AND e.decided_at <= %(at)s AND e.starts_at <= %(at)s AND e.ends_at > %(at)s
      AND (e.ended_at IS NULL OR e.ended_at > %(at)s)
    ORDER BY a.no, e.product_id, e.id DESC
"""


def led(pairs: Iterable[tuple[str, int]], *, at: datetime) -> dict[tuple[str, int], Led]:
    """Return by (activity's number, product) the enrolment in force at `at`; pairs without one are missing.

    In force: passed by then, from its start until before its end, or until before it was ended (docs/rules.md §9).
    """
    wanted = sorted(set(pairs))
    if not wanted:
        return {}
    ask = rows.planned if len(wanted) < rows.FEW else rows.query
    found = ask(_LED, {"nos": [no for no, _ in wanted], "products": [one for _, one in wanted], "at": at})
    return {
        (no, product_id): Led(enrolment_id, leader_id, no, rate_bps, service_bps)
        for no, product_id, enrolment_id, leader_id, rate_bps, service_bps in found
    }


def enrolment_for_material(*, activity_no: str, product_id: int, promoter_id: int, now: datetime) -> Led:
    """Return the enrolment that a promoter's material for a product of an activity is led by.

    Raises:
        NotFound: there is no such activity. NotForThisPromoter: an exclusive one, open to others.
        NotInActivity: the product isn't in it, or no longer.
    """
    found = rows.query(
        "SELECT a.kind = 'exclusive' AND NOT EXISTS (SELECT 1 FROM cooperation_activity_promoter p"
        " WHERE p.activity_id = a.id AND p.promoter_id = %s)"
        " FROM cooperation_activity a WHERE a.no = %s AND a.state IN ('published', 'closed')",
        [promoter_id, activity_no],
    )
    if not found:
        raise NotFound
    if found[0][0]:
        raise NotForThisPromoter
    one = led([(activity_no, product_id)], at=now).get((activity_no, product_id))
    if one is None:
        raise NotInActivity
    return one
