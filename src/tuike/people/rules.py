"""Decisions about persons that are computable from values."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from tuike.people.types import BadPhone, SessionKind

SCAN_LIFE = timedelta(minutes=5)
"""How long a scan challenge is good (docs/rules.md §1): at exactly five minutes it still is."""

TOTP_STEP = 30
"""Seconds of one TOTP step (RFC 6238 §4)."""

ATTEMPT_WINDOW = timedelta(minutes=15)
"""Tries are counted in windows of this length, from the first try on."""

TRIES_PER_ACCOUNT = 5
TRIES_PER_ADDRESS = 50
"""Tries in a window before an account or a network address has to wait; many people may share an address."""

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
