"""The curated pool (好物联盟), as shops, the operator and whoever promotes see it; to whom the contract is open."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tuike.insight.lists.types import Choices, Column, Filter, Listing

_NEW = Column("new", ("编号", "Id"), "o.id", kind="count", sort=True, filled=True, shown=False, export=False)
POOL_STATES: Mapping[str, tuple[str, ...]] = {
    "applied": ("待平台审核", "Operator decides", "amber"),
    "listed": ("已入选", "In the pool", "green"),
    "rejected": ("未通过", "Turned away", "red"),
    "removed": ("已移出", "Taken out", "grey"),
}
_POOL_FROM = (
    "cooperation_pool o JOIN catalog_product p ON p.id = o.product_id JOIN parties_party y ON y.id = o.merchant_id"
)
_POOL = (
    Column(
        "product",
        ("商品", "Product"),
        "p.title",
        kind="product",
        also={"picture": "regexp_replace(p.pictures[1], '^/media/', '')", "under": "y.name", "no": "p.no"},
    ),
    Column("price", ("最低价", "From"), "p.min_price_fen", kind="money"),
    Column("category", ("类目", "Category"), "(SELECT g.name FROM catalog_category g WHERE g.id = p.category_id)"),
)
_POOL_STATE = (
    Column("state", ("状态", "State"), "o.state", kind="tag", words=POOL_STATES, also={"raw": "o.state"}),
    Column("reason", ("审核说明", "Reason"), "o.reason"),
    Column("applied_at", ("申请时间", "Applied at"), "o.applied_at", kind="time", sort=True, filled=True),
    Column("decided_at", ("处理时间", "Decided at"), "o.decided_at", kind="time"),
    _NEW,
)
_POOL_ASKED = (
    Filter(
        "q",
        ("商品、编号或店铺", "Product, number or shop"),
        "(p.title ILIKE %(like)s OR p.no = %(value)s OR y.name ILIKE %(like)s)",
    ),
)

POOL_OF_SHOP = Listing(
    name="pool_of_shop",
    sql_from=_POOL_FROM,
    scope_sql="o.merchant_id = %(merchant)s",
    id_sql="o.id",
    default_sort="-new",
    columns=(*_POOL, *_POOL_STATE),
    filters=_POOL_ASKED,
    tabs=Filter(
        "state",
        ("状态", "State"),
        "o.state = %(value)s",
        kind="choice",
        choices=[(value, (said[0], said[1])) for value, said in POOL_STATES.items()],
    ),
)
"""Scope: `merchant`."""

POOL_APPLICATIONS = replace(POOL_OF_SHOP, name="pool_applications", scope_sql="true")
"""The operator's. Scope: none."""


def _categories(scope: Mapping[str, Any]) -> Choices:
    """Return the categories that the page has read."""
    return [(str(id_), (zh, en)) for id_, zh, en in scope.get("categories", ())]


POOL = Listing(
    name="pool_shown",
    sql_from=_POOL_FROM,
    scope_sql="o.state = 'listed' AND p.state = 'on_sale' AND y.suspended_at IS NULL",
    id_sql="o.id",
    default_sort="-new",
    columns=(
        *_POOL,
        Column("since", ("入选时间", "Since"), "o.decided_at", kind="time"),
        _NEW,
    ),
    filters=(
        *_POOL_ASKED,
        Filter(
            "category",
            ("类目", "Category"),
            "p.category_id IN (SELECT g.id FROM catalog_category g WHERE %(value)s::bigint = ANY(g.path))",
            kind="choice",
            choices=_categories,
        ),
        Filter("price", ("最低价", "From"), "p.min_price_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
    ),
)
"""What leaders and promoters see. Scope: `categories`."""

ACCESS = Listing(
    name="cooperation_access",
    sql_from="cooperation_access x JOIN parties_party y ON y.id = x.party_id",
    scope_sql="x.closed_at IS NULL",
    id_sql="y.id",
    default_sort="-opened_at",
    columns=(
        Column("name", ("主体", "Party"), "y.name", also={"under": "y.no"}),
        Column(
            "kind",
            ("类型", "Kind"),
            "y.kind",
            kind="tag",
            words={"merchant": ("商家", "Shop", "blue"), "leader": ("团长", "Leader", "amber")},
        ),
        Column("opened_at", ("开通时间", "Opened at"), "x.opened_at", kind="time", sort=True, filled=True),
    ),
    filters=(Filter("q", ("名称或编号", "Name or number"), "(y.name ILIKE %(like)s OR y.no = %(value)s)"),),
)
"""The parties to whom the contract's functions are open by name. Scope: none."""
