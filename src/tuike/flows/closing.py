"""Unpaid checkouts come to their end: orders closed; stock, budgets, vouchers, points and balance given back.

Shared by the journeys that close and that hear of closed payments; not a journey itself.
"""

from collections.abc import Sequence
from datetime import datetime

from tuike.catalog import service as stock
from tuike.catalog.types import StockBack, StockWhy
from tuike.flows import couponing, pricing
from tuike.marketing import service as marketing
from tuike.orders import queries as orders_of
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
        back = [StockBack(line.sku_id, line.quantity, order.no) for order in closed for line in order.lines]
        stock.return_stock(items=back, why=StockWhy.CLOSED, now=now)
        _give_back(closed, now)
        marketing.release_balance(checkout_nos={order.checkout_no or "" for order in closed}, now=now)
        plans.release(releases=[(line.id, None) for line in lines])  # last, as where orders are placed
        told = [(order.no, {"merchant_id": order.merchant_id, "reason": reason}) for order in closed]
        outbox.put(topic="order.closed", events=told, now=now)
    return closed


def _give_back(closed: Sequence[OrderRef], now: datetime) -> None:
    """Give what lowered closed orders back to their buyers, by the kind of the discount."""
    lowered = [line.id for order in closed if order.discount_fen for line in order.lines if line.discount_fen]
    if not lowered:
        return
    sources: dict[str, set[str]] = {}
    for facts in orders_of.discounts_of(lowered).values():
        for one in facts:
            sources.setdefault(one.kind, set()).add(one.source)
    if vouchers := sources.get(couponing.KIND):
        marketing.give_back(vouchers=vouchers)
    if bargains := sources.get(pricing.BARGAIN):
        marketing.give_back_bargains(bargains)
    if goods := sources.get(pricing.POINTS_GOOD):
        marketing.give_back_points_goods(nos=goods, now=now)
    if points := sources.get(pricing.POINTS):
        marketing.return_all_points(sources=points, now=now)
