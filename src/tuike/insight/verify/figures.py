"""That the daily figures are what clicks, claims, sales and accruals add up to, in SQL alone.

What was told and not yet counted is no fault: days that wait, and days of orders and batches that were not yet read,
are left out. Before the first count the check looks at nothing and says so by its count.
"""

from tuike.insight.verify.check import Check

_DAY = "(s.paid_at AT TIME ZONE 'Asia/Shanghai')::date"
_UNREAD = f"""
    unread AS (
        SELECT e.topic, e.key, e.facts FROM outbox_event e JOIN outbox_consumer c ON c.name = 'figures'
        WHERE (e.txid, e.id) > (c.txid, c.event_id)
    ), open AS (
        SELECT merchant_id, day FROM figures_stale
        UNION SELECT s.merchant_id, {_DAY} FROM unread u JOIN commission_sale s
            ON s.order_no = CASE WHEN u.topic LIKE 'after\\_sale.%' THEN u.facts->>'order' ELSE u.key END
        UNION SELECT s.merchant_id, {_DAY} FROM unread u JOIN commission_sale s
            ON u.topic = 'settlement.batch' AND s.matured_batch_id = (u.facts->>'id')::bigint
        UNION SELECT s.merchant_id, {_DAY} FROM unread u JOIN commission_accrual a
            ON u.topic = 'settlement.batch' AND a.review <> 'clear' AND a.batch_id = (u.facts->>'id')::bigint
            JOIN commission_sale s ON s.id = a.sale_id
    )
"""
_BEGUN = "EXISTS (SELECT 1 FROM outbox_consumer WHERE name = 'figures')"

CHECKS = (
    Check(
        "figures",
        "每日数据与订单、佣金一致",
        "the daily figures are what sales and accruals add up to",
        "SELECT count(*), sum(all_paid_fen)::bigint FROM figures_sum WHERE kind = 'merchant'",
        f"""
        WITH {_UNREAD}, sold AS (
            SELECT s.merchant_id, {_DAY} AS day, count(DISTINCT s.order_no) AS all_orders,
                count(DISTINCT s.order_no) FILTER (WHERE c.promoter_id IS NOT NULL) AS orders,
                sum(s.paid_fen) AS all_paid_fen, sum(s.paid_fen) FILTER (WHERE c.promoter_id IS NOT NULL) AS paid_fen
            FROM commission_sale s LEFT JOIN attribution_claim c ON c.id = s.id WHERE s.kind = 'goods' GROUP BY 1, 2
        ), earned AS (
            SELECT s.merchant_id, {_DAY} AS day,
                sum(a.amount_fen) FILTER (WHERE a.state <> 'cancelled') AS estimated_fen,
                sum(a.amount_fen) FILTER (WHERE a.state = 'settled') AS settled_fen
            FROM commission_sale s JOIN commission_accrual a ON a.sale_id = s.id WHERE s.kind = 'goods' GROUP BY 1, 2
        ), counted AS (
            SELECT owner_id AS merchant_id, day, all_orders, orders, all_paid_fen, paid_fen, estimated_fen, settled_fen
            FROM figures_sum WHERE kind = 'merchant'
        )
        SELECT 'merchant ' || coalesce(f.merchant_id, s.merchant_id) || ' ' || coalesce(f.day, s.day),
            'counted ' || CASE WHEN f.day IS NULL THEN 'nothing' ELSE concat_ws(' ', f.all_orders, f.orders,
                f.all_paid_fen, f.paid_fen, f.estimated_fen, f.settled_fen) END || ', its sources give '
            || CASE WHEN s.day IS NULL THEN 'nothing' ELSE concat_ws(' ', s.all_orders, s.orders, s.all_paid_fen,
                coalesce(s.paid_fen, 0), coalesce(e.estimated_fen, 0), coalesce(e.settled_fen, 0)) END
        FROM sold s LEFT JOIN earned e ON e.merchant_id = s.merchant_id AND e.day = s.day
        FULL JOIN counted f ON f.merchant_id = s.merchant_id AND f.day = s.day
        LEFT JOIN open o ON o.merchant_id = coalesce(f.merchant_id, s.merchant_id) AND o.day = coalesce(f.day, s.day)
        WHERE {_BEGUN} AND o.day IS NULL AND (
            coalesce(f.all_orders, 0), coalesce(f.orders, 0), coalesce(f.all_paid_fen, 0), coalesce(f.paid_fen, 0),
            coalesce(f.estimated_fen, 0), coalesce(f.settled_fen, 0)
        ) <> (
            coalesce(s.all_orders, 0), coalesce(s.orders, 0), coalesce(s.all_paid_fen, 0), coalesce(s.paid_fen, 0),
            coalesce(e.estimated_fen, 0), coalesce(e.settled_fen, 0)
        )
        """,
    ),
    Check(
        "figures_earned",
        "推客的每日预估与结算佣金等于其佣金明细",
        "what a promoter's days say it earned is what its accruals say",
        "SELECT count(*), sum(estimated_fen)::bigint FROM figures_sum WHERE kind = 'promoter'",
        f"""
        WITH {_UNREAD}, earned AS (
            SELECT a.payee_id AS promoter_id, {_DAY} AS day,
                sum(CASE WHEN a.state = 'cancelled' THEN 0 ELSE a.amount_fen END) AS estimated_fen,
                sum(CASE WHEN a.state = 'settled' THEN a.amount_fen ELSE 0 END) AS settled_fen,
                bool_or(o.day IS NOT NULL) AS open
            FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
            LEFT JOIN open o ON o.merchant_id = s.merchant_id AND o.day = {_DAY}
            WHERE a.payee_kind = 'promoter' AND s.kind = 'goods' GROUP BY 1, 2
        )
        SELECT 'promoter ' || coalesce(f.owner_id, e.promoter_id) || ' ' || coalesce(f.day, e.day),
            'counted ' || coalesce(f.estimated_fen, 0) || '/' || coalesce(f.settled_fen, 0) || ', accruals give '
            || coalesce(e.estimated_fen, 0) || '/' || coalesce(e.settled_fen, 0)
        FROM earned e FULL JOIN (SELECT * FROM figures_sum WHERE kind = 'promoter') f
            ON f.owner_id = e.promoter_id AND f.day = e.day
        WHERE {_BEGUN} AND NOT coalesce(e.open, false) AND (coalesce(f.estimated_fen, 0), coalesce(f.settled_fen, 0))
            <> (coalesce(e.estimated_fen, 0), coalesce(e.settled_fen, 0))
        """,
    ),
    Check(
        "figures_clicks",
        "每日点击数与访客数等于点击记录（至最近一个完整的日子）",
        "the clicks and visitors of each day that is over are those that were recorded",
        "SELECT count(*), NULL::bigint FROM figures_day WHERE clicks > 0",
        """
        WITH whole AS (SELECT whole_until AS until FROM figures_clicks), clicked AS (
            SELECT (k.at AT TIME ZONE 'Asia/Shanghai')::date AS day, k.merchant_id, count(*) AS n,
                count(DISTINCT (k.promoter_id, l.place_id, l.product_id, k.visitor)) AS visitors
            FROM attribution_click k LEFT JOIN attribution_link l ON l.id = k.link_id GROUP BY 1, 2
        ), counted AS (
            SELECT day, merchant_id, sum(clicks) AS n, sum(visitors) AS visitors FROM figures_day GROUP BY 1, 2
        )
        SELECT 'merchant ' || merchant_id || ' ' || day,
            'counted ' || coalesce(f.n, 0) || ', recorded ' || coalesce(k.n, 0)
            || '; visitors ' || coalesce(f.visitors, 0) || ', ' || coalesce(k.visitors, 0)
        FROM clicked k FULL JOIN counted f USING (day, merchant_id), whole
        WHERE day <= whole.until
            AND (coalesce(f.n, 0), coalesce(f.visitors, 0)) <> (coalesce(k.n, 0), coalesce(k.visitors, 0))
        """,
    ),
    Check(
        "figures_shares",
        "每日分享数等于分享记录（至最近一个完整的日子）",
        "the shares of each day that is over are those that were recorded",
        "SELECT count(*), NULL::bigint FROM figures_day WHERE shares > 0",
        """
        WITH whole AS (SELECT whole_until AS until FROM figures_clicks), shared AS (
            SELECT (s.at AT TIME ZONE 'Asia/Shanghai')::date AS day, s.merchant_id, count(*) AS n
            FROM attribution_share s GROUP BY 1, 2
        ), counted AS (SELECT day, merchant_id, sum(shares) AS n FROM figures_day GROUP BY 1, 2)
        SELECT 'merchant ' || merchant_id || ' ' || day,
            'counted ' || coalesce(f.n, 0) || ', recorded ' || coalesce(k.n, 0)
        FROM shared k FULL JOIN counted f USING (day, merchant_id), whole
        WHERE day <= whole.until AND coalesce(f.n, 0) <> coalesce(k.n, 0)
        """,
    ),
)
