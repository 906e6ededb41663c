"""Checks of what parties and the platform have against everything that made it, in SQL alone."""

from tuike.insight.verify.check import Check

_OUT = "('requested', 'approved', 'sending', 'waiting_user', 'paid')"

CHECKS = (
    Check(
        "standing",
        "每个主体的可提现余额减欠款，等于其结算、平台券补贴、调整减提现与店铺红包，平台另加注销放弃的余额与扣除的保证金",
        "what each party has less what it owes is what settled, platform coupons paid and was adjusted less what it"
        " withdrew or gave away; the platform has what was given up with accounts and forfeited of deposits",
        "SELECT count(*), sum(balance_fen)::bigint FROM ledger_account WHERE path LIKE '%:available'",
        f"""
        WITH made AS (
            SELECT payee_kind AS kind, payee_id AS id, sum(amount_fen) AS fen FROM commission_accrual
            WHERE state = 'settled' GROUP BY 1, 2
            UNION ALL
            SELECT 'merchant', s.merchant_id, sum(s.paid_fen - s.refunded_fen - coalesce(o.fen, 0) + s.subsidy_fen
                - CASE WHEN s.paid_fen > 0 THEN s.subsidy_fen * s.refunded_fen / s.paid_fen
                    ELSE s.subsidy_fen * s.refunded_quantity / s.quantity END)
            FROM commission_sale s
            LEFT JOIN (
                SELECT sale_id, sum(amount_fen) AS fen FROM commission_accrual WHERE funder = 'merchant' GROUP BY 1
            ) o ON o.sale_id = s.id
            WHERE s.matured_batch_id IS NOT NULL AND s.source = 'mini_store' GROUP BY 2
            UNION ALL
            SELECT payee_kind, payee_id, sum(amount_fen) FROM commission_adjustment WHERE state = 'approved'
            GROUP BY 1, 2
            UNION ALL
            SELECT payee_kind, party_id, -sum(amount_fen) FROM settlement_withdrawal WHERE state IN {_OUT} GROUP BY 1, 2
            UNION ALL
            SELECT 'platform', 0, sum(fee_fen) FROM settlement_withdrawal WHERE state = 'paid'
            UNION ALL
            SELECT 'merchant', merchant_id, sum(returned_fen - total_fen) FROM marketing_packet
            WHERE merchant_id IS NOT NULL GROUP BY 2
            UNION ALL
            SELECT 'merchant', merchant_id, sum(returned_fen - budget_fen) FROM rewards_offer
            WHERE merchant_id IS NOT NULL AND published_at IS NOT NULL AND fund = 'available' GROUP BY 2
            UNION ALL
            SELECT 'platform', 0, -sum(e.amount_fen) FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
            JOIN ledger_account a ON a.id = e.account_id AND a.path LIKE 'buyer:%:balance'
            WHERE t.kind = 'balance_given_up'
            UNION ALL
            SELECT 'platform', 0, sum(amount_fen) FROM network_decision WHERE kind = 'forfeit' AND state = 'approved'
        ), expected AS (
            SELECT CASE kind WHEN 'platform' THEN 'platform' ELSE kind || ':' || id END AS owner, sum(fen) AS fen
            FROM made GROUP BY 1
        ), has AS (
            SELECT regexp_replace(path, ':(available|owed|fees)$', '') AS owner, sum(balance_fen) AS fen
            FROM ledger_account
            WHERE path LIKE '%:available' OR path LIKE '%:owed' OR path = 'platform:fees' GROUP BY 1
        )
        SELECT coalesce(h.owner, x.owner), 'has ' || coalesce(h.fen, 0) || ', its records give ' || coalesce(x.fen, 0)
        FROM has h FULL JOIN expected x ON x.owner = h.owner
        WHERE coalesce(h.fen, 0) <> coalesce(x.fen, 0)
        """,
    ),
    Check(
        "funds",
        "预存款与平台推广账户付出的，恰为由其承担的佣金与平台券补贴",
        "what prepaid balances and the platform's promotion money paid is the commission and the coupons they bear",
        "SELECT count(*), sum(balance_fen)::bigint FROM ledger_account"
        " WHERE path LIKE 'merchant:%:prepaid' OR path = 'platform:promotion'",
        """
        WITH paid AS (
            SELECT a.path, -sum(e.amount_fen) AS fen FROM ledger_account a
            JOIN ledger_entry e ON e.account_id = a.id JOIN ledger_transfer t ON t.id = e.transfer_id
            WHERE (a.path LIKE 'merchant:%:prepaid' OR a.path = 'platform:promotion')
                AND t.kind IN ('accrual', 'refund', 'reject', 'adjustment', 'sale') GROUP BY 1
        ), borne AS (
            SELECT 'merchant:' || s.merchant_id || ':prepaid' AS path, sum(a.amount_fen) AS fen
            FROM commission_sale s JOIN commission_accrual a ON a.sale_id = s.id
            WHERE s.source = 'mini_program' AND a.funder = 'merchant' AND a.state <> 'waiting' GROUP BY 1
            UNION ALL
            SELECT 'platform:promotion', sum(fen) FROM (
                SELECT sum(amount_fen) AS fen FROM commission_accrual WHERE funder = 'platform' AND state <> 'waiting'
                UNION ALL SELECT sum(amount_fen) FROM commission_adjustment WHERE state = 'approved'
                UNION ALL SELECT sum(subsidy_fen - CASE WHEN paid_fen > 0 THEN subsidy_fen * refunded_fen / paid_fen
                    ELSE subsidy_fen * refunded_quantity / quantity END) FROM commission_sale
            ) of_platform
        )
        SELECT 'account ' || coalesce(p.path, b.path), 'paid ' || coalesce(p.fen, 0) || ', its commission is '
            || coalesce(b.fen, 0)
        FROM paid p FULL JOIN borne b ON b.path = p.path WHERE coalesce(p.fen, 0) <> coalesce(b.fen, 0)
        """,
    ),
    Check(
        "tax",
        "代扣税账户等于已付提现的代扣税",
        "the tax account is the tax of the withdrawals that were paid",
        "SELECT count(*), sum(tax_fen)::bigint FROM settlement_withdrawal WHERE state = 'paid'",
        """
        SELECT 'account platform:tax', 'holds ' || has.fen || ', withdrawals give ' || withheld.fen
        FROM (SELECT coalesce(sum(balance_fen), 0) AS fen FROM ledger_account WHERE path = 'platform:tax') has,
            (SELECT coalesce(sum(tax_fen), 0) AS fen FROM settlement_withdrawal WHERE state = 'paid') withheld
        WHERE has.fen <> withheld.fen
        """,
    ),
)
