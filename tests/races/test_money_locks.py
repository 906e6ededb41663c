"""Two journeys of money that meet: neither may wait for the other in a circle, nor miss what the other one does."""

import importlib
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from tests import books
from tests.make import commission as make
from tests.make import payments as make_payments
from tuike.commission import service
from tuike.commission.types import Refund, RefundFacts
from tuike.db import rows
from tuike.insight.verify import commission, ledger
from tuike.ledger import chart
from tuike.ledger import service as ledger_verbs
from tuike.ledger.types import Draft, KeyReused, Move
from tuike.payments import service as payments


def meanwhile(work: Callable[[], object]) -> threading.Thread:
    """Start `work` in a transaction of its own."""

    def run() -> None:
        try:
            with transaction.atomic():
                work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_a_payment_that_is_asked_for_again_does_not_wait_for_its_confirmation(committed_db: None) -> None:
    intent = make_payments.intent(purpose="checkout:C1", amount_fen=100)
    settled, go = threading.Event(), threading.Event()

    def confirm() -> None:
        payments.settle(facts=[make_payments.fact(intent.no, amount_fen=100)], now=make_payments.NOW)
        settled.set()
        go.wait(60)

    thread = meanwhile(confirm)
    try:
        assert settled.wait(60)
        with transaction.atomic():
            rows.run("SET LOCAL lock_timeout = '5s'")
            assert make_payments.intent(purpose="checkout:C1", amount_fen=100).no == intent.no
    except OperationalError:
        pytest.fail("it waited")
    finally:
        go.set()
        thread.join()


def test_a_key_that_a_twin_is_posting_with_other_content_is_refused(committed_db: None) -> None:
    world, go, posted = chart.outside("bank"), threading.Event(), threading.Event()

    def post(account: str) -> None:
        move = Move(world if account == "P1" else chart.outside("sandbox"), chart.clearing(account), 5)
        ledger_verbs.post(drafts=[Draft("T1", "test", "a story", make.NOW, (move,))], now=make.NOW)

    def first() -> None:
        post("P1")
        posted.set()
        go.wait(60)

    thread = meanwhile(first)
    assert posted.wait(60)
    threading.Timer(0.3, go.set).start()
    with pytest.raises(KeyReused), transaction.atomic():
        post("P2")
    thread.join()
    assert rows.query("SELECT path, balance_fen FROM ledger_account WHERE version > 0 ORDER BY 1") == [
        ("clearing:P1", 5),
        ("outside:bank", -5),
    ]


def test_maturity_nets_the_debt_of_a_refund_that_it_meets(committed_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make.paid([make.sale(1)])
    service.mark_received(sale_ids=[1], received_at=make.NOW, settle_days=27)
    make.settled(batch_id=1)
    spend = Move(chart.promoter(make.PROMOTER, "available"), chart.outside("bank"), 598)
    ledger_verbs.post(drafts=[Draft("spend", "spend", "test", make.NOW, (spend,))], now=make.NOW)
    make.paid([make.sale(2)])
    service.mark_received(sale_ids=[2], received_at=make.NOW, settle_days=27)
    mature = importlib.import_module("tuike.commission.service.mature")  # the package re-exports its verb
    read, threads = mature._open_debts, []

    def met(payees: set[tuple[str, int]]) -> object:
        """Read the debts as ever; a refund of the first sale comes in right after."""
        debts = read(payees)
        at = make.NOW + timedelta(days=29)
        one = Refund("R1", make.MERCHANT, (RefundFacts(1, 4990, 1),))
        threads.append(meanwhile(lambda: service.refund(refunds=[one], at=at, now=at)))
        threads[0].join(1)
        return debts

    monkeypatch.setattr(mature, "_open_debts", met)
    with transaction.atomic():
        make.settled(batch_id=2)
    threads[0].join()
    assert make.stand("p.available", "p.owed") == {"p.available": 0, "p.owed": 0}
    books.check(*(one.name for one in (*ledger.CHECKS, *commission.CHECKS)))
