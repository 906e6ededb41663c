"""Webhooks as they arrive: is it from Tuike, is it fresh, what does it say (docs/user/webhooks.md of the product)."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, TypedDict, cast

from tuike_client.errors import BadWebhook

TOLERANCE_SECONDS = 300


class Event(TypedDict):
    """What happened. `id` is the same in every delivery of an event: take each once."""

    id: str
    type: str
    timestamp: str
    party: str
    object: str
    data: dict[str, Any]


def read_webhook(headers: Mapping[str, str], body: bytes, secret: str, *, now: float | None = None) -> Event:
    """Return the event of a delivery whose signature fits.

    `headers` by any case, `body` the bytes as they came, `secret` the endpoint's (`whsec_…`), `now` in seconds.

    Raises:
        BadWebhook: a header is missing, it is more than five minutes old, the signature doesn't fit, or no event.
    """
    found = {name.lower(): value for name, value in headers.items()}
    sent, name = found.get("webhook-timestamp", ""), found.get("webhook-id", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) <= 12 and name):
        raise BadWebhook("Webhook-Id or Webhook-Timestamp is missing")
    if abs((time.time() if now is None else now) - int(sent)) > TOLERANCE_SECONDS:
        raise BadWebhook("sent more than five minutes ago")
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except (binascii.Error, ValueError):
        raise BadWebhook("the secret isn't what the console showed") from None
    digest = hmac.new(key, f"{name}.{sent}.".encode() + body, hashlib.sha256).digest()
    expected = f"v1,{base64.b64encode(digest).decode()}".encode()
    given = found.get("webhook-signature", "").split(" ")
    # Each is looked at, also behind the one that fits.
    if not sum(hmac.compare_digest(expected, one.encode(errors="replace")) for one in given):
        raise BadWebhook("the signature doesn't fit")
    try:
        event = json.loads(body)
    except ValueError:
        raise BadWebhook("the body isn't JSON") from None
    if not isinstance(event, dict) or not set(Event.__annotations__) <= set(event):
        raise BadWebhook("the body isn't an event")
    return cast(Event, event)
