"""A merchant's products through the flows: added and changed once per key, with what that moves in the rates."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.make import catalog
from tests.make import plans as make_plans
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries
from tuike.catalog.types import (
    AlreadyThere,
    NewSku,
    OwnProduct,
    ProductChange,
    ProductState,
    SkuChange,
    StockBelowZero,
    WrongState,
)
from tuike.db import rows
from tuike.flows import change_products
from tuike.flows.change_products import By
from tuike.kit.errors import NotFound

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
SEEN = ("catalog_", "plans_", "idempotency")

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def shop(db) -> int:
    return catalog.shop()


def _by(shop: int, key: str | None = None) -> By:
    return By(shop, OPERATOR_SHELL, NOW, key)


def _add(shop: int, *, key: str | None = None, on_sale: bool = True, **rest: object) -> OwnProduct:
    rest.setdefault("category_id", catalog.category())
    product = catalog.new_product(**rest)  # type: ignore[arg-type]
    return change_products.add_product(product=product, on_sale=on_sale, by=_by(shop, key))


def test_a_product_is_added_once_per_key(shop):
    product = catalog.new_product(category_id=catalog.category(), external_no="X1", detail="好茶")
    first = change_products.add_product(product=product, on_sale=True, by=_by(shop, "a"))
    again = change_products.add_product(product=product, on_sale=True, by=_by(shop, "a"))
    assert first == again
    assert (first.facts.state, first.detail, first.skus[0].free) == (ProductState.ON_SALE, "好茶", 100)
    assert first.facts.listed_from == datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
    assert rows.query("SELECT count(*) FROM catalog_product") == [(1,)]
    with refused(AlreadyThere, *SEEN):
        change_products.add_product(product=product, on_sale=False, by=_by(shop, "b"))


def test_what_is_sold_changes_with_its_stock(shop):
    own = _add(shop, skus=(NewSku(price_fen=9900, free=10, spec="红"),))
    [sku] = own.skus
    change = ProductChange(
        title="新名",
        skus=(SkuChange(sku.sku_id, price_fen=8800),),
        new_skus=(NewSku(price_fen=7700, free=1, spec="蓝"),),
    )
    ask = {"product_no": own.facts.product_no, "change": change, "stock": [(sku.sku_id, -3)], "by": _by(shop, "c")}
    changed = change_products.change_product(**ask)
    assert change_products.change_product(**ask) == changed
    assert (changed.facts.title, changed.facts.min_price_fen, changed.facts.free) == ("新名", 7700, 8)
    assert [(one.price_fen, one.free) for one in changed.skus] == [(8800, 7), (7700, 1)]


def test_another_category_lifts_the_main_product(shop):
    """The floor is held against the category where the product is now: what the merchant wrote below it is lifted."""
    make_plans.benchmark(500)
    low, high = catalog.category(), catalog.category()
    make_plans.category_rate(shop, high, 1500)
    own = _add(shop, category_id=low)
    make_plans.main_product(shop, own.facts.product_id, 1000)
    change_products.change_product(
        product_no=own.facts.product_no, change=ProductChange(category_id=high), by=_by(shop)
    )
    later = NOW + timedelta(days=1)
    assert make_plans.terms(own.facts.product_id, at=later).rate_bps == 1500
    assert make_plans.terms(own.facts.product_id, at=NOW).rate_bps == 1000


def test_a_new_product_lifts_the_default_to_its_benchmark(shop):
    make_plans.benchmark(500)
    dear = catalog.category()
    make_plans.benchmark(900, category_id=dear)
    make_plans.distribution(shop, {1: 600})
    own = _add(shop, category_id=dear)
    assert make_plans.terms(own.facts.product_id, at=NOW + timedelta(days=1)).rate_bps == 900


def test_many_go_on_and_off_sale_and_out_of_promotion(shop):
    nos = [_add(shop, on_sale=False).facts.product_no for _ in range(3)]
    assert change_products.put_on_sale(product_nos=nos, by=_by(shop, "on")) == 3
    assert change_products.put_on_sale(product_nos=nos, by=_by(shop, "on")) == 3  # the same call
    with refused(WrongState, *SEEN):
        change_products.put_on_sale(product_nos=nos[:1], by=_by(shop, "other"))
    change_products.exclude_products(product_nos=nos[:2], excluded=True, by=_by(shop))
    change_products.exclude_products(product_nos=nos[1:2], excluded=True, by=_by(shop))
    change_products.take_off_sale(product_nos=nos[2:], by=_by(shop))
    found = queries.product_facts(queries.own_ids(merchant_id=shop, product_nos=nos).values())
    stand = {one.product_no: (one.state.value, one.excluded) for one in found.values()}
    assert stand == {nos[0]: ("on_sale", True), nos[1]: ("on_sale", True), nos[2]: ("off_sale", False)}
    acts = rows.query("SELECT count(*) FROM audit_act WHERE action = 'product.change' AND facts ? 'excluded'")
    assert acts == [(2,)]  # what stood so before is no act


def test_nobody_changes_another_shops_product(shop):
    own = _add(shop)
    other, no = catalog.shop(), own.facts.product_no
    foreign_sku = catalog.sku_of(catalog.product())
    calls = (
        lambda by: change_products.change_product(product_no=no, change=ProductChange(title="x"), by=by),
        lambda by: change_products.put_on_sale(product_nos=[no], by=by),
        lambda by: change_products.take_off_sale(product_nos=[no], by=by),
        lambda by: change_products.exclude_products(product_nos=[no], excluded=True, by=by),
    )
    for call in calls:
        with refused(NotFound, *SEEN):
            call(_by(other))
    with refused(NotFound, *SEEN):
        change_products.take_off_sale(product_nos=[], by=_by(shop))
    with refused(NotFound, *SEEN):
        change_products.change_product(product_no=no, change=ProductChange(), stock=[(foreign_sku, 1)], by=_by(shop))
    with refused(StockBelowZero, *SEEN):
        change_products.change_product(
            product_no=no, change=ProductChange(title="x"), stock=[(own.skus[0].sku_id, -101)], by=_by(shop)
        )
