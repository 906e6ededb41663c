"""Checks of leaders' cooperations: what they count, how they ended, and the rates that they gave (docs/rules.md §9)."""

from tuike.insight.verify.check import Check

CHECKS = (
    Check(
        "cooperation_counts",
        "每个报名商品的支付订单数与扣除退款后的订单数等于其计数的订单",
        "each enrolment counts the orders that were paid through it, and those of them that weren't refunded",
        "SELECT count(*), NULL::bigint FROM cooperation_enrolment",
        """
        SELECT 'enrolment ' || e.no, 'says ' || e.gross_orders || ' paid and ' || e.net_orders || ' net, there are '
            || coalesce(c.gross, 0) || ' and ' || coalesce(c.net, 0)
        FROM cooperation_enrolment e
        LEFT JOIN (
            SELECT enrolment_id, count(*) AS gross, count(*) FILTER (WHERE refunded_at IS NULL) AS net
            FROM cooperation_counted_order GROUP BY 1
        ) c ON c.enrolment_id = e.id
        WHERE (e.gross_orders, e.net_orders) <> (coalesce(c.gross, 0), coalesce(c.net, 0))
        """,
    ),
    Check(
        "cooperation_ends",
        "已结束的合作没有待处理事项，立即取消的都在报名满三十日之后且未达成基础单量",
        "nothing is open of what has ended, and what ended at once had 30 days behind it and its base not reached",
        "SELECT count(*), NULL::bigint FROM cooperation_cancel",
        """
        SELECT 'enrolment ' || e.no, CASE
            WHEN e.state <> 'active' AND (c.state = 'open' OR x.open) THEN 'is ' || e.state || ' with something open'
            WHEN c.state IN ('at_once', 'agreed') AND e.state <> 'ended' THEN 'was cancelled and is ' || e.state
            ELSE 'was cancelled at once on ' || c.asked_at || ', enrolled on ' || e.applied_at || ', with '
                || c.gross_orders || ' of ' || c.base_orders END
        FROM cooperation_enrolment e
        LEFT JOIN cooperation_cancel c ON c.enrolment_id = e.id
        LEFT JOIN (SELECT enrolment_id, true AS open FROM cooperation_extension WHERE state = 'open') x
            ON x.enrolment_id = e.id
        WHERE e.state <> 'active' AND (c.state = 'open' OR x.open)
            OR c.state IN ('at_once', 'agreed') AND e.state <> 'ended'
            OR c.state = 'at_once' AND (c.asked_at <= e.applied_at + interval '2592000 seconds'
                OR c.gross_orders >= c.base_orders)
        """,
    ),
    Check(
        "cooperation_rates",
        "团长报名的佣金率只在合作期间有效，且与报名一致",
        "a leader's rate is in force while the cooperation is, and is the one that was agreed on",
        "SELECT count(*), NULL::bigint FROM plans_rate WHERE layer = 'leader' AND NOT isempty(valid)",
        """
        SELECT 'enrolment ' || coalesce(e.no, r.scope), 'has a rate of ' || coalesce(r.rate_bps::text, 'nothing')
            || ' until ' || coalesce(r.until::text, 'never') || ', agreed on is '
            || coalesce(e.rate_bps::text, 'nothing') || ' until ' || coalesce(e.until::text, 'never')
        FROM (
            SELECT scope, min(rate_bps) AS rate_bps, max(rate_bps) AS most_bps, min(service_bps) AS service_bps,
                max(service_bps) AS most_service_bps, max(upper(valid)) AS until
            FROM plans_rate WHERE layer = 'leader' AND NOT isempty(valid) GROUP BY 1
        ) r
        FULL JOIN (
            SELECT no, 'leader:' || id AS scope, rate_bps, service_bps, least(ends_at, ended_at) AS until
            FROM cooperation_enrolment
            WHERE state IN ('active', 'ended') AND least(ends_at, ended_at) > greatest(starts_at, decided_at)
        ) e ON e.scope = r.scope
        WHERE e.no IS NULL OR r.scope IS NULL OR r.until <> e.until OR r.rate_bps <> e.rate_bps
            OR r.most_bps <> e.rate_bps OR r.service_bps <> e.service_bps OR r.most_service_bps <> e.service_bps
        """,
    ),
)
