"""The storefront's orders and after-sales over HTTP: one call a screen, what can be done and why not, refusals."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests import books
from tests.doors.test_storefront import _paid, _placed, _shipped, nothing_changes, refused
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import decide_after_sales
from tuike.flows.decide_after_sales import Verdict
from tuike.kit import clock
from tuike.orders import queries as orders_of

pytestmark = pytest.mark.usefixtures("db")
PICTURE = "buyers/" + "a1" * 20 + ".jpg"


@pytest.fixture(autouse=True)
def the_books_hold(db):
    yield
    books.check()


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
def uploaded(settings, tmp_path):
    """A picture that the buyer uploaded."""
    settings.MEDIA_ROOT = str(tmp_path)
    path = Path(tmp_path) / PICTURE
    path.parent.mkdir(parents=True)
    path.write_bytes(b"jpeg")
    return f"/media/{PICTURE}"


def acts(shown: dict) -> dict[str, str]:
    """Return why each act can't be done now, empty where it can."""
    assert all(
        one["allowed"] is (one["code"] == "") and bool(one["reason"]) is bool(one["code"]) for one in shown["acts"]
    )
    return {one["act"]: one["code"] for one in shown["acts"]}


def may(shown: dict) -> set[str]:
    return {act for act, code in acts(shown).items() if not code}


def test_orders_are_listed_by_tab_with_counts_and_acts(buyer, seller, sku):
    unpaid = _placed(buyer, sku)["orders"][0]["no"]
    paid, sent = _paid(buyer, sku).no, _shipped(buyer, seller, sku)
    page = buyer.get("/orders").json()
    assert page["counts"] == {"all": 3, "unpaid": 1, "unshipped": 1, "shipped": 1, "completed": 0, "after_sales": 0}
    by_no = {item["no"]: item for item in page["items"]}
    assert {"pay", "cancel"} <= may(by_no[unpaid]) and "refund" not in may(by_no[unpaid])
    assert {"remind", "refund", "buy_again"} <= may(by_no[paid]) and "confirm" not in may(by_no[paid])
    assert {"confirm", "extend", "refund"} <= may(by_no[sent])
    line = by_no[paid]["lines"][0]
    assert line["on_sale"] and line["product_no"] and by_no[paid]["shop"]["no"]
    assert [item["no"] for item in buyer.get("/orders?tab=unshipped").json()["items"]] == [paid]
    assert [item["no"] for item in buyer.get(f"/orders?q={sent}").json()["items"]] == [sent]
    assert len(buyer.get(f"/orders?q={line['title'][:3]}").json()["items"]) == 3
    refused(buyer.get("/orders?tab=nonsense"), 422, "invalid")


def test_an_order_is_shown_whole_in_one_call(buyer, seller, sku):
    no = _shipped(buyer, seller, sku, 2)
    shown = buyer.get(f"/orders/{no}").json()
    assert {step["what"] for step in shown["timeline"]} == {"placed", "paid", "shipped"}
    assert shown["timeline"] == sorted(shown["timeline"], key=lambda step: step["at"])
    assert [(one["way"], one["amount_fen"]) for one in shown["payments"]] == [("wechat", 6_660)]
    assert shown["checkout_orders"] == [no] and len(shown["parcels"]) == 1 and shown["refunds"] == []
    english = buyer.get(f"/orders/{no}", accept_language="en").json()
    assert {step["text"] for step in english["timeline"]} == {"Placed", "Paid", "Shipped"}
    assert acts(shown)["remind"] == "order_state"


def test_an_unpaid_order_is_cancelled_with_its_checkout(buyer, caller, sku):
    no = _placed(buyer, sku)["orders"][0]["no"]
    stranger = caller()
    with nothing_changes():
        refused(stranger.post(f"/orders/{no}/cancel"), 404, "not_found")
    done = buyer.post(f"/orders/{no}/cancel").json()
    assert done["orders"] == [no] and buyer.post(f"/orders/{no}/cancel").json() == done
    assert buyer.get(f"/orders/{no}").json()["state"] == "closed"
    assert buyer.post(f"/orders/{no}/removal").json() == {"done": True}
    assert buyer.get("/orders").json()["items"] == []
    assert buyer.get(f"/orders/{no}").status_code == 200


def test_a_shop_is_reminded_and_goods_are_bought_again(buyer, caller, sku):
    order = _paid(buyer, sku, 2)
    assert buyer.post(f"/orders/{order.no}/reminder", key="r").status_code == 200
    assert buyer.post(f"/orders/{order.no}/reminder", key="r").status_code == 200
    stranger = caller()
    with nothing_changes():
        refused(buyer.post(f"/orders/{order.no}/reminder"), 409, "reminded_today")
        refused(stranger.post(f"/orders/{order.no}/reminder"), 404, "not_found")
        refused(stranger.post(f"/orders/{order.no}/buy-again"), 404, "not_found")
        refused(buyer.post(f"/orders/{order.no}/removal"), 409, "order_state")
    assert acts(buyer.get(f"/orders/{order.no}").json())["remind"] == "reminded_today"
    for _ in range(2):
        assert buyer.post(f"/orders/{order.no}/buy-again", key="b").json() == {"added": 1, "missing": []}
    assert [(e.sku_id, e.quantity) for e in orders_of.cart_of(buyer_id=order.buyer_id or 0)] == [(sku, 2)]


def test_a_return_goes_its_way(buyer, seller, sku, uploaded):
    no = _shipped(buyer, seller, sku, 3)
    form = buyer.get(f"/orders/{no}/refundable").json()
    assert [kind["kind"] for kind in form["kinds"]] == ["shipped", "return"]
    assert form["lines"][0]["amounts"] == [3_330, 6_660, 9_990]
    wish = {"lines": [{"line_no": 1, "quantity": 2}], "kind": "return", "reason_code": "defective"}
    asked = buyer.post(f"/orders/{no}/refunds", {**wish, "reason": "有裂纹", "pictures": [uploaded]}, key="k")
    assert (asked.status_code, asked.json()["amount_fen"]) == (201, 6_660)
    assert (
        buyer.post(f"/orders/{no}/refunds", {**wish, "reason": "有裂纹", "pictures": [uploaded]}, key="k").json()
        == asked.json()
    )
    number = asked.json()["no"]
    shown = buyer.get(f"/refunds/{number}").json()
    assert (shown["state"], shown["reason_text"], shown["acts"]) == ("requested", "质量问题", ["cancel"])
    assert shown["timeline"][0]["pictures"] == [uploaded] and shown["due_at"]
    assert buyer.get("/orders?tab=after_sales").json()["counts"]["after_sales"] == 1
    assert buyer.get(f"/orders/{no}/refundable").json()["lines"][0]["pieces"] == 1
    assert seller.post(f"/merchant/refunds/{number}/approval").json()["state"] == "returning"
    assert buyer.get(f"/refunds/{number}").json()["acts"] == ["cancel", "send_back"]
    parcel = {"carrier": "顺丰", "tracking_no": "SF99"}
    for _ in range(2):
        assert buyer.post(f"/refunds/{number}/parcel", parcel, key="p").json()["state"] == "sent"
    with nothing_changes():
        refused(buyer.post(f"/refunds/{number}/cancel"), 409, "after_sale_decided")
        refused(buyer.post(f"/refunds/{number}/parcel", parcel), 409, "after_sale_decided")
    for _ in range(2):
        done = seller.post(f"/merchant/refunds/{number}/receipt", {"restock": True}, key="t")
        assert done.json()["state"] == "approved"
    assert [item["no"] for item in buyer.get("/refunds").json()["items"]] == [number]
    assert [step["kind"] for step in buyer.get(f"/refunds/{number}").json()["timeline"]] == [
        "asked",
        "agreed",
        "sent",
        "approved",
    ]


def test_the_platform_is_asked_after_a_no(buyer, seller, caller, sku, uploaded):
    no = _shipped(buyer, seller, sku)
    number = buyer.post(f"/orders/{no}/refunds", {"kind": "shipped", "reason_code": "damaged"}).json()["no"]
    with nothing_changes():
        refused(buyer.post(f"/refunds/{number}/dispute", {"reason": "x"}), 409, "after_sale_decided")
    seller.post(f"/merchant/refunds/{number}/rejection", {"reason": "签收完好"})
    assert buyer.get(f"/refunds/{number}").json()["acts"] == ["dispute"]
    stranger = caller()
    with nothing_changes():
        refused(stranger.post(f"/refunds/{number}/dispute", {"reason": "x"}), 404, "not_found")
        refused(buyer.post(f"/refunds/{number}/dispute", {"reason": " "}), 422, "invalid")
        lost = "buyers/" + "b" * 40 + ".jpg"
        refused(
            buyer.post(f"/refunds/{number}/dispute", {"reason": "x", "pictures": [lost]}), 422, "after_sale_pictures"
        )
    shown = buyer.post(f"/refunds/{number}/dispute", {"reason": "有照片", "pictures": [uploaded]}).json()
    assert (shown["state"], shown["acts"]) == ("disputed", ["cancel"])
    with nothing_changes():
        refused(seller.post(f"/merchant/refunds/{number}/approval"), 409, "after_sale_decided")
    now = clock.now() + timedelta(minutes=1)
    decide_after_sales.decide_dispute(no=number, verdict=Verdict.REJECT, note="证据不足", actor=OPERATOR_SHELL, now=now)
    shown = buyer.get(f"/refunds/{number}").json()
    assert (shown["state"], shown["final"], shown["acts"], shown["answer"]) == ("rejected", True, [], "证据不足")
    with nothing_changes():
        refused(buyer.post(f"/refunds/{number}/dispute", {"reason": "x"}), 409, "after_sale_final")


@pytest.mark.parametrize(
    ("wish", "code"),
    [
        ({"kind": "unshipped"}, "order_state"),
        ({"kind": "gift"}, "invalid"),
        ({"reason_code": "changed_mind"}, "after_sale_reason_unknown"),
        ({"reason_code": "Damaged!"}, "invalid"),
        ({"pictures": ["../../etc/passwd"]}, "invalid"),
        ({"pictures": ["/media/buyers/" + "c" * 40 + ".jpg"]}, "after_sale_pictures"),
        ({"pictures": [PICTURE] * 10}, "invalid"),
        ({"lines": [{"line_no": 1, "quantity": 2}]}, "nothing_left_to_refund"),
        ({"lines": [{"line_no": 1, "quantity": 1, "amount_fen": 3_331}]}, "nothing_left_to_refund"),
    ],
)
def test_what_cant_be_asked_back(buyer, seller, sku, wish, code):
    no = _shipped(buyer, seller, sku)
    with nothing_changes():
        answer = buyer.post(f"/orders/{no}/refunds", wish)
        assert answer.json()["code"] == code and answer.status_code in (409, 422)


def test_strangers_see_nothing(buyer, seller, caller, sku):
    no = _shipped(buyer, seller, sku)
    number = buyer.post(f"/orders/{no}/refunds", {}).json()["no"]
    stranger = caller()
    with nothing_changes():
        for method, path, body in (
            ("get", f"/orders/{no}", None),
            ("get", f"/orders/{no}/refundable", None),
            ("get", f"/refunds/{number}", None),
            ("get", f"/refunds?before={number}", None),
            ("post", f"/orders/{no}/removal", None),
            ("post", f"/refunds/{number}/cancel", None),
            ("post", f"/refunds/{number}/parcel", {"carrier": "SF", "tracking_no": "1"}),
        ):
            refused(stranger.call(method, path, body), 404, "not_found")
        assert stranger.get("/refunds").json()["items"] == []
        assert rows.query("SELECT count(*) FROM orders_after_sale") == [(1,)]
