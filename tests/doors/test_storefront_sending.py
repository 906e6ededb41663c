"""Regions, carriers and parcels at the storefront's door."""

import json
from datetime import timedelta

import pytest

from tests.doors.test_storefront import nothing_changes, refused
from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.db import rows
from tuike.kit import clock

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def one(db):
    return make.alliance(price_fen=3_330)


@pytest.fixture
def buyer(caller, one):
    return caller(one.buyer_id)


@pytest.fixture
def seller(caller, one):
    return caller(make_parties.super_admin_of(one.shop).person_id)


@pytest.fixture
def order(one):
    """Return a paid order of two lines of the same goods: three pieces and one."""
    now = clock.now()
    return make.pay(make.placed(one, now=now, pieces=(3, 1)), now=now)


def test_regions_are_kept_by_the_caller(stranger):
    answer = stranger.get("/regions")
    assert answer.status_code == 200 and answer["Cache-Control"] == "public, max-age=86400"
    items = json.loads(answer.content)["items"]
    beijing = items[0]
    assert beijing[:2] == ["110000", "北京市"] and beijing[2][0][:2] == ["110100", "北京市"]
    assert beijing[2][0][2][0] == ["110101", "东城区"]
    assert ["441900", "东莞市", [["441900", "东莞市"]]] in next(one for one in items if one[0] == "440000")[2]
    kept = stranger.get("/regions", If_None_Match=answer["ETag"])
    assert (kept.status_code, kept.content) == (304, b"")
    assert stranger.get("/regions", If_None_Match='"other"').status_code == 200


def test_carriers_have_names_in_both_languages(stranger):
    zh = stranger.get("/carriers").json()["items"][0]
    en = stranger.get("/carriers", Accept_Language="en").json()["items"][0]
    assert (zh["code"], zh["name"], en["name"]) == ("SF", "顺丰速运", "SF Express")


def test_an_order_is_followed_parcel_by_parcel(buyer, seller, order, caller):
    path = f"/merchant/orders/{order.no}/shipments"
    two = {"carrier": "顺丰", "tracking_no": "SF1234567890123", "pieces": [{"line_no": 1, "quantity": 2}]}
    assert seller.post(path, two, key="one").status_code == 201
    assert seller.post(path, two, key="one").status_code == 201
    shown = buyer.get(f"/orders/{order.no}/parcels").json()
    assert (shown["state"], shown["left"], shown["receive_by"]) == ("shipped", 2, None)
    [parcel] = shown["items"]
    assert (parcel["no"], parcel["carrier"], parcel["carrier_code"]) == (1, "顺丰速运", "SF")
    assert [(line["line_no"], line["quantity"]) for line in parcel["lines"]] == [(1, 2)]
    with nothing_changes():
        refused(buyer.post(f"/orders/{order.no}/receipt-extension"), 409, "order_state")
        again = two | {"tracking_no": "SF2"}
        refused(seller.post(path, again), 409, "more_than_left")
        refused(seller.post(path, again | {"pieces": [{"line_no": 9, "quantity": 1}]}), 409, "more_than_left")
        refused(seller.post(path, again | {"pieces": two["pieces"] * 2}), 422, "invalid")
        refused(seller.post(path, again | {"pieces": []}), 422, "invalid")
    assert seller.post(path, {"carrier": "某某快递", "tracking_no": "9"}).status_code == 201
    shown = buyer.get(f"/orders/{order.no}/parcels").json()
    assert shown["left"] == 0 and shown["receive_by"] is not None
    assert (shown["items"][1]["carrier"], shown["items"][1]["carrier_code"]) == ("某某快递", "")
    assert [(line["line_no"], line["quantity"]) for line in shown["items"][1]["lines"]] == [(1, 1), (2, 1)]
    detail = buyer.get(f"/orders/{order.no}").json()
    assert [one["pieces"] for one in detail["parcels"]] == [
        [{"line_no": 1, "quantity": 2}],
        [{"line_no": 1, "quantity": 1}, {"line_no": 2, "quantity": 1}],
    ]
    refused(caller().get(f"/orders/{order.no}/parcels"), 404, "not_found")
    told = rows.query(
        "SELECT kind FROM messages_personal WHERE person_id = %s AND object = %s", [order.buyer_id, order.no]
    )
    assert [kind for (kind,) in told if kind == "order_shipped"] == ["order_shipped"] * 2


def test_a_parcels_number_is_corrected_for_a_day(buyer, seller, order):
    path = f"/merchant/orders/{order.no}/shipments"
    assert seller.post(path, {"carrier": "SF", "tracking_no": "SF1"}).status_code == 201
    wanted = {"carrier": "中通", "tracking_no": "75312345678901"}
    assert seller.call("put", f"{path}/1", wanted).status_code == 200
    [parcel] = buyer.get(f"/orders/{order.no}/parcels").json()["items"]
    assert (parcel["carrier_code"], parcel["tracking_no"]) == ("ZTO", "75312345678901")
    rows.run("UPDATE orders_shipment SET shipped_at = shipped_at - %s", [timedelta(hours=25)])
    with nothing_changes():
        refused(seller.call("put", f"{path}/1", {"carrier": "SF", "tracking_no": "1"}), 409, "parcel_too_old")
        refused(seller.call("put", f"{path}/2", wanted), 404, "not_found")


def test_a_shop_says_that_no_more_comes_and_that_it_arrived(buyer, seller, order):
    base = f"/merchant/orders/{order.no}"
    with nothing_changes():
        refused(seller.post(f"{base}/shipping-end"), 409, "order_state")
    piece = {"carrier": "SF", "tracking_no": "SF1", "pieces": [{"line_no": 2, "quantity": 1}]}
    assert seller.post(f"{base}/shipments", piece).status_code == 201
    assert seller.post(f"{base}/shipping-end").json()["receive_by"] is not None
    proof = {"proof": "驿站代收 12-3", "picture": "/media/proofs/a.jpg"}
    with nothing_changes():
        refused(seller.post(f"{base}/receipt", proof | {"picture": "https://else.where/a.jpg"}), 422, "invalid")
    assert seller.post(f"{base}/receipt", proof).json()["state"] == "completed"
    shown = buyer.get(f"/orders/{order.no}/parcels").json()["proof"]
    assert shown == {"text": "驿站代收 12-3", "picture": "/media/proofs/a.jpg"}
