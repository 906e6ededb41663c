"""Orders of shops with a mini-program, as promoter and shop see them; and those that earned nobody."""

from datetime import timedelta

import pytest

from tests.doors.union.conftest import refused
from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.attribution import queries as attribution
from tuike.attribution import service as attributing
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.parties import queries as parties
from tuike.parties.types import Source

MINE, SHOPS = "/promoter/order/search_normal_order", "/shop/order/search_normal_order"
ABNORMAL = "/shop/order/search_abnormal_order"
NOON = make.NOON


def s(at) -> int:
    return int(at.timestamp())


@pytest.fixture
def one(db) -> make.Alliance:
    return make.alliance(source=Source.MINI_PROGRAM)


@pytest.fixture
def mine(software, one):
    return software(one.promoter)


@pytest.fixture
def shop(software, one):
    return software(one.shop)


def numbers(answer) -> list[str]:
    assert answer["errcode"] == 0, answer
    return [order["orderInfo"]["outOrderId"] for order in answer["orderList"]]


def test_an_order_field_by_field_for_both_sides(mine, shop, one):
    rows.run("UPDATE catalog_product SET external_no = 'SPU-7' WHERE id = %s", [one.product_id])
    make.topped_up(one, 100_000, now=NOON)
    at = NOON + timedelta(hours=2)
    order = make.reported(one, external_no="EXT-1", now=at)
    place = attribution.places_of(promoter_id=one.promoter.id)[0]
    [picture] = rows.query("SELECT pictures[1] FROM catalog_product WHERE id = %s", [one.product_id])[0]
    info = {
        "orderId": order.no,
        "outOrderId": "EXT-1",
        "transactionId": "",
        "payTime": s(at) + 60,
        "createTime": s(at),
        "orderPrice": 5_990,
        "freight": 0,
        "discountedPrice": 0,
        "additionalPrice": 0,
        "additionalRemarks": "",
        "status": 100,
        "statusUpdateTime": s(at + timedelta(days=1)),
        "path": "",
    }
    line = {
        "productId": str(one.product_id),
        "outProductId": "SPU-7",
        "skuId": str(order.lines[0].sku_id),
        "outSkuId": "",
        "title": "手绘青瓷盖碗",
        "headImg": picture,
        "salePrice": 5_990,
        "realPrice": 5_990,
        "productCnt": 1,
        "ratio": 1_200,
        "commissionStatusUpdateTime": s(at),
        "skuAttrs": [{"attrKey": "规格", "attrValue": order.lines[0].spec}] if order.lines[0].spec else [],
    }
    said = {"errcode": 0, "errmsg": "ok", "total": 1}
    # 12 % of 5,990 is 718.8; the shop pays the recruiter's 5 % (299.5), too.
    assert mine.get(MINE) == said | {
        "orderList": [
            {
                "orderInfo": info
                | {"shopInfo": {"nickname": "青瓷小铺", "username": "", "appid": _appid(one.shop.id)}},
                "productList": [
                    line
                    | {
                        "commissionValue": 718,
                        "commissionStatus": "COMMISSION_SHOP_WAIT_DEDUCTION",
                        "promotionInfo": {"promotionSourcePid": place.pid, "promotionSourceName": place.name},
                    }
                ],
            }
        ]
    }
    who = {"appId": parties.appid_of(one.promoter.id), "nickName": "推客小李"}
    assert shop.get(SHOPS) == said | {
        "orderList": [
            {
                "orderInfo": info,
                "productList": [
                    line | {"commissionValue": 1_017, "commissionStatus": "COMMISSION_PAY_SUCCESS", "promoterInfo": who}
                ],
            }
        ]
    }


def test_each_status_by_name_and_by_number_on_both_sides(mine, shop, one):
    make.topped_up(one, 2_500, now=NOON)  # pays two of three
    settled, cancelled = (make.reported(one, external_no=no, now=NOON + timedelta(hours=2)) for no in ("A", "B"))
    make.matured(until=NOON + timedelta(days=29))
    make.refunded(cancelled, now=NOON + timedelta(days=30), sent=False)
    late = NOON + timedelta(days=31)
    make.reported(one, external_no="C", now=late)  # what the refund gave back pays this one
    make.reported(one, external_no="D", now=late + timedelta(hours=1))
    assert settled.external_no == "A"
    for names, by_promoter, by_shop in (
        (["A"], ("COMMISSION_PROMOTER_PAY_SUCC", "11"), ("COMMISSION_SHOP_FINISH_DEDUCTION", "6")),
        (["B"], ("COMMISSION_PAY_CANCEL", "4"), ("COMMISSION_PAY_CANCEL", "4")),
        (["C"], ("COMMISSION_SHOP_WAIT_DEDUCTION", "8"), ("COMMISSION_PAY_SUCCESS", "5")),
        (
            ["D"],
            ("COMMISSION_SHOP_DEDUCTION_NOT_ENOUGH_MONEY", "7"),
            ("COMMISSION_SHOP_DEDUCTION_NOT_ENOUGH_MONEY", "7"),
        ),
    ):
        for software, path, words in ((mine, MINE, by_promoter), (shop, SHOPS, by_shop)):
            for word in words:
                found = software.get(path, {"commissionStatus": word})
                assert (word, numbers(found), found["total"]) == (word, names, 1)
            assert found["orderList"][0]["productList"][0]["commissionStatus"] == words[0]
    assert sorted(numbers(mine.get(MINE, {"commissionStatus": "4,7"}))) == ["B", "D"]
    assert mine.get(MINE, {"commissionStatus": "12"})["total"] == 0
    refused(shop.get(SHOPS, {"commissionStatus": "11"}), 40097, "invalid")


def test_what_waited_and_went_on_turned_then(mine, shop, one):
    make.reported(one, external_no="A", now=NOON + timedelta(hours=2))
    later = NOON + timedelta(days=3)
    since = {"startStatusUpdateTime": s(later)}
    assert numbers(mine.get(MINE, since)) == []
    make.topped_up(one, 100_000, now=later)
    for software, path in ((mine, MINE), (shop, SHOPS)):
        found = software.get(path, since | {"endStatusUpdateTime": s(later)})
        assert numbers(found) == ["A"]
        assert found["orderList"][0]["productList"][0]["commissionStatusUpdateTime"] == s(later)


def test_found_by_numbers_words_and_spans_in_each_order(mine, shop, one):
    make.topped_up(one, 100_000, now=NOON)
    made = {no: make.reported(one, external_no=no, now=NOON + timedelta(hours=n + 2)) for n, no in enumerate("ABC")}
    make.refunded(made["A"], now=NOON + timedelta(days=3), sent=False)
    appid = parties.appid_of(one.promoter.id)
    for software, path in ((mine, MINE), (shop, SHOPS)):
        for query, wanted in (
            ({}, "CBA"),
            ({"sortOrder": "2"}, "ABC"),
            ({"sortOrder": "SORT_ORDER_ASC"}, "ABC"),
            ({"sortBy": "2"}, "ACB"),
            ({"sortBy": "SORT_BY_STATUS_UPDATE_TIME", "sortOrder": 2}, "BCA"),
            ({"orderId": made["B"].no}, "B"),
            ({"outOrderId": "B"}, "B"),
            ({"outOrderIdList": "A,C"}, "CA"),
            ({"query": "青瓷"}, "CBA"),
            ({"query": "没有"}, ""),
            ({"query": "C"}, "C"),
            ({"tradeNo": "4200001"}, ""),
            ({"transactionIdList": "4200001,4200002"}, ""),
            ({"startPayTime": s(NOON + timedelta(hours=3)) + 60}, "CB"),
            ({"endPayTime": s(NOON + timedelta(hours=3)) + 60}, "BA"),
            ({"offset": 1, "limit": 1}, "B"),
            ({"offset": 3}, ""),
        ):
            assert (query, "".join(numbers(software.get(path, query)))) == (query, wanted)
        assert software.get(path, {"offset": 1, "limit": 1})["total"] == 3
    assert numbers(shop.get(SHOPS, {"allianceAppid": appid})) == list("CBA")
    assert numbers(shop.get(SHOPS, {"allianceAppid": parties.appid_of(one.recruiter.id) or "wxnobody"})) == []
    assert numbers(shop.get(SHOPS, {"allianceAppid": "wxnobody"})) == []


def test_the_two_kinds_of_orders_stand_apart(mine, software, one):
    beside = make.alliance(beside=one)
    make.topped_up(one, 100_000, now=NOON)
    make.reported(one, external_no="A", now=NOON + timedelta(hours=2))
    make.touch(beside, now=NOON)
    order = make.bought(beside, now=NOON + timedelta(hours=3))
    assert numbers(mine.get(MINE)) == ["A"]
    assert [o["orderId"] for o in mine.get("/promoter/order/search")["orderList"]] == [order.no]
    other = software(beside.shop)
    assert other.get(SHOPS)["total"] == 0
    assert software(make_parties.promoter(phone="13900000009")).get(MINE)["total"] == 0


def test_orders_that_earned_nobody(shop, one, software):
    at = NOON + timedelta(hours=2)
    make.link(one, now=NOON - timedelta(hours=1))
    make.reported(one, external_no="NONE", touched=False, now=at)
    attributing.block_promoter(
        merchant_id=one.shop.id, promoter_id=one.promoter.id, reason="刷单", actor=OPERATOR_SHELL, now=NOON
    )
    make.reported(one, external_no="A", now=at)
    make.reported(one, external_no="B", now=at + timedelta(hours=1))
    around = {"startPayTime": s(NOON), "endPayTime": s(NOON + timedelta(days=1))}
    who = {"appId": parties.appid_of(one.promoter.id) or "", "nickName": "推客小李"}
    shown = {
        "userPaidAmount": 5_990,
        "commissionRatio": 0,
        "commissionValue": 0,
        "promoterInfo": who,
        "abnormalReason": "promoter_blocked",
    }

    def found(**more):
        answer = shop.post(ABNORMAL, around | more)
        assert answer["errcode"] == 0, answer
        return [one["tradeNo"] for one in answer["orderList"]], answer["total"]

    answer = shop.post(ABNORMAL, around)
    words = answer["orderList"][0].pop("abnormalReasonDesc")
    assert words
    assert answer["orderList"][0] == shown | {"tradeNo": "B", "paidTime": s(at) + 3_660}
    assert found() == (["B", "A"], 2)
    assert found(sortType=1) == (["A", "B"], 2)
    assert found(tradeNo="A") == (["A"], 1)
    assert found(offset=1, limit=1) == (["A"], 2)
    assert found(offset=5) == ([], 2)
    assert found(endPayTime=s(at) + 60) == (["A"], 1)
    assert found(allianceAppid="wxnobody") == ([], 0)
    assert shop.post(ABNORMAL, {"tradeNo": ""})["total"] == 0  # 90 days back from now
    assert software(make_parties.merchant(name="别家")).post(ABNORMAL, around)["total"] == 0
    refused(software(one.promoter).post(ABNORMAL, around), 48001, "not_your_call")


@pytest.mark.parametrize(
    "query",
    [
        {"offset": -1}, {"offset": 10**9}, {"limit": 0}, {"limit": 101}, {"sortBy": 3}, {"sortOrder": "UP"},
        {"commissionStatus": "99"}, {"query": "x" * 101}, {"orderId": "a\x00"}, {"startPayTime": "x"},
        {"endStatusUpdateTime": 10**13}, {"outOrderIdList": ",".join("x" for _ in range(101))},
    ],
)  # fmt: skip
def test_questions_that_are_none(mine, shop, query):
    refused(mine.get(MINE, query), 40097, "invalid")
    refused(shop.get(SHOPS, query), 40097, "invalid")


@pytest.mark.parametrize(
    "body",
    [{"sortType": 0}, {"sortType": 3}, {"limit": 101}, {"offset": "x"}, {"tradeNo": 5}, {"startPayTime": -1},
     {"allianceAppid": ["x"]}, {"endPayTime": 2**63}],
)  # fmt: skip
def test_abnormal_questions_that_are_none(shop, body):
    refused(shop.post(ABNORMAL, body), 40097, "invalid")


def _appid(merchant_id: int) -> str:
    return parties.merchant_facts([merchant_id])[merchant_id].appid
