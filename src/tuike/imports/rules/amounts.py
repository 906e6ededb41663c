"""From a text in a foreign currency to fen: whole numbers all the way, rounded once."""

import re

MICROS = 1_000_000
"""Prices are kept in millionths of the file's currency: what a text with up to six decimals says exactly."""

_NUMBER = re.compile(r"([+-]?)([0-9]{1,12})(?:\.([0-9]{0,6}))?|([+-]?)\.([0-9]{1,6})")


def micros(text: str) -> int | None:
    """Return a decimal text in millionths, None where it isn't one (at most 12 digits before and 6 after the point)."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    sign, whole, decimals = (found[1], found[2], found[3] or "") if found[2] else (found[4], "0", found[5])
    value = int(whole) * MICROS + int(decimals.ljust(6, "0"))
    return -value if sign == "-" else value


def fraction(text: str) -> tuple[int, int] | None:
    """Return a positive decimal text as numerator and denominator, None where it isn't one."""
    value = micros(text)
    return (value, MICROS) if value is not None and value > 0 else None


def fen(price_micros: int, quantity: int, rate: tuple[int, int]) -> int:
    """Return what `quantity` pieces at a price come to, in fen, rounded half up once (docs/rules.md §5).

    `rate` is how many fen a whole unit of the currency is worth. Nothing here is negative.
    """
    numerator = price_micros * quantity * rate[0]
    denominator = MICROS * rate[1]
    return (2 * numerator + denominator) // (2 * denominator)
