"""Reading counted figures of one owner: its days, the best, what a board shows, and what is odd."""

from tuike.figures.queries.boards import cohorts, commission, top, total, watermark
from tuike.figures.queries.days import (
    best,
    days,
    landings,
    odd_days,
    of_places,
    paid_of,
    sums_of,
    totals_before,
)

__all__ = [
    "best",
    "cohorts",
    "commission",
    "days",
    "landings",
    "odd_days",
    "of_places",
    "paid_of",
    "sums_of",
    "top",
    "total",
    "totals_before",
    "watermark",
]
