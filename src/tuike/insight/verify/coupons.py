"""That vouchers are what coupons say they gave, and that each lowers one order at most, in SQL alone."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "coupons",
        "联盟券已领数量与券一致，每张券至多用于一笔有效订单",
        "coupons gave as many vouchers as they say, and each voucher lowers one order at most",
        "SELECT count(*), coalesce(sum(taken), 0)::bigint FROM marketing_coupon",
        """
        SELECT 'coupon ' || c.no, 'says ' || c.taken || ' taken, there are ' || count(v.id)
        FROM marketing_coupon c LEFT JOIN marketing_voucher v ON v.coupon_id = c.id
        GROUP BY c.id HAVING c.taken <> count(v.id)
        UNION ALL
        SELECT 'voucher ' || v.no, CASE WHEN v.used_at IS NULL THEN 'is unused and lowers ' ELSE 'lowers ' END
            || count(DISTINCT o.id) || ' orders'
        FROM marketing_voucher v JOIN orders_discount d ON d.source = v.no AND d.kind = 'coupon'
        JOIN orders_line l ON l.id = d.line_id JOIN orders_order o ON o.id = l.order_id AND o.state <> 'closed'
        GROUP BY v.id HAVING v.used_at IS NULL OR count(DISTINCT o.id) > 1
        UNION ALL
        SELECT 'voucher ' || v.no, 'is used and lowers nothing' FROM marketing_voucher v
        WHERE v.used_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM orders_discount d WHERE d.source = v.no AND d.kind = 'coupon')
        """,
    ),
)
