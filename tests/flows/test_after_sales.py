"""After-sales to their end: goods come back, the operator steps in, time passes; exact fen, and the books hold."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import payments as make_payments
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.flows import decide_after_sales, follow_order, refund_order, return_goods, ship_order
from tuike.flows.decide_after_sales import Verdict
from tuike.flows.receive_orders import receive_order
from tuike.flows.send_refunds import confirm_refunds
from tuike.gateways.types import RefundState
from tuike.insight import verify
from tuike.kit.errors import NotFound
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import (
    AfterSaleAsk,
    AfterSaleDecided,
    AfterSaleKind,
    AfterSaleState,
    AlreadyFinal,
    AlreadyReminded,
    DecideAfterSaleFirst,
    NothingLeft,
    NotInThisState,
    OrderRef,
    OrderTab,
    OverDue,
    TooManyPictures,
    UnknownReason,
)
from tuike.payments import queries as payments_of
from tuike.payments import service as payments

NOON = make.NOON
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SEEN = ("orders_", "commission_", "ledger_", "catalog_sku", "payments_", "audit_act", "outbox_event", "messages_")

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def the_books_hold(db):
    """Whatever a test did: what `tuike verify` says holds at its end."""
    yield
    books.check()


@pytest.fixture
def one():
    alliance = make.alliance(price_fen=1_000)
    make.touch(alliance)
    return alliance


def _everything() -> dict[str, list]:
    names = [name for (name,) in rows.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {name: sorted(rows.query(f"SELECT t::text FROM {name} t")) for name in names if name.startswith(SEEN)}


def refused(refusal: type[Exception], work: Callable[[], object]) -> None:
    """The journey refuses by this name and leaves everything as it was."""
    before = _everything()
    with pytest.raises(refusal):
        work()
    assert _everything() == before


def shipped(one: make.Alliance, pieces: int = 3) -> OrderRef:
    order = make.bought(one, pieces=(pieces,))
    ship_order.ship_order(
        merchant_id=order.merchant_id, order_no=order.no, carrier="SF", tracking_no=order.no, now=NOON + HOUR
    )
    return make.again(order)


def ask(order: OrderRef, pieces: int = 1, *, kind: AfterSaleKind | None = AfterSaleKind.RETURN, **rest: object) -> str:
    """Ask back some pieces of the first line, two hours after noon."""
    count = rows.query("SELECT count(*) FROM orders_after_sale")[0][0]
    return refund_order.ask_refund(
        buyer_id=order.buyer_id or 0,
        order_no=order.no,
        lines=[AfterSaleAsk(line_no=1, quantity=pieces)],
        reason="有裂纹",
        key=f"ask-{count}",
        now=NOON + 2 * HOUR,
        kind=kind,
        **rest,  # type: ignore[arg-type]
    )["no"]


def agree(order: OrderRef, no: str, at: datetime = NOON + 3 * HOUR):
    return refund_order.approve_refund(
        no=no, merchant_id=order.merchant_id, actor=OPERATOR_SHELL, now=at, note="寄到 1 号仓"
    )


def reject(order: OrderRef, no: str, at: datetime = NOON + 3 * HOUR):
    return refund_order.reject_refund(
        no=no, merchant_id=order.merchant_id, reason="已拆封", actor=OPERATOR_SHELL, now=at
    )


def send(order: OrderRef, no: str, at: datetime = NOON + 4 * HOUR):
    return return_goods.send_back(buyer_id=order.buyer_id or 0, no=no, carrier="顺丰", tracking_no="SF9", now=at)


def take(order: OrderRef, no: str, *, restock: bool, at: datetime = NOON + 5 * HOUR):
    return return_goods.receive_goods(
        no=no, merchant_id=order.merchant_id, restock=restock, actor=OPERATOR_SHELL, now=at
    )


def dispute(order: OrderRef, no: str, at: datetime = NOON + 4 * HOUR):
    return decide_after_sales.dispute_refund(buyer_id=order.buyer_id or 0, no=no, reason="没有拆封", now=at)


def decide(no: str, verdict: Verdict, at: datetime = NOON + 5 * HOUR):
    return decide_after_sales.decide_dispute(
        no=no, verdict=verdict, note="以平台查验为准", actor=OPERATOR_SHELL, now=at
    )


def provider_pays(order: OrderRef, no: str, at: datetime) -> None:
    refund = payments_of.refunds_of([f"after_sale:{no}"])[f"after_sale:{no}"]
    fact = make_payments.refund_fact(refund, RefundState.SUCCESS, total_fen=order.payable_fen, success_at=at)
    payments.keep_notice(channel="wechatpay", notice=make_payments.notice(fact), now=at)
    confirm_refunds(now=at)


def state(no: str) -> AfterSaleState:
    return orders_of.after_sales_by_no([no])[no].state


def free(order: OrderRef) -> int:
    return rows.query("SELECT free FROM catalog_sku WHERE id = %s", [order.lines[0].sku_id])[0][0]


def steps(no: str) -> list[tuple[str, str, str]]:
    found = orders_of.after_sales_by_no([no])[no]
    return [(str(step.kind), str(step.by), str(step.state)) for step in orders_of.steps_of([found.id])[found.id]]


def halted(order: OrderRef) -> int:
    return rows.query("SELECT open_after_sales FROM commission_sale WHERE id = %s", [order.lines[0].id])[0][0]


@pytest.mark.parametrize("restock", [True, False])
def test_goods_come_back_before_the_money_goes(one, restock):
    order = shipped(one)
    left = free(order)
    no = ask(order, reason_code="defective", pictures=["buyers/" + "a" * 40 + ".jpg"])
    agreed = agree(order, no)
    assert (agreed.state, agreed.due_at) == (AfterSaleState.RETURNING, NOON + 3 * HOUR + 7 * DAY)
    assert payments_of.refunds_of([f"after_sale:{no}"]) == {}
    assert make.again(order).lines[0].refunded_fen == 0 and halted(order) == 1
    sent = send(order, no)
    assert (sent.state, sent.carrier, sent.tracking_no) == (AfterSaleState.SENT, "顺丰", "SF9")
    taken = take(order, no, restock=restock)
    assert (taken.state, taken.amount_fen, taken.restocked) == (AfterSaleState.APPROVED, 1_000, restock)
    assert make.again(order).lines[0].refunded_fen == 1_000
    assert free(order) == left + (1 if restock else 0)
    provider_pays(order, no, NOON + 6 * HOUR)
    assert state(no) is AfterSaleState.REFUNDED and halted(order) == 0
    assert steps(no) == [
        ("asked", "buyer", "requested"),
        ("agreed", "merchant", "returning"),
        ("sent", "buyer", "sent"),
        ("approved", "merchant", "approved"),
        ("refunded", "time", "refunded"),
    ]


def test_nothing_settles_while_goods_are_on_their_way_back(one):
    order = make.received(make.bought(one, pieces=(2,)), now=NOON + HOUR)
    no = ask(order)
    agree(order, no)
    send(order, no)
    assert make.matured(until=NOON + 60 * DAY).accruals == 0
    reject(order, no, NOON + 60 * DAY)
    assert make.matured(until=NOON + 60 * DAY).accruals > 0


def test_what_may_not_be_done_with_a_return(one):
    order, unshipped = shipped(one), make.bought(one)
    refused(NotInThisState, lambda: ask(unshipped))
    refused(NotInThisState, lambda: ask(order, kind=AfterSaleKind.UNSHIPPED))
    refused(UnknownReason, lambda: ask(order, reason_code="changed_mind"))
    for pictures in (["../../etc/passwd"], ["buyers/" + "a" * 40 + ".jpg"] * 10):
        refused(TooManyPictures, lambda pictures=pictures: ask(order, pictures=pictures))
    no = ask(order)
    refused(AfterSaleDecided, lambda: send(order, no))
    refused(AfterSaleDecided, lambda: take(order, no, restock=True))
    refused(AfterSaleDecided, lambda: dispute(order, no))
    refused(AfterSaleDecided, lambda: decide(no, Verdict.REFUND))
    agree(order, no)
    refused(AfterSaleDecided, lambda: agree(order, no))
    refused(AfterSaleDecided, lambda: reject(order, no))
    refused(OverDue, lambda: send(order, no, NOON + 8 * DAY))
    refused(
        NotFound,
        lambda: return_goods.send_back(buyer_id=0, no=no, carrier="SF", tracking_no="1", now=NOON + 4 * HOUR),
    )
    send(order, no)
    refused(
        AfterSaleDecided, lambda: refund_order.cancel_refund(buyer_id=order.buyer_id or 0, no=no, now=NOON + 5 * HOUR)
    )
    refused(NothingLeft, lambda: ask(order, 3))


def test_the_operator_decides_what_the_shop_refused(one):
    order = shipped(one)
    no = ask(order, kind=AfterSaleKind.SHIPPED)
    rejected = reject(order, no)
    assert halted(order) == 0 and orders_of.may_dispute(rejected, now=NOON + DAY)
    refused(NotFound, lambda: orders_of.disputed_after_sale(no))
    assert dispute(order, no).state is AfterSaleState.DISPUTED and halted(order) == 1
    refused(NotInThisState, lambda: decide(no, Verdict.RETURN))
    refused(AfterSaleDecided, lambda: agree(order, no))
    decided = decide(no, Verdict.REFUND)
    assert (decided.state, decided.final) == (AfterSaleState.APPROVED, True)
    provider_pays(order, no, NOON + 6 * HOUR)
    assert make.again(order).lines[0].refunded_fen == 1_000 and halted(order) == 0
    assert [row[:2] for row in steps(no)][1:4] == [
        ("rejected", "merchant"),
        ("disputed", "buyer"),
        ("approved", "operator"),
    ]


def test_the_operators_no_is_final(one):
    order = shipped(one)
    no = ask(order)
    reject(order, no)
    dispute(order, no)
    decided = decide(no, Verdict.REJECT)
    assert (decided.state, decided.final, decided.answer) == (AfterSaleState.REJECTED, True, "以平台查验为准")
    assert halted(order) == 0 and not orders_of.may_dispute(decided, now=NOON + 6 * HOUR)
    refused(AlreadyFinal, lambda: dispute(order, no))
    ask(order)  # but anew it may be asked


def test_the_operator_sends_goods_back_first(one):
    order = shipped(one)
    no = ask(order)
    reject(order, no)
    dispute(order, no)
    assert decide(no, Verdict.RETURN).state is AfterSaleState.RETURNING
    send(order, no, NOON + 6 * HOUR)
    assert take(order, no, restock=True, at=NOON + 7 * HOUR).state is AfterSaleState.APPROVED


def test_the_operator_is_asked_within_seven_days_and_for_what_is_left(one):
    order = shipped(one)
    no = ask(order, 2)
    reject(order, no)
    refused(OverDue, lambda: dispute(order, no, NOON + 3 * HOUR + 7 * DAY))
    ask(order, 2)
    refused(NothingLeft, lambda: dispute(order, no))


def test_goods_that_left_since_go_to_no_stock_by_the_operators_yes(one):
    order = make.bought(one)
    no = ask(order, kind=None)
    reject(order, no)
    ship_order.ship_order(
        merchant_id=order.merchant_id, order_no=order.no, carrier="SF", tracking_no="1", now=NOON + 3 * HOUR
    )
    left = free(order)
    assert dispute(order, no).kind is AfterSaleKind.SHIPPED
    decide(no, Verdict.REFUND)
    assert free(order) == left


def test_what_nobody_answers_goes_on_by_itself(one):
    unshipped, kept, back, silent = (make.bought(one), shipped(one), shipped(one), shipped(one))
    nos = [ask(unshipped, kind=None), ask(kept, kind=AfterSaleKind.SHIPPED), ask(back), ask(silent)]
    due = NOON + 2 * HOUR + timedelta(hours=48)
    agree(back, nos[2])
    agree(silent, nos[3])
    send(silent, nos[3])
    before = _everything()
    assert decide_after_sales.answer_overdue(now=due - timedelta(seconds=1)) == 0
    assert _everything() == before
    left = free(unshipped)
    assert decide_after_sales.answer_overdue(now=due) == 2
    assert [state(no).value for no in nos] == ["approved", "disputed", "returning", "sent"]
    assert free(unshipped) == left + 1 and make.again(unshipped).state == "closed"
    assert decide_after_sales.answer_overdue(now=NOON + 3 * HOUR + 7 * DAY) == 1
    assert decide_after_sales.answer_overdue(now=NOON + 4 * HOUR + 10 * DAY) == 1
    assert [state(no).value for no in nos] == ["approved", "disputed", "cancelled", "disputed"]
    assert [halted(order) for order in (unshipped, kept, back, silent)] == [1, 1, 0, 1]
    assert decide_after_sales.answer_overdue(now=NOON + 99 * DAY) == 0
    assert steps(nos[0])[1] == ("approved", "time", "approved") and steps(nos[1])[1][1] == "time"


def test_what_can_be_refunded_no_more_comes_before_the_operator(one, monkeypatch):
    """The payment takes no refund any more (a year has passed): the job doesn't try for ever."""
    order = make.bought(one)
    no = ask(order, kind=None)
    rows.run("UPDATE payments_intent SET paid_at = paid_at - interval '400 days'")
    assert decide_after_sales.answer_overdue(now=NOON + 5 * DAY) == 1
    assert state(no) is AfterSaleState.DISPUTED
    rows.run("UPDATE payments_intent SET paid_at = paid_at + interval '400 days'")


def test_an_after_sale_without_its_step_is_found(one):
    order = shipped(one)
    no = ask(order)
    with transaction.atomic():
        rows.run("UPDATE orders_after_sale SET state = 'sent' WHERE no = %s", [no])
        found = [one for result in verify.run(names=("after_sales",)) for one in result.findings]
        assert [(one.object, one.what) for one in found] == [
            (f"after-sale {no}", "is sent, its last step says requested")
        ]
        transaction.set_rollback(True)


def test_stock_given_back_without_a_word_is_found(one):
    order = shipped(one)
    no = ask(order)
    agree(order, no)
    send(order, no)
    take(order, no, restock=False)
    with transaction.atomic():
        rows.run("UPDATE orders_after_sale SET restocked = true WHERE no = %s", [no])
        found = [one for result in verify.run(names=("stock",)) for one in result.findings]
        assert found
        transaction.set_rollback(True)


def test_shop_and_buyer_are_told(one):
    order = shipped(one)
    no = ask(order)
    agree(order, no)
    send(order, no)
    take(order, no, restock=False)
    provider_pays(order, no, NOON + 6 * HOUR)
    told = [kind for (kind,) in rows.query("SELECT kind FROM messages_message WHERE object = %s ORDER BY id", [no])]
    assert told == ["after_sale_asked", "after_sale_sent"]
    personal = rows.query("SELECT kind FROM messages_personal WHERE object = %s ORDER BY id", [no])
    assert [kind for (kind,) in personal] == ["after_sale_agreed", "after_sale_approved", "refund_done"]
    topics = [topic for (topic,) in rows.query("SELECT topic FROM outbox_event WHERE key = %s ORDER BY id", [no])]
    assert topics == [f"after_sale.{what}" for what in ("asked", "agreed", "sent", "approved", "refunded")]


# What a buyer does with an order


def test_a_shop_is_reminded_once_a_day(one):
    order = make.bought(one)

    def remind(at: datetime):
        return follow_order.remind_shop(buyer_id=order.buyer_id or 0, order_no=order.no, now=at)

    assert remind(NOON + HOUR).reminded_at == NOON + HOUR
    refused(AlreadyReminded, lambda: remind(NOON + 11 * HOUR))  # 23:00 in Shanghai
    remind(make.next_day())
    assert rows.query("SELECT count(*) FROM messages_message WHERE kind = 'ship_reminder'") == [(2,)]
    refused(NotFound, lambda: follow_order.remind_shop(buyer_id=0, order_no=order.no, now=NOON + 3 * DAY))
    ship_order.ship_order(
        merchant_id=order.merchant_id, order_no=order.no, carrier="SF", tracking_no="1", now=NOON + 2 * DAY
    )
    refused(NotInThisState, lambda: remind(NOON + 3 * DAY))


def test_what_is_on_sale_is_bought_again_and_the_rest_named(one):
    order = make.bought(one, pieces=(2,))
    sku = make_catalog.sku_of(one.product_id)

    def again(key: str):
        return follow_order.buy_again(buyer_id=order.buyer_id or 0, order_no=order.no, key=key, now=NOON + DAY)

    assert again("1") == again("1") == {"added": 1, "missing": []}
    assert [(e.sku_id, e.quantity) for e in orders_of.cart_of(buyer_id=order.buyer_id or 0)] == [(sku, 2)]
    rows.run("UPDATE catalog_sku SET on_sale = false WHERE id = %s", [sku])
    title = catalog.sku_facts([sku])[sku].title
    assert again("2") == {"added": 0, "missing": [{"title": title, "spec": order.lines[0].spec, "why": "off_sale"}]}
    with pytest.raises(NotFound):
        follow_order.buy_again(buyer_id=0, order_no=order.no, key="3", now=NOON)


def test_an_order_at_its_end_is_put_out_of_sight_not_away(one):
    order = shipped(one)
    buyer = order.buyer_id or 0

    def hide():
        orders.hide(buyer_id=buyer, order_no=order.no, now=NOON + 2 * DAY)

    refused(NotInThisState, hide)
    make.received(make.bought(one), now=NOON + HOUR)
    receive_order(buyer_id=buyer, order_no=order.no, now=NOON + DAY)
    no = ask(order)
    refused(DecideAfterSaleFirst, hide)
    reject(order, no)
    assert orders_of.tab_counts(buyer_id=buyer)[OrderTab.COMPLETED] == 2
    hide()
    hide()
    assert orders_of.tab_counts(buyer_id=buyer)[OrderTab.COMPLETED] == 1
    assert order.no not in [one.no for one in orders_of.orders_of_buyer(buyer_id=buyer)]
    assert orders_of.order_of_buyer(buyer_id=buyer, no=order.no).no == order.no
    assert orders_of.order_of_merchant(merchant_id=order.merchant_id, no=order.no).no == order.no


def test_a_buyers_tabs_and_words(one):
    unpaid, paid, sent = make.placed(one), make.bought(one), shipped(one)
    done = make.received(make.bought(one), now=NOON + HOUR)
    ask(sent)
    buyer = sent.buyer_id or 0
    counts = {tab.value: count for tab, count in orders_of.tab_counts(buyer_id=buyer).items()}
    assert counts == {"all": 4, "unpaid": 1, "unshipped": 1, "shipped": 1, "completed": 1, "after_sales": 1}
    under = {tab: [one.no for one in orders_of.orders_of_buyer(buyer_id=buyer, tab=tab)] for tab in OrderTab}
    assert under[OrderTab.UNPAID] == [unpaid.no] and under[OrderTab.UNSHIPPED] == [paid.no]
    assert under[OrderTab.SHIPPED] == under[OrderTab.AFTER_SALES] == [sent.no]
    assert under[OrderTab.COMPLETED] == [done.no] and len(under[OrderTab.ALL]) == 4
    title = sent.lines[0].title
    assert len(orders_of.orders_of_buyer(buyer_id=buyer, words=title[1:3])) == 4
    assert [one.no for one in orders_of.orders_of_buyer(buyer_id=buyer, words=f" {paid.no} ")] == [paid.no]
    assert orders_of.orders_of_buyer(buyer_id=buyer, words="%") == []
    assert orders_of.orders_of_buyer(buyer_id=buyer + 1, words=title) == []


def test_what_is_left_to_ask_back(one):
    order = make.bought(one, pieces=(3,), coupon_fen=1)
    left = orders_of.refundable(order)
    assert [str(kind) for kind in left.kinds] == ["unshipped"]
    assert [(one.pieces, one.fen, one.amounts) for one in left.lines] == [(3, 2_999, (999, 1_999, 2_999))]
    no = ask(order, kind=None)
    left = orders_of.refundable(make.again(order))
    assert [(one.pieces, one.fen, one.amounts) for one in left.lines] == [(2, 2_000, (1_000, 2_000))]
    agree(order, no)
    assert orders_of.refundable(make.again(order)).lines == left.lines
    assert orders_of.refundable(make.placed(one)).kinds == ()
