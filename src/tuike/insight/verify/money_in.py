"""Checks of orders, payments and what is in flight between them, in SQL alone."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "orders",
        "每个订单的金额等于其商品行之和加运费",
        "each order is the sum of its lines and its freight",
        "SELECT count(*), sum(payable_fen)::bigint FROM orders_order",
        """
        SELECT 'order ' || o.no, 'payable ' || o.payable_fen || ', lines and freight give '
            || coalesce(l.paid, 0) + o.freight_fen
        FROM orders_order o
        LEFT JOIN (
            SELECT order_id, sum(paid_fen) AS paid, sum(price_fen * quantity) AS goods, sum(discount_fen) AS discount
            FROM orders_line GROUP BY 1
        ) l ON l.order_id = o.id
        WHERE o.payable_fen <> coalesce(l.paid, 0) + o.freight_fen OR o.goods_fen <> coalesce(l.goods, 0)
            OR o.discount_fen <> coalesce(l.discount, 0)
        """,
    ),
    Check(
        "sales",
        "每个已支付的商品行与运费都有一笔销售，实付与退款一致",
        "each paid line and freight is one sale with the same amounts",
        "SELECT count(*), sum(paid_fen)::bigint FROM commission_sale",
        """
        SELECT 'line ' || coalesce(l.id, s.id), CASE WHEN s.id IS NULL THEN 'is paid but no sale'
            WHEN l.id IS NULL THEN 'is a sale without a line'
            ELSE 'paid ' || l.paid_fen || ', refunded ' || l.refunded_fen || '; the sale says ' || s.paid_fen || ', '
                || s.refunded_fen END
        FROM (
            SELECT l.id, l.paid_fen, l.refunded_fen, l.refunded_quantity FROM orders_line l
            JOIN orders_order o ON o.id = l.order_id AND o.paid_at IS NOT NULL
        ) l
        FULL JOIN (SELECT * FROM commission_sale WHERE kind = 'goods') s ON s.id = l.id
        WHERE s.id IS NULL OR l.id IS NULL OR l.paid_fen <> s.paid_fen OR l.refunded_fen <> s.refunded_fen
            OR l.refunded_quantity <> s.refunded_quantity
        UNION ALL
        SELECT 'freight of order ' || coalesce(o.no, s.order_no), CASE WHEN s.id IS NULL THEN 'is paid but no sale'
            WHEN o.id IS NULL THEN 'is a sale without freight'
            ELSE 'paid ' || o.freight_fen || ', refunded ' || o.freight_refunded_fen || '; the sale says '
                || s.paid_fen || ', ' || s.refunded_fen END
        FROM (SELECT * FROM orders_order WHERE freight_id IS NOT NULL AND paid_at IS NOT NULL) o
        FULL JOIN (SELECT * FROM commission_sale WHERE kind = 'freight') s ON s.id = o.freight_id
        WHERE s.id IS NULL OR o.id IS NULL OR o.freight_fen <> s.paid_fen OR o.freight_refunded_fen <> s.refunded_fen
        """,
    ),
    Check(
        "clearing",
        "在途账户归零，或恰为在途金额",
        "clearing accounts stand at zero, or at exactly what is in flight",
        "SELECT count(*), sum(balance_fen)::bigint FROM ledger_account WHERE path LIKE 'clearing:%'",
        """
        SELECT 'account ' || coalesce(a.path, 'clearing:' || f.no), 'holds ' || coalesce(a.balance_fen, 0)
            || ', in flight ' || coalesce(f.fen, 0)
        FROM (SELECT path, balance_fen FROM ledger_account WHERE path LIKE 'clearing:%') a
        FULL JOIN (
            SELECT no, amount_fen AS fen FROM payments_refund WHERE state <> 'done'
            UNION ALL
            SELECT c.no, c.balance_fen FROM orders_checkout c WHERE c.balance_fen > 0
                AND EXISTS (SELECT 1 FROM orders_order o WHERE o.checkout_id = c.id AND o.state = 'unpaid')
            UNION ALL
            SELECT no, paid_fen - refunding_fen FROM payments_intent WHERE state IN ('mismatched', 'late')
            UNION ALL
            SELECT checkout_no, amount_fen FROM marketing_balance_hold WHERE state = 'held'
        ) f ON 'clearing:' || f.no = a.path
        WHERE coalesce(a.balance_fen, 0) <> coalesce(f.fen, 0)
        """,
    ),
    Check(
        "refunds",
        "每笔支付的退款不超过实付，且等于各次退款之和",
        "each payment's refunds add up and never exceed it",
        "SELECT count(*), sum(amount_fen)::bigint FROM payments_refund",
        """
        SELECT 'payment ' || i.no, 'refunding ' || i.refunding_fen || ' of ' || i.paid_fen || ', refunds give '
            || coalesce(r.fen, 0)
        FROM payments_intent i
        LEFT JOIN (SELECT intent_id, sum(amount_fen) AS fen FROM payments_refund GROUP BY 1) r ON r.intent_id = i.id
        WHERE i.refunding_fen <> coalesce(r.fen, 0) OR i.refunding_fen > i.paid_fen
        """,
    ),
    Check(
        "budgets",
        "活动预算的占用等于各行占用之和",
        "each campaign's reserved budget is what its lines hold",
        "SELECT count(*), sum(reserved_fen)::bigint FROM plans_campaign",
        """
        SELECT 'campaign ' || c.no, 'reserved ' || c.reserved_fen || ', lines hold ' || coalesce(r.fen, 0)
        FROM plans_campaign c
        LEFT JOIN (SELECT campaign_id, sum(amount_fen - released_fen) AS fen FROM plans_reservation GROUP BY 1) r
            ON r.campaign_id = c.id
        WHERE c.reserved_fen <> coalesce(r.fen, 0)
        """,
    ),
)
