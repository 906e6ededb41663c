"""Reads of the catalog. Facts are for other modules; lists start from who asks."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tuike.catalog import rules
from tuike.catalog.types import (
    CategoryNode,
    NotPromotable,
    OwnProduct,
    ProductFacts,
    ProductPage,
    ProductState,
    ShopSku,
    SkuFacts,
    WholeProduct,
)
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.parties.types import MerchantFacts

PAGE = 100
"""The longest page."""

_FACTS = """
    SELECT {also} p.id, p.no, p.merchant_id, p.external_no, p.category_id, c.path,
           EXISTS (SELECT 1 FROM catalog_category a WHERE a.id = ANY(c.path) AND a.restricted),
           p.title, p.subtitle, p.pictures, p.path, p.state, p.excluded, p.min_price_fen,
           coalesce((SELECT sum(s.free) FROM catalog_sku s WHERE s.product_id = p.id AND s.on_sale), 0),
           p.listed_from
    FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id
"""
_PRODUCT = _FACTS.format(also="")
_WHOLE = _FACTS.format(
    also="""
           p.detail, p.sold,
           (SELECT json_agg(json_build_array(k.id, k.spec, k.price_fen, k.free, k.on_sale, k.weight_g) ORDER BY k.id)
            FROM catalog_sku k WHERE k.product_id = p.id),"""
)
_OF_A_SKU = _FACTS.format(also="k.id, k.spec, k.price_fen, k.on_sale, k.free,")


def sku_facts(sku_ids: Iterable[int]) -> dict[int, SkuFacts]:
    """Return what placing an order must know, by SKU id; ids that don't exist are missing."""
    found = rows.planned(
        """
        SELECT s.id, p.id, p.no, p.merchant_id, p.category_id, c.path, p.title, s.spec, s.price_fen,
               s.on_sale AND p.state = 'on_sale', coalesce(p.pictures[1], ''), s.free
        FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id JOIN catalog_category c ON c.id = p.category_id
        WHERE s.id = ANY(%s)
        """,
        [sorted(set(sku_ids))],
    )
    return {facts.sku_id: facts for facts in (_sku_facts(*row) for row in found)}


def sale_facts(sku_ids: Iterable[int]) -> tuple[dict[int, SkuFacts], dict[int, ProductFacts]]:
    """Return `sku_facts` together with the `product_facts` of their products, in one query."""
    found = rows.planned(
        f"{_OF_A_SKU} JOIN catalog_sku k ON k.product_id = p.id WHERE k.id = ANY(%s)", [sorted(set(sku_ids))]
    )
    products = {row[5]: _facts(row[5:]) for row in found}
    skus = {
        sku_id: SkuFacts(
            sku_id=sku_id,
            product_id=product_id,
            product_no=product.product_no,
            merchant_id=product.merchant_id,
            category_id=product.category_id,
            category_path=product.category_path,
            title=product.title,
            spec=spec,
            price_fen=price_fen,
            on_sale=on_sale and product.state is ProductState.ON_SALE,
            picture=product.pictures[0] if product.pictures else "",
            free=free,
        )
        for sku_id, spec, price_fen, on_sale, free, product_id, *_ in found
        for product in [products[product_id]]
    }
    return skus, products


def product_facts(product_ids: Iterable[int]) -> dict[int, ProductFacts]:
    """Return products by id; ids that don't exist are missing."""
    wanted = sorted(set(product_ids))
    ask = rows.planned if len(wanted) < rows.FEW else rows.query
    found = ask(f"{_PRODUCT} WHERE p.id = ANY(%s)", [wanted])
    return {row[0]: _facts(row) for row in found}


def promotability(
    products: Iterable[ProductFacts],
    merchants: Mapping[int, MerchantFacts],
    price_floor_fen: int,
    now: datetime,
) -> dict[int, NotPromotable | None]:
    """Return by product id why it can't be promoted at `now`, None where it can (docs/rules.md §2)."""
    return {
        product.product_id: rules.why_not_promotable(
            rules.promotion_facts(product, merchants[product.merchant_id], price_floor_fen=price_floor_fen, now=now)
        )
        for product in products
    }


def shop_products(
    *, merchant_id: int | None = None, category_id: int | None = None, after: int | None = None, limit: int = 20
) -> ProductPage:
    """Return what anybody may see in the storefront: products on sale, newest first.

    `merchant_id` narrows to a shop, `category_id` to a category and all below it; `after` comes from the last page.
    """
    narrowed = {**_merchant(merchant_id), **_category(category_id), "p.state = %s": ProductState.ON_SALE.value}
    return _page(narrowed, after, limit)


def merchant_products(
    *, merchant_id: int, state: ProductState | None = None, after: int | None = None, limit: int = 20
) -> ProductPage:
    """Return a merchant's own products in every state (or one), newest first."""
    narrowed = {**_merchant(merchant_id), **({"p.state = %s": state.value} if state else {})}
    return _page(narrowed, after, limit)


def id_of(product_no: str) -> int:
    """Return a product's id by its public number.

    Raises:
        NotFound: there is no such product.
    """
    found = rows.query("SELECT id FROM catalog_product WHERE no = %s", [product_no])
    if not found:
        raise NotFound
    return int(found[0][0])


def shop_skus(*, product_id: int) -> tuple[ProductFacts, tuple[ShopSku, ...]]:
    """Return a product on sale and its SKUs, as anybody may see them.

    Raises:
        NotFound: no such product, or not on sale.
    """
    facts = product_facts([product_id]).get(product_id)
    if facts is None or facts.state is not ProductState.ON_SALE:
        raise NotFound
    return facts, skus_of([product_id]).get(product_id, ())


def whole_product(product_no: str) -> WholeProduct:
    """Return a product on sale with all that its page needs of it, in one query.

    Raises:
        NotFound: no such product, or not on sale.
    """
    found = rows.planned(f"{_WHOLE} WHERE p.no = %s", [product_no])
    facts = _facts(found[0][3:]) if found else None
    if facts is None or facts.state is not ProductState.ON_SALE:
        raise NotFound
    detail, sold, skus = found[0][:3]
    return WholeProduct(facts, tuple(ShopSku(*sku) for sku in skus or ()), detail, sold)


def own_product(*, merchant_id: int, product_no: str) -> OwnProduct:
    """Return a merchant's own product with its detail and all its SKUs.

    Raises:
        NotFound: no such product, or another merchant's.
    """
    found = rows.query(
        "SELECT id, detail FROM catalog_product WHERE no = %s AND merchant_id = %s", [product_no, merchant_id]
    )
    if not found:
        raise NotFound
    [(product_id, detail)] = found
    return OwnProduct(product_facts([product_id])[product_id], detail, skus_of([product_id]).get(product_id, ()))


def own_ids(*, merchant_id: int, product_nos: Iterable[str]) -> dict[str, int]:
    """Return ids of a merchant's own products by their numbers; other numbers are missing."""
    found = rows.query(
        "SELECT no, id FROM catalog_product WHERE no = ANY(%s) AND merchant_id = %s",
        [sorted(set(product_nos)), merchant_id],
    )
    return dict(found)


def price_samples(
    *, merchant_id: int, product_ids: Sequence[int] | None = None, category_ids: Sequence[int] | None = None
) -> list[int]:
    """Return up to two products of a merchant, the cheapest and the dearest, narrowed to products or categories with
    all below them: what a sample order is computed for. Those on sale come first."""
    asked = {
        "merchant": merchant_id,
        "products": None if product_ids is None else list(product_ids),
        "categories": None if category_ids is None else list(category_ids),
    }
    one = """
        SELECT p.id FROM catalog_product p
        WHERE p.merchant_id = %(merchant)s AND (%(products)s::bigint[] IS NULL OR p.id = ANY(%(products)s::bigint[]))
          AND (%(categories)s::bigint[] IS NULL OR p.category_id IN (
              SELECT id FROM catalog_category WHERE path && %(categories)s::bigint[]))
        ORDER BY p.state <> 'on_sale' OR p.excluded, p.min_price_fen {}, p.id LIMIT 1
    """
    found = [rows.query(one.format(direction), asked) for direction in ("", "DESC")]
    return list(dict.fromkeys(id_ for [(id_,)] in (part for part in found if part)))


def skus_of(product_ids: Iterable[int]) -> dict[int, tuple[ShopSku, ...]]:
    """Return the SKUs of products, by product id, in the order in which they were added."""
    wanted = sorted(set(product_ids))
    ask = rows.planned if len(wanted) < rows.FEW else rows.query
    found = ask(
        "SELECT product_id, id, spec, price_fen, free, on_sale, weight_g FROM catalog_sku WHERE product_id = ANY(%s)"
        " ORDER BY id",
        [wanted],
    )
    by_product: dict[int, list[ShopSku]] = {}
    for product_id, *sku in found:
        by_product.setdefault(product_id, []).append(ShopSku(*sku))
    return {product_id: tuple(skus) for product_id, skus in by_product.items()}


def ids_by_external_no(*, merchant_id: int, external_nos: Iterable[str]) -> dict[str, tuple[int, int]]:
    """Return (product id, id of its first SKU) by the shop's own product numbers; unknown ones are missing."""
    found = rows.query(
        "SELECT p.external_no, p.id, min(s.id) FROM catalog_product p JOIN catalog_sku s ON s.product_id = p.id"
        " WHERE p.merchant_id = %s AND p.external_no = ANY(%s) AND p.external_no <> '' GROUP BY p.external_no, p.id",
        [merchant_id, sorted(set(external_nos))],
    )
    return {external_no: (product_id, sku_id) for external_no, product_id, sku_id in found}


def categories() -> list[CategoryNode]:
    """Return the whole tree, parents before children, siblings in their order."""
    found = rows.query(
        "SELECT id, path, name, name_en, restricted, picture FROM catalog_category ORDER BY level, position, id"
    )
    return [CategoryNode(id_, tuple(path), *rest) for id_, path, *rest in found]


def category_nodes(category_ids: Iterable[int]) -> dict[int, CategoryNode]:
    """Return categories by id: a few of the tree."""
    found = rows.planned(
        "SELECT id, path, name, name_en, restricted, picture FROM catalog_category WHERE id = ANY(%s)",
        [sorted(set(category_ids))],
    )
    return {id_: CategoryNode(id_, tuple(path), *rest) for id_, path, *rest in found}


def category_paths(product_ids: Iterable[int]) -> dict[int, tuple[int, ...]]:
    """Return by product the ids from its category's root to its category; ids that don't exist are missing."""
    found = rows.query(
        "SELECT p.id, c.path FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id"
        " WHERE p.id = ANY(%s)",
        [sorted(set(product_ids))],
    )
    return {product_id: tuple(path) for product_id, path in found}


def merchants_of(product_ids: Iterable[int]) -> dict[int, int]:
    """Return by product whose it is; ids that don't exist are missing."""
    found = rows.query("SELECT id, merchant_id FROM catalog_product WHERE id = ANY(%s)", [sorted(set(product_ids))])
    return dict(found)


def with_category(product_id: str) -> str:
    """Return the join by which a statement learns the category (`p.category_id`) of products whose id it has."""
    return f"JOIN catalog_product p ON p.id = {product_id}"


def categories_sold(merchant_ids: Iterable[int]) -> dict[int, frozenset[int]]:
    """Return by merchant the categories that its products are in."""
    # The tree is small and an index says at once whether a shop has anything in a category: no scan of its products.
    found = rows.query(
        "SELECT m.id, c.id FROM unnest(%s::bigint[]) AS m (id) CROSS JOIN catalog_category c CROSS JOIN LATERAL"
        " (SELECT 1 FROM catalog_product p WHERE p.merchant_id = m.id AND p.category_id = c.id LIMIT 1) AS one",
        [sorted(set(merchant_ids))],
    )
    sold: dict[int, set[int]] = {}
    for merchant_id, category_id in found:
        sold.setdefault(merchant_id, set()).add(category_id)
    return {merchant_id: frozenset(ids) for merchant_id, ids in sold.items()}


def cheapest(
    *,
    merchant_id: int | None = None,
    product_ids: Sequence[int] | None = None,
    category_ids: Sequence[int] | None = None,
) -> int | None:
    """Return the lowest price in fen over products of a merchant (None: of all), narrowed to products or categories
    with all below them; None when there are none."""
    found = rows.query(
        """
        SELECT min(p.min_price_fen) FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id
        WHERE (%(merchant)s::bigint IS NULL OR p.merchant_id = %(merchant)s)
          AND (%(products)s::bigint[] IS NULL OR p.id = ANY(%(products)s::bigint[]))
          AND (%(categories)s::bigint[] IS NULL OR c.path && %(categories)s::bigint[])
        """,
        {
            "merchant": merchant_id,
            "products": None if product_ids is None else list(product_ids),
            "categories": None if category_ids is None else list(category_ids),
        },
    )
    return found[0][0]


def _merchant(merchant_id: int | None) -> dict[str, object]:
    return {} if merchant_id is None else {"p.merchant_id = %s": merchant_id}


def _category(category_id: int | None) -> dict[str, object]:
    """The tree is small: the categories below are found first, then the products' own index serves."""
    if category_id is None:
        return {}
    return {"p.category_id IN (SELECT id FROM catalog_category WHERE %s = ANY(path))": category_id}


def _page(narrowed: dict[str, object], after: int | None, limit: int) -> ProductPage:
    limit = max(1, min(limit, PAGE))
    if after is not None:
        narrowed = {**narrowed, "p.id < %s": after}
    condition = f"WHERE {' AND '.join(narrowed)}" if narrowed else ""
    # The page is cut before what is costly is looked up for each product.
    cut = f"SELECT p.id FROM catalog_product p {condition} ORDER BY p.id DESC LIMIT %s"
    found = rows.query(f"{_PRODUCT} WHERE p.id IN ({cut}) ORDER BY p.id DESC", [*narrowed.values(), limit + 1])
    products = tuple(_facts(row) for row in found[:limit])
    return ProductPage(products, products[-1].product_id if len(found) > limit else None)


def _sku_facts(*row: Any) -> SkuFacts:
    sku_id, product_id, product_no, merchant_id, category_id, path, *rest = row
    return SkuFacts(sku_id, product_id, product_no, merchant_id, category_id, tuple(path), *rest)


def _facts(row: tuple) -> ProductFacts:
    (product_id, no, merchant_id, external_no, category_id, category_path, restricted, *words) = row
    title, subtitle, pictures, path, state, excluded, price, free, listed_from = words
    return ProductFacts(
        product_id=product_id,
        product_no=no,
        merchant_id=merchant_id,
        external_no=external_no,
        category_id=category_id,
        category_path=tuple(category_path),
        restricted=restricted,
        title=title,
        subtitle=subtitle,
        pictures=tuple(pictures),
        path=path,
        state=ProductState(state),
        excluded=excluded,
        min_price_fen=price,
        free=int(free),
        listed_from=listed_from,
    )
