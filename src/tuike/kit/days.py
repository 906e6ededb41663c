"""Natural days in Asia/Shanghai: midnights, day keys, months (docs/rules.md §1)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def day_of(instant: datetime, *, zone: ZoneInfo = SHANGHAI) -> date:
    """Return the natural day that `instant` (aware) falls on in `zone`."""
    return instant.astimezone(zone).date()


def start_of(day: date, *, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Return the first instant of `day` in `zone`, as UTC."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(UTC)


def next_midnight(instant: datetime, *, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Return the first instant of the natural day after the one `instant` falls on, as UTC."""
    return start_of(day_of(instant, zone=zone) + timedelta(days=1), zone=zone)


def end_of_natural_days(instant: datetime, days: int, *, zone: ZoneInfo = SHANGHAI) -> datetime:
    """Return the first instant after the `days`-th natural day that follows `instant`'s day, as UTC.

    Material made at any time on 1 March with 30 days is good until the end of 31 March: the instant returned is the
    first one at which it is not good any more.
    """
    return start_of(day_of(instant, zone=zone) + timedelta(days=days + 1), zone=zone)


def exact_days(instant: datetime, days: int) -> datetime:
    """Return `instant` plus `days` × 86,400 s: the rule of 27, 30 and 3 days counts exact seconds."""
    return instant + timedelta(days=days)


def month_of(instant: datetime, *, zone: ZoneInfo = SHANGHAI) -> date:
    """Return the first day of the month that `instant` falls on in `zone`."""
    return day_of(instant, zone=zone).replace(day=1)


def next_month(first: date) -> date:
    """Return the first day of the month after the one that `first` lies in."""
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1)


def shown(instant: datetime | None, *, zone: ZoneInfo = SHANGHAI) -> str:
    """Return the instant as a person in `zone` reads it: `2026-11-22 14:05:09`; `—` for none."""
    return "—" if instant is None else instant.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
