"""The member's own pages at the storefront: centre, addresses, favourites, footprints, points, closing the account."""

from datetime import timedelta

import pytest

from tests.doors.test_storefront import refused
from tests.make import alliance as make
from tests.make import people as make_people
from tests.make import points as make_points
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit import clock
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
HOME = {"name": "王小明", "phone": "138 0013 8000", "region_code": "310115", "detail": "世纪大道 1 号"}


@pytest.fixture
def one(db):
    return make.alliance()


@pytest.fixture
def buyer(caller, one):
    return caller(one.buyer_id)


@pytest.fixture
def product_no(one):
    return catalog.product_facts([one.product_id])[one.product_id].product_no


def switch_off(name: str) -> None:
    settings.change(name=name, value=0, actor=OPERATOR_SHELL, now=clock.now())


def test_the_centre_is_one_call(buyer, caller):
    seen = buyer.get("/member").json()
    assert (seen["growth"], seen["level"]["name"], seen["next_level"]) == (0, "普通会员", None)
    assert (seen["points"]["points"], seen["coupons"], seen["balance_fen"], seen["unread"]) == (0, 0, 0, 0)
    assert set(seen["orders"].values()) == {0}
    assert seen["consent"]["given"] is False
    assert buyer.get("/member", accept_language="en").json()["level"]["name"] == "Member"
    with_phone = caller(make_people.person(phone="13912345678").id)
    assert with_phone.get("/member").json()["phone"] == "139****5678"


def test_what_the_mall_has_off_is_nowhere(buyer):
    switch_off("mall_points")
    switch_off("mall_points_mall")
    assert buyer.get("/member").json()["points"] is None
    for path in ("/points", "/points/history", "/points/goods"):
        refused(buyer.get(path), 409, "function_off")


def test_nobody_sees_anything_without_a_session(stranger):
    for path in ("/member", "/addresses", "/favourites/products", "/footprints", "/points", "/points/history"):
        refused(stranger.get(path), 401, "not_signed_in")


def test_addresses_are_added_changed_and_removed(buyer, caller):
    first = buyer.post("/addresses", HOME, key="a")
    assert first.status_code == 201
    assert buyer.post("/addresses", HOME, key="a").json() == first.json()
    made = first.json()
    assert (made["region"], made["phone"], made["is_default"]) == ("上海市 浦东新区", "13800138000", True)
    second = buyer.post("/addresses", HOME | {"is_default": True}).json()
    assert [one["no"] for one in buyer.get("/addresses").json()["items"]] == [second["no"], made["no"]]
    changed = buyer.call("put", f"/addresses/{made['no']}", HOME | {"detail": "人民大道 2 号", "is_default": True})
    assert (changed.json()["detail"], changed.json()["is_default"]) == ("人民大道 2 号", True)
    other = caller()
    refused(other.call("put", f"/addresses/{made['no']}", HOME), 404, "not_found")
    refused(other.call("delete", f"/addresses/{made['no']}"), 404, "not_found")
    assert buyer.call("delete", f"/addresses/{made['no']}").status_code == 204
    assert [one["is_default"] for one in buyer.get("/addresses").json()["items"]] == [True]


@pytest.mark.parametrize(
    "change", [{"phone": "123"}, {"region_code": "000000"}, {"region_code": "31"}, {"detail": ""}, {"more": 1}]
)
def test_an_address_that_makes_no_sense_is_refused(buyer, change):
    answer = buyer.post("/addresses", HOME | change)
    assert answer.status_code in (404, 409, 422)
    assert rows.query("SELECT count(*) FROM members_address") == [(0,)]


def test_favourites_and_footprints(buyer, one, product_no):
    for _ in range(2):
        assert buyer.call("put", f"/favourites/product/{product_no}").json() == {"marked": True}
    assert buyer.call("put", f"/favourites/shop/{one.shop.no}").json() == {"marked": True}
    seen = buyer.get("/favourites/products").json()
    assert [(p["no"], p["on_sale"], p["shop"]["no"]) for p in seen["items"]] == [(product_no, True, one.shop.no)]
    assert [s["no"] for s in buyer.get("/favourites/shops").json()["items"]] == [one.shop.no]
    assert buyer.call("delete", f"/favourites/product/{product_no}").json() == {"marked": False}
    assert buyer.get("/favourites/products").json() == {"items": [], "next": ""}
    refused(buyer.call("put", "/favourites/product/NOPE"), 404, "not_found")
    assert buyer.call("put", f"/footprints/{product_no}").status_code == 204
    assert [p["no"] for p in buyer.get("/footprints").json()["items"]] == [product_no]
    assert buyer.call("delete", f"/footprints/{product_no}").status_code == 204
    assert buyer.get("/footprints").json()["items"] == []


def test_points_and_their_history_page_by_page(buyer, one):
    now = clock.now()
    for i in range(3):
        worth = make_points.worth(one.shop.id, 1_000 * (i + 1), buyer_id=one.buyer_id, order_no=f"M{i}")
        make_points.earn(worth, now=now)
    assert buyer.get("/points").json() == {"points": 60, "expiring": 0, "expiring_at": None, "owed": 0}
    first = buyer.get("/points/history?limit=2").json()
    rest = buyer.get(f"/points/history?limit=2&before={first['next']}").json()
    assert [m["change"] for m in first["items"] + rest["items"]] == [30, 20, 10]
    assert rest["next"] == ""


def test_goods_for_points_are_seen_by_anybody(buyer, stranger):
    good = make_points.good(now=clock.now() - timedelta(hours=1))
    for who in (buyer, stranger):
        items = who.get("/points/goods").json()["items"]
        assert [(g["no"], g["points"], g["money_fen"], g["left"], g["phase"]) for g in items] == [
            (good.no, 50, 100, 10, "open")
        ]
    assert buyer.get(f"/points/goods/{good.no}").json()["held"] == 0
    refused(buyer.get("/points/goods/NOPE"), 404, "not_found")


def test_consent_is_to_the_words_in_force(buyer):
    refused(buyer.call("put", "/member/consent", {"given": True, "edition": 9}), 409, "consent_edition")
    given = buyer.call("put", "/member/consent", {"given": True, "edition": 1}).json()
    assert (given["given"], given["given_edition"]) == (True, 1)
    assert buyer.call("put", "/member/consent", {"given": False}).json()["given"] is False


def test_an_account_with_points_is_closed_when_they_are_given_up(buyer, one):
    make_points.earn(make_points.worth(one.shop.id, buyer_id=one.buyer_id), now=clock.now())
    buyer.post("/addresses", HOME)
    refused(buyer.post("/member/close", {}), 409, "account_goods_left")
    assert buyer.post("/member/close", {"give_up": True}).status_code == 204
    refused(buyer.get("/member"), 401, "session_over")
    assert rows.query("SELECT count(*) FROM members_address") == [(0,)]
    assert rows.query("SELECT nickname, erased_at IS NOT NULL FROM people_person WHERE id = %s", [one.buyer_id]) == [
        ("", True)
    ]
