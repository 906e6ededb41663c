"""Checks of where sales and accruals stand: waiting, due, settled, and in which batch; in SQL alone."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "states",
        "每笔佣金的状态与其销售一致：等待、待结算、已结算、已取消",
        "each accrual's state fits its sale: waiting, pending, settled, cancelled",
        "SELECT count(*), NULL::bigint FROM commission_accrual",
        """
        SELECT 'accrual ' || a.id, 'is ' || a.state || ' with ' || a.amount_fen || ', review ' || a.review
            || CASE WHEN s.waiting THEN ', of a sale that waits' ELSE '' END
            || CASE WHEN a.merchant_id <> s.merchant_id THEN ', of merchant ' || a.merchant_id ELSE '' END
        FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
        WHERE a.merchant_id <> s.merchant_id OR a.amount_fen < 0
            OR a.state NOT IN ('waiting', 'pending', 'settled', 'cancelled')
            OR a.review NOT IN ('clear', 'held', 'approved', 'rejected')
            OR (a.state = 'waiting') <> (s.waiting AND a.state <> 'cancelled')
            OR (a.state = 'cancelled') <> (a.review = 'rejected' OR s.refunded_fen = s.paid_fen AND NOT (
                    a.role = 'bonus' AND s.terms ?| ARRAY['order_bonus_fen', 'first_order_bonus_fen']
                    AND EXISTS (SELECT 1 FROM commission_sale o WHERE o.order_no = s.order_no AND o.kind = 'goods'
                        AND o.refunded_fen < o.paid_fen))) AND s.paid_fen > 0
            OR a.state = 'cancelled' AND a.amount_fen <> 0
            OR a.state = 'pending' AND s.matured_batch_id IS NOT NULL AND a.review IN ('clear')
        """,
    ),
    Check(
        "due",
        "已结算的佣金：已收货、到期、审核通过，且在所属批次之内",
        "what settled was received, due, not held, and is of a batch that reached its due day",
        "SELECT count(*), sum(amount_fen)::bigint FROM commission_accrual WHERE settled_at IS NOT NULL",
        """
        SELECT 'sale ' || s.id, CASE
            WHEN s.received_at IS NULL OR s.due_at IS NULL THEN 'matured and was never received'
            WHEN b.id IS NULL THEN 'matured in no batch'
            ELSE 'was due ' || s.due_at || ', received ' || s.received_at || ', its batch took what was due by '
                || b.due_until END
        FROM commission_sale s LEFT JOIN settlement_batch b ON b.id = s.matured_batch_id
        WHERE s.matured_batch_id IS NOT NULL
                AND (b.id IS NULL OR s.received_at IS NULL OR s.due_at IS NULL OR s.due_at > b.due_until OR s.waiting)
            OR s.due_at < s.received_at OR (s.due_at IS NULL) <> (s.received_at IS NULL)
            OR extract(epoch FROM s.due_at - s.received_at)::bigint % 86400 <> 0
        UNION ALL
        SELECT 'accrual ' || a.id, CASE WHEN s.matured_batch_id IS NULL THEN 'settled before its sale matured'
            WHEN a.review NOT IN ('clear', 'approved') THEN 'settled, review ' || a.review
            ELSE 'is ' || a.state || ', settled at ' || coalesce(a.settled_at::text, 'never') || ' in batch '
                || coalesce(a.batch_id::text, 'none') END
        FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
        WHERE (a.settled_at IS NULL) <> (a.batch_id IS NULL) OR a.state = 'settled' AND a.settled_at IS NULL
            OR a.state IN ('waiting', 'pending') AND a.settled_at IS NOT NULL
            OR a.settled_at IS NOT NULL AND (s.matured_batch_id IS NULL OR a.review NOT IN ('clear', 'approved'))
        """,
    ),
    Check(
        "batch_lines",
        "每个结算批次的销售与佣金笔数与实际一致",
        "each batch holds as many sales and accruals as it says",
        "SELECT count(*), NULL::bigint FROM settlement_batch",
        """
        SELECT 'batch ' || coalesce(b.no, s.id::text, a.id::text), 'says ' || coalesce(b.sales, 0) || ' sales and '
            || coalesce(b.accruals, 0) || ' accruals, there are ' || coalesce(s.held, 0) || ' and '
            || coalesce(a.held, 0)
        FROM settlement_batch b
        FULL JOIN (
            SELECT matured_batch_id AS id, count(*) AS held FROM commission_sale
            WHERE matured_batch_id IS NOT NULL GROUP BY 1
        ) s ON s.id = b.id
        FULL JOIN (
            SELECT batch_id AS id, count(*) AS held FROM commission_accrual WHERE batch_id IS NOT NULL GROUP BY 1
        ) a ON a.id = coalesce(b.id, s.id)
        WHERE b.id IS NULL OR b.sales <> coalesce(s.held, 0) OR b.accruals <> coalesce(a.held, 0)
        """,
    ),
)
