"""A shop's software reports orders: kept as a whole or not at all, worked off, and what became of each is shown."""

import json
from datetime import timedelta

import pytest

from tests import books
from tests.doors.openapi.answers import nothing_changes, refused
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make.alliance import NOON
from tuike.apps.types import Scope
from tuike.db import rows
from tuike.flows.take_reports import take_reports
from tuike.kit import clock
from tuike.parties.types import Source

pytestmark = pytest.mark.usefixtures("db")
REPORTS = "/merchant/reports"
AT = "2026-03-02T14:00:00+08:00"
PAID = "2026-03-02T14:01:00+08:00"


@pytest.fixture
def one(db):
    return make.alliance(source=Source.MINI_PROGRAM, price_fen=10_000)


@pytest.fixture
def sku(one):
    return make_catalog.sku_of(one.product_id)


@pytest.fixture
def said(sku):
    """Return `said(no, **more)`: an order of one piece."""

    def made(no, **more):
        line = {"sku_id": sku, "quantity": 1, "price_fen": 10_000}
        return {"external_no": no, "placed_at": AT, "lines": [line]} | more

    return made


def worked():
    done = take_reports(now=clock.now())
    books.check()
    return done


def test_reported_worked_off_and_shown(shop, one, said):
    ticket = make.link(one, now=NOON).ticket
    answer = shop.post(REPORTS, {"orders": [said("A 1", paid_at=PAID, link=ticket), said("B")]})
    assert answer.status_code == 202, answer.content
    kept = answer.json()
    assert (kept["reports"], kept["fresh"]) == (2, 2)
    shown = shop.get(f"{REPORTS}/{kept['no']}").json()
    assert (shown["waiting"], shown["done"], shown["refused"], shown["items"]) == (2, 0, 0, [])
    assert shop.get("/merchant/reported-order?external_no=A%201").json()["order_no"] is None
    assert worked() == {"done": 2, "refused": 0}
    assert shop.get(f"{REPORTS}/{kept['no']}").json()["done"] == 2
    order = shop.get("/merchant/reported-order?external_no=A%201").json()
    assert (order["state"], order["paid_fen"], order["refunded_fen"]) == ("paid", 10_000, 0)
    assert [(one["state"], one["batch_no"]) for one in order["reports"]] == [("done", kept["no"])]
    assert shop.get(f"/merchant/orders/{order['order_no']}").json()["external_no"] == "A 1"
    # 12 % of ¥100.00 for the promoter of the link, 5 % for the recruiter: they wait for prepaid money.
    assert rows.query("SELECT role, amount_fen, state FROM commission_accrual ORDER BY 1") == [
        ("direct", 1_200, "waiting"),
        ("tier2", 500, "waiting"),
    ]


def test_the_key_is_the_batch(shop, said):
    first = shop.post(REPORTS, {"orders": [said("A")]}, key="one")
    assert shop.post(REPORTS, {"orders": [said("A")]}, key="one").json() == first.json()
    with nothing_changes():
        refused(shop.post(REPORTS, {"orders": [said("B")]}, key="one"), 422, "idempotency_key_reused")
    assert shop.post(REPORTS, {"orders": [said("A")]}, key="two").json()["fresh"] == 0
    assert rows.query("SELECT count(*) FROM inbox_report") == [(1,)]


def test_refused_ones_are_listed_with_their_reasons(shop, software, said, one):
    bad = said("BAD", lines=[{"item": "nobody's", "quantity": 1, "price_fen": 1}])
    kept = shop.post(REPORTS, {"orders": [said("A"), bad]}).json()
    assert worked() == {"done": 1, "refused": 1}
    shown = shop.get(f"{REPORTS}/{kept['no']}", accept_language="en").json()
    [item] = shown["items"]
    assert (item["external_no"], item["place"], item["code"]) == ("BAD", 1, "reported_goods_unknown")
    assert "nobody's" in item["detail"] and item["details"]["item"] == "nobody's"
    [row] = shop.get(f"{REPORTS}?state=refused").json()["items"]
    assert (row["external_no"], row["code"], row["batch_no"]) == ("BAD", "reported_goods_unknown", kept["no"])
    assert [row["external_no"] for row in shop.get(REPORTS).json()["items"]] == ["BAD", "A"]
    other = software(make.alliance(source=Source.MINI_PROGRAM, beside=one).shop)
    refused(other.get(f"{REPORTS}/{kept['no']}"), 404, "not_found")
    refused(other.get("/merchant/reported-order?external_no=A"), 404, "not_found")
    assert other.get(REPORTS).json()["items"] == []


LINE = {"item": "x", "quantity": 1, "price_fen": 1}
WRONG = [
    ({"external_no": ""}, "/orders/1/external_no"),
    ({"external_no": "a" * 65}, "/orders/1/external_no"),
    ({"external_no": "a\0"}, "/orders/1/external_no"),
    ({"external_no": 7}, "/orders/1/external_no"),
    ({"external_no": None}, "/orders/1/external_no"),
    ({"placed_at": 1_767_000_000}, "/orders/1/placed_at"),
    ({"placed_at": "1767000000"}, "/orders/1/placed_at"),
    ({"placed_at": "2026-03-02T14:00:00"}, "/orders/1/placed_at"),
    ({"placed_at": "1999-03-02T14:00:00Z"}, "/orders/1/placed_at"),
    ({"placed_at": "2026-13-02T14:00:00Z"}, "/orders/1/placed_at"),
    ({"paid_at": "2099-03-02T14:00:00Z"}, "/orders/1/paid_at"),
    ({"lines": []}, "/orders/1/lines"),
    ({"lines": [LINE] * 2_001}, "/orders/1/lines"),
    ({"lines": [LINE, {**LINE, "quantity": 0}]}, "/orders/1/lines/1/quantity"),
    ({"lines": [{**LINE, "quantity": "1"}]}, "/orders/1/lines/0/quantity"),
    ({"lines": [{**LINE, "quantity": True}]}, "/orders/1/lines/0/quantity"),
    ({"lines": [{**LINE, "quantity": 1.0}]}, "/orders/1/lines/0/quantity"),
    ({"lines": [{**LINE, "price_fen": -1}]}, "/orders/1/lines/0/price_fen"),
    ({"lines": [{**LINE, "price_fen": 10**30}]}, "/orders/1/lines/0/price_fen"),
    ({"lines": [{**LINE, "more": 1}]}, "/orders/1/lines/0/more"),
    ({"lines": [{**LINE, "sku_id": 1}]}, "/orders/1/lines/0"),
    ({"lines": [{"quantity": 1, "price_fen": 1}]}, "/orders/1/lines/0"),
    ({"lines": [{"sku_id": 2**63, "quantity": 1, "price_fen": 1}]}, "/orders/1/lines/0/sku_id"),
    ({"lines": [{**LINE, "discounts": [{"kind": "c", "amount_fen": 0}]}]}, "/orders/1/lines/0/discounts/0/amount_fen"),
    ({"refunds": [{"line_no": -1}]}, "/orders/1/refunds/0/line_no"),
    ({"refunds": [{"line_no": 1, "amount_fen": "1"}]}, "/orders/1/refunds/0/amount_fen"),
    ({"cancelled": "yes"}, "/orders/1/cancelled"),
    ({"openid": "x" * 65}, "/orders/1/openid"),
    ({"link": "a\x07"}, "/orders/1/link"),
    ({"buyer_id": 1}, "/orders/1/buyer_id"),
    ({"lines": {}}, "/orders/1/lines"),
]


@pytest.mark.parametrize(("more", "pointer"), WRONG)
def test_what_is_wrong_anywhere_keeps_nothing_and_is_pointed_at(shop, said, more, pointer):
    with nothing_changes():
        shown = refused(shop.post(REPORTS, {"orders": [said("A"), said("B") | more]}), 422, "invalid")
    assert pointer in {error["pointer"] for error in shown["errors"]}, shown["errors"]
    assert all(error["in"] == "body" for error in shown["errors"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 422, "invalid"),
        (b"[]", 400, "malformed"),
        (b"null", 400, "malformed"),
        (b'{"orders": [' + b"[" * 100_000, 400, "malformed"),
        (b'{"orders": []}', 422, "invalid"),
        (b'{"orders": "x"}', 422, "invalid"),
        (b'{"orders": [], "orders": []}', 400, "malformed"),
        (b'{"orders": NaN}', 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (json.dumps({"orders": [{}] * 1_001}).encode(), 422, "invalid"),
        (b'{"orders": [{"external_no": "\\ud800"}]}', 422, "invalid"),
    ],
)
def test_bodies_that_are_no_reports(shop, client, body, status, code):
    headers = {"authorization": f"Bearer {shop.token}", "idempotency-key": "k"}
    with nothing_changes():
        answer = client.generic("POST", f"/api/v1{REPORTS}", body, content_type="application/json", headers=headers)
        refused(answer, status, code)


def test_eight_megabytes_and_no_more(shop, client, said):
    lines = [{"item": "x" * 64, "quantity": 1, "price_fen": 1}] * 1_500
    whole = json.dumps({"orders": [said(f"N{n}", lines=lines) for n in range(40)]}).encode()
    headers = {"authorization": f"Bearer {shop.token}", "idempotency-key": "k"}

    def sent(body):
        return client.generic("POST", f"/api/v1{REPORTS}", body, content_type="application/json", headers=headers)

    assert 5 * 2**20 < len(whole) < 8 * 2**20
    assert sent(whole).status_code == 202
    with nothing_changes():
        refused(sent(b" " * (8 * 2**20 + 1)), 413, "too_large")


def test_who_may_report(software, one, said):
    body = {"orders": [said("A")]}
    mall = make.alliance(beside=one)
    for caller, status, code in (
        (software(one.promoter), 403, "wrong_party"),
        (software(one.shop, Scope.ORDERS_READ), 403, "scope_missing"),
        (software(mall.shop), 409, "not_an_external_shop"),
    ):
        with nothing_changes():
            answer = caller.post(REPORTS, body)
        assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert software(one.shop, Scope.ORDERS_REPORT).post(REPORTS, body).status_code == 202


def test_an_instant_a_little_ahead_is_a_clock_a_lot_is_a_mistake(shop, said):
    soon, late = (clock.now() + timedelta(minutes=minutes) for minutes in (9, 12))
    assert shop.post(REPORTS, {"orders": [said("A", placed_at=soon.isoformat())]}).status_code == 202
    shown = refused(shop.post(REPORTS, {"orders": [said("B", placed_at=late.isoformat())]}), 422, "invalid")
    assert shown["errors"][0]["pointer"] == "/orders/0/placed_at"
