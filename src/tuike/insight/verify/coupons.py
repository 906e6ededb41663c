"""That vouchers are what coupons say they gave, and that each lowers one order at most, in SQL alone."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "coupons",
        "优惠券已领数量与券一致，店铺券至多用于一笔有效订单，平台券至多用于一次有效结算，补贴与平台券一致",
        "coupons gave as many vouchers as they say, and each voucher lowers one order, or checkout, at most",
        "SELECT count(*), coalesce(sum(taken), 0)::bigint FROM marketing_coupon",
        """
        SELECT 'coupon ' || c.no, 'says ' || c.taken || ' taken, there are ' || count(v.id)
        FROM marketing_coupon c LEFT JOIN marketing_voucher v ON v.coupon_id = c.id
        GROUP BY c.id HAVING c.taken <> count(v.id)
        UNION ALL
        SELECT 'voucher ' || v.no, CASE WHEN v.used_at IS NULL THEN 'is unused and lowers ' ELSE 'lowers ' END
            || count(DISTINCT CASE WHEN c.merchant_id IS NULL THEN o.checkout_id ELSE o.id END) || ' orders'
        FROM marketing_voucher v JOIN marketing_coupon c ON c.id = v.coupon_id
        JOIN orders_discount d ON d.source = v.no AND d.kind = 'coupon'
        JOIN orders_line l ON l.id = d.line_id JOIN orders_order o ON o.id = l.order_id AND o.state <> 'closed'
        GROUP BY v.id HAVING v.used_at IS NULL
            OR count(DISTINCT CASE WHEN c.merchant_id IS NULL THEN o.checkout_id ELSE o.id END) > 1
        UNION ALL
        SELECT 'sale ' || coalesce(s.id, p.id), 'is paid ' || coalesce(s.subsidy_fen, 0)
            || ' by the platform, its coupons took off ' || coalesce(p.fen, 0)
        FROM (SELECT id, subsidy_fen FROM commission_sale WHERE subsidy_fen <> 0) s
        FULL JOIN (
            SELECT d.line_id AS id, sum(d.amount_fen) AS fen FROM orders_discount d
            JOIN commission_sale k ON k.id = d.line_id WHERE d.funded_by = 'platform' AND d.kind = 'coupon'
                AND k.source = 'mini_store' GROUP BY 1
        ) p ON p.id = s.id
        WHERE coalesce(s.subsidy_fen, 0) <> coalesce(p.fen, 0)
        UNION ALL
        SELECT 'voucher ' || v.no, 'is used and lowers nothing' FROM marketing_voucher v
        WHERE v.used_at IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM orders_discount d WHERE d.source = v.no AND d.kind = 'coupon')
        """,
    ),
)
