"""Reads of points: what a buyer may spend, what ends when, the history. Always from the buyer."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tuike.db import rows
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.marketing import rules
from tuike.marketing.types.points import PointsMoveKind, PointsMoveShown, PointsRule, PointsStanding
from tuike.settings import service as settings

SOON = timedelta(days=30)
"""What ends within this is shown as ending."""


def points_of(buyer_id: int, *, now: datetime) -> int:
    """Return how many points a buyer may spend now; what has ended isn't among them."""
    return int(
        rows.query(
            "SELECT coalesce(sum(points_left), 0) FROM marketing_points_lot"
            " WHERE buyer_id = %s AND points_left > 0 AND expires_at > %s",
            [buyer_id, now],
        )[0][0]
    )


EARNING = ("points_by_count", "points_per_yuan", "points_per_order", "points_days")
"""The settings by which points are earned."""


def points_to_earn(*, paid_fen: int, said: Mapping[str, int] | None = None) -> int:
    """Return what an order for which `paid_fen` is paid earns as rules stand, before a level's multiplier; `said` are
    settings that the caller has read, `EARNING` among them."""
    said = said or settings.read(EARNING)
    rule = PointsRule(
        by_count=said["points_by_count"] == 1,
        per_yuan=said["points_per_yuan"],
        per_order=said["points_per_order"],
        days=said["points_days"],
    )
    return rules.earned_points(paid_fen, rule, 10_000)


def points_standing(buyer_id: int, *, now: datetime) -> PointsStanding:
    """Return what a buyer may spend, how much of it ends within 30 days and when the first of it does, and the debt."""
    points, expiring, first = rows.query(
        "SELECT coalesce(sum(points_left), 0), coalesce(sum(points_left) FILTER (WHERE expires_at <= %s), 0),"
        " min(expires_at) FILTER (WHERE expires_at <= %s)"
        " FROM marketing_points_lot WHERE buyer_id = %s AND points_left > 0 AND expires_at > %s",
        [now + SOON, now + SOON, buyer_id, now],
    )[0]
    owed = chart.buyer(buyer_id, "points_owed")
    return PointsStanding(int(points), int(expiring), first, -ledger.balances(refs=[owed])[owed.path])


def points_history(*, buyer_id: int, before: int | None = None, limit: int = 20) -> list[PointsMoveShown]:
    """Return a page of a buyer's history of points, newest first, after the row `before`."""
    found = rows.query(
        "SELECT id, kind, source, points, at FROM marketing_points_move"
        " WHERE buyer_id = %s AND (%s::bigint IS NULL OR id < %s) ORDER BY id DESC LIMIT %s",
        [buyer_id, before, before, limit],
    )
    return [PointsMoveShown(row[0], PointsMoveKind(row[1]), *row[2:]) for row in found]
