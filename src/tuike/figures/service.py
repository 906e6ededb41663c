"""What has to be counted anew, and counting it. Every count is set-based, bounded, and the same when repeated.

Clicks are only ever added, so they are counted as they come, up to a moment ago, and each day once more as a whole when
it is over: a click that was written late is in it then.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from django.db import transaction

from tuike.attribution.types import Kind
from tuike.commission.types import AccrualState, Role
from tuike.db import rows
from tuike.kit import days

STEP = 500
"""Merchants of one day that are counted in one step."""
LATE = timedelta(seconds=30)
"""How long after its instant a click may be written and still be counted with its fellows."""
_MEASURES = (
    "orders",
    "promoted_orders",
    "all_orders",
    "paid_fen",
    "refunded_fen",
    "estimated_fen",
    "settled_fen",
)
_OWN_ROLES = tuple(role.value for role in (Role.DIRECT, Role.SELF, Role.BONUS))
_DAY = "(s.paid_at AT TIME ZONE 'Asia/Shanghai')::date"


def mark_orders(*, order_nos: Iterable[str]) -> int:
    """Note that the days on which these orders were paid have to be counted anew; return how many notes are new."""
    return rows.run(
        f"INSERT INTO figures_stale (merchant_id, day) SELECT DISTINCT s.merchant_id, {_DAY} FROM commission_sale s"
        " WHERE s.order_no = ANY(%s) ON CONFLICT DO NOTHING",
        [sorted(set(order_nos))],
    )


def mark_batches(*, batch_ids: Iterable[int]) -> int:
    """Note the days of everything that these batches settled: lines with them, and reviewed shares that came late."""
    return rows.run(
        f"""
        INSERT INTO figures_stale (merchant_id, day)
        SELECT DISTINCT s.merchant_id, {_DAY} FROM commission_sale s WHERE s.matured_batch_id = ANY(%(ids)s)
        UNION SELECT DISTINCT s.merchant_id, {_DAY} FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
            WHERE a.review <> 'clear' AND a.batch_id = ANY(%(ids)s)
        ON CONFLICT DO NOTHING
        """,
        {"ids": sorted(set(batch_ids))},
    )


def mark_everything() -> int:
    """Note every day of every merchant, and let clicks be counted from the first one on: everything is counted anew."""
    rows.run("DELETE FROM figures_day")
    rows.run("DELETE FROM figures_sum")
    rows.run("DELETE FROM figures_clicks")
    return rows.run(
        f"INSERT INTO figures_stale (merchant_id, day) SELECT DISTINCT s.merchant_id, {_DAY} FROM commission_sale s"
        " ON CONFLICT DO NOTHING"
    )


@transaction.atomic
def work_off() -> int:
    """Count the oldest day that waits anew, for up to 500 of its merchants; return how many those were.

    A note that is taken and what it leads to commit together: whoever changes a sale meanwhile notes it again.
    """
    taken = rows.query(
        """
        DELETE FROM figures_stale WHERE id IN (
            SELECT id FROM figures_stale WHERE day = (SELECT min(day) FROM figures_stale)
            ORDER BY merchant_id LIMIT %s FOR UPDATE
        ) RETURNING merchant_id, day
        """,
        [STEP],
    )
    if taken:
        merchants, day = sorted(merchant for merchant, _ in taken), taken[0][1]
        _count_sales(merchants, day)
        _sum_up(merchants, day)
    return len(taken)


def _count_sales(merchants: list[int], day: date) -> None:
    """Count what was sold on a day by some merchants; rows that stand as they were aren't written."""
    names = ", ".join(_MEASURES)
    values = ", ".join(f"sum({one})" for one in _MEASURES)
    excluded = ", ".join(f"excluded.{one}" for one in _MEASURES)
    rows.run(
        f"""
        WITH sold AS MATERIALIZED (
            SELECT s.id, s.merchant_id, s.order_no, coalesce(s.product_id, 0) AS product_id, s.paid_fen, s.refunded_fen,
                coalesce(c.promoter_id, 0) AS promoter_id, CASE WHEN c.promoter_id > 0 THEN coalesce(c.place_id, 0)
                ELSE 0 END AS place_id
            FROM commission_sale s LEFT JOIN attribution_claim c ON c.id = s.id AND c.kind <> %(none)s
            WHERE s.kind = 'goods' AND s.merchant_id = ANY(%(merchants)s)
                AND s.paid_at >= %(begin)s AND s.paid_at < %(end)s
        ), numbered AS (
            SELECT *, row_number() OVER (PARTITION BY order_no, promoter_id ORDER BY id) AS of_promoter,
                row_number() OVER (PARTITION BY order_no, promoter_id > 0 ORDER BY id) AS of_claimed,
                row_number() OVER (PARTITION BY order_no ORDER BY id) AS of_order
            FROM sold
        ), parts AS (
            SELECT merchant_id, promoter_id, place_id, product_id, (promoter_id > 0 AND of_promoter = 1)::int AS orders,
                (promoter_id > 0 AND of_claimed = 1)::int AS promoted_orders, (of_order = 1)::int AS all_orders,
                paid_fen, refunded_fen, 0::bigint AS estimated_fen, 0::bigint AS settled_fen
            FROM numbered
            UNION ALL
            SELECT s.merchant_id, CASE a.payee_kind WHEN 'promoter' THEN a.payee_id ELSE 0 END,
                CASE WHEN a.payee_kind = 'promoter' AND a.role = ANY(%(own)s) THEN s.place_id ELSE 0 END, s.product_id,
                0, 0, 0, 0, 0, CASE WHEN a.state = %(cancelled)s THEN 0 ELSE a.amount_fen END,
                CASE WHEN a.state = %(settled)s THEN a.amount_fen ELSE 0 END
            FROM sold s JOIN commission_accrual a ON a.sale_id = s.id
        )
        INSERT INTO figures_day AS f (day, merchant_id, promoter_id, place_id, product_id, shares, clicks,
            visitors, {names})
        SELECT %(day)s, merchant_id, promoter_id, place_id, product_id, 0, 0, 0, {values} FROM parts GROUP BY 2, 3, 4, 5
        ON CONFLICT (merchant_id, day, promoter_id, place_id, product_id)
        DO UPDATE SET ({names}) = ROW({excluded})
        WHERE ({", ".join(f"f.{one}" for one in _MEASURES)}) IS DISTINCT FROM ({excluded})
        """,
        {
            "merchants": merchants,
            "day": day,
            "begin": days.start_of(day),
            "end": days.start_of(day + timedelta(days=1)),
            "own": list(_OWN_ROLES),
            "none": Kind.NONE.value,
            "cancelled": AccrualState.CANCELLED.value,
            "settled": AccrualState.SETTLED.value,
        },
    )


_SUMS = (
    "clicks",
    "orders",
    "all_orders",
    "paid_fen",
    "refunded_fen",
    "all_paid_fen",
    "estimated_fen",
    "settled_fen",
)
_MERCHANTS = """
    SELECT 'merchant', merchant_id, day, sum(clicks), sum(promoted_orders), sum(all_orders),
        coalesce(sum(paid_fen) FILTER (WHERE promoter_id > 0), 0),
        coalesce(sum(refunded_fen) FILTER (WHERE promoter_id > 0), 0), sum(paid_fen), sum(estimated_fen),
        sum(settled_fen)
    FROM figures_day WHERE day = %(day)s AND merchant_id = ANY(%(merchants)s) GROUP BY merchant_id, day
"""
_PROMOTERS = """
    SELECT 'promoter', promoter_id, day, sum(clicks), sum(orders), sum(orders), sum(paid_fen), sum(refunded_fen),
        sum(paid_fen), sum(estimated_fen), sum(settled_fen)
    FROM figures_day WHERE day = %(day)s AND promoter_id IN (
        SELECT promoter_id FROM figures_day WHERE day = %(day)s AND merchant_id = ANY(%(merchants)s) AND promoter_id > 0
    ) GROUP BY promoter_id, day
"""
_ALL = """
    SELECT 'all', 0, day, sum(clicks), sum(orders), sum(all_orders), sum(paid_fen), sum(refunded_fen),
        sum(all_paid_fen), sum(estimated_fen), sum(settled_fen)
    FROM figures_sum WHERE kind = 'merchant' AND day = %(day)s GROUP BY day
"""


def _sum_up(merchants: list[int], day: date) -> None:
    """Sum a day up for these merchants, for the promoters with rows of theirs, and for all."""
    names, excluded = ", ".join(_SUMS), ", ".join(f"excluded.{one}" for one in _SUMS)
    stored = ", ".join(f"f.{one}" for one in _SUMS)
    for select in (_MERCHANTS, _PROMOTERS, _ALL):
        rows.run(
            f"""
            INSERT INTO figures_sum AS f (kind, owner_id, day, {names}) {select}
            ON CONFLICT (kind, owner_id, day) DO UPDATE SET ({names}) = ROW({excluded})
            WHERE ({stored}) IS DISTINCT FROM ({excluded})
            """,
            {"merchants": merchants, "day": day},
        )


_SOURCES = {
    "clicks": """
        SELECT (k.at AT TIME ZONE 'Asia/Shanghai')::date AS day, k.merchant_id, k.promoter_id, l.place_id,
            coalesce(l.product_id, 0) AS product_id, 0 AS shares, count(*) AS clicks,
            count(DISTINCT k.visitor) AS visitors
        FROM attribution_click k JOIN attribution_link l ON l.id = k.link_id
        WHERE k.at >= %(begin)s AND k.at < %(end)s GROUP BY 1, 2, 3, 4, 5
    """,
    "shares": """
        SELECT (s.at AT TIME ZONE 'Asia/Shanghai')::date AS day, s.merchant_id, s.promoter_id, s.place_id,
            coalesce(s.product_id, 0) AS product_id, count(*) AS shares, 0 AS clicks, 0 AS visitors
        FROM attribution_share s WHERE s.at >= %(begin)s AND s.at < %(end)s GROUP BY 1, 2, 3, 4, 5
    """,
}
_WHOLE = {
    "clicks": "clicks = excluded.clicks, visitors = excluded.visitors",
    "shares": "shares = excluded.shares",
}
_MORE = {"clicks": "clicks = f.clicks + excluded.clicks", "shares": "shares = f.shares + excluded.shares"}
"""Visitors of a day don't add up from its parts: they are counted when it is over."""


@transaction.atomic
def count_clicks(*, now: datetime) -> int:
    """Count clicks and shares since the last count, up to half a minute ago; days that are over once more as a whole.

    Returns how many rows they went to.
    """
    until = now - LATE
    held = rows.query("SELECT until, whole_until FROM figures_clicks WHERE id = 1 FOR UPDATE")
    if held:
        begin, whole = held[0]
    else:
        first = rows.query(
            "SELECT least((SELECT min(at) FROM attribution_click), (SELECT min(at) FROM attribution_share))"
        )[0][0]
        begin = days.start_of(days.day_of(first or until))
        whole = days.day_of(begin) - timedelta(days=1)
        rows.run("INSERT INTO figures_clicks (id, until, whole_until) VALUES (1, %s, %s)", [begin, whole])
    if until <= begin:
        return 0
    over = days.day_of(until) - timedelta(days=1)
    touched: set[tuple[date, int]] = set()
    if over > whole:
        # The days that ended since: as a whole, instead of what was added up to them.
        end = days.start_of(over + timedelta(days=1))
        touched |= _count(days.start_of(whole + timedelta(days=1)), end, _WHOLE)
        begin, whole = max(begin, end), over
    touched |= _count(begin, until, _MORE)
    rows.run("UPDATE figures_clicks SET until = %s, whole_until = %s WHERE id = 1", [until, whole])
    for day in sorted({day for day, _ in touched}):
        _sum_up(sorted({merchant for at, merchant in touched if at == day}), day)
    return len(touched)


def _count(begin: datetime, end: datetime, change: dict[str, str]) -> set[tuple[date, int]]:
    touched: set[tuple[date, int]] = set()
    for name, counted in _SOURCES.items():
        visitors = "c.visitors" if change is _WHOLE else "0"
        touched |= set(
            rows.query(
                f"""
                INSERT INTO figures_day AS f (day, merchant_id, promoter_id, place_id, product_id, shares, clicks,
                    visitors, orders, promoted_orders, all_orders, paid_fen, refunded_fen, estimated_fen, settled_fen)
                SELECT c.day, c.merchant_id, c.promoter_id, c.place_id, c.product_id, c.shares, c.clicks, {visitors},
                    0, 0, 0, 0, 0, 0, 0
                FROM ({counted}) c
                ON CONFLICT (merchant_id, day, promoter_id, place_id, product_id) DO UPDATE SET {change[name]}
                RETURNING day, merchant_id
                """,
                {"begin": begin, "end": end},
            )
        )
    return touched
