"""An order in parcels, from the shop's desk to the books: receipt confirms itself once all is out, and no sooner."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tuike.db import rows
from tuike.flows.receive_orders import receive_due
from tuike.flows.refund_order import approve_refund, ask_refund
from tuike.flows.ship_order import end_shipping, ship_order
from tuike.orders.types import AfterSaleAsk

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


@pytest.fixture
def order():
    one = make.alliance()
    make.touch(one)
    return make.bought(one, pieces=(3,), now=make.NOON + timedelta(minutes=5))


def _send(order, number, pieces=None, at=make.NOON + DAY, **rest):
    return ship_order(
        merchant_id=order.merchant_id,
        order_no=order.no,
        carrier="SF",
        tracking_no=number,
        pieces=pieces,
        now=at,
        **rest,
    )


def test_the_clock_of_a_split_order_starts_when_the_last_parcel_left(order):
    _send(order, "SF1", {1: 1})
    assert receive_due(now=make.NOON + 100 * DAY) == 0
    last = make.NOON + 6 * DAY
    due = _send(order, "SF2", at=last).receive_by
    assert due == last + 10 * DAY
    assert receive_due(now=due - timedelta(seconds=1)) == 0
    assert receive_due(now=due + timedelta(hours=3)) == 1
    done = make.again(order)
    assert (done.state, done.received_at) == ("completed", due)
    waits = rows.query("SELECT DISTINCT due_at - %s FROM commission_sale WHERE id = %s", [due, order.lines[0].id])
    assert waits[0][0] >= 27 * DAY
    books.check()


def test_what_never_leaves_is_given_back_and_the_shop_says_so(order):
    _send(order, "SF1", {1: 2})
    asked = ask_refund(
        buyer_id=order.buyer_id,
        order_no=order.no,
        lines=[AfterSaleAsk(line_no=1, quantity=1)],
        reason="缺货",
        key="ask",
        now=make.NOON + 2 * DAY,
    )
    approve_refund(no=asked["no"], merchant_id=order.merchant_id, actor=make.OPERATOR_SHELL, now=make.NOON + 3 * DAY)
    assert make.again(order).receive_by is None
    at = make.NOON + 4 * DAY
    ended = end_shipping(merchant_id=order.merchant_id, order_no=order.no, actor=make.OPERATOR_SHELL, now=at, key="end")
    assert ended.receive_by == at + 10 * DAY
    assert receive_due(now=ended.receive_by) == 1
    books.check()


def test_the_same_parcel_under_the_same_key_is_told_once(order):
    for _ in range(2):
        _send(order, "SF1", {1: 1}, key="first")
    told = rows.query("SELECT count(*) FROM messages_personal WHERE kind = 'order_shipped' AND object = %s", [order.no])
    events = rows.query("SELECT count(*) FROM outbox_event WHERE topic = 'order.shipped'")
    assert (told, events) == ([(1,)], [(1,)])
