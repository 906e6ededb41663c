"""The jobs that score orders: as things happen, and each night everything that is open."""

from datetime import datetime

from tuike.doors.jobs.kinds import EARLY, HOURLY, MINUTELY, job
from tuike.flows import score_open, score_orders


@job("score_orders", cron=MINUTELY, alone=True)
def score_told(now: datetime) -> dict[str, int]:
    """Score orders that were paid, received or refunded."""
    return score_orders.score_orders(now=now)


@job("count_landings", cron=HOURLY)
def count_landed(now: datetime) -> dict[str, int]:
    """Count how many of today's clicks landed."""
    return {"places": score_orders.count_landings(now=now)}


@job("score_open", cron=EARLY)
def score_all(now: datetime) -> dict[str, int]:
    """Count anew what is usual, and score everything that hasn't settled."""
    return score_open.score_open(now=now)
