"""What promoters do and what comes of it, as tables: by promoter, by place, by product, for each kind of party."""

from tuike.insight.behaviour import MEASURES, NARROWED, base_sql
from tuike.insight.lists.types import Column, Filter, Listing

_CONVERSION = "(f.orders * 10000 / nullif(f.clicks, 0))::bigint"
_REFUNDED = "(f.refunded_fen * 10000 / nullif(f.paid_fen, 0))::bigint"
_HAVING = " + ".join(f"sum(b.{name})" for name in MEASURES)
_SUMS = ", ".join(f"sum(b.{name})::bigint AS {name}" for name in MEASURES)


def _grouped(kind: str, columns: str) -> str:
    return (
        f"(SELECT {columns}, {_SUMS} FROM ({base_sql(kind)}) b WHERE {NARROWED} GROUP BY {columns}"
        f" HAVING {_HAVING} > 0) f"
    )


def _measures() -> tuple[Column, ...]:
    counted = (
        ("shares", ("分享", "Shares")),
        ("clicks", ("点击", "Clicks")),
        ("visitors", ("访客", "Visitors")),
        ("orders", ("订单", "Orders")),
    )
    more = {"sort": True, "filled": True, "total": True}
    return (
        *(Column(key, words, f"f.{key}", kind="count", **more) for key, words in counted),  # type: ignore[arg-type]
        Column("conversion", ("转化率", "Conversion"), _CONVERSION, kind="rate", sort=True),
        Column("paid", ("成交金额", "Sold"), "f.paid_fen", kind="money", **more),  # type: ignore[arg-type]
        Column("refunds", ("退款率", "Refund rate"), _REFUNDED, kind="rate", sort=True),
    )


_FILTERS = (
    Filter("clicks", ("点击数", "Clicks"), "f.clicks BETWEEN %(low)s AND %(high)s", kind="number"),
    Filter("orders", ("订单数", "Orders"), "f.orders BETWEEN %(low)s AND %(high)s", kind="number"),
    Filter("conversion", ("转化率", "Conversion"), f"{_CONVERSION} BETWEEN %(low)s AND %(high)s", kind="bps"),
    Filter("refunds", ("退款率", "Refund rate"), f"{_REFUNDED} BETWEEN %(low)s AND %(high)s", kind="bps"),
)


def _promoters(kind: str) -> Listing:
    return Listing(
        name=f"behaviour_promoters_{kind}",
        sql_from=f"{_grouped(kind, 'b.promoter_id')} JOIN parties_party p ON p.id = f.promoter_id",
        scope_sql="true",
        id_sql="f.promoter_id",
        default_sort="-orders",
        columns=(
            Column("name", ("推客", "Promoter"), "p.name", kind="person", also={"under": "p.no", "no": "p.no"}),
            *_measures(),
        ),
        filters=(
            Filter("q", ("推客编号或昵称", "Promoter"), "(p.no = %(value)s OR p.name ILIKE %(like)s)"),
            *_FILTERS,
        ),
    )


def _places(kind: str) -> Listing:
    # What a promoter calls a place is its own affair: shops and leaders know places by their numbers.
    name = "p.name" if kind in ("promoter", "operator") else "p.pid"
    return Listing(
        name=f"behaviour_places_{kind}",
        sql_from=f"{_grouped(kind, 'b.place_id')} JOIN attribution_place p ON p.id = f.place_id",
        scope_sql="true",
        id_sql="f.place_id",
        default_sort="-orders",
        columns=(Column("name", ("推广位", "Place"), name, also={"under": "p.pid", "pid": "p.pid"}), *_measures()),
        filters=(
            Filter("q", ("推广位", "Place"), f"(p.pid = %(value)s OR {name} ILIKE %(like)s)"),
            *_FILTERS,
        ),
    )


def _products(kind: str) -> Listing:
    return Listing(
        name=f"behaviour_products_{kind}",
        sql_from=f"{_grouped(kind, 'b.product_id, b.merchant_id')} LEFT JOIN catalog_product p ON p.id = f.product_id"
        " JOIN parties_party m ON m.id = f.merchant_id",
        scope_sql="true",
        id_sql="(CASE WHEN f.product_id > 0 THEN f.product_id ELSE -f.merchant_id END)",
        default_sort="-orders",
        columns=(
            # Material of a whole shop has no product: it stands under the shop's name.
            Column(
                "name",
                ("商品或店铺", "Product or shop"),
                "coalesce(p.title, m.name)",
                kind="product",
                also={
                    "under": "coalesce(p.no, m.no)",
                    "picture": "coalesce(regexp_replace(p.pictures[1], '^/media/', ''), '')",
                },
            ),
            *_measures(),
        ),
        filters=(
            Filter(
                "q",
                ("商品或店铺", "Product or shop"),
                "(coalesce(p.no, m.no) = %(value)s OR coalesce(p.title, m.name) ILIKE %(like)s)",
            ),
            *_FILTERS,
        ),
    )


OPERATOR_PROMOTERS, MERCHANT_PROMOTERS, LEADER_PROMOTERS = (
    _promoters("operator"),
    _promoters("merchant"),
    _promoters("leader"),
)
OPERATOR_PLACES, MERCHANT_PLACES = _places("operator"), _places("merchant")
LEADER_PLACES, PROMOTER_PLACES = _places("leader"), _places("promoter")
OPERATOR_PRODUCTS, MERCHANT_PRODUCTS = _products("operator"), _products("merchant")
LEADER_PRODUCTS, PROMOTER_PRODUCTS = _products("leader"), _products("promoter")

LISTINGS = {
    ("operator", "promoter"): OPERATOR_PROMOTERS,
    ("operator", "place"): OPERATOR_PLACES,
    ("operator", "product"): OPERATOR_PRODUCTS,
    ("merchant", "promoter"): MERCHANT_PROMOTERS,
    ("merchant", "place"): MERCHANT_PLACES,
    ("merchant", "product"): MERCHANT_PRODUCTS,
    ("leader", "promoter"): LEADER_PROMOTERS,
    ("leader", "place"): LEADER_PLACES,
    ("leader", "product"): LEADER_PRODUCTS,
    ("promoter", "place"): PROMOTER_PLACES,
    ("promoter", "product"): PROMOTER_PRODUCTS,
}
"""Kind of party and what rows are → the table. Scope: that of `tuike.insight.behaviour.scope`."""
