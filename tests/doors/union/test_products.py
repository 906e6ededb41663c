"""Products at WeChat's paths: each field of the reference with the value that the made data gives it, every filter."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.doors.union.conftest import refused
from tests.make import catalog as make_catalog
from tests.make import library as make_library
from tests.make import marketing as make_marketing
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.catalog.types import NewSku
from tuike.db import rows
from tuike.kit import clock
from tuike.library import queries as library_of
from tuike.library import service as library
from tuike.library.types import Wanted
from tuike.marketing.types import CouponScope
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef, Source

LIST, SELECT, CATEGORY = (f"/promoter/product/{verb}" for verb in ("list", "select", "category"))
OPEN_LIST = "/promoter/open_product/list"
BASE = "http://127.0.0.1:8000"


@dataclass
class Goods:
    """Two shops of the mall and one with a mini-program; cups, teas, and a thing of its own."""

    tea_shop: PartyRef
    cup_shop: PartyRef
    outside: PartyRef
    teaware: int
    tea: int
    below: int
    cup: int
    leaves: int
    jar: int
    book: int


@pytest.fixture
def goods(db, settings) -> Goods:
    settings.PUBLIC_BASE = BASE
    make_plans.benchmark(500)
    teaware, tea = make_catalog.category(name="茶具"), make_catalog.category(name="茶叶")
    below = make_catalog.category(name="盖碗", parent_id=teaware)
    cup_shop, tea_shop = make_parties.merchant(name="青瓷小铺"), make_parties.merchant(name="山间茶铺")
    outside = make_parties.merchant(name="自营书店", source=Source.MINI_PROGRAM, appid="wx1234567890abcdef")
    make_plans.category_rate(cup_shop.id, teaware, 1250)
    cup = make_catalog.product(
        merchant_id=cup_shop.id,
        category_id=below,
        title="手绘青瓷盖碗",
        subtitle="一人一只",
        pictures=("/media/a.jpg", "/media/b.jpg"),
        skus=(NewSku(price_fen=5_999, free=7, spec="青"), NewSku(price_fen=8_000, free=3, spec="白", on_sale=False)),
    )
    leaves = make_catalog.product(merchant_id=tea_shop.id, category_id=tea, title="有机花茶", price_fen=2_000)
    jar = make_catalog.product(merchant_id=tea_shop.id, category_id=teaware, title="茶叶罐", price_fen=9_900)
    book = make_catalog.product(
        merchant_id=outside.id, category_id=tea, title="茶经", price_fen=4_500, path="pages/book?id=7", free=40
    )
    make_plans.main_product(outside.id, book, 2000)
    made = Goods(tea_shop, cup_shop, outside, teaware, tea, below, cup, leaves, jar, book)
    make_library.stand([cup, leaves, jar, book])
    return made


@pytest.fixture
def mine(software, goods):
    return software(make_parties.promoter())


def ids(answer) -> list[int]:
    """Return the products of an answer, in order."""
    assert answer["errcode"] == 0, answer
    return [int(one.get("productId") or one["product"]["productId"]) for one in answer["productList"]]


def test_a_product_field_by_field(mine, goods):
    [first, second] = catalog.skus_of([goods.cup])[goods.cup]
    found = mine.get(LIST, {"productId": goods.cup})
    assert found == {
        "errcode": 0,
        "errmsg": "ok",
        "total": 1,
        "productList": [
            {
                "productId": str(goods.cup),
                "product": {
                    "productId": str(goods.cup),
                    "status": 5,
                    "info": {
                        "title": "手绘青瓷盖碗",
                        "subTitle": "一人一只",
                        "headImg": [f"{BASE}/media/a.jpg", f"{BASE}/media/b.jpg"],
                        "category": [
                            {"catId": str(goods.teaware), "name": "茶具"},
                            {"catId": str(goods.below), "name": "盖碗"},
                        ],
                        "brand": "",
                        "brandId": "",
                        "model": "",
                        "detail": {"detailImg": []},
                        "param": [],
                        "minPrice": 5_999,
                        "discountPrice": 5_999,
                        "totalStockNum": 7,
                        "totalSoldNum": 0,
                        "totalOrderNum": 0,
                        "expressInfo": {"templateId": ""},
                    },
                    "skus": [
                        {
                            "skuId": str(first.sku_id),
                            "status": 5,
                            "productSkuInfo": {
                                "thumbImg": f"{BASE}/media/a.jpg",
                                "salePrice": 5_999,
                                "marketPrice": 5_999,
                                "skuCode": "",
                                "stockInfo": {"stockNum": 7},
                            },
                        },
                        {
                            "skuId": str(second.sku_id),
                            "status": 11,
                            "productSkuInfo": {
                                "thumbImg": f"{BASE}/media/a.jpg",
                                "salePrice": 8_000,
                                "marketPrice": 8_000,
                                "skuCode": "",
                                "stockInfo": {"stockNum": 3},
                            },
                        },
                    ],
                },
                # floor(5999 × 12.5 %) = floor(749.875)
                "leagueExInfo": {"hasCommission": 1, "commissionRatio": 1250, "commissionValue": 749},
                "shopInfo": {
                    "name": "青瓷小铺",
                    "appId": parties.appid_of(goods.cup_shop.id),
                    "username": "",
                    "headImgUrl": "",
                    "shippingMethods": {"express": 1, "sameCity": 0, "pickup": 0},
                    "addressList": [],
                    "sameCityTemplate": {"deliverScopeType": 0, "scope": 0, "region": ""},
                    "freightTemplate": {"notSendArea": []},
                },
                "couponInfo": {"hasCoupon": 0},
            }
        ],
    }


def test_a_product_of_a_mini_program_field_by_field(mine, goods):
    [sku] = catalog.skus_of([goods.book])[goods.book]
    assert mine.get(OPEN_LIST) == {
        "errcode": 0,
        "errmsg": "ok",
        "total": 1,
        "productList": [
            {
                "product": {
                    "productId": str(goods.book),
                    "info": {
                        "title": "茶经",
                        "headImg": ["a.jpg"],
                        "detail": {"detailImg": []},
                        "brandId": "",
                        "minPrice": 4_500,
                        "totalStockNum": 40,
                        "path": "pages/book?id=7",
                    },
                    "skus": [
                        {
                            "skuId": str(sku.sku_id),
                            "productSkuInfo": {
                                "thumbImg": "a.jpg",
                                "salePrice": 4_500,
                                "marketPrice": 4_500,
                                "stockInfo": {"stockNum": 40},
                            },
                        }
                    ],
                },
                "leagueExInfo": {"hasCommission": 1, "commissionRatio": 2000, "commissionValue": 900},
                "shopInfo": {"appId": "wx1234567890abcdef", "name": "自营书店", "username": "", "headImgUrl": ""},
            }
        ],
    }


def test_categories_of_the_first_level(mine, goods):
    assert mine.get(CATEGORY)["productCats"] == [
        {"catId": str(goods.teaware), "name": "茶具"},
        {"catId": str(goods.tea), "name": "茶叶"},
    ]


@pytest.mark.parametrize(
    ("wanted", "type_", "discount"),
    [
        (make_marketing.new, 102, (5_000, 0, 500)),
        (make_marketing.fixed, 104, (0, 0, 500)),
        (lambda **more: make_marketing.percent(4_900, **more), 103, (0, 5_100, 0)),
        (lambda **more: make_marketing.percent(1_000, threshold_fen=3_000, **more), 101, (3_000, 9_000, 0)),
    ],
)
def test_coupons_field_by_field(mine, goods, wanted, type_, discount):
    condition, num, fee = discount
    now = clock.now()
    starts, ends = now - timedelta(days=1), now + timedelta(days=2)
    coupon = make_marketing.coupon(
        goods.cup_shop.id, wanted(starts_at=starts, ends_at=ends, limit_each=2), now=now - timedelta(days=2)
    )
    make_library.stand([goods.cup], now=now)
    [found] = mine.get(LIST, {"hasCoupon": 1})["productList"]
    start, end = int(starts.timestamp()), int(ends.timestamp())
    assert found["couponInfo"] == {
        "hasCoupon": 1,
        "couponId": str(coupon.coupon_id),
        "couponDetail": {
            "restNum": 10,
            "type": type_,
            "discountInfo": {
                "discountCondition": {"productIds": [], "productCnt": 0, "productPrice": condition},
                "discountNum": num,
                "discountFee": fee,
            },
            "validInfo": {"validType": 1, "validDayNum": 0, "startTime": start, "endTime": end},
            "receiveInfo": {"startTime": start, "endTime": end, "limitNumOnePerson": 2},
        },
    }
    # 5,999 fen: 5 yuan off, or floor(49 %) = 2,939, or floor(10 %) = 599.
    off = {102: 500, 104: 500, 103: 2_939, 101: 599}[type_]
    assert found["product"]["info"]["discountPrice"] == 5_999 - off


def test_a_coupon_for_a_product_and_days_of_use(mine, goods):
    now = clock.now()
    scope = {"scope": CouponScope.PRODUCT, "target_ids": (goods.cup,)}
    wanted = make_marketing.fixed(100, starts_at=now, ends_at=now + timedelta(days=2), use_days=5, **scope)
    make_marketing.coupon(goods.cup_shop.id, wanted, now=now)
    make_library.stand([goods.cup], now=now)
    [found] = mine.get(LIST, {"hasCoupon": 1})["productList"]
    detail = found["couponInfo"]["couponDetail"]
    assert detail["type"] == 4
    assert detail["discountInfo"]["discountCondition"]["productIds"] == [str(goods.cup)]
    assert (detail["validInfo"]["validType"], detail["validInfo"]["validDayNum"]) == (2, 5)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "jar leaves cup"),
        ({"sortType": 1}, "leaves cup jar"),
        ({"sortType": 2}, "jar cup leaves"),
        ({"sortType": 4, "category": "{teaware}"}, "cup jar"),
        ({"sortType": 3, "category": "{teaware}"}, "jar cup"),
        ({"sortType": 5}, "leaves jar cup"),
        ({"sortType": 6}, "cup jar leaves"),
        ({"sortType": 7}, "jar leaves cup"),
        ({"query": "盖碗"}, "cup"),
        ({"query": "青瓷", "queryType": 0}, "cup"),
        ({"query": "山间", "queryType": 1}, "jar leaves"),
        ({"query": "没有的店", "queryType": 1}, ""),
        ({"query": "{cup}", "queryType": 2}, "cup"),
        ({"query": "{cup}", "queryType": 2, "productId": "{jar}"}, ""),
        ({"minPrice": 5_999}, "jar cup"),
        ({"maxPrice": 5_999}, "leaves cup"),
        ({"minPrice": 2_001, "maxPrice": 9_899}, "cup"),
        ({"minCommissionValue": 495}, "jar cup"),
        ({"minCommissionValue": 750}, ""),
        ({"minCommissionRatio": 501}, "cup"),
        ({"hasCoupon": 1}, ""),
        ({"hasCoupon": 0}, "jar leaves cup"),
        ({"categoryId": "{tea}"}, "leaves"),
        ({"categoryId": "{tea}", "category": "{teaware}"}, "leaves"),
        ({"category": "{teaware},{tea}"}, "jar leaves cup"),
        ({"category[]": ["{below}", "{tea}"]}, "leaves cup"),
        ({"noCategory": "{teaware}"}, "leaves"),
        ({"shopAppIds": "{tea_shop}"}, "jar leaves"),
        ({"shopAppIds": "{tea_shop},{cup_shop}"}, "jar leaves cup"),
        ({"shopAppIds[]": ["{cup_shop}"]}, "cup"),
        ({"shopAppIds[0]": "{cup_shop}", "shopAppIds[1]": "{tea_shop}"}, "jar leaves cup"),
        ({"shopAppIds": ["{cup_shop}", "{tea_shop}"]}, "jar leaves cup"),
        ({"shopAppIds": '["{cup_shop}"]'}, "cup"),
        ({"shopAppIds": "wxnobodys"}, ""),
        ({"productId": "{jar},{cup}"}, "jar cup"),
        ({"shippingMethods": '{{"express":1}}'}, "jar leaves cup"),
        ({"shippingMethods[express]": 1, "shippingMethods[pickup]": 1}, "jar leaves cup"),
        ({"shippingMethods": '{{"sameCity":1}}'}, ""),
        ({"shippingMethods[pickup]": "1"}, ""),
        ({"shippingMethods": '{{"express":0,"sameCity":0,"pickup":0}}'}, "jar leaves cup"),
        (
            {"addressList": '[{{"addressInfo":{{"provinceName":"福建省"}},"addressType":{{"express":1}}}}]'},
            "jar leaves cup",
        ),
        ({"addressList[0][addressInfo][provinceName]": "福建省"}, "jar leaves cup"),
        ({"from": 1, "limit": 1}, "leaves"),
        ({"from": 3}, ""),
        ({"from": 5_000}, ""),
    ],
)
def test_what_a_list_is_narrowed_by(mine, goods, query, expected):
    words = {name: getattr(goods, name) for name in ("teaware", "tea", "below", "cup", "jar")}
    words |= {name: parties.appid_of(getattr(goods, name).id) for name in ("tea_shop", "cup_shop")}

    def filled(value):
        return value.format(**words) if isinstance(value, str) else value

    sent = {k: [filled(one) for one in v] if isinstance(v, list) else filled(v) for k, v in query.items()}
    found = mine.get(LIST, sent)
    assert ids(found) == [getattr(goods, name) for name in expected.split()]
    if not {"from", "limit"} & query.keys():
        assert found["total"] == len(expected.split())
    else:
        assert found["total"] == 3


def test_filters_of_products_of_mini_programs(mine, goods):
    assert ids(mine.get(OPEN_LIST, {"shopAppIds": "wx1234567890abcdef"})) == [goods.book]
    assert ids(mine.get(OPEN_LIST, {"query": "书店", "queryType": 1})) == [goods.book]
    assert ids(mine.get(OPEN_LIST, {"productId": goods.cup})) == []
    assert ids(mine.get(LIST, {"productId": goods.book})) == []


def test_the_curated_list_is_in_the_operators_order(mine, goods):
    assert ids(mine.get(SELECT)) == []
    library.pick(product_ids=[goods.leaves, goods.cup], actor=OPERATOR_SHELL, now=clock.now())
    found = mine.get(SELECT)
    assert ids(found) == [goods.leaves, goods.cup]
    assert found["total"] == 2
    assert ids(mine.get(SELECT, {"sortType": 2})) == [goods.cup, goods.leaves]
    assert ids(mine.get(SELECT, {"categoryId": goods.tea})) == [goods.leaves]
    # It takes no keyword: what isn't known to a call doesn't matter.
    assert ids(mine.get(SELECT, {"query": "盖碗"})) == [goods.leaves, goods.cup]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"from": 5_001}, "offset_too_far"),
        ({"from": -1}, "invalid"),
        ({"from": 2**63}, "invalid"),
        ({"limit": 0}, "invalid"),
        ({"limit": 51}, "invalid"),
        ({"limit": "abc"}, "invalid"),
        ({"sortType": 8}, "invalid"),
        ({"sortType": "-1"}, "invalid"),
        ({"queryType": 3}, "invalid"),
        ({"query": "盖碗", "queryType": 2}, "invalid"),
        ({"query": "9" * 30, "queryType": 2}, "invalid"),
        ({"query": "x" * 101}, "invalid"),
        ({"query": "a\x00b"}, "invalid"),
        ({"maxPrice": 10**14}, "invalid"),
        ({"minCommissionRatio": 10_001}, "invalid"),
        ({"hasCoupon": 2}, "invalid"),
        ({"categoryId": "x"}, "invalid"),
        ({"category": "1,x"}, "invalid"),
        ({"category": ",".join(["1"] * 51)}, "invalid"),
        ({"productId": str(2**64)}, "invalid"),
        ({"shippingMethods": "{"}, "invalid"),
        ({"shippingMethods": "[1]"}, "invalid"),
        ({"shippingMethods": "[" * 1_000}, "invalid"),
        ({"shippingMethods": '{"express":7}'}, "invalid"),
        ({"addressList": '{"a":1}'}, "invalid"),
        ({"addressList": '["x"]'}, "invalid"),
        ({"addressList": '[{"addressInfo":"x"}]'}, "invalid"),
    ],
)
def test_what_no_list_is_asked_by(mine, query, code):
    refused(mine.get(LIST, query), 40097 if code == "invalid" else 9_520_317, code)


def test_pages_of_mini_programs_have_thirty_at_most(mine):
    refused(mine.get(OPEN_LIST, {"limit": 31}), 40097, "invalid")


def test_a_total_of_many_is_kept_for_a_minute_and_then_counted_anew(goods, monkeypatch):
    monkeypatch.setattr(library_of, "COUNTED", 1)
    now, wanted = clock.now(), Wanted(source="mini_store")
    library_of._totals.clear()
    try:
        assert library_of.total(wanted, now=now) == 3
        rows.run("DELETE FROM library_item WHERE product_id = %s", [goods.cup])
        assert library_of.total(wanted, now=now + timedelta(seconds=59)) == 3
        assert library_of.total(wanted, now=now + timedelta(seconds=60)) == 2
    finally:
        library_of._totals.clear()


def test_beyond_its_bound_a_total_is_an_estimate_and_never_less_than_what_was_counted(goods, monkeypatch):
    monkeypatch.setattr(library_of, "ESTIMATED", 1)
    assert library_of.total(Wanted(source="mini_store"), now=clock.now()) >= 2
