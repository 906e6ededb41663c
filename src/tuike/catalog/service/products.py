"""A merchant's products and their SKUs."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import rules
from tuike.catalog.models import Category, Product, Sku
from tuike.catalog.service.stock import start_stock
from tuike.catalog.service.telling import tell_products
from tuike.catalog.types import (
    AlreadyThere,
    NewProduct,
    NewSku,
    NothingToSell,
    ProductChange,
    ProductState,
    SkuChange,
    WrongState,
)
from tuike.db import rows
from tuike.kit import grams
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number

# Only rows that differ are written.
_COUNT_SOLD = """
    UPDATE catalog_product p SET sold = s.sold
    FROM (SELECT product_id, least(sum(sold), 2147483647)::int AS sold FROM catalog_sku
          WHERE product_id > %(after)s AND product_id <= %(last)s GROUP BY product_id) s
    WHERE p.id = s.product_id AND p.sold <> s.sold
"""


def add_product(*, merchant_id: int, product: NewProduct, actor: Actor, now: datetime) -> int:
    """Add one product as a draft and return its id; see `add_products`."""
    return add_products(merchant_id=merchant_id, products=[product], actor=actor, now=now)[0]


@transaction.atomic
def add_products(*, merchant_id: int, products: Sequence[NewProduct], actor: Actor, now: datetime) -> list[int]:
    """Add products with their SKUs as drafts and return their ids in the given order.

    Raises:
        NotFound: a category that doesn't exist.
        AlreadyThere: an `external_no` that the shop has.
        Invalid: title, skus, price_fen, free, spec.
    """
    titles = [rules.check_title(product.title) for product in products]
    for product in products:
        _check_skus(product.skus)
    _check_categories({product.category_id for product in products})
    ids = [
        id_
        for (id_,) in rows.query(
            "SELECT nextval(pg_get_serial_sequence('catalog_product', 'id')) FROM generate_series(1, %s)",
            [len(products)],
        )
    ]
    made = [
        Product(
            id=id_,
            no=number("P", id_, now),
            merchant_id=merchant_id,
            category_id=new.category_id,
            external_no=new.external_no,
            title=title,
            subtitle=new.subtitle,
            detail=new.detail,
            pictures=list(new.pictures),
            path=new.path,
            words=grams.joined(title, new.subtitle),
            grams=grams.grams(grams.joined(title, new.subtitle)),
            state=ProductState.DRAFT.value,
            min_price_fen=rules.lowest_price([(sku.price_fen, sku.on_sale) for sku in new.skus]),
            created_at=now,
            updated_at=now,
        )
        for id_, title, new in zip(ids, titles, products, strict=True)
    ]
    _insert(made)
    skus = [(id_, sku) for id_, new in zip(ids, products, strict=True) for sku in new.skus]
    _insert_skus(skus, merchant_id=merchant_id, actor=actor, now=now)
    acts = [(row.no, {"category": row.category_id, "min_price_fen": row.min_price_fen}) for row in made]
    audit.record_many(actor=actor, action="product.add", acts=acts, now=now)
    return ids


@transaction.atomic
def change_product(
    *, merchant_id: int, product_id: int, change: ProductChange, actor: Actor, now: datetime
) -> ProductChange:
    """Change a product and its SKUs; its lowest price follows. Category, prices and the exclusion are audited.

    Returns the change, for the caller that must tell others (a new category may lift rates: `plans.lift`).

    Raises:
        NotFound: not the merchant's product, a SKU of another product, or no such category.
        Invalid: title, price_fen, free, spec.
    """
    product = _own(merchant_id, [product_id])[0]
    facts: dict[str, dict] = {}
    values: dict[str, object] = {"updated_at": now}
    if change.category_id is not None:
        _check_categories({change.category_id})
    if change.title is not None:
        values["title"] = rules.check_title(change.title)
    for name in ("category_id", "subtitle", "detail", "path", "excluded"):
        new, old = getattr(change, name), getattr(product, name)
        if new is None or new == old:
            continue
        values[name] = new
        if name in ("category_id", "excluded"):
            facts[name.removesuffix("_id")] = {"from": old, "to": new}
    if change.pictures is not None:
        values["pictures"] = list(change.pictures)
    if values.keys() & {"title", "subtitle"}:
        words = grams.joined(str(values.get("title", product.title)), str(values.get("subtitle", product.subtitle)))
        values |= {"words": words, "grams": grams.grams(words)}
    prices = _change_skus(product.id, change.skus)
    for sku in change.new_skus:
        rules.check_sku(sku)
    _insert_skus([(product.id, sku) for sku in change.new_skus], merchant_id=merchant_id, actor=actor, now=now)
    stood = list(Sku.objects.filter(product_id=product.id).values_list("price_fen", "on_sale"))
    values["min_price_fen"] = rules.lowest_price(stood)
    Product.objects.filter(id=product.id).update(**values)
    if prices:
        facts["prices"] = prices
    if facts:
        audit.record(actor=actor, action="product.change", object_=product.no, facts=facts, now=now)
    tell_products([product.id], now)
    return change


@transaction.atomic
def put_on_sale(*, merchant_id: int, product_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    """Put a merchant's products on sale. Listed for the first time, a product may stand in the library from the next
    midnight on (docs/rules.md §2).

    Raises:
        NotFound: a product that isn't the merchant's.
        WrongState: a product that is on sale already.
        NothingToSell: a product without a SKU on sale.
    """
    products = _own(merchant_id, product_ids)
    sellable = set(
        Sku.objects.filter(product_id__in=product_ids, on_sale=True).values_list("product_id", flat=True).distinct()
    )
    if any(product.id not in sellable for product in products):
        raise NothingToSell
    _move(products, ProductState.ON_SALE, now)
    Product.objects.filter(id__in=product_ids, listed_from=None).update(listed_from=next_midnight(now))
    acts: list[tuple[str, dict]] = [(product.no, {}) for product in products]
    audit.record_many(actor=actor, action="product.put_on_sale", acts=acts, now=now)
    tell_products(product_ids, now)


@transaction.atomic
def take_off_sale(*, merchant_id: int, product_ids: Sequence[int], actor: Actor, now: datetime) -> None:
    """Take a merchant's products off sale, at once.

    Raises:
        NotFound: a product that isn't the merchant's.
        WrongState: a product that is not on sale.
    """
    products = _own(merchant_id, product_ids)
    _move(products, ProductState.OFF_SALE, now)
    acts: list[tuple[str, dict]] = [(product.no, {}) for product in products]
    audit.record_many(actor=actor, action="product.take_off_sale", acts=acts, now=now)
    tell_products(product_ids, now)


@transaction.atomic
def exclude_products(
    *, merchant_id: int, product_ids: Sequence[int], excluded: bool, actor: Actor, now: datetime
) -> list[int]:
    """Take a merchant's products out of promotion, or let them be promoted again, at once (docs/rules.md §2).

    Returns the ids of those that changed; those that stood so before stay as they are.

    Raises:
        NotFound: a product that isn't the merchant's.
    """
    moved = [product for product in _own(merchant_id, product_ids) if product.excluded is not excluded]
    Product.objects.filter(id__in=[product.id for product in moved]).update(excluded=excluded, updated_at=now)
    change = {"excluded": {"from": not excluded, "to": excluded}}
    audit.record_many(actor=actor, action="product.change", acts=[(product.no, change) for product in moved], now=now)
    tell_products([product.id for product in moved], now)
    return [product.id for product in moved]


def _own(merchant_id: int, product_ids: Sequence[int]) -> list[Product]:
    """Lock the products in id order; another merchant's looks like none."""
    found = list(Product.objects.select_for_update().filter(id__in=product_ids, merchant_id=merchant_id).order_by("id"))
    if len(found) < len(set(product_ids)):
        raise NotFound
    return found


def _move(products: Sequence[Product], to: ProductState, now: datetime) -> None:
    if any(to not in ProductState(product.state).exits for product in products):
        raise WrongState
    Product.objects.filter(id__in=[product.id for product in products]).update(state=to.value, updated_at=now)


def _check_skus(skus: Sequence[NewSku]) -> None:
    if not skus:
        raise Invalid(field="skus", reason_zh="至少需要一个规格", reason_en="a product needs at least one choice")
    for sku in skus:
        rules.check_sku(sku)


def _check_categories(ids: set[int]) -> None:
    if Category.objects.filter(id__in=ids).count() < len(ids):
        raise NotFound


def _change_skus(product_id: int, changes: Sequence[SkuChange]) -> dict[str, dict]:
    """Apply changes to SKUs of one product and return what became of prices, for the audit."""
    by_id = {sku.id: sku for sku in Sku.objects.select_for_update().filter(product_id=product_id).order_by("id")}
    prices: dict[str, dict] = {}
    for change in changes:
        sku = by_id.get(change.sku_id)
        if sku is None:
            raise NotFound
        values: dict[str, object] = {}
        if change.price_fen is not None and change.price_fen != sku.price_fen:
            rules.check_price(change.price_fen)
            values["price_fen"] = change.price_fen
            prices[str(sku.id)] = {"from": sku.price_fen, "to": change.price_fen}
        if change.spec is not None:
            rules.check_spec(change.spec)
            values["spec"] = change.spec
        if change.on_sale is not None:
            values["on_sale"] = change.on_sale
        if change.weight_g is not None:
            rules.check_weight(change.weight_g)
            values["weight_g"] = change.weight_g
        if values:
            Sku.objects.filter(id=sku.id).update(**values)
    return prices


def _insert(made: list[Product]) -> None:
    try:
        with transaction.atomic():
            Product.objects.bulk_create(made, batch_size=2000)
    except IntegrityError as error:
        if "catalog_product_external" not in str(error):
            raise
        numbers = sorted({row.external_no for row in made if row.external_no})
        raise AlreadyThere(external_no=", ".join(numbers)[:80]) from error


def _insert_skus(skus: Sequence[tuple[int, NewSku]], *, merchant_id: int, actor: Actor, now: datetime) -> None:
    made = [
        Sku(
            product_id=id_,
            spec=new.spec,
            price_fen=new.price_fen,
            free=new.free,
            on_sale=new.on_sale,
            weight_g=new.weight_g,
        )
        for id_, new in skus
    ]
    Sku.objects.bulk_create(made, batch_size=5000)
    start_stock(merchant_id=merchant_id, free=[(sku.id, sku.free) for sku in made], actor=actor, now=now)


def count_sold(*, step: int = 20_000) -> int:
    """Sum up what was sold of each product from its SKUs, for the mall's order by sales; return how many changed."""
    (highest,) = rows.query("SELECT coalesce(max(id), 0) FROM catalog_product")[0]
    return sum(rows.run(_COUNT_SOLD, {"after": low, "last": low + step}) for low in range(0, highest, step))
