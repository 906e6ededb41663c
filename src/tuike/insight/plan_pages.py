"""A shop's targeted plans by position."""

from datetime import datetime

from tuike.db import rows
from tuike.plans import queries as plans
from tuike.plans.types import TargetedPlanShown


def plan_page(
    *, merchant_id: int, running: bool | None, start: int, limit: int, now: datetime
) -> tuple[list[TargetedPlanShown], int]:
    """Return a page of a shop's plans, newest first, and how many there are; `running`: only those that are not over at
    `now`, or only those that are."""
    where = (
        "merchant_id = %(merchant)s AND"
        " (%(running)s::bool IS NULL OR %(running)s::bool = (least(ends_at, stopped_at) > %(now)s))"
    )
    params = {"merchant": merchant_id, "running": running, "now": now, "start": start, "limit": limit}
    page = f"SELECT id FROM plans_targeted WHERE {where} ORDER BY id DESC OFFSET %(start)s LIMIT %(limit)s"
    ids = [id_ for (id_,) in rows.query(page, params)]
    total = rows.query(f"SELECT count(*) FROM plans_targeted WHERE {where}", params)[0][0]
    return plans.plans_by_id(ids), total
