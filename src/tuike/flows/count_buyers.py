"""What buyers are like is counted anew: every night, or when somebody asks for it."""

from datetime import datetime

from django.db import transaction

from tuike.buyers import service as buyers
from tuike.db.retry import retry


@retry
def count_buyers(*, now: datetime) -> int:
    """Count all groups of buyers anew, up to the end of yesterday, and return how many there are (docs/rules.md §14).

    Killed halfway, the count before stays in force.
    """
    with transaction.atomic(durable=True):
        return buyers.count_anew(now=now)
