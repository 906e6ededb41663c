"""The library follows its sources through events, and verify sees where it doesn't."""

import time
from datetime import timedelta

import pytest
from django.db import connection

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import marketing as make_marketing
from tests.make import plans as make_plans
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import service as catalog
from tuike.catalog.types import ProductChange, SkuChange
from tuike.db import walk
from tuike.flows import offer_coupon, take_coupon
from tuike.flows.close_unpaid import cancel_order
from tuike.flows.place_order import Wanted as Basket
from tuike.flows.place_order import place_order
from tuike.flows.refresh_library import count_sales, refresh_library
from tuike.insight import verify
from tuike.kit.days import next_midnight
from tuike.library import queries
from tuike.library.types import Sort, Wanted
from tuike.outbox import service as outbox
from tuike.parties import service as parties

NOON = make.NOON
LATER = NOON + timedelta(minutes=1)
pytestmark = pytest.mark.usefixtures("committed_db")


def follow(*, now):
    """Bring the library up to date; return how many products were looked at. What was told is readable once every
    older transaction of the cluster has ended, those of other workers' databases included."""
    looked_at = 0
    for _ in range(600):
        looked_at += refresh_library(now=now)["products"]
        if outbox.age_seconds(now=now + timedelta(days=400)) == 0:
            return looked_at
        time.sleep(0.05)
    pytest.fail("the outbox isn't read to its end")


@pytest.fixture
def one():
    made = make.alliance()
    follow(now=NOON)
    return made


def card(one, now=LATER):
    return queries.cards_of(product_ids=[one.product_id], now=now).get(one.product_id)


def ordered(one, quantity):
    wanted = Basket(((make_catalog.sku_of(one.product_id), quantity),), make.make_orders.ADDRESS, "")
    return place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key=f"k{quantity}", now=LATER)


def findings():
    [result] = verify.run(names=["library"])
    return result.rows, [finding.what for finding in result.findings]


def test_a_new_alliance_stands_in_it(one):
    assert [shown.product_id for shown in queries.find(Wanted(keyword="盖碗"), now=NOON).cards] == [one.product_id]
    assert card(one).rate_bps == 1_200
    assert findings() == (1, [])


def test_each_source_is_followed(one):
    def followed():
        follow(now=LATER)
        assert findings()[1] == []
        return card(one)

    sku = make_catalog.sku_of(one.product_id)
    change = ProductChange(title="新款盖碗", skus=(SkuChange(sku_id=sku, price_fen=8_000),))
    catalog.change_product(
        merchant_id=one.shop.id, product_id=one.product_id, change=change, actor=OPERATOR_SHELL, now=LATER
    )
    assert followed().price_fen == 8_000
    catalog.change_category(category_id=one.category_id, restricted=True, actor=OPERATOR_SHELL, now=LATER)
    assert followed() is None
    catalog.change_category(category_id=one.category_id, restricted=False, actor=OPERATOR_SHELL, now=LATER)
    assert followed() is not None
    parties.suspend(party_id=one.shop.id, reason="刷单", actor=OPERATOR_SHELL, now=LATER)
    assert followed() is None
    parties.restore(party_id=one.shop.id, reason="查清", actor=OPERATOR_SHELL, now=LATER)
    assert followed() is not None
    catalog.exclude_products(
        merchant_id=one.shop.id, product_ids=[one.product_id], excluded=True, actor=OPERATOR_SHELL, now=LATER
    )
    assert followed() is None
    catalog.exclude_products(
        merchant_id=one.shop.id, product_ids=[one.product_id], excluded=False, actor=OPERATOR_SHELL, now=LATER
    )
    catalog.take_off_sale(merchant_id=one.shop.id, product_ids=[one.product_id], actor=OPERATOR_SHELL, now=LATER)
    assert followed() is None
    catalog.put_on_sale(merchant_id=one.shop.id, product_ids=[one.product_id], actor=OPERATOR_SHELL, now=LATER)
    assert followed() is not None


def test_the_last_piece_takes_a_product_out_and_a_closed_order_brings_it_back(one):
    sku = make_catalog.sku_of(one.product_id)
    catalog.add_stock(merchant_id=one.shop.id, items=[(sku, -99)], actor=OPERATOR_SHELL, now=LATER)
    follow(now=LATER)
    assert card(one) is not None
    placed = ordered(one, 1)
    follow(now=LATER)
    assert card(one) is None
    assert findings()[1] == []
    cancel_order(buyer_id=one.buyer_id, checkout_no=placed["checkout_no"], now=LATER)
    follow(now=LATER)
    assert card(one) is not None


def test_rates_of_tomorrow_hold_from_midnight_without_anything_being_done_then(one):
    make_plans.main_product(one.shop.id, one.product_id, 3_000, now=LATER)
    make_plans.benchmark(600, now=LATER)
    follow(now=LATER)
    midnight = next_midnight(LATER)
    assert card(one, midnight - timedelta(microseconds=1)).rate_bps == 1_200
    assert card(one, midnight).rate_bps == 3_000
    assert follow(now=midnight) > 0  # looked at once more
    assert card(one, midnight).rate_bps == 3_000
    assert findings() == (1, [])


def test_verify_finds_what_the_library_says_otherwise(one, owner_sql):
    owner_sql("UPDATE library_item SET rate_bps = rate_bps + 1")
    assert findings() == (1, ["stands with 5990 at 1201 giving 718, has 5990 at 1200"])
    owner_sql("DELETE FROM library_item")
    assert findings() == (0, ["can be promoted and is not in the library"])


def test_verify_finds_a_change_that_nobody_told(one, owner_sql):
    owner_sql("UPDATE catalog_product SET excluded = true")
    assert findings() == (1, ["can't be promoted and is in the library"])


def test_verify_waits_for_what_was_told_and_not_yet_read(one):
    parties.suspend(party_id=one.shop.id, reason="刷单", actor=OPERATOR_SHELL, now=LATER)
    assert findings() == (0, [])
    follow(now=LATER)
    assert findings() == (0, [])
    assert card(one) is None


def test_coupons_show_while_they_can_be_taken(one):
    """One piece, from an hour on, for an hour: it shows from its start until it is taken up; so does the next one."""
    start, end = NOON + timedelta(hours=1), NOON + timedelta(hours=2)
    make.touch(one, now=NOON)
    new = make_marketing.new(stock=1, starts_at=start, ends_at=end)
    made = offer_coupon.create_coupon(merchant_id=one.shop.id, coupon=new, actor=OPERATOR_SHELL, key="k1", now=LATER)

    def shown(now):
        follow(now=now)
        return card(one, now).coupon

    assert [shown(LATER), shown(start)] == [False, True]
    take_coupon.take_coupon(buyer_id=one.buyer_id, visitor="", coupon_no=made.no, key="t1", now=start)
    assert shown(start) is False
    offer_coupon.create_coupon(merchant_id=one.shop.id, coupon=new, actor=OPERATOR_SHELL, key="k2", now=start)
    assert [shown(start + timedelta(minutes=1)), shown(end)] == [True, False]


def test_sales_are_counted(one):
    ordered(one, 2)
    assert count_sales() == 1
    assert card(one).sold == 2
    assert connection.in_atomic_block is False


def test_a_walk_that_takes_too_long_is_gathered_instead(one, monkeypatch):
    """The order is the same, only the way to it: here the first way is never quick enough."""
    others = [
        make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, price_fen=1_000 * n)
        for n in range(1, 5)
    ]
    follow(now=LATER)
    asked = []

    def slow(statement, params=()):
        asked.append(statement)
        return query(f"SELECT pg_sleep(1), * FROM ({statement}) s" if len(asked) == 1 else statement, params)

    query = queries.rows.query
    monkeypatch.setattr(walk, "PATIENCE_MS", 50)
    for sort in (Sort.PRICE, Sort.NEWEST):
        asked.clear()
        monkeypatch.setattr(queries.rows, "query", query)
        quick = queries.find(Wanted(sort=sort), now=LATER, limit=3)
        monkeypatch.setattr(queries.rows, "query", slow)
        assert queries.find(Wanted(sort=sort), now=LATER, limit=3) == quick
        assert len(asked) == 2
    assert len(others) == 4
