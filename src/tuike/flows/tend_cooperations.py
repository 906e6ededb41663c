"""What ends by itself in cooperations: extensions without an answer, periods (docs/rules.md §9). Run every minute."""

from datetime import datetime

from django.db import transaction

from tuike.cooperation import service as cooperation
from tuike.db.retry import retry


@retry
def tend_cooperations(*, now: datetime) -> int:
    """Let a batch of what has run out be over; return how many things ended, 0 when nothing is left.

    Rates need no end here: they were written until the period's.
    """
    with transaction.atomic(durable=True):
        return cooperation.tend(now=now)
