"""Reading accruals as they stand."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tuike.commission import rules
from tuike.commission.types import (
    AccrualShown,
    AccrualState,
    AdjustmentShown,
    Due,
    Funder,
    OrderStanding,
    Payee,
    Review,
    Reviewed,
    Role,
    SaleFacts,
    SaleTerms,
    Share,
    Source,
    Touched,
    Unheld,
)
from tuike.db import rows


def accruals_of(sale_ids: Iterable[int]) -> list[AccrualShown]:
    """Return the accruals of sales, in the order in which they were made."""
    return _accruals("sale_id = ANY(%s)", list(sale_ids))


def accruals_by_id(accrual_ids: Iterable[int]) -> list[AccrualShown]:
    """Return accruals by their own ids; unknown ones are missing."""
    return _accruals("id = ANY(%s)", list(accrual_ids))


def reviewed(accrual_ids: Iterable[int]) -> dict[int, Reviewed]:
    """Return how the review of accruals stands, by their ids; unknown ones are missing."""
    found = rows.query(
        "SELECT a.id, a.sale_id, s.order_no, a.merchant_id, a.payee_kind, a.payee_id, a.amount_fen, a.state, a.review,"
        " a.held_at, a.rejected_at, coalesce(-c.delta_fen, 0) FROM commission_accrual a"
        " JOIN commission_sale s ON s.id = a.sale_id"
        " LEFT JOIN commission_change c ON c.accrual_id = a.id AND c.cause = 'reject:' || a.id WHERE a.id = ANY(%s)",
        [sorted(set(accrual_ids))],
    )
    return {
        id_: Reviewed(id_, sale, order, shop, Payee(kind, payee), fen, AccrualState(state), Review(review), *rest)
        for id_, sale, order, shop, kind, payee, fen, state, review, *rest in found
    }


def held_until(*, before: datetime) -> list[tuple[int, datetime, int]]:
    """Return what is held since `before` (which counts) or longer: (accrual, since when, fen), the oldest first."""
    return rows.query(
        "SELECT id, held_at, amount_fen FROM commission_accrual WHERE review = 'held' AND held_at <= %s"
        " ORDER BY held_at, id",
        [before],
    )


def touched_by_orders(order_nos: Iterable[str]) -> list[Touched]:
    """Return the accruals of paid orders by the orders' numbers; one without a payee for an order that earns nobody."""
    return _touched("s.order_no = ANY(%s)", sorted(set(order_nos)))


def touched_by_sales(sale_ids: Iterable[int]) -> list[Touched]:
    """Return the accruals of sales; one without a payee for a sale that earns nobody."""
    return _touched("s.id = ANY(%s)", sorted(set(sale_ids)))


def standings_of(order_nos: Iterable[str]) -> dict[str, OrderStanding]:
    """Return how paid orders stand, by number; those of which no goods were paid are missing."""
    found = rows.query(
        "SELECT s.order_no, sum(s.paid_fen)::bigint, sum(s.refunded_fen)::bigint, max(s.due_at),"
        " bool_and(s.matured_batch_id IS NOT NULL),"
        " sum((SELECT coalesce(sum(a.amount_fen), 0) FROM commission_accrual a WHERE a.sale_id = s.id"
        " AND a.state <> 'rejected'))::bigint"
        " FROM commission_sale s WHERE s.order_no = ANY(%s) AND s.kind = 'goods' GROUP BY 1",
        [sorted(set(order_nos))],
    )
    return {no: OrderStanding(*rest) for no, *rest in found}


def touched_by_accruals(accrual_ids: Iterable[int]) -> list[Touched]:
    """Return accruals with their orders."""
    return _touched("a.id = ANY(%s)", sorted(set(accrual_ids)))


def adjustment(no: str) -> AdjustmentShown | None:
    """Return a correction by its number."""
    return next(iter(adjustments([no])), None)


def adjustments(nos: Iterable[str]) -> list[AdjustmentShown]:
    """Return corrections by their numbers; unknown ones are missing."""
    found = rows.query(
        "SELECT no, payee_kind, payee_id, sale_id, amount_fen, reason, state, author_id, approver_id, asked_at,"
        " decided_at FROM commission_adjustment WHERE no = ANY(%s) ORDER BY id",
        [sorted(set(nos))],
    )
    return [AdjustmentShown(no, Payee(kind, payee_id), *rest) for no, kind, payee_id, *rest in found]


def first_sale_of(order_no: str) -> int | None:
    """Return the id of an order's first sale of goods, None where nothing of it was paid."""
    found = rows.query(
        "SELECT id FROM commission_sale WHERE order_no = %s AND kind = 'goods' ORDER BY id LIMIT 1", [order_no]
    )
    return found[0][0] if found else None


def shares_of(terms: SaleTerms, *, base_fen: int, quantity: int) -> list[Share]:
    """Return what everybody would earn from a sale on these terms: for showing it before anything is sold."""
    return rules.shares(terms, base_fen=base_fen, quantity=quantity)


def settled_by_merchant(payee: Payee) -> dict[int, int]:
    """Return what has settled for a payee by merchant, in fen, less what later refunds took back of it."""
    found = rows.query(
        "SELECT merchant_id, sum(amount_fen)::bigint FROM commission_accrual"
        " WHERE payee_kind = %s AND payee_id = %s AND settled_at IS NOT NULL GROUP BY merchant_id",
        [payee.kind, payee.id],
    )
    return dict(found)


def promoted(order_nos: Iterable[str]) -> list[tuple[int, int, int, int | None, datetime]]:
    """Return whose direct commission lines of orders brought: (sale, promoter, merchant, product, paid at)."""
    return rows.query(
        "SELECT s.id, a.payee_id, s.merchant_id, s.product_id, s.paid_at FROM commission_sale s"
        " JOIN commission_accrual a ON a.sale_id = s.id AND a.role = 'direct'"
        " WHERE s.order_no = ANY(%s) AND s.kind = 'goods'",
        [sorted(set(order_nos))],
    )


_COUNTED = {
    "pieces": "sum(s.quantity - s.refunded_quantity)",
    "orders": "count(DISTINCT s.order_no)",
    "paid": "sum(s.paid_fen - s.refunded_fen)",
}


def counted(
    *,
    promoter_ids: Iterable[int],
    merchant_id: int | None,
    product_ids: Sequence[int],
    begin: datetime,
    end: datetime,
    measure: str,
    sale_ids: Sequence[int] | None = None,
) -> dict[int, tuple[int, tuple[int, ...]]]:
    """Return what promoters sold that was paid from `begin` until before `end` and is left, and the sales it was
    counted from: pieces, orders, or fen paid for goods, as `measure` says. Of one shop or all, of some products or
    (none named) all; where given of `sale_ids` alone. Own purchases and what was rejected count nothing; nor does a
    line that went back whole."""
    found = rows.query(
        f"SELECT a.payee_id, {_COUNTED[measure]}::bigint, array_agg(s.id ORDER BY s.id)"
        " FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id"
        " WHERE a.payee_kind = 'promoter' AND a.payee_id = ANY(%s) AND a.role = 'direct' AND a.review <> 'rejected'"
        " AND s.kind = 'goods' AND s.paid_at >= %s AND s.paid_at < %s AND s.paid_fen > s.refunded_fen"
        " AND (%s::bigint IS NULL OR s.merchant_id = %s) AND (%s OR s.product_id = ANY(%s))"
        " AND (%s OR s.id = ANY(%s)) GROUP BY 1",
        [
            *(sorted(set(promoter_ids)), begin, end, merchant_id, merchant_id),
            *(not product_ids, list(product_ids), sale_ids is None, list(sale_ids or ())),
        ],
    )
    return {promoter: (count, tuple(ids)) for promoter, count, ids in found}


def settled_measures(*, after: int, until: int, since: datetime, now: datetime, by_orders: bool) -> dict[int, int]:
    """Return by promoter, for ids above `after` up to `until`, what settled of its sales from `since` to `now` (both
    edges count) and wasn't given back: their base in fen, or how many orders they are. Direct commission counts alone:
    neither a promoter's own purchases nor what its recruits sell."""
    what = "count(DISTINCT s.order_no)" if by_orders else "sum(a.base_fen)::bigint"
    join = "JOIN commission_sale s ON s.id = a.sale_id" if by_orders else ""
    found = rows.query(
        f"SELECT a.payee_id, {what} FROM commission_accrual a {join}"
        " WHERE a.payee_kind = 'promoter' AND a.payee_id > %s AND a.payee_id <= %s AND a.role = 'direct'"
        " AND a.state = 'settled' AND a.settled_at >= %s AND a.settled_at <= %s AND a.base_fen > 0 GROUP BY 1",
        [after, until, since, now],
    )
    return dict(found)


def given_back_fen(*, sale_ids: Iterable[int], refunds: Iterable[str]) -> int:
    """Return how much less commission sales have since these refunds, in fen."""
    found = rows.query(
        "SELECT coalesce(-sum(c.delta_fen), 0)::bigint FROM commission_accrual a"
        " JOIN commission_change c ON c.accrual_id = a.id WHERE a.sale_id = ANY(%s) AND c.cause = ANY(%s)",
        [sorted(set(sale_ids)), list(refunds)],
    )
    return found[0][0]


def _touched(where: str, values: Sequence[str] | Sequence[int]) -> list[Touched]:
    # S608: the condition is one of this file's constants.
    found = rows.query(
        "SELECT CASE WHEN s.kind = 'target' THEN '' ELSE s.order_no END, s.merchant_id, s.id, a.id, a.payee_kind,"
        " a.payee_id FROM commission_sale s"
        f" LEFT JOIN commission_accrual a ON a.sale_id = s.id WHERE {where} ORDER BY s.id, a.id",
        [list(values)],
    )
    return [Touched(*row[:4], Payee(*row[4:]) if row[3] is not None else None) for row in found]


def _accruals(where: str, ids: list[int]) -> list[AccrualShown]:
    # S608: the condition is one of this file's constants.
    found = rows.query(
        "SELECT id, sale_id, payee_kind, payee_id, role, amount_fen, state, review FROM commission_accrual"
        f" WHERE {where} ORDER BY id",
        [ids],
    )
    return [
        AccrualShown(id_, sale_id, Payee(kind, payee_id), Role(role), fen, AccrualState(state), Review(review))
        for id_, sale_id, kind, payee_id, role, fen, state, review in found
    ]


def unheld_of(order_nos: Iterable[str]) -> list[Unheld]:
    """Return the accruals of orders' goods that are clear and haven't settled, as they were booked; the platform's own
    share is left out."""
    found = rows.query(
        "SELECT a.id, a.accrued_at, a.role, a.payee_kind, a.payee_id, a.rate_bps, a.rate_id, a.first_fen, a.funder,"
        " s.id, s.order_no, s.merchant_id, s.source, s.quantity, s.paid_fen, s.placed_at, s.paid_at, s.terms::text,"
        " s.product_id FROM commission_sale s JOIN commission_accrual a ON a.sale_id = s.id"
        " WHERE s.order_no = ANY(%s) AND s.kind = 'goods' AND a.role <> 'platform' AND a.review = 'clear'"
        " AND a.state IN ('waiting', 'pending') ORDER BY s.id, a.id",
        [sorted(set(order_nos))],
    )
    made = []
    for id_, at, role, kind, payee_id, bps, rate_id, fen, funder, *sale in found:
        share = Share(Role(role), Payee(kind, payee_id), bps, rate_id, fen, funder=Funder(funder))
        made.append(Unheld(Due(id_, _facts(sale), share), at))
    return made


def _facts(row: Sequence[Any]) -> SaleFacts:
    sale_id, no, merchant_id, source, quantity, paid_fen, placed_at, paid_at, terms, product_id = row
    return SaleFacts(
        sale_id=sale_id,
        order_no=no,
        merchant_id=merchant_id,
        source=Source(source),
        quantity=quantity,
        paid_fen=paid_fen,
        placed_at=placed_at,
        paid_at=paid_at,
        terms=SaleTerms.from_json(json.loads(terms)),
        product_id=product_id,
    )


def lines_between(
    promoter_ids: Iterable[int], *, since: Sequence[datetime], until: datetime
) -> dict[int, tuple[int, ...]]:
    """Return promoter → lines that it brought and that were booked from each of some instants until another (all of
    these count); who brought none since the first of them is missing."""
    counts = ", ".join("count(*) FILTER (WHERE accrued_at >= %s)" for _ in since)
    found = rows.query(
        f"SELECT payee_id, {counts} FROM commission_accrual WHERE payee_kind = 'promoter' AND payee_id = ANY(%s)"
        " AND accrued_at BETWEEN %s AND %s AND role IN ('direct', 'self') GROUP BY payee_id",
        [*since, list(promoter_ids), min(since), until],
    )
    return {payee_id: tuple(counted) for payee_id, *counted in found}


def held_and_owed(payee: Payee, *, since: datetime) -> tuple[int, int]:
    """Return what of a payee's commission is held for review, and what became its debt since an instant, in fen."""
    found = rows.query(
        """
        SELECT (SELECT coalesce(sum(amount_fen), 0)::bigint FROM commission_accrual
                WHERE payee_kind = %(kind)s AND payee_id = %(id)s AND review = 'held'),
            (SELECT coalesce(sum(amount_fen), 0)::bigint FROM commission_debt
                WHERE payee_kind = %(kind)s AND payee_id = %(id)s AND at >= %(since)s)
        """,
        {"kind": payee.kind, "id": payee.id, "since": since},
    )
    held_fen, owed_fen = found[0]
    return held_fen, owed_fen
