"""What each share of a sale must be, from the sale's own facts, in SQL alone: the arithmetic written a second time."""

_SHARES = """
    WITH sale AS MATERIALIZED (
        SELECT id, paid_fen - refunded_fen AS base, quantity - refunded_quantity AS pieces,
            coalesce((terms->>'self_purchase')::bool, false) AS own,
            coalesce((terms->>'platform_funded')::bool, false) AS by_platform,
            (terms->>'promoter_id')::bigint AS promoter, (terms->>'leader_id')::bigint AS leader,
            coalesce((terms->>'rate_bps')::bigint, 0) AS rate, coalesce((terms->>'grade_bps')::bigint, 0) AS grade,
            (terms->>'rate_id')::bigint AS rate_id, (terms->>'campaign_id')::bigint AS campaign_id,
            (terms->>'service_bps')::bigint AS service, (terms->>'bonus_fen')::bigint AS bonus,
            (terms->'tier2'->>0)::bigint AS above, (terms->'tier2'->>1)::bigint AS above_bps,
            (terms->'tier2'->>2)::bigint AS above_id,
            (terms->'tier3'->>0)::bigint AS top, (terms->'tier3'->>1)::bigint AS top_bps,
            (terms->'tier3'->>2)::bigint AS top_id,
            coalesce((terms->>'platform_fee_bps')::bigint, 0) AS fee
        FROM commission_sale WHERE terms ? 'promoter_id' {only}
    ), wish AS (
        SELECT s.id, s.base, s.fee, s.by_platform, said.*
        FROM sale s CROSS JOIN LATERAL (VALUES
            ('direct', 'promoter', promoter, 1, rate + grade, rate_id, base * (rate + grade) / 10000,
                NOT own AND rate + grade > 0),
            ('self', 'promoter', promoter, 1, rate, rate_id, base * rate / 10000, own AND rate > 0),
            ('leader', 'leader', leader, 2, service, NULL, base * service / 10000, service > 0),
            ('tier2', 'promoter', above, 3, above_bps, above_id, base * above_bps / 10000, NOT own AND above_bps > 0),
            ('tier3', 'promoter', top, 4, top_bps, top_id, base * top_bps / 10000, NOT own AND top_bps > 0),
            ('bonus', 'promoter', promoter, 5, 0, campaign_id, bonus * pieces, NOT own AND bonus > 0)
        ) AS said (role, payee_kind, payee_id, rank, bps, rate_id, uncut, earns)
        WHERE said.earns
    ), kept AS (
        SELECT *, greatest(0, least(uncut, base - coalesce(sum(uncut) OVER (
            PARTITION BY id ORDER BY rank ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)))::bigint AS kept
        FROM wish
    ), expected AS (
        SELECT id, role, payee_kind, payee_id, bps, rate_id, base, uncut, kept,
            CASE WHEN role = 'direct' THEN kept - div(kept * fee, 10000)::bigint ELSE kept END AS fen,
            CASE WHEN by_platform AND role IN ('direct', 'bonus') THEN 'platform' ELSE 'merchant' END AS funder
        FROM kept
        UNION ALL
        SELECT id, 'platform', 'platform', 0, fee, NULL, base, kept, kept, div(kept * fee, 10000)::bigint,
            CASE WHEN by_platform THEN 'platform' ELSE 'merchant' END
        FROM kept WHERE role = 'direct' AND fee > 0
    )
"""

ALL = _SHARES.format(only="")
"""A WITH clause whose `expected` has a row per share of every sale: what it comes to uncut, what the ceiling leaves of
it (`kept`; of the platform's row: what it is taken from), and what the payee gets (`fen`)."""

ONE = _SHARES.format(only="AND id = ANY(%s)")
"""The same for the sales of one parameter, a list of ids."""
