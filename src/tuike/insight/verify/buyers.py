"""That the groups of buyers add up, and hold no more than orders gave, in SQL alone.

They are counted nightly: orders that came since, and what was refunded since, are more than what was counted, no fault.
"""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "buyers",
        "买家群体的人数、订单与金额合计一致，且不超过订单",
        "groups of buyers add up to their whole, and to no more than orders gave",
        "SELECT count(*), sum(paid_fen) FILTER (WHERE section = 'total' AND owner_id = 0)::bigint FROM buyers_group",
        """
        WITH whole AS (
            SELECT owner_id, period, section, sum(buyers) AS buyers, sum(orders) AS orders, sum(paid_fen) AS paid_fen,
                sum(refunded_fen) AS refunded_fen
            FROM buyers_group GROUP BY 1, 2, 3
        ), fresh AS (
            SELECT owner_id, period, buyers FROM buyers_group WHERE section = 'arrival' AND key = 'new'
        ), given AS (
            SELECT coalesce(o.merchant_id, 0) AS owner_id,
                date_trunc('quarter', o.paid_at AT TIME ZONE 'Asia/Shanghai')::date AS period,
                count(DISTINCT o.id) AS orders, sum(l.paid_fen) AS paid_fen, sum(l.refunded_fen) AS refunded_fen
            FROM orders_order o JOIN orders_line l ON l.order_id = o.id, buyers_edition e
            WHERE o.buyer_id IS NOT NULL AND (o.paid_at AT TIME ZONE 'Asia/Shanghai')::date <= e.through
            GROUP BY GROUPING SETS ((o.merchant_id, 2), (2))
        )
        SELECT 'owner ' || t.owner_id || ' ' || t.period, 'counted ' || concat_ws(' ', t.orders, t.paid_fen,
            t.refunded_fen) || ', orders give ' || coalesce(concat_ws(' ', g.orders, g.paid_fen, g.refunded_fen), '')
        FROM whole t LEFT JOIN given g ON (g.owner_id, g.period) = (t.owner_id, t.period)
        WHERE t.section = 'total' AND NOT coalesce(t.orders <= g.orders AND t.paid_fen <= g.paid_fen
            AND t.refunded_fen <= g.refunded_fen, false)
        UNION ALL
        SELECT 'owner ' || p.owner_id || ' ' || p.period || ' ' || p.section,
            'adds up to ' || concat_ws(' ', p.buyers, p.orders, p.paid_fen, p.refunded_fen) || ', the whole is '
            || concat_ws(' ', t.buyers, t.orders, t.paid_fen, t.refunded_fen)
        FROM whole p LEFT JOIN whole t ON (t.owner_id, t.period, t.section) = (p.owner_id, p.period, 'total')
        WHERE p.section IN ('arrival', 'times', 'rfm', 'pieces', 'value', 'price', 'province', 'city', 'hour',
                'weekday', 'saving')
            AND ((p.paid_fen, p.refunded_fen) IS DISTINCT FROM (t.paid_fen, t.refunded_fen)
                OR (p.section <> 'price' AND p.orders IS DISTINCT FROM t.orders)
                OR (p.section IN ('arrival', 'times', 'rfm') AND p.buyers IS DISTINCT FROM t.buyers))
        UNION ALL
        SELECT 'owner ' || p.owner_id || ' ' || p.period || ' ' || p.section,
            'adds up to ' || p.buyers || ' people, new ones are ' || coalesce(f.buyers, 0)
        FROM whole p LEFT JOIN fresh f ON (f.owner_id, f.period) = (p.owner_id, p.period)
        WHERE p.section IN ('way', 'way_days', 'way_touches', 'cohort') AND p.buyers IS DISTINCT FROM f.buyers
        """,
    ),
)
