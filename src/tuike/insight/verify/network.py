"""That deposits stand as their rows say, that nothing but deposits touches their accounts, and that who recruited whom
is what its history says, in SQL alone."""

from tuike.insight.verify.check import Check

_LEFT = "d.amount_fen - d.forfeited_fen - d.returned_fen"
_EXPECTED = """
    SELECT 'deposit:' || no AS key, 'clearing:' AS giver, 'promoter:' || promoter_id || ':deposit' AS taker,
        amount_fen AS fen
    FROM network_deposit WHERE paid_at IS NOT NULL
    UNION ALL
    SELECT 'deposit_back:' || refund_no, 'promoter:' || promoter_id || ':deposit', 'clearing:' || refund_no,
        amount_fen - forfeited_fen
    FROM network_deposit WHERE refund_no <> ''
    UNION ALL
    SELECT CASE k.kind WHEN 'forfeit' THEN 'deposit_forfeit:' ELSE 'deposit_by_hand:' END || k.id,
        'promoter:' || d.promoter_id || ':deposit',
        CASE k.kind WHEN 'forfeit' THEN 'platform:fees' ELSE 'outside:bank' END, k.amount_fen
    FROM network_decision k JOIN network_deposit d ON d.id = k.deposit_id WHERE k.state = 'approved'
"""
"""Each booking that the rows of deposits call for: its key, from, to, how much."""

_BOOKED = """
    SELECT t.key, max(a.path) FILTER (WHERE e.amount_fen < 0) AS giver,
        max(a.path) FILTER (WHERE e.amount_fen > 0) AS taker, sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0) AS fen,
        count(*) AS entries
    FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id JOIN ledger_account a ON a.id = e.account_id
    WHERE t.kind IN ('deposit', 'deposit_back', 'deposit_forfeit', 'deposit_by_hand')
        OR t.id IN (
            SELECT oe.transfer_id FROM ledger_account o JOIN ledger_entry oe ON oe.account_id = o.id
            WHERE o.path LIKE 'promoter:%:deposit'
        )
    GROUP BY t.id
"""

CHECKS = (
    Check(
        "deposits",
        "保证金账户恰为未退未扣的保证金，每次缴纳、退还、扣除都已记账，且没有其他资金动过保证金账户",
        "each deposit account holds what was neither forfeited nor given back; each step is booked, and nothing else",
        "SELECT count(*), coalesce(sum(amount_fen), 0)::bigint FROM network_deposit WHERE paid_at IS NOT NULL",
        f"""
        SELECT 'account ' || coalesce(a.path, 'promoter:' || x.promoter_id || ':deposit'),
            'holds ' || coalesce(a.balance_fen, 0) || ', deposits say ' || coalesce(x.fen, 0)
        FROM (SELECT path, balance_fen FROM ledger_account WHERE path LIKE 'promoter:%:deposit') a
        FULL JOIN (
            SELECT d.promoter_id, sum({_LEFT}) AS fen FROM network_deposit d
            WHERE d.state IN ('paid', 'holding') GROUP BY 1
        ) x ON 'promoter:' || x.promoter_id || ':deposit' = a.path
        WHERE coalesce(a.balance_fen, 0) <> coalesce(x.fen, 0)
        UNION ALL
        SELECT 'deposit ' || d.no, 'is ' || d.state || ' with ' || ({_LEFT}) || ' left of ' || d.amount_fen
            || ', forfeits say ' || k.forfeited || ' of ' || d.forfeited_fen
        FROM network_deposit d CROSS JOIN LATERAL (
            SELECT coalesce(sum(amount_fen) FILTER (WHERE kind = 'forfeit'), 0) AS forfeited
            FROM network_decision WHERE deposit_id = d.id AND state = 'approved'
        ) k
        WHERE k.forfeited <> d.forfeited_fen OR (d.state = 'ended') <> (d.paid_at IS NOT NULL AND {_LEFT} = 0)
        UNION ALL
        SELECT 'transfer ' || coalesce(x.key, b.key), CASE WHEN b.key IS NULL THEN 'is missing: '
            WHEN x.key IS NULL THEN 'is for nothing: ' ELSE 'is of other content: ' END
            || coalesce(b.giver || ' to ' || b.taker || ' ' || b.fen, 'none') || ', due '
            || coalesce(x.giver || ' to ' || x.taker || ' ' || x.fen, 'none')
        FROM ({_EXPECTED}) x FULL JOIN ({_BOOKED}) b ON b.key = x.key
        WHERE b.key IS NULL OR x.key IS NULL OR b.taker <> x.taker OR b.fen <> x.fen OR b.entries <> 2
            OR b.giver <> x.giver AND NOT (x.giver = 'clearing:' AND b.giver LIKE 'clearing:%')
        """,
    ),
    Check(
        "line_changes",
        "每个推客的上级就是其变更记录的最后一条，记录首尾相接且时间不倒退",
        "each promoter's recruiter is what its last change says; changes follow on each other, never backwards in time",
        "SELECT count(*), NULL::bigint FROM parties_line_change",
        """
        SELECT 'promoter ' || p.party_id, 'is under ' || coalesce(p.recruiter_id::text, 'nobody')
            || ', its history says ' || coalesce(l.taker_id::text, 'nobody')
        FROM parties_promoter p LEFT JOIN LATERAL (
            SELECT taker_id FROM parties_line_change WHERE promoter_id = p.party_id ORDER BY nth DESC LIMIT 1
        ) l ON true
        WHERE p.recruiter_id IS DISTINCT FROM l.taker_id
        UNION ALL
        SELECT 'promoter ' || promoter_id, 'has a change ' || nth || ' that doesn''t follow on the one before'
        FROM (
            SELECT promoter_id, nth, giver_id, at, lag(taker_id) OVER w AS before_id, lag(at) OVER w AS before_at,
                row_number() OVER w AS counted
            FROM parties_line_change WINDOW w AS (PARTITION BY promoter_id ORDER BY nth)
        ) each
        WHERE nth <> counted OR giver_id IS DISTINCT FROM before_id OR at < before_at
        """,
    ),
    Check(
        "network_standing",
        "已退出与已清退的推客不能再接新单，清退的人与推客一致，审核中的申请属于待加入的推客",
        "who left or was banned earns nothing new, bans are of banned promoters, applications of those who wait",
        "SELECT count(*), NULL::bigint FROM parties_promoter WHERE standing <> 'active'",
        """
        SELECT 'promoter ' || r.party_id, 'is ' || r.standing || ' and may act'
        FROM parties_promoter r JOIN parties_party p ON p.id = r.party_id
        WHERE r.standing IN ('retired', 'banned') AND p.suspended_at IS NULL
        UNION ALL
        SELECT 'ban ' || b.id, 'holds for promoter ' || b.promoter_id || ', which is ' || r.standing
        FROM network_ban b JOIN parties_promoter r ON r.party_id = b.promoter_id
        WHERE b.lifted_at IS NULL AND r.standing <> 'banned'
        UNION ALL
        SELECT 'application ' || a.no, 'is under review, its promoter is ' || r.standing
        FROM network_application a JOIN parties_promoter r ON r.party_id = a.promoter_id
        WHERE a.state = 'filed' AND r.standing NOT IN ('joining', 'retired')
        """,
    ),
)
