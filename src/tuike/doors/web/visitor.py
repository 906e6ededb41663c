"""The mark of a visitor who hasn't logged in: a random first-party cookie that says nothing about anybody."""

import re
import secrets

COOKIE = "tuike_v"
MAX_AGE = 365 * 86_400
_IN_HEADER = re.compile(rf"(?:^|;)\s*{COOKIE}=([0-9A-Za-z]{{16,32}})(?=;|\s*$)")


def found(cookie_header: str) -> str:
    """Return the visitor's mark out of a Cookie header, empty if there is none or it isn't one of ours in form."""
    match = _IN_HEADER.search(cookie_header) if cookie_header else None
    return match.group(1) if match else ""


def fresh() -> str:
    """Return a new mark: 32 letters and digits, 128 random bits."""
    return secrets.token_hex(16)


def set_cookie(mark: str, *, secure: bool) -> str:
    """Return the value of a Set-Cookie header for `mark`."""
    return f"{COOKIE}={mark}; Path=/; Max-Age={MAX_AGE}; HttpOnly; SameSite=Lax" + ("; Secure" if secure else "")
