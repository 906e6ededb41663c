"""Faults of answers: what a client sees when WeChat misbehaves, and that the work is done or not done as promised."""

import json

import pytest
import requests

from tests.sandbox.clients import Merchant, OpenApi
from tests.sandbox_process import ControlRefused, Sandbox
from tests.waiting import until


def state(merchant: Merchant, number: str = "ORDER0001") -> str:
    found = merchant.query(out_trade_no=number)[1]
    return found.get("trade_state") or found["code"]


def test_fail_does_no_work(merchant: Merchant, sandbox: Sandbox) -> None:
    sandbox.control("fault", target="pay.order", action="fail", times=2)
    sandbox.control("fault", target="pay.*", action="fail", status=429, code="FREQUENCY_LIMITED")
    assert merchant.order() == (500, {"code": "SYSTEM_ERROR", "message": "系统异常，请稍后重试"})
    assert merchant.order()[0] == 500
    status, refused = merchant.order()
    assert (status, refused["code"]) == (429, "FREQUENCY_LIMITED")
    assert state(merchant) == "ORDER_NOT_EXIST"
    assert merchant.order()[0] == 200
    assert sandbox.control("faults") == {"faults": []}


def test_dropped_before_the_work(merchant: Merchant, sandbox: Sandbox) -> None:
    sandbox.control("fault", target="pay.order", action="drop")
    with pytest.raises(requests.ConnectionError):
        merchant.order()
    assert state(merchant) == "ORDER_NOT_EXIST"


def test_no_answer_after_the_work(merchant: Merchant, sandbox: Sandbox) -> None:
    sandbox.control("fault", target="transfer.create", action="timeout_after", hold_ms=100)
    sandbox.control("fault", target="pay.order", action="timeout_after", hold_ms=30_000)
    patience, merchant.sdk._core._timeout = merchant.sdk._core._timeout, 0.3
    with pytest.raises(requests.Timeout):
        merchant.order()
    merchant.sdk._core._timeout = patience
    until(lambda: state(merchant) == "NOTPAY", what="the order that was made although nobody heard of it")
    assert merchant.order()[0] == 200


def test_delay(merchant: Merchant, sandbox: Sandbox) -> None:
    sandbox.control("fault", target="pay.query", action="delay", delay_ms=600)
    merchant.order()
    patience, merchant.sdk._core._timeout = merchant.sdk._core._timeout, 0.2
    with pytest.raises(requests.Timeout):
        state(merchant)
    merchant.sdk._core._timeout = patience
    assert state(merchant) == "NOTPAY"


@pytest.mark.parametrize("action", ["unsigned", "wrong_serial", "flip"])
def test_answers_that_dont_hold(merchant: Merchant, sandbox: Sandbox, action: str) -> None:
    merchant.order()
    sandbox.control("fault", target="pay.query", action=action)
    with pytest.raises(Exception, match=r"verify|algorithm|invalid literal"):
        state(merchant)
    assert state(merchant) == "NOTPAY"


def test_garbage_is_signed_but_no_json(merchant: Merchant, sandbox: Sandbox) -> None:
    merchant.order()
    sandbox.control("fault", target="pay.query", action="garbage")
    with pytest.raises(json.JSONDecodeError):
        state(merchant)
    assert state(merchant) == "NOTPAY"


def test_stale_and_altered_answers(merchant: Merchant, sandbox: Sandbox) -> None:
    merchant.order()
    sandbox.control("fault", target="pay.query", action="alter", set={"amount.total": 1, "payer": None, "new.leaf": 2})
    found = merchant.query(out_trade_no="ORDER0001")[1]
    assert (found["amount"]["total"], found["new"], "payer" in found) == (1, {"leaf": 2}, False)
    sandbox.control("fault", target="pay.query", action="stale", seconds=-3600)
    response = requests.get(sandbox.base + "/v3/pay/transactions/out-trade-no/ORDER0001", timeout=30)
    real = int(requests.get(sandbox.base + "/v3/certificates", timeout=30).headers["Wechatpay-Timestamp"])
    assert 3590 <= real - int(response.headers["Wechatpay-Timestamp"]) <= 3610


def test_open_api_faults(wx: OpenApi, sandbox: Sandbox) -> None:
    sandbox.control("fault", target="wx.jscode2session", action="fail", code=45011, message="api minute-quota reached")
    code = sandbox.login_code()
    assert wx.session(code)["errcode"] == 45011
    assert wx.session(code)["openid"] == sandbox.openid(), "a failed call doesn't use the code up"
    sandbox.control("fault", target="wx.jscode2session", action="fail", status=502)
    answer = requests.get(sandbox.base + "/sns/jscode2session", timeout=30)
    assert (answer.status_code, answer.json()["errcode"]) == (502, -1)


def test_until_cleared(merchant: Merchant, sandbox: Sandbox) -> None:
    sandbox.control("fault", target="*", action="fail", times=None)
    assert [merchant.order()[0] for _ in range(4)] == [500] * 4
    sandbox.control("clear_faults")
    assert merchant.order()[0] == 200


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"target": "pay.order", "action": "explode"}, "unknown action"),
        ({"action": "fail"}, "needs a target"),
        ({"target": "pay.order", "action": "duplicate"}, "can't hit"),
        ({"target": "notice:*", "action": "fail"}, "can't hit"),
        ({"target": "wx.token", "action": "unsigned"}, "isn't signed"),
        ({"target": "pay.order", "action": "alter"}, "needs a value"),
        ({"target": "pay.order", "action": "fail", "times": 0}, "times"),
        ({"target": "pay.order", "action": "fail", "colour": "red"}, "doesn't know"),
    ],
)
def test_impossible_faults_are_refused(sandbox: Sandbox, wish: dict, word: str) -> None:
    with pytest.raises(ControlRefused, match=word):
        sandbox.control("fault", **wish)
    assert sandbox.control("faults") == {"faults": []}
