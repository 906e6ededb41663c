"""What happens to money between placing and paying: frozen facts, closed payments, notices that can't be taken."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import plans as make_plans
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import prepaid
from tuike.flows.confirm_payments import confirm_answers, confirm_payments
from tuike.flows.refund_order import approve_after_sales, open_after_sales
from tuike.flows.send_refunds import confirm_refunds
from tuike.gateways.types import TradeState
from tuike.idempotency.types import KeyMalformed
from tuike.orders.types import AfterSaleDraft, OrderRef, OrderState
from tuike.parties import service as parties
from tuike.parties.types import Source
from tuike.payments import queries as payments_of
from tuike.payments import service as payments
from tuike.payments.service.notices import ATTEMPTS
from tuike.payments.types import IntentState

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize("recruited_before", [True, False])
def test_the_line_above_is_the_one_of_placement(recruited_before: bool) -> None:
    one = make.alliance()
    other = make_parties.promoter(name="推客老赵", phone="13900000003")
    if not recruited_before:
        move(one.promoter.id, None)
    make.touch(one)
    order = make.placed(one)
    move(one.promoter.id, other.id)
    make.pay(order, now=make.NOON)
    tier2 = rows.query("SELECT payee_id FROM commission_accrual WHERE role = 'tier2'")
    assert tier2 == ([(one.recruiter.id,)] if recruited_before else [])
    books.check()


def test_a_move_changes_nothing_of_what_was_sold_before() -> None:
    """Placed, paid and settled orders, their claims, accruals and bookings stand as they stood, and mature so."""
    one = make.alliance()
    other = make_parties.promoter(name="推客老赵", phone="13900000003")
    make.touch(one)
    make.received(make.bought(one), now=make.NOON + timedelta(hours=1))
    make.matured(until=make.NOON + timedelta(days=40))
    make.received(make.bought(one), now=make.NOON + timedelta(hours=1))
    make.placed(one)
    sold = ("orders_", "commission_", "attribution_", "ledger_", "settlement_", "plans_")

    def stands() -> dict[str, list[tuple]]:
        tables = [name for (name,) in rows.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        return {one: sorted(rows.query(f"SELECT t::text FROM {one} t")) for one in tables if one.startswith(sold)}

    before = stands()
    move(one.promoter.id, other.id)
    assert stands() == before
    make.matured(until=make.NOON + timedelta(days=80))
    payees = rows.query("SELECT DISTINCT payee_id FROM commission_accrual WHERE role = 'tier2' AND state = 'settled'")
    assert payees == [(one.recruiter.id,)]
    books.check()


def move(promoter_id: int, recruiter_id: int | None) -> None:
    parties.change_recruiter(
        promoter_id=promoter_id, recruiter_id=recruiter_id, reason="换团队", actor=OPERATOR_SHELL, now=make.NOON
    )


def started(order, *, now=make.NOON):
    return make_payments.intent(purpose=f"checkout:{order.checkout_no}", amount_fen=order.payable_fen, now=now)


def told(intent, **changes):
    """Keep the notice of a payment."""
    said = {"amount_fen": intent.amount_fen, "success_at": make.NOON + timedelta(minutes=1), "payer_openid": ""}
    fact = make_payments.fact(intent.no, **said | changes)
    payments.keep_notice(channel="wechatpay", notice=make_payments.notice(fact), now=make.NOON)
    return fact


def outcomes():
    return [outcome for (outcome,) in rows.query("SELECT outcome FROM payments_notice ORDER BY id")]


def test_a_notice_that_cant_be_taken_delays_no_other_and_is_set_aside() -> None:
    one = make.alliance()
    orders = [make.placed(one) for _ in range(4)]
    intents = [started(order) for order in orders]
    for intent in intents[:2]:
        told(intent)
    told(intents[2], transaction_id="4" * 200)  # no number that a provider gives
    told(intents[3])
    done = confirm_payments(now=make.NOON)
    assert (done.notices, done.orders) == (3, 3)
    assert outcomes() == ["paid", "paid", "", "paid"]
    for _ in range(ATTEMPTS):
        assert confirm_payments(now=make.NOON).notices == 0
    assert outcomes() == ["paid", "paid", "quarantined", "paid"]
    assert rows.query("SELECT kind, facts->>'error' FROM risk_case") == [("stuck_notice", "DataError")]
    assert make.again(orders[2]).state is OrderState.UNPAID
    books.check()


def test_a_notice_that_was_kept_in_words_of_another_version_is_set_aside() -> None:
    one = make.alliance()
    told(started(make.placed(one)))
    rows.run('UPDATE payments_notice SET facts = facts || \'{"trade_state": "TELEPORTED"}\'')
    told(started(order := make.placed(one)))
    assert confirm_payments(now=make.NOON).orders == 1
    assert make.again(order).state is OrderState.PAID
    assert outcomes() == ["", "paid"]


def test_an_answer_that_cant_be_taken_delays_no_other_and_is_a_case() -> None:
    one = make.alliance()
    orders = [make.placed(one) for _ in range(3)]
    bad, *good = [
        make_payments.fact(
            started(order).no, amount_fen=5_990, payer_openid="", success_at=make.NOON, transaction_id=transaction
        )
        for order, transaction in zip(orders, ("4" * 200, "41", "42"), strict=True)
    ]
    assert confirm_answers(facts=[bad, *good], now=make.NOON).orders == 2
    assert rows.query("SELECT kind, object FROM risk_case") == [("stuck_notice", bad.out_trade_no)]


def test_a_refund_that_cant_be_booked_delays_no_other() -> None:
    paid = [make_payments.paid() for _ in range(2)]
    unfunded = make_payments.refund(paid[0].no, amount_fen=100)
    one = make.alliance()
    make.touch(one)
    order = make.bought(one)
    no = make.refunded(order, now=make.NOON + timedelta(hours=1), sent=False)
    refund = payments_of.refunds_of([f"after_sale:{no}"])[f"after_sale:{no}"]
    for made in (unfunded, refund):
        notice = make_payments.notice(make_payments.refund_fact(made, total_fen=make_payments.fact("x").amount_fen))
        payments.keep_notice(channel="wechatpay", notice=notice, now=make.NOON)
    assert confirm_refunds(now=make.NOON) == 1
    assert outcomes() == ["", "done"]


@pytest.mark.parametrize("state", [TradeState.CLOSED, TradeState.REVOKED])
def test_what_the_provider_has_closed_is_closed_here_with_its_order(state: TradeState) -> None:
    one = make.alliance()
    make_plans.campaign(one.shop.id, rate_bps=2000, budget_fen=10_000, now=make.NOON)
    make.touch(one, now=make.NOON + timedelta(minutes=1))
    order = make.placed(one, now=make.NOON + timedelta(minutes=2))
    intent = started(order, now=make.NOON + timedelta(minutes=2))
    assert rows.query("SELECT reserved_fen FROM plans_campaign") == [(1198,)]
    assert rows.query("SELECT sold FROM catalog_sku") == [(1,)]
    confirm_answers(facts=[make_payments.no_news(intent.no, state)], now=make.NOON + timedelta(minutes=3))
    assert make.again(order).state is OrderState.CLOSED
    assert payments_of.intents_by_no([intent.no])[intent.no].state is IntentState.CLOSED
    assert rows.query("SELECT reserved_fen FROM plans_campaign") == [(0,)]
    assert rows.query("SELECT sold FROM catalog_sku") == [(0,)]
    # Money that comes all the same is late and goes back.
    late = make_payments.fact(intent.no, amount_fen=intent.amount_fen, success_at=make.NOON + timedelta(minutes=4))
    confirm_answers(facts=[late], now=make.NOON + timedelta(minutes=5))
    assert make.again(order).state is OrderState.CLOSED
    assert [one.amount_fen for one in payments_of.refunds_of_intents([intent.no])] == [order.payable_fen]
    books.check()


def test_a_payment_for_nothing_that_is_there_is_a_case() -> None:
    intent = make_payments.intent(purpose="checkout:C404", amount_fen=100, now=make.NOON)
    other = make_payments.intent(purpose="gift:7", amount_fen=100, now=make.NOON)
    confirm_answers(facts=[make_payments.fact(i.no, amount_fen=100) for i in (intent, other)], now=make.NOON)
    assert rows.query("SELECT kind, object FROM risk_case ORDER BY object") == [
        ("unknown_payment", intent.no),
        ("unknown_payment", other.no),
    ]


def test_a_top_up_takes_a_key_of_any_length_once() -> None:
    shop = 2**63 - 1
    short, long_, other = (prepaid.purpose(merchant_id=shop, key=key) for key in ("k1", "k" * 80, "k" * 79))
    assert short == f"top_up:{shop}:k1"
    assert len({short, long_, other}) == 3 and max(map(len, (short, long_, other))) <= 64
    for bad in ("", "k" * 81, "k\n"):
        with pytest.raises(KeyMalformed):
            prepaid.purpose(merchant_id=shop, key=bad)


@pytest.mark.parametrize("refunded", ["paid", "waiting"])
def test_a_refund_of_an_external_shop_lets_the_next_sales_go_on(refunded: str) -> None:
    one = make.alliance(source=Source.MINI_PROGRAM)
    make.topped_up(one, 1_100, now=make.NOON - timedelta(days=1))
    orders = {
        "paid": make.reported(one, external_no="E1"),
        "waiting": make.reported(one, external_no="E2", now=make.NOON + timedelta(hours=1)),
    }
    behind = make.reported(one, external_no="E3", now=make.NOON + timedelta(hours=2))
    assert states(behind) == states(orders["waiting"]) == {"waiting"}
    draft = AfterSaleDraft(order_id=orders[refunded].id, lines=None, reason="不想要了")
    asked = open_after_sales([draft], make.NOON + timedelta(days=2))[0]
    approve_after_sales([asked.no], merchant_id=one.shop.id, actor=OPERATOR_SHELL, now=make.NOON + timedelta(days=2))
    went_on = {"paid": orders["waiting"], "waiting": orders["paid"]}[refunded]
    assert states(went_on) == {"pending"} and states(orders[refunded]) == {"cancelled"}
    assert states(behind) == {"waiting"}
    books.check()


def states(order: OrderRef) -> set[str]:
    lines = [line.id for line in order.lines]
    return {state for (state,) in rows.query("SELECT state FROM commission_accrual WHERE sale_id = ANY(%s)", [lines])}
