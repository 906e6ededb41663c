"""Refunds through the SDK: partial, repeated, too much; each of the three ends told and queried."""

import pytest

from tests.sandbox.clients import Merchant
from tests.sandbox_process import ControlRefused, NoticeListener, Sandbox


def refund(merchant: Merchant, number: str, part: int, total: int = 9980) -> tuple[int, dict]:
    return merchant.refund(
        number, {"refund": part, "total": total, "currency": "CNY"}, out_trade_no="ORDER0001", reason="七天无理由"
    )


def test_a_refund_is_applied_for_and_succeeds(merchant: Merchant, listener: NoticeListener) -> None:
    paid = merchant.paid()
    listener.wait(1)
    status, applied = refund(merchant, "REFUND01", 4990)
    assert status == 200
    assert applied["status"] == "PROCESSING"
    assert applied["amount"]["refund"] == 4990
    assert applied["transaction_id"] == paid["transaction_id"]
    told = merchant.open(listener.wait(2)[1])
    assert told["event_type"] == "REFUND.SUCCESS"
    assert told["resource"]["refund_status"] == "SUCCESS"
    assert told["resource"]["amount"] == {"total": 9980, "refund": 4990, "payer_total": 9980, "payer_refund": 4990}
    asked = merchant.query_refund("REFUND01")[1]
    assert asked["status"] == "SUCCESS"
    assert asked["success_time"] == told["resource"]["success_time"]
    assert merchant.query(out_trade_no="ORDER0001")[1]["trade_state"] == "REFUND"


def test_never_more_than_was_paid(merchant: Merchant) -> None:
    merchant.paid()
    assert refund(merchant, "REFUND01", 9979)[0] == 200
    status, refused = refund(merchant, "REFUND02", 2)
    assert (status, refused["code"]) == (400, "INVALID_REQUEST")
    assert merchant.query_refund("REFUND02")[0] == 404
    assert refund(merchant, "REFUND03", 1)[0] == 200


def test_the_same_refund_number_again(merchant: Merchant, sandbox: Sandbox) -> None:
    sandbox.control("refund", outcome="hold")
    merchant.paid()
    first = refund(merchant, "REFUND01", 100)
    assert refund(merchant, "REFUND01", 100) == first
    status, refused = refund(merchant, "REFUND01", 200)
    assert (status, refused["code"]) == (400, "INVALID_REQUEST")
    assert merchant.query_refund("REFUND01")[1]["amount"]["refund"] == 100


@pytest.mark.parametrize(("outcome", "state"), [("abnormal", "ABNORMAL"), ("closed", "CLOSED")])
def test_other_ends(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener, outcome: str, state: str) -> None:
    merchant.paid()
    sandbox.control("refund", out_refund_no="REFUND01", outcome=outcome)
    refund(merchant, "REFUND01", 9980)
    told = merchant.open(listener.wait(2)[1])
    assert told["event_type"] == f"REFUND.{state}"
    assert told["resource"]["refund_status"] == state
    assert "success_time" not in told["resource"]
    assert merchant.query_refund("REFUND01")[1]["status"] == state
    # A closed one frees its part of the order, an abnormal one doesn't.
    assert refund(merchant, "REFUND02", 9980)[0] == (200 if outcome == "closed" else 400)


def test_an_abnormal_refund_may_still_succeed_and_then_is_final(
    merchant: Merchant, sandbox: Sandbox, listener: NoticeListener
) -> None:
    sandbox.control("refund", outcome="abnormal")
    merchant.paid()
    refund(merchant, "REFUND01", 100)
    listener.wait(2)
    sandbox.control("refund", out_refund_no="REFUND01", outcome="success")
    assert merchant.open(listener.wait(3)[2])["event_type"] == "REFUND.SUCCESS"
    with pytest.raises(ControlRefused, match="is SUCCESS"):
        sandbox.control("refund", out_refund_no="REFUND01", outcome="closed")


def test_refused_by_name(merchant: Merchant, sandbox: Sandbox) -> None:
    status, refused = refund(merchant, "REFUND01", 100)
    assert (status, refused["code"]) == (404, "RESOURCE_NOT_EXISTS")
    merchant.order()
    assert refund(merchant, "REFUND01", 100)[1]["code"] == "INVALID_REQUEST"
    sandbox.control("pay", out_trade_no="ORDER0001")
    assert refund(merchant, "REFUND01", 100, total=9979)[1]["code"] == "INVALID_REQUEST"
    assert refund(merchant, "REFUND01", 0)[1]["code"] == "PARAM_ERROR"
    sandbox.control("settings", balance_fen=99)
    status, refused = refund(merchant, "REFUND01", 100)
    assert (status, refused["code"]) == (403, "NOT_ENOUGH")
    sandbox.control("settings", balance_fen=100)
    assert refund(merchant, "REFUND01", 100)[0] == 200
    assert sandbox.control("settings")["settings"]["balance_fen"] == 0
    sandbox.move_clock(366 * 86_400)
    sandbox.control("settings", balance_fen=None)
    assert refund(merchant, "REFUND02", 100)[1]["code"] == "REFUND_EXPIRED"
