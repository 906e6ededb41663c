"""How a call is signed, and which tokens stay alive beside a new one."""

import hashlib
import hmac
from datetime import timedelta
from urllib.parse import parse_qsl, quote

EXCHANGED_FOR = timedelta(seconds=7200)
"""How long a token given for AppID and AppSecret is good."""
OLD_KEPT = timedelta(seconds=300)
"""How long the token before stays good beside a new one, so that callers on several machines can change over."""
RENEWED_BEFORE = timedelta(seconds=300)
"""A stable token with less than this left is replaced."""
CLOCK_OFF = timedelta(seconds=300)
"""How far a signed call's timestamp may be from the server's clock."""


def signed_text(*, method: str, path: str, query: str, timestamp: str, nonce: str, body: bytes) -> bytes:
    """Return what a caller signs: six lines, each ended by a line feed (docs/user/api.md, Signing).

    Method, path as sent (percent-encoded), query sorted by name and value and encoded anew, timestamp, nonce, and the
    SHA-256 of the body in hex.
    """
    pairs = sorted(parse_qsl(query, keep_blank_values=True))
    ordered = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in pairs)
    lines = (method.upper(), path, ordered, timestamp, nonce, hashlib.sha256(body).hexdigest())
    return "".join(f"{line}\n" for line in lines).encode()


def signature(*, secret: str, text: bytes) -> str:
    """Return the HMAC-SHA256 of a text under the AppSecret, in hex."""
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Return whether two secrets are equal, in a time that doesn't tell where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())
