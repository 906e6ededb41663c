"""Twenty after-sales of one line at once; paying against closing; a parcel against a request; one report twice."""

import threading

import pytest
from django.db import transaction

from tests.make import orders as make
from tests.make.racers import race, wait_till_waited_for
from tuike.db import rows
from tuike.db.retry import retry
from tuike.orders import queries, service
from tuike.orders.service import after_sales, moving, parcels
from tuike.orders.types import CloseReason

CALLERS = 20
NOW = make.NOW

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
