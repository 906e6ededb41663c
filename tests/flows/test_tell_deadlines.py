"""Receipts that soon confirm themselves and vouchers that soon end: told of once, in time or not at all."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import marketing as coupons
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.doors.jobs import tasks
from tuike.flows import tell_deadlines
from tuike.flows.receive_orders import extend_receipt, receive_order
from tuike.flows.ship_order import ship_order
from tuike.marketing import service as marketing
from tuike.messages import queries as messages
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

pytestmark = pytest.mark.usefixtures("db")
NOON = make.NOON
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
BUYER = 7


@pytest.fixture
def one():
    made = make.alliance(price_fen=6_000)
    make.touch(made)
    return made


def shipped(one, pieces: int = 1, sent: dict[int, int] | None = None):
    order = make.bought(one, pieces=(pieces,))
    ship_order(
        merchant_id=order.merchant_id, order_no=order.no, carrier="SF", tracking_no=order.no, now=NOON, pieces=sent
    )
    return make.again(order)


def said(person_id: int) -> list[tuple[str, str, str, str]]:
    """What a person was told of what happens soon, newest first: kind, object, in both languages."""
    found = messages.personal_of(person_id=person_id, thread=None)
    return [(m.kind, m.object, m.zh, m.en) for m in found if m.kind in ("receipt_soon", "coupon_expiring")]


def coupon(one, **changes):
    return coupons.coupon(one.shop.id, coupons.new(ends_at=NOON + 7 * DAY) if not changes else coupons.new(**changes))


def test_receipt_is_told_of_two_days_before_and_once(one):
    order = shipped(one)
    due = order.receive_by
    assert due == NOON + 10 * DAY
    assert tell_deadlines.tell_receipts(now=due - 2 * DAY - SECOND) == 0
    assert tell_deadlines.tell_receipts(now=due - 2 * DAY) == 1
    assert tell_deadlines.tell_receipts(now=due - DAY) == 0
    assert said(order.buyer_id) == [
        (
            "receipt_soon",
            order.no,
            f"订单 {order.no} 将于 {(due + timedelta(hours=8)):%Y-%m-%d %H:%M} 自动确认收货",
            f"Receipt of order {order.no} confirms itself at {(due + timedelta(hours=8)):%Y-%m-%d %H:%M}",
        )
    ]
    books.check()


def test_receipt_that_was_put_off_is_told_of_before_its_new_instant(one):
    order = shipped(one)
    assert tell_deadlines.tell_receipts(now=NOON + 9 * DAY) == 1
    later = extend_receipt(buyer_id=order.buyer_id, order_no=order.no, now=NOON + 9 * DAY).receive_by
    assert tell_deadlines.tell_receipts(now=NOON + 9 * DAY) == 0
    assert tell_deadlines.tell_receipts(now=later - DAY) == 1
    assert len(said(order.buyer_id)) == 2


def test_nobody_is_told_of_what_arrived_or_waits_or_was_given_back(one):
    arrived, waiting, back, unpaid = shipped(one), shipped(one, 2, {1: 1}), shipped(one), make.placed(one)
    receive_order(buyer_id=arrived.buyer_id, order_no=arrived.no, now=NOON + DAY)
    make.refunded(back, now=NOON + DAY)
    assert make.again(waiting).receive_by is None and unpaid.receive_by is None
    assert tell_deadlines.tell_receipts(now=NOON + 9 * DAY) == 0
    assert [said(order.buyer_id) for order in (arrived, waiting, back, unpaid)] == [[]] * 4


def test_a_worker_that_was_down_for_a_week_tells_what_is_still_to_come_and_nothing_of_what_is_over(one):
    over, soon = shipped(one), shipped(one)
    rows.run("UPDATE orders_order SET receive_by = %s WHERE id = %s", [NOON + 14 * DAY, soon.id])
    ended = coupons.voucher(coupon(one), BUYER)
    coming = coupons.voucher(coupon(one, ends_at=NOON + 14 * DAY), BUYER)
    back = NOON + 13 * DAY
    for _ in range(2):
        tasks.tell_deadlines_due(back)
    assert [one[:2] for one in said(over.buyer_id)] == [("receipt_soon", soon.no)]
    assert [one[:2] for one in said(BUYER)] == [("coupon_expiring", coming.no)]
    marked = "SELECT no FROM marketing_voucher WHERE told_at IS NOT NULL"
    assert rows.query(marked) == [(coming.no,)] != [(ended.no,)]


def test_a_voucher_is_told_of_two_days_before_its_end_and_once(one):
    made = coupon(one, ends_at=NOON + 30 * DAY, use_days=5)
    got = coupons.voucher(made, BUYER)
    assert got.usable_until == NOON + 5 * DAY
    assert tell_deadlines.tell_vouchers(now=NOON + 3 * DAY - SECOND) == 0
    assert tell_deadlines.tell_vouchers(now=NOON + 3 * DAY) == 1
    assert tell_deadlines.tell_vouchers(now=NOON + 4 * DAY) == 0
    assert said(BUYER) == [
        (
            "coupon_expiring",
            got.no,
            f"优惠券“满 50 减 5”将于 {NOON + 5 * DAY + timedelta(hours=8):%Y-%m-%d %H:%M} 过期",
            f'Your coupon "满 50 减 5" expires at {NOON + 5 * DAY + timedelta(hours=8):%Y-%m-%d %H:%M}',
        )
    ]


def test_used_and_short_vouchers_are_not_told_of(one):
    used = coupons.voucher(coupon(one), BUYER)
    rows.run("UPDATE marketing_voucher SET used_at = %s WHERE no = %s", [NOON, used.no])
    coupons.voucher(coupon(one, use_days=2), BUYER)
    late = coupons.voucher(coupon(one), BUYER + 1, now=NOON + 5 * DAY)
    assert late.usable_until == NOON + 7 * DAY
    assert tell_deadlines.tell_vouchers(now=NOON + 2 * DAY - SECOND) == 0
    assert tell_deadlines.tell_vouchers(now=NOON + 6 * DAY) == 0
    marketing.give_back(vouchers=[used.no])
    assert tell_deadlines.tell_vouchers(now=NOON + 6 * DAY) == 1
    assert [one[1] for one in said(BUYER)] == [used.no] and said(BUYER + 1) == []


def test_where_coupons_are_off_nobody_hears_of_them(one):
    coupons.voucher(coupon(one), BUYER)
    parties.switch_function(
        merchant_id=one.shop.id, function=MallFunction.COUPONS, on=False, actor=OPERATOR_SHELL, now=NOON
    )
    assert tell_deadlines.tell_vouchers(now=NOON + 6 * DAY) == 1
    assert said(BUYER) == []


def test_many_are_told_by_a_handful_of_statements(one, django_assert_max_num_queries):
    made = coupon(one, limit_each=1, stock=300)
    for buyer in range(300):
        coupons.voucher(made, 1_000 + buyer)
    with django_assert_max_num_queries(16):
        assert tell_deadlines.tell_vouchers(now=NOON + 6 * DAY) == 300
    counted = "SELECT count(*), count(DISTINCT person_id) FROM messages_personal WHERE kind = 'coupon_expiring'"
    assert rows.query(counted) == [(300, 300)]
