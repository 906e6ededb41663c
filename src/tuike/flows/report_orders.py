"""A merchant's own mini-program reports its orders: claimed, paid from the prepaid balance, or waiting for it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.catalog.types import NotPromotable
from tuike.commission import service as commission
from tuike.db.retry import retry
from tuike.flows import booking, claiming
from tuike.flows.receive_orders import start_clock
from tuike.orders import service as orders
from tuike.orders.types import ExternalReport, OrderRef, OrderState, ReceivedBy, ReportPlaced
from tuike.outbox import service as outbox
from tuike.parties import queries as parties
from tuike.parties import service as standing


@retry
def report_orders(*, merchant_id: int, reports: Sequence[ExternalReport], now: datetime) -> list[ReportPlaced]:
    """Take what an external shop reports and return its orders, in the order of `reports` (docs/rules.md §5).

    A new order is claimed by what its buyer had seen when it was placed; a paid one accrues from the merchant's prepaid
    balance or waits for it; a received one starts the clock. The same report again changes nothing; a later one
    carries its order on. All or none.

    Raises:
        ReportChanged, ReportOutOfOrder, TooManyLines, BadQuantity, BadAmount, DiscountTooLarge, TextTooLong: see
            orders.place_external.
    """
    with transaction.atomic(durable=True):
        placed = orders.place_external(merchant_id=merchant_id, reports=reports)
        fresh = [one.order for one in placed if one.fresh]
        for order in fresh:
            _claim(order)
        known = [(report, one.order) for report, one in zip(reports, placed, strict=True) if not one.fresh]
        paid = [order for order in fresh if order.paid_at] + _paid_since(known)
        _accrue(merchant_id, paid, now)
        start_clock([order for order in fresh if order.received_at], now)
        _received_since(known, now)
        told = [(order.no, {"merchant_id": merchant_id, "payable_fen": order.payable_fen}) for order in fresh]
        outbox.put(topic="order.placed", events=told, now=now)
        return placed


def _claim(order: OrderRef) -> None:
    """Decide who earns the order, as of its placement. A prepaid balance that is short makes it wait, not lost."""
    merchants = parties.merchant_facts([order.merchant_id])
    reasons = claiming.why_not_promotable([line.product_id for line in order.lines], merchants, order.placed_at)
    claims = claiming.claim_lines(
        orders=[order],
        buyer_id=order.buyer_id or 0,
        visitor="",
        not_promotable={i: why for i, why in reasons.items() if why != NotPromotable.PREPAID_SHORT},
        merchants=merchants,
        now=order.placed_at,
    )
    claiming.reserve_budgets(orders=[order], claims=claims, now=order.placed_at)


def _paid_since(known: Sequence[tuple[ExternalReport, OrderRef]]) -> list[OrderRef]:
    said = {o.no: report.paid_at for report, o in known if report.paid_at and o.state is OrderState.UNPAID}
    return list(orders.mark_paid(reported=said).moved)


def _received_since(known: Sequence[tuple[ExternalReport, OrderRef]], now: datetime) -> None:
    for report, order in known:
        if report.received_at and order.received_at is None:
            start_clock(orders.receive(order_ids=[order.id], at=report.received_at, by=ReceivedBy.REPORT), now)


def _accrue(merchant_id: int, paid: Sequence[OrderRef], now: datetime) -> None:
    if not paid:
        return
    name = f"E{paid[0].no}"  # an order is paid once, so the batch's name is unique
    booked = commission.accrue(sales=booking.sale_facts(orders=paid), booking=name, clearing=name, now=now)
    if booked.waiting:
        standing.note_prepaid(short=[merchant_id], enough=[], now=now)
    told = [(order.no, {"merchant_id": merchant_id, "payable_fen": order.payable_fen}) for order in paid]
    outbox.put(topic="order.paid", events=told, now=now)
