"""Twenty after-sales of one line at once; decisions against each other; paying against closing; a parcel against a
request; one report twice."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction

from tests import books
from tests.make import alliance as make_alliance
from tests.make import orders as make
from tests.make.racers import race, wait_till_waited_for
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.db.retry import retry
from tuike.flows import decide_after_sales, follow_order, refund_order, return_goods, ship_order
from tuike.orders import queries, service
from tuike.orders.service import after_sales, moving, parcels
from tuike.orders.service import steps as steps_of_service
from tuike.orders.types import AfterSaleAsk, AfterSaleDecided, AfterSaleKind, CloseReason

CALLERS = 20
NOW, NOON = make.NOW, make_alliance.NOON

pytestmark = pytest.mark.usefixtures("committed_db")


def _in_a_transaction(work):
    @retry
    def run() -> object:
        with transaction.atomic(durable=True):
            return work()

    return run()


def _race_to_approve() -> tuple[int, list[str]]:
    """Twenty requests for one of ten pieces each, let in past the check of requests, are approved at once."""
    order = make.shipped(make.draft(make.line(price_fen=100, quantity=10)))
    requests = []
    for _ in range(CALLERS):
        requests.append(make.asked(order, (1, 1, 100)).no)
        rows.run("UPDATE orders_after_sale SET state = 'cancelled'")
    rows.run("UPDATE orders_after_sale SET state = 'requested'")
    results = race(CALLERS, lambda i: _in_a_transaction(lambda: make.approve(requests[i])))
    given = rows.query(
        "SELECT coalesce(sum(l.amount_fen), 0)::bigint FROM orders_after_sale a"
        " JOIN orders_after_sale_line l ON l.after_sale_id = a.id WHERE a.state = 'approved'"
    )[0][0]
    return given, results


def test_no_more_is_given_back_than_was_paid():
    given, results = _race_to_approve()
    assert given == 1_000
    assert rows.query("SELECT refunded_fen, refunded_quantity FROM orders_line") == [(1_000, 10)]
    assert (results.count("won"), results.count("NothingLeft")) == (10, 10)


CLAUSE = "AND l.refunded_fen + t.amount_fen <= l.paid_fen AND l.refunded_quantity + t.quantity <= l.quantity"


def test_without_the_clause_the_line_is_overdrawn(monkeypatch, owner_sql):
    """The negative control: no limit in the statement, and the database's own last line away."""
    assert CLAUSE in after_sales.TAKE_LINES
    monkeypatch.setattr(after_sales, "TAKE_LINES", after_sales.TAKE_LINES.replace(CLAUSE, ""))
    definition = owner_sql(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'orders_line_refunded'"
    )[0][0]
    owner_sql("ALTER TABLE orders_line DROP CONSTRAINT orders_line_refunded")
    try:
        given, results = _race_to_approve()
        assert (given, results.count("won")) == (2_000, CALLERS)
    finally:
        owner_sql("UPDATE orders_line SET refunded_fen = 0, refunded_quantity = 0")
        owner_sql(f"ALTER TABLE orders_line ADD CONSTRAINT orders_line_refunded {definition}")


def test_the_last_line_holds_where_the_clause_is_gone(monkeypatch):
    monkeypatch.setattr(after_sales, "TAKE_LINES", after_sales.TAKE_LINES.replace(CLAUSE, ""))
    given, results = _race_to_approve()
    assert (given, results.count("IntegrityError")) == (1_000, 10)


def test_requests_at_once_ask_for_no_more_than_there_is():
    order = make.shipped(make.draft(make.line(price_fen=100, quantity=10)))
    results = race(CALLERS, lambda _: _in_a_transaction(lambda: make.asked(order, (1, 1))))
    assert (results.count("won"), results.count("NothingLeft")) == (10, 10)


def test_one_after_sale_is_approved_once():
    order = make.shipped()
    request = make.asked(order)
    results = race(CALLERS, lambda _: _in_a_transaction(lambda: make.approve(request.no)))
    assert (results.count("won"), results.count("AfterSaleDecided")) == (1, CALLERS - 1)
    assert make.again(order).lines[0].refunded_fen == 5_990


def _race_to_pay_and_close() -> set[str]:
    """Paying and closing at once, several times; return the names of both that moved an order, joined."""
    ends = set()
    for _ in range(8):
        checkout = make.placed().checkout_no
        moved: list[str] = []

        def either(i: int, no: str = checkout, moved: list[str] = moved) -> None:
            def work() -> bool:
                if i % 2:
                    return bool(service.close(checkout_nos=[no], reason=CloseReason.UNPAID_IN_TIME, now=NOW))
                return bool(service.mark_paid(checkouts={no: NOW}).moved)

            if _in_a_transaction(work):
                moved.append("closed" if i % 2 else "paid")

        assert race(6, either) == ["won"] * 6
        ends.add("+".join(sorted(moved)))
    return ends


def test_an_order_is_paid_or_closed_and_once():
    assert _race_to_pay_and_close() <= {"paid", "closed"}


def test_without_comparing_the_state_it_is_both(monkeypatch):
    """The negative control: paying that doesn't look at the old state."""
    statement = moving._PAY_CHECKOUTS
    assert "AND o.state = 'unpaid'" in statement
    monkeypatch.setattr(moving, "_PAY_CHECKOUTS", statement.replace("AND o.state = 'unpaid'", ""))
    assert not _race_to_pay_and_close() <= {"paid", "closed"}


def _race_of_parcel_and_request(monkeypatch) -> int:
    """A parcel and a request at once, several times; return how often both went through, blind to each other.

    The request comes after the parcel has looked for requests, and the parcel goes on when the request is through or
    waits for it. Every second time nobody waits for anybody.
    """
    look = queries.open_after_sales_of
    both = 0
    for n in range(6):
        order = make.paid()
        looked, asked = threading.Event(), threading.Event()

        def look_and_wait(order_ids, n=n, looked=looked, asked=asked):
            found = look(order_ids)
            if n % 2 == 0 and not looked.is_set():
                looked.set()
                wait_till_waited_for(asked)
            return found

        monkeypatch.setattr(queries, "open_after_sales_of", look_and_wait)

        def either(i: int, n=n, order=order, looked=looked, asked=asked) -> None:
            if i % 2:
                if n % 2 == 0:
                    assert looked.wait(20)
                try:
                    _in_a_transaction(lambda: make.asked(order))
                finally:
                    asked.set()
            else:
                _in_a_transaction(
                    lambda: service.ship(
                        merchant_id=order.merchant_id, order_no=order.no, carrier="SF", tracking_no="1", now=NOW
                    )
                )

        race(2, either)
        kinds = rows.query("SELECT kind FROM orders_after_sale WHERE order_id = %s", [order.id])
        both += make.again(order).state == "shipped" and kinds == [("unshipped",)]
    return both


def test_a_parcel_and_a_request_never_pass_each_other(monkeypatch):
    assert _race_of_parcel_and_request(monkeypatch) == 0


def test_without_the_order_s_lock_they_do(monkeypatch):
    """The negative control: a parcel that looks at the order without locking it."""

    def unlocked(merchant_id, no):
        return queries.order_of_merchant(merchant_id=merchant_id, no=no)

    monkeypatch.setattr(parcels, "_locked", unlocked)
    assert _race_of_parcel_and_request(monkeypatch) > 0


def test_one_report_is_one_order():
    report = make.report()
    merchant = make.merchant_of(report.lines[0])

    def take(_: int) -> object:
        return _in_a_transaction(lambda: service.place_external(merchant_id=merchant, reports=[report]))

    assert race(CALLERS, take) == ["won"] * CALLERS
    assert rows.query("SELECT count(*) FROM orders_order") == rows.query("SELECT count(*) FROM orders_line") == [(1,)]


def test_receipt_is_put_off_once():
    order = make.shipped()
    results = race(10, lambda _: service.extend_receipt(buyer_id=make.BUYER, order_no=order.no))
    assert (results.count("won"), results.count("AlreadyExtended")) == (1, 9)


STATES = "AND state = %(was)s"


def _in_the_flow(work):
    @retry
    def run() -> object:
        return work()

    return run()


def _race_to_decide() -> tuple[list[str], list[tuple]]:
    """The shop's yes, the shop's no, the buyer's taking back and the deadline's job, all at one instant."""
    one = make_alliance.alliance(price_fen=1_000)
    order = make_alliance.bought(one, now=NOON)
    buyer, shop = order.buyer_id or 0, order.merchant_id
    asked = refund_order.ask_refund(buyer_id=buyer, order_no=order.no, lines=None, reason="", key="k", now=NOON)
    no, late = asked["no"], NOON + timedelta(hours=48)
    works = [
        lambda: refund_order.approve_refund(no=no, merchant_id=shop, actor=OPERATOR_SHELL, now=late),
        lambda: refund_order.reject_refund(no=no, merchant_id=shop, reason="x", actor=OPERATOR_SHELL, now=late),
        lambda: refund_order.cancel_refund(buyer_id=buyer, no=no, now=late),
        lambda: _one_went_on(decide_after_sales.answer_overdue(now=late)),
    ]
    results = race(8, lambda i: _in_the_flow(works[i % 4]))
    steps = rows.query(
        "SELECT s.kind FROM orders_after_sale_step s JOIN orders_after_sale a ON a.id = s.after_sale_id"
        " WHERE a.no = %s AND s.kind <> 'asked'",
        [no],
    )
    return results, steps


def _one_went_on(done: int) -> None:
    if not done:
        raise AfterSaleDecided


def test_one_decision_wins_whoever_makes_it():
    for _ in range(4):
        results, steps = _race_to_decide()
        assert (results.count("won"), results.count("AfterSaleDecided")) == (1, 7), results
        assert len(steps) == 1
    books.check()


def test_without_comparing_the_state_two_decisions_win(monkeypatch):
    """The negative control: a move that doesn't look at the state it leaves."""
    assert STATES in steps_of_service.MOVE
    monkeypatch.setattr(steps_of_service, "MOVE", steps_of_service.MOVE.replace(STATES, ""))
    results, steps = _race_to_decide()
    assert results.count("won") > 1 and len(steps) > 1


def test_goods_back_are_paid_for_once():
    one = make_alliance.alliance(price_fen=1_000)
    order = make_alliance.bought(one, pieces=(2,))
    buyer, shop = order.buyer_id or 0, order.merchant_id
    ship_order.ship_order(merchant_id=shop, order_no=order.no, carrier="SF", tracking_no="1", now=NOON)
    no = refund_order.ask_refund(
        buyer_id=buyer,
        order_no=order.no,
        lines=[AfterSaleAsk(line_no=1, quantity=1)],
        reason="",
        key="k",
        now=NOON,
        kind=AfterSaleKind.RETURN,
    )["no"]
    refund_order.approve_refund(no=no, merchant_id=shop, actor=OPERATOR_SHELL, now=NOON)
    return_goods.send_back(buyer_id=buyer, no=no, carrier="SF", tracking_no="2", now=NOON)
    free = rows.query("SELECT free FROM catalog_sku WHERE id = %s", [order.lines[0].sku_id])[0][0]

    def take(_: int) -> object:
        return _in_the_flow(
            lambda: return_goods.receive_goods(no=no, merchant_id=shop, restock=True, actor=OPERATOR_SHELL, now=NOON)
        )

    assert sorted(set(race(10, take))) == ["AfterSaleDecided", "won"]
    assert rows.query("SELECT free FROM catalog_sku WHERE id = %s", [order.lines[0].sku_id]) == [(free + 1,)]
    assert rows.query("SELECT count(*), sum(amount_fen)::bigint FROM payments_refund") == [(1, 1_000)]
    books.check()


def test_a_shop_is_reminded_once_however_often_it_is_tapped():
    order = make_alliance.bought(make_alliance.alliance())
    results = race(10, lambda _: follow_order.remind_shop(buyer_id=order.buyer_id or 0, order_no=order.no, now=NOON))
    assert (results.count("won"), results.count("AlreadyReminded")) == (1, 9)
