"""An order in parcels, from the shop's desk to the books: receipt confirms itself once all is out, and no sooner."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tuike.db import rows
from tuike.flows.receive_orders import receive_due
from tuike.flows.refund_order import approve_refund, ask_refund
from tuike.flows.return_goods import receive_goods, send_back
from tuike.flows.ship_order import end_shipping, ship_order
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleAsk, AfterSaleKind, MoreThanLeft

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


def _back(order, pieces, at, kind=None, *, reason_code="", line_no=1):
    """Ask back pieces that the shop then agrees to pay back; a return comes back whole and can be sold again."""
    count = rows.query("SELECT count(*) FROM orders_after_sale")[0][0]
    no = ask_refund(
        buyer_id=order.buyer_id,
        order_no=order.no,
        lines=[AfterSaleAsk(line_no=line_no, quantity=pieces)],
        reason="缺货",
        key=f"ask-{count}",
        now=at,
        kind=kind,
        reason_code=reason_code,
    )["no"]
    approve_refund(no=no, merchant_id=order.merchant_id, actor=make.OPERATOR_SHELL, now=at)
    if kind is AfterSaleKind.RETURN:
        send_back(buyer_id=order.buyer_id, no=no, carrier="SF", tracking_no="SF9", now=at)
        receive_goods(no=no, merchant_id=order.merchant_id, restock=True, actor=make.OPERATOR_SHELL, now=at)
    return no


def _moves(order, line=0):
    return rows.query(
        "SELECT change, why, source FROM catalog_stock_move WHERE sku_id = %s AND why <> 'added' ORDER BY id",
        [order.lines[line].sku_id],
    )


def test_what_never_leaves_is_given_back_and_the_order_goes_on_by_itself(order):
    _send(order, "SF1", {1: 1})
    first, at = _back(order, 1, make.NOON + 3 * DAY), make.NOON + 4 * DAY
    assert make.again(order).receive_by is None
    last = _back(order, 1, at)
    assert make.again(order).receive_by == at + 10 * DAY
    assert [move for move in _moves(order) if move[1] == "refunded"] == [(1, "refunded", first), (1, "refunded", last)]
    with pytest.raises(MoreThanLeft):
        _send(order, "SF2", {1: 1}, at=at)
    assert receive_due(now=at + 10 * DAY - timedelta(seconds=1)) == 0
    assert receive_due(now=at + 10 * DAY) == 1
    line = make.again(order).lines[0]
    assert (line.shipped_quantity, line.unsent_quantity, line.refunded_quantity) == (1, 2, 2)
    assert line.refunded_fen == line.paid_fen * 2 // 3
    books.check()


def test_what_has_left_goes_to_no_stock_unless_it_comes_back(order):
    _send(order, "SF1", {1: 2})
    kept = _back(order, 1, make.NOON + 2 * DAY, AfterSaleKind.SHIPPED, reason_code="damaged")
    assert [move for move in _moves(order) if move[1] == "refunded"] == []
    assert make.again(order).receive_by is None, "the third piece is still to be sent"
    returned = _back(order, 1, make.NOON + 3 * DAY, AfterSaleKind.RETURN)
    assert [move for move in _moves(order) if move[1] == "refunded"] == [(1, "refunded", returned)]
    assert orders_of.left_to_ship(make.again(order).lines[0]) == 1
    at = make.NOON + 4 * DAY
    assert _send(order, "SF2", at=at).receive_by == at + 10 * DAY
    unsent = "SELECT l.unsent_quantity FROM orders_after_sale_line l JOIN orders_after_sale a ON a.id = l.after_sale_id"
    assert rows.query(f"{unsent} WHERE a.no = ANY(%s)", [[kept, returned]]) == [(0,), (0,)]
    gone = _back(order, 1, make.NOON + 5 * DAY)
    assert _moves(order)[-1][2] == returned != gone, "all has left, nothing comes back"
    assert make.again(order).receive_by == at + 10 * DAY
    books.check()


def test_one_refund_of_what_left_and_what_did_not(order):
    _send(order, "SF1", {1: 1})
    both = _back(order, 3, make.NOON + 2 * DAY)
    assert [move for move in _moves(order) if move[1] == "refunded"] == [(2, "refunded", both)]
    done = make.again(order)
    assert (done.state, done.receive_by) == ("shipped", make.NOON + 12 * DAY)
    assert done.lines[0].refunded_fen == done.lines[0].paid_fen
    books.check()


def test_lines_of_one_order_are_told_apart():
    one = make.alliance()
    order = make.bought(one, pieces=(2, 2), now=make.NOON + timedelta(minutes=5))
    _send(order, "SF1", {1: 2})
    _back(order, 2, make.NOON + 2 * DAY, line_no=1)
    assert make.again(order).receive_by is None
    assert orders_of.left_to_ship(make.again(order).lines[1]) == 2
    free = "SELECT free FROM catalog_sku WHERE id = %s"
    before = rows.query(free, [order.lines[1].sku_id])[0][0]
    _back(order, 2, make.NOON + 3 * DAY, line_no=2)
    assert rows.query(free, [order.lines[1].sku_id]) == [(before + 2,)]
    assert make.again(order).receive_by == make.NOON + 13 * DAY
    books.check()


def test_a_shop_says_that_no_more_comes(order):
    _send(order, "SF1", {1: 2})
    at = make.NOON + 4 * DAY
    ended = end_shipping(merchant_id=order.merchant_id, order_no=order.no, actor=make.OPERATOR_SHELL, now=at, key="end")
    assert ended.receive_by == at + 10 * DAY
    _back(order, 1, at + DAY)
    assert make.again(order).receive_by == at + 10 * DAY, "its clock was running"
    assert [move[:2] for move in _moves(order)][-1] == (1, "refunded")
    assert receive_due(now=ended.receive_by) == 1
    books.check()


def test_the_same_parcel_under_the_same_key_is_told_once(order):
    for _ in range(2):
        _send(order, "SF1", {1: 1}, key="first")
    told = rows.query("SELECT count(*) FROM messages_personal WHERE kind = 'order_shipped' AND object = %s", [order.no])
    events = rows.query("SELECT count(*) FROM outbox_event WHERE topic = 'order.shipped'")
    assert (told, events) == ([(1,)], [(1,)])
