"""Groups of buyers: equal to a recomputation by hand, whatever was bought; counted again they are the same."""

import random
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import combinations

import pytest

from tests.make import attribution as make_attribution
from tests.make import buyers as make
from tuike.attribution.types import ShareKind
from tuike.buyers import queries, rules, service
from tuike.buyers.types import EVERYBODY, Counted, Section
from tuike.db import rows
from tuike.kit.days import SHANGHAI, day_of, next_month

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CITIES = ("440305", "440105", "310115", "310104", "")


def kept():
    """Return what is stored: (owner, period, section, key) → figures."""
    found = rows.query(
        "SELECT owner_id, period, section, key, buyers, orders, paid_fen, refunded_fen FROM buyers_group"
    )
    return {tuple(one[:4]): tuple(one[4:]) for one in found}


def band(value, begins):
    """Return the number of the band that a value lies in."""
    return str(sum(value >= one for one in begins))


def quarter(day):
    """Return the first day of a quarter."""
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


class ByHand:
    """Counts groups one by one, from what a test remembers of orders."""

    def __init__(self, orders, through):
        self.people = defaultdict(set)
        self.figures = defaultdict(lambda: [0, 0, 0])
        self.through = through
        orders = [one for one in orders if day_of(one.at) <= through]
        for owner in {EVERYBODY, *(one.shop_id for one in orders)}:
            self._owner(owner, sorted((one for one in orders if owner in (0, one.shop_id)), key=lambda one: one.at))

    def _add(self, owner, period, section, key, buyer, *figures):
        self.people[owner, period, section, key].add(buyer)
        sums = self.figures[owner, period, section, key]
        for n, value in enumerate(figures):
            sums[n] += value

    def _owner(self, owner, orders):
        first = {}
        for one in orders:
            first.setdefault(one.buyer_id, one)
        by_period = defaultdict(list)
        for one in orders:
            by_period[quarter(day_of(one.at))].append(one)
        begin = rules.quarters(self.through)[-1]
        for period, inside in by_period.items():
            if period < begin or len({one.buyer_id for one in inside}) < 10:
                continue
            for one in inside:
                self._order(owner, period, one)
            self._people(owner, period, inside, first)
            self._worth(owner, period, {b: o for b, o in first.items() if quarter(day_of(o.at)) == period}, orders)

    def _order(self, owner, period, one):
        money = (one.sum("paid"), one.sum("refunded"))
        at = one.at.astimezone(SHANGHAI)
        saving = "_".join(word for word, on in (("coupon", one.coupon), ("points", one.points)) if on)
        for section, key in (
            ("total", ""),
            ("pieces", band(one.sum("pieces"), service.PIECES)),
            ("value", band(one.sum("paid"), service.VALUE_FEN)),
            ("city", one.city),
            ("province", f"{one.city[:2]}0000" if one.city else ""),
            ("hour", f"{at:%H}"),
            ("weekday", str(at.isoweekday())),
            ("saving", saving),
        ):
            self._add(owner, period, section, key, one.buyer_id, 1, *money)
        bands = defaultdict(lambda: [0, 0])
        for line in one.lines:
            bands[band(line["price"], service.PRICE_FEN)][0] += line["paid"]
            bands[band(line["price"], service.PRICE_FEN)][1] += line["refunded"]
        for key, (paid, refunded) in bands.items():
            self._add(owner, period, "price", key, one.buyer_id, 1, paid, refunded)
        for a, b in combinations(sorted({line["category"] for line in one.lines}), 2):
            self._add(owner, period, "together", f"{a}-{b}", one.buyer_id, 1, 0, 0)

    def _people(self, owner, period, inside, first):
        sums = {}
        for one in inside:
            had = sums.setdefault(one.buyer_id, [0, 0, 0, None])
            had[0] += 1
            had[1] += one.sum("paid")
            had[2] += one.sum("refunded")
            had[3] = day_of(one.at)
        until = min(next_month(next_month(next_month(period))) - DAY, self.through)
        people = len(sums)
        average = [
            Fraction(sum((until - one[3]).days for one in sums.values()), people),
            Fraction(sum(one[0] for one in sums.values()), people),
            Fraction(sum(one[1] - one[2] for one in sums.values()), people),
        ]
        for buyer, (orders, paid, refunded, last) in sums.items():
            new = quarter(day_of(first[buyer].at)) == period
            self._add(owner, period, "arrival", "new" if new else "returning", buyer, orders, paid, refunded)
            self._add(owner, period, "times", band(orders, service.TIMES), buyer, orders, paid, refunded)
            rfm = ((until - last).days < average[0], orders > average[1], paid - refunded > average[2])
            self._add(owner, period, "rfm", "".join(str(int(one)) for one in rfm), buyer, orders, paid, refunded)
            if new:
                for section in ("way", "way_days", "way_touches"):
                    self._add(owner, period, section, "none", buyer, 1, 0, 0)
                self._add(owner, period, "cohort", f"{day_of(first[buyer].at):%Y-%m}", buyer, 1, 0, 0)

    def _worth(self, owner, period, first, orders):
        for one in orders:
            if one.buyer_id not in first:
                continue
            began = day_of(first[one.buyer_id].at)
            after = (day_of(one.at) - began).days
            ring = next((within for within in (30, 90, 180, 365) if after < within), None)
            if ring:
                key = f"{began:%Y-%m}/{ring}"
                self._add(owner, period, "worth", key, one.buyer_id, 1, one.sum("paid"), one.sum("refunded"))

    def groups(self):
        """Return what should be stored."""
        return {
            key: (len(who), *self.figures[key])
            for key, who in self.people.items()
            if key[2] != "together" or len(who) >= 10
        }


def business(seed, *, orders=130):
    """Let two shops sell at random over a year; return what was sold."""
    dice = random.Random(seed)
    one = make.shop()
    other = make.shop(categories=one.categories)
    for _ in range(orders):
        where = one if dice.random() < 0.8 else other
        picked = dice.sample(range(3), dice.choice((1, 1, 2, 3)))
        goods = [
            (which, dice.choice((1, 1, 2, 5)), dice.choice((900, 3_000, 7_500, 15_000, 60_000))) for which in picked
        ]
        make.buy(
            where,
            buyer_id=dice.randint(1_000, 1_040),
            at=NOW - timedelta(minutes=dice.randint(-600, 430 * 24 * 60)),
            goods=goods,
            region=dice.choice(CITIES),
            coupon_fen=dice.choice((0, 0, 500)),
            points=dice.choice((0, 0, 300)),
            refunded_fen=dice.choice((0, 0, 0, 100)),
        )
    return one, other


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_groups_are_what_counting_by_hand_gives(seed):
    one, other = business(seed)
    service.count_anew(now=NOW)
    expected = ByHand(one.bought + other.bought, day_of(NOW) - DAY).groups()
    found = kept()
    assert {key[2] for key in found} == {section.value for section in Section}
    assert found == expected
    service.count_anew(now=NOW)
    assert kept() == expected  # counted again it is the same


def test_the_day_that_isnt_over_and_who_isnt_known_are_left_out():
    shop = make.shop()
    for buyer in range(12):
        make.buy(shop, buyer_id=buyer + 1, at=NOW - DAY)
    make.buy(shop, buyer_id=99, at=NOW)
    nobody = make.buy(shop, buyer_id=98, at=NOW - DAY)
    rows.run("UPDATE orders_order SET buyer_id = NULL WHERE id = %s", [nobody.order_id])
    service.count_anew(now=NOW)
    found = queries.profile(owner_id=shop.id)
    assert found.total == Counted(12, 12, 12 * 9_900, 0)
    assert (found.through, found.period) == (date(2026, 11, 21), date(2026, 10, 1))
    service.count_anew(now=NOW + DAY)
    assert queries.profile(owner_id=shop.id).total.buyers == 13


def test_of_fewer_than_ten_buyers_nothing_is_kept():
    shop = make.shop()
    for buyer in range(9):
        make.buy(shop, buyer_id=buyer + 1, at=NOW - DAY)
    assert queries.profile(owner_id=shop.id) is None  # nothing was counted yet
    service.count_anew(now=NOW)
    found = queries.profile(owner_id=shop.id)
    assert (found.total, found.sections, found.cohorts) == (None, {}, ())
    assert kept() == {}
    make.buy(shop, buyer_id=10, at=NOW - DAY)
    service.count_anew(now=NOW)
    assert queries.profile(owner_id=shop.id).total.buyers == 10


def test_the_period_that_is_asked_for_is_shown_and_no_other():
    shop = make.shop()
    for buyer in range(10):
        make.buy(shop, buyer_id=buyer + 1, at=datetime(2026, 8, 3, 4, 0, tzinfo=UTC))
    service.count_anew(now=NOW)
    assert queries.profile(owner_id=shop.id).period == date(2026, 7, 1)  # the latest that says something
    assert queries.profile(owner_id=shop.id, period=date(2026, 10, 1)).total is None
    assert queries.profile(owner_id=shop.id, period=date(2025, 7, 1)) is None
    assert queries.profile(owner_id=shop.id, period=date(2026, 8, 1)) is None


def test_how_buyers_came_is_told_by_the_first_touch_and_what_was_shared():
    shop = make.shop()
    promoter = make_attribution.bare_promoter()
    began = NOW - 20 * DAY

    def material():
        return make_attribution.link(promoter_id=promoter, merchant_id=shop.id, now=began - DAY)

    poster, card, clicked, silent = material(), material(), material(), material()
    make.share(poster, kind=ShareKind.LINK, at=began - timedelta(hours=2))
    make.share(poster, kind=ShareKind.POSTER, at=began - timedelta(hours=1))
    make.share(card, kind=ShareKind.SHARE_CARD, at=began - timedelta(hours=1))
    make.share(clicked, kind=ShareKind.POSTER, at=began - timedelta(hours=1))
    make.click(clicked, visitor=make_attribution.VISITOR, at=began - timedelta(minutes=5))
    for number, (link, after) in enumerate([(poster, 0), (card, 2), (clicked, 9), (silent, 1), (None, 0)]):
        for buyer in range(number * 10 + 1, number * 10 + 11):
            for _ in range(number + 1 if link else 0):
                make_attribution.touch(link_=link, buyer_id=buyer, visitor=make_attribution.VISITOR, now=began)
            make.buy(shop, buyer_id=buyer, at=began + after * DAY)
            if link:  # what comes after the first order is no way to it
                make_attribution.touch(link_=silent, buyer_id=buyer, now=began + 10 * DAY)
    service.count_anew(now=NOW)
    for owner in (shop.id, EVERYBODY):
        sections = queries.profile(owner_id=owner).sections
        ways = {one.key: one.counted.buyers for one in sections[Section.WAY]}
        assert ways == {"poster": 10, "card": 10, "short_link": 10, "other": 10, "none": 10}
        assert {one.key: one.counted.buyers for one in sections[Section.WAY_DAYS]} == {
            "0": 10, "1": 20, "3": 10, "none": 10,
        }  # fmt: skip
        touches = {one.key: one.counted.buyers for one in sections[Section.WAY_TOUCHES]}
        assert touches == {"0": 10, "1": 20, "2": 10, "none": 10}


def test_a_cohort_is_worth_what_stayed_paid_by_the_days_since_the_first_order():
    shop = make.shop()
    first = datetime(2026, 1, 20, 4, 0, tzinfo=UTC)
    for buyer in range(1, 13):
        make.buy(shop, buyer_id=buyer, at=first, goods=((0, 1, 10_000),), refunded_fen=500)
    for buyer in range(1, 11):  # ten of them again, in the second ring
        make.buy(shop, buyer_id=buyer, at=first + 30 * DAY, goods=((0, 1, 6_000),))
    make.buy(shop, buyer_id=1, at=first + 100 * DAY, goods=((0, 1, 50_000),))  # one alone: isn't shown
    service.count_anew(now=NOW)
    found = queries.profile(owner_id=shop.id, period=date(2026, 1, 1))
    [cohort] = found.cohorts
    assert (cohort.month, cohort.buyers) == (date(2026, 1, 1), 12)
    assert cohort.worth_yuan == (95, 95 + 50, None, None)


def test_what_a_count_that_is_cut_leaves_behind_is_the_count_before(monkeypatch):
    shop = make.shop()
    for buyer in range(10):
        make.buy(shop, buyer_id=buyer + 1, at=NOW - DAY)
    service.count_anew(now=NOW)
    before = kept()
    make.buy(shop, buyer_id=77, at=NOW - DAY)

    def cut(_):
        raise OSError

    monkeypatch.setattr(service, "_cohorts", cut)
    with pytest.raises(OSError):
        service.count_anew(now=NOW)
    assert kept() == before
    monkeypatch.undo()
    service.count_anew(now=NOW)
    assert kept() != before
