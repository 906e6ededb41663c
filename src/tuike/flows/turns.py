"""What follows when an after-sale's turn passes on: lines settle again or stop, and whoever is concerned is told.

Shared by the journeys of after-sales; not a journey itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tuike.audit.types import Actor
from tuike.commission import service as commission
from tuike.messages import service as messages
from tuike.orders import service as orders
from tuike.orders.types import AfterSaleRef, AfterSaleState
from tuike.outbox import service as outbox
from tuike.parties.types import Source


def sales(one: AfterSaleRef) -> list[int]:
    """Return the ids of the sales that an after-sale keeps from settling: its lines, and the order's freight."""
    return [line.line_id for line in one.lines] + (
        [one.freight_id] if one.freight_fen and one.freight_id is not None else []
    )


def told(one: AfterSaleRef) -> tuple[str, dict[str, Any]]:
    """Return an after-sale as the outbox names it."""
    facts = {"order": one.order_no, "merchant_id": one.merchant_id, "amount_fen": one.amount_fen}
    return one.no, facts


def came_to_nothing(topic: str, one: AfterSaleRef, now: datetime) -> None:
    """Let the lines of an after-sale that came to nothing settle again, and tell of it."""
    commission.close_after_sale(sale_ids=sales(one))
    outbox.put(topic=topic, events=[told(one)], now=now)
    if one.state is AfterSaleState.REJECTED:
        buyers_are_told("after_sale_rejected", [one], now)


def ask_for_goods(
    no: str,
    *,
    merchant_id: int | None,
    actor: Actor,
    now: datetime,
    was: AfterSaleState = AfterSaleState.REQUESTED,
    note: str = "",
) -> AfterSaleRef:
    """Agree that goods come back, inside the caller's transaction; see orders.agree_return."""
    agreed = orders.agree_return(no=no, merchant_id=merchant_id, actor=actor, now=now, was=was, note=note)
    outbox.put(topic="after_sale.agreed", events=[told(agreed)], now=now)
    buyers_are_told("after_sale_agreed", [agreed], now)
    return agreed


def shop_is_told(kind: str, one: AfterSaleRef, now: datetime) -> None:
    """Tell the shop in its console; `kind` is a row of messages/kinds.py."""
    facts = {"no": one.no, "order_no": one.order_no, "amount_fen": one.amount_fen}
    messages.tell(party_id=one.merchant_id, kind=kind, facts=facts, object_=one.no, now=now)


def buyers_are_told(kind: str, some: Sequence[AfterSaleRef], now: datetime) -> None:
    """Tell the buyers of the mall; `kind` is a row of messages/personal_kinds.py."""
    told_of = [
        (one.buyer_id, {"order_no": one.order_no, "amount_fen": one.amount_fen, "reason": one.answer}, one.no)
        for one in some
        if one.buyer_id is not None and one.source is Source.MINI_STORE
    ]
    messages.tell_persons(kind=kind, told=told_of, now=now)
