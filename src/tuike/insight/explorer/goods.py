"""Dimensions of what was sold: order, product, category, shop."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tuike.catalog import queries as catalog
from tuike.insight.explorer import parts
from tuike.insight.explorer.rows import PARTY
from tuike.insight.explorer.types import EVERYBODY, MERCHANT, Dimension, Group
from tuike.insight.lists.types import Choices, Column, Filter

PICTURE = "regexp_replace(g.pictures[1], '^/media/', '')"


def dimensions() -> tuple[Dimension, ...]:
    """Return them, in the order of their columns."""
    return (_order(), _product(), _category(), _shop())


def _order() -> Dimension:
    order = Filter("order_no", ("订单号", "Order number"), "s.order_no = upper(%(value)s)")
    no = Filter(
        "no",
        ("佣金编号", "Accrual"),
        "a.id = CASE WHEN %(value)s ~ '^[Aa]?[0-9]{1,18}$' THEN ltrim(%(value)s, 'Aa')::bigint END",
        hint=("如 A42", "such as A42"),
    )
    column = Column("order_no", ("订单号", "Order"), "s.order_no", also={"under": "'A' || a.id"})
    return Dimension("order", ("订单号", "Order"), (column,), (order, no), usual=EVERYBODY)


def _product() -> Dimension:
    words = ("商品", "Product")
    filters, groups = parts.numbered(
        "product",
        words,
        # A product is of one shop: along the shop's sales its own are near.
        find=parts.finder(
            "catalog_product: id, merchant_id AS merchant",
            "s.product_id = %(found_id)s AND s.merchant_id = %(found_merchant)s AND a.merchant_id = %(found_merchant)s",
        ),
        name="coalesce(l.title, g.title)",
        id_sql="s.product_id",
        join="LEFT JOIN catalog_product {at} ON {at}.id = {key}",
    )
    said, group = groups["product"]
    column = Column(
        "product",
        words,
        "coalesce(l.title, g.title)",
        kind="product",
        also={"picture": PICTURE, "under": "g.no"},
    )
    titled = {"product": (said, replace(group, label="{at}.title"))}
    return Dimension("product", words, (column,), filters, titled, usual=EVERYBODY)


def _category() -> Dimension:
    words = ("类目", "Category")
    below = Filter(
        "category",
        words,
        "l.category_id IN (SELECT t.id FROM catalog_category t WHERE %(value)s::bigint = ANY(t.path))",
        kind="choice",
        choices=categories,
    )
    alone = Filter(
        "category_no",
        ("类目编号（不含下级）", "Category's id, without those below"),
        "l.category_id = CASE WHEN %(value)s ~ '^[0-9]{1,18}$' THEN ltrim(%(value)s)::bigint END",
        empty="l.category_id IS NULL",
    )
    group = Group(
        "l.category_id",
        parts.by("category_no"),
        join="LEFT JOIN catalog_category {at} ON {at}.id = {key}",
        label="{at}.name",
    )
    column = Column("category", words, "k.name")
    return Dimension("category", words, (column,), (below, alone), {"category": (words, group)})


def _shop() -> Dimension:
    words, others = ("商家", "Shop"), EVERYBODY - {MERCHANT}
    filters, groups = parts.numbered(
        "shop",
        words,
        find=parts.finder("parties_party: id", "a.merchant_id = %(found_id)s"),
        name="m.name",
        id_sql="a.merchant_id",
        join=PARTY,
    )
    column = Column("shop", words, "m.name", also={"under": "m.no"})
    return Dimension("shop", words, (column,), filters, groups, others, others)


def categories(_scope: Mapping[str, Any]) -> Choices:
    """Return the categories to choose from: the tree, each with the names of those above it."""
    tree = {node.category_id: node for node in catalog.categories()}
    return [
        (
            str(id_),
            (
                " › ".join(tree[one].name for one in node.path if one in tree),
                " › ".join(tree[one].name_en or tree[one].name for one in node.path if one in tree),
            ),
        )
        for id_, node in tree.items()
    ]
