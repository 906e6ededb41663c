"""What isn't paid in time is closed: asked at the provider, closed there, then closed here, stock given back."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import OperationalError, transaction

from tuike.db.retry import retry
from tuike.flows import closing, deposit_money, isolation, outside, packet_money
from tuike.flows.confirm_payments import confirm_answers
from tuike.gateways.types import PaymentFact, Refused, Unreachable
from tuike.orders import queries as orders_of
from tuike.orders.types import CloseReason, NotInThisState, OrderRef
from tuike.payments import queries as payments_of
from tuike.payments import service as payments
from tuike.payments.types import IntentState

_NOTHING_THERE = frozenset({"ORDER_NOT_EXIST", "ORDERNOTEXIST", "RESOURCE_NOT_EXISTS", "ORDER_CLOSED", "ORDERCLOSED"})
_PAID_MEANWHILE = frozenset({"ORDERPAID", "ORDER_PAID"})
_log = structlog.get_logger(__name__)


def close_unpaid(*, now: datetime, limit: int = 200) -> int:
    """Close checkouts whose time is over and return how many; a payment that came in meanwhile wins.

    Where a payment was started, the provider is asked first and told to close it: only when nothing can come in any
    more is the checkout closed here. What can't be asked now is tried again with the next run.
    """
    closed = 0
    for checkout_no in _due(now, limit):
        try:
            closed += _close_one(checkout_no, CloseReason.UNPAID_IN_TIME, now)
        except OperationalError:
            raise
        except Exception as error:  # one that can't be closed delays no other
            _log.exception("checkout_not_closed", checkout=checkout_no, exc_info=error)
    return closed


def cancel_order(*, buyer_id: int, checkout_no: str, now: datetime) -> None:
    """Let a buyer cancel their own unpaid checkout; cancelled twice it is cancelled once.

    Raises:
        NotFound: no such checkout, or somebody else's.
        NotInThisState: it is paid or closed, or was paid while this ran.
        Unreachable: the provider can't say now whether it was paid.
    """
    found = orders_of.checkout_of_buyer(buyer_id=buyer_id, checkout_no=checkout_no)
    if all(order.close_reason == CloseReason.CANCELLED_BY_BUYER for order in found):
        return
    if not _close_one(checkout_no, CloseReason.CANCELLED_BY_BUYER, now, must=True):
        raise NotInThisState(state="paid_or_closed")


def ask_payments(*, now: datetime, limit: int = 100) -> int:
    """Ask the provider about payments without news and take its answers like notices; return how many were asked."""
    with transaction.atomic(durable=True):
        due = payments.intents_to_ask(now=now, limit=limit)
    facts, gone = [], []
    for intent in due:
        over = intent.expired and not intent.purpose.startswith("checkout:")  # a checkout closes with its orders
        try:
            fact = _asked(intent.no, close=over)
        except Unreachable:
            continue  # it comes again with the next step of the schedule
        except Exception as error:  # an answer that nobody expected delays no other
            isolation.answer_failed(intent.no, error, now)
            continue
        if fact is not None:
            facts.append(fact)
        elif over:
            gone.append(intent.no)
    if facts:
        confirm_answers(facts=facts, now=now)
    if gone:
        _forget(gone, now)
    return len(due)


def _due(now: datetime, limit: int) -> list[str]:
    with transaction.atomic(durable=True):
        return list(orders_of.due_to_close(now=now, limit=limit))


def _close_one(checkout_no: str, reason: CloseReason, now: datetime, *, must: bool = False) -> int:
    purpose = f"checkout:{checkout_no}"
    intent = payments_of.intents_of([purpose]).get(purpose)
    if intent is not None and intent.state is IntentState.OPEN:
        try:
            fact = _asked(intent.no, close=True)
        except Unreachable:
            if must:
                raise
            return 0
        if fact is not None:
            confirm_answers(facts=[fact], now=now)
            return 0
    return len(_record(checkout_no, intent.no if intent else None, reason, now))


def _asked(intent_no: str, *, close: bool) -> PaymentFact | None:
    """Ask for a payment: the fact when it is paid; None when it isn't, and with `close` none can come in any more.

    An order that WeChat doesn't know was never opened there, or is forgotten: nobody can pay it. One that is opened
    after this, by a call under way, is a late payment if anybody pays it.

    Raises:
        Unreachable: nothing is known, or it can't be closed now; ask again.
    """
    try:
        fact = outside.wechatpay().query(intent_no)
        if fact.trade_state.paid:
            return fact
        if close:
            outside.wechatpay().close(intent_no)
    except Refused as no:
        if no.provider_code in _PAID_MEANWHILE:
            raise Unreachable("close", "paid meanwhile") from no  # the next look finds it paid
        if no.provider_code not in _NOTHING_THERE:
            _log.warning("payment_not_asked", intent=intent_no, operation=no.operation, code=no.provider_code)
            raise Unreachable(no.operation, no.provider_code) from no
    return None


@retry
def _forget(intent_nos: Sequence[str], now: datetime) -> None:
    """Close payments that nothing hangs on but themselves, a red packet or a deposit."""
    with transaction.atomic(durable=True):
        closed = payments.record_closed(intent_nos=intent_nos, now=now)
        packet_money.cancel((one.purpose for one in closed), now)
        deposit_money.cancel((one.purpose for one in closed), now)


@retry
def _record(checkout_no: str, intent_no: str | None, reason: CloseReason, now: datetime) -> Sequence[OrderRef]:
    """Close the payment and its orders together; give stock and budgets back.

    Not while a payment is open that the provider wasn't asked about: one may have been started since.
    """
    with transaction.atomic(durable=True):
        if intent_no is not None:
            payments.record_closed(intent_nos=[intent_no], now=now)
        closed = closing.close_checkouts(checkout_nos=[checkout_no], reason=reason, now=now)
        purpose = f"checkout:{checkout_no}"
        standing = payments_of.intents_of([purpose]).get(purpose)
        if standing is not None and standing.state is IntentState.OPEN:
            transaction.set_rollback(True)
            return []
        return closed
