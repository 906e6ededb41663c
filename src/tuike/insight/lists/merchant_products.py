"""A merchant's products: what is sold, at which price, and why one can't be promoted."""

from collections.abc import Mapping
from typing import Any

from tuike.catalog.types import NotPromotable
from tuike.insight.lists.types import Choices, Column, Filter, Listing

_FREE = "(SELECT coalesce(sum(k.free), 0) FROM catalog_sku k WHERE k.product_id = p.id AND k.on_sale)"
_RESTRICTED = (
    "p.category_id = ANY(ARRAY(SELECT c.id FROM catalog_category c JOIN catalog_category a ON a.id = ANY(c.path)"
    " WHERE a.restricted))"
)
"""Asked once for all products, not once for each."""
_OPEN = "(m.opened_from <= %(now)s AND (m.closed_from IS NULL OR %(now)s < m.closed_from))"

REASON = f"""
    CASE WHEN {_OPEN} IS NOT TRUE THEN 'merchant_not_opened' WHEN y.certified_at IS NULL THEN 'merchant_not_certified'
        WHEN y.suspended_at IS NOT NULL THEN 'merchant_suspended' WHEN p.state <> 'on_sale' THEN 'off_sale'
        WHEN {_FREE} <= 0 THEN 'out_of_stock' WHEN {_RESTRICTED} THEN 'restricted_category'
        WHEN cardinality(p.pictures) = 0 THEN 'no_picture' WHEN p.min_price_fen < %(floor)s THEN 'below_price_floor'
        WHEN p.excluded THEN 'excluded'
        WHEN m.source = 'mini_program' AND m.prepaid_short_since IS NOT NULL THEN 'prepaid_short' ELSE '' END
"""
"""The rule of docs/rules.md §2 in SQL: the first reason that holds, in the same order; '' where none does."""

_PERHAPS_NOT = """
    p.id = ANY(ARRAY(
        SELECT x.id FROM catalog_product x WHERE x.merchant_id = %(merchant)s AND NOT EXISTS (
            SELECT FROM library_item i WHERE i.merchant_id = %(merchant)s AND i.product_id = x.id
                AND i.begins <= %(now)s AND %(now)s < i.ends)
        UNION ALL SELECT x.id FROM catalog_product x
            WHERE x.merchant_id = %(merchant)s AND (x.excluded OR x.state <> 'on_sale')
    ))
"""
"""What stands in the library can be promoted, or could a minute ago: few are left of which to ask for the reason."""

STATES = {
    "draft": ("草稿", "Draft", "grey"),
    "on_sale": ("在售", "On sale", "green"),
    "off_sale": ("已下架", "Off sale", "amber"),
}
PROMOTION = {"": ("可推广", "Promotable", "green")} | {
    reason.value: (reason.sentence("zh"), reason.sentence("en"), "amber") for reason in NotPromotable
}


def _categories(scope: Mapping[str, Any]) -> Choices:
    """Return the merchant's own categories, as the page has read them."""
    return [(str(id_), (zh, en)) for id_, zh, en in scope.get("categories", ())]


LISTING = Listing(
    name="merchant_products",
    sql_from="catalog_product p"
    " LEFT JOIN parties_merchant m ON m.party_id = p.merchant_id LEFT JOIN parties_party y ON y.id = p.merchant_id",
    scope_sql="p.merchant_id = %(merchant)s",
    id_sql="p.id",
    default_sort="-new",
    columns=(
        Column(
            "title",
            ("商品", "Product"),
            "p.title",
            kind="product",
            also={"picture": "regexp_replace(p.pictures[1], '^/media/', '')", "under": "p.no", "no": "p.no"},
        ),
        Column("external_no", ("外部编号", "Own number"), "p.external_no"),
        # No join: where titles are searched the index alone is read, which a join of another column would forbid.
        Column("category", ("类目", "Category"), "(SELECT c.name FROM catalog_category c WHERE c.id = p.category_id)"),
        Column("price", ("最低价", "From"), "p.min_price_fen", kind="money", sort=True, filled=True),
        Column("free", ("库存", "Stock"), _FREE, kind="count"),
        Column(
            "sold",
            ("已售", "Sold"),
            "(SELECT coalesce(sum(k.sold), 0) FROM catalog_sku k WHERE k.product_id = p.id)",
            kind="count",
        ),
        Column("state", ("状态", "State"), "p.state", kind="tag", words=STATES),
        Column(
            "promotion",
            ("推广", "Promotion"),
            f"coalesce(nullif(({REASON}), ''), 'promotable')",
            kind="tag",
            words={"promotable": PROMOTION[""]} | {key: words for key, words in PROMOTION.items() if key},
        ),
        Column("new", ("创建时间", "Added"), "p.id", kind="count", sort=True, filled=True, shown=False, export=False),
        Column("created_at", ("创建时间", "Added"), "p.created_at", kind="time"),
    ),
    filters=(
        Filter(
            "q",
            ("商品名称或编号", "Title or number"),
            # By bytes: letters of the Latin alphabet find each other, Chinese has no case, and it costs half.
            '(p.title COLLATE "C" ILIKE %(like)s OR p.no = %(value)s OR p.external_no = %(value)s)',
        ),
        Filter(
            "category",
            ("类目", "Category"),
            "p.category_id IN (SELECT id FROM catalog_category WHERE %(value)s::bigint = ANY(path))",
            kind="choice",
            choices=_categories,
        ),
        Filter(
            "state",
            ("状态", "State"),
            "p.state = %(value)s",
            kind="choice",
            choices=[(key, words[:2]) for key, words in STATES.items()],
        ),
        Filter(
            "why",
            ("不可推广原因", "Why not promotable"),
            f"{_PERHAPS_NOT} AND ({REASON}) = %(value)s",
            kind="choice",
            choices=[(reason.value, (reason.sentence("zh"), reason.sentence("en"))) for reason in NotPromotable],
        ),
        Filter("price", ("价格", "Price"), "p.min_price_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
    ),
    tabs=Filter(
        "promotion",
        ("推广", "Promotion"),
        "true",
        kind="choice",
        choices=[
            ("yes", ("可推广", "Promotable")),
            ("no", ("不可推广", "Not promotable")),
            ("excluded", ("不推广清单", "Exclusion list")),
        ],
        conditions={"yes": f"({REASON}) = ''", "no": f"{_PERHAPS_NOT} AND ({REASON}) <> ''", "excluded": "p.excluded"},
    ),
)
