"""A shop that lowers what it pays just before it sells much more: nothing is held, a person looks."""

from collections.abc import Sequence

from tuike.scoring.rules.robust import SPREADS, median, spread
from tuike.scoring.types import Found, Signal

LEAST_DAYS, LEAST_ORDERS = 7, 10


def odd_cut(*, from_bps: int, to_bps: int, before: Sequence[int], after: int) -> Found | None:
    """Return what is odd about a rate that went from `from_bps` to `to_bps`: at least halved, and `after` orders in the
    24 hours that follow, more than the 24-hour spans `before` would let expect (docs/rules.md §11).

    Orders that were placed before the cut keep their rate; none after it is held for it.
    """
    if len(before) < LEAST_DAYS or to_bps * 2 > from_bps or after < LEAST_ORDERS:
        return None
    usual = median(before) + SPREADS * max(spread(before), median(before) // 10, 1)
    if after <= max(usual, 2 * median(before)):
        return None
    return Found(Signal.RATE_CUT, after, max(usual, 2 * median(before)), 600)
