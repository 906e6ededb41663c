"""What the database's owner changes about coupons behind the product's back is named by verify."""

import pytest

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import marketing as coupons
from tuike.flows.place_order import Wanted, place_order
from tuike.insight import verify

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


def findings() -> list[str]:
    return [found.what for result in verify.run(names=["coupons"]) for found in result.findings]


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
