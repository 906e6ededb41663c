"""A buyer's own orders: by tab, by words, with counts; what can be done with it now."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tuike.db import rows
from tuike.orders import rules
from tuike.orders.queries.after_sales import after_sales_of, asked_of
from tuike.orders.queries.orders import orders_where
from tuike.orders.types import OPEN, AfterSaleRef, Offered, OrderRef, OrderState, OrderTab, Refundable
from tuike.settings import service as settings

_OPEN = f"EXISTS (SELECT 1 FROM orders_after_sale a WHERE a.order_id = o.id AND a.state IN {tuple(map(str, OPEN))})"
_TABS = {
    OrderTab.ALL: "true",
    OrderTab.UNPAID: "o.state = 'unpaid'",
    OrderTab.UNSHIPPED: "o.state = 'paid'",
    OrderTab.SHIPPED: "o.state = 'shipped'",
    OrderTab.COMPLETED: "o.state = 'completed'",
    OrderTab.AFTER_SALES: _OPEN,
}


def orders_of_buyer(
    *,
    buyer_id: int,
    states: Iterable[OrderState] = (),
    tab: OrderTab = OrderTab.ALL,
    words: str = "",
    before: tuple[datetime, int] | None = None,
    limit: int = 20,
) -> list[OrderRef]:
    """Return a page of a buyer's orders, newest first, without those that the buyer put out of sight.

    `words`: an order's number, or part of a title in it; `before` is (placed_at, id) of the last one shown.
    """
    condition, params = f"o.buyer_id = %s AND o.hidden_at IS NULL AND {_TABS[tab]}", list[Any]([buyer_id])
    if wanted := list(states):
        condition, params = f"{condition} AND o.state = ANY(%s)", [*params, wanted]
    if words := words.strip():
        holds = "EXISTS (SELECT 1 FROM orders_line l WHERE l.order_id = o.id AND strpos(lower(l.title), %s) > 0)"
        condition, params = f"{condition} AND (o.no = %s OR {holds})", [*params, words, words.lower()]
    if before:
        condition, params = f"{condition} AND (o.placed_at, o.id) < (%s, %s)", [*params, *before]
    return orders_where(condition, params, f"ORDER BY o.placed_at DESC, o.id DESC LIMIT {int(limit)}")


def tab_counts(*, buyer_id: int) -> dict[OrderTab, int]:
    """Return how many of a buyer's orders stand under each tab, in one query."""
    counted = ", ".join(f"count(*) FILTER (WHERE {condition})" for condition in _TABS.values())
    found = rows.query(
        f"SELECT {counted} FROM orders_order o WHERE o.buyer_id = %s AND o.hidden_at IS NULL", [buyer_id]
    )
    return dict(zip(_TABS, found[0], strict=True))


def offers(orders: Sequence[OrderRef], *, now: datetime) -> dict[int, list[Offered]]:
    """Return every act on orders by order id, with why it can't be done now; whoever calls may see the orders."""
    asked = after_sales_of([order.id for order in orders])
    return {order.id: rules.offered(order, asked.get(order.id, []), now) for order in orders}


def refundable(order: OrderRef) -> Refundable:
    """Return what may still be asked back of an order; whoever calls may see the order."""
    lines, freight = asked_of([order.id])
    return rules.refundable(order, lines, freight.get(order.id, 0))


def may_dispute(one: AfterSaleRef, *, now: datetime) -> bool:
    """Return whether a buyer may bring an after-sale before the operator now."""
    return rules.may_dispute(one, now=now, days=settings.get("after_sale_dispute_days"))
