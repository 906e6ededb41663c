"""One buyer's voucher, balance and points in checkouts that are placed at once; many buyers for the last coupons."""

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import mall, points
from tests.make import marketing as coupons
from tests.make import people as make_people
from tests.make.racers import gate, race
from tuike.audit.types import SYSTEM
from tuike.db import rows
from tuike.flows import pricing, take_coupon
from tuike.flows.place_order import Wanted, place_order
from tuike.idempotency import service as idempotency
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import AccountRef
from tuike.marketing import queries as marketing
from tuike.marketing.service import coupons as statements
from tuike.marketing.service import points as spending
from tuike.marketing.types import CouponChannel
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

pytestmark = pytest.mark.usefixtures("committed_db")
NOON = make.NOON
RACERS = 6
BOOKS = ("transfers", "entries", "balances", "floors", "clearing", "orders", "coupons", "paid")


@pytest.fixture
def one(committed_db) -> make.Alliance:
    shop = make.alliance(price_fen=10_000)
    for function in (MallFunction.POINTS, MallFunction.COUPONS):
        parties.switch_function(merchant_id=shop.shop.id, function=function, on=True, actor=SYSTEM, now=NOON)
    return shop


def race_to_place(one: make.Alliance, **changes) -> list[str]:
    """Let one buyer place something else from each of several phones: no stock lets one wait for the other."""
    skus = [make_catalog.sku_of(make_catalog.product(merchant_id=one.shop.id, price_fen=10_000)) for _ in range(RACERS)]

    def place(i: int) -> None:
        wanted = Wanted(items=((skus[i], 1),), **changes)
        place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key=f"p{skus[i]}", now=NOON)

    return sorted(race(RACERS, place))


def voucher(one: make.Alliance) -> str:
    made = coupons.coupon(one.shop.id, coupons.fixed(500, channel=CouponChannel.EVERYONE))
    return coupons.voucher(made, one.buyer_id).no


def test_fifty_claim_the_last_ten(one):
    made = coupons.coupon(None, coupons.fixed(500, stock=10, channel=CouponChannel.EVERYONE))
    buyers = [make_people.person().id for _ in range(50)]

    def take(i: int) -> None:
        take_coupon.take_coupon(buyer_id=buyers[i], visitor="", coupon_no=made.no, key="k", now=NOON)

    assert sorted(race(50, take)) == ["CouponTakenUp"] * 40 + ["won"] * 10
    assert rows.query("SELECT taken, (SELECT count(*) FROM marketing_voucher) FROM marketing_coupon") == [(10, 10)]


def test_a_voucher_lowers_one_checkout(one):
    used = voucher(one)
    assert race_to_place(one, vouchers=(used,)) == ["VoucherNotGood"] * (RACERS - 1) + ["won"]
    assert rows.query("SELECT count(*), sum(amount_fen) FROM orders_discount") == [(1, 500)]
    assert rows.query("SELECT sum(sold) FROM catalog_sku") == [(1,)]
    books.check(*BOOKS)


def test_control_a_voucher_that_isnt_marked_by_the_statement_that_looks_lowers_them_all(one, monkeypatch):
    monkeypatch.setattr(statements, "_USE", statements._USE.replace("AND v.used_at IS NULL ", ""))
    assert race_to_place(one, vouchers=(voucher(one),)) == ["won"] * RACERS


def test_a_balance_pays_once(one):
    mall.rich(one.buyer_id, 700)
    outcomes = race_to_place(one, use_balance=True)
    assert set(outcomes) <= {"won", "BalanceShort"} and "won" in outcomes
    assert rows.query("SELECT sum(balance_fen) FROM orders_checkout") == [(700,)]
    assert marketing.balance_of(one.buyer_id) == 0
    books.check(*BOOKS)


def test_control_without_the_ledgers_floor_the_databases_own_refuses_without_a_name(one, monkeypatch):
    mall.rich(one.buyer_id, 700)
    monkeypatch.setattr(marketing, "balance_of", lambda buyer_id: 700)  # all have looked before anybody took

    def bottomless(buyer_id: int, purpose: str) -> AccountRef:
        return AccountRef(f"buyer:{buyer_id}:{purpose}", f"buyer:{buyer_id}", floor_fen=None)

    assert race_to_place(one, use_balance=True) == ["BalanceShort"] * (RACERS - 1) + ["won"]
    monkeypatch.setattr(chart, "buyer", bottomless)
    # The database's own bound stands behind the ledger's: what has no name yet is still refused.
    assert set(race_to_place(one, use_balance=True)) == {"IntegrityError"}
    assert ledger.balances(refs=[bottomless(one.buyer_id, "balance")]) == {f"buyer:{one.buyer_id}:balance": 0}


def test_points_are_spent_once(one):
    points.earn(points.worth(one.shop.id, 60_000, buyer_id=one.buyer_id))
    outcomes = race_to_place(one, points=400)
    assert outcomes == ["PointsShort"] * (RACERS - 1) + ["won"]
    assert marketing.points_of(one.buyer_id, now=NOON) == 200
    assert rows.query("SELECT sum(points), sum(amount_fen) FROM orders_discount") == [(400, 400)]
    books.check(*BOOKS)


def test_control_lots_that_arent_locked_are_spent_twice_or_refused_without_a_name(one, monkeypatch):
    summing = "FROM lots\n    ), taken"
    assert "FOR UPDATE" in spending._SPEND and summing in spending._SPEND
    unlocked = spending._SPEND.replace("FOR UPDATE", "")
    points.earn(points.worth(one.shop.id, 60_000, buyer_id=one.buyer_id))
    monkeypatch.setattr(spending, "lock_points", lambda buyer_ids: dict.fromkeys(buyer_ids, 0))
    with gate(RACERS) as all_have_seen_the_lots:
        seen = summing.replace("lots", f"lots, {all_have_seen_the_lots}", 1)
        monkeypatch.setattr(spending, "_SPEND", unlocked.replace(summing, seen))
        outcomes = race_to_place(one, points=400)
    assert outcomes == ["IntegrityError"] * (RACERS - 1) + ["won"]


def test_one_key_is_one_order(one):
    used = voucher(one)
    points.earn(points.worth(one.shop.id, 60_000, buyer_id=one.buyer_id))
    items = ((make_catalog.sku_of(one.product_id), 1),)
    wanted = Wanted(items=items, vouchers=(used,), points=400)
    answers: list[dict] = []

    def tap(i: int) -> None:
        answers.append(place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key="tap", now=NOON))

    assert race(RACERS, tap) == ["won"] * RACERS
    assert all(answer == answers[0] for answer in answers)
    assert rows.query("SELECT count(*), sum(payable_fen) FROM orders_checkout") == [(1, 10_000 - 500 - 400)]
    assert pricing.POINTS in {kind for (kind,) in rows.query("SELECT kind FROM orders_discount")}
    books.check(*BOOKS)


def test_control_without_the_key_each_tap_is_an_order(one, monkeypatch):
    monkeypatch.setattr(idempotency, "once", lambda *, work, **_: work())
    items = ((make_catalog.sku_of(one.product_id), 1),)

    def tap(i: int) -> None:
        place_order(buyer_id=one.buyer_id, visitor="", wanted=Wanted(items=items), key="tap", now=NOON)

    assert race(RACERS, tap) == ["won"] * RACERS
    assert rows.query("SELECT count(*) FROM orders_checkout") == [(RACERS,)]
