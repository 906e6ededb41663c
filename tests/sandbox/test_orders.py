"""Orders of WeChat Pay through the SDK: placed, paid, queried, closed, refused by name."""

import time

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from wechatpayv3 import WeChatPayType
from wechatpayv3.utils import build_authorization

from tests.sandbox.clients import Merchant
from tests.sandbox_process import ControlRefused, NoticeListener, Sandbox


def test_jsapi_order_is_paid_and_told(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    status, placed = merchant.order(total=9980, attach="pi_1")
    assert status == 200
    assert placed["prepay_id"].startswith("wx")
    assert merchant.query(out_trade_no="ORDER0001")[1]["trade_state"] == "NOTPAY"

    sandbox.control("pay", out_trade_no="ORDER0001")

    told = merchant.open(listener.wait(1)[0])
    assert told["event_type"] == "TRANSACTION.SUCCESS"
    assert told["resource"]["amount"] == {
        "total": 9980,
        "payer_total": 9980,
        "currency": "CNY",
        "payer_currency": "CNY",
    }
    assert told["resource"]["payer"] == {"openid": sandbox.openid()}
    assert told["resource"]["attach"] == "pi_1"
    assert merchant.query(out_trade_no="ORDER0001")[1] == told["resource"]
    assert merchant.query(transaction_id=told["resource"]["transaction_id"])[1] == told["resource"]


@pytest.mark.parametrize(
    "way",
    [
        (WeChatPayType.NATIVE, "code_url", None),
        (WeChatPayType.H5, "h5_url", {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}),
    ],
)
def test_native_and_h5_lead_to_the_cashier(
    merchant: Merchant, sandbox: Sandbox, listener: NoticeListener, way: tuple[WeChatPayType, str, dict | None]
) -> None:
    kind, answer, scene = way
    status, placed = merchant.pay("茶", "ORDER0001", {"total": 100}, pay_type=kind, scene_info=scene)
    assert status == 200
    assert placed[answer].startswith(f"{sandbox.base}/sandbox/cashier/wx")
    sandbox.control("pay", out_trade_no="ORDER0001", openid=sandbox.openid(2))
    assert merchant.open(listener.wait(1)[0])["resource"]["payer"]["openid"] == sandbox.openid(2)


def test_the_same_number_again(merchant: Merchant, sandbox: Sandbox) -> None:
    first = merchant.order(total=100)
    assert merchant.order(total=100) == first
    status, refused = merchant.order(total=101)
    assert (status, refused["code"]) == (403, "OUT_TRADE_NO_USED")
    assert merchant.query(out_trade_no="ORDER0001")[1]["amount"]["total"] == 100
    sandbox.control("pay", out_trade_no="ORDER0001")
    assert merchant.order(total=100)[1]["code"] == "ORDERPAID"


def test_closing(merchant: Merchant, sandbox: Sandbox) -> None:
    merchant.order()
    assert merchant.close("ORDER0001")[0] == 204
    assert merchant.close("ORDER0001")[0] == 204
    assert merchant.query(out_trade_no="ORDER0001")[1]["trade_state"] == "CLOSED"
    assert merchant.order()[1]["code"] == "ORDER_CLOSED"
    with pytest.raises(ControlRefused, match="closed"):
        sandbox.control("pay", out_trade_no="ORDER0001")
    merchant.paid("ORDER0002")
    status, refused = merchant.close("ORDER0002")
    assert (status, refused["code"]) == (400, "ORDERPAID")
    status, refused = merchant.close("ORDER0003")
    assert (status, refused["code"]) == (404, "ORDER_NOT_EXIST")


def test_paying_twice_is_paying_once(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    first = merchant.paid()
    assert sandbox.control("pay", out_trade_no="ORDER0001")["transaction"] == first
    listener.wait(1)
    assert len(sandbox.control("notices")["notices"]) == 1


def test_an_order_ends_at_its_time_by_the_business_clock(merchant: Merchant, sandbox: Sandbox) -> None:
    soon = time.strftime("%Y-%m-%dT%H:%M:%S+08:00", time.gmtime(time.time() + 8 * 3600 + 1800))
    merchant.order(time_expire=soon)
    sandbox.move_clock(1801)
    assert merchant.query(out_trade_no="ORDER0001")[1]["trade_state"] == "CLOSED"
    sandbox.move_clock(27 * 86_400)
    assert merchant.order("ORDER0002")[0] == 200, "a moved business clock must not touch signatures"
    paid = sandbox.control("pay", out_trade_no="ORDER0002")["transaction"]
    moved = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 8 * 3600 + 27 * 86_400))
    assert paid["success_time"].startswith(moved)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"out_trade_no": "short"}, "out_trade_no"),
        ({"out_trade_no": "中文单号ABC"}, "out_trade_no"),
        ({"description": "茶" * 128}, "description"),
        ({"amount": {"total": 0}}, "amount.total"),
        ({"amount": {"total": "100"}}, "amount.total"),
        ({"amount": {"total": 100, "currency": "USD"}}, "amount.currency"),
        ({"payer": {"openid": "oNobody"}}, "openid"),
        ({"notify_url": "https://shop.example.com/notify"}, "notify_url"),
        ({"notify_url": "http://127.0.0.1:9/notify?x=1"}, "notify_url"),
        ({"time_expire": "yesterday"}, "time_expire"),
        ({"mchid": "1900000000"}, "商户号"),
    ],
)
def test_wrong_fields_are_refused(merchant: Merchant, sandbox: Sandbox, change: dict, word: str) -> None:
    wish = {
        "description": "茶",
        "out_trade_no": "ORDER0001",
        "amount": {"total": 100},
        "payer": {"openid": sandbox.openid()},
        **change,
    }
    status, refused = merchant.pay(**wish)
    assert (status, refused["code"]) == (400, "PARAM_ERROR")
    assert word in refused["message"]
    assert merchant.query(out_trade_no="ORDER0001")[0] == 404


def test_a_foreign_appid_is_refused(merchant: Merchant) -> None:
    assert merchant.order(appid="wx0000000000000000")[1]["code"] == "APPID_MCHID_NOT_MATCH"


def _signed_get(sandbox: Sandbox, path: str, **change: object) -> requests.Response:
    """A query signed by hand, so that each part of the signature can be wrong."""
    key = Merchant(sandbox, "http://127.0.0.1:9/n").sdk._core._private_key
    facts = {
        "mchid": sandbox.env["WECHATPAY_MCHID"],
        "serial_no": sandbox.env["WECHATPAY_CERT_SERIAL"],
        "private_key": key,
        **change,
    }
    sent_path = str(facts.pop("sent_path", path))
    header = build_authorization(path, "GET", **facts)
    return requests.get(sandbox.base + sent_path, headers={"Authorization": header}, timeout=30)


def test_the_callers_signature_is_checked(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"/v3/pay/transactions/out-trade-no/NOSUCH01?mchid={sandbox.env['WECHATPAY_MCHID']}"
    assert _signed_get(sandbox, path).status_code == 404  # the control: as it should be, it gets through
    foreign_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    refused = [
        _signed_get(sandbox, path, private_key=foreign_key),
        _signed_get(sandbox, path, serial_no="ABCDEF"),
        _signed_get(sandbox, path, mchid="1900000000"),
        _signed_get(sandbox, path, sent_path=path + "&x=1"),
        requests.get(sandbox.base + path, timeout=30),
    ]
    real = time.time()
    for skew in (-301, 302):
        monkeypatch.setattr("wechatpayv3.utils.time.time", lambda skew=skew: real + skew)
        refused.append(_signed_get(sandbox, path))
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(401, "SIGN_ERROR")] * 7


def test_either_key_signs_and_both_are_live(sandbox: Sandbox, listener: NoticeListener) -> None:
    one, two = Merchant(sandbox, listener.url), Merchant(sandbox, listener.url, key=1)
    one.order("ORDER0001")
    sandbox.control("signing_key", key=2)
    with pytest.raises(ValueError, match="invalid literal"):  # the SDK knows key 1 only
        one.query(out_trade_no="ORDER0001")
    assert two.query(out_trade_no="ORDER0001")[0] == 200
    two.paid("ORDER0002")
    assert two.open(listener.wait(1)[0])["resource"]["out_trade_no"] == "ORDER0002"
    sandbox.control("signing_key", key="follow")
    assert one.query(out_trade_no="ORDER0001")[0] == 200
    assert two.query(out_trade_no="ORDER0001")[0] == 200


def test_certificates_open_with_the_apiv3_key(merchant: Merchant, sandbox: Sandbox) -> None:
    merchant.sdk._core._update_certificates()
    certificates = merchant.sdk._core._certificates
    numbers = {certificate.public_key().public_numbers() for certificate in certificates}
    assert len(certificates) == len(numbers) == 2
    own = Merchant(sandbox, "http://127.0.0.1:9/n").sdk._core._public_key.public_numbers()
    assert own in numbers
