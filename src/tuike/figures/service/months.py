"""Promoters' months and their cohorts, of all, of merchants and of leaders. Both follow what moved."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

from tuike.db import rows
from tuike.figures.service.sources import KEYS
from tuike.figures.service.writing import MEASURES, Moved
from tuike.figures.types import Owner

_COHORTS = """
    SELECT kind, owner_id, joined, month, {sign}count(*), {sign}sum(paid_fen)::bigint FROM (
        SELECT m.kind, m.owner_id, m.month, m.paid_fen,
            min(m.month) OVER (PARTITION BY m.kind, m.owner_id, m.promoter_id) AS joined
        FROM {months} WHERE m.orders + m.paid_fen > 0
    ) AS monthly GROUP BY 1, 2, 3, 4
"""


def keep_months() -> None:
    """Sum all promoters' months up anew, and their cohorts."""
    rows.run("DELETE FROM figures_month")
    rows.run("DELETE FROM figures_cohort")
    rows.run(
        """
        WITH monthly AS MATERIALIZED (
            SELECT merchant_id, leader_id, promoter_id, date_trunc('month', day)::date AS month, sum(orders) AS orders,
                sum(led_orders) AS led_orders, sum(paid_fen) AS paid_fen
            FROM figures_day WHERE promoter_id > 0 AND orders + led_orders + paid_fen > 0 GROUP BY 1, 2, 3, 4
        ), counted AS (
            SELECT 'merchant' AS kind, merchant_id AS owner_id, promoter_id, month, sum(orders)::bigint AS orders,
                sum(paid_fen)::bigint AS paid_fen
            FROM monthly GROUP BY 2, 3, 4
            UNION ALL
            SELECT 'leader', leader_id, promoter_id, month, sum(led_orders)::bigint, sum(paid_fen)::bigint
            FROM monthly WHERE leader_id > 0 GROUP BY 2, 3, 4
            UNION ALL
            SELECT 'all', 0, promoter_id, month, sum(orders)::bigint, sum(paid_fen)::bigint
            FROM monthly GROUP BY 3, 4
        )
        INSERT INTO figures_month (kind, owner_id, promoter_id, month, orders, paid_fen)
        SELECT * FROM counted WHERE orders + paid_fen > 0
        """
    )
    rows.run(
        "INSERT INTO figures_cohort (kind, owner_id, joined, month, promoters, paid_fen)"
        + _COHORTS.format(sign="", months="figures_month m")
    )


def follow_months(*, moved: Iterable[Moved]) -> None:
    """Bring promoters' months up to rows that moved, and the cohorts of those promoters."""
    places = {name: number for number, name in enumerate((*KEYS, *MEASURES))}
    changes: dict[tuple[str, int, int, date], list[int]] = defaultdict(lambda: [0, 0])
    for one in moved:
        promoter_id, paid_fen = one[places["promoter_id"]], one[places["paid_fen"]]
        if not promoter_id:
            continue
        month = one[0] - timedelta(days=one[0].day - 1)
        for owner, owner_id, orders in (
            (Owner.ALL, 0, one[places["orders"]]),
            (Owner.MERCHANT, one[places["merchant_id"]], one[places["orders"]]),
            (Owner.LEADER, one[places["leader_id"]], one[places["led_orders"]]),
        ):
            if (orders or paid_fen) and (owner_id or owner is Owner.ALL):
                change = changes[owner.value, owner_id, promoter_id, month]
                change[0] += orders
                change[1] += paid_fen
    if not changes:
        return
    whose = sorted({key[:3] for key in changes})
    _count_cohorts(whose, "-")
    rows.insert(
        "figures_month AS f",
        {"kind": "text", "owner_id": "bigint", "promoter_id": "bigint", "month": "date"}
        | dict.fromkeys(("orders", "paid_fen"), "bigint"),
        [(*key, *change) for key, change in sorted(changes.items())],
        suffix="ON CONFLICT (kind, owner_id, promoter_id, month) DO UPDATE SET orders = f.orders + excluded.orders,"
        " paid_fen = f.paid_fen + excluded.paid_fen",
    )
    _count_cohorts(whose, "")
    rows.run("DELETE FROM figures_cohort WHERE promoters = 0")


def _count_cohorts(whose: Iterable[tuple[str, int, int]], sign: str) -> None:
    """Add the months of promoters of owners to their cohorts as they stand, or take them out of them."""
    rows.run(
        "INSERT INTO figures_cohort AS f (kind, owner_id, joined, month, promoters, paid_fen)"
        + _COHORTS.format(
            sign=sign,
            months="unnest(%s::text[], %s::bigint[], %s::bigint[]) AS t (kind, owner_id, promoter_id)"
            " JOIN figures_month m USING (kind, owner_id, promoter_id)",
        )
        + " ON CONFLICT (kind, owner_id, joined, month) DO UPDATE SET promoters = f.promoters + excluded.promoters,"
        " paid_fen = f.paid_fen + excluded.paid_fen",
        [list(column) for column in zip(*whose, strict=True)],
    )
