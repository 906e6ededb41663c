"""Targeted plans at WeChat's paths: a shop makes one, a promoter applies, is taken in, earns its rate, is taken out."""

from datetime import timedelta

import pytest

from tests.doors.union.conftest import refused
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit import clock
from tuike.kit.days import next_midnight
from tuike.parties import queries as parties
from tuike.plans import queries as plans

ADD, LIST, PRODUCTS, PROMOTERS, UPDATE, DECIDE = (
    f"/shop/target/{verb}"
    for verb in ("add_plan", "plan_list", "product_list", "promoter_list", "update_plan", "update_promoter")
)
INFO, APPLY, STATUS = (f"/promoter/target/{verb}" for verb in ("plan_info", "apply_target", "apply_status"))
BASE = "http://127.0.0.1:8000"
OK = {"errcode": 0, "errmsg": "ok"}
NOT_FOUND = 9_404_158


def s(at) -> int:
    return int(at.timestamp())


@pytest.fixture
def one(db, settings) -> make.Alliance:
    settings.PUBLIC_BASE = BASE
    return make.alliance()


@pytest.fixture
def shop(software, one):
    return software(one.shop)


@pytest.fixture
def mine(software, one):
    return software(one.promoter)


def wanted(one, **item) -> dict:
    times = {"planEndTime": s(clock.now() + timedelta(days=30))}
    return {
        "planItem": {"planName": "头部推客", "planDesc": "先到先得"} | times | item,
        "productList": [{"productId": str(one.product_id), "rate": 2_000}],
    }


@pytest.fixture
def plan_id(shop, one) -> str:
    made = shop.post(ADD, wanted(one))
    assert made["errcode"] == 0, made
    return made["planId"]


def test_a_plan_is_made_and_shown(shop, one):
    before = clock.now()
    starts, ends = before + timedelta(days=1), before + timedelta(days=30)
    body = wanted(one, planStartTime=s(starts), planEndTime=s(ends))
    made = shop.post(ADD, body)
    plan = plans.plan_by_code(made["planId"])
    assert made == OK | {
        "planId": plan.invite_code,
        "planType": "PROMOTION_TARGETED_PLAN_TYPE_OPEN",
        "inviteUrl": f"{BASE}/join/{plan.invite_code}/",
    }
    assert plan.rates == {one.product_id: 2_000}
    shown = {
        "planId": plan.invite_code,
        "planType": "PROMOTION_TARGETED_PLAN_TYPE_OPEN",
        "planName": "头部推客",
        "planDesc": "先到先得",
        "planStatus": "VALID",
        "planStartTime": s(starts),
        "planEndTime": s(ends),
        "acceptPromoterCnt": 0,
        "auditingPromoterCnt": 0,
        "inviteUrl": made["inviteUrl"],
    }
    assert shop.get(LIST) == OK | {"planList": [shown], "total": 1}
    assert shop.get(LIST, {"planId": made["planId"]}) == OK | {"plan": shown, "total": 1}
    product = catalog.product_facts([one.product_id])[one.product_id]
    assert shop.get(PRODUCTS, {"planId": made["planId"]}) == OK | {
        "productList": [
            {
                "productId": str(one.product_id),
                "outProductId": "",
                "title": "手绘青瓷盖碗",
                "headImg": [BASE + one_ if one_.startswith("/") else one_ for one_ in product.pictures],
                "cats": [{"catId": str(one.category_id), "level": 1, "name": "茶具"}],
                "path": "",
                "minPrice": 5_990,
                "totalStockNum": product.free,
                "commissionRatio": 2_000,
            }
        ]
    }


def test_plans_by_position_and_status(shop, one):
    ids = [shop.post(ADD, wanted(one, planName=f"计划 {n}"))["planId"] for n in range(3)]

    def listed(**query):
        found = shop.get(LIST, query)
        return [ids.index(plan["planId"]) for plan in found["planList"]], found["total"]

    assert listed() == ([2, 1, 0], 3)
    assert listed(offset=1, limit=1) == ([1], 3)
    assert listed(offset=9) == ([], 3)
    rows.run("UPDATE plans_targeted SET starts_at = now() - interval '9 days', ends_at = now() - interval '1 day'"
             " WHERE invite_code = %s", [ids[1]])  # fmt: skip
    assert listed(planStatus="VALID") == ([2, 0], 2)
    assert listed(planStatus="INVALID") == ([1], 1)


def test_what_a_promoter_sees_of_the_invite_link(shop, mine, one, plan_id):
    plan = plans.plan_by_code(plan_id)
    product = catalog.product_facts([one.product_id])[one.product_id]
    url = f"{BASE}/join/{plan_id}/"
    found = mine.get(INFO, {"planInvitationUrl": url})
    assert found["targetPlanInfo"] == {
        "planId": plan_id,
        "planStatus": 1,
        "planName": "头部推客",
        "planDesc": "先到先得",
        "planStartTime": s(plan.starts_at),
        "planEndTime": s(plan.ends_at),
        "extInfo": {"bizBasicInfo": {"headimgurl": "", "nickname": "青瓷小铺", "appid": parties.appid_of(one.shop.id)}},
    }
    [shown] = found["productListInfo"]
    [sku] = shown["productDetailInfo"].pop("skus")
    assert sku["productSkuInfo"]["salePrice"] == 5_990
    assert shown == {
        "planId": plan_id,
        "productId": str(one.product_id),
        "productStatus": 5,
        "commissionRatio": 2_000,
        "productDetailInfo": {
            "title": "手绘青瓷盖碗",
            "subTitle": product.subtitle,
            "headImg": [BASE + one_ if one_.startswith("/") else one_ for one_ in product.pictures],
            "category": [{"catId": str(one.category_id), "name": "茶具"}],
            "brand": "",
            "model": "",
            "detail": {"detailImg": []},
            "param": [],
            "minPrice": 5_990,
            "totalStockNum": product.free,
            "totalSoldNum": 0,
        },
        # 20 % of 5,990.
        "leagueExInfo": {
            "hasCommission": 1,
            "commissionRatio": 2_000,
            "commissionValue": 1_198,
            "banBizuin": 0,
            "banCategory": 0,
            "banProduct": 0,
        },
        "couponInfo": {"hasCoupon": 0, "discount": 0},
    }
    for other in (f"https://union.example/mp/addPlan?planId={plan_id}", plan_id):
        assert mine.get(INFO, {"planInvitationUrl": other})["targetPlanInfo"]["planId"] == plan_id
    for none in ("https://x/", "http://[", "nothing", f"{url}x"):
        refused(mine.get(INFO, {"planInvitationUrl": none}), NOT_FOUND, "not_found")


def test_applying_being_taken_in_and_taken_out(shop, mine, one, plan_id):
    refused(mine.get(STATUS, {"planId": plan_id}), NOT_FOUND, "not_found")
    before = s(clock.now())
    assert mine.post(APPLY, {"planId": plan_id, "applyReason": "三万粉丝"}) == OK
    found = mine.get(STATUS, {"planId": plan_id})["data"]
    applied = found.pop("applyTime")
    assert before <= applied <= s(clock.now())
    assert found == {
        "planId": plan_id, "promoterStatus": 1, "applyReason": "三万粉丝", "joinTime": 0, "rejectTime": 0,
        "removeTime": 0,
    }  # fmt: skip
    appid = parties.appid_of(one.promoter.id)
    seen = {
        "appid": appid,
        "nickname": "推客小李",
        "promoterType": "PERSONAL",
        "applyTime": applied,
        "promoterStatus": "AUDITING",
        "joinTime": 0,
        "applyReason": "三万粉丝",
    }
    assert shop.get(PROMOTERS, {"planId": plan_id}) == OK | {"promoterList": [seen]}
    assert shop.get(LIST, {"planId": plan_id})["plan"]["auditingPromoterCnt"] == 1

    accept = {"planId": plan_id, "appidList": [appid], "promoterStatus": "ACCEPTED"}
    assert shop.post(DECIDE, accept) == OK
    joined = mine.get(STATUS, {"planId": plan_id})["data"]
    assert (joined["promoterStatus"], joined["applyTime"], joined["joinTime"] >= applied) == (2, applied, True)
    [member] = shop.get(PROMOTERS, {"planId": plan_id})["promoterList"]
    assert (member["promoterStatus"], member["joinTime"]) == ("ACCEPTED", joined["joinTime"])
    assert shop.get(LIST, {"planId": plan_id})["plan"]["acceptPromoterCnt"] == 1
    given = "SELECT rate_bps, upper(valid) FROM plans_rate WHERE layer = 'targeted' AND NOT isempty(valid)"
    assert [row[0] for row in rows.query(given)] == [2_000]
    assert shop.post(DECIDE, accept)["errmsg"].startswith("plan_step: ")

    assert shop.post(DECIDE, accept | {"promoterStatus": "REMOVED"}) == OK
    out = mine.get(STATUS, {"planId": plan_id})["data"]
    assert (out["promoterStatus"], out["joinTime"], out["removeTime"] >= joined["joinTime"]) == (4, 0, True)
    assert rows.query(given) == [(2_000, next_midnight(clock.now()))]


def test_turned_away(shop, mine, one, plan_id):
    mine.post(APPLY, {"planId": plan_id})
    body = {"planId": plan_id, "appidList": [parties.appid_of(one.promoter.id)], "promoterStatus": "REJECTED"}
    assert shop.post(DECIDE, body) == OK
    found = mine.get(STATUS, {"planId": plan_id})["data"]
    assert (found["promoterStatus"], found["rejectTime"] >= found["applyTime"] > 0, found["joinTime"]) == (3, True, 0)


def test_several_are_moved_all_or_none(shop, mine, software, one, plan_id):
    other = software(make_parties.promoter(phone="13900000009"))
    mine.post(APPLY, {"planId": plan_id})
    both = [parties.appid_of(one.promoter.id), parties.appid_of(other.party.id)]
    states = "SELECT state FROM plans_targeted_member ORDER BY promoter_id"
    for status in ("ACCEPTED", "REJECTED", "REMOVED"):
        body = {"planId": plan_id, "appidList": both, "promoterStatus": status}
        assert shop.post(DECIDE, body)["errmsg"].startswith("plan_step: ")
        refused(shop.post(DECIDE, body | {"appidList": [*both, "wxnobody"]}), NOT_FOUND, "not_found")
        assert rows.query(states) == [("applied",)]
    other.post(APPLY, {"planId": plan_id})
    for status, state in (("ACCEPTED", "accepted"), ("REMOVED", "removed")):
        assert shop.post(DECIDE, {"planId": plan_id, "appidList": both, "promoterStatus": status}) == OK
        assert rows.query(states) == [(state,), (state,)]


def test_a_plan_is_changed_and_ended(shop, one, plan_id):
    second = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="茶盘", price_fen=9_900)
    products = [{"productId": one.product_id, "rate": 2_500}, {"productId": second, "rate": 1_500}]
    ends = s(clock.now() + timedelta(days=60))
    item = {"planName": "头部推客二期", "planDesc": "", "planEndTime": ends}
    said = {"planId": plan_id, "inviteUrl": f"{BASE}/join/{plan_id}/"}
    assert shop.post(UPDATE, {"planId": plan_id, "planItem": item, "productList": products}) == OK | said
    plan = plans.plan_by_code(plan_id)
    assert (plan.name, plan.note, s(plan.ends_at)) == ("头部推客二期", "先到先得", ends)
    assert plan.rates == {one.product_id: 2_500, second: 1_500}
    assert shop.post(UPDATE, {"planId": plan_id, "planItem": {"planStartTime": s(plan.starts_at)}}) == OK | said
    assert plans.plan_by_code(plan_id) == plan
    refused(shop.post(UPDATE, {"planId": plan_id, "planItem": {"planStartTime": 5}}), 40097, "invalid")
    assert shop.post(UPDATE, {"planId": plan_id, "planItem": {"planStatus": "INVALID"}}) == OK | said
    assert plans.plan_by_code(plan_id).stopped_at == next_midnight(clock.now())
    assert shop.post(UPDATE, {"planId": plan_id, "planItem": {"planName": "三期"}})["errmsg"].startswith("plan_over: ")


def test_what_is_another_shops_is_not_there(software, one, plan_id):
    other = software(make_parties.merchant(name="别家"))
    for path in (PRODUCTS, PROMOTERS, LIST):
        refused(other.get(path, {"planId": plan_id}), NOT_FOUND, "not_found")
    refused(other.post(UPDATE, {"planId": plan_id, "planItem": {"planName": "x"}}), NOT_FOUND, "not_found")
    body = {"planId": plan_id, "appidList": ["wx1"], "promoterStatus": "ACCEPTED"}
    refused(other.post(DECIDE, body), NOT_FOUND, "not_found")
    refused(other.post(ADD, wanted(one)), NOT_FOUND, "not_found")
    assert len(plans.targeted_plans(merchant_id=one.shop.id)) == 1
    assert plans.targeted_plans(merchant_id=other.party.id) == []


def test_rates_that_are_not_allowed_make_no_plan(shop, one):
    def made(rate):
        return shop.post(ADD, wanted(one) | {"productList": [{"productId": one.product_id, "rate": rate}]})

    assert made(1_199)["errmsg"].startswith("below_public_rate: ")
    assert made(8_900)["errmsg"].startswith("above_ceiling: ")
    refused(made(9_100), 40097, "invalid")
    twice = wanted(one)
    twice["productList"] *= 2
    refused(shop.post(ADD, twice), 40097, "invalid")
    assert rows.query("SELECT count(*) FROM plans_targeted") == [(0,)]


_END = 2_000_000_000


@pytest.mark.parametrize(
    "change",
    [
        {"planItem": None},
        {"planItem": 5},
        {"planItem": {"planName": "x"}},
        {"planItem": {"planEndTime": _END}},
        {"planItem": {"planName": "", "planEndTime": _END}},
        {"planItem": {"planName": "x" * 41, "planEndTime": _END}},
        {"planItem": {"planName": "x", "planDesc": "y" * 201, "planEndTime": _END}},
        {"planItem": {"planName": "x", "planEndTime": 5}},
        {"planItem": {"planName": "x", "planEndTime": 0}},
        {"planItem": {"planName": "x", "planEndTime": 2**63}},
        {"planItem": {"planName": "x", "planEndTime": 7_258_118_401}},
        {"planItem": {"planName": "x", "planEndTime": _END, "planStartTime": _END + 1}},
        {"planItem": {"planName": "a\x00", "planEndTime": _END}},
        {"productList": None},
        {"productList": []},
        {"productList": [5]},
        {"productList": [{"productId": "1"}]},
        {"productList": [{"productId": "1", "rate": -1}]},
        {"productList": [{"productId": "1", "rate": 10_001}]},
        {"productList": [{"productId": "x", "rate": 2_000}]},
        {"productList": [{"productId": n, "rate": 2_000} for n in range(1, 102)]},
    ],
)
def test_plans_that_are_none(shop, one, change):
    refused(shop.post(ADD, wanted(one) | change), 40097, "invalid")
    assert rows.query("SELECT count(*) FROM plans_targeted") == [(0,)]


@pytest.mark.parametrize("plan_id_", [None, "", 5, "x" * 41, "a\x00"])
def test_plan_ids_that_are_none(shop, mine, plan_id_):
    refused(mine.post(APPLY, {"planId": plan_id_}), 40097, "invalid")
    refused(shop.post(UPDATE, {"planId": plan_id_}), 40097, "invalid")
    body = {"planId": plan_id_, "appidList": ["x"], "promoterStatus": "ACCEPTED"}
    refused(shop.post(DECIDE, body), 40097, "invalid")


def test_choices_and_lists_that_are_none(shop, mine, plan_id):
    good = {"planId": plan_id, "appidList": ["x"], "promoterStatus": "ACCEPTED"}
    for change in ({"promoterStatus": "AUDITING"}, {"promoterStatus": None}, {"appidList": []}, {"appidList": "x" * 65},
                   {"appidList": [5]}, {"appidList": ["x"] * 51}):  # fmt: skip
        refused(shop.post(DECIDE, good | change), 40097, "invalid")
    refused(shop.get(LIST, {"planStatus": "OPEN"}), 40097, "invalid")
    refused(mine.get(STATUS), 40097, "invalid")
    refused(mine.post(APPLY, {"planId": plan_id, "applyReason": "x" * 201}), 40097, "invalid")
    refused(mine.post(APPLY, {"planId": "nobodys"}), NOT_FOUND, "not_found")


def test_whose_calls_they_are(shop, mine, plan_id):
    refused(shop.get(INFO, {"planInvitationUrl": plan_id}), 48001, "not_your_call")
    refused(mine.get(LIST), 48001, "not_your_call")


def test_the_audit_log_names_the_software(shop, one, plan_id):
    found = rows.query("SELECT actor_kind, party_id FROM audit_act WHERE action = 'targeted.create'")
    assert found == [("app", one.shop.id)]
