"""A checkout at the storefront: looked at, placed as it was seen, paid by the balance; the cart, the coupon centre."""

from unittest import mock

import psycopg
import pytest

from tests.doors.test_storefront import nothing_changes, refused
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import freight as make_freight
from tests.make import mall, points
from tests.make import marketing as coupons
from tuike.audit.types import SYSTEM
from tuike.db import rows
from tuike.kit import clock
from tuike.marketing import queries as marketing
from tuike.marketing.types import CouponChannel
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def one(db):
    return make.alliance(price_fen=5_990)


@pytest.fixture
def sku(one) -> int:
    return make_catalog.sku_of(one.product_id)


@pytest.fixture
def buyer(caller, one):
    for function in (MallFunction.POINTS, MallFunction.COUPONS):
        parties.switch_function(merchant_id=one.shop.id, function=function, on=True, actor=SYSTEM, now=clock.now())
    return caller(one.buyer_id)


def offered(shop_id: int | None, minus_fen: int = 500, **changes):
    now = clock.now()
    facts = {"starts_at": now, "ends_at": now + make.timedelta(days=7), "channel": CouponChannel.EVERYONE} | changes
    return coupons.coupon(shop_id, coupons.fixed(minus_fen, **facts), now=now)  # type: ignore[arg-type]


def test_what_is_seen_is_placed(buyer, one, sku):
    for made in (offered(one.shop.id), offered(None, 300)):
        assert buyer.post(f"/coupons/{made.no}/vouchers").status_code == 201
    points.earn(points.worth(one.shop.id, 10_000, buyer_id=one.buyer_id), now=clock.now())
    items = [{"sku_id": sku, "quantity": 1}]
    buyer.call("put", f"/cart/{sku}", {"quantity": 1})
    seen = buyer.post("/checkouts/preview", {"items": items}).json()
    line = seen["shops"][0]["lines"][0]
    assert [(d["kind"], d["amount_fen"], d["funded_by"]) for d in line["discounts"]] == [
        ("coupon", 500, "merchant"),
        ("coupon", 300, "platform"),
        ("points", 100, "merchant"),
    ]
    assert line["paid_fen"] == seen["expected_fen"] == seen["to_pay_fen"] == 5_090
    assert (seen["points"]["used"], len(seen["offers"]), line["price_changed"]) == (100, 2, False)
    wanted = {"items": items, "vouchers": seen["chosen"], "points": seen["points"]["used"]}
    with nothing_changes():
        other = buyer.post("/orders", wanted | {"expected_fen": 5_089})
    assert (other.status_code, other.json()["code"]) == (409, "price_changed")
    assert other.json()["preview"]["expected_fen"] == 5_090
    placed = buyer.post("/orders", wanted | {"expected_fen": seen["expected_fen"]}).json()
    assert (placed["payable_fen"], placed["to_pay_fen"]) == (5_090, 5_090)
    assert {one["state"] for one in buyer.get("/vouchers?state=used").json()["items"]} == {"used"}
    assert buyer.get("/vouchers?state=good").json()["items"] == []


def test_a_balance_pays_the_whole(buyer, one, sku):
    mall.rich(one.buyer_id, 6_000, now=clock.now())
    items = [{"sku_id": sku, "quantity": 1}]
    seen = buyer.post("/checkouts/preview", {"items": items, "use_balance": True}).json()
    assert (seen["has_balance_fen"], seen["balance_fen"], seen["to_pay_fen"]) == (6_000, 5_990, 0)
    placed = buyer.post("/orders", {"items": items, "use_balance": True, "expected_fen": 5_990}).json()
    stands = buyer.get(f"/checkouts/{placed['checkout_no']}").json()
    assert (stands["state"], stands["balance_fen"], stands["to_pay_fen"]) == ("paid", 5_990, 0)
    assert marketing.balance_of(one.buyer_id) == 10


def test_a_price_that_changed_since_is_shown_in_cart_and_checkout(buyer, sku):
    buyer.call("put", f"/cart/{sku}", {"quantity": 2})
    rows.run("UPDATE catalog_sku SET price_fen = 6990 WHERE id = %s", [sku])
    item = buyer.get("/cart").json()["items"][0]
    assert (item["price_fen"], item["cart_price_fen"], item["price_changed"]) == (6_990, 5_990, True)
    seen = buyer.post("/checkouts/preview", {"items": [{"sku_id": sku, "quantity": 2}]}).json()
    assert seen["shops"][0]["lines"][0]["price_changed"]
    rows.run("UPDATE catalog_sku SET free = 1 WHERE id = %s", [sku])
    assert buyer.get("/cart").json()["items"][0]["invalid"] == "sold_out"
    seen = buyer.post("/checkouts/preview", {"items": [{"sku_id": sku, "quantity": 2}]}).json()
    assert (seen["shops"], [one["code"] for one in seen["unbuyable"]]) == ([], ["sold_out"])


def test_the_cart_is_changed_by_many_at_once_and_grouped_by_shop(buyer, one, sku):
    other = make_catalog.sku()
    both = {"items": [{"sku_id": sku, "quantity": 2}, {"sku_id": other, "quantity": 1}]}
    cart = buyer.call("put", "/cart", both).json()
    assert {item["sku_id"]: item["quantity"] for item in cart["items"]} == {sku: 2, other: 1}
    assert sorted(shop["sku_ids"] for shop in cart["shops"]) == sorted([[sku], [other]])
    with nothing_changes():
        missing = {"items": [{"sku_id": sku, "quantity": 9}, {"sku_id": 999_999_999, "quantity": 1}]}
        refused(buyer.call("put", "/cart", missing), 404, "not_found")
        twice = {"items": [{"sku_id": sku, "quantity": 1}, {"sku_id": sku, "quantity": 2}]}
        refused(buyer.call("put", "/cart", twice), 422, "invalid")
    cart = buyer.call("put", "/cart", {"items": [{"sku_id": sku, "quantity": 0}]}).json()
    assert [item["sku_id"] for item in cart["items"]] == [other]


def test_the_coupon_centre(buyer, stranger, one):
    now = clock.now()
    mine, platform = offered(one.shop.id), offered(None)
    soon = offered(one.shop.id, starts_at=now + make.timedelta(days=6))
    coupons.coupon(one.shop.id, coupons.new(starts_at=now, ends_at=now + make.timedelta(days=7)), now=now)
    offered(one.shop.id, starts_at=now + make.timedelta(days=8), ends_at=now + make.timedelta(days=9))
    seen = stranger.get("/coupons").json()["items"]
    assert [(c["no"], c["phase"], c["shop"] and c["shop"]["no"]) for c in seen] == [
        (soon.no, "coming", one.shop.no),
        (platform.no, "open", None),
        (mine.no, "open", one.shop.no),
    ]
    assert [c["no"] for c in stranger.get(f"/coupons?shop={one.shop.no}&limit=1").json()["items"]] == [soon.no]
    refused(stranger.get("/coupons?shop=NOSUCH"), 404, "not_found")
    assert buyer.post(f"/coupons/{platform.no}/vouchers").json()["shop"] is None
    assert [c["held"] for c in buyer.get("/coupons").json()["items"]] == [0, 1, 0]
    with nothing_changes():
        refused(buyer.post(f"/coupons/{soon.no}/vouchers"), 409, "coupon_not_open")


def test_a_shop_that_has_coupons_off_has_none(buyer, stranger, one):
    mine = offered(one.shop.id)
    parties.switch_function(
        merchant_id=one.shop.id, function=MallFunction.COUPONS, on=False, actor=SYSTEM, now=clock.now()
    )
    assert stranger.get("/coupons").json()["items"] == []
    with nothing_changes():
        refused(buyer.post(f"/coupons/{mine.no}/vouchers"), 409, "function_off")


def test_what_isnt_ones_own_is_not_found(buyer, caller, sku):
    with nothing_changes():
        for extra in ({"bargain": "B0"}, {"points_good": "J0"}, {"address_no": "A0"}):
            body = {"items": [{"sku_id": sku, "quantity": 1}]} | extra
            refused(buyer.post("/orders", body), 404, "not_found")
            refused(buyer.post("/checkouts/preview", body), 404, "not_found")
        refused(buyer.post("/checkouts/preview", {"items": []}), 422, "invalid")


def test_twenty_lines_of_five_shops_take_few_round_trips(buyer, one):
    now = clock.now()
    shops = [one, *(make.alliance(beside=one) for _ in range(4))]
    items = []
    for shop in shops:
        for function in (MallFunction.POINTS, MallFunction.COUPONS):
            parties.switch_function(merchant_id=shop.shop.id, function=function, on=True, actor=SYSTEM, now=now)
        make_freight.template(shop.shop.id)
        for minus in (100, 200):
            coupons.voucher(offered(shop.shop.id, minus), one.buyer_id, now=clock.now())
        for _ in range(4):
            product = make_catalog.product(merchant_id=shop.shop.id, category_id=one.category_id, price_fen=5_000)
            items.append({"sku_id": make_catalog.sku_of(product), "quantity": 1})
    coupons.voucher(offered(None), one.buyer_id, now=clock.now())
    points.earn(points.worth(one.shop.id, 1_000_000, buyer_id=one.buyer_id), now=now)
    asked = mock.Mock()
    wait = psycopg.Connection.wait

    def counted(self, *args, **kwargs):
        asked()
        return wait(self, *args, **kwargs)

    body = {"items": items, "use_balance": True, "region_code": "310115"}
    with mock.patch.object(psycopg.Connection, "wait", counted):
        seen = buyer.post("/checkouts/preview", body).json()
    assert sum(len(shop["lines"]) for shop in seen["shops"]) == 20
    assert seen["discount_fen"] == sum(one["amount_fen"] for one in seen["discounts"]) > 5 * 200 + 500
    assert asked.call_count <= 20, asked.call_count
