"""Parcels: what leaves the house under which number, piece by piece."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.orders import queries, rules
from tuike.orders.types import (
    DecideAfterSaleFirst,
    MoreThanLeft,
    NotInThisState,
    OrderRef,
    OrderState,
    ParcelKnown,
    ParcelSent,
    ParcelTooOld,
)
from tuike.settings import service as settings

CORRECTED_WITHIN = timedelta(hours=24)
"""How long after it was entered a parcel's number may be corrected (docs/rules.md §5)."""

# What leaves is taken from what is left by the statement that checks it, as stock is.
_PACK = """
    WITH packed AS (SELECT * FROM unnest(%s::bigint[], %s::integer[]) AS p (line_id, quantity)),
         taken AS (
             UPDATE orders_line l SET shipped_quantity = l.shipped_quantity + p.quantity FROM packed p
             WHERE l.id = p.line_id AND l.order_id = %s
               AND l.shipped_quantity + l.unsent_quantity + p.quantity <= l.quantity
             RETURNING l.id, p.quantity
         )
    INSERT INTO orders_parcel_line (shipment_id, line_id, quantity) SELECT %s, id, quantity FROM taken
"""


def ship(
    *,
    merchant_id: int,
    order_no: str,
    carrier: str,
    tracking_no: str,
    now: datetime,
    pieces: Mapping[int, int] | None = None,
    whole: bool = False,
) -> ParcelSent:
    """Record a parcel of a merchant's paid order: the first one ships it, further ones are added.

    `pieces` says how many of which line (by its number) are in it; None is all that is left. Once nothing is left, or
    the merchant says that this is `whole` all there is, receipt confirms itself `auto_receive_days` × 86,400 s later;
    not before (docs/rules.md §5). The same parcel twice is one.

    Raises:
        NotFound: there is no such order, or it is another merchant's.
        NotInThisState: unpaid, closed or completed.
        DecideAfterSaleFirst: the buyer has asked money back and nobody has decided it.
        MoreThanLeft: a line has fewer pieces left, or doesn't exist; or a parcel of nothing.
        TextTooLong: a carrier above 40 or a tracking number above 60 characters.
    """
    carrier = rules.check_text("carrier", carrier, 40)
    tracking_no = rules.check_text("tracking_no", tracking_no, 60)
    order = _locked(merchant_id, order_no)
    if order.state not in (OrderState.PAID, OrderState.SHIPPED):
        raise NotInThisState(state=order.state.value)
    added = rows.query(
        """
        INSERT INTO orders_shipment (order_id, no, carrier, tracking_no, shipped_at)
        SELECT %s, coalesce(max(no), 0) + 1, %s, %s, %s FROM orders_shipment WHERE order_id = %s
        ON CONFLICT (order_id, carrier, tracking_no) DO NOTHING RETURNING id
        """,
        [order.id, carrier, tracking_no, now, order.id],
    )
    if not added:
        return ParcelSent(order=order, fresh=False)
    if order.state is OrderState.PAID and any(
        rules.undecided(one) for one in queries.open_after_sales_of([order.id]).get(order.id, [])
    ):
        raise DecideAfterSaleFirst
    packed = _packed(order, pieces)
    if rows.run(_PACK, [list(packed), list(packed.values()), order.id, added[0][0]]) < len(packed):
        raise MoreThanLeft
    return ParcelSent(order=_moved_on(order, packed, whole=whole, now=now), fresh=True)


def all_shipped(*, merchant_id: int, order_no: str, actor: Actor, now: datetime) -> OrderRef:
    """Say that no further parcel comes: receipt confirms itself from now on. Said twice it is said once. Audited.

    Raises:
        NotFound: there is no such order, or it is another merchant's.
        NotInThisState: nothing of it was shipped, or it is completed.
    """
    order = _locked(merchant_id, order_no)
    if order.state is not OrderState.SHIPPED:
        raise NotInThisState(state=order.state.value)
    if order.receive_by is None:
        audit.record(actor=actor, action="order.all_shipped", object_=order_no, facts={}, now=now)
        return _moved_on(order, {}, whole=True, now=now)
    return order


def change_parcel(
    *, merchant_id: int, order_no: str, no: int, carrier: str, tracking_no: str, actor: Actor, now: datetime
) -> OrderRef:
    """Correct the carrier and number of a parcel, by its place in the order. Audited with what it was.

    Raises:
        NotFound: no such order or parcel, or another merchant's.
        ParcelTooOld: it was entered more than 24 h ago.
        ParcelKnown: the order has a parcel of this number.
        TextTooLong: see ship.
    """
    carrier = rules.check_text("carrier", carrier, 40)
    tracking_no = rules.check_text("tracking_no", tracking_no, 60)
    order = _locked(merchant_id, order_no)
    parcels = queries.parcels_of(order.id)
    parcel = next((one for one in parcels if one.no == no), None)
    if parcel is None:
        raise NotFound
    if now - parcel.shipped_at > CORRECTED_WITHIN:
        raise ParcelTooOld
    if any((one.carrier, one.tracking_no) == (carrier, tracking_no) and one.no != no for one in parcels):
        raise ParcelKnown(tracking_no=tracking_no)
    rows.run(
        "UPDATE orders_shipment SET carrier = %s, tracking_no = %s WHERE order_id = %s AND no = %s",
        [carrier, tracking_no, order.id, no],
    )
    facts: dict[str, Any] = {
        "parcel": no,
        "from": [parcel.carrier, parcel.tracking_no],
        "to": [carrier, tracking_no],
    }
    audit.record(actor=actor, action="order.parcel", object_=order_no, facts=facts, now=now)
    return order


def _moved_on(order: OrderRef, packed: Mapping[int, int], *, whole: bool, now: datetime) -> OrderRef:
    """Let the order be shipped, and its receipt confirm itself once nothing more comes."""
    due = None
    if whole or not any(rules.left_to_ship(line) - packed.get(line.id, 0) > 0 for line in order.lines):
        due = rules.receive_by(shipped_at=now, days=settings.get("auto_receive_days"))
    rows.run(
        """
        UPDATE orders_order SET state = 'shipped', shipped_at = coalesce(shipped_at, %s),
            receive_by = coalesce(receive_by, %s)
        WHERE id = %s AND state IN ('paid', 'shipped')
        """,
        [now, due, order.id],
    )
    return queries.orders_by_id([order.id])[order.id]


def _locked(merchant_id: int, order_no: str) -> OrderRef:
    found = rows.query(
        "SELECT id FROM orders_order WHERE no = %s AND merchant_id = %s FOR UPDATE", [order_no, merchant_id]
    )
    if not found:
        raise NotFound
    return queries.orders_by_id([found[0][0]])[found[0][0]]


def _packed(order: OrderRef, pieces: Mapping[int, int] | None) -> dict[int, int]:
    """Return what a parcel holds, by line id in order of ids, out of pieces by the lines' numbers; None: all left.

    Raises:
        MoreThanLeft: a number that no line has, a quantity below 1, or nothing at all.
    """
    if pieces is None:
        left = {line.id: rules.left_to_ship(line) for line in sorted(order.lines, key=lambda one: one.id)}
        return {id_: quantity for id_, quantity in left.items() if quantity}
    by_no = {line.no: line for line in order.lines}
    if not pieces or not pieces.keys() <= by_no.keys() or min(pieces.values()) < 1:
        raise MoreThanLeft
    return dict(sorted((by_no[no].id, quantity) for no, quantity in pieces.items()))
