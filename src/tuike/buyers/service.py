"""Counting buyers anew: set-based, from orders, their lines and discounts, and the touches before first orders."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tuike.attribution.types import ShareKind
from tuike.buyers import rules
from tuike.buyers.types import LEAST, WITHIN, Section, Way
from tuike.db import rows
from tuike.kit import days
from tuike.orders.types import COUPON

PIECES, TIMES = (2, 3, 4, 6), (2, 4, 6)
"""Where the next band of pieces in an order, of orders in a quarter, begins (docs/rules.md §14)."""
VALUE_FEN, PRICE_FEN = (5_000, 10_000, 20_000, 50_000, 100_000), (2_000, 5_000, 10_000, 20_000, 50_000)
WAY_DAYS, WAY_TOUCHES = (1, 4, 8, 31), (2, 4, 10)
CLICKED = "30 minutes"
"""How long before a touch the same visitor's click of the short link lies, for the touch to come from it."""
_WAYS = {
    ShareKind.LINK: Way.LINK,
    ShareKind.WORDING: Way.LINK,
    ShareKind.POSTER: Way.POSTER,
    ShareKind.PICTURE: Way.POSTER,
    ShareKind.ZIP: Way.POSTER,
    ShareKind.CODE: Way.POSTER,
    ShareKind.SHARE_CARD: Way.CARD,
}
_HOLDS = ("buyers_first", "buyers_sold", "buyers_enough", "buyers_bought", "buyers_came")

_FIRST = """
    SELECT coalesce(merchant_id, 0) AS owner_id, buyer_id, min(paid_at) AS first_at FROM orders_order
    WHERE paid_at < %(end)s AND buyer_id IS NOT NULL
    GROUP BY GROUPING SETS ((merchant_id, buyer_id), (buyer_id))
"""
_SOLD = """
    WITH paid AS MATERIALIZED (
        SELECT id, merchant_id, buyer_id, placed_at, paid_at, paid_at AT TIME ZONE 'Asia/Shanghai' AS local, city_code
        FROM orders_order WHERE paid_at >= %(begin)s AND paid_at < %(end)s AND buyer_id IS NOT NULL
    ), lined AS (
        SELECT l.order_id, sum(l.quantity) AS pieces, sum(l.paid_fen)::bigint AS paid_fen,
            sum(l.refunded_fen)::bigint AS refunded_fen
        FROM orders_line l JOIN paid p ON p.id = l.order_id GROUP BY 1
    ), saved AS (
        SELECT l.order_id, bool_or(d.kind = %(coupon)s) AS coupon, bool_or(d.points > 0) AS points
        FROM orders_discount d JOIN orders_line l ON l.id = d.line_id JOIN paid p ON p.id = l.order_id GROUP BY 1
    ), orders AS (
        SELECT p.*, n.pieces, n.paid_fen, n.refunded_fen, coalesce(s.coupon, false) AS coupon,
            coalesce(s.points, false) AS points, date_trunc('quarter', p.local)::date AS period
        FROM paid p JOIN lined n ON n.order_id = p.id LEFT JOIN saved s ON s.order_id = p.id
    )
    SELECT o.*, f.owner_id, f.first_at FROM orders o
    JOIN buyers_first f ON f.buyer_id = o.buyer_id AND f.owner_id = o.merchant_id
    UNION ALL SELECT o.*, f.owner_id, f.first_at FROM orders o
    JOIN buyers_first f ON f.buyer_id = o.buyer_id AND f.owner_id = 0
"""
_ENOUGH = """
    SELECT owner_id, period FROM buyers_sold GROUP BY 1, 2 HAVING count(DISTINCT buyer_id) >= %(least)s
"""
_BOUGHT = """
    SELECT owner_id, period, buyer_id, count(*) AS orders, sum(paid_fen)::bigint AS paid_fen,
        sum(refunded_fen)::bigint AS refunded_fen, max(local)::date AS last_day,
        bool_or(paid_at = first_at) AS new
    FROM buyers_sold JOIN buyers_enough USING (owner_id, period) GROUP BY 1, 2, 3
"""
_CAME = f"""
    WITH fresh AS (
        SELECT owner_id, period, buyer_id, min(placed_at) AS placed_at FROM buyers_sold
        JOIN buyers_enough USING (owner_id, period) WHERE paid_at = first_at
        GROUP BY 1, 2, 3
    ), seen AS (
        SELECT f.owner_id, f.buyer_id, t.id, t.link_id, t.visitor, t.touched_at,
            count(*) OVER (PARTITION BY f.owner_id, f.buyer_id) AS touches
        FROM fresh f JOIN attribution_touch t ON t.buyer_id = f.buyer_id AND t.touched_at <= f.placed_at
        JOIN attribution_link l ON l.id = t.link_id AND f.owner_id IN (0, l.merchant_id)
    ), earliest AS (
        SELECT DISTINCT ON (owner_id, buyer_id) * FROM seen ORDER BY owner_id, buyer_id, touched_at, id
    )
    SELECT f.owner_id, f.period, f.buyer_id, e.touches, (f.placed_at AT TIME ZONE 'Asia/Shanghai')::date
        - (e.touched_at AT TIME ZONE 'Asia/Shanghai')::date AS days,
        CASE WHEN e.id IS NULL THEN 'none'
            WHEN e.visitor <> '' AND EXISTS (
                SELECT FROM attribution_click k WHERE k.link_id = e.link_id AND k.visitor = e.visitor
                    AND k.at BETWEEN e.touched_at - interval '{CLICKED}' AND e.touched_at
            ) THEN 'short_link'
            ELSE coalesce((
                SELECT %(ways)s::jsonb ->> s.kind FROM attribution_share s
                WHERE s.link_id = e.link_id AND s.at <= e.touched_at ORDER BY s.at DESC, s.id DESC LIMIT 1
            ), 'other') END AS way
    FROM fresh f LEFT JOIN earliest e ON e.owner_id = f.owner_id AND e.buyer_id = f.buyer_id
"""

_BY_ORDER = {
    Section.PIECES: "width_bucket(pieces::int, %(pieces)s::int[])::text",
    Section.VALUE: "width_bucket(paid_fen, %(value)s::bigint[])::text",
    Section.CITY: "city_code",
    Section.PROVINCE: "CASE city_code WHEN '' THEN '' ELSE left(city_code, 2) || '0000' END",
    Section.HOUR: "to_char(local, 'HH24')",
    Section.WEEKDAY: "to_char(local, 'ID')",
    Section.SAVING: "concat_ws('_', CASE WHEN coupon THEN 'coupon' END, CASE WHEN points THEN 'points' END)",
}
"""Sections whose groups are orders → what tells an order's group."""
_BY_BUYER = {
    Section.TOTAL: "''",
    Section.ARRIVAL: "CASE WHEN new THEN 'new' ELSE 'returning' END",
    Section.TIMES: "width_bucket(orders::int, %(times)s::int[])::text",
}
_BY_WAY = {
    Section.WAY: "way",
    Section.WAY_DAYS: "coalesce(width_bucket(days, %(way_days)s::int[])::text, 'none')",
    Section.WAY_TOUCHES: "coalesce(width_bucket(touches::int, %(way_touches)s::int[])::text, 'none')",
}
_ADD = "INSERT INTO buyers_group (owner_id, period, section, key, buyers, orders, paid_fen, refunded_fen)"
_SUMS = "count(*), sum(orders), sum(paid_fen), sum(refunded_fen)"
_RFM = """
    SELECT b.*, (b.until - b.last_day) * b.people < b.all_days AS recent, b.orders * b.people > b.all_orders AS often,
        (b.paid_fen - b.refunded_fen) * b.people > b.all_fen AS much
    FROM (
        SELECT *, count(*) OVER w AS people, sum(until - last_day) OVER w AS all_days, sum(orders) OVER w AS all_orders,
            sum(paid_fen - refunded_fen) OVER w AS all_fen
        FROM (
            SELECT *, least((period + interval '3 months')::date - 1, %(through)s::date) AS until FROM buyers_bought
        ) x WINDOW w AS (PARTITION BY owner_id, period)
    ) b
"""


@transaction.atomic
def count_anew(*, now: datetime) -> int:
    """Count all groups of all owners anew, up to the end of yesterday; return how many groups there are.

    Five quarters are looked at, and of earlier orders whose first one it was (docs/rules.md §14). What is read while
    this runs is the count before; with the caller's commit it is this one. One count at a time: a second one waits.
    """
    rows.run("LOCK TABLE buyers_edition IN EXCLUSIVE MODE")
    rows.run("SET LOCAL statement_timeout = 0")
    today = days.day_of(now)
    through = today - timedelta(days=1)
    params = _params(through, now)
    _hold(params)
    rows.run("DELETE FROM buyers_group")
    for section, key in _BY_ORDER.items():
        rows.run(_of_orders(section, key, "buyers_sold"), params)
    for section, key in _BY_BUYER.items():
        rows.run(
            f"{_ADD} SELECT owner_id, period, '{section}', {key}, {_SUMS} FROM buyers_bought GROUP BY 1, 2, 4", params
        )
    rows.run(
        f"{_ADD} SELECT owner_id, period, '{Section.RFM}', concat(recent::int, often::int, much::int), {_SUMS}"
        f" FROM ({_RFM}) b GROUP BY 1, 2, 4",
        params,
    )
    _prices(params)
    _together()
    _ways(params)
    _cohorts(params)
    rows.run(
        "INSERT INTO buyers_edition (id, through, counted_at) VALUES (1, %(through)s, %(now)s)"
        " ON CONFLICT (id) DO UPDATE SET through = excluded.through, counted_at = excluded.counted_at",
        params,
    )
    _let_go()
    return int(rows.query("SELECT count(*) FROM buyers_group")[0][0])


def _params(through: date, now: datetime) -> Mapping[str, Any]:
    return {
        "begin": days.start_of(rules.quarters(through)[-1]),
        "end": days.start_of(through + timedelta(days=1)),
        "through": through,
        "now": now,
        "coupon": COUPON,
        "least": LEAST,
        "ways": "{" + ",".join(f'"{kind}":"{way}"' for kind, way in _WAYS.items()) + "}",
        "pieces": list(PIECES),
        "times": list(TIMES),
        "value": list(VALUE_FEN),
        "price": list(PRICE_FEN),
        "way_days": list(WAY_DAYS),
        "way_touches": list(WAY_TOUCHES),
        "within": list(WITHIN),
    }


def _hold(params: Mapping[str, Any]) -> None:
    """Put aside what everything is counted from; of periods with fewer than ten buyers nothing."""
    _let_go()
    for name, select in zip(_HOLDS, (_FIRST, _SOLD, _ENOUGH, _BOUGHT, _CAME), strict=True):
        rows.run(f"CREATE TEMPORARY TABLE {name} ON COMMIT DROP AS {select}", params)
        rows.run(f"ANALYZE {name}")


def _let_go() -> None:
    rows.run("DROP TABLE IF EXISTS " + ", ".join(f"pg_temp.{name}" for name in _HOLDS))


def _of_orders(section: Section, key: str, source: str) -> str:
    """Return the statement that counts groups of orders (or lines) with the people behind them."""
    return f"""
        {_ADD} SELECT owner_id, period, '{section}', key, {_SUMS} FROM (
            SELECT owner_id, period, {key} AS key, buyer_id, count(*) AS orders, sum(paid_fen) AS paid_fen,
                sum(refunded_fen) AS refunded_fen
            FROM {source} JOIN buyers_enough USING (owner_id, period) GROUP BY 1, 2, 3, 4
        ) b GROUP BY 1, 2, 4
    """


def _prices(params: Mapping[str, Any]) -> None:
    """Count lines by the price of a piece; an order counts once in each band that it has."""
    source = """(
        SELECT s.owner_id, s.period, s.buyer_id, s.id, width_bucket(l.price_fen, %(price)s::bigint[])::text AS band,
            sum(l.paid_fen) AS paid_fen, sum(l.refunded_fen) AS refunded_fen
        FROM buyers_sold s JOIN orders_line l ON l.order_id = s.id GROUP BY 1, 2, 3, 4, 5
    ) p"""
    rows.run(_of_orders(Section.PRICE, "band", source), params)


def _together() -> None:
    """Count pairs of categories that were bought in one order by at least ten people; without money."""
    rows.run(
        f"""
        WITH goods AS MATERIALIZED (SELECT DISTINCT l.order_id, l.category_id FROM orders_line l), pairs AS (
            SELECT s.owner_id, s.period, s.buyer_id, a.category_id || '-' || b.category_id AS key
            FROM goods a JOIN goods b ON b.order_id = a.order_id AND b.category_id > a.category_id
            JOIN buyers_sold s ON s.id = a.order_id JOIN buyers_enough USING (owner_id, period)
        )
        {_ADD} SELECT owner_id, period, '{Section.TOGETHER}', key, count(DISTINCT buyer_id), count(*), 0, 0
        FROM pairs GROUP BY 1, 2, 4 HAVING count(DISTINCT buyer_id) >= {LEAST}
        """
    )


def _ways(params: Mapping[str, Any]) -> None:
    """Count new buyers by how they came; their first order stands for the orders, without money."""
    for section, key in _BY_WAY.items():
        rows.run(
            f"{_ADD} SELECT owner_id, period, '{section}', {key}, count(*), count(*), 0, 0 FROM buyers_came"
            " GROUP BY 1, 2, 4",
            params,
        )


def _cohorts(params: Mapping[str, Any]) -> None:
    """Count new buyers by month, and what they bought by the days since their first order, within a year."""
    rows.run(
        f"""
        WITH joined AS MATERIALIZED (
            SELECT b.owner_id, b.period, b.buyer_id, (f.first_at AT TIME ZONE 'Asia/Shanghai')::date AS first_day,
                to_char(f.first_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') AS month
            FROM buyers_bought b JOIN buyers_first f ON f.owner_id = b.owner_id AND f.buyer_id = b.buyer_id WHERE b.new
        ), sold AS (
            SELECT j.owner_id, j.period, j.month, j.buyer_id, s.paid_fen, s.refunded_fen,
                width_bucket(s.local::date - j.first_day, %(within)s::int[]) AS ring
            FROM joined j JOIN buyers_sold s ON s.owner_id = j.owner_id AND s.buyer_id = j.buyer_id
        )
        {_ADD} SELECT owner_id, period, '{Section.COHORT}', month, count(*), count(*), 0, 0 FROM joined GROUP BY 1, 2, 4
        UNION ALL SELECT owner_id, period, '{Section.WORTH}', month || '/' || (%(within)s::int[])[ring + 1],
            count(DISTINCT buyer_id), count(*), sum(paid_fen), sum(refunded_fen)
        FROM sold WHERE ring < {len(WITHIN)} GROUP BY 1, 2, 4
        """,
        params,
    )
