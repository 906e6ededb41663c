"""Splitting an amount by a seed, so that whoever has the seed can do it again (docs/rules.md §10). Pure."""

import hashlib
import itertools
from collections.abc import Callable

SEED_BYTES = 32
_SPACE = 1 << 256


def composition(total_fen: int, parts: int, seed: bytes) -> tuple[int, ...]:
    """Split an amount into `parts` whole, positive numbers of fen that add up to it, drawn by a seed.

    Each way to do so is as likely as any other, so no place in the row is better than another: what the first one
    gets says nothing about which place to take. (The usual "at most twice the average of what is left" favours the
    late ones with its spread.) The cuts between the parts are `parts` - 1 different numbers out of 1 … total - 1,
    drawn by Floyd's method from the numbers that SHA-256 makes of seed and counter.

    Raises:
        ValueError: fewer fen than parts, or no part.
    """
    if not 1 <= parts <= total_fen:
        raise ValueError("composition() needs at least a fen a part")
    below = _stream(seed)
    space = total_fen - 1
    cuts: set[int] = set()
    for j in range(space - (parts - 1) + 1, space + 1):
        cut = below(j) + 1
        cuts.add(j if cut in cuts else cut)
    edges = [0, *sorted(cuts), total_fen]
    return tuple(high - low for low, high in itertools.pairwise(edges))


def evenly(total_fen: int, parts: int) -> tuple[int, ...]:
    """Split an amount into equal parts; what doesn't divide is a fen more for the first ones."""
    each, more = divmod(total_fen, parts)
    return tuple(each + (i < more) for i in range(parts))


def seed_digest(seed: bytes) -> str:
    """Return the SHA-256 of a seed, in hexadecimal: it is shown before the seed may be."""
    return hashlib.sha256(seed).hexdigest()


def _stream(seed: bytes) -> Callable[[int], int]:
    """Return `below(n)`: the next number from 0 to n - 1, each equally likely. Numbers that would favour the low ones
    are passed over."""
    counter = 0

    def below(n: int) -> int:
        nonlocal counter
        while True:
            drawn = int.from_bytes(hashlib.sha256(seed + counter.to_bytes(8, "big")).digest(), "big")
            counter += 1
            if drawn < _SPACE - _SPACE % n:
                return drawn % n

    return below
