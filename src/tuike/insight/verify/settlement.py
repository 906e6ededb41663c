"""Checks of batches, statements and withdrawals, in SQL alone."""

from tuike.insight.verify.check import Check

_UNDER_WAY = "('requested', 'approved', 'sending', 'waiting_user')"
_BACK = "('returned', 'rejected', 'cancelled')"
_CHANNEL = (
    "CASE w.rail WHEN 'bank' THEN 'outside:bank' WHEN 'wechat' THEN 'outside:wechatpay' ELSE 'outside:sandbox' END"
)

_MOVED = """
    SELECT t.id, t.kind, t.source, a.path, e.amount_fen FROM ledger_transfer t
    JOIN ledger_entry e ON e.transfer_id = t.id JOIN ledger_account a ON a.id = e.account_id
    WHERE t.kind IN ('withdrawal', 'payout', 'withdrawal_back', 'payout_return')
"""

CHECKS = (
    Check(
        "leaving",
        "每个“提现中”账户恰为其未结束的提现之和",
        "each leaving account is the sum of the withdrawals under way",
        "SELECT count(*), sum(balance_fen)::bigint FROM ledger_account WHERE path LIKE '%:leaving'",
        f"""
        SELECT 'account ' || coalesce(a.path, w.path),
            'holds ' || coalesce(a.balance_fen, 0) || ', withdrawals under way ' || coalesce(w.fen, 0)
        FROM (SELECT path, balance_fen FROM ledger_account WHERE path LIKE '%:leaving') a
        FULL JOIN (
            SELECT payee_kind || ':' || party_id || ':leaving' AS path, sum(amount_fen) AS fen
            FROM settlement_withdrawal WHERE state IN {_UNDER_WAY} GROUP BY 1
        ) w ON w.path = a.path
        WHERE coalesce(a.balance_fen, 0) <> coalesce(w.fen, 0)
        """,
    ),
    Check(
        "withdrawals",
        "每笔提现：申请时扣款一次，付款一次为净额，未付则退回一次",
        "each withdrawal left once, and was paid out once with its net amount or came back once",
        "SELECT count(*), sum(amount_fen)::bigint FROM settlement_withdrawal",
        f"""
        WITH moved AS ({_MOVED}), told AS (
            SELECT w.no, w.state, w.amount_fen, w.fee_fen, w.tax_fen,
                count(DISTINCT m.id) FILTER (WHERE m.kind = 'withdrawal') AS asked,
                count(DISTINCT m.id) FILTER (WHERE m.kind = 'payout') AS paid,
                count(DISTINCT m.id) FILTER (WHERE m.kind = 'withdrawal_back') AS back,
                count(DISTINCT m.id) FILTER (WHERE m.kind = 'payout_return') AS undone,
                coalesce(sum(m.amount_fen) FILTER (WHERE m.kind = 'withdrawal' AND m.path = o.path || ':available'), 0)
                    AS taken_fen,
                coalesce(sum(m.amount_fen) FILTER (WHERE m.kind = 'withdrawal' AND m.path = o.path || ':leaving'), 0)
                    AS left_fen,
                coalesce(sum(m.amount_fen) FILTER (WHERE m.kind = 'payout' AND m.path = o.path || ':leaving'), 0)
                    AS gone_fen,
                coalesce(sum(m.amount_fen) FILTER (WHERE m.kind = 'payout' AND m.path = {_CHANNEL}), 0) AS net_fen,
                coalesce(sum(m.amount_fen) FILTER (WHERE m.kind = 'payout' AND m.path = 'platform:fees'), 0) AS fees,
                coalesce(sum(m.amount_fen) FILTER (WHERE m.kind = 'payout' AND m.path = 'platform:tax'), 0) AS tax,
                coalesce(
                    sum(m.amount_fen) FILTER (WHERE m.kind = 'withdrawal_back' AND m.path = o.path || ':available'), 0
                ) AS back_fen,
                coalesce(
                    sum(m.amount_fen) FILTER (WHERE m.kind = 'payout_return' AND m.path = o.path || ':available'), 0
                ) AS undone_fen,
                coalesce(sum(m.amount_fen) FILTER (WHERE m.kind = 'payout_return' AND m.path = {_CHANNEL}), 0)
                    AS given_back_fen
            FROM settlement_withdrawal w
            CROSS JOIN LATERAL (SELECT w.payee_kind || ':' || w.party_id AS path) o
            LEFT JOIN moved m ON m.source = 'withdrawal:' || w.no
            GROUP BY w.id
        )
        SELECT 'withdrawal ' || no, CASE
            WHEN asked <> 1 OR taken_fen <> -amount_fen OR left_fen <> amount_fen
                THEN amount_fen || ' asked for, ' || -taken_fen || ' taken in ' || asked || ' transfers'
            WHEN paid - undone <> (state = 'paid')::int THEN 'is ' || state || ' with ' || paid || ' payouts'
            WHEN back + undone <> (state IN {_BACK})::int
                THEN 'is ' || state || ' and came back ' || back + undone || ' times'
            WHEN undone = 1 AND (undone_fen <> amount_fen OR given_back_fen <> -net_fen)
                THEN 'was returned late with ' || undone_fen || ' of ' || amount_fen
            WHEN paid = 1 THEN 'paid out ' || net_fen || ' + fee ' || fees || ' + tax ' || tax || ' of ' || amount_fen
            ELSE 'came back with ' || back_fen || ' of ' || amount_fen END
        FROM told
        WHERE asked <> 1 OR taken_fen <> -amount_fen OR left_fen <> amount_fen
            OR paid - undone <> (state = 'paid')::int OR back + undone <> (state IN {_BACK})::int
            OR undone = 1 AND (undone_fen <> amount_fen OR given_back_fen <> -net_fen)
            OR paid = 1 AND (net_fen <> amount_fen - fee_fen - tax_fen OR gone_fen <> -amount_fen OR fees <> fee_fen
                OR tax <> tax_fen)
            OR back = 1 AND back_fen <> amount_fen
        UNION ALL
        SELECT 'transfer of ' || m.source, 'belongs to no withdrawal'
        FROM (SELECT DISTINCT source FROM moved) m
        LEFT JOIN settlement_withdrawal w ON 'withdrawal:' || w.no = m.source WHERE w.id IS NULL
        """,
    ),
    Check(
        "approvals",
        "每笔越过审批的提现都有足够的审批，且无一来自申请人",
        "each withdrawal beyond approval has its approvals, none of them the asker's",
        "SELECT count(*), NULL::bigint FROM settlement_approval",
        """
        SELECT 'withdrawal ' || w.no, CASE WHEN g.own > 0 THEN 'was approved by who asked for it'
            ELSE 'is ' || w.state || ' with ' || g.given || ' of ' || w.approvals_needed || ' approvals' END
        FROM settlement_withdrawal w
        CROSS JOIN LATERAL (
            SELECT count(DISTINCT person_id) AS given, count(*) FILTER (WHERE person_id = w.asked_by) AS own
            FROM settlement_approval WHERE withdrawal_id = w.id
        ) g
        WHERE g.own > 0
            OR w.state IN ('approved', 'sending', 'waiting_user', 'paid', 'returned') AND g.given < w.approvals_needed
        """,
    ),
    Check(
        "by_hand",
        "每笔人工入账由两人完成，退票对应一笔已复核的入账",
        "each outcome booked by hand has two people, and each late return is one of them",
        "SELECT count(*), NULL::bigint FROM settlement_hand_booking",
        """
        SELECT 'hand booking ' || h.id, CASE WHEN h.decided_by IS NULL OR h.decided_by = h.asked_by
            THEN 'was approved by nobody else' ELSE 'says ' || h.outcome || ', withdrawal ' || w.no || ' is ' || w.state
            END
        FROM settlement_hand_booking h JOIN settlement_withdrawal w ON w.id = h.withdrawal_id
        WHERE h.state = 'approved' AND (h.decided_by IS NULL OR h.decided_by = h.asked_by
            OR w.state NOT IN ('paid', 'returned') OR h.outcome = 'returned' AND w.state <> 'returned')
        UNION ALL
        SELECT 'transfer ' || t.key, 'is a late return that nobody approved'
        FROM ledger_transfer t WHERE t.kind = 'payout_return' AND NOT EXISTS (
            SELECT FROM settlement_hand_booking h JOIN settlement_withdrawal w ON w.id = h.withdrawal_id
            WHERE t.key = 'payout_return:' || w.no AND h.state = 'approved' AND h.outcome = 'returned')
        """,
    ),
    Check(
        "batches",
        "每个结算批次等于其明细之和，摘要一致",
        "each batch is the sum of its parts, and its digest recomputes",
        "SELECT count(*), sum(amount_fen)::bigint FROM settlement_batch",
        """
        SELECT 'batch ' || b.no, CASE
            WHEN b.amount_fen <> p.fen THEN 'says ' || b.amount_fen || ', parts give ' || p.fen
            ELSE 'was changed after it was closed' END
        FROM settlement_batch b
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount_fen), 0) AS fen, sha256(convert_to(coalesce(string_agg(
                concat_ws('|', payee_kind, payee_id, merchant_id, items, amount_fen), E'\\n'
                ORDER BY payee_kind COLLATE "C", payee_id, merchant_id, items, amount_fen), ''), 'UTF8')) AS digest
            FROM settlement_part WHERE batch_id = b.id
        ) p
        WHERE b.amount_fen <> p.fen OR b.digest <> p.digest
        """,
    ),
    Check(
        "parts",
        "每条结算明细恰有一笔同额转账，每笔结算转账恰有一条明细",
        "each part is one transfer of its amount, and the other way round",
        "SELECT count(*), sum(amount_fen)::bigint FROM settlement_part",
        """
        WITH told AS (
            SELECT t.id, t.key, t.source, a.path, sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0) AS fen
            FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
            JOIN ledger_account a ON a.id = e.account_id AND (a.path LIKE '%:available' OR a.path = 'platform:fees')
            WHERE t.kind = 'mature' GROUP BY t.id, t.key, t.source, a.path
        ), parts AS (
            SELECT p.*, 'batch:' || b.no AS source, CASE p.payee_kind WHEN 'platform' THEN 'platform:fees'
                ELSE p.payee_kind || ':' || p.payee_id || ':available' END AS path
            FROM settlement_part p JOIN settlement_batch b ON b.id = p.batch_id
        )
        SELECT coalesce('part ' || p.id, 'transfer ' || t.key), CASE WHEN p.id IS NULL THEN 'belongs to no part'
            WHEN t.id IS NULL THEN 'has no transfer of maturity'
            ELSE 'says ' || p.amount_fen || ' to ' || p.path || ', booked ' || t.fen || ' to ' || t.path END
        FROM parts p FULL JOIN told t ON t.id = p.transfer_id
        WHERE p.id IS NULL OR t.id IS NULL OR p.amount_fen <> t.fen OR p.path <> t.path OR p.source <> t.source
        UNION ALL
        SELECT 'transfer ' || transfer_id, 'belongs to ' || count(*) || ' parts'
        FROM settlement_part GROUP BY transfer_id HAVING count(*) > 1
        """,
    ),
    Check(
        "statements",
        "每份月结单等于其分录，首尾相接，摘要一致",
        "each statement is its entries, begins where the last one ended, and its digest recomputes",
        "SELECT count(*), sum(closing_fen)::bigint FROM settlement_statement",
        """
        WITH chained AS (
            SELECT s.*, lag(closing_fen, 1, 0::bigint) OVER w AS before_fen,
                lag(through_version, 1, 0::bigint) OVER w AS before_version
            FROM settlement_statement s WINDOW w AS (PARTITION BY owner ORDER BY month)
        ), kinds AS (
            SELECT c.id, t.kind, sum(e.amount_fen) AS fen, count(*) AS entries,
                coalesce(sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0), 0) AS in_fen,
                coalesce(sum(-e.amount_fen) FILTER (WHERE e.amount_fen < 0), 0) AS out_fen
            FROM chained c JOIN ledger_account a ON a.path = c.owner || ':available'
            JOIN ledger_entry e ON e.account_id = a.id
                AND e.version > c.before_version AND e.version <= c.through_version
            JOIN ledger_transfer t ON t.id = e.transfer_id GROUP BY c.id, t.kind
        ), booked AS (
            SELECT id, jsonb_object_agg(kind, fen) AS by_kind, sum(entries) AS entries, sum(in_fen) AS in_fen,
                sum(out_fen) AS out_fen
            FROM kinds GROUP BY id
        ), said AS (
            SELECT c.*, b.id IS NOT NULL AND b.by_kind = c.by_kind AND b.entries = c.entries AND b.in_fen = c.in_fen
                    AND b.out_fen = c.out_fen AS as_booked,
                sha256(convert_to(concat_ws('|', c.owner, to_char(c.month, 'YYYY-MM-DD'), c.opening_fen, c.in_fen,
                    c.out_fen, c.by_kind, c.entries, c.through_version), 'UTF8')) AS recomputed
            FROM chained c LEFT JOIN booked b ON b.id = c.id
        )
        SELECT 'statement ' || owner || ' ' || to_char(month, 'YYYY-MM'), CASE
            WHEN opening_fen <> before_fen
                THEN 'opens with ' || opening_fen || ', the last one closed with ' || before_fen
            WHEN NOT as_booked THEN 'differs from the entries of its account'
            ELSE 'was changed after it was closed' END
        FROM said WHERE opening_fen <> before_fen OR NOT as_booked OR digest <> recomputed
        """,
    ),
)
