"""What a shop is told under its bell: rates that were lifted, products that left the library, an empty purse."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.make import catalog
from tests.make import parties as make_parties
from tests.make import plans as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import service as goods
from tuike.db import rows
from tuike.flows import publish_rates
from tuike.flows.publish_rates import Wanted
from tuike.flows.refresh_library import _tell_left
from tuike.library import service as library
from tuike.parties import service as parties
from tuike.parties.types import Source

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.usefixtures("db")


def _told(party_id: int) -> list[tuple[str, dict]]:
    found = rows.query("SELECT kind, facts::text FROM messages_message WHERE party_id = %s ORDER BY id", [party_id])
    return [(kind, json.loads(facts)) for kind, facts in found if not kind.startswith("certification")]


@pytest.fixture
def shop(db) -> int:
    make.benchmark(500)
    return make_parties.merchant().id


def test_a_lifted_rate_is_told_once_with_all_that_it_moved(shop):
    category = catalog.category(name="茶具")
    products = [catalog.product(merchant_id=shop, category_id=category, title=f"盖碗{n}") for n in range(2)]
    for product in products:
        make.main_product(shop, product, 900)
    make.category_rate(shop, category, 800)
    make.benchmark(1000, category_id=category, now=NOW)
    [(kind, facts)] = _told(shop)
    assert kind == "rate_lifted"
    assert (facts["name_zh"], facts["name_en"]) == ("茶具 等 3 项", "茶具 and 2 more")
    assert (facts["rate_bps"], facts["from_at"]) == (1000, "2026-03-05T16:00:00+00:00")
    make.benchmark(600, category_id=category, now=NOW + timedelta(days=1))  # they fall back: nobody is alarmed
    assert len(_told(shop)) == 1


def test_a_preview_tells_nobody(shop):
    category = catalog.category()
    product = catalog.product(merchant_id=shop, category_id=category, title="盖碗")
    make.main_product(shop, product, 900)
    wanted = Wanted(categories={category: 1200})
    seen = publish_rates.preview(merchant_id=shop, wanted=wanted, actor=OPERATOR_SHELL, now=NOW)
    assert len(seen.lifts) == 1
    assert _told(shop) == []
    publish_rates.publish(merchant_id=shop, wanted=wanted, actor=OPERATOR_SHELL, now=NOW)
    [(_, facts)] = _told(shop)
    assert facts["name_zh"] == "盖碗"


def _refresh(product: int, at: datetime) -> None:
    library.refresh(product_ids=[product], now=at, left=_tell_left)


def test_a_product_that_sells_out_is_told_once(shop):
    product = catalog.product(merchant_id=shop, category_id=catalog.category(), title="盖碗", free=2)
    _refresh(product, NOW)
    assert rows.query("SELECT count(*) FROM library_item WHERE product_id = %s", [product]) == [(1,)]
    goods.take_stock(items=[(catalog.sku_of(product), 2)], source="C1", now=catalog.EARLY)
    for minute in range(2):
        _refresh(product, NOW + timedelta(minutes=minute))
    [(kind, facts)] = _told(shop)
    assert (kind, facts["title"]) == ("product_not_promotable", "盖碗")
    assert (facts["reason_zh"], facts["reason_en"]) == ("商品无库存", "The product is out of stock.")


def test_what_a_shop_did_itself_it_is_not_told(shop):
    product = catalog.product(merchant_id=shop, category_id=catalog.category())
    _refresh(product, NOW)
    goods.take_off_sale(merchant_id=shop, product_ids=[product], actor=OPERATOR_SHELL, now=NOW)
    _refresh(product, NOW)
    assert _told(shop) == []


def test_an_empty_purse_is_told_once_until_it_is_filled():
    shop = make_parties.merchant(source=Source.MINI_PROGRAM).id
    for _ in range(2):
        parties.note_prepaid(short=[shop], enough=[], now=NOW)
    assert [kind for kind, _ in _told(shop)] == ["prepaid_short"]
    parties.note_prepaid(short=[], enough=[shop], now=NOW)
    parties.note_prepaid(short=[shop], enough=[], now=NOW)
    assert [kind for kind, _ in _told(shop)] == ["prepaid_short"] * 2
