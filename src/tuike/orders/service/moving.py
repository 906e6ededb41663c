"""Orders from state to state: each move compares the old state in the statement that sets the new one."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.days import day_of, start_of
from tuike.kit.errors import NotFound
from tuike.orders import queries
from tuike.orders.types import (
    AlreadyExtended,
    AlreadyReminded,
    CloseReason,
    DecideAfterSaleFirst,
    MarkedPaid,
    NotInThisState,
    OrderRef,
    OrderState,
    ProofNeeded,
    ReceivedBy,
)
from tuike.settings import service as settings

RECEIPT_TOLD_BEFORE = timedelta(days=2)
"""How long before receipt confirms itself its buyer is told (docs/rules.md §5)."""

TELL = """
WITH due AS (
    SELECT id FROM orders_order o
    WHERE state = 'shipped' AND receive_by > %(now)s AND receive_by <= %(until)s AND receipt_told_at IS NULL
      AND source = 'mini_store' AND buyer_id IS NOT NULL
      AND EXISTS (SELECT FROM orders_line l WHERE l.order_id = o.id AND l.refunded_quantity < l.quantity)
    ORDER BY receive_by, id LIMIT %(limit)s FOR UPDATE OF o SKIP LOCKED
)
UPDATE orders_order o SET receipt_told_at = %(now)s FROM due
WHERE o.id = due.id AND o.receipt_told_at IS NULL RETURNING o.id
"""
"""Marks as told what is due; whoever comes second finds nothing."""

_PAY = f"""
WITH said AS (SELECT * FROM unnest(%s::text[], %s::timestamptz[]) AS s (no, paid_at)),
     held AS (
         SELECT o.id, s.no, s.paid_at FROM said s JOIN {{}}
         ORDER BY o.id FOR UPDATE OF o
     )
UPDATE orders_order o SET state = 'paid', paid_at = held.paid_at
FROM held LEFT JOIN orders_checkout c ON c.no = held.no
WHERE o.id = held.id AND o.state = 'unpaid'
RETURNING {queries.ORDER_COLUMNS}
"""
_PAY_CHECKOUTS = _PAY.format("orders_checkout b ON b.no = s.no JOIN orders_order o ON o.checkout_id = b.id")
_PAY_ORDERS = _PAY.format("orders_order o ON o.no = s.no AND o.checkout_id IS NULL")


def mark_paid(
    *, checkouts: Mapping[str, datetime] | None = None, reported: Mapping[str, datetime] | None = None
) -> MarkedPaid:
    """Take orders from unpaid to paid at `paid_at`, by the number of their checkout, or (reported ones) by their own.

    Returns those that moved, with their lines, and by the caller's numbers which were paid before, which are closed
    and which don't exist. A closed order never opens again (docs/rules.md §5). Three statements, whatever the length.
    """
    moved: list[OrderRef] = []
    others: dict[str, list[OrderRef]] = {}
    for statement, whose, said in (
        (_PAY_CHECKOUTS, "c.no", checkouts or {}),
        (_PAY_ORDERS, "o.checkout_id IS NULL AND o.no", reported or {}),
    ):
        if not said:
            continue
        found = [queries.order_ref(row) for row in rows.query(statement, [list(said), list(said.values())])]
        moved.extend(found)
        rest = said.keys() - {order.checkout_no or order.no for order in found}
        others |= {no: [] for no in rest}
        for order in queries.orders_where(f"{whose} = ANY(%s)", [list(rest)]) if rest else []:
            others[order.checkout_no or order.no].append(order)
    closed = {no for no, orders in others.items() if any(_closed_unpaid(order) for order in orders)}
    return MarkedPaid(
        moved=queries.with_lines(sorted(moved, key=lambda order: order.id)),
        repeated=sorted(no for no, orders in others.items() if orders and no not in closed),
        closed=sorted(closed),
        unknown=sorted(no for no, orders in others.items() if not orders),
    )


def close(
    *,
    checkout_nos: Sequence[str] = (),
    reported: Sequence[str] = (),
    reason: CloseReason,
    now: datetime,
    buyer_id: int | None = None,
) -> list[OrderRef]:
    """Close unpaid orders, by the number of their checkout, or (reported ones) by their own; a checkout closes whole.

    Returns those that moved, with the lines whose stock goes back; paid and closed ones stay as they are. With a
    `buyer_id` only that buyer's own. Close the payment first, in the same transaction: once it is closed here,
    nothing that still comes in can pay the order (docs/rules.md §5).
    """
    moved = rows.query(
        f"""
        WITH held AS (
            SELECT o.id FROM orders_order o LEFT JOIN orders_checkout c ON c.id = o.checkout_id
            WHERE (c.no = ANY(%(checkouts)s) OR (o.checkout_id IS NULL AND o.no = ANY(%(reported)s)))
              AND (%(buyer)s::bigint IS NULL OR o.buyer_id = %(buyer)s)
            ORDER BY o.id FOR UPDATE OF o
        )
        UPDATE orders_order o SET state = 'closed', closed_at = %(now)s, close_reason = %(reason)s
        FROM held JOIN orders_order h ON h.id = held.id LEFT JOIN orders_checkout c ON c.id = h.checkout_id
        WHERE o.id = held.id AND o.state = 'unpaid'
        RETURNING {queries.ORDER_COLUMNS}
        """,
        {
            "checkouts": list(checkout_nos),
            "reported": list(reported),
            "buyer": buyer_id,
            "now": now,
            "reason": reason,
        },
    )
    return queries.with_lines(sorted((queries.order_ref(row) for row in moved), key=lambda order: order.id))


def receive(
    *,
    order_ids: Sequence[int],
    at: datetime,
    by: ReceivedBy,
    actor: Actor | None = None,
    proof: str = "",
    picture: str = "",
) -> list[OrderRef]:
    """Complete shipped orders and return those that moved, with their lines; all others stay as they are.

    `TIME`: only those whose `receive_by` has come at `at`, and they count as received at that instant, however late
    the job runs. `MERCHANT`: with the carrier's `proof` and its `picture` (an address below /media/, "" for none), both
    kept with the order; audited. `REPORT`: external orders, also straight from paid.
    Whoever calls has found the orders by who asks.

    Raises:
        ProofNeeded: a merchant without proof.
    """
    if by is ReceivedBy.MERCHANT and (actor is None or not proof.strip()):
        raise ProofNeeded
    moved = rows.query(
        f"""
        WITH held AS (
            SELECT o.id, c.no FROM orders_order o LEFT JOIN orders_checkout c ON c.id = o.checkout_id
            WHERE o.id = ANY(%(ids)s) ORDER BY o.id FOR UPDATE OF o
        )
        UPDATE orders_order o
        SET state = 'completed', received_by = %(by)s, receipt_proof = %(proof)s, receipt_picture = %(picture)s,
            received_at = CASE WHEN %(by)s = 'time' THEN o.receive_by ELSE %(at)s END
        FROM held c
        WHERE o.id = c.id
          AND (o.state = 'shipped' OR (%(by)s = 'report' AND o.state = 'paid' AND o.source = 'mini_program'))
          AND (%(by)s <> 'time' OR o.receive_by <= %(at)s)
        RETURNING {queries.ORDER_COLUMNS}
        """,
        {"ids": list(order_ids), "by": by, "at": at, "proof": proof.strip()[:200], "picture": picture[:120]},
    )
    orders = queries.with_lines(sorted((queries.order_ref(row) for row in moved), key=lambda order: order.id))
    if by is ReceivedBy.MERCHANT and actor is not None and orders:
        facts = {"proof": proof.strip()[:200]} | ({"picture": picture} if picture else {})
        acts = [(order.no, facts) for order in orders]
        audit.record_many(actor=actor, action="order.receive", acts=acts, now=at)
    return orders


def extend_receipt(*, buyer_id: int, order_no: str) -> OrderRef:
    """Put off the receipt that confirms itself, once, by `auto_receive_days` × 86,400 s, for the order's own buyer.

    Raises:
        NotFound: there is no such order, or it is somebody else's.
        NotInThisState: it isn't on its way as a whole.
        AlreadyExtended: it was put off before.
    """
    days = settings.get("auto_receive_days")
    moved = rows.query(
        """
        UPDATE orders_order SET receive_by = receive_by + make_interval(secs => %s), receive_extended = true,
            receipt_told_at = NULL
        WHERE no = %s AND buyer_id = %s AND state = 'shipped' AND receive_by IS NOT NULL AND NOT receive_extended
        RETURNING id
        """,
        [days * 86_400, order_no, buyer_id],
    )
    order = queries.order_of_buyer(buyer_id=buyer_id, no=order_no)
    if not moved:
        raise AlreadyExtended if order.receive_extended else NotInThisState(state=order.state.value)
    return order


def receipts_to_tell(*, now: datetime, limit: int = 500) -> list[OrderRef]:
    """Return, once for each instant at which receipt confirms itself, orders of the mall where that is at most
    `RECEIPT_TOLD_BEFORE` away, and mark them as told of; one whose instant has come isn't told of any more.

    Put off, an order is told of again before its new instant; of what was given back whole nobody is told.
    """
    marked = rows.query(TELL, {"now": now, "until": now + RECEIPT_TOLD_BEFORE, "limit": limit})
    found = queries.orders_by_id([id_ for (id_,) in marked])
    return [found[id_] for id_ in sorted(found)]


def remind(*, buyer_id: int, order_no: str, now: datetime) -> OrderRef:
    """Note that a buyer asks the shop to ship their own paid order: once a natural day.

    Raises:
        NotFound: there is no such order, or it is somebody else's.
        NotInThisState: it doesn't wait for its parcel.
        AlreadyReminded: the shop was reminded today.
    """
    moved = rows.run(
        "UPDATE orders_order SET reminded_at = %s WHERE no = %s AND buyer_id = %s AND state = 'paid'"
        " AND source = 'mini_store' AND (reminded_at IS NULL OR reminded_at < %s)",
        [now, order_no, buyer_id, start_of(day_of(now))],
    )
    order = queries.order_of_buyer(buyer_id=buyer_id, no=order_no)
    if not moved:
        raise AlreadyReminded if order.state is OrderState.PAID else NotInThisState(state=order.state.value)
    return order


@transaction.atomic
def hide(*, buyer_id: int, order_no: str, now: datetime) -> None:
    """Leave a closed or completed order out of its buyer's own list from now on; nothing is erased, again is no matter.

    Raises:
        NotFound: there is no such order, or it is somebody else's.
        NotInThisState: it isn't at an end.
        DecideAfterSaleFirst: an after-sale of it is open.
    """
    order = queries.order_of_buyer(buyer_id=buyer_id, no=order_no)
    order = _locked("id = %s", [order.id])
    if order.state.exits:
        raise NotInThisState(state=order.state.value)
    if queries.open_after_sales_of([order.id]):
        raise DecideAfterSaleFirst
    rows.run("UPDATE orders_order SET hidden_at = coalesce(hidden_at, %s) WHERE id = %s", [now, order.id])


def _locked(condition: str, params: Sequence[object]) -> OrderRef:
    """Lock one order and return it as it is under the lock."""
    found = rows.query(f"SELECT id FROM orders_order WHERE {condition} FOR UPDATE", params)
    if not found:
        raise NotFound
    return queries.orders_by_id([found[0][0]])[found[0][0]]


def _closed_unpaid(order: OrderRef) -> bool:
    return order.state is OrderState.CLOSED and order.paid_at is None
