"""Transfers to a user through the SDK: confirmed, refused, cancelled, overdue; amounts and names by the rules."""

import time

import pytest

from tests.sandbox.clients import Merchant
from tests.sandbox_process import ControlRefused, NoticeListener, Sandbox

REPORT = [
    {"info_type": "岗位类型", "info_content": "推客"},
    {"info_type": "报酬说明", "info_content": "推广佣金"},
]


def transfer(merchant: Merchant, number: str = "W0001", amount: int = 5000, **more: object) -> tuple[int, dict]:
    wish = {
        "transfer_scene_id": "1005",
        "openid": merchant.sandbox.openid(),
        "transfer_remark": "佣金提现",
        "transfer_scene_report_infos": REPORT,
        **more,
    }
    return merchant.mch_transfer_bills(out_bill_no=number, transfer_amount=amount, **wish)


def wait_state(merchant: Merchant, number: str, state: str) -> dict:
    deadline = time.monotonic() + 60
    while (found := merchant.mch_transfer_bills_query(out_bill_no=number)[1])["state"] != state:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found


def test_confirmed_by_the_user(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    status, made = transfer(merchant, user_name="林小满")
    assert status == 200
    assert made["state"] == "WAIT_USER_CONFIRM"
    assert made["package_info"]
    sandbox.control("transfer", out_bill_no="W0001", action="confirm")
    assert merchant.mch_transfer_bills_query(out_bill_no="W0001")[1]["state"] == "TRANSFERING"
    told = merchant.open(listener.wait(1)[0])
    assert told["event_type"] == "MCHTRANSFER.BILL.FINISHED"
    assert told["resource"]["state"] == "SUCCESS"
    assert told["resource"]["transfer_amount"] == 5000
    found = merchant.mch_transfer_bills_query(transfer_bill_no=made["transfer_bill_no"])[1]
    assert found["state"] == "SUCCESS"
    with pytest.raises(ControlRefused, match="is SUCCESS"):
        sandbox.control("transfer", out_bill_no="W0001", action="confirm")


def test_a_wrong_name_fails(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    transfer(merchant, user_name="张冠李戴")
    sandbox.control("transfer", out_bill_no="W0001", action="confirm")
    told = merchant.open(listener.wait(1)[0])["resource"]
    assert (told["state"], told["fail_reason"]) == ("FAIL", "NAME_NOT_CORRECT")


def test_refused_by_the_user(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    sandbox.control("settings", balance_fen=5000)
    transfer(merchant)
    assert sandbox.control("settings")["settings"]["balance_fen"] == 0
    sandbox.control("transfer", out_bill_no="W0001", action="refuse")
    assert merchant.open(listener.wait(1)[0])["resource"]["state"] == "FAIL"
    assert sandbox.control("settings")["settings"]["balance_fen"] == 5000


def test_unconfirmed_for_24_hours_goes_back(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    transfer(merchant)
    sandbox.move_clock(86_400 - 30)
    assert merchant.mch_transfer_bills_query(out_bill_no="W0001")[1]["state"] == "WAIT_USER_CONFIRM"
    sandbox.move_clock(86_400)
    told = merchant.open(listener.wait(1)[0])["resource"]
    assert (told["state"], told["fail_reason"]) == ("FAIL", "OVERDUE_CLOSE")


def test_cancelled_before_the_user_confirms(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    transfer(merchant)
    status, answer = merchant.mch_transfer_bills_cancel("W0001")
    assert (status, answer["state"]) == (200, "CANCELING")
    with pytest.raises(ControlRefused, match="CANCELING"):
        sandbox.control("transfer", out_bill_no="W0001", action="confirm")
    assert merchant.open(listener.wait(1)[0])["resource"]["state"] == "CANCELLED"
    assert merchant.mch_transfer_bills_cancel("W0001")[1]["state"] == "CANCELLED"
    transfer(merchant, "W0002")
    sandbox.control("transfer", out_bill_no="W0002", action="confirm")
    wait_state(merchant, "W0002", "SUCCESS")
    status, refused = merchant.mch_transfer_bills_cancel("W0002")
    assert (status, refused["code"]) == (400, "INVALID_REQUEST")


def test_accepted_first_where_wechat_takes_its_time(merchant: Merchant, sandbox: Sandbox) -> None:
    sandbox.control("settings", transfer_accept_seconds=0.4)
    made = transfer(merchant)[1]
    assert made["state"] == "ACCEPTED"
    assert "package_info" not in made
    wait_state(merchant, "W0001", "WAIT_USER_CONFIRM")
    assert transfer(merchant)[1]["package_info"]


def test_the_same_number_again(merchant: Merchant, sandbox: Sandbox) -> None:
    first = transfer(merchant, user_name="林小满")
    assert transfer(merchant, user_name="林小满") == first, "the sealed name differs each time, the transfer doesn't"
    for change in ({"amount": 5001}, {"user_name": "周建国"}, {"openid": sandbox.openid(1)}):
        status, refused = transfer(merchant, **{"user_name": "林小满", **change})
        assert (status, refused["code"]) == (400, "ALREADY_EXISTS")
    assert merchant.mch_transfer_bills_query(out_bill_no="W0001")[1]["transfer_amount"] == 5000


@pytest.mark.parametrize(
    ("amount", "change", "code"),
    [
        (9, {}, "INVALID_REQUEST"),
        (2_000_001, {"user_name": "林小满"}, "INVALID_REQUEST"),
        (5000, {"transfer_scene_id": "9999"}, "INVALID_REQUEST"),
        (5000, {"transfer_scene_report_infos": REPORT[:1]}, "PARAM_ERROR"),
        (5000, {"user_recv_perception": "现金奖励"}, "PARAM_ERROR"),
        (5000, {"transfer_remark": "长" * 33}, "PARAM_ERROR"),
        (5000, {"openid": "oNobody"}, "PARAM_ERROR"),
        (5000, {"number": "W-0001"}, "PARAM_ERROR"),
        (5000, {"appid": "wx0000000000000000"}, "APPID_MCHID_NOT_MATCH"),
    ],
)
def test_refused_by_name(merchant: Merchant, amount: int, change: dict, code: str) -> None:
    number = str(change.pop("number", "W0001")) if "number" in change else "W0001"
    status, refused = transfer(merchant, number, amount, **change)
    assert (status, refused["code"]) == (400, code)
    assert merchant.mch_transfer_bills_query(out_bill_no=number)[1]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    ("amount", "named", "status"),
    [(29, True, 400), (30, True, 200), (199_999, False, 200), (200_000, False, 400), (200_000, True, 200)],
)
def test_when_a_name_is_needed(merchant: Merchant, amount: int, named: bool, status: int) -> None:
    # Past the SDK, which already drops or demands names by itself.
    core = merchant.sdk._core
    body = {
        "appid": merchant.sandbox.env["WECHAT_APPID"],
        "out_bill_no": "W0001",
        "transfer_scene_id": "1005",
        "openid": merchant.sandbox.openid(),
        "transfer_amount": amount,
        "transfer_remark": "佣金提现",
        "transfer_scene_report_infos": REPORT,
    }
    if named:
        body["user_name"] = core.encrypt("林小满")
    got, text = core.request("/v3/fund-app/mch-transfer/transfer-bills", method=_post(), data=body, cipher_data=True)
    assert got == status, text


def _post() -> object:
    from wechatpayv3.type import RequestType

    return RequestType.POST


def test_not_enough_money(merchant: Merchant, sandbox: Sandbox) -> None:
    sandbox.control("settings", balance_fen=4999)
    status, refused = transfer(merchant)
    assert (status, refused["code"]) == (403, "NOT_ENOUGH")
    sandbox.control("settings", balance_fen=5000)
    assert transfer(merchant)[0] == 200
