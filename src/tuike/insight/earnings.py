"""What a payee earned, order by order, as the payee reads it."""

from dataclasses import dataclass
from datetime import datetime

from tuike.commission.types import AccrualState, Payee, Review, Role
from tuike.db import rows


@dataclass(frozen=True, slots=True)
class Earning:
    """One accrual. `due_at` is None until receipt; it settles then, unless an after-sale is open or it is reviewed."""

    id: int
    order_no: str
    product_id: int | None
    title: str
    role: Role
    base_fen: int
    rate_bps: int
    amount_fen: int
    state: AccrualState
    review: Review
    accrued_at: datetime
    due_at: datetime | None
    settled_at: datetime | None


def earnings_of(
    payee: Payee, *, state: AccrualState | None = None, before_id: int | None = None, limit: int = 50
) -> list[Earning]:
    """Return a payee's own accruals, of one state or all, the latest first; `before_id` ends the page before."""
    found = rows.query(
        """
        SELECT a.id, s.order_no, s.product_id, coalesce(l.title, ''), a.role, a.base_fen, a.rate_bps, a.amount_fen,
            a.state, a.review, a.accrued_at, s.due_at, a.settled_at
        FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id LEFT JOIN orders_line l ON l.id = s.id
        WHERE a.payee_kind = %s AND a.payee_id = %s AND (%s::text IS NULL OR a.state = %s) AND (%s::bigint IS NULL
            OR (a.accrued_at, a.id) < (SELECT b.accrued_at, b.id FROM commission_accrual b WHERE b.id = %s))
        ORDER BY a.accrued_at DESC, a.id DESC LIMIT %s
        """,
        [payee.kind, payee.id, state, state, before_id, before_id, limit],
    )
    return [
        Earning(
            id_, no, product_id, title, Role(role), base, bps, fen, AccrualState(state), Review(review), at, due, done
        )
        for id_, no, product_id, title, role, base, bps, fen, state, review, at, due, done in found
    ]
