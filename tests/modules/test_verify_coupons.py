"""What the database's owner changes about coupons behind the product's back is named by verify."""

import pytest

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import marketing as coupons
from tuike.flows.place_order import Wanted, place_order
from tuike.insight import verify
from tuike.marketing.types import CouponChannel
from tuike.orders import queries as orders_of

# check, words of what is wrong, the change, how it is undone
TAMPERED = [
    (
        "coupons",
        "says 4 taken, there are 3",
        "UPDATE marketing_coupon SET taken = taken + 1",
        "UPDATE marketing_coupon SET taken = taken - 1",
    ),
    (
        "coupons",
        "is unused and lowers 1 orders",
        "UPDATE marketing_voucher SET used_at = NULL WHERE no = '{first}'",
        "UPDATE marketing_voucher SET used_at = taken_at WHERE no = '{first}'",
    ),
    (
        "coupons",
        "lowers 2 orders",
        "UPDATE orders_discount SET source = '{first}' WHERE source = '{second}'",
        "UPDATE orders_discount SET source = '{second}' WHERE id = (SELECT max(id) FROM orders_discount)",
    ),
    (
        "coupons",
        "is used and lowers nothing",
        "UPDATE marketing_voucher SET used_at = taken_at WHERE no = '{third}'",
        "UPDATE marketing_voucher SET used_at = NULL WHERE no = '{third}'",
    ),
]

# check, words of what is wrong, the change, how it is undone: of the platform's coupons and of what a balance paid
PAID = [
    (
        "coupons",
        "is paid 501 by the platform, its coupons took off 500",
        "UPDATE commission_sale SET subsidy_fen = subsidy_fen + 1",
        "UPDATE commission_sale SET subsidy_fen = subsidy_fen - 1",
    ),
    (
        "funds",
        "its commission is 501",
        "UPDATE commission_sale SET subsidy_fen = subsidy_fen + 1",
        "UPDATE commission_sale SET subsidy_fen = subsidy_fen - 1",
    ),
    (
        "held",
        "sales give 5991",
        "UPDATE commission_sale SET subsidy_fen = subsidy_fen + 1",
        "UPDATE commission_sale SET subsidy_fen = subsidy_fen - 1",
    ),
    (
        "paid",
        "is paid, 5489, the payment is paid with 5490",
        "UPDATE orders_checkout SET balance_fen = 1",
        "UPDATE orders_checkout SET balance_fen = 0",
    ),
    (
        "clearing",
        "holds 0, in flight 7",
        "UPDATE orders_checkout SET balance_fen = 7; UPDATE orders_order SET state = 'unpaid'",
        "UPDATE orders_checkout SET balance_fen = 0; UPDATE orders_order SET state = 'paid'",
    ),
]


def findings(check: str = "coupons") -> list[str]:
    return [found.what for result in verify.run(names=[check]) for found in result.findings]


@pytest.mark.usefixtures("committed_db")
def test_every_change_is_named(owner_sql):
    one = make.alliance()
    make.touch(one)
    made = coupons.coupon(one.shop.id, coupons.new(limit_each=3))
    had = [coupons.voucher(made, one.buyer_id).no for _ in range(3)]
    items = ((make_catalog.sku_of(one.product_id), 1),)
    for voucher in had[:2]:
        wanted = Wanted(items, make.make_orders.ADDRESS, "", (voucher,))
        place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key=voucher, now=make.NOON)
    named = dict(zip(("first", "second", "third"), had, strict=True))
    assert findings() == []
    for _, what, change, undo in TAMPERED:
        owner_sql(change.format(**named))
        assert what in findings(), change
        owner_sql(undo.format(**named))
        assert findings() == [], undo


@pytest.mark.usefixtures("committed_db")
def test_what_the_platform_and_the_balance_paid_is_held_against_the_books(owner_sql):
    one = make.alliance()
    made = coupons.coupon(None, coupons.fixed(500, channel=CouponChannel.EVERYONE))
    wanted = Wanted(((make_catalog.sku_of(one.product_id), 1),), vouchers=(coupons.voucher(made, one.buyer_id).no,))
    placed = place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key="p", now=make.NOON)
    make.pay(orders_of.order_of_buyer(buyer_id=one.buyer_id, no=placed["orders"][0]["no"]), now=make.NOON)
    assert [findings(check) for check, *_ in PAID] == [[]] * len(PAID)
    for check, what, change, undo in PAID:
        owner_sql(change)
        assert any(what in found for found in findings(check)), (change, findings(check))
        owner_sql(undo)
        assert findings(check) == [], undo
