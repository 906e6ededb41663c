"""That points are what the history, the lots and the orders say, in SQL alone."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "points",
        "积分账户、批次、流水、订单所得与消费互相一致",
        "points accounts, lots, the history, what orders earned and what was spent say the same",
        "SELECT count(*), NULL::bigint FROM marketing_points_move",
        """
        WITH said AS (
            SELECT a.path, a.balance_fen FROM ledger_account a WHERE a.path ~ '^buyer:[0-9]+:points(_owed)?$'
        ), buyers AS (
            SELECT split_part(path, ':', 2)::bigint AS id,
                coalesce(sum(balance_fen) FILTER (WHERE path LIKE '%:points'), 0) AS points,
                coalesce(sum(balance_fen) FILTER (WHERE path LIKE '%owed'), 0) AS owed
            FROM said GROUP BY 1
        ), lots AS (SELECT buyer_id, sum(points_left) AS points FROM marketing_points_lot GROUP BY 1
        ), moved AS (
            SELECT buyer_id, sum(CASE WHEN kind IN ('earned', 'returned') THEN points ELSE -points END) AS points
            FROM marketing_points_move GROUP BY 1
        )
        SELECT 'buyer ' || coalesce(b.id, l.buyer_id, m.buyer_id), 'has ' || coalesce(b.points, 0) || ' and owes '
            || -coalesce(b.owed, 0) || ', lots hold ' || coalesce(l.points, 0) || ', the history says '
            || coalesce(m.points, 0)
        FROM buyers b FULL JOIN lots l ON l.buyer_id = b.id FULL JOIN moved m ON m.buyer_id = coalesce(b.id, l.buyer_id)
        WHERE coalesce(b.points, 0) <> coalesce(l.points, 0)
            OR coalesce(b.points, 0) + coalesce(b.owed, 0) <> coalesce(m.points, 0)
            OR coalesce(b.points, 0) > 0 AND coalesce(b.owed, 0) < 0
        UNION ALL
        SELECT 'move ' || m.id, 'of ' || m.points || ' is booked as ' || coalesce(t.points::text, 'nothing')
        FROM marketing_points_move m LEFT JOIN (
            SELECT t.key, t.kind, t.source, sum(e.amount_fen) FILTER (WHERE e.amount_fen > 0) AS points
            FROM ledger_transfer t JOIN ledger_entry e ON e.transfer_id = t.id WHERE t.key LIKE 'points:%' GROUP BY t.id
        ) t ON t.key = 'points:' || m.id AND t.kind = 'points_' || m.kind AND t.source = m.source
        WHERE t.points IS DISTINCT FROM m.points
        UNION ALL
        SELECT 'order ' || e.order_no, 'earned ' || e.standing || ' of ' || e.points || ', the history says '
            || coalesce(h.points, 0) || ', of which ended ' || coalesce(h.ended, 0)
        FROM marketing_points_earning e LEFT JOIN (
            SELECT source, sum(CASE kind WHEN 'earned' THEN points WHEN 'taken_back' THEN -points ELSE 0 END) AS points,
                sum(points) FILTER (WHERE kind = 'expired') AS ended
            FROM marketing_points_move WHERE kind IN ('earned', 'taken_back', 'expired') GROUP BY 1
        ) h ON h.source = e.order_no
        WHERE coalesce(h.points, 0) NOT BETWEEN e.standing AND e.standing + coalesce(h.ended, 0)
        UNION ALL
        SELECT 'spent for ' || s.source, 'says ' || s.points || ' less ' || s.returned || ', parts say '
            || coalesce(p.points, 0) || ' less ' || coalesce(p.returned, 0) || ', the history ' || coalesce(h.points, 0)
            || ' less ' || coalesce(h.returned, 0)
        FROM marketing_points_spend s LEFT JOIN (
            SELECT spend_id, sum(points) AS points, sum(returned) AS returned
            FROM marketing_points_spend_part GROUP BY 1
        ) p ON p.spend_id = s.id LEFT JOIN (
            SELECT source, sum(points) FILTER (WHERE kind = 'spent') AS points,
                sum(points) FILTER (WHERE kind = 'returned') AS returned
            FROM marketing_points_move WHERE kind IN ('spent', 'returned') GROUP BY 1
        ) h ON h.source = s.source
        WHERE (s.points, s.returned) IS DISTINCT FROM (p.points, p.returned)
            OR (s.points, s.returned) IS DISTINCT FROM (h.points, coalesce(h.returned, 0))
        UNION ALL
        SELECT 'points good ' || g.no, 'says ' || g.taken || ' taken, there are ' || coalesce(sum(t.quantity), 0)
        FROM marketing_points_good g
        LEFT JOIN marketing_points_good_taking t ON t.good_id = g.id AND t.back_at IS NULL
        GROUP BY g.id HAVING g.taken <> coalesce(sum(t.quantity), 0)
        UNION ALL
        SELECT 'taking ' || t.no, 'took ' || t.points || ' points, spent for it are ' || coalesce(s.points, 0)
            || CASE WHEN t.back_at IS NOT NULL THEN ', not all back' ELSE '' END
        FROM marketing_points_good_taking t LEFT JOIN marketing_points_spend s ON s.source = t.no
        WHERE s.points IS DISTINCT FROM t.points OR t.back_at IS NOT NULL AND s.returned <> s.points
        """,
    ),
)
