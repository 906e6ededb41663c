"""Twenty refunds of one payment at once; one notice delivered to many; one payment settled by many."""

import pytest
from django.db import IntegrityError, transaction

from tests.make import payments as make
from tests.make.racers import race
from tuike.db import rows
from tuike.db.retry import retry
from tuike.payments import service
from tuike.payments.service import refunds

CALLERS = 20

pytestmark = pytest.mark.usefixtures("committed_db")


@retry
def _refund(intent_no: str, amount_fen: int, purpose: str | None = None) -> None:
    with transaction.atomic(durable=True):
        make.refund(intent_no, amount_fen=amount_fen, purpose=purpose)


def _race_for_the_payment() -> tuple[int, list[str]]:
    """Each asks for 100 of 1,000 fen; return what was taken and who got it."""
    paid = make.paid(amount_fen=1_000)
    results = race(CALLERS, lambda _: _refund(paid.no, 100))
    taken = rows.query("SELECT coalesce(sum(amount_fen), 0)::bigint FROM payments_refund")[0][0]
    return taken, results


def test_no_more_goes_back_than_was_paid():
    taken, results = _race_for_the_payment()
    assert taken == 1_000
    assert rows.query("SELECT refunding_fen, refunds FROM payments_intent") == [(1_000, 10)]
    assert (results.count("won"), results.count("RefundTooMuch")) == (10, 10)


def test_without_the_clause_the_payment_is_overdrawn(monkeypatch, owner_sql):
    """The negative control: no limit in the statement, and the database's own last line away."""
    clause = "i.refunding_fen + f.amount_fen <= i.paid_fen AND "
    assert clause in refunds.TAKE
    monkeypatch.setattr(refunds, "TAKE", refunds.TAKE.replace(clause, ""))
    definition = owner_sql(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'payments_intent_refunding'"
    )[0][0]
    owner_sql("ALTER TABLE payments_intent DROP CONSTRAINT payments_intent_refunding")
    try:
        taken, results = _race_for_the_payment()
        assert (taken, results.count("won")) == (2_000, CALLERS)
    finally:
        owner_sql("UPDATE payments_intent SET refunding_fen = 0")
        owner_sql(f"ALTER TABLE payments_intent ADD CONSTRAINT payments_intent_refunding {definition}")


def test_the_last_line_holds_where_the_clause_is_gone(monkeypatch):
    clause = "i.refunding_fen + f.amount_fen <= i.paid_fen AND "
    monkeypatch.setattr(refunds, "TAKE", refunds.TAKE.replace(clause, ""))
    taken, results = _race_for_the_payment()
    assert taken == 1_000
    assert results.count(IntegrityError.__name__) == 10


def test_one_purpose_is_one_refund():
    paid = make.paid(amount_fen=1_000)
    results = race(CALLERS, lambda _: _refund(paid.no, 300, "after_sale:A1"))
    assert results == ["won"] * CALLERS
    assert rows.query("SELECT refunding_fen, refunds FROM payments_intent") == [(300, 1)]


def test_one_purpose_is_one_intent():
    results = race(CALLERS, lambda _: make.intent(purpose="checkout:C1"))
    assert results == ["won"] * CALLERS
    assert rows.query("SELECT count(*) FROM payments_intent") == [(1,)]


def test_one_notice_is_kept_once_and_one_payment_booked_once():
    made = make.intent()
    notice = make.notice(make.fact(made.no), id_="n-1")

    @retry
    def deliver() -> None:
        service.keep_notice(channel="wechatpay", notice=notice, now=make.NOW)
        with transaction.atomic(durable=True):
            service.settle(facts=[make.fact(made.no)], now=make.NOW)

    assert race(CALLERS, lambda _: deliver()) == ["won"] * CALLERS
    assert rows.query("SELECT count(*) FROM payments_notice") == [(1,)]
    assert rows.query("SELECT count(*), sum(abs(amount_fen))::bigint FROM ledger_entry") == [(2, 2 * 9_980)]


def test_waiting_notices_are_handed_to_one_worker_each():
    for n in range(CALLERS):
        service.keep_notice(channel="wechatpay", notice=make.notice(make.fact(f"P{n}")), now=make.NOW)
    got: list[int] = []

    def work() -> None:
        with transaction.atomic(durable=True):
            mine = service.waiting_notices(kind=make.NoticeKind.PAYMENT, limit=3)
            got.extend(one.id for one in mine)
            service.finish_notices(outcomes={one.id: "paid" for one in mine}, now=make.NOW)

    race(10, lambda _: work())
    assert len(got) == len(set(got)) > 0


def test_settling_and_closing_never_both_win():
    for _ in range(5):
        made = make.intent()

        @retry
        def either(i: int, no: str = made.no) -> None:
            with transaction.atomic(durable=True):
                if i % 2:
                    service.record_closed(intent_nos=[no], now=make.NOW)
                else:
                    service.settle(facts=[make.fact(no)], now=make.NOW)

        assert race(6, either) == ["won"] * 6
        state, closed_at = rows.query("SELECT state, closed_at FROM payments_intent WHERE no = %s", [made.no])[0]
        assert (state, closed_at is None) in {("paid", True), ("late", False)}
        kinds = rows.query("SELECT kind FROM ledger_transfer WHERE source = %s", [made.no])
        assert kinds == [({"paid": "payment", "late": "payment_late"}[state],)]
