"""Checks of commission against its own facts and against the books, in SQL alone."""

from tuike.insight.verify import expected
from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "accruals",
        "每笔佣金按留存的事实重算，分文不差",
        "each accrual, recomputed from the stored facts, is the same to the fen",
        "SELECT count(*), sum(amount_fen)::bigint FROM commission_accrual",
        f"""{expected.ALL}
        SELECT 'sale ' || coalesce(x.id, a.sale_id) || ' ' || coalesce(x.role, a.role) || coalesce(' A' || a.id, ''),
            CASE WHEN x.id IS NULL OR a.id IS NULL
                OR a.amount_fen <> CASE a.review WHEN 'rejected' THEN 0 ELSE x.fen END
                THEN 'has ' || coalesce(a.amount_fen::text, 'no accrual') || ', the facts give '
                    || coalesce(x.fen::text, 'none')
            WHEN a.rate_bps <> x.bps OR a.rate_id IS DISTINCT FROM x.rate_id
                THEN 'says ' || a.rate_bps || ' by rate ' || coalesce(a.rate_id::text, '-') || ', the facts give '
                    || x.bps || ' by rate ' || coalesce(x.rate_id::text, '-')
            WHEN a.funder <> x.funder THEN 'is paid by ' || a.funder || ', the facts give ' || x.funder
            ELSE 'says the base is ' || a.base_fen || ', the facts give ' || x.base END
        FROM expected x
        FULL JOIN commission_accrual a
            ON a.sale_id = x.id AND a.role = x.role AND a.payee_id = x.payee_id AND a.payee_kind = x.payee_kind
        WHERE x.id IS NULL OR a.id IS NULL
            OR a.amount_fen <> CASE a.review WHEN 'rejected' THEN 0 ELSE x.fen END
            OR a.rate_bps <> x.bps OR a.rate_id IS DISTINCT FROM x.rate_id OR a.funder <> x.funder
            OR a.base_fen <> x.base
        """,
    ),
    Check(
        "changes",
        "每笔佣金等于初始金额加全部变更",
        "each accrual is what it began as plus its changes",
        "SELECT count(*), sum(delta_fen)::bigint FROM commission_change",
        """
        SELECT 'accrual ' || a.id, 'has ' || a.amount_fen || ', began as ' || a.first_fen || ', changes give '
            || coalesce(c.fen, 0)
        FROM commission_accrual a
        LEFT JOIN (SELECT accrual_id, sum(delta_fen) AS fen FROM commission_change GROUP BY 1) c ON c.accrual_id = a.id
        WHERE a.amount_fen <> a.first_fen + coalesce(c.fen, 0)
        UNION ALL
        SELECT 'accrual ' || c.accrual_id, 'change ' || c.cause || ' of ' || c.delta_fen || ' took back '
            || c.clawed_fen || ', owes ' || c.debt_fen || ', the debt says ' || coalesce(d.amount_fen, 0)
        FROM commission_change c JOIN commission_accrual a ON a.id = c.accrual_id
        LEFT JOIN commission_debt d ON d.cause = c.cause || ':' || c.accrual_id
            AND d.payee_kind = a.payee_kind AND d.payee_id = a.payee_id
        WHERE (c.clawed_fen <> 0 OR c.debt_fen <> 0) AND c.clawed_fen + c.debt_fen <> -c.delta_fen
            OR c.debt_fen <> coalesce(d.amount_fen, 0)
        """,
    ),
    Check(
        "turns",
        "推客的每笔佣金变动都有一条变动记录",
        "each change of a promoter's accrual is noted among its turns",
        "SELECT count(*), NULL::bigint FROM commission_turn",
        """
        WITH noted AS (
            SELECT DISTINCT promoter_id, merchant_id, at, unnest(sale_ids) AS sale_id FROM commission_turn
        )
        SELECT 'accrual ' || a.id, 'turned at ' || x.at || ', no turn says so'
        FROM commission_accrual a CROSS JOIN LATERAL (VALUES (a.turned_at), (a.settled_at)) x (at)
        LEFT JOIN noted n ON n.promoter_id = a.payee_id AND n.merchant_id = a.merchant_id AND n.at = x.at
            AND n.sale_id = a.sale_id
        WHERE a.payee_kind = 'promoter' AND x.at IS NOT NULL AND n.sale_id IS NULL
        UNION ALL
        SELECT 'accrual ' || a.id, 'was changed and never turned'
        FROM commission_accrual a
        WHERE a.payee_kind = 'promoter' AND a.turned_at IS NULL
            AND EXISTS (SELECT 1 FROM commission_change c WHERE c.accrual_id = a.id)
        UNION ALL
        SELECT 'turn ' || t.id, 'counts ' || t.many || ' sales, names ' || cardinality(t.sale_ids)
        FROM commission_turn t WHERE t.many <> cardinality(t.sale_ids)
        """,
    ),
    Check(
        "refunded",
        "每笔销售的退款等于各次退款之和",
        "each sale's refunds add up",
        "SELECT count(*), sum(amount_fen)::bigint FROM commission_refund",
        """
        SELECT 'sale ' || s.id, 'refunded ' || s.refunded_fen || ', parts give ' || coalesce(r.fen, 0)
        FROM commission_sale s
        LEFT JOIN (SELECT sale_id, sum(amount_fen) AS fen, sum(quantity) AS pieces FROM commission_refund GROUP BY 1) r
            ON r.sale_id = s.id
        WHERE s.refunded_fen <> coalesce(r.fen, 0) OR s.refunded_quantity <> coalesce(r.pieces, 0)
        """,
    ),
    Check(
        "pending",
        "待结算佣金合计等于各收款方的待结算账户",
        "pending accruals add up to their payees' accounts",
        "SELECT count(*), sum(amount_fen)::bigint FROM commission_accrual WHERE state = 'pending'",
        """
        SELECT 'account ' || coalesce(a.path, x.path), 'holds ' || coalesce(a.balance_fen, 0) || ', accruals give '
            || coalesce(x.fen, 0)
        FROM (
            SELECT CASE payee_kind WHEN 'platform' THEN 'platform:pending'
                ELSE payee_kind || ':' || payee_id || ':pending' END AS path, sum(amount_fen) AS fen
            FROM commission_accrual WHERE state = 'pending' GROUP BY 1
        ) x
        FULL JOIN (SELECT path, balance_fen FROM ledger_account WHERE path LIKE '%:pending') a ON a.path = x.path
        WHERE coalesce(a.balance_fen, 0) <> coalesce(x.fen, 0)
        """,
    ),
    Check(
        "held",
        "商家冻结账户等于其未结算销售减去佣金",
        "each merchant's held account is its unreleased sales less their commission",
        "SELECT count(*), sum(paid_fen - refunded_fen)::bigint FROM commission_sale"
        " WHERE matured_batch_id IS NULL AND source = 'mini_store'",
        """
        SELECT 'account ' || coalesce(a.path, x.path), 'holds ' || coalesce(a.balance_fen, 0) || ', sales give '
            || coalesce(x.fen, 0)
        FROM (
            SELECT 'merchant:' || s.merchant_id || ':held' AS path,
                sum(s.paid_fen - s.refunded_fen - coalesce(o.fen, 0) + s.subsidy_fen
                    - CASE WHEN s.paid_fen > 0 THEN s.subsidy_fen * s.refunded_fen / s.paid_fen
                        ELSE s.subsidy_fen * s.refunded_quantity / s.quantity END) AS fen
            FROM commission_sale s
            LEFT JOIN (
                SELECT sale_id, sum(amount_fen) AS fen FROM commission_accrual WHERE funder = 'merchant' GROUP BY 1
            ) o ON o.sale_id = s.id
            WHERE s.matured_batch_id IS NULL AND s.source = 'mini_store' GROUP BY 1
        ) x
        FULL JOIN (SELECT path, balance_fen FROM ledger_account WHERE path LIKE 'merchant:%:held') a ON a.path = x.path
        WHERE coalesce(a.balance_fen, 0) <> coalesce(x.fen, 0)
        """,
    ),
    Check(
        "debts",
        "未还欠款等于欠款账户",
        "what is left of debts is what the accounts owe",
        "SELECT count(*), sum(amount_fen - repaid_fen)::bigint FROM commission_debt",
        """
        SELECT 'account ' || coalesce(a.path, x.path), 'stands at ' || coalesce(a.balance_fen, 0) || ', debts give '
            || -coalesce(x.fen, 0)
        FROM (
            SELECT payee_kind || ':' || payee_id || ':owed' AS path, sum(amount_fen - repaid_fen) AS fen
            FROM commission_debt GROUP BY 1
        ) x
        FULL JOIN (SELECT path, balance_fen FROM ledger_account WHERE path LIKE '%:owed') a ON a.path = x.path
        WHERE coalesce(a.balance_fen, 0) <> -coalesce(x.fen, 0)
        """,
    ),
    Check(
        "advance",
        "平台垫付逐笔平账",
        "the platform's advance is passed on in full",
        "SELECT count(*), NULL::bigint FROM ledger_account WHERE path = 'platform:advance'",
        "SELECT 'account ' || path, 'stands at ' || balance_fen FROM ledger_account"
        " WHERE path = 'platform:advance' AND balance_fen <> 0",
    ),
)
