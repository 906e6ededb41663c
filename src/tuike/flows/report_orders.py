"""A merchant's own mini-program reports its orders: claimed, paid from the prepaid balance, or waiting for it."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.attribution.types import Claim
from tuike.catalog.types import NotPromotable
from tuike.db.retry import retry
from tuike.flows import claiming, reporting
from tuike.flows.receive_orders import start_clock
from tuike.kit.ids import random_code
from tuike.orders import service as orders
from tuike.orders.types import ExternalReport, OrderRef, OrderState, ReceivedBy, ReportPlaced
from tuike.outbox import service as outbox
from tuike.parties import queries as parties


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
        taken = reporting.take(
            merchant_id=merchant_id, reports=reports, make_claims=_claims, number=_booking(), now=now
        )
        fresh = {one.order.id: one.order for one in taken.placed if one.fresh}
        known = [(report, one.order) for report, one in zip(reports, taken.placed, strict=True) if not one.fresh]
        paid = [order for order in fresh.values() if order.paid_at] + _paid_since(merchant_id, known, now)
        _received_since(known, now)
        received = [order for order in fresh.values() if order.received_at]
        for topic, told in (("order.placed", list(fresh.values())), ("order.paid", paid), ("order.received", received)):
            events = [(one.no, {"merchant_id": merchant_id, "payable_fen": one.payable_fen}) for one in told]
            if events:
                outbox.put(topic=topic, events=events, now=now)
        return list(taken.placed)


def _claims(fresh: Sequence[OrderRef]) -> list[Claim]:
    """Decide who earns new orders, each as of its placement. A balance that is short makes it wait, not lost."""
    made: list[Claim] = []
    for order in fresh:
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
        made += claims
    return made


def _paid_since(merchant_id: int, known: Sequence[tuple[ExternalReport, OrderRef]], now: datetime) -> list[OrderRef]:
    said = {o.no: report.paid_at for report, o in known if report.paid_at and o.state is OrderState.UNPAID}
    moved = list(orders.mark_paid(reported=said).moved) if said else []
    reporting.book(merchant_id=merchant_id, paid=moved, claims=None, number=_booking(), now=now)
    return moved


def _received_since(known: Sequence[tuple[ExternalReport, OrderRef]], now: datetime) -> None:
    for report, order in known:
        if report.received_at and order.received_at is None:
            start_clock(orders.receive(order_ids=[order.id], at=report.received_at, by=ReceivedBy.REPORT), now)


def _booking() -> str:
    """Return the name of a booking; what makes the second report the first one is the order's number, not this."""
    return f"E{random_code(20)}"
