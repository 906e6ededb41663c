"""Goods on their way back, and after-sales that come before the operator."""

from collections.abc import Sequence
from datetime import datetime

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.days import exact_days
from tuike.orders import queries, rules
from tuike.orders.service import steps
from tuike.orders.types import (
    AfterSaleAsk,
    AfterSaleDecided,
    AfterSaleDraft,
    AfterSaleKind,
    AfterSaleRef,
    AfterSaleState,
    AlreadyFinal,
    NotInThisState,
    OrderState,
    OverDue,
    Step,
    StepKind,
    Who,
)
from tuike.settings import service as settings


def agree_return(
    *,
    no: str,
    merchant_id: int | None,
    actor: Actor,
    now: datetime,
    was: AfterSaleState = AfterSaleState.REQUESTED,
    note: str = "",
) -> AfterSaleRef:
    """Agree that goods come back: the buyer has `after_sale_return_days` to send them. Audited.

    `note` tells the buyer where to (at most 200 characters).

    Raises:
        NotFound: there is no such after-sale, or it is another merchant's.
        NotInThisState: it asks for money alone.
        AfterSaleDecided: it doesn't stand at `was` any more.
        TextTooLong: the note.
    """
    found = steps.locked([no], merchant_id)[no]
    if found.kind is not AfterSaleKind.RETURN:
        raise NotInThisState(state=found.state.value)
    due_at = exact_days(now, settings.get("after_sale_return_days"))
    step = Step(kind=StepKind.AGREED, by=steps.who(actor, merchant_id), note=note, due_at=due_at)
    steps.move([no], was, AfterSaleState.RETURNING, step, now=now)
    facts = {"order": found.order_no, "amount_fen": found.amount_fen}
    audit.record(actor=actor, action="after_sale.agree", object_=no, facts=facts, now=now)
    return queries.after_sales_by_no([no])[no]


def send_back(*, no: str, buyer_id: int, carrier: str, tracking_no: str, now: datetime) -> AfterSaleRef:
    """Record the parcel in which a buyer sends goods back; the merchant has `after_sale_receive_days` to look at them.

    Raises:
        NotFound: there is no such after-sale, or it is somebody else's.
        OverDue: its time is over.
        AfterSaleDecided: it doesn't wait for goods.
        TextTooLong: a carrier above 40 or a tracking number above 60 characters.
    """
    carrier = rules.check_text("carrier", carrier, 40)
    tracking_no = rules.check_text("tracking_no", tracking_no, 60)
    queries.after_sale_of_buyer(buyer_id=buyer_id, no=no)
    found = steps.locked([no])[no]
    if found.state is AfterSaleState.RETURNING and found.due_at is not None and found.due_at <= now:
        raise OverDue
    due_at = exact_days(now, settings.get("after_sale_receive_days"))
    step = Step(kind=StepKind.SENT, by=Who.BUYER, note=f"{carrier} {tracking_no}", due_at=due_at)
    steps.move([no], AfterSaleState.RETURNING, AfterSaleState.SENT, step, now=now)
    rows.run("UPDATE orders_after_sale SET carrier = %s, tracking_no = %s WHERE no = %s", [carrier, tracking_no, no])
    return queries.after_sales_by_no([no])[no]


def dispute_after_sale(
    *, no: str, buyer_id: int, reason: str, pictures: Sequence[str] = (), now: datetime
) -> AfterSaleRef:
    """Bring an after-sale that the merchant rejected before the operator, as its own buyer.

    What it asks is asked anew, on what is left now; goods that have left since stay where they are, whatever comes of
    it.

    Raises:
        NotFound: there is no such after-sale, or it is somebody else's.
        AlreadyFinal: the operator has decided it.
        AfterSaleDecided: it isn't a rejected one.
        OverDue: it was rejected more than `after_sale_dispute_days` ago.
        NotInThisState, NothingLeft, UnshippedInFull: the order has gone on since.
        TextTooLong, TooManyPictures: the reason and the evidence.
    """
    queries.after_sale_of_buyer(buyer_id=buyer_id, no=no)
    found = steps.locked([no])[no]
    if found.final:
        raise AlreadyFinal
    if found.state is not AfterSaleState.REJECTED or found.decided_at is None:
        raise AfterSaleDecided
    if exact_days(found.decided_at, settings.get("after_sale_dispute_days")) <= now:
        raise OverDue
    order = queries.orders_by_id([found.order_id])[found.order_id]
    if order.state not in rules.REFUNDABLE:
        raise NotInThisState(state=order.state.value)
    lines_asked, freight_asked = queries.asked_of([order.id])
    rules.after_sale_parts(
        order=order,
        asked_before=lines_asked,
        freight_asked_before=freight_asked.get(order.id, 0),
        draft=AfterSaleDraft(
            order_id=order.id,
            lines=[AfterSaleAsk(line_no=o.line_no, quantity=o.quantity, amount_fen=o.amount_fen) for o in found.lines],
            freight_fen=found.freight_fen,
        ),
    )
    step = Step(kind=StepKind.DISPUTED, by=Who.BUYER, note=reason, pictures=pictures)
    steps.move([no], AfterSaleState.REJECTED, AfterSaleState.DISPUTED, step, now=now)
    if found.kind is AfterSaleKind.UNSHIPPED and order.state is not OrderState.PAID:
        rows.run("UPDATE orders_after_sale SET kind = %s WHERE no = %s", [AfterSaleKind.SHIPPED, no])
    return queries.after_sales_by_no([no])[no]


def pass_to_operator(*, no: str, was: AfterSaleState, now: datetime) -> AfterSaleRef:
    """Bring an after-sale before the operator whose merchant has let the time pass.

    Raises:
        AfterSaleDecided: it doesn't stand at `was` any more.
        NotFound: there is none.
    """
    return _by_time(no, was, AfterSaleState.DISPUTED, StepKind.DISPUTED, now)


def lapse(*, no: str, now: datetime) -> AfterSaleRef:
    """End an after-sale whose buyer sent no goods in time.

    Raises:
        AfterSaleDecided: it doesn't wait for goods any more.
        NotFound: there is none.
    """
    return _by_time(no, AfterSaleState.RETURNING, AfterSaleState.CANCELLED, StepKind.CANCELLED, now)


def _by_time(no: str, was: AfterSaleState, becomes: AfterSaleState, kind: StepKind, now: datetime) -> AfterSaleRef:
    found = steps.locked([no])[no]
    if found.due_at is None or found.due_at > now:
        raise AfterSaleDecided
    steps.move([no], was, becomes, Step(kind=kind, by=Who.TIME), now=now)
    return queries.after_sales_by_no([no])[no]
