"""A red packet over real HTTP: sent, paid at WeChat, opened by a friend, spent; the rest comes back after a day.

Web, worker, sandbox, PostgreSQL. The books are checked whole after each step.
"""

import pytest

from tests import books
from tests.doors.test_story import DAY, Stage, running, sandbox  # noqa: F401 the fixtures of the story
from tests.waiting import until
from tuike.doors.web.soon import soon
from tuike.marketing import queries

pytestmark = pytest.mark.slow


def test_from_sending_to_spending_and_coming_back(running, sandbox):  # noqa: F811
    stage = Stage(running, sandbox)
    sender, friend = stage.buyer, stage.promoter
    sent = sender.done(
        "POST", "/red-packets", {"total_fen": 2_000, "shares": 2, "split": "fixed", "greeting": "新年好"}
    )
    assert (sent["state"], sent["code"]) == ("unpaid", "")
    paying = f"/red-packets/sent/{sent['no']}/payment"
    payment = sender.done("POST", paying, {"mode": "jsapi"})
    assert payment["amount_fen"] == 2_000
    assert sender.done("POST", paying, {"mode": "jsapi"}) == payment
    assert friend.call("POST", paying, {"mode": "jsapi"}).status == 404
    sandbox.control("pay", out_trade_no=payment["payment_no"], openid=sender.openid)

    def stands() -> dict:
        return sender.done("GET", f"/red-packets/sent/{sent['no']}")

    until(lambda: stands()["state"] == "open", what="the payment")
    assert sender.call("POST", paying, {"mode": "jsapi"}).status == 409
    books.check()
    page = friend.done("POST", f"/red-packets/open/{stands()['code']}")
    assert (page["mine_fen"], page["state"]) == (1_000, "opened")
    placed = friend.done("POST", "/orders", {"items": [{"sku_id": stage.sku_id, "quantity": 1}], "use_balance": True})
    assert placed["payable_fen"] == 3_330
    assert friend.done("GET", "/balance")["balance_fen"] == 0
    books.check()
    friend.done("POST", f"/checkouts/{placed['checkout_no']}/cancel")
    assert friend.done("GET", "/balance")["balance_fen"] == 1_000
    sandbox.move_clock(DAY)
    soon("return_red_packets")
    until(lambda: stands()["state"] == "over", what="the return")
    assert (stands()["returned_fen"], queries.balance_of(sender.person_id)) == (1_000, 1_000)
    assert sender.done("GET", "/balance")["items"][0]["kind"] == "red_packet_return"
    books.check()
