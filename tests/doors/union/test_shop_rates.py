"""A shop's main products at WeChat's paths: what is written today holds from the next midnight on."""

from datetime import timedelta

import pytest

from tests.doors.union.conftest import refused
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tuike.db import rows
from tuike.insight import main_rates
from tuike.kit import clock
from tuike.kit.days import next_midnight
from tuike.parties.types import Source

SET, GET, DELETE = (f"/shop/open/{verb}_commission" for verb in ("set", "get", "delete"))
OK = {"errcode": 0, "errmsg": "ok"}
NOT_FOUND = 9_404_158


@pytest.fixture
def one(db) -> make.Alliance:
    made = make.alliance(source=Source.MINI_PROGRAM)
    rows.run("UPDATE catalog_product SET external_no = 'SPU-7' WHERE id = %s", [made.product_id])
    return made


@pytest.fixture
def shop(software, one):
    return software(one.shop)


@pytest.fixture
def fresh(one) -> int:
    return make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="茶盘", price_fen=9_900)


def midnight() -> int:
    return int(next_midnight(clock.now()).timestamp())


def rates() -> list[tuple]:
    return rows.query("SELECT count(*), max(id) FROM plans_rate")


def test_set_change_and_delete(shop, one, fresh):
    key = {"key": [{"productId": str(one.product_id)}, {"productId": fresh}]}
    now = {
        "productId": str(one.product_id),
        "outProductId": "SPU-7",
        "isCommissionProduct": 1,
        "commissionRatio": 1_200,
        "nextCommissionRatio": 1_200,
        "effectiveTime": 0,
    }
    none = {
        "productId": str(fresh),
        "outProductId": "",
        "isCommissionProduct": 0,
        "commissionRatio": 0,
        "nextCommissionRatio": 0,
        "effectiveTime": 0,
    }
    assert shop.post(GET, key) == OK | {"result": [now, none]}

    info = [{"outProductId": "SPU-7", "commissionRatio": 1_500}, {"productId": fresh, "commissionRatio": "800"}]
    assert shop.post(SET, {"info": info}) == OK
    turning = {"effectiveTime": midnight()}
    assert shop.post(GET, key)["result"] == [
        now | turning | {"nextCommissionRatio": 1_500}, none | turning | {"nextCommissionRatio": 800},
    ]  # fmt: skip
    [first, second] = main_rates.main_rates(
        merchant_id=one.shop.id, product_ids=[one.product_id, fresh], now=clock.now() + timedelta(days=1)
    )
    assert (first.bps, second.bps, first.next_at) == (1_500, 800, None)

    # Of several words on one day the last one counts; `key` is read like `info`.
    assert shop.post(SET, {"key": [{"productId": fresh, "commissionRatio": 900}]}) == OK
    assert shop.post(GET, {"key": [{"productId": fresh}]})["result"][0]["nextCommissionRatio"] == 900

    assert shop.post(DELETE, {"key": [{"outProductId": "SPU-7"}, {"productId": fresh}]}) == OK
    assert shop.post(GET, key)["result"] == [now | turning | {"nextCommissionRatio": 0}, none]
    assert shop.post(DELETE, {"key": [{"productId": fresh}]}) == OK


def test_what_is_anothers_is_not_there(shop, one, software):
    theirs = make_parties.merchant(name="别家", source=Source.MINI_PROGRAM)
    product = make_catalog.product(merchant_id=theirs.id, category_id=one.category_id, title="茶盘")
    before = rates()
    for name in ({"productId": product}, {"productId": 999_999_999}, {"outProductId": "SPU-8"}):
        both = [{"productId": one.product_id}, name]
        refused(shop.post(GET, {"key": both}), NOT_FOUND, "not_found")
        refused(shop.post(DELETE, {"key": both}), NOT_FOUND, "not_found")
        rated = [item | {"commissionRatio": 2_000} for item in both]
        refused(shop.post(SET, {"info": rated}), NOT_FOUND, "not_found")
    refused(software(theirs).post(GET, {"key": [{"outProductId": "SPU-7"}]}), NOT_FOUND, "not_found")
    assert rates() == before


def test_rates_keep_to_the_rules(shop, one):
    def put(rate):
        return shop.post(SET, {"info": [{"productId": one.product_id, "commissionRatio": rate}]})

    before = rates()
    assert put(8_900)["errmsg"].startswith("above_ceiling: ")  # with the recruiter's 5 % more than 90 %
    refused(put(0), 40097, "invalid")
    refused(put(9_500), 40097, "invalid")
    assert rates() == before
    assert put(8_500) == OK


@pytest.mark.parametrize(
    "items",
    [None, [], {}, "x", 5, [5], [{}], [{"productId": "x"}], [{"productId": 0}], [{"productId": 2**63}],
     [{"productId": True}], [{"outProductId": ""}], [{"outProductId": 5}], [{"outProductId": "x" * 65}],
     [{"outProductId": "a\x00"}], [{"productId": "1"}] * 2, [{"productId": n} for n in range(1, 102)]],
)  # fmt: skip
def test_lists_that_are_none(shop, items):
    before = rates()
    refused(shop.post(GET, {"key": items}), 40097, "invalid")
    refused(shop.post(DELETE, {"key": items}), 40097, "invalid")
    rated = [one | {"commissionRatio": 2_000} if isinstance(one, dict) else one for one in items] if isinstance(
        items, list
    ) else items  # fmt: skip
    refused(shop.post(SET, {"info": rated}), 40097, "invalid")
    assert rates() == before


@pytest.mark.parametrize("rate", [None, -1, 10_001, "x", 1.5, True])
def test_rates_that_are_none(shop, one, rate):
    refused(
        shop.post(SET, {"info": [{"productId": one.product_id, "commissionRatio": rate}]}), 40097, "invalid"
    )  # fmt: skip


def test_promoters_have_no_such_call(software, one):
    refused(software(one.promoter).post(GET, {"key": [{"productId": 1}]}), 48001, "not_your_call")
