"""Checks of what should have happened by now and hasn't: work that waits longer than its job's schedule explains.

They read `tuike.now`, the product's instant, which the run sets; without one they are left out.
"""

from tuike.insight.verify.check import Check

_NOW = "current_setting('tuike.now')::timestamptz"

CHECKS = (
    Check(
        "overdue",
        "到期超过一小时的商品行都已结算",
        "nothing that can be settled has been due for more than an hour",
        f"SELECT count(*), sum(paid_fen - refunded_fen)::bigint FROM commission_sale"
        f" WHERE matured_batch_id IS NULL AND due_at <= {_NOW}",
        f"""
        SELECT 'sale ' || id, 'of order ' || order_no || ' is due since ' || due_at FROM commission_sale
        WHERE matured_batch_id IS NULL AND due_at < {_NOW} - interval '1 hour' AND open_after_sales = 0 AND NOT waiting
        """,
        timed=True,
    ),
    Check(
        "notices",
        "收到的通知都在十五分钟内处理，处理不了的已有待处理事项",
        "each notice was worked on within fifteen minutes, or a person was called",
        "SELECT count(*), NULL::bigint FROM payments_notice WHERE processed_at IS NULL",
        f"""
        SELECT 'notice ' || n.notice_no, 'about ' || n.object_no || ' waits since ' || n.received_at || ' after '
            || n.attempts || ' attempts'
        FROM payments_notice n WHERE n.processed_at IS NULL AND n.received_at < {_NOW} - interval '15 minutes'
            AND NOT EXISTS (SELECT FROM risk_case c WHERE c.object = n.object_no AND c.closed_at IS NULL)
        """,
        timed=True,
    ),
    Check(
        "asked",
        "每笔付款中的提现都按时查询结果，已审批的都已提交",
        "each payout under way is asked for in time, and what was approved was handed over",
        "SELECT count(*), sum(amount_fen)::bigint FROM settlement_withdrawal"
        " WHERE state IN ('approved', 'sending', 'waiting_user')",
        f"""
        SELECT 'withdrawal ' || no, CASE WHEN state = 'approved' THEN 'is approved since ' || decided_at
            ELSE 'was to be asked for at ' || coalesce(ask_at::text, 'no time') END
        FROM settlement_withdrawal
        WHERE state = 'approved' AND rail <> 'bank' AND decided_at < {_NOW} - interval '15 minutes'
            OR state IN ('sending', 'waiting_user') AND rail <> 'bank'
                AND coalesce(ask_at, '-infinity') < {_NOW} - interval '15 minutes'
        """,
        timed=True,
    ),
    Check(
        "unsealed",
        "审计记录在十五分钟内接入哈希链",
        "each audit row is in the chain within fifteen minutes",
        "SELECT count(*), NULL::bigint FROM audit_act a LEFT JOIN audit_link l ON l.act_id = a.id WHERE l.id IS NULL",
        f"""
        SELECT 'act ' || a.id, a.action || ' of ' || a.at || ' is not in the chain'
        FROM audit_act a LEFT JOIN audit_link l ON l.act_id = a.id
        WHERE l.id IS NULL AND a.at < {_NOW} - interval '15 minutes' ORDER BY a.id
        """,
        timed=True,
    ),
)
