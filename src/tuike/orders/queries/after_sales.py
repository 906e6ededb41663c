"""After-sales as they stand: a buyer's own, a merchant's own, and by order for whoever has asked for the right."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tuike.db import rows
from tuike.orders.queries.orders import one_of
from tuike.orders.types import (
    OPEN,
    UNDECIDED,
    AfterSaleKind,
    AfterSaleLineRef,
    AfterSaleRef,
    AfterSaleState,
    OrderState,
    StepKind,
    StepShown,
    Who,
)
from tuike.parties.types import Source

_AFTER_SALES = """
SELECT a.id, a.no, o.id, o.no, o.state, c.no, o.merchant_id, o.buyer_id, o.source, o.freight_id, a.kind, a.state,
       a.reason, a.freight_fen, a.opened_at, a.decided_at, a.ended_at, a.answer, a.reason_code, a.due_at, a.carrier,
       a.tracking_no, a.restocked, a.final
FROM orders_after_sale a JOIN orders_order o ON o.id = a.order_id
LEFT JOIN orders_checkout c ON c.id = o.checkout_id WHERE
"""
_AFTER_SALE_LINES = """
SELECT t.after_sale_id, l.id, l.no, l.product_id, l.sku_id, t.quantity, t.amount_fen, l.paid_fen, l.refunded_fen,
       l.refunded_quantity, t.unsent_quantity
FROM orders_after_sale_line t JOIN orders_line l ON l.id = t.line_id WHERE t.after_sale_id = ANY(%s) ORDER BY l.id
"""


def after_sale_of_buyer(*, buyer_id: int, no: str) -> AfterSaleRef:
    """Return a buyer's own after-sale.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    return one_of(after_sales_where("a.no = %s AND o.buyer_id = %s", [no, buyer_id]))


def after_sale_of_merchant(*, merchant_id: int, no: str) -> AfterSaleRef:
    """Return an after-sale of a merchant's own order.

    Raises:
        NotFound: there is none, or it is another merchant's.
    """
    return one_of(after_sales_where("a.no = %s AND o.merchant_id = %s", [no, merchant_id]))


def after_sales_of_merchant(
    *, merchant_id: int, states: Iterable[AfterSaleState], before_id: int | None = None, limit: int = 20
) -> list[AfterSaleRef]:
    """Return a page of the after-sales of a merchant's orders in `states`, newest first."""
    return after_sales_where(
        "o.merchant_id = %s AND a.state = ANY(%s) AND (%s::bigint IS NULL OR a.id < %s)",
        [merchant_id, list(states), before_id, before_id],
        f"ORDER BY a.id DESC LIMIT {int(limit)}",
    )


def after_sales_by_no(numbers: Iterable[str]) -> dict[str, AfterSaleRef]:
    """Return after-sales by number."""
    return {one.no: one for one in after_sales_where("a.no = ANY(%s)", [list(numbers)])}


def after_sales_of(order_ids: Iterable[int]) -> dict[int, list[AfterSaleRef]]:
    """Return all after-sales of orders, by order id, oldest first."""
    return _by_order(after_sales_where("o.id = ANY(%s)", [list(order_ids)]))


def open_after_sales_of(order_ids: Iterable[int]) -> dict[int, list[AfterSaleRef]]:
    """Return the after-sales that are open, by order id: they keep an order's lines from settling."""
    return _by_order(after_sales_where("o.id = ANY(%s) AND a.state = ANY(%s)", [list(order_ids), list(OPEN)]))


def after_sales_of_buyer(*, buyer_id: int, before_id: int | None = None, limit: int = 20) -> list[AfterSaleRef]:
    """Return a page of a buyer's after-sales, newest first."""
    return after_sales_where(
        "o.buyer_id = %s AND (%s::bigint IS NULL OR a.id < %s)",
        [buyer_id, before_id, before_id],
        f"ORDER BY a.id DESC LIMIT {int(limit)}",
    )


def disputed_after_sale(no: str) -> AfterSaleRef:
    """Return an after-sale that was brought before the operator, decided or not: who asks is the operator.

    Raises:
        NotFound: there is none, or nobody ever brought it before the operator.
    """
    return one_of(
        after_sales_where(
            "a.no = %s AND EXISTS (SELECT 1 FROM orders_after_sale_step s WHERE s.after_sale_id = a.id"
            " AND s.kind = 'disputed')",
            [no],
        )
    )


def steps_of(after_sale_ids: Iterable[int]) -> dict[int, list[StepShown]]:
    """Return the timelines of after-sales, by id, the first step first."""
    found: dict[int, list[StepShown]] = {}
    for id_, kind, state, by, note, pictures, at in rows.query(
        "SELECT after_sale_id, kind, state, by, note, pictures, at FROM orders_after_sale_step"
        " WHERE after_sale_id = ANY(%s) ORDER BY after_sale_id, id",
        [list(after_sale_ids)],
    ):
        step = StepShown(
            kind=StepKind(kind), state=AfterSaleState(state), by=Who(by), note=note, pictures=pictures.split(), at=at
        )
        found.setdefault(id_, []).append(step)
    return found


def due_after_sales(*, now: datetime, limit: int = 100) -> list[AfterSaleRef]:
    """Return after-sales whose turn is over (`due_at` ≤ `now`), the longest overdue first; orders of the mall alone."""
    return after_sales_where(
        "a.state IN ('requested', 'returning', 'sent') AND a.due_at <= %s AND o.source = 'mini_store'",
        [now],
        f"ORDER BY a.due_at, a.id LIMIT {int(limit)}",
    )


def asked_of(order_ids: Sequence[int]) -> tuple[dict[int, tuple[int, int]], dict[int, int]]:
    """Return what undecided requests ask of lines (quantity, fen by line id) and of freight (fen by order id)."""
    lines = rows.query(
        """
        SELECT t.line_id, sum(t.quantity)::integer, sum(t.amount_fen)::bigint
        FROM orders_after_sale a JOIN orders_after_sale_line t ON t.after_sale_id = a.id
        WHERE a.order_id = ANY(%s) AND a.state = ANY(%s) GROUP BY t.line_id
        """,
        [order_ids, list(UNDECIDED)],
    )
    freight = rows.query(
        "SELECT order_id, sum(freight_fen)::bigint FROM orders_after_sale"
        " WHERE order_id = ANY(%s) AND state = ANY(%s) GROUP BY order_id",
        [order_ids, list(UNDECIDED)],
    )
    return {line: (quantity, amount) for line, quantity, amount in lines}, dict(freight)


def after_sales_where(condition: str, params: Sequence[Any], suffix: str = "ORDER BY a.id") -> list[AfterSaleRef]:
    """Return after-sales with their lines; `condition` and `suffix` are constants of this module's code."""
    found = rows.query(_AFTER_SALES + f"{condition} {suffix}", params)
    lines: dict[int, list[AfterSaleLineRef]] = {}
    for after_sale_id, *line in rows.query(_AFTER_SALE_LINES, [[row[0] for row in found]]):
        lines.setdefault(after_sale_id, []).append(_after_sale_line(line))
    return [_after_sale(row, lines.get(row[0], [])) for row in found]


def _after_sale(row: Sequence[Any], lines: list[AfterSaleLineRef]) -> AfterSaleRef:
    return AfterSaleRef(
        id=row[0],
        no=row[1],
        order_id=row[2],
        order_no=row[3],
        order_state=OrderState(row[4]),
        checkout_no=row[5],
        merchant_id=row[6],
        buyer_id=row[7],
        source=Source(row[8]),
        freight_id=row[9],
        kind=AfterSaleKind(row[10]),
        state=AfterSaleState(row[11]),
        reason=row[12],
        answer=row[17],
        freight_fen=row[13],
        amount_fen=row[13] + sum(line.amount_fen for line in lines),
        opened_at=row[14],
        decided_at=row[15],
        ended_at=row[16],
        reason_code=row[18],
        due_at=row[19],
        carrier=row[20],
        tracking_no=row[21],
        restocked=row[22],
        final=row[23],
        lines=lines,
    )


def _after_sale_line(row: Sequence[Any]) -> AfterSaleLineRef:
    return AfterSaleLineRef(
        line_id=row[0],
        line_no=row[1],
        product_id=row[2],
        sku_id=row[3],
        quantity=row[4],
        amount_fen=row[5],
        paid_fen=row[6],
        refunded_fen=row[7],
        refunded_quantity=row[8],
        unsent_quantity=row[9],
    )


def _by_order(found: Iterable[AfterSaleRef]) -> dict[int, list[AfterSaleRef]]:
    grouped: dict[int, list[AfterSaleRef]] = {}
    for one in found:
        grouped.setdefault(one.order_id, []).append(one)
    return grouped
