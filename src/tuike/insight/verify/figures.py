"""That the daily figures are what clicks, claims, sales and accruals add up to, in SQL alone.

What was told and not yet counted is no fault: days that events touch which weren't read yet are left
out. Before the first count the check looks at nothing and says so by its count.
"""

from tuike.figures.types import PAYEES, ROLES, STATUSES, Span
from tuike.insight.verify.check import Check

_DAY = "(s.paid_at AT TIME ZONE 'Asia/Shanghai')::date"
_UNREAD = f"""
    unread AS (
        SELECT e.topic, e.key, e.facts FROM outbox_event e JOIN outbox_consumer c ON c.name = 'figures'
        WHERE (e.txid, e.id) > (c.txid, c.event_id)
    ), named AS (
        SELECT one::bigint AS id, list FROM unread u, (VALUES ('sales'), ('accruals')) l (list),
            jsonb_array_elements_text(CASE WHEN jsonb_typeof(u.facts->list) = 'array' THEN u.facts->list
                ELSE '[]' END) one WHERE one ~ '^[0-9]+$'
    ), open AS (
        SELECT s.merchant_id, {_DAY} AS day FROM unread u JOIN commission_sale s
            ON s.order_no = CASE WHEN u.topic LIKE 'after\\_sale.%' THEN u.facts->>'order' ELSE u.key END
        UNION SELECT s.merchant_id, {_DAY} FROM named n JOIN commission_sale s ON s.id = n.id AND n.list = 'sales'
        UNION SELECT s.merchant_id, {_DAY} FROM named n JOIN commission_accrual a
            ON a.id = n.id AND n.list = 'accruals' JOIN commission_sale s ON s.id = a.sale_id
    )
"""
_BEGUN = "EXISTS (SELECT 1 FROM outbox_consumer WHERE name = 'figures' AND read_at IS NOT NULL)"
_COUNTED = (
    "all_orders",
    "orders",
    "received_orders",
    "settled_orders",
    "all_paid_fen",
    "paid_fen",
    "all_refunded_fen",
    "refunded_fen",
    "estimated_fen",
    "settled_fen",
)
_OF_ORDER = ("all_orders", "orders", "received_orders", "settled_orders")
_OF_SALE = ("all_paid_fen", "paid_fen", "all_refunded_fen", "refunded_fen")
_OF_ACCRUAL = ("estimated_fen", "settled_fen")


def _listed(table: str, names: tuple[str, ...] = _COUNTED) -> str:
    return ", ".join(f"coalesce({table}.{name}, 0)" for name in names)


def _words(values: tuple[str, ...], column: str) -> str:
    """Return the word that a number stands for, by its place among the words."""
    return f"(ARRAY[{', '.join(repr(one) for one in values)}])[{column}]"


_SPANS = " UNION ALL ".join(f"SELECT {int(span)} AS span" for span in Span)
_SUMMED = (*_OF_ACCRUAL, "paid_fen", "refunded_fen", "clicks", "visitors", "shares")

CHECKS = (
    Check(
        "figures",
        "每日数据与订单、佣金一致",
        "the daily figures are what sales and accruals add up to",
        "SELECT count(*), sum(all_paid_fen)::bigint FROM figures_sum WHERE kind = 'merchant'",
        f"""
        WITH {_UNREAD}, line AS (
            SELECT s.*, {_DAY} AS day, c.promoter_id IS NOT NULL AS claimed
            FROM commission_sale s LEFT JOIN attribution_claim c ON c.id = s.id WHERE s.kind = 'goods'
        ), bought AS (
            SELECT merchant_id, day, order_no, bool_or(claimed) AS claimed,
                bool_or(claimed AND received_at IS NOT NULL) AS received,
                bool_and(matured_batch_id IS NOT NULL) FILTER (WHERE claimed) AS matured
            FROM line GROUP BY 1, 2, 3
        ), orders AS (
            SELECT merchant_id, day, count(*) AS all_orders, count(*) FILTER (WHERE claimed) AS orders,
                count(*) FILTER (WHERE received) AS received_orders, count(*) FILTER (WHERE matured) AS settled_orders
            FROM bought GROUP BY 1, 2
        ), sold AS (
            SELECT merchant_id, day, sum(paid_fen) AS all_paid_fen, sum(refunded_fen) AS all_refunded_fen,
                sum(paid_fen) FILTER (WHERE claimed) AS paid_fen,
                sum(refunded_fen) FILTER (WHERE claimed) AS refunded_fen
            FROM line GROUP BY 1, 2
        ), earned AS (
            SELECT s.merchant_id, {_DAY} AS day,
                sum(a.amount_fen) FILTER (WHERE a.state <> 'cancelled' AND a.funder <> 'platform') AS estimated_fen,
                sum(a.amount_fen) FILTER (WHERE a.state = 'settled' AND a.funder <> 'platform') AS settled_fen
            FROM commission_sale s JOIN commission_accrual a ON a.sale_id = s.id GROUP BY 1, 2
        ), counted AS (SELECT *, owner_id AS merchant_id FROM figures_sum WHERE kind = 'merchant')
        SELECT 'merchant ' || merchant_id || ' ' || day,
            'counted ' || CASE WHEN f.day IS NULL THEN 'nothing' ELSE concat_ws(' ', {_listed("f")}) END
            || ', its sources give ' || CASE WHEN s.day IS NULL AND e.day IS NULL THEN 'nothing' ELSE concat_ws(' ',
                {_listed("n", _OF_ORDER)}, {_listed("s", _OF_SALE)}, {_listed("e", _OF_ACCRUAL)}) END
        FROM sold s FULL JOIN earned e USING (merchant_id, day) LEFT JOIN orders n USING (merchant_id, day)
        FULL JOIN counted f USING (merchant_id, day) LEFT JOIN open o USING (merchant_id, day)
        WHERE {_BEGUN} AND o.merchant_id IS NULL AND ({_listed("f")})
            <> ({_listed("n", _OF_ORDER)}, {_listed("s", _OF_SALE)}, {_listed("e", _OF_ACCRUAL)})
        """,
    ),
    Check(
        "figures_earned",
        "推客、团长的每日预估与结算佣金等于其佣金明细",
        "what a promoter's or leader's days say it earned is what its accruals say",
        "SELECT count(*), sum(estimated_fen)::bigint FROM figures_sum WHERE kind IN ('promoter', 'leader')",
        f"""
        WITH {_UNREAD}, earned AS (
            SELECT a.payee_kind::text AS kind, a.payee_id AS owner_id, {_DAY} AS day,
                sum(CASE WHEN a.state = 'cancelled' THEN 0 ELSE a.amount_fen END) AS estimated_fen,
                sum(CASE WHEN a.state = 'settled' THEN a.amount_fen ELSE 0 END) AS settled_fen,
                bool_or(o.day IS NOT NULL) AS open
            FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
            LEFT JOIN open o ON o.merchant_id = s.merchant_id AND o.day = {_DAY}
            WHERE a.payee_kind IN ('promoter', 'leader') GROUP BY 1, 2, 3
        )
        SELECT coalesce(f.kind, e.kind) || ' ' || coalesce(f.owner_id, e.owner_id) || ' ' || coalesce(f.day, e.day),
            'counted ' || coalesce(f.estimated_fen, 0) || '/' || coalesce(f.settled_fen, 0) || ', accruals give '
            || coalesce(e.estimated_fen, 0) || '/' || coalesce(e.settled_fen, 0)
        FROM earned e FULL JOIN (SELECT * FROM figures_sum WHERE kind IN ('promoter', 'leader')) f
            ON f.kind = e.kind AND f.owner_id = e.owner_id AND f.day = e.day
        WHERE {_BEGUN} AND NOT coalesce(e.open, false) AND (coalesce(f.estimated_fen, 0), coalesce(f.settled_fen, 0))
            <> (coalesce(e.estimated_fen, 0), coalesce(e.settled_fen, 0))
        """,
    ),
    Check(
        "figures_commission",
        "每日佣金按角色、状态的笔数与金额等于佣金明细",
        "commission by role and status on each day of a shop is what its accruals say",
        "SELECT count(*), NULL::bigint FROM figures_sum WHERE kind = 'merchant' AND commission IS NOT NULL",
        f"""
        WITH {_UNREAD}, said AS (
            SELECT owner_id AS merchant_id, day, {_words(PAYEES, "(commission[i][1] % 1000 / 100)::int")} AS payee,
                {_words(ROLES, "(commission[i][1] / 10 % 10)::int")} AS role,
                {_words(STATUSES, "(commission[i][1] % 10)::int")} AS status,
                commission[i][1] >= 1000 AS funded, commission[i][2] AS many, commission[i][3] AS fen
            FROM figures_sum f, generate_subscripts(f.commission, 1) i WHERE kind = 'merchant'
        ), stands AS (
            SELECT s.merchant_id, {_DAY} AS day, a.payee_kind::text AS payee, a.role::text AS role,
                CASE WHEN a.review = 'held' AND a.state IN ('waiting', 'pending') THEN 'held' ELSE a.state::text END
                    AS status, a.funder = 'platform' AS funded, count(*) AS many, sum(a.amount_fen) AS fen
            FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id GROUP BY 1, 2, 3, 4, 5, 6
        )
        SELECT 'merchant ' || merchant_id || ' ' || day, concat_ws(' ', payee, role, status) || ': counted '
            || coalesce(f.many, 0) || '/' || coalesce(f.fen, 0) || ', accruals give ' || coalesce(a.many, 0) || '/'
            || coalesce(a.fen, 0)
        FROM said f FULL JOIN stands a USING (merchant_id, day, payee, role, status, funded)
        LEFT JOIN open o USING (merchant_id, day)
        WHERE {_BEGUN} AND o.merchant_id IS NULL
            AND (coalesce(f.many, 0), coalesce(f.fen, 0)) <> (coalesce(a.many, 0), coalesce(a.fen, 0))
        """,
    ),
    Check(
        "figures_sums",
        "汇总数据等于每日数据之和：各主体、全部、各时段、各月、同期推客",
        "sums of shops, promoters, leaders and all, kept spans, months and cohorts are what the days add up to",
        "SELECT count(*), NULL::bigint FROM figures_span",
        f"""
        WITH whole AS (
            SELECT day, {
            ", ".join(
                f"sum({'all_' if name in _OF_ACCRUAL else ''}{name}) AS {name}" for name in (*_COUNTED, *_SUMMED[4:])
            )
        }
            FROM figures_sum WHERE kind = 'merchant' GROUP BY day
        ), spanned AS (
            SELECT k.kind, k.owner_id, x.span, x.by, {", ".join(f"coalesce(sum(x.{n}), 0) AS {n}" for n in _SUMMED)}
            FROM figures_kept k JOIN figures_span x ON x.kind = k.kind AND x.owner_id = k.owner_id
            WHERE x.by IN ('product', 'promoter') AND k.kind = 'all' GROUP BY 1, 2, 3, 4
        ), days AS (
            SELECT n.span, b.by, {
            ", ".join(
                f"coalesce(sum(f.{n}){' FILTER (WHERE f.promoter_id > 0)' if n.startswith(('paid', 'ref')) else ''}, 0)"
                f" AS {n}"
                for n in _SUMMED
            )
        }
            FROM ({_SPANS}) n, (VALUES ('product'), ('promoter')) b (by), figures_kept k, figures_day f
            WHERE k.kind = 'all' AND f.day BETWEEN k.day - n.span + 1 AND k.day
                AND CASE b.by WHEN 'product' THEN f.product_id ELSE f.promoter_id END > 0
            GROUP BY 1, 2
        ), months AS (
            SELECT kind AS level, month, sum(orders) AS orders, sum(paid_fen) AS paid_fen
            FROM figures_month GROUP BY 1, 2
        ), monthly AS (
            SELECT l.level, date_trunc('month', f.day)::date AS month,
                sum(CASE l.level WHEN 'leader' THEN f.led_orders ELSE f.orders END) AS orders,
                sum(f.paid_fen) AS paid_fen
            FROM figures_day f JOIN (VALUES ('all'), ('merchant'), ('leader')) l (level)
                ON l.level <> 'leader' OR f.leader_id > 0
            WHERE f.promoter_id > 0 AND f.orders + f.led_orders + f.paid_fen > 0 GROUP BY 1, 2
        ), joined AS (
            SELECT kind, owner_id, promoter_id, min(month) AS joined FROM figures_month GROUP BY 1, 2, 3
        ), cohorts AS (
            SELECT kind, owner_id, joined, month, count(*) AS promoters, sum(paid_fen) AS paid_fen
            FROM joined JOIN figures_month USING (kind, owner_id, promoter_id) GROUP BY 1, 2, 3, 4
        )
        SELECT 'all ' || day, 'counted ' || concat_ws(' ', {_listed("f")}) || ', shops give '
            || concat_ws(' ', {_listed("w")})
        FROM (SELECT * FROM figures_sum WHERE kind = 'all') f FULL JOIN whole w USING (day)
        WHERE ({_listed("f", (*_COUNTED, *_SUMMED[4:]))}) <> ({_listed("w", (*_COUNTED, *_SUMMED[4:]))})
        UNION ALL
        SELECT 'span ' || span || ' by ' || by, 'counted ' || concat_ws(' ', {_listed("x", _SUMMED)}) || ', days give '
            || concat_ws(' ', {_listed("d", _SUMMED)})
        FROM spanned x FULL JOIN days d USING (span, by) WHERE ({_listed("x", _SUMMED)}) <> ({_listed("d", _SUMMED)})
        UNION ALL
        SELECT 'month ' || month, 'counted ' || concat_ws(' ', {_listed("m", ("orders", "paid_fen"))}) || ', days give '
            || concat_ws(' ', {_listed("d", ("orders", "paid_fen"))})
        FROM monthly d FULL JOIN months m USING (level, month)
        WHERE ({_listed("m", ("orders", "paid_fen"))}) <> ({_listed("d", ("orders", "paid_fen"))})
        UNION ALL
        SELECT 'cohort ' || kind || ' ' || owner_id || ' ' || joined || ' ' || month, 'counted '
            || concat_ws(' ', {_listed("c", ("promoters", "paid_fen"))}) || ', months give '
            || concat_ws(' ', {_listed("m", ("promoters", "paid_fen"))})
        FROM figures_cohort c FULL JOIN cohorts m USING (kind, owner_id, joined, month)
        WHERE ({_listed("c", ("promoters", "paid_fen"))}) <> ({_listed("m", ("promoters", "paid_fen"))})
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
