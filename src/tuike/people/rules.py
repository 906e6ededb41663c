"""Decisions about persons that are computable from values."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from tuike.people.types import BadEmail, BadPhone, SessionKind

SCAN_LIFE = timedelta(minutes=5)
"""How long a scan challenge is good (docs/rules.md §1): at exactly five minutes it still is."""

TOTP_STEP = 30
"""Seconds of one TOTP step (RFC 6238 §4)."""

ATTEMPT_WINDOW = timedelta(minutes=15)
"""Tries are counted in windows of this length, from the first try on."""

TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 50
"""Tries in a window before an account or a network address has to wait; many people may share an address."""

CODES_PER_PERSON = 5
CODES_PER_EMAIL = 3
"""Codes that a person may let be sent in a window, and that an e-mail address gets, whoever asks."""

EMAIL_CODE_LIFE = timedelta(minutes=15)
"""How long a code that was sent to an e-mail address is good."""

SCANS_PER_ADDRESS = 120
"""Codes to sign in by that an address may ask for in a window; an open page asks for one each five minutes."""


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session of a kind lasts, how long it may rest, and how exactly its use is noted."""

    absolute: timedelta
    idle: timedelta
    noted_every: timedelta


LIFETIMES = {
    SessionKind.CONSOLE: Lifetime(timedelta(hours=12), timedelta(minutes=30), timedelta(0)),
    # A shopper's requests don't each write a row: use is noted once an hour.
    SessionKind.STOREFRONT: Lifetime(timedelta(days=30), timedelta(days=30), timedelta(hours=1)),
}

_MOBILE = re.compile(r"1[3-9]\d{9}")
_FOREIGN = re.compile(r"\+[1-9]\d{6,14}")
_EMAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
"""What HTML's own field takes as an address (HTML, "valid e-mail address"), with a dot in the domain."""
_NOISE = re.compile(r"[\s\-()]")


def phone_number(text: str) -> str:
    """Return a phone number in its one spelling: 11 digits for a Chinese mobile number, `+…` for any other.

    Raises:
        BadPhone: neither of the two.
    """
    bare = _NOISE.sub("", text)
    if not bare.isascii():
        raise BadPhone
    if bare.startswith("00"):
        bare = "+" + bare[2:]
    local = bare.removeprefix("+86")
    if _MOBILE.fullmatch(local):
        return local
    if _FOREIGN.fullmatch(bare) and not bare.startswith("+86"):
        return bare
    raise BadPhone


def email_address(text: str) -> str:
    """Return an e-mail address in its one spelling: without space around it, the domain in small letters.

    Raises:
        BadEmail: not one.
    """
    bare = text.strip()
    if len(bare) > 254 or not _EMAIL.fullmatch(bare) or ".." in bare or bare.startswith(".") or ".@" in bare:
        raise BadEmail
    local, _, domain = bare.rpartition("@")
    return f"{local}@{domain.lower()}"


def email_masked(address: str) -> str:
    """Return an address with all but the first sign of its name hidden: `z***@example.com`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}***@{domain}"


def session_alive(*, kind: SessionKind, seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Whether a session is good at `now`: neither idle for too long nor past its end; both edges are still good."""
    return now <= expires_at and now - seen_at <= LIFETIMES[kind].idle


def totp_steps(now: datetime) -> tuple[int, int, int]:
    """Return the time steps whose codes are accepted at `now`: the current one, the one before, the one after.

    RFC 6238 §5.2 allows one step for the network's delay and the clock's drift.
    """
    step = int(now.timestamp()) // TOTP_STEP
    return step, step - 1, step + 1


def minutes_left(*, since: datetime, now: datetime) -> int:
    """Return the whole minutes until a window that began at `since` is over, rounded up, at least one."""
    seconds = (since + ATTEMPT_WINDOW - now).total_seconds()
    return max(1, -int(-seconds // 60))
