"""A shop's software: products, rates seen and published, targeted plans, orders, who sold, prepaid money."""

from datetime import timedelta

import pytest

from tests.doors.openapi.answers import nothing_changes, refused
from tests.make import alliance as make
from tests.make import figures as make_figures
from tests.make import matching as make_matching
from tests.make import plans as make_plans
from tuike.catalog import queries as catalog
from tuike.flows import target_promoters
from tuike.kit import clock
from tuike.parties.types import Source
from tuike.plans import queries as plans_of

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def no(one):
    return catalog.product_facts([one.product_id])[one.product_id].product_no


@pytest.fixture
def beside(one):
    return make.alliance(beside=one)


@pytest.fixture
def other(software, beside):
    return software(beside.shop)


def test_products_say_whether_they_can_be_promoted(shop, other, one, no):
    [row] = shop.get("/merchant/products").json()["items"]
    assert (row["no"], row["price_fen"], row["promotion"], row["state"]) == (no, 10_000, "promotable", "on_sale")
    assert shop.get("/merchant/products?promotion=no").json()["items"] == []
    assert shop.get(f"/merchant/products?category={one.category_id}&price_fen_max=10000").json()["items"]
    shown = shop.get(f"/merchant/products/{no}").json()
    assert (shown["why_not"], shown["rate_bps"], shown["commission_fen"]) == (None, 1200, 1200)
    refused(other.get(f"/merchant/products/{no}"), 404, "not_found")
    refused(shop.get("/merchant/products?category=999999"), 422, "bad_filter")
    refused(shop.get("/merchant/products?why=no_such"), 422, "invalid")


def test_a_category_rate_is_seen_and_published(shop, other, one):
    rows = {row["category_id"]: row for row in shop.get("/merchant/category-rates?sold=true").json()["items"]}
    assert (rows[one.category_id]["own_bps"], rows[one.category_id]["floor_bps"]) == (1200, 500)
    wish = {"rates": [{"category_id": one.category_id, "rate_bps": 1500}]}
    with nothing_changes():
        seen = shop.post("/merchant/category-rates/preview", wish).json()
    assert (seen["outlooks"][0]["before_bps"], seen["outlooks"][0]["after_bps"]) == (1200, 1500)
    assert seen["samples"][0]["usual"][0]["amount_fen"] == 1500
    done = shop.put("/merchant/category-rates", wish, key="c1")
    assert done.status_code == 200 and done.json()["effective_at"] == seen["effective_at"]
    assert shop.put("/merchant/category-rates", wish, key="c1").json() == done.json()
    rows = {row["category_id"]: row for row in shop.get("/merchant/category-rates").json()["items"]}
    assert (rows[one.category_id]["rate_bps"], rows[one.category_id]["coming_rate_bps"]) == (1200, 1500)
    with nothing_changes():
        low = {"rates": [{"category_id": one.category_id, "rate_bps": 400}]}
        refused(shop.put("/merchant/category-rates", low), 422, "not_above_benchmark")
        refused(shop.post("/merchant/category-rates/preview", low), 422, "not_above_benchmark")
        missing = {"rates": [{"category_id": 999_999_999, "rate_bps": 1500}]}
        refused(shop.put("/merchant/category-rates", missing), 404, "not_found")
        twice = {"rates": wish["rates"] * 2}
        refused(shop.put("/merchant/category-rates", twice), 422, "invalid")
    taken = shop.put("/merchant/category-rates", {"rates": [{"category_id": one.category_id, "rate_bps": None}]})
    assert taken.status_code == 200


def test_main_products_are_set_and_removed(shop, other, no):
    wish = {"rates": [{"product_no": no, "rate_bps": 2500}]}
    with nothing_changes():
        seen = shop.post("/merchant/main-products/preview", wish).json()
        assert seen["outlooks"][0]["after_bps"] == 2500
        refused(other.put("/merchant/main-products", wish), 404, "not_found")
        refused(other.post("/merchant/main-products/preview", wish), 404, "not_found")
        low = {"rates": [{"product_no": no, "rate_bps": 1100}]}
        assert shop.put("/merchant/main-products", low).status_code == 422
    assert shop.put("/merchant/main-products", wish).status_code == 200
    [row] = shop.get("/merchant/main-products").json()["items"]
    assert (row["no"], row["rate_bps"], row["coming_bps"], row["state"]) == (no, None, 2500, "coming")
    assert shop.put("/merchant/main-products", {"rates": [{"product_no": no, "rate_bps": None}]}).status_code == 200
    assert shop.get("/merchant/main-products").json()["items"] == []


def test_campaigns_are_read(shop, other, one):
    make_plans.campaign(one.shop.id, now=clock.now())
    [row] = shop.get("/merchant/campaigns").json()["items"]
    assert row["rate_bps"] == 3000 and row["no"]
    assert other.get("/merchant/campaigns").json()["items"] == []


def _wish(no, **changes):
    ends = (clock.now() + timedelta(days=20)).isoformat()
    return {"name": "头部推客", "ends_at": ends, "rates": [{"product_no": no, "rate_bps": 2000}]} | changes


def test_a_targeted_plan_is_seen_made_changed_and_stopped(shop, other, no):
    with nothing_changes():
        seen = shop.post("/merchant/targeted-plans/preview", _wish(no)).json()
        assert (seen["products"][0]["public_fen"], seen["products"][0]["direct_fen"]) == (1200, 2000)
        refused(shop.post("/merchant/targeted-plans", _wish("NOSUCH")), 404, "not_found")
        low = _wish(no, rates=[{"product_no": no, "rate_bps": 1100}])
        refused(shop.post("/merchant/targeted-plans", low), 422, "below_public_rate")
        refused(other.post("/merchant/targeted-plans", _wish(no)), 404, "not_found")
        refused(shop.post("/merchant/targeted-plans", _wish(no, ends_at="soon")), 422, "invalid")
        refused(shop.post("/merchant/targeted-plans", _wish(no, ends_at="9999-12-31T23:59:59-12:00")), 422, "invalid")
        refused(shop.post("/merchant/targeted-plans", _wish(no, ends_at="2030-01-01T00:00:00")), 422, "invalid")
    made = shop.post("/merchant/targeted-plans", _wish(no))
    assert made.status_code == 201, made.content.decode()
    plan = made.json()
    assert (plan["phase"], plan["products"][0]["rate_bps"]) == ("running", 2000)
    [row] = shop.get("/merchant/targeted-plans").json()["items"]
    assert (row["no"], row["best_bps"], row["accepted"]) == (plan["no"], 2000, 0)
    path = f"/merchant/targeted-plans/{plan['no']}"
    assert shop.get(path).json()["invite_link"] == plan["invite_link"]
    change = {"name": "新名", "ends_at": plan["ends_at"], "rates": [{"product_no": no, "rate_bps": 2200}]}
    with nothing_changes():
        assert shop.post(f"{path}/preview", change).json()["products"][0]["bps"] == 2200
        for method, end in (("GET", ""), ("PUT", ""), ("POST", "/preview"), ("POST", "/stop"), ("GET", "/promoters")):
            refused(other.call(method, f"{path}{end}", change if method != "GET" else None), 404, "not_found")
    changed = shop.put(path, change).json()
    assert (changed["name"], changed["products"][0]["rate_bps"], changed["products"][0]["next_rate_bps"]) == (
        "新名", 2000, 2200,
    )  # fmt: skip
    assert shop.post(f"{path}/stop").json()["phase"] == "stopping"


def test_promoters_come_into_a_plan_and_out_of_it(shop, other, one, no):
    plan = make_matching.plan(one, now=clock.now())
    path = f"/merchant/targeted-plans/{plan.no}"
    target_promoters.apply_by_code(
        code=plan.invite_code, message="我来", by=make_matching.by(one.promoter.id, clock.now())
    )
    who = {"promoters": [one.promoter.no], "accept": True}
    with nothing_changes():
        refused(other.post(f"{path}/decisions", who), 404, "not_found")
        refused(other.post(f"{path}/invitations", {"promoters": [one.recruiter.no]}), 404, "not_found")
        refused(shop.post(f"{path}/decisions", {"promoters": ["NOSUCH"], "accept": True}), 404, "not_found")
        refused(shop.post(f"{path}/decisions", {"promoters": [one.shop.no], "accept": True}), 404, "not_found")
        refused(shop.post(f"{path}/decisions", {"promoters": [], "accept": True}), 422, "invalid")
    assert shop.post(f"{path}/decisions", who).status_code == 200
    assert shop.post(f"{path}/invitations", {"promoters": [one.recruiter.no], "message": "来"}).status_code == 201
    members = {row["no"]: row["state"] for row in shop.get(f"{path}/promoters").json()["items"]}
    assert members == {one.promoter.no: "accepted", one.recruiter.no: "invited"}
    removal = {"promoter": one.promoter.no, "reason": "不合适"}
    with nothing_changes():
        refused(other.post(f"{path}/removals", removal), 404, "not_found")
    assert shop.post(f"{path}/removals", removal).status_code == 200
    member = plans_of.member_of(plan_id=plan.plan_id, promoter_id=one.promoter.id)
    assert member is not None and member.state == "removed"


def test_orders_and_what_they_cost(shop, other, one):
    now = clock.now()
    make.touch(one, now=now)
    order = make.bought(one, pieces=(1, 2), now=now)
    [row] = shop.get("/merchant/orders").json()["items"]
    assert (row["no"], row["payable_fen"], row["state"]) == (order.no, 30_000, "paid")
    shown = shop.get(f"/merchant/orders/{order.no}").json()
    assert [line["paid_fen"] for line in shown["lines"]] == [10_000, 20_000] and shown["source"] == "mini_store"
    lines = shop.get("/merchant/promoted-lines").json()["items"]
    assert [line["direct_fen"] for line in lines] == [2400, 1200] or [line["direct_fen"] for line in lines] == [
        1200,
        2400,
    ]
    assert sum(line["commission_fen"] for line in lines) == row["commission_fen"]
    assert {line["promoter_no"] for line in lines} == {one.promoter.no}
    assert shop.get(f"/merchant/orders/{order.no}/explain").json()["holds"]
    for path in (f"/merchant/orders/{order.no}", f"/merchant/orders/{order.no}/explain"):
        refused(other.get(path), 404, "not_found")
    assert other.get("/merchant/promoted-lines").json()["items"] == []


def test_promoters_who_sold(shop, other, one):
    now = clock.now()
    make.touch(one, now=now)
    make.bought(one, now=now)
    make_figures.counted(now=clock.now())
    [row] = shop.get("/merchant/promoters?span=7").json()["items"]
    assert (row["no"], row["orders"], row["paid_fen"], row["state"]) == (one.promoter.no, 1, 10_000, "working")
    assert other.get("/merchant/promoters").json()["items"] == []
    refused(shop.get("/merchant/promoters?span=8"), 422, "invalid")


def test_prepaid_money_is_an_external_shops(shop, software):
    refused(shop.get("/merchant/prepaid"), 404, "not_found")
    external = make.alliance(source=Source.MINI_PROGRAM)
    make.topped_up(external, 50_000, now=clock.now())
    shown = software(external.shop).get("/merchant/prepaid").json()
    assert (shown["balance_fen"], shown["top_ups"][0]["amount_fen"]) == (50_000, 50_000)
