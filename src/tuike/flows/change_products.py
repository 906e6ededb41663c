"""A merchant adds and changes products: the catalog's verbs, and what they move in the rates."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.catalog import service as products_of
from tuike.catalog.types import NewProduct, OwnProduct, ProductChange
from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.freight import service as freight_of
from tuike.idempotency import service as idempotency
from tuike.kit.errors import NotFound
from tuike.plans import service as plans

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class By:
    """Whose products, who acts, when, under which key (None: a caller that can't repeat itself)."""

    merchant_id: int
    actor: Actor
    now: datetime
    key: str | None = None


@retry
def add_product(*, product: NewProduct, on_sale: bool, by: By, freight: str = "") -> OwnProduct:
    """Add a product, as a draft or on sale at once; floors of the shop's rates are held against its category.

    `freight` is the number of the freight template that it is sent under, "" for the shop's default.

    Raises:
        NotFound, AlreadyThere, Invalid, NothingToSell: see catalog.add_products and catalog.put_on_sale.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        id_ = products_of.add_product(merchant_id=by.merchant_id, product=product, actor=by.actor, now=by.now)
        if on_sale:
            _sell([id_], by)
        plans.lift(merchant_ids=[by.merchant_id], actor=by.actor, now=by.now)
        no = catalog.product_facts([id_])[id_].product_no
        if freight:
            _send_under(freight, no, by)
        return {"no": no}

    content = {"product": asdict(product), "on_sale": on_sale, "freight": freight}
    scope = f"merchant:{by.merchant_id}:add_product"
    with transaction.atomic(durable=True):
        if by.key is None:
            made = work()
        else:
            made = idempotency.once(scope=scope, key=by.key, content=content, now=by.now, work=work)
        return catalog.own_product(merchant_id=by.merchant_id, product_no=made["no"])


@retry
def change_product(
    *,
    product_no: str,
    change: ProductChange,
    stock: Sequence[tuple[int, int]] = (),
    by: By,
    freight: str | None = None,
) -> OwnProduct:
    """Change a merchant's own product, its SKUs, and what is free of them by (SKU id, ±quantity).

    `freight` is the number of the freight template that it is sent under, "" for the shop's default, None as it is.

    Raises:
        NotFound: no such product, or another merchant's; a SKU of another product; no such category.
        Invalid, StockBelowZero: see catalog.change_product and catalog.add_stock.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> OwnProduct:
        own = catalog.own_product(merchant_id=by.merchant_id, product_no=product_no)
        id_ = own.facts.product_id
        if {sku_id for sku_id, _ in stock} - {sku.sku_id for sku in own.skus}:
            raise NotFound
        products_of.change_product(
            merchant_id=by.merchant_id, product_id=id_, change=change, actor=by.actor, now=by.now
        )
        moved = [(sku_id, quantity) for sku_id, quantity in stock if quantity]
        if moved:
            products_of.add_stock(merchant_id=by.merchant_id, items=moved, actor=by.actor, now=by.now)
        if freight is not None:
            _send_under(freight, product_no, by)
        if change.category_id not in (None, own.facts.category_id):
            plans.lift(merchant_ids=[by.merchant_id], actor=by.actor, now=by.now)
        return again()

    def again() -> OwnProduct:
        return catalog.own_product(merchant_id=by.merchant_id, product_no=product_no)

    content = {
        "product": product_no,
        "change": asdict(change),
        "stock": [list(one) for one in stock],
        "freight": freight,
    }
    return _keyed(by, "change_product", content, work, again)


@retry
def count_stock(*, product_no: str, stock: Sequence[tuple[int, int]], note: str, by: By) -> OwnProduct:
    """Change what is free of a merchant's own product by (SKU id, ±quantity), with the reason; audited.

    Raises:
        NotFound: no such product, or another merchant's; a SKU of another product.
        Invalid, StockBelowZero: see catalog.add_stock.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def again() -> OwnProduct:
        return catalog.own_product(merchant_id=by.merchant_id, product_no=product_no)

    def work() -> OwnProduct:
        if {sku_id for sku_id, _ in stock} - {sku.sku_id for sku in again().skus}:
            raise NotFound
        products_of.add_stock(merchant_id=by.merchant_id, items=stock, note=note, actor=by.actor, now=by.now)
        return again()

    content = {"product": product_no, "stock": [list(one) for one in stock], "note": note}
    return _keyed(by, "count_stock", content, work, again)


@retry
def put_on_sale(*, product_nos: Sequence[str], by: By) -> int:
    """Put a merchant's products on sale and return how many.

    Raises:
        NotFound, WrongState, NothingToSell: see catalog.put_on_sale; none is put on sale then.
        KeyMalformed, KeyUsedForOther: the key.
    """
    return _each(by, "put_on_sale", product_nos, {}, lambda ids: _sell(ids, by))


@retry
def take_off_sale(*, product_nos: Sequence[str], by: By) -> int:
    """Take a merchant's products off sale and return how many.

    Raises:
        NotFound, WrongState: see catalog.take_off_sale; none is taken off then.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work(ids: list[int]) -> None:
        products_of.take_off_sale(merchant_id=by.merchant_id, product_ids=ids, actor=by.actor, now=by.now)

    return _each(by, "take_off_sale", product_nos, {}, work)


@retry
def exclude_products(*, product_nos: Sequence[str], excluded: bool, by: By) -> int:
    """Put products on a merchant's exclusion list, or take them off it, and return how many were named.

    Raises:
        NotFound: a product that isn't the merchant's.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work(ids: list[int]) -> None:
        products_of.exclude_products(
            merchant_id=by.merchant_id, product_ids=ids, excluded=excluded, actor=by.actor, now=by.now
        )

    return _each(by, "exclude_products", product_nos, {"excluded": excluded}, work)


def _send_under(template_no: str, product_no: str, by: By) -> None:
    freight_of.assign(
        merchant_id=by.merchant_id, product_nos=[product_no], template_no=template_no, actor=by.actor, now=by.now
    )


def _sell(ids: list[int], by: By) -> None:
    products_of.put_on_sale(merchant_id=by.merchant_id, product_ids=ids, actor=by.actor, now=by.now)


def _each(
    by: By, verb: str, product_nos: Sequence[str], also: dict[str, Any], work: Callable[[list[int]], None]
) -> int:
    wanted = sorted(set(product_nos))

    def first() -> int:
        ids = catalog.own_ids(merchant_id=by.merchant_id, product_nos=wanted)
        if not wanted or len(ids) < len(wanted):
            raise NotFound
        work(sorted(ids.values()))
        return len(wanted)

    return _keyed(by, verb, {"products": wanted, **also}, first, lambda: len(wanted))


def _keyed(by: By, verb: str, content: Any, work: Callable[[], T], again: Callable[[], T]) -> T:
    scope = f"merchant:{by.merchant_id}:{verb}"
    return keyed(scope=scope, key=by.key, content=content, now=by.now, work=work, again=again)
