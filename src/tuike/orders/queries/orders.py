"""Reads of orders. Pages start from who asks: a buyer's own, a merchant's own; anything else is not found.

The functions that take ids or numbers alone are for flows and insight, which have asked for the right before.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.conf import settings

from tuike.db import rows
from tuike.kit import crypto
from tuike.kit.errors import NotFound
from tuike.orders.types import (
    UNDECIDED,
    Address,
    CartEntry,
    DiscountFact,
    LineRef,
    OrderRef,
    OrderState,
    Parcel,
    ReceiptProof,
)
from tuike.parties.types import Source

ORDER_COLUMNS = """
o.id, o.no, c.no, o.merchant_id, o.buyer_id, o.source, o.external_no, o.state, o.goods_fen, o.discount_fen,
o.freight_fen, o.freight_id, o.freight_refunded_fen, o.payable_fen, o.placed_at, o.pay_by, o.paid_at, o.shipped_at,
o.receive_by, o.receive_extended, o.received_at, o.received_by, o.closed_at, o.close_reason, o.note, o.reminded_at
"""
_ORDERS = f"SELECT {ORDER_COLUMNS} FROM orders_order o LEFT JOIN orders_checkout c ON c.id = o.checkout_id WHERE "
_LINES = """
SELECT id, order_id, no, merchant_id, product_id, sku_id, category_id, title, spec, quantity, price_fen, discount_fen,
       paid_fen, refunded_fen, refunded_quantity, shipped_quantity, unsent_quantity
FROM orders_line WHERE {} = ANY(%s) ORDER BY order_id, no
"""


def orders_of_merchant(
    *,
    merchant_id: int,
    states: Iterable[OrderState] = (),
    before: tuple[datetime, int] | None = None,
    limit: int = 20,
) -> list[OrderRef]:
    """Return a page of a merchant's orders, newest first; `before` is (placed_at, id) of the last one shown."""
    return _page("o.merchant_id = %s", merchant_id, states, before, limit)


def order_of_buyer(*, buyer_id: int, no: str) -> OrderRef:
    """Return a buyer's own order.

    Raises:
        NotFound: there is no such order, or it is somebody else's.
    """
    return one_of(orders_where("o.no = %s AND o.buyer_id = %s", [no, buyer_id]))


def order_of_merchant(*, merchant_id: int, no: str) -> OrderRef:
    """Return a merchant's own order.

    Raises:
        NotFound: there is no such order, or it is another merchant's.
    """
    return one_of(orders_where("o.no = %s AND o.merchant_id = %s", [no, merchant_id]))


def external_orders(*, merchant_id: int, external_nos: Iterable[str]) -> dict[str, OrderRef]:
    """Return a merchant's reported orders by its own numbers; numbers that it never reported are missing."""
    found = orders_where(
        "o.merchant_id = %s AND o.external_no <> '' AND o.external_no = ANY(%s)", [merchant_id, list(external_nos)]
    )
    return {order.external_no: order for order in found}


def checkout_of_buyer(*, buyer_id: int, checkout_no: str) -> list[OrderRef]:
    """Return the orders of a buyer's own checkout.

    Raises:
        NotFound: there is no such checkout, or it is somebody else's.
    """
    found = orders_where("c.no = %s AND o.buyer_id = %s", [checkout_no, buyer_id])
    if not found:
        raise NotFound
    return found


def lock_checkout(checkout_no: str) -> None:
    """Keep the orders of a checkout from being paid or closed until the transaction ends."""
    rows.query(
        "SELECT o.id FROM orders_order o JOIN orders_checkout c ON c.id = o.checkout_id WHERE c.no = %s"
        " ORDER BY o.id FOR SHARE OF o",
        [checkout_no],
    )


def orders_by_id(order_ids: Iterable[int]) -> dict[int, OrderRef]:
    """Return orders with their lines, by id."""
    return {order.id: order for order in orders_where("o.id = ANY(%s)", [list(order_ids)])}


def orders_by_no(numbers: Iterable[str]) -> dict[str, OrderRef]:
    """Return orders with their lines, by number."""
    return {order.no: order for order in orders_where("o.no = ANY(%s)", [list(numbers)])}


def orders_of_checkouts(checkout_nos: Iterable[str]) -> dict[str, list[OrderRef]]:
    """Return the orders of checkouts, by the checkout's number."""
    found: dict[str, list[OrderRef]] = {}
    for order in orders_where("c.no = ANY(%s)", [list(checkout_nos)]):
        found.setdefault(order.checkout_no or "", []).append(order)
    return found


def lines_by_id(line_ids: Iterable[int]) -> dict[int, LineRef]:
    """Return lines by id."""
    return {line.id: line for line in _lines("id", line_ids)}


def products_of(order_nos: Iterable[str]) -> set[int]:
    """Return which products are in orders."""
    found = rows.query(
        "SELECT DISTINCT l.product_id FROM orders_order o JOIN orders_line l ON l.order_id = o.id WHERE o.no = ANY(%s)",
        [sorted(set(order_nos))],
    )
    return {id_ for (id_,) in found}


def categories_of(line_ids: Iterable[int]) -> dict[int, int]:
    """Return by line the category that its product was in when it was placed."""
    found = rows.query("SELECT id, category_id FROM orders_line WHERE id = ANY(%s)", [sorted(set(line_ids))])
    return dict(found)


def lines_of(order_ids: Iterable[int]) -> dict[int, list[LineRef]]:
    """Return the lines of orders, by order id, in the order of their numbers."""
    found: dict[int, list[LineRef]] = {}
    for line in _lines("order_id", order_ids):
        found.setdefault(line.order_id, []).append(line)
    return found


def due_to_close(*, now: datetime, limit: int = 100) -> list[str]:
    """Return numbers of checkouts that weren't paid in time (`pay_by` ≤ `now`), the longest overdue first."""
    found = rows.query(
        """
        SELECT c.no FROM orders_order o JOIN orders_checkout c ON c.id = o.checkout_id
        WHERE o.state = 'unpaid' AND o.pay_by <= %s GROUP BY c.no ORDER BY min(o.pay_by), c.no LIMIT %s
        """,
        [now, limit],
    )
    return [no for (no,) in found]


def due_to_receive(*, now: datetime, limit: int = 500) -> list[int]:
    """Return ids of shipped orders whose receipt confirms itself (`receive_by` ≤ `now`), the longest overdue first."""
    found = rows.query(
        "SELECT id FROM orders_order WHERE state = 'shipped' AND receive_by <= %s ORDER BY receive_by, id LIMIT %s",
        [now, limit],
    )
    return [id_ for (id_,) in found]


def cart_of(*, buyer_id: int) -> list[CartEntry]:
    """Return what a buyer put aside, newest first."""
    statement = "SELECT sku_id, quantity, added_at, price_fen FROM orders_cart_item WHERE buyer_id = %s"
    found = rows.query(f"{statement} ORDER BY added_at DESC, id DESC", [buyer_id])
    return [
        CartEntry(sku_id=sku_id, quantity=quantity, added_at=at, price_fen=price)
        for sku_id, quantity, at, price in found
    ]


def discounts_of(line_ids: Iterable[int]) -> dict[int, list[DiscountFact]]:
    """Return what lowered lines, by line id, in the order in which it did."""
    found: dict[int, list[DiscountFact]] = {}
    for line_id, kind, source, amount, funded_by, points in rows.query(
        "SELECT line_id, kind, source, amount_fen, funded_by, points FROM orders_discount"
        " WHERE line_id = ANY(%s) ORDER BY id",
        [sorted(line_ids)],
    ):
        fact = DiscountFact(kind=kind, source=source, amount_fen=amount, funded_by=funded_by, points=points)
        found.setdefault(line_id, []).append(fact)
    return found


def never_paid_before(orders: Iterable[OrderRef]) -> list[OrderRef]:
    """Return those of the orders before which their buyer had no other paid order in the shop: of two that are given,
    the one that was paid first; one that isn't paid yet comes after all that are. Orders without a known buyer never
    are a first one."""
    known = {order.id: order for order in orders if order.buyer_id is not None}
    found = rows.query(
        "SELECT o.id FROM orders_order o WHERE o.id = ANY(%s) AND NOT EXISTS ("
        " SELECT 1 FROM orders_order e WHERE e.buyer_id = o.buyer_id AND e.merchant_id = o.merchant_id"
        " AND e.id <> o.id AND e.paid_at IS NOT NULL AND (o.paid_at IS NULL OR (e.paid_at, e.id) < (o.paid_at, o.id)))"
        " ORDER BY o.id",
        [sorted(known)],
    )
    return [known[id_] for (id_,) in found]


def nothing_left_of(order_nos: Iterable[str]) -> dict[str, list[int]]:
    """Return by number the lines of those orders of which everything that was paid for goods went back."""
    found = rows.query(
        "SELECT o.no, array_agg(l.id) FROM orders_order o JOIN orders_line l ON l.order_id = o.id"
        " WHERE o.no = ANY(%s) GROUP BY o.no HAVING bool_and(l.refunded_fen = l.paid_fen)",
        [sorted(set(order_nos))],
    )
    return dict(found)


def subsidies_of(line_ids: Iterable[int]) -> dict[int, int]:
    """Return what the platform's coupons took off lines of the mall, in fen by line id; others are missing."""
    return dict(
        rows.query(
            "SELECT d.line_id, sum(d.amount_fen)::bigint FROM orders_discount d WHERE d.line_id = ANY(%s)"
            " AND d.funded_by = 'platform' AND d.kind = 'coupon' GROUP BY 1",
            [sorted(line_ids)],
        )
    )


def balance_parts(checkout_nos: Iterable[str]) -> dict[str, int]:
    """Return what of checkouts is paid out of the buyer's balance, in fen by number; those without are missing."""
    return dict(
        rows.query(
            "SELECT no, balance_fen FROM orders_checkout WHERE no = ANY(%s) AND balance_fen > 0",
            [sorted(set(checkout_nos))],
        )
    )


def parcels_of(order_id: int) -> list[Parcel]:
    """Return an order's parcels with what is in them, oldest first."""
    found = rows.query(
        """
        SELECT s.no, s.carrier, s.tracking_no, s.shipped_at,
               coalesce(json_agg(json_build_array(l.no, p.quantity) ORDER BY l.no) FILTER (WHERE l.no > 0), '[]')
        FROM orders_shipment s LEFT JOIN orders_parcel_line p ON p.shipment_id = s.id
        LEFT JOIN orders_line l ON l.id = p.line_id
        WHERE s.order_id = %s GROUP BY s.id ORDER BY s.no
        """,
        [order_id],
    )
    return [
        Parcel(no=no, carrier=carrier, tracking_no=tracking_no, shipped_at=at, pieces=dict(pieces))
        for no, carrier, tracking_no, at, pieces in found
    ]


def receipt_proof_of(order_id: int) -> ReceiptProof | None:
    """Return what a merchant gave as proof when it marked an order received, None where it didn't."""
    found = rows.query(
        "SELECT receipt_proof, receipt_picture FROM orders_order WHERE id = %s AND received_by = 'merchant'", [order_id]
    )
    return ReceiptProof(text=found[0][0], picture=found[0][1]) if found else None


def waiting_to_ship(*, merchant_id: int, limit: int) -> list[OrderRef]:
    """Return a merchant's paid mall orders that can be shipped now, the oldest first: no after-sale waits for a no or
    a yes."""
    return orders_where(
        "o.merchant_id = %s AND o.state = 'paid' AND o.source = 'mini_store' AND NOT EXISTS (SELECT 1"
        " FROM orders_after_sale a WHERE a.order_id = o.id AND a.state = ANY(%s))",
        [merchant_id, [state.value for state in UNDECIDED]],
        f"ORDER BY o.placed_at, o.id LIMIT {int(limit)}",
    )


def addresses_of(orders: Iterable[OrderRef]) -> dict[int, Address]:
    """Open the sealed addresses of orders, by id; orders without one are missing. Who shows them records the look."""
    numbers = {order.id: order.no for order in orders}
    found = rows.query(
        "SELECT id, sealed_address FROM orders_order WHERE id = ANY(%s) AND sealed_address IS NOT NULL", [list(numbers)]
    )
    return {id_: _opened(sealed, numbers[id_]) for id_, sealed in found}


def address_of(order: OrderRef) -> Address | None:
    """Open the sealed address of an order, or None where it has none. Whoever shows it unmasked records the look."""
    sealed = rows.query("SELECT sealed_address FROM orders_order WHERE id = %s", [order.id])[0][0]
    if sealed is None:
        return None
    return _opened(sealed, order.no)


def _opened(sealed: Any, order_no: str) -> Address:
    return Address(**json.loads(crypto.open_sealed(sealed, place=address_place(order_no), keys=settings.FIELD_KEYS)))


def address_place(order_no: str) -> str:
    """Return the place that an order's address is sealed to."""
    return f"orders_order|sealed_address|{order_no}"


def orders_where(condition: str, params: Sequence[Any], suffix: str = "ORDER BY o.id") -> list[OrderRef]:
    """Return orders with their lines; `condition` and `suffix` are constants of this module's code."""
    return with_lines([order_ref(row) for row in rows.query(_ORDERS + f"{condition} {suffix}", params)])


def with_lines(orders: Sequence[OrderRef]) -> list[OrderRef]:
    """Return the orders with their lines, in one query."""
    lines = lines_of([order.id for order in orders])
    return [replace(order, lines=lines.get(order.id, [])) for order in orders]


def order_ref(row: Sequence[Any]) -> OrderRef:
    """Return an order out of a row of `ORDER_COLUMNS`."""
    return OrderRef(
        id=row[0],
        no=row[1],
        checkout_no=row[2],
        merchant_id=row[3],
        buyer_id=row[4],
        source=Source(row[5]),
        external_no=row[6],
        state=OrderState(row[7]),
        goods_fen=row[8],
        discount_fen=row[9],
        freight_fen=row[10],
        freight_id=row[11],
        freight_refunded_fen=row[12],
        payable_fen=row[13],
        placed_at=row[14],
        pay_by=row[15],
        paid_at=row[16],
        shipped_at=row[17],
        receive_by=row[18],
        receive_extended=row[19],
        received_at=row[20],
        received_by=row[21],
        closed_at=row[22],
        close_reason=row[23],
        note=row[24],
        reminded_at=row[25],
    )


def _lines(column: str, ids: Iterable[int]) -> list[LineRef]:
    return [
        LineRef(
            id=row[0],
            order_id=row[1],
            no=row[2],
            merchant_id=row[3],
            product_id=row[4],
            sku_id=row[5],
            category_id=row[6],
            title=row[7],
            spec=row[8],
            quantity=row[9],
            price_fen=row[10],
            discount_fen=row[11],
            paid_fen=row[12],
            refunded_fen=row[13],
            refunded_quantity=row[14],
            shipped_quantity=row[15],
            unsent_quantity=row[16],
        )
        for row in rows.query(_LINES.format(column), [list(ids)])
    ]


def _page(
    whose: str, party_id: int, states: Iterable[OrderState], before: tuple[datetime, int] | None, limit: int
) -> list[OrderRef]:
    """Return a page by (placed_at, id), newest first: the set is complete while rows are being added."""
    condition, params = whose, list[Any]([party_id])
    if wanted := list(states):
        condition, params = f"{condition} AND o.state = ANY(%s)", [*params, wanted]
    if before:
        condition, params = f"{condition} AND (o.placed_at, o.id) < (%s, %s)", [*params, *before]
    return orders_where(condition, params, f"ORDER BY o.placed_at DESC, o.id DESC LIMIT {int(limit)}")


def one_of(found: Sequence[Any]) -> Any:
    """Return the first, or refuse.

    Raises:
        NotFound: there is none.
    """
    if not found:
        raise NotFound
    return found[0]
