"""What is usual, by statistics that a few odd ones don't move: median and median distance from it, in whole numbers."""

from collections.abc import Mapping, Sequence

from tuike.scoring.types import Limits

LEAST_ORDERS, LEAST_CLICKS = 20, 300
"""From here on a promoter's own shares say something about what is usual."""
PEERS = 20
"""So many promoters make a usual; fewer leave the floors."""
SPREADS, PART = 6, 6
"""How many spreads above the usual, or which part of it, is odd."""


def median(values: Sequence[int]) -> int:
    """Return the middle value, of an even number of them the mean of the two in the middle, rounded down."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def spread(values: Sequence[int]) -> int:
    """Return the median distance from the median (MAD)."""
    middle = median(values)
    return median([abs(one - middle) for one in values])


def bps(part: int, whole: int) -> int:
    """Return a share in ten-thousandths, rounded down; of nothing it is 0."""
    return part * 10_000 // whole if whole else 0


def limits_of(shares: Mapping[str, Sequence[int]]) -> Limits:
    """Return from where on shares are odd, by the shares (bps) of promoters who have enough to say something
    (docs/rules.md §11): `landing`, `late`, `gone`, `cart`. Never stricter than the floors.

    Shares that are too high are held against the median and six spreads, a share of landings against a part of the
    median: those lie so far apart among honest promoters that spreads below it reach nothing.
    """
    floor = Limits()
    return Limits(
        landing_bps=_below(shares.get("landing", ()), floor.landing_bps),
        late_bps=_above(shares.get("late", ()), floor.late_bps),
        gone_bps=_above(shares.get("gone", ()), floor.gone_bps),
        cart_bps=_above(shares.get("cart", ()), floor.cart_bps),
    )


def _above(values: Sequence[int], floor: int) -> int:
    return max(floor, min(9_000, median(values) + SPREADS * spread(values))) if len(values) >= PEERS else floor


def _below(values: Sequence[int], floor: int) -> int:
    return min(floor, median(values) // PART) if len(values) >= PEERS else floor
