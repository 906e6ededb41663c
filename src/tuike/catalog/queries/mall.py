"""What the mall lists and finds: everything on sale in shops that sell here, in a wanted order."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tuike.catalog import rules
from tuike.catalog.queries.facts import PAGE, product_facts
from tuike.catalog.types import MallPage, MallSort, MallWanted, ProductFacts, ShopSku
from tuike.db import rows, walk
from tuike.kit import grams
from tuike.kit.errors import Invalid

_ORDERS = {
    MallSort.SALES: ("sold", "DESC"),
    MallSort.NEWEST: ("id", "DESC"),
    MallSort.PRICE_UP: ("min_price_fen", "ASC"),
    MallSort.PRICE_DOWN: ("min_price_fen", "DESC"),
}
# Shops that sell elsewhere, and suspended ones, whose goods nobody could order here.
_HIDDEN = """
    SELECT m.party_id FROM parties_merchant m JOIN parties_party y ON y.id = m.party_id
    WHERE m.source = 'mini_program' OR y.suspended_at IS NOT NULL
"""
_LONGEST_MARK = 18


def mall_products(*, wanted: MallWanted, mark: str = "", limit: int = 20) -> MallPage:
    """Return a page of what anybody may see in the mall; `mark` is `next` of the page before (docs/rules.md §2).

    Raises:
        Invalid: the mark is none of ours.
    """
    limit = max(1, min(limit, PAGE))
    column, way = _ORDERS[wanted.sort]
    holds, params = _narrowed(wanted)
    params["limit"] = limit + 1
    if mark:
        params["value"], params["last"] = _read(mark)
        sign = "<" if way == "DESC" else ">"
        after = f"p.id {sign} %(last)s" if column == "id" else f"(p.{column}, p.id) {sign} (%(value)s, %(last)s)"
        holds.append(after)
    categories = [] if wanted.category_id is None else _below(wanted.category_id)
    chosen = f"SELECT p.id, p.{column} AS value, p.sold AS pieces"
    order = f"ORDER BY {{by}} {way}" + ("" if column == "id" else f", p.id {way}")
    if categories and not wanted.words and wanted.merchant_id is None:
        # Each category's own index is walked, and what they give is merged: a small one costs no walk through the mall.
        params["categories"] = categories
        one = f"{chosen} FROM catalog_product p WHERE {' AND '.join(['p.category_id = c.id', *holds])}"
        statement = (
            "SELECT o.* FROM unnest(%(categories)s::bigint[]) c (id)"
            f" CROSS JOIN LATERAL ({one} {order} LIMIT %(limit)s) o ORDER BY o.value {way}, o.id {way} LIMIT %(limit)s"
        )
    else:
        if wanted.category_id is not None:
            params["categories"] = categories
            holds.append("p.category_id = ANY(%(categories)s::bigint[])")
        statement = f"{chosen} FROM catalog_product p WHERE {' AND '.join(holds)} {order} LIMIT %(limit)s"
    found = walk.in_order(statement, f"p.{column}", params)
    shown = found[:limit]
    facts = product_facts(row[0] for row in shown)
    more = f"{shown[-1][1]}_{shown[-1][0]}" if len(found) > limit else ""
    return MallPage(tuple((facts[id_], sold) for id_, _, sold in shown), more)


def mall_products_by_no(numbers: Iterable[str]) -> dict[str, tuple[ProductFacts, int]]:
    """Return products that the mall shows, with how many were sold, by number; others are missing."""
    found = rows.query(
        f"SELECT p.id, p.sold FROM catalog_product p WHERE p.no = ANY(%s) AND p.state = 'on_sale'"
        f" AND p.merchant_id NOT IN ({_HIDDEN})",
        [sorted(set(numbers))],
    )
    sold = dict(found)
    return {one.product_no: (one, sold[id_]) for id_, one in product_facts(sold).items()}


def choices_of(
    skus: Sequence[ShopSku],
) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], dict[int, tuple[str, ...]]]:
    """Return the axes (name, values) that a product's choices differ in, and by SKU its value on each of them."""
    axes, values = rules.choices([sku.spec for sku in skus])
    return axes, {sku.sku_id: one for sku, one in zip(skus, values, strict=True)}


def owners_of(numbers: Iterable[str]) -> dict[str, int]:
    """Return by product number whose it is; numbers of nothing are missing."""
    found = rows.query("SELECT no, merchant_id FROM catalog_product WHERE no = ANY(%s)", [sorted(set(numbers))])
    return dict(found)


def titles_found(words: str, *, limit: int) -> list[str]:
    """Return titles of what sells best among what a beginning of a search finds."""
    found = mall_products(wanted=replace(MallWanted(), words=words), limit=limit)
    return list(dict.fromkeys(facts.title for facts, _ in found.products))


def _below(category_id: int) -> list[int]:
    """Return the category with all below it: the tree is small."""
    return [id_ for (id_,) in rows.planned("SELECT id FROM catalog_category WHERE %s = ANY(path)", [category_id])]


def _narrowed(wanted: MallWanted) -> tuple[list[str], dict[str, Any]]:
    holds = ["p.state = 'on_sale'", f"p.merchant_id NOT IN ({_HIDDEN})"]
    params: dict[str, Any] = {}
    if terms := grams.terms(wanted.words):
        holds.append("p.grams @> %(grams)s::text[]")
        params["grams"] = grams.needed(terms)
        for number, term in enumerate(grams.loose(terms)):
            holds.append(f"strpos(p.words, %(term{number})s) > 0")
            params[f"term{number}"] = term
    if wanted.merchant_id is not None:
        holds.append("p.merchant_id = %(merchant)s")
        params["merchant"] = wanted.merchant_id
    for sign, bound, name in ((">=", wanted.price_from_fen, "low"), ("<=", wanted.price_to_fen, "high")):
        if bound is not None:
            holds.append(f"p.min_price_fen {sign} %({name})s")
            params[name] = bound
    if wanted.in_stock:
        holds.append("EXISTS (SELECT 1 FROM catalog_sku s WHERE s.product_id = p.id AND s.on_sale AND s.free > 0)")
    return holds, params


def _read(mark: str) -> Sequence[int]:
    value, _, last = mark.partition("_")
    if not (value.isdecimal() and last.isdecimal() and mark.isascii()) or max(len(value), len(last)) > _LONGEST_MARK:
        raise Invalid(field="after", reason_zh="不是有效的翻页标记", reason_en="is not what a page ended with")
    return int(value), int(last)
