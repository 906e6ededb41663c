"""Webhooks: the example of the product's manual fits; nothing else does."""

import pytest

from tuike_client import BadWebhook, read_webhook

SECRET = "whsec_dHVpa2UtZXhhbXBsZS1zZWNyZXQtMzItYnl0ZXMhISE="
SENT = 1_795_348_800
BODY = (
    b'{"data":{"order":"O26112200000417","paid_at":"2026-11-22T19:59:54+08:00","payable_fen":5990,'
    b'"placed_at":"2026-11-22T19:59:31+08:00","source":"mini_store","state":"paid"},'
    b'"id":"evt_8mJkTq3vXw5YzBcD7fGhR2nP","object":"O26112200000417","party":"P26112200000021",'
    b'"timestamp":"2026-11-22T19:59:55+08:00","type":"order.paid"}'
)
HEADERS = {
    "webhook-ID": "evt_8mJkTq3vXw5YzBcD7fGhR2nP",
    "Webhook-Timestamp": str(SENT),
    "Webhook-Signature": "v1,cQiZQXzDOdoJp9uGxkWoRimcP1hQg0LxPBgksSi+fT4=",
}


def test_the_manuals_example_is_read():
    event = read_webhook(HEADERS, BODY, SECRET, now=SENT + 300)
    assert (event["type"], event["object"], event["data"]["payable_fen"]) == ("order.paid", "O26112200000417", 5990)


@pytest.mark.parametrize("place", [0, 1])
def test_either_of_two_signatures_will_do(place):
    both = ["v1,b3RoZXI=", HEADERS["Webhook-Signature"]]
    headers = HEADERS | {"Webhook-Signature": " ".join(both[:: 1 if place else -1])}
    assert read_webhook(headers, BODY, SECRET, now=SENT)["party"] == "P26112200000021"


@pytest.mark.parametrize(
    ("headers", "body", "secret", "now"),
    [
        (HEADERS, BODY + b" ", SECRET, SENT),
        (HEADERS, BODY, "whsec_b3RoZXI=", SENT),
        (HEADERS, BODY, "not base64", SENT),
        (HEADERS, BODY, SECRET, SENT + 301),
        (HEADERS, BODY, SECRET, SENT - 301),
        (HEADERS | {"webhook-ID": "evt_other"}, BODY, SECRET, SENT),
        (HEADERS | {"Webhook-Timestamp": str(SENT + 1)}, BODY, SECRET, SENT),
        (HEADERS | {"Webhook-Timestamp": "soon"}, BODY, SECRET, SENT),
        (HEADERS | {"Webhook-Signature": "v2,cQiZQXzDOdoJp9uGxkWoRimcP1hQg0LxPBgksSi+fT4="}, BODY, SECRET, SENT),
        (HEADERS | {"Webhook-Signature": "v1,é"}, BODY, SECRET, SENT),
        ({}, BODY, SECRET, SENT),
    ],
)
def test_everything_else_is_refused(headers, body, secret, now):
    with pytest.raises(BadWebhook):
        read_webhook(headers, body, secret, now=now)
