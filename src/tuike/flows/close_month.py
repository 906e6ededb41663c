"""Statements of months that have ended."""

from datetime import date, datetime

from django.db import transaction

from tuike.db.retry import retry
from tuike.settlement import service


def close_ended_months(*, now: datetime) -> dict[date, int]:
    """Close every ended month that has bookings without a statement, in order; return statements written by month."""
    return {month: close_month(month=month, now=now) for month in service.open_months(now=now)}


@retry
def close_month(*, month: date, now: datetime) -> int:
    """Close one month and return how many statements were written; closing it again writes none (docs/rules.md §8).

    Raises:
        MonthOpen: the month hasn't ended in Asia/Shanghai.
    """
    with transaction.atomic(durable=True):
        return service.close_month(month=month, now=now)
