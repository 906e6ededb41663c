"""What isn't paid in time is closed: asked at the provider, closed there, then closed here, stock given back."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.catalog import service as stock
from tuike.db.retry import retry
from tuike.flows import outside
from tuike.flows.confirm_payments import confirm_answers
from tuike.gateways.types import TradeState, Unreachable
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import CloseReason, NotInThisState, OrderRef
from tuike.outbox import service as outbox
from tuike.payments import queries as payments_of
from tuike.payments import service as payments
from tuike.payments.types import IntentState
from tuike.plans import service as plans


def close_unpaid(*, now: datetime, limit: int = 200) -> int:
    """Close checkouts whose time is over and return how many; a payment that came in meanwhile wins.

    Where a payment was started, the provider is asked first and told to close it: only when nothing can come in any
    more is the checkout closed here. What can't be asked now is tried again with the next run.
    """
    closed = 0
    for checkout_no in _due(now, limit):
        closed += _close_one(checkout_no, CloseReason.UNPAID_IN_TIME, now)
    return closed


def cancel_order(*, buyer_id: int, checkout_no: str, now: datetime) -> None:
    """Let a buyer cancel their own unpaid checkout.

    Raises:
        NotFound: no such checkout, or somebody else's.
        NotInThisState: it is paid or closed, or was paid while this ran.
        Unreachable: the provider can't say now whether it was paid.
    """
    orders_of.checkout_of_buyer(buyer_id=buyer_id, checkout_no=checkout_no)
    if not _close_one(checkout_no, CloseReason.CANCELLED_BY_BUYER, now, must=True):
        raise NotInThisState(state="paid_or_closed")


def ask_payments(*, now: datetime, limit: int = 100) -> int:
    """Ask the provider about payments without news and take its answers like notices; return how many were asked."""
    with transaction.atomic(durable=True):
        due = payments.intents_to_ask(now=now, limit=limit)
    facts = []
    for intent in due:
        try:
            facts.append(outside.wechatpay().query(intent.no))
        except Unreachable:
            continue  # it comes again with the next step of the schedule
    if facts:
        confirm_answers(facts=facts, now=now)
    return len(due)


def _due(now: datetime, limit: int) -> list[str]:
    with transaction.atomic(durable=True):
        return list(orders_of.due_to_close(now=now, limit=limit))


def _close_one(checkout_no: str, reason: CloseReason, now: datetime, *, must: bool = False) -> int:
    purpose = f"checkout:{checkout_no}"
    intent = payments_of.intents_of([purpose]).get(purpose)
    if intent is not None and intent.state is IntentState.OPEN:
        try:
            fact = outside.wechatpay().query(intent.no)
            if fact.trade_state is TradeState.SUCCESS:
                confirm_answers(facts=[fact], now=now)
                return 0
            outside.wechatpay().close(intent.no)
        except Unreachable:
            if must:
                raise
            return 0
    return len(_record(checkout_no, intent.no if intent else None, reason, now))


@retry
def _record(checkout_no: str, intent_no: str | None, reason: CloseReason, now: datetime) -> Sequence[OrderRef]:
    """Close the payment and its orders together; give stock and budgets back."""
    with transaction.atomic(durable=True):
        if intent_no is not None:
            payments.record_closed(intent_nos=[intent_no], now=now)
        closed = orders.close(checkout_nos=[checkout_no], reason=reason, now=now)
        lines = [line for order in closed for line in order.lines]
        if lines:
            stock.return_stock(items=[(line.sku_id, line.quantity) for line in lines])
            plans.release(releases=[(line.id, None) for line in lines])
            outbox.put(topic="order.closed", events=[(order.no, {"reason": reason}) for order in closed], now=now)
        return closed
