"""WeChat Pay's reports: what is genuine is kept once, durably; anything else changes nothing."""

import base64
from datetime import timedelta

import pytest
from django.db import OperationalError
from structlog.testing import capture_logs

from tests.gateways import notices
from tests.gateways.notices import CONFIG, KEYS, NOW, STRANGER, Made, later
from tuike.db import rows
from tuike.doors.hooks import views
from tuike.flows import outside
from tuike.gateways.types import NoticeKind
from tuike.gateways.wechatpay import WeChatPay
from tuike.payments import service as payments

pytestmark = pytest.mark.usefixtures("db", "wechatpay")
TABLES = ("payments_notice", "payments_intent", "ledger_transfer", "orders_order", "procrastinate_jobs")
REFUND = Made(plain=notices.refund(), event_type="REFUND.SUCCESS", associated="refund")
TRANSFER = Made(plain=notices.transfer(), event_type="MCHTRANSFER.BILL.FINISHED", associated="transfer")


@pytest.fixture
def wechatpay(monkeypatch):
    """The real adapter with keys of the tests, at the instant of their notices."""
    pay = WeChatPay(CONFIG, real_now=lambda: NOW)
    monkeypatch.setattr(outside, "wechatpay", lambda: pay)


def _send(client, sent: tuple[dict[str, str], bytes], kind: str = "pay"):
    headers, body = sent
    return client.post(f"/hooks/wechatpay/{kind}", body, content_type="application/json", headers=headers)


def _everything() -> dict[str, list[tuple]]:
    return {name: sorted(rows.query(f"SELECT t::text FROM {name} t")) for name in TABLES}


@pytest.mark.parametrize(
    ("kind", "made", "about", "job"),
    [
        ("pay", Made(), NoticeKind.PAYMENT, "confirm_payments"),
        ("refund", REFUND, NoticeKind.REFUND, "confirm_refunds"),
        ("transfer", TRANSFER, NoticeKind.TRANSFER, "record_payout_notices"),
    ],
)
def test_a_genuine_notice_is_kept_once_and_its_job_asked_for(client, kind, made, about, job):
    for _ in range(3):
        answer = _send(client, made.sent(), kind)
        assert (answer.status_code, answer.content) == (204, b"")
    assert [one.kind for one in payments.waiting_notices(kind=about)] == [about]
    assert rows.query("SELECT task_name, queueing_lock, status FROM procrastinate_jobs") == [(job, job, "todo")]


def test_both_live_keys_are_taken(client):
    for number, serial in enumerate(KEYS):
        assert _send(client, Made(serial=serial, envelope={"id": f"EV-{number}"}).sent()).status_code == 204
    assert len(payments.waiting_notices(kind=NoticeKind.PAYMENT)) == 2


def _flipped(at: int) -> tuple[dict[str, str], bytes]:
    headers, body = Made().sent()
    return headers, body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]


def _with(**changes: str) -> tuple[dict[str, str], bytes]:
    headers, body = Made().sent()
    return headers | {name.replace("_", "-"): value for name, value in changes.items()}, body


def _without(name: str) -> tuple[dict[str, str], bytes]:
    headers, body = Made().sent()
    return {key: value for key, value in headers.items() if key != name}, body


PROBE = "WECHATPAY/SIGNTEST/" + base64.b64encode(b"x" * 256).decode()
FORGERIES = {
    "a byte flipped at the start": (_flipped(2), 401, "bad_signature"),
    "a byte flipped in the middle": (_flipped(200), 401, "bad_signature"),
    "a byte flipped at the end": (_flipped(-2), 401, "bad_signature"),
    "an unknown serial": (_with(Wechatpay_Serial="PUB_KEY_ID_03"), 401, "unknown_serial"),
    "another live key's serial": (_with(Wechatpay_Serial="PUB_KEY_ID_02"), 401, "bad_signature"),
    "a stranger's signature": (Made(signer=STRANGER).sent(), 401, "bad_signature"),
    "too old": (Made(timestamp=later(-301)).sent(), 401, "stale"),
    "from the future": (Made(timestamp=later(301)).sent(), 401, "stale"),
    "no signature": (_without("Wechatpay-Signature"), 401, "missing_header"),
    "no serial": (_without("Wechatpay-Serial"), 401, "missing_header"),
    "the probe": (_with(Wechatpay_Signature=PROBE), None, None),
    "a foreign merchant": (Made(plain=notices.payment(mchid="1900000999")).sent(), 400, "foreign_merchant"),
    "a foreign app": (Made(plain=notices.payment(appid="wx9999999999999999")).sent(), 400, "foreign_app"),
    "sealed with another key": (Made(apiv3_key="z" * 32).sent(), 400, "undecryptable"),
    "no JSON under a good signature": ((Made().headers(b"hello"), b"hello"), 400, "unreadable"),
    "not text": ((Made().headers(b"\xff\xfe"), b"\xff\xfe"), 400, "unreadable"),
    "empty": ((Made().headers(b""), b""), 400, "unreadable"),
    "too large": (_with() and ({}, b"x" * 1_100_000), 400, "too_large"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_notice_changes_nothing_and_is_logged_without_its_content(client, name):
    sent, status, reason = FORGERIES[name]
    before = _everything()
    with capture_logs() as logs:
        answer = _send(client, sent)
    assert 400 <= answer.status_code < 500 and (status is None or answer.status_code == status), answer.content
    assert answer.json()["code"] == "FAIL"
    assert _everything() == before
    said = [log for log in logs if log["event"] == "notice_forged"]
    assert len(said) == 1 and (reason is None or said[0]["reason"] == reason)
    assert set(said[0]) <= {"event", "log_level", "kind", "reason"}


def test_the_development_clock_doesnt_make_an_old_notice_fresh(client, monkeypatch):
    monkeypatch.setattr(views.clock, "now", lambda: NOW + timedelta(days=27))
    assert _send(client, Made(timestamp=later(27 * 86_400)).sent()).status_code == 401
    assert _send(client, Made().sent()).status_code == 204


def test_other_addresses_and_methods_are_refused(client):
    assert _send(client, Made().sent(), "else").status_code == 404
    assert client.get("/hooks/wechatpay/pay").status_code == 405
    assert rows.query("SELECT count(*) FROM payments_notice") == [(0,)]


def test_a_notice_that_cant_be_kept_isnt_answered_with_success(client, monkeypatch):
    def lost(**_: object) -> None:
        raise OperationalError("the connection is lost")

    monkeypatch.setattr(payments, "keep_notice", lost)
    assert _send(client, Made().sent()).status_code == 503


def test_a_notice_is_kept_even_if_its_job_cant_be_asked_for(client, monkeypatch):
    from procrastinate.contrib.django import procrastinate_app

    class Broken:
        def configure_task(self, *_: object, **__: object) -> None:
            raise RuntimeError("no queue")

    monkeypatch.setattr(procrastinate_app, "current_app", Broken())
    assert _send(client, Made().sent()).status_code == 204
    assert len(payments.waiting_notices(kind=NoticeKind.PAYMENT)) == 1
