"""A merchant ships: parcel by parcel, or all that is left; and corrects a parcel's number."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.freight import queries as freight
from tuike.messages import service as messages
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import OrderRef
from tuike.outbox import service as outbox


@retry
def ship_order(
    *,
    merchant_id: int,
    order_no: str,
    carrier: str,
    tracking_no: str,
    now: datetime,
    key: str | None = None,
    pieces: Mapping[int, int] | None = None,
    whole: bool = False,
) -> OrderRef:
    """Record a parcel of a merchant's own paid order; the same parcel twice is one parcel.

    `carrier` is a code or a name; what the list knows is kept by its code. `pieces`, `whole`: see orders.ship. The
    buyer is told of each parcel.

    Raises:
        NotFound, NotInThisState, DecideAfterSaleFirst, MoreThanLeft, TextTooLong: see orders.ship.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> OrderRef:
        return send_parcel(
            merchant_id=merchant_id,
            order_no=order_no,
            carrier=carrier,
            tracking_no=tracking_no,
            now=now,
            pieces=pieces,
            whole=whole,
        )

    content: dict[str, Any] = {"order": order_no, "carrier": carrier, "tracking_no": tracking_no}
    if pieces is not None:
        content["pieces"] = {str(no): quantity for no, quantity in sorted(pieces.items())}
    if whole:
        content["whole"] = True
    return _keyed(
        "ship_order", merchant_id=merchant_id, order_no=order_no, key=key, now=now, content=content, work=work
    )


@retry
def end_shipping(*, merchant_id: int, order_no: str, actor: Actor, now: datetime, key: str | None = None) -> OrderRef:
    """Let a merchant say that no further parcel of an order comes.

    Raises:
        NotFound, NotInThisState: see orders.all_shipped.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> OrderRef:
        return orders.all_shipped(merchant_id=merchant_id, order_no=order_no, actor=actor, now=now)

    return _keyed(
        "end_shipping",
        merchant_id=merchant_id,
        order_no=order_no,
        key=key,
        now=now,
        content={"order": order_no},
        work=work,
    )


@retry
def correct_parcel(
    *,
    merchant_id: int,
    order_no: str,
    no: int,
    carrier: str,
    tracking_no: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> OrderRef:
    """Correct the carrier and number of a parcel within 24 h of when it was entered; audited.

    Raises:
        NotFound, ParcelTooOld, ParcelKnown, TextTooLong: see orders.change_parcel.
        KeyMalformed, KeyUsedForOther: the key.
    """
    known = freight.carrier_named(carrier)

    def work() -> OrderRef:
        return orders.change_parcel(
            merchant_id=merchant_id,
            order_no=order_no,
            no=no,
            carrier=known.code if known else carrier,
            tracking_no=tracking_no,
            actor=actor,
            now=now,
        )

    content = {"order": order_no, "parcel": no, "carrier": carrier, "tracking_no": tracking_no}
    return _keyed(
        "correct_parcel", merchant_id=merchant_id, order_no=order_no, key=key, now=now, content=content, work=work
    )


def send_parcel(
    *,
    merchant_id: int,
    order_no: str,
    carrier: str,
    tracking_no: str,
    now: datetime,
    pieces: Mapping[int, int] | None = None,
    whole: bool = False,
) -> OrderRef:
    """Do what `ship_order` does, inside the caller's transaction."""
    known = freight.carrier_named(carrier)
    sent = orders.ship(
        merchant_id=merchant_id,
        order_no=order_no,
        carrier=known.code if known else carrier,
        tracking_no=tracking_no,
        now=now,
        pieces=pieces,
        whole=whole,
    )
    if sent.fresh:
        _tell(sent.order, known.zh if known else carrier.strip(), tracking_no.strip(), now)
    return sent.order


def _tell(order: OrderRef, carrier: str, tracking_no: str, now: datetime) -> None:
    told = {"merchant_id": order.merchant_id, "carrier": carrier}
    outbox.put(topic="order.shipped", events=[(order.no, told)], now=now)
    if order.buyer_id is not None:
        facts = {"no": order.no, "carrier": carrier, "tracking_no": tracking_no}
        messages.tell_person(person_id=order.buyer_id, kind="order_shipped", facts=facts, object_=order.no, now=now)


def _keyed(
    verb: str,
    *,
    merchant_id: int,
    order_no: str,
    key: str | None,
    now: datetime,
    content: Mapping[str, Any],
    work: Callable[[], OrderRef],
) -> OrderRef:
    return keyed(
        scope=f"merchant:{merchant_id}:{verb}",
        key=key,
        content=content,
        now=now,
        work=work,
        again=lambda: orders_of.order_of_merchant(merchant_id=merchant_id, no=order_no),
    )
