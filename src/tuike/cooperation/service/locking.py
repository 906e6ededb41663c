"""Enrolments taken under lock and brought up to their clock, before a verb looks at them."""

from collections.abc import Sequence
from datetime import datetime

from tuike.cooperation import queries
from tuike.cooperation.service import timers
from tuike.cooperation.types import EnrolmentShown
from tuike.db import rows
from tuike.kit.errors import NotFound


def locked(
    *, nos: Sequence[str], now: datetime, merchant_id: int | None = None, leader_id: int | None = None
) -> list[EnrolmentShown]:
    """Return enrolments of a shop, or in a leader's activities, locked in id order and as they stand by the clock.

    What ran out meanwhile has run out, whether or not the job came by: an extension has lapsed, a period ended.

    Raises:
        NotFound: one that isn't theirs.
    """
    found = rows.query(
        "SELECT e.id FROM cooperation_enrolment e JOIN cooperation_activity a ON a.id = e.activity_id"
        " WHERE e.no = ANY(%(nos)s) AND (%(merchant)s::bigint IS NULL OR e.merchant_id = %(merchant)s)"
        " AND (%(leader)s::bigint IS NULL OR a.leader_id = %(leader)s) ORDER BY e.id FOR NO KEY UPDATE OF e",
        {"nos": sorted(set(nos)), "merchant": merchant_id, "leader": leader_id},
    )
    ids = [id_ for (id_,) in found]
    if not ids or len(ids) < len(set(nos)):
        raise NotFound
    timers.settle(ids, now)
    shown = queries.enrolments_by_id(ids)
    return [shown[id_] for id_ in ids]
