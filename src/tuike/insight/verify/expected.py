"""What each share of a sale must be, from the sale's own facts, in SQL alone: the arithmetic written a second time."""

_SHARES = """
    WITH wish AS (
        SELECT s.id, s.order_no, s.paid_fen - s.refunded_fen AS base, t.*, coalesce(t.platform_fee_bps, 0) AS fee,
            coalesce(t.rate_bps, 0) + CASE WHEN t.self_purchase THEN 0 ELSE coalesce(t.grade_bps, 0) END AS own_bps,
            (t.tier2->>0)::bigint AS above, coalesce((t.tier2->>1)::bigint, 0) AS above_bps,
            (t.tier3->>0)::bigint AS top, coalesce((t.tier3->>1)::bigint, 0) AS top_bps,
            CASE WHEN t.self_purchase THEN 0
                ELSE coalesce(t.bonus_fen, 0) * (s.quantity - s.refunded_quantity) END AS bonus,
            CASE WHEN t.self_purchase THEN 0
                ELSE coalesce(t.order_bonus_fen, 0) + coalesce(t.first_order_bonus_fen, 0) END AS once
        FROM commission_sale s CROSS JOIN LATERAL jsonb_to_record(s.terms) AS t (
            promoter_id bigint, rate_bps bigint, rate_id bigint, grade_bps bigint, self_purchase bool, bonus_fen bigint,
            campaign_id bigint, tier2 jsonb, tier3 jsonb, leader_id bigint, service_bps bigint, platform_fee_bps bigint,
            platform_funded bool, order_bonus_fen bigint, first_order_bonus_fen bigint, together bool, reward_id bigint)
        WHERE s.terms ? 'promoter_id' {only}
    ), uncut AS (
        SELECT *, base * own_bps / 10000 AS own, base * coalesce(service_bps, 0) / 10000 AS led,
            CASE WHEN self_purchase THEN 0 ELSE base * above_bps / 10000 END AS second,
            CASE WHEN self_purchase THEN 0 ELSE base * top_bps / 10000 END AS third
        FROM wish
    ), kept AS (
        SELECT u.id, u.order_no, u.together, u.once, u.base, u.fee,
            CASE WHEN u.reward_id IS NOT NULL THEN 'reward' WHEN u.platform_funded THEN 'platform' ELSE 'merchant' END
                AS funder, said.role, said.payee_kind,
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
                (bonus_fen > 0 OR once > 0) AND self_purchase IS NOT TRUE)
        ) AS said (role, payee_kind, payee_id, bps, rate_id, uncut, before, earns)
        WHERE said.earns
    ), room AS (
        -- what all lines of an order leave of their bases: what it brings once has this much room
        SELECT b.order_no, b.base - coalesce(k.kept, 0) AS fen
        FROM (
            SELECT o.order_no, sum(o.paid_fen - o.refunded_fen) AS base FROM commission_sale o
            WHERE o.kind <> 'freight' AND o.order_no IN (SELECT order_no FROM wish WHERE once > 0) GROUP BY 1
        ) b
        LEFT JOIN (SELECT order_no, sum(kept) AS kept FROM kept WHERE together GROUP BY 1) k ON k.order_no = b.order_no
    ), shared AS (
        SELECT k.*, CASE WHEN k.role = 'bonus' AND k.once > 0 THEN least(k.once, r.fen) ELSE 0 END::bigint AS once_kept
        FROM kept k LEFT JOIN room r ON k.once > 0 AND r.order_no = k.order_no
    ), expected AS (
        SELECT id, role, payee_kind, payee_id, bps, rate_id, base,
            uncut + CASE WHEN role = 'bonus' THEN once ELSE 0 END AS uncut, kept + once_kept AS kept,
            CASE WHEN role = 'direct' THEN kept - kept * fee / 10000 ELSE kept + once_kept END AS fen,
            CASE WHEN funder <> 'platform' OR role IN ('direct', 'bonus') THEN funder ELSE 'merchant' END AS funder
        FROM shared
        UNION ALL
        SELECT id, 'platform', 'platform', 0, fee, NULL, base, kept, kept, kept * fee / 10000, funder
        FROM shared WHERE role = 'direct' AND fee > 0
    )
"""

ALL = _SHARES.format(only="")
"""A WITH clause whose `expected` has a row per share of every sale: what it comes to uncut, what the ceiling leaves of
it (`kept`; of the platform's row: what it is taken from), and what the payee gets (`fen`)."""

ONE = _SHARES.format(
    only="AND (s.id = ANY(%(sales)s) OR s.order_no IN (SELECT o.order_no FROM commission_sale o"
    " WHERE o.id = ANY(%(sales)s) AND o.terms ? 'together'))"
)
"""The same for the sales of the parameter `sales`, a list of ids, and for lines whose orders bring something once."""
