"""What each share of a sale must be, from the sale's own facts, in SQL alone: the arithmetic written a second time."""

_SHARES = """
    WITH wish AS (
        SELECT s.id, s.paid_fen - s.refunded_fen AS base, t.*, coalesce(t.platform_fee_bps, 0) AS fee,
            coalesce(t.rate_bps, 0) + CASE WHEN t.self_purchase THEN 0 ELSE coalesce(t.grade_bps, 0) END AS own_bps,
            (t.tier2->>0)::bigint AS above, coalesce((t.tier2->>1)::bigint, 0) AS above_bps,
            (t.tier3->>0)::bigint AS top, coalesce((t.tier3->>1)::bigint, 0) AS top_bps,
            CASE WHEN t.self_purchase THEN 0
                ELSE coalesce(t.bonus_fen, 0) * (s.quantity - s.refunded_quantity) END AS bonus
        FROM commission_sale s CROSS JOIN LATERAL jsonb_to_record(s.terms) AS t (
            promoter_id bigint, rate_bps bigint, rate_id bigint, grade_bps bigint, self_purchase bool, bonus_fen bigint,
            campaign_id bigint, tier2 jsonb, tier3 jsonb, leader_id bigint, service_bps bigint, platform_fee_bps bigint,
            platform_funded bool)
        WHERE s.terms ? 'promoter_id' {only}
    ), uncut AS (
        SELECT *, base * own_bps / 10000 AS own, base * coalesce(service_bps, 0) / 10000 AS led,
            CASE WHEN self_purchase THEN 0 ELSE base * above_bps / 10000 END AS second,
            CASE WHEN self_purchase THEN 0 ELSE base * top_bps / 10000 END AS third
        FROM wish
    ), kept AS (
        SELECT u.id, u.base, u.fee, coalesce(u.platform_funded, false) AS by_platform, said.role, said.payee_kind,
            said.payee_id, said.bps, said.rate_id, said.uncut,
            greatest(0, least(said.uncut, u.base - said.before)) AS kept
        FROM uncut u CROSS JOIN LATERAL (VALUES
            (CASE WHEN self_purchase THEN 'self' ELSE 'direct' END, 'promoter', promoter_id, own_bps, rate_id, own,
                0::bigint, own_bps > 0),
            ('leader', 'leader', leader_id, service_bps, NULL, led, own, service_bps > 0),
            ('tier2', 'promoter', above, above_bps, (tier2->>2)::bigint, second, own + led,
                above_bps > 0 AND self_purchase IS NOT TRUE),
            ('tier3', 'promoter', top, top_bps, (tier3->>2)::bigint, third, own + led + second,
                top_bps > 0 AND self_purchase IS NOT TRUE),
            ('bonus', 'promoter', promoter_id, 0, campaign_id, bonus, own + led + second + third,
                bonus_fen > 0 AND self_purchase IS NOT TRUE)
        ) AS said (role, payee_kind, payee_id, bps, rate_id, uncut, before, earns)
        WHERE said.earns
    ), expected AS (
        SELECT id, role, payee_kind, payee_id, bps, rate_id, base, uncut, kept,
            CASE WHEN role = 'direct' THEN kept - kept * fee / 10000 ELSE kept END AS fen,
            CASE WHEN by_platform AND role IN ('direct', 'bonus') THEN 'platform' ELSE 'merchant' END AS funder
        FROM kept
        UNION ALL
        SELECT id, 'platform', 'platform', 0, fee, NULL, base, kept, kept, kept * fee / 10000,
            CASE WHEN by_platform THEN 'platform' ELSE 'merchant' END
        FROM kept WHERE role = 'direct' AND fee > 0
    )
"""

ALL = _SHARES.format(only="")
"""A WITH clause whose `expected` has a row per share of every sale: what it comes to uncut, what the ceiling leaves of
it (`kept`; of the platform's row: what it is taken from), and what the payee gets (`fen`)."""

ONE = _SHARES.format(only="AND s.id = ANY(%s)")
"""The same for the sales of one parameter, a list of ids."""
