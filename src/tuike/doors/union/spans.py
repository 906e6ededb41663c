"""Spans of time and pages by position, as the calls about orders and plans take them."""

from datetime import UTC, datetime, timedelta

from django.conf import settings

from tuike.doors.union.calls import Asked
from tuike.doors.union.kinds import SECONDS, Ask, Whole

LAST = SECONDS.high - 1
"""The last second that has a next one."""
MOST_OFFSET = 1_000_000
"""What is read as a number; how far one may look is said by what is listed."""


def second(name: str, last: int = LAST) -> Ask:
    """Return a field for a Unix time; 0 is none."""
    return Ask(name, Whole(0, last), None)


def offset(most: int, default: int = 10) -> tuple[Ask, Ask]:
    """Return the fields of a page by offset."""
    return Ask("offset", Whole(0, MOST_OFFSET), 0), Ask("limit", Whole(1, most), default, f"≤ {most}")


def span(asked: Asked, start: str, end: str) -> tuple[datetime | None, datetime | None]:
    """Return a span that holds its first and its last second; None where an end is open."""
    low, high = asked[start], asked[end]
    return instant(low) if low else None, instant(high) + timedelta(seconds=1) if high else None


def instant(seconds: int) -> datetime:
    """Return a Unix time as an instant."""
    return datetime.fromtimestamp(seconds, UTC)


def whole_address(picture: str) -> str:
    """Return a picture's whole address."""
    return settings.PUBLIC_BASE + picture if picture.startswith("/") else picture
