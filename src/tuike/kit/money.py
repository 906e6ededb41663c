"""Amounts in fen and rates in ten-thousandths: shares, allocation, and how they are shown.

Every division here says who keeps the fraction (docs/rules.md §1).
"""

from collections.abc import Sequence

BPS = 10_000
"""A rate of 100 %: rates are integers of ten-thousandths."""

MAX_FEN = 10**13
"""The largest amount the product accepts: ¥100 billion. Keeps every sum of a batch inside a bigint."""


def share(amount_fen: int, *, bps: int) -> int:
    """Return `bps` ten-thousandths of `amount_fen` in fen, rounded down: who pays keeps the fraction."""
    return amount_fen * bps // BPS


def allocate(total_fen: int, weights: Sequence[int]) -> list[int]:
    """Split `total_fen` over `weights` by largest remainder, so that the parts add up exactly.

    The fen left over after rounding down go to the largest remainders, the earlier part first where they are equal;
    with all weights zero the first part takes everything. `total_fen` and all weights must be ≥ 0, and a non-zero
    total needs at least one part (docs/rules.md §5).

    Raises:
        ValueError: something is negative, or there is nobody to give a non-zero total to.
    """
    if total_fen < 0 or any(weight < 0 for weight in weights):
        raise ValueError("allocate() takes no negative amounts")
    if not weights:
        if total_fen:
            raise ValueError("allocate() has an amount and no parts")
        return []
    whole = sum(weights)
    if whole == 0:
        return [total_fen, *[0] * (len(weights) - 1)]
    parts = [total_fen * weight // whole for weight in weights]
    left = total_fen - sum(parts)
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total_fen * weights[i] % whole), i))
    for i in by_remainder[:left]:
        parts[i] += 1
    return parts


def given_back(whole: int, *, paid_fen: int, refunded_fen: int, quantity: int, refunded_quantity: int) -> int:
    """Return how much of what hangs on a line (a subsidy in fen, points) its refunds have taken back: in proportion to
    the money refunded, of a line that cost no money to the pieces; rounded down, so that the last refund brings the
    fraction and everything returned is exactly `whole` (docs/rules.md §10)."""
    if paid_fen:
        return whole * refunded_fen // paid_fen
    return whole * refunded_quantity // quantity


def yuan(amount_fen: int) -> str:
    """Return the amount as a person reads it: 199900 → `¥1,999.00`, -5 → `-¥0.05`."""
    sign = "-" if amount_fen < 0 else ""
    whole, fen = divmod(abs(amount_fen), 100)
    return f"{sign}¥{whole:,}.{fen:02d}"


def plain_yuan(amount_fen: int) -> str:
    """Return the amount as a form or another program takes it: 199900 → `1999.00`, -5 → `-0.05`."""
    sign = "-" if amount_fen < 0 else ""
    whole, fen = divmod(abs(amount_fen), 100)
    return f"{sign}{whole}.{fen:02d}"


def percent(rate_bps: int) -> str:
    """Return the rate as a person reads it: 1250 → `12.5%`, 1000 → `10%`."""
    sign = "-" if rate_bps < 0 else ""
    whole, rest = divmod(abs(rate_bps), 100)
    decimals = f"{rest:02d}".rstrip("0")
    return f"{sign}{whole}.{decimals}%" if decimals else f"{sign}{whole}%"
