"""Orders at WeChat Pay: the real adapter against the sandbox over HTTP with real signatures."""

import base64
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from tests.gateways.notices import private_pem, rsa_key
from tuike.gateways import config
from tuike.gateways.config import PublicKey
from tuike.gateways.types import Channel, Forged, ForgedReason, NoticeKind, Refused, TradeState, Unreachable
from tuike.gateways.wechatpay import WeChatPay
from tuike_sandbox.people import web_openid


def test_a_page_in_wechat_pays_by_the_official_account(settings_of_wechat, sandbox, order, listener):
    mini, web = sandbox.env["WECHAT_APPID"], sandbox.env["WECHAT_WEB_APPID"]
    pay = WeChatPay(settings_of_wechat, web_appid=web)
    openid = web_openid(sandbox.openid(2))
    request = order(appid=web, payer_openid=openid)
    given = pay.prepay(request).client.as_parameters()
    signed = "\n".join([web, given["timeStamp"], given["nonceStr"], given["package"], ""])
    key = serialization.load_pem_private_key(sandbox.private_key.encode(), None).public_key()
    key.verify(base64.b64decode(given["paySign"]), signed.encode(), PKCS1v15(), SHA256())
    assert given["appId"] == web
    sandbox.control("pay", out_trade_no=request.out_trade_no)
    fact = pay.query(request.out_trade_no)
    assert (fact.trade_state, fact.appid, fact.payer_openid) == (TradeState.SUCCESS, web, openid)
    (came,) = listener.wait(1)
    assert pay.verify_notice(came.headers, came.body).fact == fact

    alone = WeChatPay(settings_of_wechat)  # without the account it is a stranger's payment
    with pytest.raises(Forged) as forged:
        alone.verify_notice(came.headers, came.body)
    assert forged.value.reason is ForgedReason.FOREIGN_APP
    with pytest.raises(Unreachable):
        alone.query(request.out_trade_no)
    with pytest.raises(ValueError, match="appid"):
        alone.prepay(order(appid=web, payer_openid=openid))
    for appid, whose in ((web, sandbox.openid(2)), (mini, openid)):
        with pytest.raises(Refused) as refused:
            pay.prepay(order(appid=appid, payer_openid=whose))
        assert refused.value.provider_code == "PARAM_ERROR"


def test_jsapi_from_prepay_to_notice(pay, sandbox, order, listener):
    request = order()
    client = pay.prepay(request).client
    given = client.as_parameters()
    assert given["appId"] == sandbox.env["WECHAT_APPID"]
    assert given["signType"] == "RSA"
    assert given["package"].startswith("prepay_id=wx")
    signed = "\n".join([given["appId"], given["timeStamp"], given["nonceStr"], given["package"], ""])
    key = serialization.load_pem_private_key(sandbox.private_key.encode(), None).public_key()
    key.verify(base64.b64decode(given["paySign"]), signed.encode(), PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        key.verify(base64.b64decode(given["paySign"]), b"x" + signed.encode(), PKCS1v15(), SHA256())

    waiting = pay.query(request.out_trade_no)
    assert (waiting.trade_state, waiting.transaction_id, waiting.trade_state.paid) == (TradeState.NOTPAY, None, False)

    sandbox.control("pay", out_trade_no=request.out_trade_no)
    fact = pay.query(request.out_trade_no)
    assert (fact.trade_state, fact.amount_fen, fact.currency) == (TradeState.SUCCESS, 9980, "CNY")
    assert (fact.payer_openid, fact.attach, fact.mchid) == (
        request.payer_openid,
        "intent:7",
        sandbox.env["WECHATPAY_MCHID"],
    )
    assert fact.transaction_id
    assert fact.success_at.tzinfo

    (came,) = listener.wait(1)
    notice = pay.verify_notice(came.headers, came.body)
    assert (notice.kind, notice.fact) == (NoticeKind.PAYMENT, fact)


def test_native_and_h5_give_their_addresses(pay, sandbox, order):
    native = order(channel=Channel.NATIVE, payer_openid=None)
    prepay = pay.prepay(native)
    assert prepay.code_url.startswith(sandbox.base)
    assert (prepay.client, prepay.h5_url) == (None, None)
    h5 = order(channel=Channel.H5, payer_openid=None, client_ip="127.0.0.1")
    assert pay.prepay(h5).h5_url.startswith(sandbox.base)
    sandbox.control("pay", out_trade_no=native.out_trade_no, openid=sandbox.openid(2))
    assert pay.query(native.out_trade_no).payer_openid == sandbox.openid(2)


def test_the_same_number_again_is_the_same_order_and_other_content_is_refused(pay, order):
    request = order()
    assert pay.prepay(request).client.package == pay.prepay(request).client.package
    for changed in (replace(request, amount_fen=1), replace(request, description="别的"), replace(request, attach="")):
        with pytest.raises(Refused) as refused:
            pay.prepay(changed)
        assert refused.value.provider_code == "OUT_TRADE_NO_USED"
    assert pay.query(request.out_trade_no).amount_fen == 9980


def test_close_is_final_repeatable_and_refused_once_paid(pay, order, paid):
    request = order()
    pay.prepay(request)
    pay.close(request.out_trade_no)
    pay.close(request.out_trade_no)
    assert pay.query(request.out_trade_no).trade_state is TradeState.CLOSED
    with pytest.raises(Refused):
        pay.prepay(request)
    done = paid()
    with pytest.raises(Refused) as refused:
        pay.close(done.out_trade_no)
    assert "PAID" in refused.value.provider_code
    assert pay.query(done.out_trade_no).trade_state is TradeState.SUCCESS


def test_an_unknown_order_and_a_foreign_openid_are_refused(pay, order):
    with pytest.raises(Refused) as refused:
        pay.query("P26112299999999")
    assert refused.value.provider_code == "ORDER_NOT_EXIST"
    stranger = "oNobodyHasThisOpenid0123456789"
    with pytest.raises(Refused) as refused:
        pay.prepay(order(payer_openid=stranger))
    assert stranger not in str(refused.value) + refused.value.message


@pytest.mark.parametrize(
    "changes",
    [
        {"out_trade_no": "P/../../refund"},
        {"out_trade_no": "P261122?mchid=1"},
        {"out_trade_no": "短"},
        {"out_trade_no": "P2611"},
        {"amount_fen": 0},
        {"amount_fen": True},
        {"amount_fen": 99.8},
        {"payer_openid": None},
        {"channel": Channel.H5},
        {"description": "\n\t"},
        {"attach": "字" * 43},
        {"notify_url": "https://example.com/notify?x=1"},
        {"notify_url": "javascript:1"},
    ],
)
def test_what_can_t_be_sent_is_never_sent(pay, sandbox, order, changes):
    with pytest.raises(ValueError, match=r"[a-z_]+"):
        pay.prepay(order(**changes))
    assert sandbox.control("journal", direction="received")["journal"] == []


def test_a_long_description_with_emoji_is_cut_to_what_wechat_takes(pay, order):
    request = order(description="🍓" + "草莓" * 100)
    assert pay.prepay(request).client.package == pay.prepay(request).client.package


FAULTS = [
    {"action": "drop"},
    {"action": "garbage"},
    {"action": "unsigned"},
    {"action": "wrong_serial"},
    {"action": "wrong_serial", "serial": "444F4864EA9B34415"},
    {"action": "wrong_serial", "serial": "not hexadecimal"},
    {"action": "flip"},
    {"action": "stale", "seconds": 302},
    {"action": "stale", "seconds": -302},
    {"action": "fail", "status": 500},
    {"action": "fail", "status": 503},
    {"action": "fail", "status": 429, "code": "ANYTHING"},
    {"action": "fail", "status": 408, "code": "ANYTHING"},
    {"action": "fail", "status": 403, "code": "RATE_LIMITED"},
    {"action": "fail", "status": 400, "code": "SYSTEM_ERROR"},
    {"action": "fail", "status": 302, "code": "FOUND"},
]


@pytest.mark.parametrize(
    ("endpoint", "fault"),
    [
        (endpoint, fault)
        for endpoint in ("pay.order", "pay.query", "pay.close")
        for fault in FAULTS
        if (endpoint, fault["action"]) != ("pay.close", "flip")  # a 204 has no body to damage
    ],
    ids=str,
)
def test_an_answer_that_proves_nothing_is_an_unknown_outcome(pay, sandbox, order, endpoint, fault):
    request = order()
    if endpoint != "pay.order":
        pay.prepay(request)
    calls = {
        "pay.order": lambda: pay.prepay(request),
        "pay.query": lambda: pay.query(request.out_trade_no),
        "pay.close": lambda: pay.close(request.out_trade_no),
    }
    sandbox.control("fault", target=endpoint, **fault)
    with pytest.raises(Unreachable) as unknown:
        calls[endpoint]()
    assert sandbox.control("faults")["faults"] == []  # it was this call that met the fault
    _no_secret(sandbox, request, str(unknown.value), unknown.value)
    calls[endpoint]()  # the same again, and all is well


def _no_secret(sandbox, request, text, error):
    """Neither the text nor what is chained to it holds an address, a key or a person."""
    assert error.__context__ is None or error.__suppress_context__
    for secret in (sandbox.base, request.payer_openid, sandbox.env["WECHATPAY_APIV3_KEY"]):
        assert secret not in text


def test_a_refusal_counts_only_when_wechat_signed_it(pay, sandbox):
    """An unsigned or damaged 404 must not be taken for "no such order"."""
    for fault in ({"action": "unsigned"}, {"action": "flip"}, {"action": "wrong_serial"}):
        sandbox.control("fault", target="pay.query", **fault)
        with pytest.raises(Unreachable):
            pay.query("P26112299999999")
    with pytest.raises(Refused):
        pay.query("P26112299999999")


def test_time_out_after_the_work_was_done_then_asking_tells_the_truth(pay, sandbox, order, impatient):
    request = order()
    sandbox.control("fault", target="pay.order", action="timeout_after", hold_ms=6000)
    with pytest.raises(Unreachable) as unknown:
        pay.prepay(request)
    assert "Timeout" in unknown.value.why or "ConnectionError" in unknown.value.why
    assert pay.query(request.out_trade_no).trade_state is TradeState.NOTPAY  # it was opened all the same
    assert pay.prepay(request).client  # and the same call again gives it

    sandbox.control("fault", target="pay.close", action="timeout_after", hold_ms=6000)
    with pytest.raises(Unreachable):
        pay.close(request.out_trade_no)
    assert pay.query(request.out_trade_no).trade_state is TradeState.CLOSED


def test_a_delayed_answer_is_awaited_within_its_bound(pay, sandbox, order):
    request = order()
    sandbox.control("fault", target="pay.order", action="delay", delay_ms=700)
    assert pay.prepay(request).client


@pytest.mark.parametrize(
    "changes",
    [
        {"out_trade_no": "P26112200000000"},
        {"mchid": "1900000000"},
        {"appid": "wx0000000000000000"},
        {"amount.total": "9980"},
        {"amount.total": None},
        {"payer": None},
        {"trade_state": "HAPPY"},
        {"success_time": "soon"},
    ],
    ids=str,
)
def test_a_signed_answer_about_something_else_proves_nothing(pay, sandbox, paid, changes):
    request = paid()
    sandbox.control("fault", target="pay.query", action="alter", set=changes)
    with pytest.raises(Unreachable):
        pay.query(request.out_trade_no)
    assert pay.query(request.out_trade_no).amount_fen == 9980


def test_two_keys_are_live_for_answers_and_notices(pay, sandbox, settings_of_wechat, order, listener):
    first, second = (
        WeChatPay(replace(settings_of_wechat, public_keys=(key,))) for key in settings_of_wechat.public_keys
    )
    for key, alone, other in ((1, first, second), (2, second, first)):
        sandbox.control("signing_key", key=key)
        request = order()
        assert pay.prepay(request).client
        assert alone.prepay(request).client
        with pytest.raises(Unreachable):
            other.prepay(request)
        sandbox.control("pay", out_trade_no=request.out_trade_no)
        came = listener.wait(key)[-1]
        assert pay.verify_notice(came.headers, came.body) == alone.verify_notice(came.headers, came.body)
        with pytest.raises(Forged) as refused:
            other.verify_notice(came.headers, came.body)
        assert refused.value.reason is ForgedReason.UNKNOWN_SERIAL
    sandbox.control("signing_key", key="follow")
    assert first.prepay(order()).client
    assert second.prepay(order()).client


def test_a_wrong_merchant_key_is_a_refusal_by_name(sandbox, settings_of_wechat, order):
    stranger = WeChatPay(replace(settings_of_wechat, private_key_pem=private_pem(rsa_key())))
    with pytest.raises(Refused) as refused:
        stranger.prepay(order())
    assert refused.value.provider_code == "SIGN_ERROR"


@pytest.mark.parametrize(
    "case",
    [
        ({"action": "flip"}, ForgedReason.BAD_SIGNATURE),
        ({"action": "unsigned"}, ForgedReason.MISSING_HEADER),
        ({"action": "wrong_serial"}, ForgedReason.UNKNOWN_SERIAL),
        ({"action": "stale", "seconds": 303}, ForgedReason.STALE),
        ({"action": "stale", "seconds": -303}, ForgedReason.STALE),
        ({"action": "garbage"}, ForgedReason.UNREADABLE),
        ({"action": "alter", "set": {"mchid": "1900000000"}}, ForgedReason.FOREIGN_MERCHANT),
        ({"action": "alter", "set": {"appid": "wx0000000000000000"}}, ForgedReason.FOREIGN_APP),
        ({"action": "alter", "set": {"amount.total": "1"}}, ForgedReason.UNREADABLE),
    ],
    ids=str,
)
def test_a_damaged_notice_is_refused_and_its_repetition_taken(pay, sandbox, paid, listener, case):
    fault, why = case
    listener.answers = [500]
    sandbox.control("fault", target="notice:TRANSACTION.SUCCESS", **fault)
    request = paid()
    bad, good = listener.wait(2)[:2]
    with pytest.raises(Forged) as refused:
        pay.verify_notice(bad.headers, bad.body)
    assert refused.value.reason is why
    assert pay.verify_notice(good.headers, good.body).fact.out_trade_no == request.out_trade_no


def test_a_duplicated_notice_verifies_each_time_and_is_the_same(pay, sandbox, paid, listener):
    sandbox.control("fault", target="notice:TRANSACTION.SUCCESS", action="duplicate", copies=2)
    paid()
    read = [pay.verify_notice(came.headers, came.body) for came in listener.wait(3)]
    assert read[0] == read[1] == read[2]


def test_the_development_clock_doesn_t_touch_freshness(pay, sandbox, paid, order, listener):
    sandbox.move_clock(40 * 86_400)
    request = order(expires_at=order().expires_at.replace(year=2100))
    pay.prepay(request)
    sandbox.control("pay", out_trade_no=request.out_trade_no)
    (came,) = listener.wait(1)
    fact = pay.verify_notice(came.headers, came.body).fact
    assert fact.success_at == pay.query(request.out_trade_no).success_at


def test_the_settings_of_the_sandbox_are_complete(sandbox):
    loaded = config.load(sandbox.env)
    assert len(loaded.public_keys) == 2
    assert all(isinstance(key, PublicKey) for key in loaded.public_keys)
