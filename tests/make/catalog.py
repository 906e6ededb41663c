"""Makers of categories, products and stock."""

import itertools
from datetime import UTC, datetime

from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries, service
from tuike.catalog.types import NewProduct, NewSku
from tuike.parties.types import Source, SubjectKind

EARLY = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
_counter = itertools.count(1)


def shop(*, source: Source = Source.MINI_STORE, subject_kind: SubjectKind = SubjectKind.ENTERPRISE) -> int:
    """Return the id of a bare merchant: what products hang on, without people, seats or certification."""
    from tuike.parties.models import Merchant, Party

    no = f"M{next(_counter):08d}"
    party = Party.objects.create(no=no, kind="merchant", name=f"店铺{no}", created_at=EARLY)
    Merchant.objects.create(party=party, source=source.value, subject_kind=subject_kind.value)
    return party.id


def category(*, parent_id: int | None = None, name: str = "", restricted: bool = False) -> int:
    """Add a category and return its id."""
    return service.add_category(
        name=name or f"类目{next(_counter)}",
        parent_id=parent_id,
        restricted=restricted,
        actor=OPERATOR_SHELL,
        now=EARLY,
    )


def new_product(*, category_id: int, price_fen: int = 9900, free: int = 100, **rest: object) -> NewProduct:
    """Return a product to add, of one SKU, with a picture."""
    skus = rest.pop("skus", (NewSku(price_fen=price_fen, free=free),))
    values = {"title": f"商品{next(_counter)}", "pictures": ("a.jpg",)} | rest
    return NewProduct(category_id=category_id, skus=skus, **values)


def product(
    *,
    merchant_id: int | None = None,
    category_id: int | None = None,
    on_sale: bool = True,
    now: datetime = EARLY,
    **rest: object,
) -> int:
    """Add a product, by default on sale with 100 pieces at ¥99.00, and return its id."""
    merchant_id = merchant_id or shop()
    new = new_product(category_id=category_id or category(), **rest)
    product_id = service.add_product(merchant_id=merchant_id, product=new, actor=OPERATOR_SHELL, now=now)
    if on_sale:
        service.put_on_sale(merchant_id=merchant_id, product_ids=[product_id], actor=OPERATOR_SHELL, now=now)
    return product_id


def sku_of(product_id: int) -> int:
    """Return the id of a product's first SKU."""
    return queries.skus_of([product_id])[product_id][0].sku_id


def sku(**rest: object) -> int:
    """Add a product on sale and return the id of its SKU; takes what `product` takes."""
    return sku_of(product(**rest))


def stock(sku_id: int) -> tuple[int, int]:
    """Return (free, sold) of a SKU."""
    from tuike.db import rows

    return rows.query("SELECT free, sold FROM catalog_sku WHERE id = %s", [sku_id])[0]
