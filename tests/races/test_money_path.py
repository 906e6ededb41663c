"""The money path under real threads: one up-line of many orders, one line of many refunds, one sale of everybody."""

import threading

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import people as make_people
from tests.make.racers import Meeting, race, wait_till_waited_for
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import close_unpaid, start_payment
from tuike.flows.confirm_payments import confirm_answers
from tuike.flows.decide_withdrawal import cancel_withdrawal
from tuike.flows.mature_lines import mature_lines
from tuike.flows.refund_order import approve_refund, ask_refund
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.flows.send_refunds import confirm_refunds
from tuike.gateways.types import Channel
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleAsk, CloseReason
from tuike.payments import queries as payments_of
from tuike.payments import service as payments

pytestmark = pytest.mark.usefixtures("committed_db")
CALLERS = 12
AT = make.NOON + make.timedelta(hours=1)
DUE = make.NOON + make.timedelta(days=29)


def _balance(account) -> int:
    return ledger.balances(refs=[account])[account.path]


class _Unlocked:
    """The statements of a module without their locks; some racers have read before the first one writes."""

    def __init__(self, readers: int) -> None:
        self._all_have_read = Meeting(readers)

    def __getattr__(self, name: str):
        return getattr(rows, name)

    def query(self, statement: str, params=()) -> list[tuple]:
        return self._asked(rows.query, statement, params)

    def planned(self, statement: str, params) -> list[tuple]:
        return self._asked(rows.planned, statement, params)

    def _asked(self, ask, statement: str, params) -> list[tuple]:
        found = ask(statement.replace(" FOR UPDATE", ""), params)
        if " FOR UPDATE" in statement:
            self._all_have_read.come()
        return found


def unlock_ledger(monkeypatch, *, readers: int) -> None:
    monkeypatch.setattr(ledger, "rows", _Unlocked(readers))


# --- one up-line


def _race_to_one_recruiter() -> tuple[int, list[str]]:
    """As many promoters of one recruiter each earn by an order that is confirmed at once with the others."""
    one = make.alliance(price_fen=3_330)
    facts = []
    for _ in range(CALLERS):
        buyer_id = make_people.person().id
        make.touch(one, buyer_id=buyer_id)
        order = make.placed(one, buyer_id=buyer_id, now=AT)
        intent = make_payments.intent(purpose=f"checkout:{order.checkout_no}", amount_fen=3_330, now=AT)
        facts.append(make_payments.fact(intent.no, amount_fen=3_330, success_at=AT, payer_openid=""))
    results = race(CALLERS, lambda i: _confirmed(facts[i]))
    return _balance(chart.promoter(one.recruiter.id, "pending")), results


def _confirmed(fact) -> None:
    if not confirm_answers(facts=[fact], now=AT).orders:
        raise LookupError


def test_bookings_to_one_up_line_lose_nothing():
    fen, results = _race_to_one_recruiter()
    assert results == ["won"] * CALLERS
    assert fen == CALLERS * 166
    books.check()


def test_without_the_lock_bookings_get_lost(monkeypatch):
    """The negative control: what isn't drift is refused by the database's last line, and the order isn't booked."""
    unlock_ledger(monkeypatch, readers=CALLERS)
    fen, results = _race_to_one_recruiter()
    assert results.count("won") < CALLERS and fen < CALLERS * 166


# --- one line


def test_refunds_of_one_line_at_once_give_back_all_and_no_more():
    one = make.alliance(price_fen=333)
    make.touch(one)
    order = make.received(make.bought(one, pieces=(10,), now=AT), now=AT)
    asked = [
        ask_refund(
            buyer_id=one.buyer_id,
            order_no=order.no,
            lines=[AfterSaleAsk(line_no=1, quantity=1)],
            reason="",
            key=f"k{n}",
            now=AT,
        )["no"]
        for n in range(10)
    ]

    def approve(i: int) -> None:
        approve_refund(no=asked[i % 10], merchant_id=one.shop.id, actor=OPERATOR_SHELL, now=AT)

    results = race(15, approve)
    assert (results.count("won"), results.count("AfterSaleDecided")) == (10, 5)
    line = make.again(order).lines[0]
    assert (line.refunded_fen, line.refunded_quantity) == (3_330, 10)
    for account in (chart.merchant(one.shop.id, "held"), chart.promoter(one.promoter.id, "pending")):
        assert _balance(account) == 0
    books.check()


# --- one sale


def _race_for_one_sale() -> tuple[make.Alliance, list[str]]:
    """Refunds, maturity and withdrawals of a sale that is due, at once; an earlier one is available already."""
    one = make.alliance(price_fen=3_330)
    make_parties.bank_account(one.promoter)
    asker = make_parties.super_admin_of(one.promoter)
    make.touch(one)
    make.received(make.bought(one, pieces=(3,), now=AT), now=AT)
    mature_lines(until=DUE, now=DUE)
    # Taken back, but its account is open: nobody has to wait for another one's new account.
    first = request_withdrawal(party_id=one.promoter.id, amount_fen=400, key="first", actor=asker, now=DUE)
    cancel_withdrawal(no=first, actor=asker, now=DUE)
    due = make.received(make.bought(one, pieces=(3,), now=AT), now=AT)

    def refund() -> None:
        lines = [AfterSaleAsk(line_no=1, quantity=1)]
        asked = ask_refund(buyer_id=one.buyer_id, order_no=due.no, lines=lines, reason="", key="r", now=DUE)
        approve_refund(no=asked["no"], merchant_id=one.shop.id, actor=OPERATOR_SHELL, now=DUE)
        done = payments_of.refunds_of([f"after_sale:{asked['no']}"])[f"after_sale:{asked['no']}"]
        fact = make_payments.refund_fact(done, total_fen=9_990, success_at=DUE)
        payments.keep_notice(channel="wechatpay", notice=make_payments.notice(fact), now=DUE)
        confirm_refunds(now=DUE)

    def work(i: int) -> None:
        if i == 0:
            refund()
        elif i < 4:
            mature_lines(until=DUE, now=DUE)
        else:
            request_withdrawal(party_id=one.promoter.id, amount_fen=400, key=f"w{i}", actor=asker, now=DUE)

    return one, race(10, work)


def test_refund_maturity_and_withdrawals_of_one_sale_lose_nothing():
    for _ in range(3):
        one, results = _race_for_one_sale()
        assert results[:4] == ["won"] * 4
        # Who asks right after the refund took back what had left before is in debt.
        assert set(results[4:]) <= {"won", "NotAvailable", "InDebt"}
        confirm_refunds(now=DUE)
        mature_lines(until=DUE, now=DUE)
        stands = {
            name: _balance(chart.promoter(one.promoter.id, name))
            for name in ("pending", "available", "leaving", "owed")
        }
        # 12 % of 9990 once, of 6660 once: 1198 + 799.
        assert sum(stands.values()) == 1_997
        assert stands["pending"] == 0 and stands["leaving"] == 400 * results[4:].count("won")
        assert _balance(chart.merchant(one.shop.id, "available")) == (9_990 - 1_198 - 499) + (6_660 - 799 - 333)
        books.check()


def test_without_the_lock_money_of_the_sale_is_lost_or_refused(monkeypatch):
    """The negative control."""
    unlock_ledger(monkeypatch, readers=6)
    _, results = _race_for_one_sale()
    assert set(results) - {"won", "NotAvailable", "InDebt"}


# --- one checkout


def _race_to_start_and_close(monkeypatch) -> tuple[str, str]:
    """Starting the payment is under way while the checkout closes; return how order and payment stand."""
    one = make.alliance()
    order = make.placed(one, now=AT)
    opening = payments.open_intent
    begun, closed = threading.Event(), threading.Event()

    def slowly(**told: object) -> object:
        begun.set()
        wait_till_waited_for(closed)
        return opening(**told)

    monkeypatch.setattr(start_payment.payments, "open_intent", slowly)

    def work(i: int) -> None:
        if i == 0:
            start_payment._open_checkout(one.buyer_id, order.checkout_no, "", Channel.NATIVE, AT)
        else:
            assert begun.wait(20)
            try:
                close_unpaid._record(order.checkout_no, None, CloseReason.UNPAID_IN_TIME, AT)
            finally:
                closed.set()

    race(2, work)
    monkeypatch.setattr(start_payment.payments, "open_intent", opening)
    found = payments_of.intents_of([f"checkout:{order.checkout_no}"])
    return str(make.again(order).state), str(found[f"checkout:{order.checkout_no}"].state) if found else "none"


def test_a_payment_doesnt_start_for_a_checkout_that_closes(monkeypatch):
    assert _race_to_start_and_close(monkeypatch) == ("unpaid", "open")
    books.check()


def test_without_the_lock_a_closed_checkout_takes_money(monkeypatch):
    """The negative control: nothing keeps the orders while the intent opens."""
    monkeypatch.setattr(orders_of, "lock_checkout", lambda _: None)
    assert _race_to_start_and_close(monkeypatch) == ("closed", "open")
