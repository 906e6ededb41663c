"""Nothing secret and nobody's number reaches a log, whatever somebody puts into an event."""

import io
import json
import logging

import pytest
import structlog

from tuike.config import masking
from tuike.config.logging import formatter

PHONE, ID_NUMBER, CARD, SECRET = "13800138000", "11010519491231002X", "6222021234567890128", "hunter2-canary-value"
CANARIES = (PHONE, "138 0013 8000", "138-0013-8000", ID_NUMBER, CARD, "6222 0212 3456 7890 128", SECRET)


class Person:
    def __str__(self):
        return f"Person({PHONE})"


EVENTS = [
    {"note": f"call {PHONE} now"},
    {"note": f"+86{PHONE}"},
    {"note": f"电话{PHONE}。"},
    {"note": "138 0013 8000"},
    {"note": "tel:138-0013-8000"},
    {"note": int(PHONE)},
    {"phone": PHONE},
    {"buyer": {"addresses": [{"line": ("room 1", f"{PHONE}")}]}},
    {PHONE: "as a key"},
    {"outer": {PHONE: 1}},
    {"person": Person()},
    {"raw": f'{{"mobile":"{PHONE}"}}'.encode()},
    {"path": f"/people/{PHONE}/orders"},
    {"note": f"id {ID_NUMBER}."},
    {"note": ID_NUMBER.lower()},
    {"id_number": ID_NUMBER},
    {"note": f"card {CARD}"},
    {"note": "card 6222 0212 3456 7890 128"},
    {"note": int(CARD)},
    {"bank_card": CARD},
    {"password": SECRET},
    {"new-password": SECRET},
    {"WECHAT_APPSECRET": SECRET},
    {"apiV3Key": SECRET},
    {"session_key": SECRET},
    {"access_token": [SECRET]},
    {"headers": {"Authorization": SECRET, "Cookie": SECRET, "X-Other": "fine"}},
    {"headers": [("n", f'Authorization: WECHATPAY2-SHA256-RSA2048 mchid="1",signature="{SECRET}"')]},
    {"note": f"Bearer {SECRET}"},
    {"note": f"Authorization: Bearer {SECRET}"},
    {"url": f"/cgi-bin/token?grant_type=x&secret={SECRET}&appid=wx1"},
    {"url": f"https://api.example/x?access_token={SECRET}"},
    {"url": f"postgresql://tuike_app:{SECRET}@db:5432/tuike"},
    {"body": f'{{"password": "{SECRET}", "name": "x"}}'},
    {"body": f"{{'api_key': '{SECRET}'}}"},
    {"body": f"js_code={SECRET}"},
    {"pem": f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----"},
    {"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {"i": {"j": PHONE}}}}}}}}}},
]


def clean(line):
    for canary in CANARIES:
        assert canary not in line
        assert canary.lower() not in line.lower()


@pytest.fixture(params=[True, False], ids=["production", "development"])
def written(request):
    stream, logger = io.StringIO(), logging.getLogger("tuike.canary")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(production=request.param))
    logger.addHandler(handler)
    logger.propagate = False
    yield stream.getvalue
    logger.removeHandler(handler)
    logger.propagate = True


@pytest.mark.parametrize("event", EVENTS, ids=range(len(EVENTS)))
def test_events_are_clean(written, event):
    structlog.get_logger("tuike.canary").warning("something", **{str(key): value for key, value in event.items()})
    assert "something" in written()
    clean(written())


@pytest.mark.parametrize("event", EVENTS, ids=range(len(EVENTS)))
def test_the_canaries_would_show_without_the_mask(event):
    """The control: an event that hides its canary by itself would prove nothing."""
    shown = str({k: str(v) for k, v in event.items()}) + str(event)
    assert any(canary.lower() in shown.lower() for canary in CANARIES)


def test_the_words_of_an_event_are_clean(written):
    structlog.get_logger("tuike.canary").warning(f"{PHONE} token={SECRET}")
    clean(written())


def test_the_standard_librarys_records_are_clean(written):
    logging.getLogger("tuike.canary").warning("phone %s and %r", PHONE, {"password": SECRET})
    logging.getLogger("tuike.canary").warning("asked", extra={"request": f"Authorization: {SECRET}"})
    assert "phone" in written()
    clean(written())


def test_a_trace_is_clean(written):
    def failing(password):
        raise ValueError(f"{PHONE}: no such person; password={password}")

    try:
        failing(SECRET)
    except ValueError:
        structlog.get_logger("tuike.canary").exception("failed")
        logging.getLogger("tuike.canary").exception("failed too")
    assert written().count("Traceback") == 2
    assert "ValueError" in written()
    clean(written())


def test_bound_context_is_clean(written):
    with structlog.contextvars.bound_contextvars(phone=PHONE, request_id=PHONE):
        structlog.get_logger("tuike.canary").warning("something")
    clean(written())


@pytest.mark.parametrize(
    "kept",
    [
        {"amount_fen": 13_800_138_000},
        {"order_no": "202612010000000001"},
        {"transaction_id": "4200001234202611221234567890"},
        {"at": "2026-11-22T06:37:14.123456+08:00"},
        {"unix_ms": 1_795_329_434_123},
        {"person_id": 4711, "seat_id": 12},
        {"request_id": "0f8b4c1e13800138000a4711beefcafe"[:12]},
        {"rate_bps": 1_250, "ok": True, "nothing": None, "ms": 12.5},
        {"not_provided": "kept"},
        {"card_like": "6222021234567890127"},
    ],
    ids=range(10),
)
def test_what_is_harmless_stays(kept):
    assert masking.mask(None, "", dict(kept)) == kept


def test_production_writes_one_json_object_a_line():
    record = logging.LogRecord("tuike", logging.INFO, "x", 1, "two\nlines 中文", None, None)
    line = formatter(production=True).format(record)
    assert "\n" not in line
    assert json.loads(line)["event"] == "two\nlines 中文"
