"""That red packets hold what nobody opened and balances what was opened and not spent, in SQL alone."""

from tuike.insight.verify.check import Check

_EXPECTED = """
    SELECT 'red_packet:' || no AS key, CASE funder WHEN 'shop' THEN 'merchant:' || merchant_id || ':available'
            WHEN 'balance' THEN 'buyer:' || buyer_id || ':balance' ELSE 'clearing:' END AS giver,
        'redpacket:' || id AS taker, total_fen AS fen
    FROM marketing_packet WHERE funded_at IS NOT NULL
    UNION ALL
    SELECT 'red_packet_open:' || p.no || ':' || s.nth, 'redpacket:' || p.id, 'buyer:' || s.person_id || ':balance',
        s.amount_fen
    FROM marketing_packet_share s JOIN marketing_packet p ON p.id = s.packet_id WHERE s.person_id IS NOT NULL
    UNION ALL
    SELECT 'red_packet_return:' || no, 'redpacket:' || id,
        CASE WHEN merchant_id IS NULL THEN 'buyer:' || buyer_id || ':balance'
            ELSE 'merchant:' || merchant_id || ':available' END, returned_fen
    FROM marketing_packet WHERE state = 'over'
"""
"""Each booking that the rows of red packets call for: its key, from, to, how much."""

_BOOKED = """
    SELECT t.key, max(a.path) FILTER (WHERE e.amount_fen < 0) AS giver,
        max(a.path) FILTER (WHERE e.amount_fen > 0) AS taker, sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0) AS fen
    FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id JOIN ledger_account a ON a.id = e.account_id
    WHERE t.kind IN ('red_packet', 'red_packet_open', 'red_packet_return') GROUP BY t.id
"""

_OWED = """
    SELECT buyer_id, sum(fen) AS fen FROM (
        SELECT person_id AS buyer_id, amount_fen AS fen FROM marketing_packet_share WHERE person_id IS NOT NULL
        UNION ALL
        SELECT buyer_id, returned_fen - CASE funder WHEN 'balance' THEN total_fen ELSE 0 END
        FROM marketing_packet WHERE buyer_id IS NOT NULL
        UNION ALL
        SELECT buyer_id, refunded_fen - amount_fen FROM marketing_balance_hold WHERE state <> 'released'
        UNION ALL
        SELECT t.source::bigint, -e.amount_fen FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id
        JOIN ledger_account a ON a.id = e.account_id AND a.path = 'platform:fees'
        WHERE t.kind = 'balance_given_up'
    ) each GROUP BY 1
"""
"""What each buyer's balance must be: opened, returned and refunded, less what was sent from it, what orders hold, and
what was given up with the account."""

CHECKS = (
    Check(
        "red_packets",
        "每个红包的份额合计等于总额，红包账户恰为未领金额，每次发出、领取、退回都已记账",
        "each packet's shares sum to it, its account holds exactly what nobody opened, and each step is booked",
        "SELECT count(*), coalesce(sum(total_fen), 0)::bigint FROM marketing_packet",
        f"""
        SELECT 'packet ' || p.no, 'of ' || p.total_fen || ' in ' || p.shares || ' has ' || s.fen || ' in ' || s.count
            || '; opened ' || p.opened_fen || ' in ' || p.opened || ', shares say ' || s.open_fen || ' in ' || s.opened
        FROM marketing_packet p JOIN LATERAL (
            SELECT count(*), coalesce(sum(amount_fen), 0) AS fen, count(person_id) AS opened,
                coalesce(sum(amount_fen) FILTER (WHERE person_id IS NOT NULL), 0) AS open_fen
            FROM marketing_packet_share WHERE packet_id = p.id
        ) s ON true
        WHERE (p.total_fen, p.shares, p.opened_fen, p.opened) IS DISTINCT FROM (s.fen, s.count, s.open_fen, s.opened)
            OR (p.state = 'empty') <> (p.opened = p.shares)
        UNION ALL
        SELECT 'account ' || coalesce(a.path, 'redpacket:' || p.id), 'holds ' || coalesce(a.balance_fen, 0)
            || ', unopened ' || coalesce(p.fen, 0)
        FROM (SELECT path, balance_fen FROM ledger_account WHERE path LIKE 'redpacket:%') a
        FULL JOIN (SELECT id, total_fen - opened_fen AS fen FROM marketing_packet WHERE state = 'open') p
            ON 'redpacket:' || p.id = a.path
        WHERE coalesce(a.balance_fen, 0) <> coalesce(p.fen, 0)
        UNION ALL
        SELECT 'transfer ' || coalesce(x.key, b.key), CASE WHEN b.key IS NULL THEN 'is missing: '
            WHEN x.key IS NULL THEN 'is for nothing: ' ELSE 'is of other content: ' END
            || coalesce(b.giver || ' to ' || b.taker || ' ' || b.fen, 'none') || ', due '
            || coalesce(x.giver || ' to ' || x.taker || ' ' || x.fen, 'none')
        FROM ({_EXPECTED}) x FULL JOIN ({_BOOKED}) b ON b.key = x.key
        WHERE b.key IS NULL OR x.key IS NULL OR b.taker <> x.taker OR b.fen <> x.fen
            OR b.giver <> x.giver AND NOT (x.giver = 'clearing:' AND b.giver LIKE 'clearing:%')
        """,
    ),
    Check(
        "buyer_balances",
        "买家余额等于领取、退回的红包减去发出、订单占用与注销时放弃",
        "each buyer's balance is what packets brought, less what was sent, what orders hold and what was given up",
        "SELECT count(*), coalesce(sum(balance_fen), 0)::bigint FROM ledger_account WHERE path LIKE 'buyer:%:balance'",
        f"""
        SELECT 'account ' || coalesce(a.path, 'buyer:' || o.buyer_id || ':balance'), 'holds '
            || coalesce(a.balance_fen, 0) || ', should be ' || coalesce(o.fen, 0)
        FROM (SELECT path, balance_fen FROM ledger_account WHERE path LIKE 'buyer:%:balance') a
        FULL JOIN ({_OWED}) o ON 'buyer:' || o.buyer_id || ':balance' = a.path
        WHERE coalesce(a.balance_fen, 0) <> coalesce(o.fen, 0)
        """,
    ),
)
