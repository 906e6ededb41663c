"""A year of a large alliance, written straight into the tables: what figures, boards, the explorer and the open data stand on.

2,000 shops of which one has a tenth of all orders, 20,000 promoters of which one brings 2 %, 50 leaders; few sell much
and many sell little. Of the orders, 5 % have no claim, 3 % are refunded whole and 2 % half, 5 in 1,000 wait for money of
the shop; a claimed one has four accruals on average: direct (3 % of them own purchases) and the platform's always, tier 2
of 8 in 10, tier 3 of 5, the leader's of 4 (by an activity), a bonus of 3; 15 % are sold in a campaign. What is 40 days
old is settled. Of the accruals, 5 in 1,000 are held, 10 were released, 5 rejected. A click for every second order.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

SHOPS, PROMOTERS, LEADERS, CATEGORIES, CAMPAIGNS, ACTIVITIES = 2_000, 20_000, 50, 300, 200, 200
NAMES = {
    "shop": ("merchant", "大店铺"), "small_shop": ("merchant", "小小店"), "promoter": ("promoter", "大推客"),
    "small_promoter": ("promoter", "小小推客"), "leader": ("leader", "大团长"), "small_leader": ("leader", "小小团长"),
}  # fmt: skip
"""Those whose pages are opened: with a seat, the largest of their kind and a small one."""
_LARGE = (
    "orders_order", "orders_line", "attribution_claim", "commission_sale", "commission_accrual", "attribution_click",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Big:
    """Who is in it, and how much; `parties` by their names in `NAMES`, with the `operator`."""

    parties: dict[str, object]
    first: datetime
    now: datetime
    orders: int
    accruals: int


def make(*, accruals: int, days: int, now: datetime, earned: bool = True) -> Big:
    """Write about so many accruals of orders over the `days` before `now`; figures are left to the product.

    Not `earned`: the orders alone, which is quicker.
    """
    from tests.make import parties as make_parties

    found = {key: getattr(make_parties, kind)(name=name) for (key, (kind, name)) in NAMES.items()}
    found["operator"] = make_parties.operator()
    params = {
        **{key: one.id for key, one in found.items()}, "orders": round(accruals / 3.8), "days": days, "now": now,
        "shops": SHOPS, "promoters": PROMOTERS, "leaders": LEADERS, "categories": CATEGORIES, "campaigns": CAMPAIGNS,
        "activities": ACTIVITIES, "s0": 100_000, "p0": 200_000, "l0": 300_000, "first": now - timedelta(days=days),
    }  # fmt: skip
    with psycopg.connect(_url(), autocommit=True, cursor_factory=psycopg.ClientCursor) as link:
        for setting in ("statement_timeout = 0", "synchronous_commit = off", "maintenance_work_mem = '512MB'"):
            link.execute(f"SET {setting}")
        link.execute("SELECT setseed(0.42)")
        again = _without_indexes(link)
        for statement in (*_PARTIES, *_OFFERS, _BORN, *_ORDERS, *(_EARNED if earned else ())):
            link.execute(statement, params)
        for statement in again:
            link.execute(statement)
        link.execute("VACUUM ANALYZE")
    return find(now=now, days=days)


def find(*, now: datetime, days: int) -> Big:
    """Return what an earlier run has written."""
    from tuike.parties import queries as parties

    with psycopg.connect(_url()) as link:
        ids = {
            key: link.execute("SELECT id FROM parties_party WHERE kind = %s AND name = %s", named).fetchone()[0]
            for key, named in NAMES.items()
        }
        orders, accruals = link.execute(
            "SELECT (SELECT count(*) FROM commission_sale), (SELECT count(*) FROM commission_accrual)"
        ).fetchone()
    refs = parties.refs(list(ids.values()))
    found = {key: refs[id_] for key, id_ in ids.items()} | {"operator": parties.operator()}
    return Big(found, now - timedelta(days=days), now, orders, accruals)


def _url() -> str:
    from tuike.runtime import home as homes
    from tuike.runtime import postgres

    return postgres.url(homes.find(), role="superuser")  # a bigserial's rights, indexes and foreign keys alike


def _without_indexes(link: psycopg.Connection) -> list[str]:
    """Drop what would be kept up row by row in the large tables; return the statements that bring it back."""
    bounds = link.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype IN ('f', 'u') AND conrelid = ANY(%s::regclass[]) ORDER BY contype DESC, conname",
        [list(_LARGE)],
    ).fetchall()
    indexes = link.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index i"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = indexrelid)",
        [list(_LARGE)],
    ).fetchall()
    for table, name, _ in bounds:
        link.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    for name, _ in indexes:
        link.execute(f"DROP INDEX {name}")
    return [said for _, said in indexes] + [
        f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {said}' for table, name, said in bounds
    ]


_PARTIES = (
    "INSERT INTO parties_party (id, no, kind, name, certified_as, certified_at, suspended_reason, admins, created_at)"
    " SELECT %(s0)s + n, 'M' || 2025010100000 + n, 'merchant', '小店' || n, 'enterprise', %(first)s, '', 0, %(first)s"
    " FROM generate_series(1, %(shops)s) n UNION ALL"
    " SELECT %(p0)s + n, 'P' || 2025010100000 + n, 'promoter', '推客' || n, 'individual', %(first)s, '', 0,"
    " %(first)s + n * interval '20 minutes' FROM generate_series(1, %(promoters)s) n UNION ALL"
    " SELECT %(l0)s + n, 'L' || 2025010100000 + n, 'leader', '团长' || n, 'individual', %(first)s, '', 0, %(first)s"
    " FROM generate_series(1, %(leaders)s) n",
    "INSERT INTO parties_merchant (party_id, source, subject_kind, appid, opened_from, binding_mode, binding_days, functions)"
    " SELECT %(s0)s + n, CASE WHEN n %% 10 = 0 THEN 'mini_program' ELSE 'mini_store' END, 'enterprise',"
    " CASE WHEN n %% 10 = 0 THEN 'wx' || lpad(to_hex(n), 16, '0') ELSE '' END, %(first)s, 'off', 0, '{}'"
    " FROM generate_series(1, %(shops)s) n",
    "INSERT INTO parties_promoter (party_id, subject_kind, line, standing)"
    " SELECT %(p0)s + n, 'individual', '{}', 'active' FROM generate_series(1, %(promoters)s) n",
    "INSERT INTO parties_leader (party_id) SELECT %(l0)s + n FROM generate_series(1, %(leaders)s) n",
    "INSERT INTO attribution_place (promoter_id, pid, name, created_at)"
    " SELECT party_id, 'pid_b' || party_id || '_' || n, '推广位' || n, %(first)s"
    " FROM parties_promoter, generate_series(1, 2) n",
)

_OFFERS = (
    "INSERT INTO catalog_category (id, path, name, name_en, picture, level, restricted, position)"
    " SELECT 1000 + n, CASE WHEN n <= 30 THEN ARRAY[1000 + n] ELSE ARRAY[1001 + n %% 30, 1000 + n] END, '类目' || n,"
    " 'Category ' || n, '', CASE WHEN n <= 30 THEN 1 ELSE 2 END, false, n FROM generate_series(1, %(categories)s) n",
    # Ten products a shop, a thousand of the largest.
    "INSERT INTO catalog_product (id, no, merchant_id, category_id, external_no, title, subtitle, detail, pictures, path,"
    " state, excluded, min_price_fen, words, grams, sold, created_at, updated_at)"
    " SELECT n, 'G' || 2025010100000 + n, CASE WHEN n > 10 * %(shops)s THEN CASE WHEN n %% 100 = 0 THEN %(small_shop)s"
    " ELSE %(shop)s END ELSE %(s0)s + 1 + (n - 1) / 10 END, 1031 + n %% (%(categories)s - 30), '', '商品' || n, '', '',"
    " '{bench.webp}', '', 'on_sale', false, 990 + n * 7919::bigint %% 40000, '', '{}', 0, %(first)s, %(first)s"
    " FROM generate_series(1, 10 * %(shops)s + 1000) n",
    "INSERT INTO catalog_sku (id, product_id, spec, price_fen, free, sold, on_sale)"
    " SELECT id, id, '', min_price_fen, 100, 0, true FROM catalog_product",
    "INSERT INTO plans_campaign (id, no, merchant_id, name, starts_at, ends_at, rate_bps, created_at, bonus_fen,"
    " order_bonus_fen, first_order_bonus_fen, reserved_fen)"
    " SELECT n, 'C' || 2025010100000 + n, CASE WHEN n %% 10 = 0 THEN %(shop)s ELSE %(s0)s + n END, '活动' || n, %(first)s,"
    " %(now)s, 1500, %(first)s, 0, 0, 0, 0 FROM generate_series(1, %(campaigns)s) n",
    "INSERT INTO cooperation_activity (id, no, leader_id, title, kind, starts_at, ends_at, min_rate_bps, min_service_bps,"
    " sample, note, state, created_at, published_at) SELECT n, 'V' || 2025010100000 + n, CASE WHEN n %% 2 = 0 THEN"
    " %(leader)s WHEN n = 99 THEN %(small_leader)s ELSE %(l0)s + 1 + n %% %(leaders)s END, '招商' || n, 'ordinary', %(first)s,"
    " %(now)s, 500, 100, '', '', 'published', %(first)s, %(first)s FROM generate_series(1, %(activities)s) n",
    "INSERT INTO attribution_link (id, code, place_id, promoter_id, merchant_id, product_id, activity_no, ticket,"
    " customize_info, wording, url_link, tag, issued_at, expires_at) SELECT p.id, 'b' || p.id, p.id, p.promoter_id,"
    " g.merchant_id, g.id, '', 'T' || p.id, '', '', '', '', %(first)s, %(now)s + interval '1 year' FROM attribution_place p"
    " JOIN catalog_product g ON g.id = 1 + p.id * 7919 %% (10 * %(shops)s)",
)

_BORN = """
    CREATE UNLOGGED TABLE bench_order AS
    SELECT o.*, 'O' || 2025010100000 + o.id AS no, g.merchant_id, g.category_id, g.title, g.min_price_fen * o.pieces AS fen,
        g.min_price_fen AS price_fen, CASE WHEN o.id %% 20 > 0 THEN o.seller END AS promoter_id, o.placed_at + interval '1 minute' AS paid_at,
        CASE WHEN o.age >= interval '12 days' THEN o.placed_at + interval '8 days' END AS received_at,
        o.age >= interval '40 days' AS old, o.id / 20 %% 10 AS roles, p.place_id,
        CASE WHEN o.id %% 20 > 0 AND o.id / 20 %% 10 < 4 THEN v.no END AS activity_no, v.leader_id,
        CASE WHEN o.many < 0.15 THEN 1 + (o.many * 1e6)::int %% %(campaigns)s END AS campaign_id
    FROM (
        SELECT n AS id, CASE WHEN r1 < 0.1 THEN 10 * %(shops)s + 1 + (r2 * 999)::int WHEN r1 < 0.1002 THEN
                10 * %(shops)s + 100 ELSE 1 + 10 * ((r2 ^ 1.5) * (%(shops)s - 1))::int + (r3 * 9)::int END AS product_id,
            CASE WHEN r4 < 0.02 THEN %(promoter)s WHEN r4 < 0.02005 THEN %(small_promoter)s
                ELSE %(p0)s + 1 + ((r5 ^ 1.5) * (%(promoters)s - 1))::int END AS seller,
            age, %(now)s - age AS placed_at, r6 AS luck, r7 AS many, 1 + (r3 * 4)::int AS pieces
        FROM (
            SELECT n, (1 - (n - 1)::float8 / %(orders)s) * %(days)s * interval '1 day' AS age, random() AS r1, random() AS r2,
                random() AS r3, random() AS r4, random() AS r5, random() AS r6, random() AS r7
            FROM generate_series(1::bigint, %(orders)s) n
        ) dice
    ) o
    JOIN catalog_product g ON g.id = o.product_id
    LEFT JOIN (SELECT promoter_id, min(id) AS place_id FROM attribution_place GROUP BY 1) p ON p.promoter_id = o.seller
    LEFT JOIN cooperation_activity v ON v.id = 1 + (o.many * 1e5)::int %% %(activities)s
    ORDER BY o.id
"""
_BACK = "CASE WHEN luck < 0.03 THEN fen WHEN luck < 0.05 THEN fen / 2 ELSE 0 END"
_ORDERS = (
    "INSERT INTO orders_order (id, no, merchant_id, buyer_id, source, external_no, state, goods_fen, discount_fen,"
    " freight_fen, freight_refunded_fen, payable_fen, placed_at, paid_at, shipped_at, receive_extended, received_at,"
    " received_by, close_reason, note) SELECT id, no, merchant_id, 1 + id * 7919 %% 900000, 'mini_store', '', CASE WHEN"
    " received_at IS NULL THEN 'shipped' ELSE 'completed' END, fen, 0, 0, 0, fen, placed_at, paid_at, paid_at, false,"
    " received_at, '', '', '' FROM bench_order",
    "INSERT INTO orders_line (id, order_id, merchant_id, no, product_id, sku_id, category_id, title, spec, quantity,"
    " price_fen, discount_fen, paid_fen, refunded_fen, refunded_quantity) SELECT id, id, merchant_id, 1, product_id,"
    f" product_id, category_id, title, '', pieces, price_fen, 0, fen, {_BACK}, CASE WHEN luck < 0.03 THEN pieces ELSE 0 END"
    " FROM bench_order",
    "INSERT INTO attribution_claim (id, merchant_id, order_no, kind, reason, promoter_id, place_id, leader_id, activity_no,"
    " service_bps, self_purchase, customize_info, facts, made_at) SELECT id, merchant_id, no, CASE WHEN promoter_id IS NULL"
    " THEN 'none' ELSE 'material' END, CASE WHEN promoter_id IS NULL THEN 'no_touch' ELSE '' END, promoter_id, CASE WHEN"
    " promoter_id > 0 THEN place_id + id %% 2 END, CASE WHEN activity_no > '' THEN leader_id END, coalesce(activity_no, ''),"
    " 0, luck > 0.97, '', '{}', placed_at FROM bench_order",
    "INSERT INTO commission_sale (id, kind, order_no, merchant_id, source, product_id, quantity, paid_fen, subsidy_fen,"
    " refunded_fen, refunded_quantity, terms, placed_at, paid_at, received_at, due_at, open_after_sales, waiting, booking,"
    " matured_batch_id) SELECT id, 'goods', no, merchant_id, CASE WHEN merchant_id %% 10 = 0 THEN 'mini_program' ELSE"
    f" 'mini_store' END, product_id, pieces, fen, 0, {_BACK}, CASE WHEN luck < 0.03 THEN pieces ELSE 0 END, CASE WHEN"
    " promoter_id IS NULL THEN '{\"nobody\": \"no_touch\"}'::jsonb ELSE jsonb_strip_nulls(jsonb_build_object('promoter_id',"
    " promoter_id, 'rate_bps', 1200, 'campaign_id', campaign_id, 'why', jsonb_build_object('layer', CASE WHEN campaign_id"
    " > 0 THEN 'campaign' WHEN id %% 3 = 0 THEN 'main' ELSE 'category' END))) END, placed_at, paid_at, received_at,"
    " received_at + interval '32 days', 0, luck BETWEEN 0.05 AND 0.055 AND NOT old, 'B' || id / 1000,"
    " CASE WHEN old THEN 365 - extract(day FROM age)::int END FROM bench_order",
)

_EARNED = (
    """
    INSERT INTO commission_accrual (id, sale_id, merchant_id, payee_kind, payee_id, role, funder, base_fen, rate_bps,
        first_fen, amount_fen, state, review, batch_id, accrued_at, settled_at, turned_at)
    SELECT b.id * 6 + e.n, b.id, b.merchant_id, e.kind, e.payee, CASE WHEN e.role = 'direct' AND b.luck > 0.97 THEN 'self'
            ELSE e.role END, 'merchant', b.fen, e.bps, b.fen * e.bps / 10000,
        CASE WHEN b.luck < 0.03 OR q.review = 'rejected' THEN 0 WHEN b.luck < 0.05 THEN b.fen / 2 * e.bps / 10000
            ELSE b.fen * e.bps / 10000 END,
        CASE WHEN b.luck < 0.03 OR q.review = 'rejected' THEN 'cancelled' WHEN b.old AND q.review <> 'held' THEN 'settled'
            WHEN b.luck BETWEEN 0.05 AND 0.055 AND NOT b.old THEN 'waiting' ELSE 'pending' END,
        q.review, CASE WHEN b.luck >= 0.03 AND b.old AND q.review IN ('clear', 'approved') THEN 365 - extract(day FROM b.age)::int END,
        b.paid_at, CASE WHEN b.luck >= 0.03 AND b.old AND q.review IN ('clear', 'approved') THEN b.received_at
            + interval '32 days' END, CASE WHEN b.luck < 0.05 THEN b.paid_at + interval '5 days' END
    FROM bench_order b
    CROSS JOIN LATERAL (VALUES
        (0, 'promoter', b.promoter_id, 'direct', 1000, 10), (1, 'platform', 0::bigint, 'platform', 100, 10),
        (2, 'promoter', %(p0)s + 1 + b.promoter_id %% 997, 'tier2', 300, 8),
        (3, 'promoter', %(p0)s + 1001 + b.promoter_id %% 89, 'tier3', 200, 5), (4, 'leader', b.leader_id, 'leader', 200, 4),
        (5, 'promoter', b.promoter_id, 'bonus', 50, 3)
    ) e (n, kind, payee, role, bps, of_ten)
    CROSS JOIN LATERAL (SELECT CASE WHEN h < 5 THEN 'held' WHEN h < 15 THEN 'approved' WHEN h < 20 THEN 'rejected'
        ELSE 'clear' END AS review FROM (SELECT (b.id * 6 + e.n) * 7919 %% 1000 AS h) hashed) q
    WHERE b.promoter_id IS NOT NULL AND b.roles < e.of_ten
    """,
    "INSERT INTO settlement_batch (id, no, due_until, sales, accruals, amount_fen, digest, at) SELECT batch_id,"
    " 'S' || 2025010100000 + batch_id, max(settled_at), count(DISTINCT sale_id), count(*), sum(amount_fen),"
    " sha256('bench'), max(settled_at) FROM commission_accrual WHERE batch_id IS NOT NULL GROUP BY batch_id",
    "INSERT INTO commission_refund (no, sale_id, amount_fen, quantity) SELECT 'R' || id, id, refunded_fen,"
    " refunded_quantity FROM commission_sale WHERE refunded_fen > 0",
    "INSERT INTO commission_change (accrual_id, cause, base_fen, delta_fen, clawed_fen, debt_fen, at) SELECT a.id,"
    " 'R' || a.sale_id, a.base_fen - s.refunded_fen, a.amount_fen - a.first_fen, 0, 0, a.turned_at FROM commission_accrual a"
    " JOIN commission_sale s ON s.id = a.sale_id WHERE s.refunded_fen > 0",
    "INSERT INTO attribution_click (id, link_id, merchant_id, promoter_id, at, visitor, ip_hash, agent) SELECT b.id, l.id,"
    " l.merchant_id, l.promoter_id, b.placed_at - interval '10 minutes', 'v' || b.id * 31 %% 400000, '', ''"
    " FROM bench_order b JOIN attribution_link l ON l.id = b.place_id + b.id %% 2 WHERE b.id %% 2 = 0",
    "DROP TABLE bench_order",
)
