"""What the mall's extras compute, one file a kind (docs/rules.md §10). Pure."""

from tuike.marketing.rules.coupons import (
    MAX_EACH,
    MAX_STOCK,
    MAX_TARGETS,
    MAX_USE_DAYS,
    check,
    check_ticket,
    covers,
    lowered,
    taken_off,
    usable_until,
)

__all__ = [
    "MAX_EACH",
    "MAX_STOCK",
    "MAX_TARGETS",
    "MAX_USE_DAYS",
    "check",
    "check_ticket",
    "covers",
    "lowered",
    "taken_off",
    "usable_until",
]
