"""Products out of a file: new ones and changes, all or none, each fault by its line."""

from datetime import UTC, datetime

import pytest

from tests.make import catalog
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries
from tuike.catalog.types import NewSku, ProductState
from tuike.db import rows as db
from tuike.flows import import_products
from tuike.flows.import_products import Report, Row, TooManyRows

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def shop(db) -> int:
    return catalog.shop()


@pytest.fixture
def category(db) -> int:
    return catalog.category(parent_id=catalog.category(name="家居"), name="茶具")


def _import(shop: int, *rows: Row, check: bool = False) -> Report:
    return import_products.import_products(merchant_id=shop, rows=rows, check=check, actor=OPERATOR_SHELL, now=NOW)


def _everything() -> list[list[tuple]]:
    tables = ("catalog_product", "catalog_sku", "audit_act", "outbox_event", "plans_rate")
    return [db.query(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]


def _products(shop: int) -> list:
    return list(queries.merchant_products(merchant_id=shop).products)


def test_rows_make_products_with_their_choices(shop, category):
    report = _import(
        shop,
        Row(2, external_no="A1", title="盖碗", category="家居/茶具", spec="青", price_fen=5990, stock=3, on_sale=True),
        Row(3, external_no="B1", title="茶盘", category=str(category), price_fen=9900),
        Row(4, external_no="A1", title="盖碗", category="家居/茶具", spec="白", price_fen=4990, stock=2),
        Row(5, title="茶针", category="家居", price_fen=100, stock=1),
    )
    assert (report.added, report.changed, report.skus, report.faults) == (3, 0, 4, [])
    by_title = {one.title: one for one in _products(shop)}
    assert by_title["盖碗"].state is ProductState.ON_SALE
    assert (by_title["盖碗"].min_price_fen, by_title["盖碗"].free) == (4990, 5)
    assert by_title["茶盘"].state is ProductState.DRAFT
    assert by_title["茶盘"].category_path[-1] == category


def test_what_is_exported_comes_back_changed(shop, category):
    id_ = catalog.product(merchant_id=shop, category_id=category, skus=(NewSku(5990, 10, "青"), NewSku(4990, 10, "白")))
    [own] = _products(shop)
    green, white = queries.skus_of([id_])[id_]
    report = _import(
        shop,
        Row(2, product_no=own.product_no, sku_id=green.sku_id, price_fen=6990, stock=4, title="新盖碗"),
        Row(3, product_no=own.product_no, sku_id=white.sku_id, on_sale=False),
        Row(4, product_no=own.product_no, price_fen=1990, spec="试用装", stock=7),
    )
    assert (report.added, report.changed, report.faults) == (0, 1, [])
    [after] = _products(shop)
    assert (after.title, after.state, after.min_price_fen) == ("新盖碗", ProductState.OFF_SALE, 1990)
    assert [(s.price_fen, s.free) for s in queries.skus_of([id_])[id_]] == [(6990, 4), (4990, 10), (1990, 7)]


def test_the_same_file_again_changes_nothing_but_says_so(shop, category):
    catalog.product(merchant_id=shop, category_id=category)
    [own] = _products(shop)
    [sku] = queries.skus_of([own.product_id])[own.product_id]
    row = Row(2, product_no=own.product_no, sku_id=sku.sku_id, price_fen=sku.price_fen, stock=5, on_sale=True)
    for _ in range(2):
        assert _import(shop, row).changed == 1
        assert queries.skus_of([own.product_id])[own.product_id][0].free == 5


def test_a_check_writes_nothing(shop, category):
    before = _everything()
    report = _import(shop, Row(2, title="盖碗", category="家居/茶具", price_fen=5990), check=True)
    assert (report.added, report.faults) == (1, [])
    assert _everything() == before


def test_one_bad_row_stops_all_and_each_fault_has_its_line(shop, category):
    catalog.product(merchant_id=shop, category_id=category, external_no="TAKEN")
    foreign = queries.product_facts([catalog.product(category_id=category)])
    [theirs] = foreign.values()
    [own] = _products(shop)
    before = _everything()
    good = Row(2, title="盖碗", category="家居/茶具", price_fen=5990)
    cases = (
        (Row(3, title="壶", category="没有", price_fen=1), "没有找到类目"),
        (Row(3, title="壶", category="家居"), "须填写价格"),
        (Row(3, category="家居", price_fen=1), "须填写标题"),
        (Row(3, product_no=theirs.product_no, price_fen=1), "没有找到商品"),
        (Row(3, product_no=own.product_no, sku_id=catalog.sku_of(theirs.product_id)), "没有规格"),
        (Row(3, product_no=own.product_no, title="长" * 121), "1 到 120"),
        (Row(3, title="壶", category="家居", price_fen=0), "价格须大于 0"),
        (Row(3, external_no="TAKEN", title="壶", category="家居", price_fen=100), "TAKEN"),
    )
    for row, said in cases:
        report = _import(shop, good, row)
        assert [fault.line for fault in report.faults] == [3], said
        assert said in report.faults[0].zh
        assert report.faults[0].en != report.faults[0].zh
        assert _everything() == before


def test_a_file_has_a_longest_length(shop):
    rows = [Row(n, title="壶") for n in range(import_products.MOST_ROWS + 1)]
    with refused(TooManyRows, "catalog_"):
        _import(shop, *rows)
