"""Which rate holds and why (`choose`), and how high a rate must and may be (`floors`). Pure."""

from tuike.plans.rules.choose import (
    campaign_for,
    choose,
    lookups,
    once_an_order,
    public_rate,
    reserve_amount,
    subject_of,
)
from tuike.plans.rules.floors import (
    CEILING_BPS,
    Benchmarks,
    Book,
    Custom,
    category_floor,
    default_floor,
    lifts,
    next_layer,
    service_bps,
    worst_bps,
)
from tuike.plans.rules.ladder import OFF, moved, reached
from tuike.plans.rules.targeted import spans

__all__ = [
    "CEILING_BPS",
    "OFF",
    "Benchmarks",
    "Book",
    "Custom",
    "campaign_for",
    "category_floor",
    "choose",
    "default_floor",
    "lifts",
    "lookups",
    "moved",
    "next_layer",
    "once_an_order",
    "public_rate",
    "reached",
    "reserve_amount",
    "service_bps",
    "spans",
    "subject_of",
    "worst_bps",
]
