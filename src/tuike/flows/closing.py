"""Unpaid checkouts come to their end: orders closed, stock, budgets and vouchers given back.

Shared by the journeys that close and that hear of closed payments; not a journey itself.
"""

from collections.abc import Sequence
from datetime import datetime

from tuike.catalog import service as stock
from tuike.flows import couponing
from tuike.orders import service as orders
from tuike.orders.types import CloseReason, OrderRef
from tuike.outbox import service as outbox
from tuike.plans import service as plans


def close_checkouts(*, checkout_nos: Sequence[str], reason: CloseReason, now: datetime) -> Sequence[OrderRef]:
    """Close the unpaid orders of checkouts inside the caller's transaction and return those that were.

    Their payments are closed before, in the same transaction: see orders.close.
    """
    closed = orders.close(checkout_nos=checkout_nos, reason=reason, now=now)
    lines = [line for order in closed for line in order.lines]
    if lines:
        stock.return_stock(items=[(line.sku_id, line.quantity) for line in lines])
        plans.release(releases=[(line.id, None) for line in lines])
        couponing.give_back(closed)
        told = [(order.no, {"merchant_id": order.merchant_id, "reason": reason}) for order in closed]
        outbox.put(topic="order.closed", events=told, now=now)
    return closed
