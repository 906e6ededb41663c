"""What a review rule would have held: its conditions asked of the commission of the last 90 days.

Grades, velocity and the promoter's days are those of then; refund rates are counted as the days' figures stand now;
an order's risk score is the highest that it ever had.
The rule is asked alone: what others would have decided before it isn't taken off.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tuike.db import rows
from tuike.kit.days import day_of
from tuike.review.types import REFUND_RATE_DAYS, REFUND_RATE_ORDERS, Condition, Conditions, Feature

DAYS = 90
SHOWN = 20

_PROMOTER = "(s.terms->>'promoter_id')::bigint"
_LINES = (
    "(SELECT count(*) FROM commission_accrual v WHERE v.payee_kind = 'promoter' AND v.payee_id = "
    + _PROMOTER
    + " AND v.role IN ('direct', 'self') AND v.accrued_at BETWEEN a.accrued_at - interval '{}' AND a.accrued_at)"
)
_REFUND_RATE = f"""
    (SELECT CASE WHEN sum(f.orders) >= {REFUND_RATE_ORDERS} AND sum(f.paid_fen) > 0
        THEN div(sum(f.refunded_fen)::numeric * 10000, sum(f.paid_fen)::numeric) END
     FROM figures_sum f WHERE f.kind = 'promoter' AND f.owner_id = {_PROMOTER}
        AND f.day < (a.accrued_at AT TIME ZONE 'Asia/Shanghai')::date
        AND f.day >= (a.accrued_at AT TIME ZONE 'Asia/Shanghai')::date - {REFUND_RATE_DAYS})
"""
_AGE = (
    "(SELECT greatest(floor(extract(epoch FROM a.accrued_at - p.certified_at) / 86400), 0) FROM parties_party p"
    f" WHERE p.id = {_PROMOTER})"
)
_GRADE = (
    "coalesce((SELECT g.grade_id FROM plans_rate g WHERE g.lookup = 'grade:' || (s.terms->>'promoter_id')"
    " AND g.layer = 'grade' AND g.grade_id IS NOT NULL AND g.valid @> a.accrued_at), 0)::text"
)
_MEASURED = {
    Feature.COMMISSION: "a.first_fen",
    Feature.PAID: "s.paid_fen",
    Feature.AGE: _AGE,
    Feature.REFUND_RATE: _REFUND_RATE,
    Feature.LINES_HOUR: _LINES.format("1 hour"),
    Feature.LINES_DAY: _LINES.format("1 day"),
    Feature.SCORE: "(SELECT r.highest FROM scoring_score r WHERE r.order_no = s.order_no)",
}
_LISTED = {
    Feature.ROLE: "a.role = ANY({})",
    Feature.SOURCE: "s.source = ANY({})",
    Feature.GRADE: _GRADE + " = ANY({})",
    Feature.CATEGORY: "EXISTS (SELECT 1 FROM catalog_product t JOIN catalog_category c ON c.id = t.category_id"
    " WHERE t.id = s.product_id AND c.path && {}::bigint[])",
}
_FROM = """
    FROM commission_sale s JOIN commission_accrual a ON a.sale_id = s.id
    WHERE s.paid_at >= %(since)s AND s.paid_at < %(until)s AND s.kind = 'goods' AND a.role <> 'platform'
        AND (%(merchant)s::bigint IS NULL OR s.merchant_id = %(merchant)s) AND {}
"""


@dataclass(frozen=True, slots=True)
class Matched:
    """An accrual that the rule would have held: how it stands today."""

    accrual_id: int
    order_no: str
    promoter_no: str
    promoter: str
    role: str
    first_fen: int
    amount_fen: int
    state: str
    accrued_at: datetime


@dataclass(frozen=True, slots=True)
class DryRun:
    """How many accruals, of how many orders and promoters, for how many fen; what of them was refunded or clawed back
    since; of how many in all; by day; and the latest."""

    since: date
    accruals: int
    orders: int
    promoters: int
    amount_fen: int
    lost_fen: int
    all_accruals: int
    all_fen: int
    by_day: Mapping[date, int]
    latest: tuple[Matched, ...]


def dry_run(conditions: Conditions, *, merchant_id: int | None, now: datetime) -> DryRun:
    """Return what a rule of these conditions would have held of the last 90 × 86,400 s of a shop, or of all."""
    params: dict[str, Any] = {"since": now - timedelta(days=DAYS), "until": now, "merchant": merchant_id}
    held = " AND ".join(_asked(feature, one, params) for feature, one in conditions.items())
    # One reading of the rows: a row for each day, and one (without a day) for all of them.
    summed = rows.query(
        "SELECT (s.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*), count(DISTINCT s.order_no),"
        f" count(DISTINCT {_PROMOTER}), coalesce(sum(a.first_fen), 0)::bigint,"
        " coalesce(sum(a.first_fen - a.amount_fen), 0)::bigint"
        + _FROM.format(held)
        + "GROUP BY GROUPING SETS ((1), ())",
        params,
    )
    by_day = {day: fen for day, _, _, _, fen, _ in summed if day is not None}
    totals = next(counts for day, *counts in summed if day is None)
    every = rows.query("SELECT count(*), coalesce(sum(a.first_fen), 0)::bigint" + _FROM.format("true"), params)[0]
    latest = rows.query(
        f"SELECT m.*, q.no, q.name FROM (SELECT a.id, s.order_no, {_PROMOTER} AS promoter, a.role, a.first_fen,"
        " a.amount_fen, a.state, a.accrued_at" + _FROM.format(held) + f" ORDER BY a.accrued_at DESC, a.id DESC"
        f" LIMIT {SHOWN}) m LEFT JOIN parties_party q ON q.id = m.promoter ORDER BY m.accrued_at DESC, m.id DESC",
        params,
    )
    return DryRun(
        day_of(params["since"]), *totals, *every, by_day,
        tuple(
            Matched(id_, order_no, no or "", name or "", role, first, left, state, at)
            for id_, order_no, _, role, first, left, state, at, no, name in latest
        ),
    )  # fmt: skip


def _asked(feature: Feature, one: Condition, params: dict[str, Any]) -> str:
    """Return a condition as SQL; its values go into `params`."""
    if feature in _LISTED:
        params[feature.value] = sorted(one.among)
        return "(" + _LISTED[feature].format(f"%({feature.value})s") + ")"
    parts = []
    for sign, value in ((">=", one.least), ("<=", one.most)):
        if value is not None:
            name = f"{feature.value}_{len(parts)}"
            params[name] = value
            parts.append(f"{_MEASURED[feature]} {sign} %({name})s")
    return "(" + " AND ".join(parts) + ")"
