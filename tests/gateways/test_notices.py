"""What counts as a notice of WeChat Pay's, and that finding out never opens a connection."""

import base64
import json
import socket
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gateways import notices
from tests.gateways.notices import APPID, CONFIG, KEYS, MCHID, NOW, OPENID, STRANGER, Made, later
from tuike.gateways.types import Forged, ForgedReason, NoticeKind, RefundState, TradeState, TransferState
from tuike.gateways.wechatpay import NOTICE_LIMIT, WeChatPay

PAY = WeChatPay(CONFIG, real_now=lambda: NOW)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Opening any connection fails the test."""

    def refuse(*_args, **_kwargs):
        raise AssertionError("a connection was opened while a notice was verified")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


def reason(headers, body):
    """Why it is refused; fails if it is taken, or breaks in another way."""
    with pytest.raises(Forged) as refused:
        PAY.verify_notice(headers, body)
    return refused.value.reason


@pytest.mark.parametrize("serial", KEYS)
def test_payment_is_read_under_each_live_key(serial):
    notice = PAY.verify_notice(*Made(serial=serial).sent())
    assert (notice.kind, notice.id, notice.event_type) == (
        NoticeKind.PAYMENT,
        "EV-2018022511223320873",
        "TRANSACTION.SUCCESS",
    )
    fact = notice.fact
    assert (fact.out_trade_no, fact.amount_fen, fact.currency) == ("P26112200000001", 9980, "CNY")
    assert (fact.mchid, fact.appid, fact.payer_openid, fact.attach) == (MCHID, APPID, OPENID, "intent:7")
    assert (fact.trade_state, fact.transaction_id) == (TradeState.SUCCESS, "4200002026112212345678901234")
    assert fact.success_at.isoformat() == "2026-11-22T14:05:01+08:00"


def test_refund_and_transfer_are_read():
    back = PAY.verify_notice(*Made(plain=notices.refund(), event_type="REFUND.SUCCESS", associated="refund").sent())
    assert (back.kind, back.fact.state, back.fact.refund_fen) == (NoticeKind.REFUND, RefundState.SUCCESS, 4990)
    closed = notices.refund(refund_status="ABNORMAL", success_time=None)
    back = PAY.verify_notice(*Made(plain=closed, event_type="REFUND.ABNORMAL").sent())
    assert (back.fact.state, back.fact.success_at) == (RefundState.ABNORMAL, None)
    out = PAY.verify_notice(*Made(plain=notices.transfer(), event_type="MCHTRANSFER.BILL.FINISHED").sent())
    assert (out.kind, out.fact.state, out.fact.amount_fen) == (NoticeKind.TRANSFER, TransferState.SUCCESS, 400)


def test_an_event_of_another_product_is_genuine_but_no_fact():
    notice = PAY.verify_notice(*Made(plain={"x": 1}, event_type="PAYSCORE.USER_PAID").sent())
    assert (notice.kind, notice.fact) == (NoticeKind.OTHER, None)


def test_headers_are_found_under_any_spelling_and_a_replay_verifies_equally():
    headers, body = Made().sent()
    lower = {name.lower(): value for name, value in headers.items()}
    wsgi = {"HTTP_" + name.upper().replace("-", "_"): value for name, value in headers.items()}
    first = PAY.verify_notice(headers, body)
    assert PAY.verify_notice(headers, body) == PAY.verify_notice(lower, body) == PAY.verify_notice(wsgi, body) == first


@pytest.mark.parametrize(("skew", "fresh"), [(-301, False), (-300, True), (0, True), (300, True), (301, False)])
def test_freshness_is_300_seconds_both_ways(skew, fresh):
    sent = Made(timestamp=later(skew)).sent()
    if fresh:
        assert PAY.verify_notice(*sent).kind is NoticeKind.PAYMENT
    else:
        assert reason(*sent) is ForgedReason.STALE


@pytest.mark.parametrize(
    "serial",
    ["PUB_KEY_ID_03", "444F4864EA9B34415", "0", "odd", "nothex!", "ZZZZ", "-1", "pub_key_id_01", "PUB_KEY_ID_01x"],
)
def test_an_unknown_serial_is_refused_whatever_its_form(serial):
    headers, body = Made().sent()
    assert reason({**headers, "Wechatpay-Serial": serial}, body) is ForgedReason.UNKNOWN_SERIAL
    assert reason(*Made(serial=serial, signer=STRANGER).sent()) is ForgedReason.UNKNOWN_SERIAL


def test_the_other_live_key_s_serial_doesn_t_verify():
    assert reason(*Made(serial="PUB_KEY_ID_02", signer=KEYS["PUB_KEY_ID_01"]).sent()) is ForgedReason.BAD_SIGNATURE
    assert reason(*Made(signer=STRANGER).sent()) is ForgedReason.BAD_SIGNATURE


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (Made(plain=notices.payment(mchid="1900000110")), ForgedReason.FOREIGN_MERCHANT),
        (Made(plain=notices.payment(appid="wxffffffffffffffff")), ForgedReason.FOREIGN_APP),
        (
            Made(plain=notices.refund(mchid="1900000110"), event_type="REFUND.SUCCESS"),
            ForgedReason.FOREIGN_MERCHANT,
        ),
        (
            Made(plain=notices.transfer(mch_id="1900000110"), event_type="MCHTRANSFER.BILL.FINISHED"),
            ForgedReason.FOREIGN_MERCHANT,
        ),
        (Made(apiv3_key="another-key-of-32-characters-xxx"), ForgedReason.UNDECRYPTABLE),
        (Made(sealed_nonce="elevenchars"), ForgedReason.UNREADABLE),
        (Made(sealed_nonce="thirteenchars"), ForgedReason.UNREADABLE),
        (Made(envelope={"resource": {"associated_data": "refund"}}), ForgedReason.UNDECRYPTABLE),
        (Made(envelope={"resource": {"ciphertext": "x"}}), ForgedReason.UNDECRYPTABLE),
        (Made(envelope={"resource": {"algorithm": "AEAD_SM4_128_GCM"}}), ForgedReason.UNREADABLE),
        (Made(envelope={"resource_type": "plain"}), ForgedReason.UNREADABLE),
        (Made(envelope={"id": None}), ForgedReason.UNREADABLE),
        (Made(envelope={"create_time": "2026-11-22T14:05:02"}), ForgedReason.UNREADABLE),
        (Made(plain=b"not json"), ForgedReason.UNDECRYPTABLE),
        (Made(plain=[1]), ForgedReason.UNDECRYPTABLE),
        (Made(plain=notices.payment(amount={"total": "9980", "currency": "CNY"})), ForgedReason.UNREADABLE),
        (Made(plain=notices.payment(amount={"total": 9980.0, "currency": "CNY"})), ForgedReason.UNREADABLE),
        (Made(plain=notices.payment(amount={"total": True, "currency": "CNY"})), ForgedReason.UNREADABLE),
        (Made(plain=notices.payment(amount={"total": -1, "currency": "CNY"})), ForgedReason.UNREADABLE),
        (Made(plain=notices.payment(amount=None)), ForgedReason.UNREADABLE),
        (Made(plain=notices.payment(payer="x")), ForgedReason.UNREADABLE),
        (Made(plain=notices.payment(trade_state="WHATEVER")), ForgedReason.UNREADABLE),
        (Made(plain=notices.payment(transaction_id="")), ForgedReason.UNREADABLE),
        (Made(plain=notices.payment(success_time="yesterday")), ForgedReason.UNREADABLE),
    ],
)
def test_a_signed_notice_that_isn_t_for_us_or_can_t_be_read_is_refused(made, why):
    assert reason(*made.sent()) is why


def test_a_missing_doubled_or_odd_header_is_refused():
    headers, body = Made().sent()
    for name in headers:
        assert reason({key: value for key, value in headers.items() if key != name}, body) is (
            ForgedReason.MISSING_HEADER
        )
        assert reason({**headers, name.lower(): headers[name]}, body) is ForgedReason.MALFORMED_HEADER
        for odd in ("", " ", "\ud800", "é", "a\nb", "x" * 5000):
            assert reason({**headers, name: odd}, body) is ForgedReason.MALFORMED_HEADER
    for stamp in ("1e9", "１７６３７９１５０９", "+1", "0x10", headers["Wechatpay-Timestamp"] + ".0"):
        assert reason({**headers, "Wechatpay-Timestamp": stamp}, body) is ForgedReason.MALFORMED_HEADER
    other = {**headers, "Wechatpay-Signature-Type": "WECHATPAY2-SM2-WITH-SM3"}
    assert reason(other, body) is ForgedReason.SIGNATURE_TYPE
    assert reason({}, b"") is ForgedReason.MISSING_HEADER


def test_wechat_s_own_probe_with_a_wrong_signature_is_refused():
    headers, body = Made().sent()
    probe = "WECHATPAY/SIGNTEST/" + headers["Wechatpay-Signature"][19:]
    assert reason({**headers, "Wechatpay-Signature": probe}, body) is ForgedReason.BAD_SIGNATURE


def test_a_large_or_undecodable_body_is_refused():
    made = Made()
    for body, why in ((b" " * (NOTICE_LIMIT + 1), ForgedReason.TOO_LARGE), (b"\xff\xfe", ForgedReason.UNREADABLE)):
        assert reason(made.headers(body), body) is why
    deep = b"[" * 50_000 + b"]" * 10_000
    assert reason(made.headers(deep), deep) is ForgedReason.UNREADABLE


def test_every_other_spelling_of_the_signature_is_refused():
    headers, body = Made().sent()
    signature = headers["Wechatpay-Signature"]
    assert signature.endswith("==")
    same_bytes = [
        spelling
        for last in string.ascii_letters + string.digits + "+/"
        if (spelling := signature[:-3] + last + "==") != signature
        and base64.b64decode(spelling) == base64.b64decode(signature)
    ]
    assert len(same_bytes) == 15  # four unused bits: a lenient reader takes all of these
    for spelling in [*same_bytes, signature + "=", signature.rstrip("="), signature[:4] + "!" + signature[4:]]:
        assert reason({**headers, "Wechatpay-Signature": spelling}, body) is ForgedReason.BAD_SIGNATURE


SENT = [
    Made(serial=serial, plain=plain, event_type=event).sent()
    for serial, plain, event in (
        ("PUB_KEY_ID_01", notices.payment(), "TRANSACTION.SUCCESS"),
        ("PUB_KEY_ID_02", notices.refund(), "REFUND.SUCCESS"),
        ("PUB_KEY_ID_01", notices.transfer(), "MCHTRANSFER.BILL.FINISHED"),
    )
]


@settings(max_examples=1500, deadline=None)
@given(st.sampled_from(SENT), st.data())
def test_any_single_byte_changed_anywhere_makes_it_forged(sent, data):
    headers, body = sent
    PAY.verify_notice(headers, body)
    where = data.draw(st.sampled_from(["body", *headers]))
    raw = bytearray(body if where == "body" else headers[where].encode())
    place = data.draw(st.integers(0, len(raw) - 1))
    raw[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != raw[place]))
    if where == "body":
        reason(headers, bytes(raw))
    else:
        reason({**headers, where: raw.decode("latin-1")}, body)  # as WSGI hands over header bytes


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.sampled_from([*SENT[0][0], "X"]) | st.text(max_size=30), st.text(max_size=400), max_size=7),
    st.binary(max_size=400),
)
def test_anything_else_is_forged_and_never_another_error(headers, body):
    reason(headers, body)


@settings(max_examples=300, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=6,
    ),
    st.data(),
)
def test_a_signed_notice_of_any_shape_is_read_or_refused_by_name(odd, data):
    """A wrong type anywhere, signed by a live key: `Forged` or a notice, never another error."""
    plain = notices.payment()
    where = data.draw(st.sampled_from(["plain", "envelope", "resource", *plain]))
    made = Made()
    if where == "plain":
        made = made.but(plain=odd)
    elif where == "envelope":
        name = data.draw(st.sampled_from(["id", "create_time", "resource_type", "event_type", "resource"]))
        body = json.loads(made.body())
        body[name] = odd
        raw = json.dumps(body).encode()
        sent = (made.headers(raw), raw)
        return _read_or_refused(sent)
    elif where == "resource":
        name = data.draw(st.sampled_from(["algorithm", "ciphertext", "associated_data", "nonce"]))
        made = made.but(envelope={"resource": {name: odd}})
    else:
        made = made.but(plain={**plain, where: odd})
    return _read_or_refused(made.sent())


def _read_or_refused(sent):
    try:
        assert PAY.verify_notice(*sent).id
    except Forged as refused:
        assert refused.reason in ForgedReason


def test_no_text_of_a_refusal_or_fact_holds_a_person_or_a_secret():
    notice = PAY.verify_notice(*Made().sent())
    assert OPENID not in repr(notice)
    assert OPENID not in repr(PAY.verify_notice(*SENT[2]))
    for secret in (CONFIG.apiv3_key, CONFIG.appsecret, "PRIVATE KEY"):
        assert secret not in repr(CONFIG)
