"""Shares, allocation, and how amounts and rates are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.kit.money import BPS, MAX_FEN, allocate, percent, plain_yuan, share, yuan


def test_what_a_rate_and_the_largest_amount_are() -> None:
    assert (BPS, MAX_FEN) == (10_000, 10_000_000_000_000)
    assert 900_000 * MAX_FEN < 2**63  # as many of the largest amounts add up within a bigint


@pytest.mark.parametrize(
    ("amount", "bps", "expected"), [(4990, 1200, 598), (1, 9999, 0), (10_000, 1, 1), (7, 10_000, 7), (0, 500, 0)]
)
def test_a_share_is_rounded_down(amount: int, bps: int, expected: int) -> None:
    assert share(amount, bps=bps) == expected


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (2000, [5990, 5990], [1000, 1000]),
        (100, [1, 1, 1], [34, 33, 33]),  # equal remainders: the earlier part first
        (101, [1, 1, 1], [34, 34, 33]),
        (10, [1, 3], [3, 7]),  # 2.5 and 7.5: equal again
        (1, [1, 2], [0, 1]),  # the larger remainder, not the earlier part
        (5, [0, 0, 0], [5, 0, 0]),
        (5, [0, 1], [0, 5]),
        (0, [3, 4], [0, 0]),
        (7, [9], [7]),
        (0, [], []),
    ],
)
def test_parts_by_largest_remainder(total: int, weights: list[int], parts: list[int]) -> None:
    assert allocate(total, weights) == parts


@pytest.mark.parametrize(("total", "weights"), [(-1, [1]), (1, [2, -1]), (0, [-1]), (1, []), (-1, [])])
def test_what_cant_be_allocated(total: int, weights: list[int]) -> None:
    with pytest.raises(ValueError, match="allocate"):
        allocate(total, weights)


@given(st.integers(0, MAX_FEN), st.lists(st.integers(0, MAX_FEN), min_size=1, max_size=30))
def test_parts_add_up_and_each_is_within_a_fen_of_its_share(total: int, weights: list[int]) -> None:
    parts = allocate(total, weights)
    assert sum(parts) == total and len(parts) == len(weights)
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert not whole or part - total * weight // whole in (0, 1)
        assert not whole or weight or not part


@pytest.mark.parametrize(
    ("fen", "shown"),
    [
        (199_900, "¥1,999.00"),
        (-5, "-¥0.05"),
        (-1, "-¥0.01"),
        (0, "¥0.00"),
        (100, "¥1.00"),
        (-123_456_789, "-¥1,234,567.89"),
    ],
)
def test_an_amount_as_people_read_it(fen: int, shown: str) -> None:
    assert yuan(fen) == shown
    assert plain_yuan(fen) == shown.replace("¥", "").replace(",", "")


@pytest.mark.parametrize(
    ("bps", "shown"),
    [
        (1250, "12.5%"),
        (1000, "10%"),
        (1, "0.01%"),
        (-1, "-0.01%"),
        (0, "0%"),
        (-250, "-2.5%"),
        (1205, "12.05%"),
        (9000, "90%"),
    ],
)
def test_a_rate_as_people_read_it(bps: int, shown: str) -> None:
    assert percent(bps) == shown
