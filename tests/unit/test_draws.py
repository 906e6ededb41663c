"""Splits by a seed: exact, positive, repeatable, and no place better than another."""

import hashlib
from collections import Counter
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.marketing.rules import composition, evenly, seed_digest

SEEDS = st.binary(min_size=32, max_size=32)


@given(SEEDS, st.integers(1, 100), st.integers(0, 2_000_000))
def test_a_split_adds_up_and_nobody_gets_nothing(seed, parts, more):
    split = composition(parts + more, parts, seed)
    assert len(split) == parts
    assert sum(split) == parts + more
    assert min(split) >= 1
    assert split == composition(parts + more, parts, seed)


@given(st.integers(1, 100), st.integers(0, 2_000_000))
def test_an_even_split_adds_up_and_differs_by_a_fen_at_most(parts, more):
    split = evenly(parts + more, parts)
    assert len(split) == parts
    assert sum(split) == parts + more
    assert max(split) - min(split) <= 1


def seeds(count: int) -> list[bytes]:
    return [hashlib.sha256(f"{i}".encode()).digest() for i in range(count)]


def test_every_way_to_split_is_as_likely_as_any_other():
    """7 fen over 3: fifteen ways. 15,000 seeds that are fixed, so the counts are, too: chi-squared of 14 degrees of
    freedom is above 36.1 once in a thousand times, and what isn't uniform is far above it."""
    counted = Counter(composition(7, 3, seed) for seed in seeds(15_000))
    assert len(counted) == 15
    assert sum((n - 1_000) ** 2 for n in counted.values()) / 1_000 < 36.1


def test_the_order_says_nothing():
    """Exchangeable: a split and each of its orders come as often; so the mean of each place is the same."""
    splits = [composition(1_000, 5, seed) for seed in seeds(4_000)]
    means = [sum(split[i] for split in splits) // 4_000 for i in range(5)]
    assert all(190 <= mean <= 210 for mean in means), means
    counted = Counter(composition(6, 3, seed) for seed in seeds(10_000))
    for one in permutations((1, 2, 3)):
        assert 850 <= counted[one] <= 1_150, counted


def test_the_usual_double_average_is_not_exchangeable():
    """The control: with "at most twice the average of what is left" the places differ, and the test above sees it."""

    def doubled(total: int, parts: int, seed: bytes) -> tuple[int, ...]:
        split, left = [], total
        for i in range(parts, 1, -1):
            drawn = int.from_bytes(hashlib.sha256(seed + bytes([i])).digest(), "big")
            split.append(1 + drawn % max(1, 2 * left // i - 1))
            left -= split[-1]
        return (*split, left)

    counted = Counter(doubled(6, 3, seed) for seed in seeds(10_000))
    assert not all(850 <= counted[one] <= 1_150 for one in permutations((1, 2, 3)))


def test_a_split_can_be_done_again_by_anybody_with_what_the_book_says():
    """The seed's numbers by hand: SHA-256 of seed and counter; Floyd's draw of 2 different edges out of 1 … 9."""
    seed = bytes(32)
    drawn = [int.from_bytes(hashlib.sha256(seed + i.to_bytes(8, "big")).digest(), "big") for i in range(2)]
    first, second = drawn[0] % 8 + 1, drawn[1] % 9 + 1
    low, high = sorted({first, 9 if second == first else second})
    assert composition(10, 3, seed) == (low, high - low, 10 - high)
    assert seed_digest(seed) == hashlib.sha256(seed).hexdigest()


@pytest.mark.parametrize(("total", "parts"), [(0, 1), (3, 4), (5, 0), (-1, 1)])
def test_less_than_a_fen_a_part_is_no_split(total, parts):
    with pytest.raises(ValueError, match="a fen a part"):
        composition(total, parts, bytes(32))
