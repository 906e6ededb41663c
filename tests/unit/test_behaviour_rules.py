"""When a promoter's day is odd: what must be found, at its very edge, and what looks alike and must not."""

import pytest

from tuike.figures.rules import median, oddities, spread
from tuike.figures.types import Day, Oddity, Peers

PEERS = Peers(clicks=100_000, orders=2_000, paid_fen=10_000_000, refunded_fen=500_000, day_clicks=3_500)
"""2 % of peers' clicks are orders, 5 % of what they sell is refunded."""
USUAL = Day(clicks=50, orders=1, paid_fen=5_000)
BEFORE = [USUAL] * 28
NEW = [Day()] * 28


def found(before, day, peers=PEERS, *, whole=True):
    return [one.kind for one in oddities(before=before, day=day, peers=peers, whole=whole)]


def weekly(peak):
    """Return 28 days with a peak on the weekday of the day that follows them."""
    return [Day(clicks=peak if n % 7 == 0 else 20, orders=peak // 50 if n % 7 == 0 else 0) for n in range(28)]


@pytest.mark.parametrize(
    ("values", "middle", "distance"),
    [([5], 5, 0), ([1, 9], 5, 4), ([3, 1, 2], 2, 1), ([1, 2, 3, 4], 2, 1), ([0, 0, 0, 100], 0, 0), ([7] * 28, 7, 0)],
)
def test_median_and_spread_are_whole_numbers(values, middle, distance):
    assert (median(values), spread(values)) == (middle, distance)


CLICKS = [
    # usual 50, spread 5: from 81 clicks on it is many; 200 clicks would bring 4 orders
    ("ten times the clicks, nothing sold", BEFORE, Day(clicks=500), True),
    ("at the edge: four orders to expect, one came", BEFORE, Day(clicks=200, orders=1), True),
    ("two of four came", BEFORE, Day(clicks=200, orders=2), False),
    ("three orders to expect are too few to say", BEFORE, Day(clicks=199), False),
    ("a campaign: ten times the clicks and the orders", BEFORE, Day(clicks=500, orders=10), False),
    ("the same every Sunday", weekly(500), Day(clicks=520), False),
    ("three times as many as on its Sundays", weekly(500), Day(clicks=1_500), True),
    ("a newcomer is held against its peers", NEW, Day(clicks=500), True),
    ("a newcomer who sells as peers do", NEW, Day(clicks=500, orders=9), False),
    ("who never sold is no news", [Day(clicks=50)] * 28, Day(clicks=500), False),
    ("within its spread", [Day(clicks=50 + 60 * (n % 2), orders=2) for n in range(28)], Day(clicks=260), False),
]


@pytest.mark.parametrize(("before", "day", "odd"), [one[1:] for one in CLICKS], ids=[one[0] for one in CLICKS])
def test_clicks_without_orders(before, day, odd):
    assert (Oddity.CLICKS in found(before, day)) is odd


CONVERSION = [
    ("half of fifty clicks bought", BEFORE, Day(clicks=50, orders=25), PEERS, True),
    ("at the edge: one order to expect, nine are enough", BEFORE, Day(clicks=50, orders=10), PEERS, True),
    ("nine orders are too few to say", BEFORE, Day(clicks=50, orders=9), PEERS, False),
    ("more clicks, as many orders as they bring", BEFORE, Day(clicks=1_000, orders=20), PEERS, False),
    ("at four times and one", BEFORE, Day(clicks=250, orders=24), PEERS, False),
    ("one more", BEFORE, Day(clicks=250, orders=25), PEERS, True),
    ("it always converts so well", [Day(clicks=50, orders=25)] * 28, Day(clicks=50, orders=26), PEERS, False),
    ("all peers convert so well", BEFORE, Day(clicks=50, orders=25), Peers(clicks=9_000, orders=4_500), False),
    ("a newcomer like nobody else", NEW, Day(clicks=50, orders=25), PEERS, True),
    ("nobody to compare a newcomer with", NEW, Day(clicks=50, orders=25), Peers(), False),
]


@pytest.mark.parametrize(
    ("before", "day", "peers", "odd"), [one[1:] for one in CONVERSION], ids=[one[0] for one in CONVERSION]
)
def test_conversion_far_off(before, day, peers, odd):
    assert (Oddity.CONVERSION in found(before, day, peers)) is odd


def week(*refunded, orders=2, paid_fen=10_000):
    """Return 27 days and the day itself, the last seven with these amounts refunded."""
    last = [Day(clicks=50, orders=orders, paid_fen=paid_fen, refunded_fen=one) for one in refunded]
    older = [Day(clicks=50, orders=1, paid_fen=5_000, refunded_fen=250)] * 22
    return [*older, *last[:-1]], last[-1]


REFUNDS = [
    ("half of each day", week(*[5_000] * 7), PEERS, True),
    ("at the edge: 30 % on three days", week(7_000, 7_000, 7_000, 0, 0, 0, 0), PEERS, True),
    ("a fen less", week(7_000, 7_000, 6_999, 0, 0, 0, 0), PEERS, False),
    ("two days only", week(10_000, 10_000, 1_000, 0, 0, 0, 0), PEERS, False),
    ("nine orders", week(*[5_000] * 7, orders=1), PEERS, False),
    ("everybody's goods come back", week(*[5_000] * 7), Peers(100_000, 2_000, 10_000, 4_000, 3_500), False),
]


@pytest.mark.parametrize(("days", "peers", "odd"), [one[1:] for one in REFUNDS], ids=[one[0] for one in REFUNDS])
def test_refund_rate(days, peers, odd):
    assert (Oddity.REFUNDS in found(*days, peers)) is odd


def test_refunds_as_ever_are_no_news():
    always = [Day(clicks=50, orders=2, paid_fen=10_000, refunded_fen=4_000)] * 28
    assert Oddity.REFUNDS not in found(always, always[0])


DROP = [
    ("none of fifty", BEFORE, Day(), PEERS, True),
    ("at the edge: four of fifty", BEFORE, Day(clicks=4), PEERS, True),
    ("five of fifty", BEFORE, Day(clicks=5), PEERS, False),
    ("who has 29 clicks a day", [Day(clicks=29)] * 28, Day(), PEERS, False),
    ("who has 30", [Day(clicks=30)] * 28, Day(), PEERS, True),
    ("closed every Sunday", [Day(clicks=0 if n % 7 == 0 else 90) for n in range(28)], Day(), PEERS, False),
    ("all peers stand still", BEFORE, Day(), Peers(clicks=100_000, day_clicks=1_700), False),
    ("began two weeks ago", [Day()] * 14 + [Day(clicks=90)] * 14, Day(), PEERS, True),
    ("began a day less ago", [Day()] * 15 + [Day(clicks=90)] * 13, Day(), PEERS, False),
]


@pytest.mark.parametrize(("before", "day", "peers", "odd"), [one[1:] for one in DROP], ids=[one[0] for one in DROP])
def test_a_sudden_drop(before, day, peers, odd):
    assert (Oddity.DROP in found(before, day, peers)) is odd


def test_a_day_that_goes_on_has_not_dropped():
    assert found(BEFORE, Day(), whole=True) == [Oddity.DROP]
    assert found(BEFORE, Day(), whole=False) == []


def test_a_usual_day_is_not_odd():
    assert found(BEFORE, USUAL) == []


def test_a_finding_says_the_figures_that_made_it():
    [one] = oddities(before=BEFORE, day=Day(clicks=500, orders=1), peers=PEERS, whole=True)
    assert one.facts == {"clicks": 500, "usual_clicks": 50, "orders": 1, "expected_orders": 10}
