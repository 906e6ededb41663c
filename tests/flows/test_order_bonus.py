"""What a campaign gives once for an order and for a buyer's first one: in fen, from placement to the last refund."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import people as make_people
from tests.make import plans as make_plans
from tuike.db import rows
from tuike.insight import explain
from tuike.plans.types import AboveCeiling

pytestmark = pytest.mark.usefixtures("db")
LATER = make.NOON + timedelta(hours=1)


def start(one, **given):
    """Start a campaign at 20 % with what comes once, and let the buyer see the material."""
    made = make_plans.campaign(one.shop.id, rate_bps=2000, now=make.NOON, **given)
    make.touch(one, now=make.NOON + timedelta(minutes=1))
    return made


def bonuses():
    """Return the bonus accruals there are: (amount, state)."""
    return rows.query("SELECT amount_fen, state FROM commission_accrual WHERE role = 'bonus' ORDER BY id")


def reserved():
    return rows.query("SELECT reserved_fen FROM plans_campaign")[0][0]


def test_an_order_brings_its_bonus_once_until_the_last_fen_of_it_is_gone():
    one = make.alliance()
    start(one, order_bonus_fen=500, budget_fen=100_000)
    order = make.bought(one, pieces=(1, 2), now=LATER)
    assert rows.query("SELECT sale_id FROM commission_accrual WHERE role = 'bonus'") == [(order.lines[0].id,)]
    assert bonuses() == [(500, "pending")]
    assert reserved() == 1198 + 2396 + 500
    make.refunded(order, (1, 1), now=LATER + timedelta(hours=1))
    assert bonuses() == [(500, "pending")]
    assert reserved() == 2396 + 500
    books.check()
    make.refunded(order, (2, 1), now=LATER + timedelta(hours=2))
    assert bonuses() == [(500, "pending")]
    make.refunded(order, (2, 1), now=LATER + timedelta(hours=3))
    assert bonuses() == [(0, "cancelled")]
    assert reserved() == 0
    books.check()


def test_the_bonus_of_an_order_settles_with_it_and_is_taken_back_with_its_last_piece():
    one = make.alliance()
    start(one, order_bonus_fen=500)
    order = make.bought(one, pieces=(1, 1), now=LATER)
    make.received(order, now=LATER + timedelta(days=1))
    make.refunded(order, (1, 1), now=LATER + timedelta(days=3))
    make.matured(until=LATER + timedelta(days=30))
    assert bonuses() == [(500, "settled")]
    books.check()
    make.refunded(order, (2, 1), now=LATER + timedelta(days=31))
    assert bonuses() == [(0, "cancelled")]
    books.check()


def test_a_line_with_an_open_after_sale_holds_the_whole_order_where_it_brings_something_once():
    from tuike.flows.refund_order import ask_refund
    from tuike.orders.types import AfterSaleAsk

    one = make.alliance()
    start(one, order_bonus_fen=500)
    order = make.bought(one, pieces=(1, 1), now=LATER)
    make.received(order, now=LATER + timedelta(days=1))
    asked = [AfterSaleAsk(line_no=2, quantity=1, amount_fen=None)]
    at = LATER + timedelta(days=29, hours=1)
    ask_refund(buyer_id=order.buyer_id, order_no=order.no, lines=asked, reason="坏了", key="open-after-sale", now=at)
    make.matured(until=at + timedelta(hours=1))
    assert bonuses() == [(500, "pending")]
    books.check()


def test_only_the_first_paid_order_of_a_buyer_brings_the_first_orders_bonus():
    one = make.alliance()
    start(one, first_order_bonus_fen=300, budget_fen=100_000)
    second, first = make.placed(one, now=LATER), make.placed(one, now=LATER)
    assert reserved() == 2 * (1198 + 300)  # whichever is paid first has it
    make.pay(first, now=LATER)
    make.pay(second, now=LATER + timedelta(minutes=2))
    third = make.bought(one, now=LATER + timedelta(minutes=9))
    assert bonuses() == [(300, "pending")]
    assert rows.query(
        "SELECT s.order_no FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id WHERE a.role = 'bonus'"
    ) == [(first.no,)]
    assert reserved() == 3 * 1198 + 300
    assert rows.query("SELECT terms->'why' ? 'not_first' FROM commission_sale WHERE order_no = %s", [second.no]) == [
        (True,)
    ]
    assert rows.query(
        "SELECT terms ? 'first_order_bonus_fen' FROM commission_sale WHERE order_no = %s", [third.no]
    ) == [(False,)]
    books.check()


def test_another_buyer_has_a_first_order_too_and_the_bonuses_add_up():
    one = make.alliance()
    start(one, order_bonus_fen=200, first_order_bonus_fen=300, bonus_fen=50)
    make.bought(one, pieces=(2,), now=LATER)
    other = make_people.person().id
    make.touch(one, buyer_id=other, now=LATER)
    make.bought(one, pieces=(1,), buyer_id=other, now=LATER + timedelta(minutes=1))
    make.bought(one, pieces=(1,), buyer_id=other, now=LATER + timedelta(minutes=5))
    assert bonuses() == [(600, "pending"), (550, "pending"), (250, "pending")]
    books.check()


def test_a_budget_that_has_no_room_for_the_orders_bonus_gives_the_line_the_next_layer():
    one = make.alliance()
    start(one, order_bonus_fen=500, budget_fen=1198 + 499)
    order = make.bought(one, now=LATER)
    assert bonuses() == []
    assert reserved() == 0
    assert rows.query("SELECT amount_fen FROM commission_accrual WHERE role = 'direct'") == [(718,)]
    books.check()
    assert order.lines


def test_what_was_held_for_an_order_goes_back_whole_when_it_closes_unpaid():
    one = make.alliance()
    start(one, order_bonus_fen=500, first_order_bonus_fen=300, budget_fen=100_000)
    order = make.placed(one, pieces=(1, 1), now=LATER)
    assert reserved() == 2 * 1198 + 800
    from tuike.flows import closing
    from tuike.orders.types import CloseReason

    closing.close_checkouts(checkout_nos=[order.checkout_no], reason=CloseReason.UNPAID_IN_TIME, now=LATER)
    assert reserved() == 0


def test_the_worst_case_counts_all_three_bonuses_on_the_cheapest_product():
    one = make.alliance()
    # 20 % + 5 % tier; 65 % of 5990 is 3893.5
    with pytest.raises(AboveCeiling):
        start(one, bonus_fen=1_000, order_bonus_fen=2_000, first_order_bonus_fen=894)
    assert rows.query("SELECT count(*) FROM plans_campaign") == [(0,)]
    assert rows.query("SELECT count(*) FROM plans_rate WHERE layer = 'campaign'") == [(0,)]
    start(one, bonus_fen=1_000, order_bonus_fen=2_000, first_order_bonus_fen=893)


def test_the_receipt_says_each_bonus_in_words():
    one = make.alliance()
    start(one, bonus_fen=50, order_bonus_fen=200, first_order_bonus_fen=300)
    order = make.bought(one, pieces=(2, 1), now=LATER)
    id_ = make.accruals(order)["bonus"]
    make.refunded(order, (1, 2), now=LATER + timedelta(hours=1))
    for language, said in (
        ("zh", ("每件 50 × 2 件 = 100 分", "整单奖金 200 分", "首单奖金 300 分", "500 分")),
        ("en", ("50 a piece × 2 = 100 fen", "200 fen for the order", "300 fen for the buyer's first order", "500 fen")),
    ):
        (receipt,) = explain.explain(f"A{id_}")
        assert receipt.holds
        told = " | ".join(
            str(getattr(part, language))
            for section in receipt.sections
            for line in section.lines
            for part in (line.label, line.formula, line.text)
            if part is not None
        )
        for words in said:
            assert words in told, (words, told)
