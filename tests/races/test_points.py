"""Two that spend the last points, and many for the last goods of the points mall: real threads, real commits."""

from django.db import transaction

from tests import books
from tests.make import parties as make_parties
from tests.make import points as make
from tests.make.alliance import NOON
from tests.make.racers import gate, race
from tuike.db import rows
from tuike.marketing import service
from tuike.marketing.service import points as spending
from tuike.marketing.service import points_goods as mall

BUYER = make.BUYER


def spend(i: int, points: int = 60) -> None:
    with transaction.atomic(durable=True):
        service.spend_points(buyer_id=BUYER, points=points, kind="points", source=f"P{i}", now=NOON)


def earned() -> None:
    shop = make_parties.merchant().id
    make.earn(make.worth(shop, 4_000))
    make.earn(make.worth(shop, 6_000))


def test_the_last_points_are_spent_once(committed_db):
    earned()
    assert sorted(race(12, spend)) == ["PointsShort"] * 11 + ["won"]
    assert rows.query("SELECT sum(points_left) FROM marketing_points_lot") == [(40,)]
    books.check("points", "balances", "floors")


def test_control_without_the_lock_the_database_still_refuses_but_without_a_name(committed_db, monkeypatch):
    assert spending._SPEND.count("FOR UPDATE") == 1
    earned()
    summing = "FROM lots\n    ), taken"
    assert summing in spending._SPEND
    monkeypatch.setattr(spending, "lock_points", lambda buyer_ids: dict.fromkeys(buyer_ids, 0))
    with gate(12) as all_have_seen_the_lots:
        seen = summing.replace("lots", f"lots, {all_have_seen_the_lots}", 1)
        unlocked = spending._SPEND.replace("FOR UPDATE", "").replace(summing, seen)
        monkeypatch.setattr(spending, "_SPEND", unlocked)
        outcomes = race(12, spend)
    assert sorted(outcomes) == ["IntegrityError"] * 11 + ["won"]
    books.check("points")


def test_points_go_back_once(committed_db):
    earned()
    spend(0)

    def back(_: int) -> None:
        with transaction.atomic(durable=True):
            service.return_points(buyer_id=BUYER, points=60, source="P0", now=NOON)

    assert sorted(race(8, back)) == ["PointsReturnedBefore"] * 7 + ["won"]
    assert rows.query("SELECT sum(points_left) FROM marketing_points_lot") == [(100,)]
    books.check("points", "balances")


def rich(buyers: int) -> str:
    good = make.good(stock=10, limit_each=1)
    for i in range(buyers):
        make.earn(make.worth(good.merchant_id, 10_000, buyer_id=600 + i))
    return good.no


def take(no: str, buyer_id: int) -> None:
    with transaction.atomic(durable=True):
        service.take_points_good(buyer_id=buyer_id, good_no=no, quantity=1, now=NOON)


def test_fifty_takes_of_the_last_ten_goods_give_ten(committed_db):
    no = rich(50)
    assert sorted(race(50, lambda i: take(no, 600 + i))) == ["PointsGoodTakenUp"] * 40 + ["won"] * 10
    assert rows.query("SELECT taken FROM marketing_points_good") == [(10,)]
    assert rows.query("SELECT count(*) FROM marketing_points_good_taking") == [(10,)]
    books.check("points", "balances")


def test_control_without_the_clause_the_database_still_refuses_goods_but_without_a_name(committed_db, monkeypatch):
    clause = "AND taken + %(quantity)s <= stock "
    assert clause in mall._TAKE_GOOD
    monkeypatch.setattr(mall, "_TAKE_GOOD", mall._TAKE_GOOD.replace(clause, ""))
    no = rich(14)
    assert sorted(race(14, lambda i: take(no, 600 + i))) == ["IntegrityError"] * 4 + ["won"] * 10


def test_nobody_takes_more_goods_than_one_may(committed_db):
    no = rich(1)
    assert sorted(race(6, lambda i: take(no, 600))) == ["PointsGoodLimit"] * 5 + ["won"]
    books.check("points")


def test_what_is_taken_back_while_points_come_back_leaves_no_debt_beside_points(committed_db):
    shop = make_parties.merchant().id
    make.earn(make.worth(shop, 10_000, order_no="M1"))
    spend(0, 80)

    def work(i: int) -> None:
        with transaction.atomic(durable=True):
            if i:
                service.return_points(buyer_id=BUYER, points=80, source="P0", now=NOON)
            else:
                service.take_points_back(orders=[make.worth(shop, 10_000, 10_000, order_no="M1")], now=NOON)

    assert race(2, work) == ["won", "won"]
    assert rows.query("SELECT sum(points_left) FROM marketing_points_lot") == [(0,)]
    books.check("points", "balances", "floors")
