"""Signed calls: HMAC-SHA256 over what is sent (docs/user/api.md of the product, Signing)."""

import hashlib
import hmac
from collections.abc import Iterable
from urllib.parse import quote


def signed_text(
    *, method: str, path: str, query: Iterable[tuple[str, str]], timestamp: str, nonce: str, body: bytes
) -> bytes:
    """Return the six lines that are signed: method, path, sorted query, timestamp, nonce, SHA-256 of the body."""
    ordered = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query))
    lines = (method.upper(), path, ordered, timestamp, nonce, hashlib.sha256(body).hexdigest())
    return "".join(f"{line}\n" for line in lines).encode()


def signature(secret: str, text: bytes) -> str:
    """Return the HMAC-SHA256 of a text under the AppSecret, in hex."""
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
