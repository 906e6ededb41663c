"""Points to the point: earned, spent oldest first, returned, taken back, owed, ended; goods of the points mall."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import parties as make_parties
from tests.make import points as make
from tests.make.alliance import NOON
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit.days import end_of_natural_days
from tuike.kit.errors import Invalid, NotFound
from tuike.marketing import queries, service
from tuike.marketing.types import (
    NewPointsGood,
    PointsGoodLimit,
    PointsGoodNotOpen,
    PointsGoodTakenUp,
    PointsMoveKind,
    PointsReturnedBefore,
    PointsShort,
)
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

pytestmark = pytest.mark.usefixtures("db")
BUYER = make.BUYER
DAY = timedelta(days=1)


@pytest.fixture
def shop() -> int:
    return make_parties.merchant().id


def stands(now=NOON) -> tuple[int, int]:
    standing = queries.points_standing(BUYER, now=now)
    return standing.points, standing.owed


def spend(points: int, source: str = "P1", now=NOON) -> None:
    service.spend_points(buyer_id=BUYER, points=points, kind="points", source=source, now=now)


def lots() -> list[int]:
    return [row[0] for row in rows.query("SELECT points_left FROM marketing_points_lot ORDER BY id")]


def check() -> None:
    books.check("points", "balances", "units", "floors", "transfers")


def test_an_order_earns_once_by_what_was_paid_and_the_level(shop):
    one = make.worth(shop, 9_999)
    assert make.earn(one, multiplier_bps=15_000) == 149  # 99.99 × 1 × 1.5 = 149.985
    assert make.earn(one, multiplier_bps=15_000) == 0
    assert stands() == (149, 0)
    assert rows.query("SELECT kind, source, points FROM marketing_points_move") == [("earned", one.order_no, 149)]
    check()


def test_what_is_earned_is_good_for_its_natural_days(shop):
    make.earn(make.worth(shop))
    end = end_of_natural_days(NOON, 365)
    assert stands(end - timedelta(microseconds=1)) == (100, 0)
    assert stands(end) == (0, 0)
    assert queries.points_of(BUYER, now=end - DAY) == 100
    assert queries.points_standing(BUYER, now=end - 5 * DAY).expiring == 100
    assert service.expire_points(now=end - timedelta(microseconds=1)) == 0
    assert service.expire_points(now=end) == 100
    assert service.expire_points(now=end) == 0
    assert queries.points_history(buyer_id=BUYER)[0].kind is PointsMoveKind.EXPIRED
    check()


def test_those_that_end_first_are_spent_first_and_come_back_to_where_they_were(shop):
    make.earn(make.worth(shop, 3_000))
    make.earn(make.worth(shop, 5_000), now=NOON + DAY)
    spend(60)
    assert lots() == [0, 20]
    service.return_points(buyer_id=BUYER, points=35, source="P1", now=NOON)
    assert lots() == [5, 50]
    service.return_points(buyer_id=BUYER, points=25, source="P1", now=NOON)
    assert (lots(), stands()) == ([30, 50], (80, 0))
    with refused(PointsReturnedBefore):
        service.return_points(buyer_id=BUYER, points=1, source="P1", now=NOON)
    assert service.return_all_points(sources=["P1"], now=NOON) == 0
    check()


def test_more_than_there_is_is_refused_and_nothing_changes(shop):
    make.earn(make.worth(shop))
    with refused(PointsShort) as said:
        spend(101)
    assert said.value.details == {"points": 100}
    with refused(PointsShort):
        spend(1, now=end_of_natural_days(NOON, 365))
    assert (lots(), stands()) == ([100], (100, 0))
    check()


def test_points_that_come_back_after_their_end_are_good_for_seven_days(shop):
    make.earn(make.worth(shop))
    spend(40)
    end = end_of_natural_days(NOON, 365)
    service.expire_points(now=end)
    assert service.return_all_points(sources=["P1"], now=end) == 40
    assert stands(end + 7 * DAY - timedelta(seconds=1)) == (40, 0)
    assert service.expire_points(now=end + 7 * DAY) == 40
    check()


def test_what_a_refunded_order_earned_goes_back_out_of_its_own_lot_and_what_is_spent_is_owed(shop):
    first = make.worth(shop, order_no="M1")
    make.earn(first)
    make.earn(make.worth(shop, 2_000), now=NOON + DAY)
    assert service.take_points_back(orders=[make.worth(shop, 10_000, 3_333, order_no="M1")], now=NOON) == 34
    assert service.take_points_back(orders=[make.worth(shop, 10_000, 3_333, order_no="M1")], now=NOON) == 0
    assert lots() == [66, 20]
    spend(80)
    assert service.take_points_back(orders=[make.worth(shop, 10_000, 10_000, order_no="M1")], now=NOON) == 66
    assert stands() == (0, 60)
    check()
    make.earn(make.worth(shop, 5_000))
    assert stands() == (0, 10)
    service.return_points(buyer_id=BUYER, points=80, source="P1", now=NOON)
    assert stands() == (70, 0)
    check()


def test_an_order_refunded_before_it_completes_earns_what_stands(shop):
    assert make.earn(make.worth(shop, 10_000, 5_000, order_no="M1")) == 50
    assert service.take_points_back(orders=[make.worth(shop, 10_000, 10_000, order_no="M1")], now=NOON) == 50
    assert stands() == (0, 0)
    check()


def test_of_what_ends_within_seven_days_is_told_once(shop):
    make.earn(make.worth(shop))
    end = end_of_natural_days(NOON, 365)
    assert service.points_to_tell(now=end - 8 * DAY) == []
    told = service.points_to_tell(now=end - 7 * DAY)
    assert [(one.buyer_id, one.points, one.expires_at) for one in told] == [(BUYER, 100, end)]
    assert service.points_to_tell(now=end - 6 * DAY) == []


def test_who_leaves_gives_up_what_is_left(shop):
    make.earn(make.worth(shop))
    assert service.give_up_points(buyer_id=BUYER, now=NOON) == 100
    assert stands() == (0, 0)
    check()


def earn_enough(shop: int) -> None:
    make.earn(make.worth(shop, 100_000))


def take(good_no: str, quantity: int = 1, now=NOON):
    return service.take_points_good(buyer_id=BUYER, good_no=good_no, quantity=quantity, now=now)


def counted(good_no: str) -> tuple[int, int]:
    taken = rows.query("SELECT taken FROM marketing_points_good WHERE no = %s", [good_no])[0][0]
    held = rows.query("SELECT coalesce(sum(quantity), 0) FROM marketing_points_good_taking WHERE back_at IS NULL")[0][0]
    return taken, int(held)


def test_a_good_is_taken_for_points_and_money_and_given_back():
    good = make.good()
    earn_enough(good.merchant_id)
    took = take(good.no, 2)
    assert (took.points, took.money_fen, took.sku_id) == (100, 200, good.sku_id)
    assert (counted(good.no), stands()) == ((2, 2), (900, 0))
    assert queries.points_goods_held(buyer_id=BUYER, good_ids=[good.good_id]) == {good.good_id: 2}
    for _ in range(2):
        service.give_back_points_goods(nos=[took.no], now=NOON)
        assert (counted(good.no), stands()) == ((0, 0), (1_000, 0))
    check()


def test_a_good_is_refused_by_name_and_nothing_changes():
    good = make.good(stock=2, limit_each=1)
    with refused(PointsShort):
        take(good.no)
    earn_enough(good.merchant_id)
    with refused(PointsGoodTakenUp):
        take(good.no, 3)
    with refused(PointsGoodLimit):
        take(good.no, 2)
    for when in (NOON - DAY, NOON + 7 * DAY):
        with refused(PointsGoodNotOpen):
            take(good.no, now=when)
    with refused(Invalid):
        take(good.no, 0)
    assert (counted(good.no), stands()) == ((0, 0), (1_000, 0))
    service.stop_points_good(merchant_id=good.merchant_id, no=good.no, actor=OPERATOR_SHELL, now=NOON)
    with refused(PointsGoodNotOpen):
        take(good.no)
    with refused(PointsGoodNotOpen):
        service.stop_points_good(merchant_id=good.merchant_id, no=good.no, actor=OPERATOR_SHELL, now=NOON)


def test_a_good_of_a_shop_without_the_points_mall_is_nowhere():
    good = make.good()
    earn_enough(good.merchant_id)
    assert [one.no for one in queries.open_points_goods(now=NOON)] == [good.no]
    parties.switch_function(
        merchant_id=good.merchant_id, function=MallFunction.POINTS_MALL, on=False, actor=OPERATOR_SHELL, now=NOON
    )
    assert queries.open_points_goods(now=NOON) == []
    with refused(NotFound):
        take(good.no)
    assert [one.no for one in queries.points_goods_of(merchant_id=good.merchant_id)] == [good.no]


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("points", {"points": 0}),
        ("money_fen", {"money_fen": 10**9}),
        ("stock", {"stock": 0}),
        ("limit_each", {"limit_each": 0}),
        ("ends_at", {"now": NOON - 30 * DAY, "stock": 1}),
    ],
)
def test_terms_that_make_no_sense_are_refused(field, change):
    good = make.good()
    facts = {"points": 1, "money_fen": 0, "stock": 1, "limit_each": 1} | change
    start = facts.pop("now", NOON)
    wanted = NewPointsGood(sku_id=good.sku_id, starts_at=start, ends_at=start + DAY, **facts)
    with refused(Invalid) as said:
        service.offer_points_good(merchant_id=good.merchant_id, good=wanted, actor=OPERATOR_SHELL, now=NOON)
    assert said.value.details["field"] == field
