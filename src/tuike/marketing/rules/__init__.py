"""What the mall's extras compute, one file a kind (docs/rules.md §10). Pure."""

from tuike.marketing.rules.bargains import (
    FEWEST_CUTS,
    MOST_CUTS,
    MOST_EACH,
    MOST_HOURS,
    MOST_PIECES,
    can_be_cut,
    check_offer,
)
from tuike.marketing.rules.best import best_vouchers, lower_all, taken_before
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
from tuike.marketing.rules.draws import composition, evenly, seed_digest
from tuike.marketing.rules.points import (
    earned_points,
    most_points,
    points_for,
    points_worth,
    spread,
    standing_points,
)
from tuike.marketing.rules.points_goods import (
    check_points_good,
)
from tuike.marketing.rules.red_packets import LIFE, LONGEST_GREETING, MOST_SHARES, TO_PAY, check_packet

__all__ = [
    "FEWEST_CUTS",
    "LIFE",
    "LONGEST_GREETING",
    "MAX_EACH",
    "MAX_STOCK",
    "MAX_TARGETS",
    "MAX_USE_DAYS",
    "MOST_CUTS",
    "MOST_EACH",
    "MOST_HOURS",
    "MOST_PIECES",
    "MOST_SHARES",
    "TO_PAY",
    "best_vouchers",
    "can_be_cut",
    "check",
    "check_offer",
    "check_packet",
    "check_points_good",
    "check_ticket",
    "composition",
    "covers",
    "earned_points",
    "evenly",
    "lower_all",
    "lowered",
    "most_points",
    "points_for",
    "points_worth",
    "seed_digest",
    "spread",
    "standing_points",
    "taken_before",
    "taken_off",
    "usable_until",
]
