"""A promoter's software: places, library, material, targeted plans, orders and what they earn."""

import pytest

from tests.doors.openapi.answers import nothing_changes, refused
from tests.flows.test_materials import WeChat
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import library as make_library
from tests.make import matching as make_matching
from tests.make import parties as make_parties
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.flows import outside
from tuike.kit import clock
from tuike.plans import queries as plans_of

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def wechat(monkeypatch):
    answering = WeChat()
    monkeypatch.setattr(outside, "wechat", lambda: answering)
    return answering


@pytest.fixture
def no(one):
    make_library.stand([one.product_id], now=clock.now())
    return catalog.product_facts([one.product_id])[one.product_id].product_no


@pytest.fixture
def other(software, one):
    return software(make_parties.promoter(name="推客小赵", phone="13900000088"))


def _place(promoter, name="群"):
    answer = promoter.post("/promoter/places", {"name": name})
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()["pid"]


def test_places_are_added_renamed_and_deleted(promoter, other):
    pid = _place(promoter, "茶友群")
    shown = promoter.get("/promoter/places").json()
    assert [(row["pid"], row["name"], row["clicks_30d"], row["paid_30d_fen"]) for row in shown["items"]] == [
        (pid, "茶友群", 0, 0)
    ]
    assert shown["next"] == ""
    assert promoter.put(f"/promoter/places/{pid}", {"name": "老友群"}).json()["name"] == "老友群"
    with nothing_changes():
        refused(other.put(f"/promoter/places/{pid}", {"name": "抢"}), 404, "place_not_found")
        refused(other.call("DELETE", f"/promoter/places/{pid}"), 404, "place_not_found")
        refused(promoter.post("/promoter/places", {"name": "老友群"}), 409, "place_name_taken")
        refused(promoter.post("/promoter/places", {"name": "太" * 21}), 422, "place_name_invalid")
        refused(promoter.post("/promoter/places", {"name": "a\u202eb"}), 422, "invalid")
    assert promoter.call("DELETE", f"/promoter/places/{pid}").json()["deleted_at"]
    assert promoter.get("/promoter/places").json()["items"] == []


def test_an_app_stands_in_the_audit_log_as_itself(promoter, one):
    promoter.post("/promoter/rules/mini_store/acceptance", X_Request_ID="caller-0042")
    found = rows.query(
        "SELECT actor_kind, person_id, party_id, role, request_id FROM audit_act WHERE action = 'library.accept_rules'"
    )
    assert found == [("app", None, one.promoter.id, "app", "caller-0042")]


def test_the_library_is_searched_and_a_product_shown(promoter, one, no):
    page = promoter.get("/promoter/library?q=%E9%9D%92%E7%93%B7&limit=5").json()
    [found] = page["items"]
    assert (found["no"], found["price_fen"], found["rate_bps"], found["commission_fen"]) == (no, 10_000, 1200, 1200)
    assert (found["public_rate_bps"], found["shop"]["no"], page["next"]) == (1200, one.shop.no, "")
    for empty in ("price_fen_min=10001", "rate_bps_max=1199", "source=mini_program", "coupon=true", "curated=true"):
        assert promoter.get(f"/promoter/library?{empty}").json()["items"] == [], empty
    assert promoter.get(f"/promoter/library?shop={one.shop.no}&sort=price&ascending=true").json()["items"]
    shown = promoter.get(f"/promoter/library/{no}").json()
    assert shown["skus"][0]["price_fen"] == 10_000
    assert shown["rules"]["source"] == "mini_store" and shown["rules"]["accepted"] is False
    refused(promoter.get("/promoter/library/NOSUCH"), 404, "not_found")
    refused(promoter.get("/promoter/library?shop=NOSUCH"), 404, "not_found")
    for bad in ("limit=201", "limit=0", "limit=x", "price_fen_min=-1", "sort=best", "category=0", "rate_bps_min=1e99"):
        refused(promoter.get(f"/promoter/library?{bad}"), 422, "invalid")
    refused(promoter.get("/promoter/library?after=nonsense"), 422, "library_page")


def test_the_library_pages_through_everything_once(promoter, one):
    ids = [one.product_id]
    for n in range(6):
        ids.append(
            make_catalog.product(
                merchant_id=one.shop.id, category_id=one.category_id, price_fen=500 + n, title=f"杯{n}"
            )
        )
    make_library.stand(ids, now=clock.now())
    seen, after = [], ""
    while True:
        page = promoter.get(f"/promoter/library?limit=3&after={after}").json()
        seen += [row["no"] for row in page["items"]]
        after = page["next"]
        if not after:
            break
    assert len(seen) == len(set(seen)) == 7


def test_material_needs_the_rules_and_is_made_once(promoter, other, one, no, wechat):
    pid = _place(promoter)
    wish = {"pid": pid, "products": [no], "shops": [one.shop.no], "customize_info": "三月"}
    with nothing_changes():
        refused(promoter.post("/promoter/materials", wish), 409, "rules_not_accepted")
    before = promoter.get("/promoter/rules").json()["items"]
    assert [row["accepted"] for row in before] == [False, False]
    assert promoter.post("/promoter/rules/mini_store/acceptance").json()["accepted"] is True
    refused(promoter.post("/promoter/rules/nowhere/acceptance"), 404, "not_found")
    answer = promoter.post("/promoter/materials", wish, key="m1")
    assert answer.status_code == 201, answer.content.decode()
    made = answer.json()
    assert [row["title"] for row in made["items"]] == ["手绘青瓷盖碗", one.shop.name] and made["missing"] == []
    assert made["items"][0]["short_link"].endswith(made["items"][0]["code"])
    assert promoter.post("/promoter/materials", wish, key="m1").json() == made
    code = made["items"][0]["code"]
    assert promoter.get(f"/promoter/materials/{code}").json()["items"][0] == made["items"][0]
    assert promoter.get(f"/promoter/materials/{code}/image")["Content-Type"] == "image/png"
    with nothing_changes():
        for path in (f"/promoter/materials/{code}", f"/promoter/materials/{code}/image"):
            refused(other.get(path), 404, "link_not_found")
        refused(other.post("/promoter/materials", wish), 409, "rules_not_accepted")
    other.post("/promoter/rules/mini_store/acceptance")
    with nothing_changes():
        refused(other.post("/promoter/materials", wish), 404, "place_not_found")
        refused(promoter.post("/promoter/materials", wish | {"products": ["NOSUCH"]}), 404, "not_found")
        refused(promoter.post("/promoter/materials", wish | {"products": [no] * 21}), 422, "invalid")
        refused(promoter.post("/promoter/materials", {"pid": pid}), 422, "nothing_to_promote")


def test_an_opportunity_is_seen_and_applied_to(promoter, one, no):
    plan = make_matching.plan(one, now=clock.now())
    request = make_matching.request(one, plan, now=clock.now())
    [row] = promoter.get("/promoter/opportunities").json()["items"]
    assert (row["no"], row["shop"], row["best_bps"], row["mine"]) == (request.no, one.shop.name, 2000, None)
    shown = promoter.get(f"/promoter/opportunities/{request.no}").json()
    assert shown["open"] and shown["plan"]["products"][0]["rate_bps"] == 2000
    assert shown["plan"]["products"][0]["public_rate_bps"] == 1200 and shown["plan"]["state"] is None
    applied = promoter.post(f"/promoter/opportunities/{request.no}/application", {"message": "我有群"})
    assert applied.status_code == 201, applied.content.decode()
    assert (applied.json()["state"], applied.json()["message"]) == ("applied", "我有群")
    [mine] = promoter.get("/promoter/targeted-plans").json()["items"]
    assert (mine["no"], mine["state"]) == (plan.no, "applied")
    assert promoter.get(f"/promoter/targeted-plans/{plan.no}").json()["state"] == "applied"
    refused(promoter.get("/promoter/opportunities/NOSUCH"), 404, "not_found")
    refused(promoter.post("/promoter/opportunities/NOSUCH/application", {}), 404, "not_found")


def test_an_invite_link_leads_to_its_plan(promoter, other, shop, one):
    plan = make_matching.plan(one, now=clock.now())
    code = plan.invite_code
    assert promoter.get(f"/promoter/invite-links/{code}").json()["no"] == plan.no
    assert promoter.post(f"/promoter/invite-links/{code}/application", {}).json()["state"] == "applied"
    refused(promoter.get("/promoter/invite-links/NOSUCH"), 404, "not_found")
    refused(promoter.post("/promoter/invite-links/NOSUCH/application", {}), 404, "not_found")
    refused(other.get(f"/promoter/targeted-plans/{plan.no}"), 404, "not_found")
    refused(other.post(f"/promoter/targeted-plans/{plan.no}/answer", {"accept": True}), 404, "not_found")


def test_an_invitation_is_answered(promoter, shop, one):
    plan = make_matching.plan(one, now=clock.now())
    shop.post(f"/merchant/targeted-plans/{plan.no}/invitations", {"promoters": [one.promoter.no]})
    answer = promoter.post(f"/promoter/targeted-plans/{plan.no}/answer", {"accept": True}, key="a1")
    assert (answer.status_code, answer.json()["state"]) == (200, "accepted")
    member = plans_of.member_of(plan_id=plan.plan_id, promoter_id=one.promoter.id)
    assert member is not None and member.state == "accepted"
    assert (
        promoter.post(f"/promoter/targeted-plans/{plan.no}/answer", {"accept": True}, key="a1").json() == answer.json()
    )


def _bought(one):
    now = clock.now()
    make.touch(one, now=now)
    return make.bought(one, pieces=(2,), now=now)


def test_orders_and_what_they_earn(promoter, other, one):
    order = _bought(one)
    [line] = promoter.get("/promoter/orders").json()["items"]
    assert (line["order_no"], line["state"], line["paid_fen"], line["quantity"]) == (order.no, "paid", 20_000, 2)
    assert (line["rate_bps"], line["estimated_fen"], line["commission_fen"]) == (1200, 2400, 2400)
    assert (line["commission_state"], line["claimed_by"]) == ("pending", "material")
    assert promoter.get(f"/promoter/orders/{order.no}").json()["items"] == [line]
    [accrual] = promoter.get("/promoter/accruals?state=open&role=direct").json()["items"]
    assert (accrual["order_no"], accrual["final_fen"], accrual["state"]) == (order.no, 2400, "unreceived")
    for path in (f"/promoter/orders/{order.no}/explain", f"/promoter/accruals/{accrual['no']}/explain"):
        told = promoter.get(path).json()
        receipt = told["items"][0] if "items" in told else told
        assert receipt["holds"] and receipt["sections"]
        for foreign in (other,):
            assert foreign.get(path).status_code == 404
    refused(other.get(f"/promoter/orders/{order.no}"), 404, "not_found")
    refused(promoter.get("/promoter/accruals/A0/explain"), 404, "unknown_number")
    refused(promoter.get("/promoter/accruals/B7/explain"), 404, "unknown_number")
    assert other.get("/promoter/orders").json()["items"] == []


def test_why_not_me(promoter, other, one):
    order = _bought(one)
    told = promoter.get(f"/promoter/why-not?q={order.no}", accept_language="en").json()
    assert told["title"].startswith("Why not me") and told["sections"]
    link = make.link(one, now=clock.now())
    assert promoter.get(f"/promoter/why-not?q={link.code}").json()["no"] == link.code
    refused(other.get(f"/promoter/why-not?q={link.code}"), 404, "unknown_number")
    refused(promoter.get("/promoter/why-not?q=NOSUCH"), 404, "unknown_number")
    refused(promoter.get("/promoter/why-not?q=a%00b"), 404, "unknown_number")
    refused(promoter.get("/promoter/why-not"), 422, "invalid")
