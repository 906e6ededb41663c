"""That bargains are what their cuts make them and offers sold what they say, in SQL alone."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "bargains",
        "砍价的刀数与金额等于各刀之和且不低于底价，活动已售数等于已购砍价，每个砍价至多用于一笔有效订单",
        "bargains are the sum of their cuts and never below the floor, offers sold what was bought, each bargain lowers"
        " one order at most",
        "SELECT count(*), coalesce(sum(cut_fen), 0)::bigint FROM marketing_bargain",
        """
        SELECT 'bargain ' || b.no, 'says ' || b.cut_count || ' cuts of ' || b.cut_fen || ', there are '
            || coalesce(c.cuts, 0) || ' of ' || coalesce(c.fen, 0)
            || '; ' || b.cuts_needed || ' cut ' || b.price_fen - b.floor_fen
        FROM marketing_bargain b LEFT JOIN (
            SELECT bargain_id, count(*) AS cuts, sum(amount_fen) AS fen, max(nth) AS last
            FROM marketing_bargain_cut GROUP BY 1
        ) c ON c.bargain_id = b.id
        WHERE (b.cut_count, b.cut_fen, b.cut_count) IS DISTINCT FROM
                (coalesce(c.cuts, 0), coalesce(c.fen, 0), coalesce(c.last, 0))
            OR (b.cut_count = b.cuts_needed) <> (b.cut_fen = b.price_fen - b.floor_fen)
        UNION ALL
        SELECT 'offer ' || f.no, 'says ' || f.taken || ' sold, ' || count(b.used_at) || ' bargains were bought'
        FROM marketing_bargain_offer f LEFT JOIN marketing_bargain b ON b.offer_id = f.id
        GROUP BY f.id HAVING f.taken <> count(b.used_at)
        UNION ALL
        SELECT 'bargain ' || b.no, CASE WHEN b.used_at IS NULL THEN 'is unused and lowers ' ELSE 'lowers ' END
            || count(DISTINCT o.id) || ' orders'
        FROM marketing_bargain b JOIN orders_discount d ON d.source = b.no AND d.kind = 'bargain'
        JOIN orders_line l ON l.id = d.line_id JOIN orders_order o ON o.id = l.order_id AND o.state <> 'closed'
        GROUP BY b.id HAVING b.used_at IS NULL OR count(DISTINCT o.id) > 1
        """,
    ),
)
