"""The storefront's endpoints: what they answer, what they refuse, and that a refusal changes nothing."""

import contextlib
import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import OperationalError, connection

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.flows import outside, place_order
from tuike.gateways.types import Unreachable
from tuike.kit import clock
from tuike.parties import service as parties
from tuike.parties.types import Role, Source
from tuike.people import service as people
from tuike.people.types import PRIVACY_EDITION

pytestmark = pytest.mark.usefixtures("db")
AGREED = {"consent": PRIVACY_EDITION}
UNTOUCHED = ("procrastinate_", "django_", "people_session")


@contextlib.contextmanager
def nothing_changes() -> Iterator[None]:
    """No row of any table of the product is added, removed or changed."""
    before = _rows()
    yield
    assert _rows() == before


def _rows() -> dict[str, list[tuple]]:
    names = [name for (name,) in rows.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {
        name: sorted(rows.query(f"SELECT t::text FROM {name} t")) for name in names if not name.startswith(UNTOUCHED)
    }


def refused(answer, status: int, code: str) -> str:
    """The answer is this refusal, in the door's one form; return its sentence."""
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content.decode()
    assert set(answer.json()) == {"code", "message"}
    return answer.json()["message"]


@pytest.fixture
def one(db):
    return make.alliance(price_fen=3_330)


@pytest.fixture
def sku(one):
    return make_catalog.sku_of(one.product_id)


@pytest.fixture
def buyer(caller, one):
    return caller(one.buyer_id)


@pytest.fixture
def seller(caller, one):
    return caller(make_parties.super_admin_of(one.shop).person_id)


@pytest.fixture
def newcomer(caller, one):
    """The promoter, who hasn't accepted any source's rules."""
    return caller(make_parties.super_admin_of(one.promoter).person_id)


@pytest.fixture
def promoter(newcomer):
    assert newcomer.post("/promoter/rules/mini_store/acceptance").status_code == 200
    return newcomer


def _placed(buyer, sku: int, quantity: int = 1, key: str | None = None):
    answer = buyer.post("/orders", {"items": [{"sku_id": sku, "quantity": quantity}]}, key=key)
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def _paid(buyer, sku: int, quantity: int = 1):
    """Place and pay an order; return it."""
    no = _placed(buyer, sku, quantity)["orders"][0]["no"]
    return make.pay(make.orders_of.orders_by_no([no])[no], now=clock.now())


def _shipped(buyer, seller, sku: int, quantity: int = 1) -> str:
    order = _paid(buyer, sku, quantity)
    parcel = {"carrier": "顺丰", "tracking_no": "SF1"}
    assert seller.post(f"/merchant/orders/{order.no}/shipments", parcel).status_code == 201
    return order.no


# --- sessions


def test_a_login_gives_a_session_and_the_visitors_touches(stranger, one, wechat):
    link = make.link(one, now=clock.now())
    mark = "visitor0123456789"
    touched = stranger.post("/touches", {"ticket": link.ticket}, Tuike_Visitor=mark)
    assert touched.status_code == 200 and touched.json()["good"]
    answer = stranger.post("/sessions", {"code": wechat.login_code()} | AGREED, Tuike_Visitor=mark)
    assert answer.status_code == 201 and answer.json()["touches"] == 1
    token = answer.json()["token"]
    signed = stranger.get("/orders", authorization=f"Bearer {token}")
    assert signed.status_code == 200 and signed.json()["items"] == []
    out = stranger.call("delete", "/sessions/current", authorization=f"Bearer {token}")
    assert out.status_code == 204
    refused(stranger.get("/orders", authorization=f"Bearer {token}"), 401, "session_over")


def test_a_code_that_wechat_doesnt_take_opens_nothing(stranger, wechat):
    code = wechat.login_code()
    assert stranger.post("/sessions", {"code": code} | AGREED).status_code == 201
    with nothing_changes():
        for used in (code, "nonsense"):
            refused(stranger.post("/sessions", {"code": used} | AGREED), 422, "wechat_code_invalid")
        refused(stranger.post("/sessions", {"code": code} | AGREED, Tuike_Visitor="short"), 422, "invalid")


def test_when_wechat_is_silent_a_login_says_try_again(stranger, monkeypatch):
    class Silent:
        def code2session(self, code: str) -> None:
            raise Unreachable("code2session", "ReadTimeout")

    monkeypatch.setattr(outside, "wechat", Silent)
    with nothing_changes():
        answer = stranger.post("/sessions", {"code": "x"} | AGREED)
        refused(answer, 503, "wechat_unreachable")
        assert answer["Retry-After"] == "5"


def test_the_phone_is_bound_by_wechats_word_and_shown_masked(buyer, caller, wechat):
    code = wechat.control("phone_code", openid=wechat.openid())["code"]
    agreed = {"consent": buyer.get("/policies").json()["edition"]}
    answer = buyer.post("/sessions/phone", {"code": code} | agreed)
    assert answer.status_code == 200 and "****" in answer.json()["phone"]
    other = wechat.control("phone_code", openid=wechat.openid())["code"]
    somebody = caller()
    assert somebody.post("/me/consent", {"edition": agreed["consent"]}).status_code == 200
    with nothing_changes():
        refused(somebody.post("/sessions/phone", {"code": other}), 409, "phone_taken")


# --- the shop


def test_products_are_listed_and_shown_to_anybody(stranger, one):
    second = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="公道杯")
    page = stranger.get("/products?sort=newest&limit=1").json()
    assert [item["title"] for item in page["items"]] == ["公道杯"] and page["next"]
    page = stranger.get(f"/products?sort=newest&limit=1&after={page['next']}").json()
    assert [item["title"] for item in page["items"]] == ["手绘青瓷盖碗"] and page["next"] == ""
    assert len(stranger.get(f"/products?shop={one.shop.no}&category={one.category_id}").json()["items"]) == 2
    no = catalog.product_facts([second])[second].product_no
    shown = stranger.get(f"/products/{no}").json()
    assert shown["shop"] == {"no": one.shop.no, "name": "青瓷小铺", "picture": ""}
    assert shown["skus"][0]["price_fen"] == 9_900
    refused(stranger.get("/products/NOSUCH"), 404, "not_found")
    refused(stranger.get("/products/%00"), 404, "not_found")
    refused(stranger.get("/products?shop=NOSUCH"), 404, "not_found")
    refused(stranger.get("/products?after=zzz"), 422, "invalid")
    refused(stranger.get("/products?limit=0"), 422, "invalid")


def test_a_touch_is_recorded_once_per_key(buyer, one):
    link = make.link(one, now=clock.now())
    for _ in range(2):
        assert buyer.post("/touches", {"ticket": link.code}, key="seen").status_code == 200
    assert rows.query("SELECT count(*) FROM attribution_touch WHERE buyer_id = %s", [one.buyer_id]) == [(1,)]
    with nothing_changes():
        refused(buyer.post("/touches", {"ticket": link.ticket}, key="seen"), 422, "idempotency_key_reused")
        refused(buyer.post("/touches", {"ticket": link.ticket + "x"}), 422, "ticket_invalid")
        refused(buyer.post("/touches", {"ticket": "NOSUCHCODE12"}), 404, "link_not_found")


def test_a_touch_of_nobody_is_refused(stranger, one):
    link = make.link(one, now=clock.now())
    with nothing_changes():
        refused(stranger.post("/touches", {"ticket": link.code}), 422, "visitor_invalid")
        refused(stranger.post("/touches", {"ticket": link.code}, authorization="Bearer no"), 401, "session_over")


def test_the_cart_holds_what_was_put(buyer, one, sku):
    path = f"/cart/{sku}"
    assert buyer.call("put", path, {"quantity": 2}).json()["items"][0]["quantity"] == 2
    assert buyer.call("put", path, {"quantity": 5}, key="five").json()["items"][0]["quantity"] == 5
    buyer.call("put", path, {"quantity": 1})
    assert buyer.call("put", path, {"quantity": 5}, key="five").json()["items"][0]["quantity"] == 1
    with nothing_changes():
        for quantity in (0, -1, 10_000, True, 1.0, "1", None):
            refused(buyer.call("put", path, {"quantity": quantity}), 422, "invalid")
        refused(buyer.call("put", "/cart/999999999", {"quantity": 1}), 404, "not_found")
        refused(buyer.call("put", path, {"quantity": 1}, key=""), 422, "invalid")
    shown = buyer.get("/cart").json()["items"][0]
    assert (shown["price_fen"], shown["title"], shown["on_sale"]) == (3_330, "手绘青瓷盖碗", True)
    assert buyer.call("delete", path).json() == {"items": [], "shops": []}
    assert buyer.call("delete", path).json() == {"items": [], "shops": []}


# --- orders


def test_an_order_is_placed_once_per_key(buyer, one, sku):
    buyer.call("put", f"/cart/{sku}", {"quantity": 3})
    first, again = _placed(buyer, sku, 3, key="k"), _placed(buyer, sku, 3, key="k")
    assert first == again and first["payable_fen"] == 9_990
    assert make_catalog.stock(sku) == (97, 3) and buyer.get("/cart").json() == {"items": [], "shops": []}
    with nothing_changes():
        items = [{"sku_id": sku, "quantity": 4}]
        refused(buyer.post("/orders", {"items": items}, key="k"), 422, "idempotency_key_reused")


def test_orders_that_cant_be_are_refused_by_name(buyer, one, sku):
    elsewhere = make_parties.merchant(source=Source.MINI_PROGRAM)
    theirs = make_catalog.sku(merchant_id=elsewhere.id)
    suspended = make_parties.merchant(name="停业小店")
    closed = make_catalog.sku(merchant_id=suspended.id)
    parties.suspend(party_id=suspended.id, reason="违规", actor=make_parties.operator_seat(), now=clock.now())
    off = make_catalog.sku(merchant_id=one.shop.id, on_sale=False)

    def wish(*items: tuple[object, object], **more: object) -> dict:
        return {"items": [{"sku_id": sku_id, "quantity": quantity} for sku_id, quantity in items]} | more

    address = {"name": "王", "phone": "13800138000", "region": "上海", "detail": "1 号"}
    cases = [
        (wish((sku, 101)), 409, "sold_out"),
        (wish((off, 1)), 409, "not_on_sale"),
        (wish((theirs, 1)), 409, "not_on_sale"),
        (wish((closed, 1)), 409, "not_on_sale"),
        (wish((sku, 1), (999_999_999, 1)), 404, "no_such_sku"),
        (wish((sku, 1), (sku, 1)), 422, "invalid"),
        (wish(), 422, "invalid"),
        (wish(*[(n, 1) for n in range(1, 102)]), 422, "invalid"),
        (wish((sku, 0)), 422, "invalid"),
        (wish((sku, True)), 422, "invalid"),
        (wish((sku, 1.5)), 422, "invalid"),
        (wish((2**63, 1)), 422, "invalid"),
        (wish((str(sku), 1)), 422, "invalid"),
        (wish((sku, 1), note="x" * 201), 422, "invalid"),
        (wish((sku, 1), note="a\x00b"), 422, "invalid"),
        (wish((sku, 1), price_fen=1), 422, "invalid"),
        (wish((sku, 1), address=address | {"phone": "none"}), 422, "invalid"),
        (wish((sku, 1), address=address | {"door": "1"}), 422, "invalid"),
        ([], 400, "malformed"),
    ]
    with nothing_changes():
        for body, status, code in cases:
            refused(buyer.post("/orders", body), status, code)
        for key in ("", "k" * 81, "\t"):
            refused(buyer.post("/orders", wish((sku, 1)), key=key), 422, "invalid")


RAW = {
    "not JSON": b"{",
    "half a surrogate": b'{"items": [{"sku_id": 1, "quantity": 1}], "note": "\\ud800"}',
    "not UTF-8": b'{"note": "\xff"}',
    "a name twice": b'{"items": [], "items": []}',
    "not a number": b'{"items": [{"sku_id": NaN, "quantity": 1}]}',
    "endless digits": b'{"items": [{"sku_id": ' + b"9" * 5000 + b', "quantity": 1}]}',
    "deep": b"[" * 100_000 + b"]" * 100_000,
    "a text": b'"items"',
    "nothing": b"",
    "null": b"null",
}


@pytest.mark.parametrize("name", RAW)
def test_a_body_that_cant_be_read_is_refused(buyer, client, name):
    with nothing_changes():
        headers = {"authorization": f"Bearer {buyer.token}", "idempotency-key": "k"}
        answer = client.post("/api/storefront/orders", RAW[name], content_type="application/json", headers=headers)
        assert answer.status_code in (400, 422) and set(answer.json()) == {"code", "message"}


def test_a_body_above_one_megabyte_is_refused(buyer, client):
    with nothing_changes():
        answer = buyer.post("/orders", {"note": "x" * 1_100_000})
        refused(answer, 413, "too_large")


def test_refusals_speak_the_callers_language(buyer, sku):
    wish = {"items": [{"sku_id": sku, "quantity": 101}]}
    assert "库存不足" in buyer.post("/orders", wish).json()["message"]
    assert "sold out" in buyer.post("/orders", wish, accept_language="en-US").json()["message"]
    assert "库存不足" in buyer.post("/orders", wish, accept_language="zh-CN,zh;q=0.9").json()["message"]
    assert "unknown" not in buyer.post("/orders", wish | {"unknown\u202e": 1}).json()["message"]


def test_a_strangers_things_look_like_none(caller, buyer, promoter, one, sku):
    order = _paid(buyer, sku, 2)
    asked = buyer.post(f"/orders/{order.no}/refunds", {"lines": [{"line_no": 1, "quantity": 1}]}).json()["no"]
    other = caller()
    shop = make_parties.merchant(name="别家")
    rival = caller(make_parties.super_admin_of(shop).person_id)
    with nothing_changes():
        for method, path, body in (
            ("get", f"/orders/{order.no}", None),
            ("post", f"/orders/{order.no}/receipt", None),
            ("post", f"/orders/{order.no}/receipt-extension", None),
            ("post", f"/orders/{order.no}/refunds", {}),
            ("post", f"/refunds/{asked}/cancel", None),
            ("get", f"/checkouts/{order.checkout_no}", None),
            ("post", f"/checkouts/{order.checkout_no}/payment", {"mode": "native"}),
            ("post", f"/checkouts/{order.checkout_no}/cancel", None),
        ):
            refused(other.call(method, path, body), 404, "not_found")
        parcel = {"carrier": "SF", "tracking_no": "1"}
        for who in (rival, other, buyer, promoter):
            refused(who.post(f"/merchant/orders/{order.no}/shipments", parcel), 404, "not_found")
            refused(who.post(f"/merchant/orders/{order.no}/receipt", {"proof": "签收单"}), 404, "not_found")
            refused(who.post(f"/merchant/refunds/{asked}/approval"), 404, "not_found")
            refused(who.post(f"/merchant/refunds/{asked}/rejection", {"reason": "不行"}), 404, "not_found")
        named = rival.post(f"/merchant/orders/{order.no}/shipments", parcel, Tuike_Party=one.shop.no)
        refused(named, 404, "not_found")


def test_a_seat_is_named_where_there_are_several(caller, buyer, one, sku):
    actor = make_parties.super_admin_of(one.shop)
    make_parties.merchant(name="第二家", super_admin=actor.person_id)
    order = _paid(buyer, sku)
    both = caller(actor.person_id)
    path, parcel = f"/merchant/orders/{order.no}/shipments", {"carrier": "SF", "tracking_no": "1"}
    with nothing_changes():
        refused(both.post(path, parcel), 422, "party_needed")
    assert both.post(path, parcel, Tuike_Party=one.shop.no).status_code == 201


def test_a_role_that_doesnt_reach_it_is_forbidden(caller, buyer, one, sku):
    order = _paid(buyer, sku)
    manager = caller(make_parties.seated(one.shop, Role.PRODUCT_MANAGER).person_id)
    with nothing_changes():
        parcel = {"carrier": "SF", "tracking_no": "1"}
        refused(manager.post(f"/merchant/orders/{order.no}/shipments", parcel), 403, "forbidden")
        refused(manager.get("/finance/withdrawals"), 404, "not_found")


def test_shipping_receiving_and_putting_off(buyer, seller, one, sku):
    no = _shipped(buyer, seller, sku)
    extended = buyer.post(f"/orders/{no}/receipt-extension", key="more")
    assert extended.status_code == 200 and extended.json()["receive_extended"]
    assert buyer.post(f"/orders/{no}/receipt-extension", key="more").status_code == 200
    with nothing_changes():
        refused(buyer.post(f"/orders/{no}/receipt-extension"), 409, "receipt_already_extended")
        refused(seller.post(f"/merchant/orders/{no}/receipt", {"proof": " "}), 422, "invalid")
    assert seller.post(f"/merchant/orders/{no}/receipt", {"proof": "签收单 8812"}, key="got").status_code == 200
    assert seller.post(f"/merchant/orders/{no}/receipt", {"proof": "签收单 8812"}, key="got").status_code == 200
    acts = rows.query("SELECT count(*) FROM audit_act WHERE action = 'order.receive' AND object = %s", [no])
    assert acts == [(1,)]
    detail = buyer.get(f"/orders/{no}").json()
    assert detail["state"] == "completed" and detail["parcels"][0]["carrier"] == "顺丰速运"


def test_the_address_is_shown_to_its_buyer_with_a_masked_phone(buyer, sku):
    address = {"name": "王小明", "phone": "13800138000", "region": "上海市", "detail": "世纪大道 1 号"}
    body = {"items": [{"sku_id": sku, "quantity": 1}], "address": address}
    no = buyer.post("/orders", body).json()["orders"][0]["no"]
    assert buyer.get(f"/orders/{no}").json()["address"] == address | {"phone": "138****8000"}


def test_orders_come_in_pages(buyer, sku):
    placed = [_placed(buyer, sku)["orders"][0]["no"] for _ in range(3)]
    first = buyer.get("/orders?limit=2").json()
    rest = buyer.get(f"/orders?limit=2&before={first['next']}").json()
    assert [item["no"] for item in first["items"] + rest["items"]] == placed[::-1] and rest["next"] == ""
    refused(buyer.get("/orders?before=NOSUCH"), 404, "not_found")


# --- payment


def test_the_payment_is_the_same_however_often_it_is_asked_for(buyer, sku, wechat):
    checkout = _placed(buyer, sku)["checkout_no"]
    path = f"/checkouts/{checkout}/payment"
    first, again = buyer.post(path, {"mode": "native"}).json(), buyer.post(path, {"mode": "native"}).json()
    assert first == again and first["code_url"] and first["client"] is None and first["amount_fen"] == 3_330
    assert buyer.get(f"/checkouts/{checkout}").json()["payment"] == "open"
    with nothing_changes():
        refused(buyer.post(path, {"mode": "h5"}), 409, "payment_purpose_reused")
        refused(buyer.post(path, {"mode": "cash"}), 422, "invalid")
        # Its openid is of another app: WeChat lets nobody pay by it, in the mini-program or on a page.
        refused(buyer.post(path, {"mode": "jsapi"}), 409, "no_payer_there")
        refused(buyer.post(path, {"mode": "jsapi", "app": "web"}), 409, "no_payer_there")
        refused(buyer.post(path, {"mode": "jsapi", "app": "tv"}), 422, "invalid")


def test_a_browser_payment_says_the_payers_address(buyer, sku, wechat):
    checkout = _placed(buyer, sku)["checkout_no"]
    paid = buyer.post(f"/checkouts/{checkout}/payment", {"mode": "h5"}).json()
    assert paid["h5_url"].startswith("http")


def test_a_cancelled_checkout_gives_stock_back_once_and_cant_be_paid(buyer, sku, wechat):
    checkout = _placed(buyer, sku, 2)["checkout_no"]
    buyer.post(f"/checkouts/{checkout}/payment", {"mode": "native"})
    for _ in range(2):
        answer = buyer.post(f"/checkouts/{checkout}/cancel")
        assert answer.status_code == 200 and answer.json()["state"] == "closed", answer.content.decode()
        assert answer.json()["payment"] == "closed" and make_catalog.stock(sku) == (100, 0)
    with nothing_changes():
        refused(buyer.post(f"/checkouts/{checkout}/payment", {"mode": "native"}), 409, "order_state")


def test_a_checkout_of_which_wechat_never_heard_is_cancelled(buyer, sku, wechat, monkeypatch):
    """The payment was marked here, and the call that was to open it there was lost."""
    checkout = _placed(buyer, sku)["checkout_no"]
    pay = outside.wechatpay()

    class Lost:
        def __getattr__(self, name: str):
            return getattr(pay, name)

        def prepay(self, request: object) -> None:
            raise Unreachable("prepay", "ReadTimeout")

    monkeypatch.setattr(outside, "wechatpay", Lost)
    refused(buyer.post(f"/checkouts/{checkout}/payment", {"mode": "native"}), 503, "wechat_unreachable")
    assert buyer.get(f"/checkouts/{checkout}").json()["payment"] == "open"
    assert buyer.post(f"/checkouts/{checkout}/cancel").json()["state"] == "closed"


def test_what_was_paid_meanwhile_isnt_cancelled(buyer, sku, wechat):
    checkout = _placed(buyer, sku)["checkout_no"]
    payment = buyer.post(f"/checkouts/{checkout}/payment", {"mode": "native"}).json()
    wechat.control("pay", out_trade_no=payment["payment_no"], openid=wechat.openid(), notify=False)
    refused(buyer.post(f"/checkouts/{checkout}/cancel"), 409, "order_state")
    assert buyer.get(f"/checkouts/{checkout}").json()["state"] == "paid"


# --- refunds


def test_refunds_are_asked_taken_back_and_decided(buyer, seller, one, sku):
    no = _shipped(buyer, seller, sku, 3)
    wish = {"lines": [{"line_no": 1, "quantity": 1}], "reason": "有裂纹"}
    first = buyer.post(f"/orders/{no}/refunds", wish, key="r1")
    assert first.status_code == 201 and first.json()["amount_fen"] == 3_330
    assert buyer.post(f"/orders/{no}/refunds", wish, key="r1").json() == first.json()
    asked = first.json()["no"]
    assert buyer.post(f"/refunds/{asked}/cancel", key="c").json()["state"] == "cancelled"
    assert buyer.post(f"/refunds/{asked}/cancel", key="c").json()["state"] == "cancelled"
    second = buyer.post(f"/orders/{no}/refunds", wish).json()["no"]
    assert seller.post(f"/merchant/refunds/{second}/rejection", {"reason": "请先寄回"}).json()["answer"] == "请先寄回"
    third = buyer.post(f"/orders/{no}/refunds", wish).json()["no"]
    for _ in range(2):
        assert seller.post(f"/merchant/refunds/{third}/approval", key="yes").json()["state"] == "approved"
    with nothing_changes():
        refused(seller.post(f"/merchant/refunds/{third}/approval"), 409, "after_sale_decided")
        refused(buyer.post(f"/refunds/{third}/cancel"), 409, "after_sale_decided")
        for line in ({"line_no": 1, "quantity": 3}, {"line_no": 2, "quantity": 1}):
            assert buyer.post(f"/orders/{no}/refunds", {"lines": [line]}).status_code in (404, 409, 422)
        refused(buyer.post(f"/orders/{no}/refunds", {"lines": []}), 422, "invalid")
        refused(buyer.post(f"/orders/{no}/refunds", {"lines": [{"line_no": 1}]}), 422, "invalid")


# --- promoters


def test_places_are_added_renamed_and_deleted(promoter):
    first = promoter.post("/promoter/places", {"name": "朋友圈"}, key="p")
    assert (
        first.status_code == 201
        and promoter.post("/promoter/places", {"name": "朋友圈"}, key="p").json() == first.json()
    )
    pid = first.json()["pid"]
    assert promoter.call("put", f"/promoter/places/{pid}", {"name": "小红书"}).json()["name"] == "小红书"
    with nothing_changes():
        refused(promoter.post("/promoter/places", {"name": "小红书"}), 409, "place_name_taken")
        refused(promoter.post("/promoter/places", {"name": "字" * 21}), 422, "place_name_invalid")
        refused(promoter.post("/promoter/places", {"name": "a\x00b"}), 422, "invalid")
        refused(promoter.call("put", "/promoter/places/NOSUCH", {"name": "x"}), 404, "place_not_found")
    assert promoter.call("delete", f"/promoter/places/{pid}").status_code == 200
    assert promoter.get("/promoter/places").json() == {"items": []}


def test_material_has_wechats_addresses_and_is_made_once(promoter, one, wechat):
    pid = promoter.post("/promoter/places", {"name": "朋友圈"}).json()["pid"]
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    wish = {"pid": pid, "products": [no], "shops": [one.shop.no], "customize_info": "秋季"}
    made = promoter.post("/promoter/materials", wish, key="m")
    assert made.status_code == 201, made.content.decode()
    assert made.json()["missing"] == [] and len(made.json()["items"]) == 2
    item = made.json()["items"][0]
    assert (
        item["url_link"].startswith("http") and item["tag"].startswith("#小程序") and item["code"] in item["short_link"]
    )
    assert "¥33.30" in item["wording"] and item["ticket"] in item["path"]
    assert promoter.post("/promoter/materials", wish, key="m").json() == made.json()
    image = promoter.get(f"/promoter/materials/{item['code']}/image")
    assert image.status_code == 200 and image["Content-Type"].startswith("image/")


def test_the_rules_of_a_source_are_read_and_accepted_once(newcomer, one):
    before = newcomer.get("/promoter/rules").json()["items"]
    assert {rule["source"]: rule["accepted"] for rule in before} == {"mini_store": False, "mini_program": False}
    terms = {
        rule["source"]: (rule["settle_days"], rule["withdraw_min_fen"], rule["withdraw_fee_fen"]) for rule in before
    }
    assert terms["mini_store"] == (27, 100, 0)
    first = newcomer.post("/promoter/rules/mini_program/acceptance")
    assert first.status_code == 200 and first.json()["accepted"] and first.json()["source"] == "mini_program"
    with nothing_changes():
        assert newcomer.post("/promoter/rules/mini_program/acceptance").json() == first.json()
        refused(newcomer.post("/promoter/rules/elsewhere/acceptance"), 404, "not_found")
    after = newcomer.get("/promoter/rules").json()["items"]
    assert {rule["source"]: rule["accepted"] for rule in after} == {"mini_store": False, "mini_program": True}
    [(person,)] = rows.query("SELECT person_id FROM audit_act WHERE action = 'library.accept_rules'")
    assert person == make_parties.super_admin_of(one.promoter).person_id


def test_no_material_before_the_rules_of_each_source_are_accepted(newcomer, one, wechat):
    pid = newcomer.post("/promoter/places", {"name": "朋友圈"}).json()["pid"]
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    external = make_parties.merchant(name="山间茶铺", source=Source.MINI_PROGRAM)
    mall, both = {"pid": pid, "products": [no]}, {"pid": pid, "products": [no], "shops": [external.no]}
    with nothing_changes():
        said = refused(newcomer.post("/promoter/materials", mall), 409, "rules_not_accepted")
        assert "商城商品" in said
        answer = newcomer.post("/promoter/materials", mall, accept_language="en")
        assert "mall products" in refused(answer, 409, "rules_not_accepted")
    newcomer.post("/promoter/rules/mini_store/acceptance")
    with nothing_changes():
        assert "小程序商品" in refused(newcomer.post("/promoter/materials", both), 409, "rules_not_accepted")
    assert newcomer.post("/promoter/materials", mall).status_code == 201
    newcomer.post("/promoter/rules/mini_program/acceptance")
    assert newcomer.post("/promoter/materials", both).status_code == 201


def test_nobody_accepts_for_a_promoter_that_isnt_theirs(newcomer, caller, one):
    other = make_parties.promoter(name="别人")
    bare = caller(make_parties.super_admin_of(make_parties.promoter(name="新人", certified=False)).person_id)
    with nothing_changes():
        refused(newcomer.post("/promoter/rules/mini_store/acceptance", tuike_party=other.no), 404, "not_found")
        refused(bare.post("/promoter/rules/mini_store/acceptance"), 403, "not_certified")


def test_material_is_good_without_wechat_and_completed_later(promoter, one, wechat, monkeypatch):
    pid = promoter.post("/promoter/places", {"name": "朋友圈"}).json()["pid"]
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    answering, asked = outside.wechat, []

    class Silent:
        def url_link(self, **_: object) -> str:
            asked.append("url_link")
            raise Unreachable("url_link", "ReadTimeout")

        def short_link(self, **_: object) -> str:
            asked.append("tag")
            raise Unreachable("short_link", "ReadTimeout")

    monkeypatch.setattr(outside, "wechat", Silent)
    wish = {"pid": pid, "products": [no], "shops": [one.shop.no]}
    made = promoter.post("/promoter/materials", wish).json()
    assert made["missing"] == ["tag", "url_link"] and asked == ["url_link", "tag"]
    item = made["items"][0]
    assert item["url_link"] == "" and item["wording"]
    monkeypatch.setattr(outside, "wechat", answering)
    again = promoter.get(f"/promoter/materials/{item['code']}").json()
    assert again["missing"] == [] and again["items"][0]["url_link"]


def test_material_for_what_cant_be_promoted_is_refused_by_name(promoter, caller, one, wechat):
    pid = promoter.post("/promoter/places", {"name": "朋友圈"}).json()["pid"]
    bare = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, pictures=())
    no = catalog.product_facts([bare])[bare].product_no
    good = catalog.product_facts([one.product_id])[one.product_id].product_no
    closed = make_parties.merchant(name="未开通", alliance=False)
    with nothing_changes():
        answer = promoter.post("/promoter/materials", {"pid": pid, "products": [no]})
        assert "没有图片" in refused(answer, 409, "not_promotable")
        refused(promoter.post("/promoter/materials", {"pid": pid, "shops": [closed.no]}), 409, "not_promotable")
        refused(promoter.post("/promoter/materials", {"pid": "nosuch", "products": [good]}), 404, "place_not_found")
        refused(promoter.post("/promoter/materials", {"pid": pid, "products": ["NOSUCH"]}), 404, "not_found")
        refused(promoter.post("/promoter/materials", {"pid": pid}), 422, "nothing_to_promote")
        refused(promoter.post("/promoter/materials", {"pid": pid, "products": [good] * 21}), 422, "invalid")
        refused(promoter.get("/promoter/materials/NOSUCH"), 404, "link_not_found")
    new = make_parties.promoter(name="新人", certified=False)
    rookie = caller(make_parties.super_admin_of(new).person_id)
    with nothing_changes():
        refused(rookie.post("/promoter/places", {"name": "朋友圈"}), 403, "not_certified")


def test_a_promoters_withdrawal_is_asked_cancelled_and_decided(caller, one, sku):
    buyer = caller(one.buyer_id)
    seller, promoter = (caller(make_parties.super_admin_of(party).person_id) for party in (one.shop, one.promoter))
    finance = caller(make_parties.operator_seat(Role.FINANCE).person_id)
    make_parties.bank_account(one.promoter)
    with nothing_changes():
        refused(promoter.post("/promoter/withdrawals", {"amount_fen": 100}), 409, "withdrawal_exceeds_available")
        for amount in (0, -5, 10**14, True, "100", 1.5):
            refused(promoter.post("/promoter/withdrawals", {"amount_fen": amount}), 422, "invalid")
        refused(buyer.post("/promoter/withdrawals", {"amount_fen": 100}), 404, "not_found")
    link = make.link(one, now=clock.now())
    buyer.post("/touches", {"ticket": link.ticket})
    no = _shipped(buyer, seller, sku, 3)
    buyer.post(f"/orders/{no}/receipt")
    earned = promoter.get("/promoter/earnings").json()["items"]
    assert [(e["order_no"], e["amount_fen"], e["state"], e["role"]) for e in earned] == [
        (no, 1_198, "pending", "direct")
    ]
    make.matured(until=clock.now() + timedelta(days=27, minutes=1))
    balance = {"pending_fen": 0, "available_fen": 1_198, "leaving_fen": 0, "owed_fen": 0}
    assert promoter.get("/promoter/balance").json() == balance

    first = promoter.post("/promoter/withdrawals", {"amount_fen": 500}, key="w")
    assert first.status_code == 201, first.content.decode()
    assert promoter.post("/promoter/withdrawals", {"amount_fen": 500}, key="w").json() == first.json()
    w = first.json()["no"]
    assert [(q["no"], q["party"]["name"]) for q in finance.get("/finance/withdrawals").json()["items"]] == [
        (w, "推客小李")
    ]
    with nothing_changes():
        refused(promoter.post(f"/finance/withdrawals/{w}/approval"), 404, "not_found")
        refused(promoter.get(f"/promoter/withdrawals/{w}/confirmation"), 404, "unknown_withdrawal")
        refused(finance.post(f"/finance/withdrawals/{w}/rejection", {"reason": " "}), 422, "invalid")
    assert promoter.post(f"/promoter/withdrawals/{w}/cancel", key="c").json()["state"] == "cancelled"
    assert promoter.post(f"/promoter/withdrawals/{w}/cancel", key="c").json()["state"] == "cancelled"
    second = promoter.post("/promoter/withdrawals", {"amount_fen": 600}).json()["no"]
    assert (
        finance.post(f"/finance/withdrawals/{second}/rejection", {"reason": "资料不全"}).json()["state"] == "rejected"
    )
    third = promoter.post("/promoter/withdrawals", {"amount_fen": 700}).json()["no"]
    for _ in range(2):
        assert finance.post(f"/finance/withdrawals/{third}/approval", key="ok").json()["state"] == "approved"
    shown = promoter.get("/promoter/withdrawals?limit=2").json()
    assert [item["state"] for item in shown["items"]] == ["approved", "rejected"] and shown["next"] == second
    assert [i["no"] for i in promoter.get(f"/promoter/withdrawals?limit=2&before={second}").json()["items"]] == [w]
    assert promoter.get("/promoter/balance").json() == balance | {"available_fen": 498, "leaving_fen": 700}


# --- the door itself


def _some(found: re.Match[str]) -> str:
    """Return what stands in an address for something that doesn't exist."""
    number = found[1].endswith("_id") or found[1] in ("line_no", "edition")
    return "1" if number else "X1"


def test_every_operation_but_the_open_ones_needs_a_session(stranger, client):
    described = client.get("/api/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    open_ones, calls = set(), 0
    for path, verbs in described["paths"].items():
        for method in verbs:
            where = re.sub(r"{(?:\w+:)?(\w+)}", _some, path.removeprefix("/api/storefront"))
            answer = stranger.call(method, where, {} if method in ("post", "put") else None)
            calls += 1
            if answer.status_code != 401:
                open_ones.add((method, path.removeprefix("/api/storefront")))
    assert open_ones == {
        ("get", "/coupons"),
        ("post", "/sessions"),
        ("post", "/sessions/password"),
        ("post", "/sessions/scans"),
        ("post", "/sessions/scans/{ticket}"),
        ("post", "/sessions/scans/{ticket}/link"),
        ("get", "/sessions/web"),
        ("post", "/sessions/web"),
        ("get", "/config"),
        ("get", "/policies"),
        ("get", "/landing/{code}"),
        ("get", "/network/form"),
        ("get", "/network/links/{code}"),
        ("get", "/bargain-offers"),
        ("get", "/bargain-offers/{no}"),
        ("get", "/bargains/{code}"),
        ("get", "/red-packets/open/{code}"),
        ("get", "/points/goods"),
        ("get", "/points/goods/{no}"),
        ("get", "/products"),
        ("get", "/products/{no}"),
        ("get", "/home"),
        ("get", "/shops/{no}"),
        ("get", "/categories"),
        ("get", "/search"),
        ("get", "/search/suggestions"),
        ("get", "/products/{no}/reviews"),
        ("get", "/products/{no}/share"),
        ("get", "/posts"),
        ("get", "/posts/{no}"),
        ("get", "/products/{no}/coupons"),
        ("post", "/touches"),
        ("get", "/regions"),
        ("get", "/carriers"),
    }
    assert calls > 30


def test_the_description_asks_no_foreign_host(client):
    page = client.get("/api/docs")
    body = page.content.decode()
    assert page.status_code == 200 and "http://" not in body and "https://" not in body
    for name in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js", "favicon.png"):
        assert client.get(f"/api/docs/assets/{name}").status_code == 200
    assert client.get("/api/docs/assets/..%2fsecret").status_code == 404
    assert "default-src 'none'" in page["Content-Security-Policy"]


def test_when_the_database_is_gone_it_says_so(buyer, sku, monkeypatch):
    def gone(**_: object) -> None:
        raise OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(place_order, "place", gone)
    answer = buyer.post("/orders", {"items": [{"sku_id": sku, "quantity": 1}]})
    refused(answer, 503, "unavailable")
    assert answer["Retry-After"] == "5" and connection.is_usable()


def test_addresses_that_dont_exist_are_refused_in_the_same_form(stranger):
    refused(stranger.get("/nothing"), 404, "not_found")
    assert json.loads(stranger.get("/nothing").content)["code"] == "not_found"
    assert stranger.call("delete", "/products").status_code == 405


def test_a_code_is_looked_at_and_confirmed_by_who_scanned_it(caller):
    browser, phone, other = "browser-secret", caller(), caller()
    now = clock.now()
    ticket = people.ask_scan(purpose="sign_in", place="Chrome", asker=browser, now=now)
    seen = phone.post(f"/scans/{ticket}").json()
    assert (seen["purpose"], seen["title"], seen["place"], seen["party"]) == (
        "sign_in",
        "登录推客联盟工作台",
        "Chrome",
        None,
    )
    assert other.post(f"/scans/{ticket}").status_code == 409
    assert other.post(f"/scans/{ticket}/confirmation").status_code == 409
    assert phone.post(f"/scans/{ticket}/confirmation").json() == {"state": "confirmed"}
    assert people.use_scan(ticket=ticket, asker=browser, purpose="sign_in", now=now) == phone.person_id


def test_a_code_that_was_declined_is_of_no_use(caller, stranger):
    phone = caller()
    ticket = people.ask_scan(purpose="sign_in", asker="browser-secret", now=clock.now())
    assert stranger.post(f"/scans/{ticket}").status_code == 401
    phone.post(f"/scans/{ticket}")
    assert phone.post(f"/scans/{ticket}/refusal").json() == {"state": "declined"}
    assert phone.post(f"/scans/{ticket}/confirmation").status_code == 409
    assert phone.post("/scans/" + "x" * 24).status_code == 404
