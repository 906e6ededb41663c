"""Many buyers for the last vouchers, and one buyer's voucher on many orders at once: real threads, real commits."""

from django.db import transaction

from tests.make import alliance as make
from tests.make import marketing as coupons
from tests.make import parties as make_parties
from tests.make.racers import race
from tuike.db import rows
from tuike.marketing import service
from tuike.marketing.service import coupons as statements
from tuike.marketing.types import Item

RACERS = 12
BUYER = 501


def take(made, buyer_id):
    with transaction.atomic(durable=True):
        coupons.voucher(made, buyer_id)


def test_the_last_vouchers_are_taken_once(committed_db):
    made = coupons.coupon(make_parties.merchant().id, coupons.new(stock=5))
    outcomes = race(RACERS, lambda i: take(made, 600 + i))
    assert sorted(outcomes) == ["CouponTakenUp"] * 7 + ["won"] * 5
    assert rows.query("SELECT taken FROM marketing_coupon") == [(5,)]
    assert rows.query("SELECT count(*) FROM marketing_voucher") == [(5,)]


def test_control_without_the_clause_the_database_still_refuses_but_without_a_name(committed_db, monkeypatch):
    assert "AND taken < stock" in statements._TAKE
    monkeypatch.setattr(statements, "_TAKE", statements._TAKE.replace("AND taken < stock", ""))
    made = coupons.coupon(make_parties.merchant().id, coupons.new(stock=5))
    outcomes = race(RACERS, lambda i: take(made, 600 + i))
    assert sorted(outcomes) == ["IntegrityError"] * 7 + ["won"] * 5


def test_nobody_takes_more_than_one_may(committed_db):
    made = coupons.coupon(make_parties.merchant().id, coupons.new(stock=100, limit_each=2))
    outcomes = race(RACERS, lambda i: take(made, BUYER))
    assert sorted(outcomes) == ["CouponLimit"] * 10 + ["won"] * 2
    assert rows.query("SELECT taken FROM marketing_coupon") == [(2,)]


def test_a_voucher_lowers_one_of_many_orders(committed_db):
    shop = make_parties.merchant().id
    had = coupons.voucher(coupons.coupon(shop), BUYER)
    items = [Item(shop, 1, (1,), 6_000)]

    def place(i):
        with transaction.atomic(durable=True):
            service.use(vouchers=[had.no], buyer_id=BUYER, items=items, now=make.NOON)

    assert sorted(race(RACERS, place)) == ["VoucherNotGood"] * 11 + ["won"]


def test_control_a_voucher_that_is_not_marked_by_the_statement_that_looks_lowers_them_all(committed_db, monkeypatch):
    assert "AND v.used_at IS NULL " in statements._USE
    monkeypatch.setattr(statements, "_USE", statements._USE.replace("AND v.used_at IS NULL ", ""))
    shop = make_parties.merchant().id
    had = coupons.voucher(coupons.coupon(shop), BUYER)
    items = [Item(shop, 1, (1,), 6_000)]

    def place(i):
        with transaction.atomic(durable=True):
            service.use(vouchers=[had.no], buyer_id=BUYER, items=items, now=make.NOON)

    assert race(RACERS, place) == ["won"] * RACERS
