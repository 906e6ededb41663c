"""Orders at WeChat's paths: each field with what the made story gives it, statuses as they turn, pages, spans."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.doors.union.conftest import refused
from tests.make import alliance as make
from tests.make import attribution as make_attribution
from tests.make import parties as make_parties
from tuike.attribution import queries as attribution
from tuike.db import rows
from tuike.insight import earned_orders
from tuike.insight.earned_orders import By, Wanted
from tuike.parties import queries as parties
from tuike.parties.types import Source

INFO, SEARCH = "/promoter/order/info", "/promoter/order/search"
NOON = make.NOON
BASE = "http://127.0.0.1:8000"


def s(at) -> int:
    return int(at.timestamp())


@pytest.fixture
def one(db, settings) -> make.Alliance:
    settings.PUBLIC_BASE = BASE
    return make.alliance()


@pytest.fixture
def mine(software, one):
    return software(one.promoter)


def bought(one, *, at, pieces=(1,), **rest):
    make.touch(one, now=at - timedelta(minutes=10))
    return make.bought(one, pieces=pieces, now=at, **rest)


def numbers(answer) -> list[str]:
    assert answer["errcode"] == 0, answer
    return [order["orderId"] for order in answer["orderList"]]


def test_a_pending_order_field_by_field(mine, one):
    order = bought(one, at=NOON, pieces=(1, 2), freight_fen=800, coupon_fen=1_000)
    place = attribution.places_of(promoter_id=one.promoter.id)[0]
    [picture] = rows.query("SELECT pictures[1] FROM catalog_product WHERE id = %s", [one.product_id])[0]
    # 1,000 off falls 333 + 667 on 5,990 and 11,980; 12 % of 5,657 is 678.84, of 11,313 1,357.56.
    lines = [
        {
            "productId": str(one.product_id),
            "skuId": str(order.lines[0].sku_id),
            "title": "手绘青瓷盖碗",
            "thumbImg": picture if picture.startswith("http") else BASE + picture if picture[0] == "/" else picture,
            "price": price,
            "productCnt": pieces,
            "ratio": 1_200,
            "commissionStatus": "SETTLEMENT_PENDING",
            "commissionStatusUpdateTime": s(NOON) + 60,
            "commission": "-",
            "estimatedCommission": commission,
            "categoryStr": "茶具",
            "promotionInfo": {"promotionSourcePid": place.pid, "promotionSourceName": place.name},
            "customizeInfo": "",
        }
        for price, pieces, commission in (("¥56.57", 1, 678), ("¥113.13", 2, 1_357))
    ]
    shown = {
        "orderId": order.no,
        "payTime": s(NOON) + 60,
        "confirmReceiptTime": 0,
        "shopName": "青瓷小铺",
        "shopAppid": parties.appid_of(one.shop.id) or "",
        "customUserId": "",
        "userNickName": "",
        "orderPrice": "¥177.70",
        "productList": lines,
    }
    said = {"errcode": 0, "errmsg": "ok"}
    assert mine.post(INFO, {"orderIdList": [order.no]}) == said | {"orderList": [shown]}
    found = mine.get(SEARCH)
    assert found == said | {"orderList": [shown], "pageSize": 20, "totalNum": 1}


def test_received_settled_and_refunded(mine, one):
    order = bought(one, at=NOON, pieces=(1, 3))
    received = make.received(order, now=NOON + timedelta(days=2))
    [shown] = mine.get(SEARCH)["orderList"]
    assert shown["confirmReceiptTime"] == s(received.received_at)
    due = received.received_at + timedelta(days=27)
    make.matured(until=due)
    lines = mine.get(SEARCH)["orderList"][0]["productList"]
    # 12 % of 5,990 is 718.8, of 17,970 2,156.4.
    assert [(one["commission"], one["estimatedCommission"]) for one in lines] == [("¥7.18", 718), ("¥21.56", 2_156)]
    for line in lines:
        assert line["commissionStatus"] == "SETTLEMENT_SUCCESS"
        assert line["profitShardingSucTime"] == line["commissionStatusUpdateTime"] == s(due)
    later = due + timedelta(days=1)
    make.refunded(order, (1, 1), (2, 1), now=later)
    first, second = mine.get(SEARCH)["orderList"][0]["productList"]
    assert (first["commissionStatus"], first["commission"], first["estimatedCommission"]) == (
        "SETTLEMENT_CANCELED", "¥0", 0,
    )  # fmt: skip
    assert "profitShardingSucTime" not in first
    # 12 % of 11,980 is 1,437.6.
    assert (second["commissionStatus"], second["commission"]) == ("SETTLEMENT_SUCCESS", "¥14.37")
    assert first["commissionStatusUpdateTime"] == second["commissionStatusUpdateTime"] == s(later)
    assert second["profitShardingSucTime"] == s(due)


def test_what_of_it_is_the_recruiters(software, one):
    order = bought(one, at=NOON)
    recruiter = software(one.recruiter)
    [line] = recruiter.get(SEARCH)["orderList"][0]["productList"]
    # 5 % of 5,990 is 299.5.
    assert (line["ratio"], line["estimatedCommission"]) == (500, 299)
    assert line["promotionInfo"] == {"promotionSourcePid": "", "promotionSourceName": ""}
    assert numbers(recruiter.post(INFO, {"orderIdList": [order.no]})) == [order.no]


def test_nobody_sees_what_is_anothers(software, mine, one):
    order = bought(one, at=NOON)
    other = software(make_parties.promoter(phone="13900000009"))
    assert other.post(INFO, {"orderIdList": [order.no, "O1", order.no]})["orderList"] == []
    assert other.get(SEARCH) == {"errcode": 0, "errmsg": "ok", "orderList": [], "pageSize": 20, "totalNum": 0}
    refused(software(one.shop).get(SEARCH), 48001, "not_your_call")
    unpaid = make.placed(one, now=NOON + timedelta(hours=1))
    assert numbers(mine.post(INFO, {"orderIdList": [unpaid.no, order.no]})) == [order.no]


def test_the_mark_of_a_buyer_comes_back_while_an_account_is_bound(mine, one):
    order = bought(one, at=NOON)
    rows.run("UPDATE people_person SET unionid = 'oUnion1' WHERE id = %s", [one.buyer_id])
    mine.post("/promoter/open_account/add_customize_info", {"unionid": "oUnion1", "customizeInfo": "会员 7"})

    def shown():
        return mine.post(INFO, {"orderIdList": [order.no]})["orderList"][0]["customUserId"]

    assert shown() == ""
    mine.post("/promoter/open_account/bind", {"openAccount": "dev@example.com"})
    assert shown() == "会员 7"
    mine.post("/promoter/open_account/del_customize_info", {"unionid": "oUnion1"})
    assert shown() == ""


def test_pages_and_spans_of_payment(mine, one):
    made = [bought(one, at=NOON + timedelta(hours=hour)).no for hour in range(5)]
    newest = made[::-1]
    assert numbers(mine.get(SEARCH)) == newest
    for page, wanted in ((1, newest[:2]), (2, newest[2:4]), (3, newest[4:]), (4, [])):
        found = mine.get(SEARCH, {"page": page, "pageSize": 2})
        assert (numbers(found), found["totalNum"], found["pageSize"]) == (wanted, 5, 2)
    third = s(NOON + timedelta(hours=2)) + 60
    assert numbers(mine.get(SEARCH, {"startTimestamp": third})) == newest[:3]
    assert numbers(mine.get(SEARCH, {"endTimestamp": third})) == newest[2:]
    assert numbers(mine.get(SEARCH, {"startTimestamp": third, "endTimestamp": third})) == [made[2]]
    assert numbers(mine.get(SEARCH, {"startTimestamp": third + 1, "endTimestamp": third})) == []


def test_what_changed_since_an_instant(mine, one):
    """Settled, lowered and new orders come by the last change, whichever it was, each once."""
    first, second, third = (bought(one, at=NOON + timedelta(hours=hour)) for hour in range(3))
    received = make.received(second, now=NOON + timedelta(days=1))
    settled = received.received_at + timedelta(days=27)
    make.matured(until=settled)
    lowered = settled + timedelta(hours=1)
    make.refunded(first, now=lowered)
    by_change = {"sortByCommissionUpdateTime": 1}
    assert numbers(mine.get(SEARCH, by_change)) == [first.no, second.no, third.no]
    assert numbers(mine.get(SEARCH, by_change | {"pageSize": 1, "page": 2})) == [second.no]

    def between(low, high):
        found = mine.get(SEARCH, by_change | {"startCommissionUpdateTime": s(low), "endCommissionUpdateTime": s(high)})
        assert found["totalNum"] == len(found["orderList"])
        return numbers(found)

    paid = NOON + timedelta(minutes=1)
    assert between(settled, lowered) == [first.no, second.no]
    assert between(settled, lowered - timedelta(seconds=1)) == [second.no]
    assert between(lowered, lowered) == [first.no]
    # The first two changed again since: only the third one's last change is that it was made.
    assert between(paid, NOON + timedelta(hours=3)) == [third.no]
    assert numbers(mine.get(SEARCH, {"startCommissionUpdateTime": s(settled)})) == [second.no, first.no]


def test_by_status(mine, one):
    pending, cancelled, settled = (bought(one, at=NOON + timedelta(hours=hour)) for hour in range(3))
    make.refunded(cancelled, now=NOON + timedelta(hours=5))
    received = make.received(settled, now=NOON + timedelta(days=1))
    make.matured(until=received.received_at + timedelta(days=27))
    for status, wanted in (
        ("SETTLEMENT_PENDING", [pending.no]),
        ("SETTLEMENT_CANCELED", [cancelled.no]),
        ("SETTLEMENT_SUCCESS", [settled.no]),
        ("SETTLEMENT_SUCCESS,SETTLEMENT_PENDING", [settled.no, pending.no]),
    ):
        found = mine.get(SEARCH, {"commissionStatus": status})
        assert (numbers(found), found["totalNum"]) == (wanted, len(wanted))


@pytest.mark.parametrize("by", list(By))
def test_pages_are_those_of_the_whole_order_however_little_is_looked_at(one, by, monkeypatch):
    """Few candidates at a time give what looking at everything gives: equal instants, lines that turned."""
    made = [bought(one, at=NOON + timedelta(hours=hour // 2), pieces=(1, 1)) for hour in range(8)]
    received = [make.received(order, now=NOON + timedelta(days=1)) for order in made[:3]]
    make.matured(until=received[0].received_at + timedelta(days=27))
    make.refunded(made[5], (1, 1), now=NOON + timedelta(days=40))
    wanted = Wanted(source=Source.MINI_STORE, promoter_id=one.promoter.id, by=by)
    now = NOON + timedelta(days=41)
    whole = earned_orders.page(wanted, start=0, limit=50, now=now)
    assert len(whole.order_nos) == whole.total == 8
    assert whole.order_nos[0] == (made[5].no if by is By.TURN else max(made[6].no, made[7].no))
    monkeypatch.setattr(earned_orders, "FIRST_LOOK", 0)
    stepwise = [
        earned_orders.page(wanted, start=start, limit=limit, now=now)
        for start, limit in ((0, 1), (1, 1), (2, 3), (5, 2), (7, 9))
    ]
    assert tuple(no for part in stepwise for no in part.order_nos) == whole.order_nos
    rising = earned_orders.page(replace(wanted, descending=False), start=0, limit=50, now=now)
    assert rising.order_nos == whole.order_nos[::-1]
    assert {part.total for part in stepwise} == {8}


def test_what_is_too_much_to_count_is_estimated(one, monkeypatch):
    for hour in range(6):
        bought(one, at=NOON + timedelta(hours=hour), pieces=(1, 1))
    monkeypatch.setattr(earned_orders, "COUNTED", 4)
    now = NOON + timedelta(days=1)
    for by in By:
        wanted = Wanted(source=Source.MINI_STORE, promoter_id=one.promoter.id, by=by)
        assert earned_orders.page(wanted, start=0, limit=2, now=now).total == 6  # 2 orders of 4 accruals; 12 in all
        span = (NOON, NOON + timedelta(minutes=90))
        assert earned_orders.page(replace(wanted, paid=span), start=0, limit=1, now=now).total == 2
        assert earned_orders.page(replace(wanted, source=Source.MINI_PROGRAM), start=0, limit=2, now=now).total == 0


def test_pages_end_somewhere(mine, one):
    bought(one, at=NOON)
    found = mine.get(SEARCH, {"page": 251, "pageSize": 200})
    assert found["errmsg"].startswith("orders_too_far: ")
    assert mine.get(SEARCH, {"page": 250, "pageSize": 200})["errcode"] == 0


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"page": "x"},
        {"page": -1},
        {"pageSize": 0},
        {"pageSize": 201},
        {"startTimestamp": "yesterday"},
        {"startTimestamp": -1},
        {"endTimestamp": 10**18},
        {"endTimestamp": 2**63},
        {"commissionStatus": "SETTLED"},
        {"commissionStatus": "\x00"},
        {"sortByCommissionUpdateTime": 2},
        {"startCommissionUpdateTime": "1.5"},
    ],
)
def test_searches_that_are_none(mine, query):
    refused(mine.get(SEARCH, query), 40097, "invalid")


@pytest.mark.parametrize(
    "numbers_", [None, [], {}, "", 5, [5], [""], [None], ["x" * 65], ["a\x00"], ["\ud800"], ["x"] * 201, [["x"]]]
)
def test_numbers_that_are_none(mine, numbers_):
    refused(mine.post(INFO, {"orderIdList": numbers_}), 40097, "invalid")


def test_the_last_second_of_all_is_a_second(mine, one):
    order = bought(one, at=NOON)
    ends = dict.fromkeys(("endTimestamp", "endCommissionUpdateTime"), 253402300798)
    starts = dict.fromkeys(("startTimestamp", "startCommissionUpdateTime"), 1)
    assert numbers(mine.get(SEARCH, starts | ends)) == [order.no]


def test_customize_info_comes_back(mine, one):
    place = make_attribution.place(promoter_id=one.promoter.id, name="直播", now=NOON)
    one.links[(one.promoter.id, one.product_id, False)] = make_attribution.link(
        promoter_id=one.promoter.id, merchant_id=one.shop.id, product_id=one.product_id, place_=place,
        customize_info="场次 7", now=NOON,
    )  # fmt: skip
    bought(one, at=NOON + timedelta(hours=1))
    [line] = mine.get(SEARCH)["orderList"][0]["productList"]
    assert (line["customizeInfo"], line["promotionInfo"]["promotionSourceName"]) == ("场次 7", "直播")
