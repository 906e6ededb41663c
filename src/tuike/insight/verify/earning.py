"""Checks of who earns and by which rates: claims against touches, rates against their days, sales against both."""

from tuike.insight.verify.check import Check

_MIDNIGHT = "date_trunc('day', {0} AT TIME ZONE 'Asia/Shanghai') = {0} AT TIME ZONE 'Asia/Shanghai'"

CHECKS = (
    Check(
        "claims",
        "每个已支付的商品行都有归属，或写明无人获佣的原因",
        "each paid line has a claim, or the reason why nobody earns",
        "SELECT count(*), NULL::bigint FROM attribution_claim",
        """
        SELECT 'line ' || s.id, 'has neither a claim nor a reason'
        FROM commission_sale s LEFT JOIN attribution_claim c ON c.id = s.id
        WHERE s.kind = 'goods' AND c.id IS NULL
        UNION ALL
        SELECT 'line ' || id, 'has the promoter ' || coalesce(promoter_id::text, 'none') || ', the kind ' || kind
            || ' and the reason "' || reason || '"'
        FROM attribution_claim
        WHERE (promoter_id IS NULL) <> (reason <> '') OR (promoter_id IS NULL) <> (kind = 'none')
            OR promoter_id IS NULL AND leader_id IS NOT NULL
            OR (leader_id IS NULL) <> (activity_no = '') OR leader_id IS NULL AND service_bps <> 0
        """,
    ),
    Check(
        "touches",
        "每个归属都来自本人推广位的素材与有效的触达",
        "each claim rests on its promoter's own place and material, and on a touch that was good",
        "SELECT count(*), NULL::bigint FROM attribution_claim WHERE kind IN ('material', 'binding')",
        """
        SELECT 'line ' || c.id, CASE WHEN l.id IS NULL OR p.id IS NULL THEN 'has no material'
            WHEN l.promoter_id <> c.promoter_id OR p.promoter_id <> c.promoter_id OR l.place_id <> c.place_id
                THEN 'is claimed by ' || c.promoter_id || ', its material is of ' || l.promoter_id
            WHEN l.merchant_id <> c.merchant_id OR l.product_id <> o.product_id THEN 'is not what the material was for'
            WHEN c.touch_id IS NOT NULL AND t.id IS NULL THEN 'rests on a touch that is not there'
            WHEN t.link_id <> c.link_id THEN 'rests on a touch of other material'
            WHEN t.touched_at > c.made_at THEN 'was placed before the touch'
            ELSE 'was placed when the material or the touch was no longer good' END
        FROM attribution_claim c
        LEFT JOIN attribution_link l ON l.id = c.link_id
        LEFT JOIN attribution_place p ON p.id = c.place_id
        LEFT JOIN attribution_touch t ON t.id = c.touch_id
        LEFT JOIN orders_line o ON o.id = c.id
        WHERE c.kind IN ('material', 'binding') AND (
            l.id IS NULL OR p.id IS NULL OR l.promoter_id <> c.promoter_id OR p.promoter_id <> c.promoter_id
            OR l.place_id <> c.place_id OR l.merchant_id <> c.merchant_id
            OR c.touch_id IS NOT NULL AND t.id IS NULL OR t.link_id <> c.link_id OR t.touched_at > c.made_at
            OR c.kind = 'material' AND (l.product_id <> o.product_id OR l.expires_at <= c.made_at
                OR t.touched_at < c.made_at
                    - make_interval(hours => 24 * coalesce((c.facts->>'window_days')::int, 0))))
        """,
    ),
    Check(
        "terms",
        "每笔销售的条款与归属一致",
        "each sale's terms say who the claim says",
        "SELECT count(*), NULL::bigint FROM commission_sale WHERE kind = 'goods'",
        """
        SELECT 'sale ' || s.id, 'is earned by ' || coalesce(s.terms->>'promoter_id', s.terms->>'nobody', 'nobody')
            || ', the claim says ' || coalesce(c.promoter_id::text, c.reason)
        FROM commission_sale s JOIN attribution_claim c ON c.id = s.id
        WHERE s.kind = 'goods' AND NOT coalesce(CASE WHEN s.terms ? 'promoter_id'
            THEN (s.terms->>'promoter_id')::bigint = c.promoter_id
                AND (s.terms->>'leader_id')::bigint IS NOT DISTINCT FROM c.leader_id
                AND coalesce((s.terms->>'service_bps')::int, 0) = c.service_bps
                AND (coalesce((s.terms->>'self_purchase')::bool, false) OR NOT c.self_purchase)
            ELSE s.terms->>'nobody' = c.reason OR s.terms->>'nobody' = 'self_purchase_off' AND c.reason = '' END, false)
        """,
    ),
    Check(
        "rates",
        "佣金率自次日零点起生效，区间左闭右开，活动、团长合作与定向计划不早于写入时刻",
        "rates hold from the midnight after writing, half-open; campaigns, enrolments and plans not before it",
        "SELECT count(*), NULL::bigint FROM plans_rate",
        f"""
        SELECT 'rate ' || id || ' of ' || scope, 'written at ' || written_at || ', in force ' || valid::text
        FROM plans_rate
        WHERE NOT isempty(valid) AND (
            upper_inc(valid) OR NOT lower_inf(valid) AND NOT lower_inc(valid)
            OR lower_inf(valid) AND layer <> 'benchmark'
            OR layer IN ('campaign', 'leader', 'targeted') AND (lower(valid) < written_at OR upper_inf(valid))
            OR layer NOT IN ('campaign', 'leader', 'targeted') AND (
                lower(valid) <= written_at OR NOT {_MIDNIGHT.format("lower(valid)")}
                OR NOT {_MIDNIGHT.format("upper(valid)")}))
        """,
    ),
    Check(
        "rates_used",
        "每笔销售所用的佣金率在下单时有效且数值一致",
        "each sale's rates are rows that were in force when it was placed, at what they say",
        "SELECT count(*), NULL::bigint FROM commission_sale WHERE terms ? 'promoter_id'",
        """
        SELECT 'sale ' || s.id, 'uses ' || u.bps || ' of rate ' || coalesce(u.id::text, '-')
            || CASE WHEN r.id IS NULL THEN ', which is not there'
            WHEN r.rate_bps <> u.bps THEN ', which says ' || r.rate_bps
            ELSE ', which was in force ' || r.valid::text || ', not at ' || s.placed_at END
        FROM commission_sale s
        CROSS JOIN LATERAL (VALUES
            ((s.terms->>'rate_id')::bigint, coalesce((s.terms->>'rate_bps')::int, 0)),
            ((s.terms->>'grade_id')::bigint, coalesce((s.terms->>'grade_bps')::int, 0)),
            ((s.terms->'tier2'->>2)::bigint, (s.terms->'tier2'->>1)::int),
            ((s.terms->'tier3'->>2)::bigint, (s.terms->'tier3'->>1)::int)
        ) AS u (id, bps)
        LEFT JOIN plans_rate r ON r.id = u.id LEFT JOIN attribution_claim c ON c.id = s.id
        WHERE s.terms ? 'promoter_id' AND (u.id IS NOT NULL OR u.bps > 0 AND c.kind <> 'imported')
            AND (r.id IS NULL OR r.rate_bps <> u.bps OR NOT r.valid @> s.placed_at)
        """,
    ),
    Check(
        "places",
        "每个推客的推广位计数与推广位一致",
        "each promoter's count of places is right",
        "SELECT count(*), sum(places)::bigint FROM attribution_place_count",
        """
        SELECT 'promoter ' || coalesce(c.promoter_id, p.promoter_id), 'counts ' || coalesce(c.places, 0)
            || ' places, there are ' || coalesce(p.places, 0)
        FROM attribution_place_count c
        FULL JOIN (
            SELECT promoter_id, count(*) AS places FROM attribution_place WHERE deleted_at IS NULL GROUP BY 1
        ) p ON p.promoter_id = c.promoter_id
        WHERE coalesce(c.places, 0) <> coalesce(p.places, 0)
        """,
    ),
)
