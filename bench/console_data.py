"""The alliance that the consoles are measured on: products and orders by the million, written straight into the tables.

The mix: a tenth of the products belongs to one shop, the others to 2,000; orders of one line over 60 days, 70 % with a
claim, 2 % of those by one promoter, the others by 20,000; 12 % for the promoter and 5 % for its recruiter; 3 % closed
unpaid, 3 % refunded, 8 % still to ship, 17 % on the way, the rest received, what is due settled.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from bench import console_desk, ground
from tuike.kit.days import next_midnight, start_of

SHOPS, PROMOTERS, DAYS = 2_000, 20_000, 60
_SHOP, _PROMOTER = "大店铺", "大推客"
KINDS = (
    "手绘",
    "青瓷",
    "云南",
    "有机",
    "冷萃",
    "纯棉",
    "轻薄",
    "便携",
    "古法",
    "山野",
    "儿童",
    "加厚",
    "静音",
    "原木",
    "无糖",
    "现烤",
)
GOODS = ("盖碗", "茶杯", "蓝莓", "毛巾", "拖鞋", "雨伞", "台灯", "花茶", "坚果", "蜂蜜", "面膜", "耳机", "键盘", "书包", "抱枕", "绘本",
         "香薰", "餐盘", "保温杯", "充电宝", "牛肉干", "洗衣液", "护手霜", "收纳盒")  # fmt: skip
SPECS = ("礼盒装", "家庭装", "两件套", "升级款", "大容量", "限量版", "基础款", "500克", "12枚", "三只装")


@dataclass(frozen=True)
class Alliance:
    """The parties whose pages are opened, and what there is."""

    shop: object
    promoter: object
    operator: object
    now: datetime
    products: int
    orders: int


def make(*, products: int, orders: int, now: datetime) -> Alliance:
    """Write everything and bring statistics up to date; the figures and the library's sums are left to the product."""
    from tests.make import catalog as make_catalog
    from tests.make import parties as make_parties
    from tests.make import plans as make_plans

    make_plans.benchmark(500)
    shop, operator = make_parties.merchant(name=_SHOP), make_parties.operator()
    promoter = make_parties.promoter(name=_PROMOTER, phone="13900000001")
    roots = [make_catalog.category(name=f"类目{n}") for n in range(30)]
    make_plans.category_rate(shop.id, roots[0], 1200)
    params = {
        "shop": shop.id, "promoter": promoter.id, "operator": operator.id, "products": products, "orders": orders, "shops": SHOPS,
        "promoters": PROMOTERS, "days": DAYS, "now": now, "roots": roots, "kinds": list(KINDS), "goods": list(GOODS),
        "specs": list(SPECS), "first_shop": 100_000, "first_promoter": 200_000, "listed": start_of(now.date()) - timedelta(days=90),
    }  # fmt: skip
    with psycopg.connect(ground.owner_url(), autocommit=True, cursor_factory=psycopg.ClientCursor) as link:
        link.execute("SELECT setseed(0.42)")
        for statement in _PARTIES + _PRODUCTS:
            link.execute(statement, params)
        _library(link, now)
        for statement in _ORDERS:
            link.execute(statement, params)
        console_desk.write(link, params)
        link.execute("VACUUM ANALYZE")
    return Alliance(shop, promoter, operator, now, products, orders)


def find(now: datetime) -> Alliance:
    """Return what an earlier run has written."""
    from tuike.parties import queries as parties

    with psycopg.connect(ground.owner_url()) as link:
        ids = [
            link.execute("SELECT id FROM parties_party WHERE name = %s AND kind = %s", one).fetchone()[0]
            for one in ((_SHOP, "merchant"), (_PROMOTER, "promoter"))
        ]
        counts = link.execute("SELECT (SELECT count(*) FROM catalog_product), (SELECT count(*) FROM orders_order)")
        shop, promoter = (parties.refs([one])[one] for one in ids)
        return Alliance(shop, promoter, parties.operator(), now, *counts.fetchone())


_PARTIES = (
    "INSERT INTO parties_party (id, no, kind, name, certified_as, certified_at, suspended_reason, admins, created_at)"
    " SELECT %(first_shop)s + n, 'MB' || n, 'merchant', '小店' || n, 'enterprise', %(listed)s, '', 0, %(listed)s"
    " FROM generate_series(1, %(shops)s) n",
    "INSERT INTO parties_merchant (party_id, source, subject_kind, appid, opened_from, binding_mode, binding_days,"
    " functions)"
    " SELECT %(first_shop)s + n, 'mini_store', 'enterprise', '', %(listed)s, 'off', 0, '{coupons,reviews}'"
    " FROM generate_series(1, %(shops)s) n",
    "INSERT INTO parties_party (id, no, kind, name, certified_as, certified_at, suspended_reason, admins, created_at)"
    " SELECT %(first_promoter)s + n, 'PB' || n, 'promoter', '推客' || n, 'individual', %(listed)s, '', 0, %(listed)s"
    " FROM generate_series(1, %(promoters)s) n",
    "INSERT INTO parties_promoter (party_id, subject_kind, line, standing)"
    " SELECT %(first_promoter)s + n, 'individual', '{}', 'active' FROM generate_series(1, %(promoters)s) n",
    "INSERT INTO attribution_place (promoter_id, pid, name, created_at)"
    " SELECT p, 'pid_b' || p || '_' || n, '推广位' || n, %(listed)s FROM (SELECT %(promoter)s AS p UNION ALL"
    " SELECT %(first_promoter)s + g FROM generate_series(1, %(promoters)s) g) all_of_them, generate_series(1, 2) n",
)

_PRODUCTS = (
    """
    INSERT INTO catalog_product (id, no, merchant_id, category_id, external_no, title, subtitle, detail, pictures, path,
        words, grams, sold, state, excluded, min_price_fen, listed_from, created_at, updated_at)
    SELECT n, 'B' || n, CASE WHEN n %% 10 = 0 THEN %(shop)s ELSE %(first_shop)s + 1 + n %% %(shops)s END,
        (%(roots)s::bigint[])[1 + (random() * 29)::int], '',
        (%(kinds)s::text[])[1 + (random() * 15)::int] || (%(goods)s::text[])[1 + (random() * 23)::int] || ' '
            || (%(specs)s::text[])[1 + (random() * 9)::int] || ' ' || n, '', '', ARRAY['bench.webp'], 'pages/p?id=' || n,
        '', '{}', 0,
        CASE WHEN n %% 20 = 7 THEN 'off_sale' ELSE 'on_sale' END, false, 500 + (random() ^ 3 * 100000)::int,
        %(listed)s, %(listed)s, %(listed)s
    FROM generate_series(10000001, 10000000 + %(products)s) n
    """,
    "INSERT INTO catalog_sku (product_id, spec, price_fen, free, sold, on_sale, weight_g)"
    " SELECT id, '', min_price_fen, 100, (random() ^ 4 * 5000)::int, true, 500 FROM catalog_product WHERE id > 10000000",
)


def _library(link: psycopg.Connection, now: datetime) -> None:
    """Write the library's rows as the product would: the same words and grams, rate 12 %."""
    from tuike.kit import grams
    from tuike.library.types import FOREVER

    indexes = link.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'library_item' AND indexname NOT LIKE '%%pkey'"
        " AND indexname <> 'library_item_once'"
    ).fetchall()
    for name, _ in indexes:
        link.execute(f"DROP INDEX {name}")
    found = link.execute(
        "SELECT p.id, p.merchant_id, c.path, p.title, y.name, p.min_price_fen, k.sold, p.listed_from FROM catalog_product p"
        " JOIN catalog_category c ON c.id = p.category_id JOIN parties_party y ON y.id = p.merchant_id"
        " JOIN catalog_sku k ON k.product_id = p.id WHERE p.state = 'on_sale' AND p.id > 10000000"
    )
    columns = (
        "product_id, merchant_id, source, path, words, grams, price_fen, rate_bps, commission_fen, coupon, sold, listed_at,"
        " begins, ends"
    )
    with link.cursor() as cursor, cursor.copy(f"COPY library_item ({columns}) FROM STDIN") as copy:
        for id_, shop, path, title, name, price, sold, listed in found:
            words = grams.joined(title, "", name)
            rate = 500 + id_ % 40 * 50
            copy.write_row(
                (id_, shop, "mini_store", path, words, grams.grams(words), price, rate, price * rate // 10_000,
                 id_ % 50 == 3, sold, listed + timedelta(minutes=id_ % 100_000), listed, FOREVER)
            )  # fmt: skip
    for _, definition in indexes:
        link.execute(definition)
    link.execute(
        "INSERT INTO library_sweep (id, until, coupons_until, price_floor_fen) VALUES (1, %s, %s, 100)"
        " ON CONFLICT DO NOTHING",
        [next_midnight(now), now],
    )


_BORN = """
    CREATE UNLOGGED TABLE bench_order AS
    SELECT n AS id, 'OB' || n AS no, p.merchant_id, p.id AS product_id, p.category_id, p.title, k.id AS sku_id,
        p.min_price_fen AS fen, at AS placed_at, age, r AS luck, 1 + (random() * 4)::int AS pieces,
        CASE WHEN random() >= 0.7 THEN NULL WHEN random() < 0.02 THEN %(promoter)s
            ELSE %(first_promoter)s + 1 + (random() * (%(promoters)s - 1))::int END AS promoter_id,
        %(first_promoter)s + 1 + (random() * (%(promoters)s - 1))::int AS recruiter_id
    FROM (
        SELECT n, 10000001 + (n * 7919::bigint) %% %(products)s AS product, random() AS r, %(now)s - age AS at, age
        FROM (SELECT n, (1 - (n - 1)::float8 / %(orders)s) * %(days)s * interval '1 day' AS age
            FROM generate_series(1, %(orders)s) n) aged
    ) o JOIN catalog_product p ON p.id = o.product JOIN catalog_sku k ON k.product_id = p.id
"""
_ORDERS = (
    _BORN,
    """
    INSERT INTO orders_order (id, no, merchant_id, buyer_id, source, external_no, state, goods_fen, discount_fen,
        freight_fen, freight_refunded_fen, payable_fen, placed_at, paid_at, shipped_at, receive_extended, received_at,
        received_by, closed_at, close_reason, note)
    SELECT id, no, merchant_id, 1 + id %% 300000, 'mini_store', '', CASE WHEN luck < 0.03 THEN 'closed'
            WHEN age < interval '4 days' THEN 'paid' WHEN age < interval '14 days' THEN 'shipped' ELSE 'completed' END,
        fen * pieces, 0, 0, 0, fen * pieces, placed_at, CASE WHEN luck >= 0.03 THEN placed_at + interval '1 minute' END,
        CASE WHEN luck >= 0.03 AND age >= interval '4 days' THEN placed_at + interval '3 days' END, false,
        CASE WHEN luck >= 0.03 AND age >= interval '14 days' THEN placed_at + interval '13 days' END, '',
        CASE WHEN luck < 0.03 THEN placed_at + interval '30 minutes' END, '', ''
    FROM bench_order ORDER BY id
    """,
    """
    INSERT INTO orders_line (id, order_id, merchant_id, no, product_id, sku_id, category_id, title, spec, quantity,
        price_fen, discount_fen, paid_fen, refunded_fen, refunded_quantity)
    SELECT id, id, merchant_id, 1, product_id, sku_id, category_id, title, '', pieces, fen, 0, fen * pieces,
        CASE WHEN luck > 0.97 THEN fen * pieces ELSE 0 END, CASE WHEN luck > 0.97 THEN pieces ELSE 0 END
    FROM bench_order ORDER BY id
    """,
    """
    INSERT INTO attribution_claim (id, merchant_id, order_no, kind, reason, promoter_id, place_id, activity_no,
        service_bps, self_purchase, customize_info, facts, made_at)
    SELECT b.id, b.merchant_id, b.no, CASE WHEN b.promoter_id IS NULL THEN 'none' ELSE 'material' END,
        CASE WHEN b.promoter_id IS NULL THEN 'no_touch' ELSE '' END, b.promoter_id, p.id, '', 0, false, '', '{}', b.placed_at
    FROM bench_order b LEFT JOIN attribution_place p ON p.promoter_id = b.promoter_id AND p.name = '推广位' || 1 + b.id %% 2
    ORDER BY b.id
    """,
    """
    INSERT INTO commission_sale (id, kind, order_no, merchant_id, source, product_id, quantity, paid_fen, refunded_fen,
        refunded_quantity, terms, placed_at, paid_at, received_at, due_at, open_after_sales, waiting, booking,
        matured_batch_id, subsidy_fen)
    SELECT id, 'goods', no, merchant_id, 'mini_store', product_id, pieces, fen * pieces,
        CASE WHEN luck > 0.97 THEN fen * pieces ELSE 0 END, CASE WHEN luck > 0.97 THEN pieces ELSE 0 END,
        CASE WHEN promoter_id IS NULL THEN '{"nobody": "no_touch"}'::jsonb ELSE jsonb_build_object('promoter_id', promoter_id,
            'rate_bps', 1200, 'rate_id', 1, 'tier2', jsonb_build_array(recruiter_id, 500, NULL)) END,
        placed_at, placed_at + interval '1 minute', CASE WHEN age >= interval '14 days' THEN placed_at + interval '13 days' END,
        CASE WHEN age >= interval '14 days' THEN placed_at + interval '40 days' END, 0, false, 'bench',
        CASE WHEN age >= interval '40 days' THEN 1 END, 0
    FROM bench_order WHERE luck >= 0.03 ORDER BY id
    """,
    """
    INSERT INTO commission_accrual (id, sale_id, merchant_id, payee_kind, payee_id, role, funder, base_fen, rate_bps,
        first_fen, amount_fen, state, review, batch_id, accrued_at, settled_at)
    SELECT b.id * 2 + e.n, b.id, b.merchant_id, 'promoter', CASE e.n WHEN 0 THEN b.promoter_id ELSE b.recruiter_id END,
        CASE e.n WHEN 0 THEN 'direct' ELSE 'tier2' END, 'merchant', CASE WHEN luck > 0.97 THEN 0 ELSE fen * pieces END,
        e.bps, fen * pieces * e.bps / 10000, CASE WHEN luck > 0.97 THEN 0 ELSE fen * pieces * e.bps / 10000 END,
        CASE WHEN luck > 0.97 THEN 'cancelled' WHEN age >= interval '40 days' THEN 'settled' ELSE 'pending' END, 'clear',
        CASE WHEN age >= interval '40 days' THEN 1 END, placed_at + interval '1 minute',
        CASE WHEN luck <= 0.97 AND age >= interval '40 days' THEN placed_at + interval '40 days' END
    FROM bench_order b, (VALUES (0, 1200), (1, 500)) e (n, bps)
    WHERE luck >= 0.03 AND promoter_id IS NOT NULL AND (e.n = 0 OR b.recruiter_id <> b.promoter_id) ORDER BY b.id
    """,
    "DROP TABLE bench_order",
)
