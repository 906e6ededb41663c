"""That members' growth and purchases are what their orders say, in SQL alone."""

from tuike.insight.verify.check import Check

# Purchases follow what was told a moment later: a refund may stand on the order first, never on the purchase first.
CHECKS = (
    Check(
        "members",
        "会员成长值等于其订单所得，购买记录与订单一致",
        "members' growth is what their purchases give, and purchases are as their orders say",
        "SELECT count(*), coalesce(sum(paid_fen), 0)::bigint FROM members_purchase",
        """
        SELECT 'person ' || coalesce(m.person_id, p.person_id), 'grew to ' || coalesce(m.growth, 0)
            || ', purchases give ' || coalesce(p.growth, 0)
        FROM members_member m
        FULL JOIN (SELECT person_id, sum(growth) AS growth FROM members_purchase GROUP BY 1) p
            ON p.person_id = m.person_id
        WHERE coalesce(m.growth, 0) <> coalesce(p.growth, 0)
        UNION ALL
        SELECT 'purchase ' || order_no, 'grew by ' || growth || ', it gives '
            || CASE WHEN completed THEN (paid_fen - refunded_fen) / 100 ELSE 0 END
        FROM members_purchase WHERE growth <> CASE WHEN completed THEN (paid_fen - refunded_fen) / 100 ELSE 0 END
        UNION ALL
        SELECT 'purchase ' || b.order_no, 'says ' || b.paid_fen || ' of person ' || b.person_id || ', the order says '
            || coalesce(sum(l.paid_fen)::text, 'nothing') || ' of person ' || coalesce(o.buyer_id::text, 'nobody')
        FROM members_purchase b LEFT JOIN orders_order o ON o.no = b.order_no
        LEFT JOIN orders_line l ON l.order_id = o.id
        GROUP BY b.id, o.id
        HAVING coalesce(sum(l.paid_fen), -1) <> b.paid_fen OR o.buyer_id IS DISTINCT FROM b.person_id
            OR coalesce(sum(l.refunded_fen), 0) < b.refunded_fen
        """,
    ),
)
