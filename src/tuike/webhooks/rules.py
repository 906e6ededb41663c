"""When a delivery comes again, how its body reads, and how it is signed. Pure.

The signature is that of the Standard Webhooks specification (standardwebhooks.com), so that receivers may use one of
its libraries: `v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body` under the bytes behind `whsec_`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tuike.kit import days

WAITS = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""How long after each failed try the next one is due; the first try is at once, and there is none after the last."""
LEASE = timedelta(seconds=60)
"""How long a delivery is whoever's who took it: who doesn't say what came of it by then is taken for dead."""
FAILING_FOR = timedelta(days=5)
"""How long nothing may get through before an endpoint is switched off."""
OLD_SECRET_KEPT = timedelta(hours=24)
"""How long a secret stays good beside the one that replaced it."""
KEPT = timedelta(days=30)
"""How long events and deliveries are kept."""
ENDPOINTS_MOST = 10
"""Endpoints of a party."""
SECRET_BEGINS = "whsec_"  # noqa: S105 how a secret is recognised, as the specification has it


def next_try(tries: int) -> timedelta | None:
    """Return how long after a failed try the next one is due, `tries` being made by now; None: no more."""
    return WAITS[tries - 1] if 1 <= tries <= len(WAITS) else None


def body(
    *, event_no: str, event_type: str, party_no: str, object_: str, facts: Mapping[str, Any], at: datetime
) -> bytes:
    """Return what is sent, the same bytes in every try: names in order, no spaces, UTF-8."""
    said = {
        "id": event_no,
        "type": event_type,
        "timestamp": at.astimezone(days.SHANGHAI).isoformat(timespec="seconds"),
        "party": party_no,
        "object": object_,
        "data": dict(facts),
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def signature(*, secret: str, event_no: str, timestamp: int, body: bytes) -> str:
    """Return `v1,` and the signature of one secret."""
    key = base64.b64decode(secret.removeprefix(SECRET_BEGINS))
    made = hmac.new(key, f"{event_no}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def signed_headers(*, secrets: Sequence[str], event_no: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return the headers of a call, signed by every live secret, with a space between the signatures."""
    signed = (signature(secret=one, event_no=event_no, timestamp=timestamp, body=body) for one in secrets)
    return {
        "Content-Type": "application/json",
        "Webhook-Id": event_no,
        "Webhook-Timestamp": str(timestamp),
        "Webhook-Signature": " ".join(signed),
    }
