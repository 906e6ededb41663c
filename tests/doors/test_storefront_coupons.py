"""Coupons at the storefront: seen with a ticket, taken, quoted, used; and what is refused changes nothing."""

import pytest

from tests.doors.test_storefront import nothing_changes, refused
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import marketing as coupons
from tuike.catalog import queries as catalog
from tuike.kit import clock

pytestmark = pytest.mark.usefixtures("db")
MARK = "visitor0123456789"


@pytest.fixture
def one(db):
    return make.alliance(price_fen=5_990)


@pytest.fixture
def product_no(one):
    return catalog.product_facts([one.product_id])[one.product_id].product_no


@pytest.fixture
def coupon(one):
    now = clock.now()
    week = {"starts_at": now, "ends_at": now + make.timedelta(days=7)}
    return coupons.coupon(one.shop.id, coupons.new(**week), now=now)


@pytest.fixture
def buyer(caller, one):
    return caller(one.buyer_id)


def touched(one) -> None:
    make.touch(one, now=clock.now())


def placed(buyer, one, *vouchers: str):
    items = [{"sku_id": make_catalog.sku_of(one.product_id), "quantity": 1}]
    return buyer.post("/orders", {"items": items, "vouchers": list(vouchers)})


def test_from_seeing_to_paying_less(buyer, one, product_no, coupon):
    assert buyer.get(f"/products/{product_no}/coupons").json() == {"items": []}
    touched(one)
    seen = buyer.get(f"/products/{product_no}/coupons").json()["items"]
    assert [(c["no"], c["kind"], c["minus_fen"], c["left"], c["held"]) for c in seen] == [
        (coupon.no, "threshold", 500, 10, 0)
    ]
    first = buyer.post(f"/coupons/{coupon.no}/vouchers", key="t")
    assert first.status_code == 201
    assert buyer.post(f"/coupons/{coupon.no}/vouchers", key="t").json() == first.json()
    voucher = first.json()
    assert (voucher["state"], voucher["shop"]["no"]) == ("good", one.shop.no)
    sku = make_catalog.sku_of(one.product_id)
    buyer.call("put", f"/cart/{sku}", {"quantity": 2})
    offers = buyer.get("/vouchers/offers").json()["items"]
    assert [(o["voucher"]["no"], o["minus_fen"], o["code"]) for o in offers] == [(voucher["no"], 500, "")]
    assert buyer.get(f"/vouchers/offers?sku_id={sku + 1}").json() == {"items": []}
    order = placed(buyer, one, voucher["no"])
    assert order.status_code == 201 and order.json()["payable_fen"] == 5_490
    assert [v["state"] for v in buyer.get("/vouchers").json()["items"]] == ["used"]
    assert buyer.get(f"/vouchers?before={voucher['no']}").json() == {"items": [], "next": ""}


def test_a_visitor_sees_what_a_ticket_shows(stranger, one, product_no, coupon):
    link = make.link(one, now=clock.now())
    assert stranger.get(f"/products/{product_no}/coupons", Tuike_Visitor=MARK).json() == {"items": []}
    stranger.post("/touches", {"ticket": link.ticket}, Tuike_Visitor=MARK)
    seen = stranger.get(f"/products/{product_no}/coupons", Tuike_Visitor=MARK).json()["items"]
    assert [c["no"] for c in seen] == [coupon.no]


def test_what_is_refused_changes_nothing(caller, buyer, one, coupon):
    touched(one)
    voucher = buyer.post(f"/coupons/{coupon.no}/vouchers").json()["no"]
    other = caller()
    with nothing_changes():
        refused(buyer.post(f"/coupons/{coupon.no}/vouchers"), 409, "coupon_limit")
        refused(other.post(f"/coupons/{coupon.no}/vouchers"), 404, "not_found")
        refused(buyer.post("/coupons/K0/vouchers"), 404, "not_found")
        refused(placed(other, one, voucher), 404, "not_found")
        refused(placed(buyer, one, "V0"), 404, "not_found")
        refused(placed(buyer, one, voucher, voucher), 409, "one_voucher_a_shop")
        refused(other.get(f"/vouchers?before={voucher}"), 404, "not_found")
        refused(placed(buyer, one, "V-1"), 422, "invalid")
    message = buyer.post(f"/coupons/{coupon.no}/vouchers", accept_language="en").json()["message"]
    assert message == "Each person may take 1 of these coupons."


def test_an_order_without_a_ticket_takes_no_coupon(buyer, one, coupon):
    touched(one)
    voucher = buyer.post(f"/coupons/{coupon.no}/vouchers").json()["no"]
    other = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, price_fen=9_900)
    items = [{"sku_id": make_catalog.sku_of(other), "quantity": 1}]
    with nothing_changes():
        refused(buyer.post("/orders", {"items": items, "vouchers": [voucher]}), 409, "coupon_needs_ticket")
