"""A shop with a mini-program of its own reports its orders: the sale, how far it has got, what went back."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit.types import SYSTEM, Actor
from tuike.db.retry import retry
from tuike.flows import reported, reporting
from tuike.flows.receive_orders import start_clock
from tuike.flows.reported import ReportedOrder, ReportedRefund
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import (
    AfterSaleAsk,
    AfterSaleDraft,
    CloseReason,
    ExternalReport,
    LineRef,
    NotAnExternalShop,
    OrderRef,
    OrderState,
    ReportedRefundImpossible,
    ReportPlaced,
)
from tuike.outbox import service as outbox
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts, Source
from tuike.plans import service as plans


@retry
def report_orders(
    *, merchant_id: int, reports: Sequence[ExternalReport | ReportedOrder], actor: Actor = SYSTEM, now: datetime
) -> list[ReportPlaced]:
    """Take a list of reported orders in one transaction and return them as they stand, in the order of `reports`: all
    of them, or none and a refusal that names the order.

    The same list twice, or an older report after a newer one, changes nothing. A later report carries an order
    forward: paid, shipped, received, refunded, cancelled (docs/rules.md §5). Claims are decided when an order is new;
    paid ones are booked, from the merchant's prepaid balance as far as it reaches (§6).

    Raises:
        NotAnExternalShop: the merchant sells in our mall, or isn't one.
        ReportedGoodsUnknown, ReportChanged, ReportOutOfOrder, TooManyLines, BadQuantity, BadAmount, DiscountTooLarge,
            TextTooLong: what a report says can't be; carries `external_no`.
        ReportedRefundImpossible: more came back than was sold; carries `external_no`.
    """
    with transaction.atomic(durable=True):
        return take_reported(merchant_id=merchant_id, reports=reports, actor=actor, now=now)


def take_reported(
    *, merchant_id: int, reports: Sequence[ExternalReport | ReportedOrder], actor: Actor = SYSTEM, now: datetime
) -> list[ReportPlaced]:
    """Do what `report_orders` does, in the caller's transaction.

    Raises:
        NotAnExternalShop and others: see `report_orders`.
    """
    merchant = parties.merchant_facts([merchant_id]).get(merchant_id)
    if merchant is None or merchant.source is not Source.MINI_PROGRAM:
        raise NotAnExternalShop
    told = reported.merged([reported.told_by(one) for one in reports])
    taken = reporting.take(
        merchant_id=merchant_id,
        reports=reported.external_reports(merchant, told),
        make_claims=lambda fresh: reported.claim_lines(merchant, fresh, told),
        now=now,
    )
    by_no = {one.external_no: one for one in told}
    fresh = {one.order.external_no: one.order for one in taken.placed if one.fresh}
    _tell("order.placed", list(fresh.values()), now)
    _tell("order.paid", [order for order in fresh.values() if order.paid_at], now)
    _tell("order.received", [order for order in fresh.values() if order.received_at], now)
    _carry_forward(merchant, taken.placed, by_no, now)
    _give_back(merchant, by_no, actor, now)
    found = orders_of.external_orders(merchant_id=merchant_id, external_nos=by_no)
    return [ReportPlaced(order=found[one.external_no], fresh=one.external_no in fresh) for one in told]


def _carry_forward(
    merchant: MerchantFacts, placed: Sequence[ReportPlaced], told: Mapping[str, ReportedOrder], now: datetime
) -> None:
    """Take orders that were known before as far as the reports say, and book those that are paid now."""
    known = {one.order.no: told[one.order.external_no] for one in placed if not one.fresh}
    paid = {no: one.paid_at for no, one in known.items() if one.paid_at}
    shipped = {no: one.shipped_at for no, one in known.items() if one.shipped_at}
    received = {no: one.received_at for no, one in known.items() if one.received_at}
    moved = orders.mark_paid(reported=paid).moved if paid else []
    reporting.book(merchant_id=merchant.id, paid=moved, now=now)
    _tell("order.paid", moved, now)
    if shipped:
        _tell("order.shipped", orders.ship_reported(shipped=shipped), now)
    if received:
        start_clock(orders.receive_reported(received=received), now)
    cancelled = [one.order.no for one in placed if told[one.order.external_no].cancelled]
    if cancelled:
        closed = orders.close(reported=cancelled, reason=CloseReason.CANCELLED_BY_REPORT, now=now)
        plans.release(releases=[(line.id, None) for order in closed for line in order.lines])
        _tell("order.closed", closed, now)


def _give_back(merchant: MerchantFacts, told: Mapping[str, ReportedOrder], actor: Actor, now: datetime) -> None:
    """Bring what went back of orders up to what the reports say."""
    wanted = {no: one for no, one in told.items() if one.refunds or one.cancelled}
    if not wanted:
        return
    drafts = []
    found = orders_of.external_orders(merchant_id=merchant.id, external_nos=wanted)
    for no, order in sorted(found.items()):
        draft = _everything(order) if wanted[no].cancelled else _rest(order, wanted[no].refunds)
        if draft is not None:
            drafts.append(draft)
    ended = reporting.give_back(merchant_id=merchant.id, drafts=drafts, at=[now] * len(drafts), actor=actor, now=now)
    told_of = [
        (one.no, {"order": one.order_no, "merchant_id": one.merchant_id, "amount_fen": one.amount_fen}) for one in ended
    ]
    if told_of:
        outbox.put(topic="after_sale.refunded", events=told_of, now=now)


def _everything(order: OrderRef) -> AfterSaleDraft | None:
    """Return the refund of all that is left of a paid order, None where it isn't paid or nothing is left."""
    left = any((line.quantity, line.paid_fen) != (line.refunded_quantity, line.refunded_fen) for line in order.lines)
    freight = order.freight_fen - order.freight_refunded_fen
    if order.paid_at is None or order.state is OrderState.CLOSED or not (left or freight):
        return None
    return AfterSaleDraft(order_id=order.id, freight_fen=freight, reason="cancelled")


def _rest(order: OrderRef, refunds: Sequence[ReportedRefund]) -> AfterSaleDraft | None:
    """Return the refund that brings an order to the totals of the report, None where it stands there or beyond."""
    lines = {line.no: line for line in order.lines}
    asks: dict[int, AfterSaleAsk] = {}
    freight = 0
    for one in refunds:
        line = lines.get(one.line_no)
        if line is None:
            if one.line_no != 0 or one.quantity or not 0 <= (one.amount_fen or 0) <= order.freight_fen:
                raise ReportedRefundImpossible(external_no=order.external_no)
            freight = max(freight, (one.amount_fen or 0) - order.freight_refunded_fen)
            continue
        ask = _step(order, line, one)
        before = asks.get(line.no)
        if ask is not None and (before is None or ask.quantity >= before.quantity):
            asks[line.no] = ask
    if order.paid_at is None or not (asks or freight):
        if asks or freight:
            raise ReportedRefundImpossible(external_no=order.external_no)
        return None
    emptied = all(
        line.refunded_quantity + (asks[no].quantity if no in asks else 0) == line.quantity for no, line in lines.items()
    )
    # Before shipping, whoever gives back the last pieces gives back the freight: the rule decides how much.
    by_rule = emptied and order.state is OrderState.PAID and not freight
    return AfterSaleDraft(
        order_id=order.id, lines=list(asks.values()), freight_fen=None if by_rule else freight, reason="reported"
    )


def _step(order: OrderRef, line: LineRef, one: ReportedRefund) -> AfterSaleAsk | None:
    """Return what is still to be given back of a line, None where the report is old news."""
    if not 0 <= one.quantity <= line.quantity or not 0 <= (one.amount_fen or 0) <= line.paid_fen:
        raise ReportedRefundImpossible(external_no=order.external_no)
    pieces = one.quantity - line.refunded_quantity
    amount = None if one.amount_fen is None else one.amount_fen - line.refunded_fen
    if pieces < 0 or (amount is not None and amount < 0) or (pieces == 0 and not amount):
        return None
    return AfterSaleAsk(line_no=line.no, quantity=pieces, amount_fen=amount)


def _tell(topic: str, moved: Sequence[OrderRef], now: datetime) -> None:
    if moved:
        facts = [(order.no, {"merchant_id": order.merchant_id, "payable_fen": order.payable_fen}) for order in moved]
        outbox.put(topic=topic, events=facts, now=now)
