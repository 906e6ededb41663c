"""The arithmetic of points, whatever the numbers: nothing lost, nothing made, the order of refunds doesn't matter."""

from hypothesis import given
from hypothesis import strategies as st

from tuike.marketing import rules
from tuike.marketing.types import PointsRule

FEN = st.integers(0, 10**9)
RATIO = st.integers(1, 100_000)
BPS = st.integers(0, 10_000)


@given(FEN, BPS, RATIO)
def test_the_most_points_keep_to_the_cap_and_none_is_wasted(payable, cap, ratio):
    most = rules.most_points(payable, cap, ratio)
    worth = rules.points_worth(most, ratio)
    assert worth * 10_000 <= payable * cap
    assert most == 0 or rules.points_worth(most - 1, ratio) < worth
    more = rules.points_worth(rules.points_for(worth + 1, ratio), ratio)
    assert more * 10_000 > payable * cap or rules.points_for(worth + 1, ratio) > payable * cap // 10_000 * ratio // 100


@given(FEN, RATIO)
def test_points_for_an_amount_are_the_fewest_that_are_worth_it(fen, ratio):
    points = rules.points_for(fen, ratio)
    assert rules.points_worth(points, ratio) >= fen
    assert points == 0 or rules.points_worth(points - 1, ratio) < fen


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**7), min_size=1, max_size=8), st.randoms())
def test_refunds_with_one_total_leave_the_same_and_all_of_them_nothing(points, refunds, chance):
    paid = sum(refunds)
    shuffled = list(refunds)
    chance.shuffle(shuffled)
    taken, refunded, stands = 0, 0, rules.standing_points(points, paid_fen=paid, refunded_fen=0)
    assert stands == (points if paid else 0)
    for one in shuffled:
        refunded += one
        left = rules.standing_points(points, paid_fen=paid, refunded_fen=refunded)
        assert left <= stands
        taken, stands = taken + stands - left, left
    assert stands == 0
    assert taken == (points if paid else 0)


@given(FEN, st.integers(0, 1_000), st.integers(0, 100_000), st.integers(0, 50_000), st.booleans())
def test_an_order_earns_a_whole_number_never_more_than_its_share(paid, per_yuan, per_order, multiplier, by_count):
    rule = PointsRule(by_count=by_count, per_yuan=per_yuan, per_order=per_order, days=1)
    earned = rules.earned_points(paid, rule, multiplier)
    full = per_order * multiplier * 100 if by_count else paid * per_yuan * multiplier
    assert earned * 1_000_000 <= (full if paid else 0) < (earned + 1) * 1_000_000


@given(st.lists(st.integers(0, 1_000), max_size=8), st.integers(0, 5_000))
def test_what_is_spread_fills_the_first_places_first(free, wanted):
    parts = rules.spread(free, wanted)
    assert sum(parts) == min(wanted, sum(free))
    assert all(0 <= part <= room for part, room in zip(parts, free, strict=True))
    first_short = next((i for i, (part, room) in enumerate(zip(parts, free, strict=True)) if part < room), len(free))
    assert not any(parts[first_short + 1 :])
