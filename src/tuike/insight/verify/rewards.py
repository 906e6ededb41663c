"""Checks of offers for targets: their accounts, their budgets, and that who holds an award has reached the target."""

from tuike.insight.verify.check import Check

# What was told and not yet counted is no fault: promoters of orders that were not yet read are left out.
_UNREAD = """
    WITH unread AS (
        SELECT a.payee_id AS promoter_id FROM outbox_event e
        JOIN outbox_consumer c ON c.name = 'rewards' AND (e.txid, e.id) > (c.txid, c.event_id)
        JOIN commission_sale s
            ON s.order_no = CASE WHEN e.topic LIKE 'after\\_sale.%' THEN e.facts->>'order' ELSE e.key END
        JOIN commission_accrual a ON a.sale_id = s.id AND a.payee_kind = 'promoter'
    ), held AS (
        SELECT a.no, a.promoter_id, o.target, coalesce(sum(
            CASE o.measure WHEN 'pieces' THEN s.quantity - s.refunded_quantity
            WHEN 'paid' THEN s.paid_fen - s.refunded_fen ELSE s.nth END), 0) AS counted
        FROM rewards_award a JOIN rewards_offer o ON o.id = a.offer_id
        LEFT JOIN LATERAL (
            SELECT s.*, (row_number() OVER (PARTITION BY s.order_no ORDER BY s.id) = 1)::int AS nth
            FROM commission_accrual c JOIN commission_sale s ON s.id = c.sale_id
            WHERE c.payee_kind = 'promoter' AND c.payee_id = a.promoter_id AND c.role = 'direct'
                AND c.review <> 'rejected' AND s.kind = 'goods' AND s.paid_fen > s.refunded_fen
                AND s.paid_at >= o.starts_at AND s.paid_at < o.ends_at
                AND (o.merchant_id IS NULL OR s.merchant_id = o.merchant_id)
                AND (cardinality(o.product_ids) = 0 OR s.product_id = ANY(o.product_ids))
                AND (cardinality(o.category_ids) = 0 OR EXISTS (
                    SELECT 1 FROM orders_line l JOIN catalog_category k ON k.id = l.category_id
                    WHERE l.id = s.id AND k.path && o.category_ids))
        ) s ON true
        WHERE a.taken_back_at IS NULL GROUP BY 1, 2, 3
    )
"""

CHECKS = (
    Check(
        "targets",
        "持有目标奖励的推客净销量均已达标，且佣金与奖励一致",
        "who holds an award has reached its target net of refunds, and its accrual is what the award says",
        "SELECT count(*), sum(amount_fen)::bigint FROM rewards_award WHERE taken_back_at IS NULL",
        f"""{_UNREAD}
        SELECT 'award ' || no, 'was given for ' || target || ', the sales give ' || counted
        FROM held WHERE counted < target AND promoter_id NOT IN (SELECT promoter_id FROM unread)
        UNION ALL
        SELECT 'award ' || w.no, 'is of ' || w.amount_fen
            || CASE WHEN w.taken_back_at IS NULL THEN '' ELSE ', taken back' END
            || ', its accrual is ' || coalesce(a.amount_fen::text, 'not there')
        FROM rewards_award w LEFT JOIN commission_accrual a ON a.sale_id = w.sale_id AND a.role = 'bonus'
            AND a.payee_id = w.promoter_id
        WHERE a.id IS NULL OR a.amount_fen <> CASE WHEN w.taken_back_at IS NULL AND a.review <> 'rejected'
            THEN w.amount_fen ELSE 0 END
        """,
    ),
    Check(
        "offers",
        "目标奖励的预算账户等于预算减去已发奖励与已退回，占用等于有效奖励之和",
        "each offer's account is its budget less its awards and what went back; what is granted is what lives",
        "SELECT count(*), sum(budget_fen)::bigint FROM rewards_offer WHERE state IN ('published', 'closed')",
        """
        SELECT 'offer ' || o.no, 'granted ' || o.granted_fen || ' of ' || o.budget_fen || ', awards hold '
            || coalesce(w.fen, 0)
        FROM rewards_offer o
        LEFT JOIN (SELECT offer_id, sum(amount_fen) AS fen FROM rewards_award WHERE taken_back_at IS NULL GROUP BY 1) w
            ON w.offer_id = o.id
        WHERE o.granted_fen <> coalesce(w.fen, 0)
        UNION ALL
        SELECT 'account ' || coalesce(a.path, x.path), 'holds ' || coalesce(a.balance_fen, 0) || ', the offer gives '
            || coalesce(x.fen, 0)
        FROM (
            SELECT 'reward:' || o.id AS path, o.budget_fen - o.returned_fen - coalesce(sum(c.amount_fen), 0) AS fen
            FROM rewards_offer o LEFT JOIN rewards_award w ON w.offer_id = o.id
            LEFT JOIN commission_accrual c ON c.sale_id = w.sale_id
            WHERE o.state IN ('published', 'closed') GROUP BY o.id
        ) x
        FULL JOIN (SELECT path, balance_fen FROM ledger_account WHERE path LIKE 'reward:%') a ON a.path = x.path
        WHERE coalesce(a.balance_fen, 0) <> coalesce(x.fen, 0)
        """,
    ),
)
