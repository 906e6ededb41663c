"""Two workers that tell of the same deadlines: each is told once, by the statement that marks it."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import marketing as coupons
from tests.make.racers import gate, race
from tuike.db import rows
from tuike.flows import tell_deadlines
from tuike.flows.ship_order import ship_order
from tuike.marketing.service import coupons as vouchers
from tuike.orders.service import moving

NOON, DAY = make.NOON, timedelta(days=1)
SOON = NOON + timedelta(days=9)
GUARDS = {
    "receipt_soon": (moving, "o", "receipt_told_at"),
    "coupon_expiring": (vouchers, "v", "told_at"),
}


def begun(kind: str) -> None:
    one = make.alliance()
    if kind == "receipt_soon":
        order = make.bought(one)
        ship_order(merchant_id=order.merchant_id, order_no=order.no, carrier="SF", tracking_no="1", now=NOON)
    else:
        coupons.voucher(coupons.coupon(one.shop.id, coupons.new(ends_at=NOON + 10 * DAY)), 7)


def tell(kind: str) -> None:
    work = tell_deadlines.tell_receipts if kind == "receipt_soon" else tell_deadlines.tell_vouchers
    race(8, lambda _: work(now=SOON))


def told(kind: str) -> int:
    return rows.query("SELECT count(*) FROM messages_personal WHERE kind = %s", [kind])[0][0]


@pytest.mark.parametrize("kind", sorted(GUARDS))
def test_eight_workers_tell_once(committed_db, kind):
    begun(kind)
    tell(kind)
    assert told(kind) == 1


@pytest.mark.parametrize("kind", sorted(GUARDS))
def test_control_without_the_clauses_several_tell(committed_db, monkeypatch, kind):
    module, row, column = GUARDS[kind]
    statement = module.TELL
    for clause in (
        "FOR UPDATE OF o SKIP LOCKED" if row == "o" else "FOR UPDATE SKIP LOCKED",
        f"AND {row}.{column} IS NULL",
    ):
        assert statement.count(clause) == 1
        statement = statement.replace(clause, "")
    assert statement.count("FROM due") == 1
    begun(kind)
    with gate(8) as all_have_looked:
        monkeypatch.setattr(module, "TELL", statement.replace("FROM due", f"FROM due, {all_have_looked}"))
        tell(kind)
    assert told(kind) == 8
