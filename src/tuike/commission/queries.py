"""Reading accruals, by whoever they are paid to."""

from tuike.commission.types import AccrualShown, AccrualState, Payee, Review, Role
from tuike.db import rows


def accruals_of(payee: Payee, *, before_id: int | None = None, limit: int = 50) -> list[AccrualShown]:
    """Return a payee's own accruals, the latest first; `before_id` is the last one of the page before."""
    found = rows.query(
        """
        SELECT a.id, s.order_no, s.product_id, s.merchant_id, a.role, a.base_fen, a.rate_bps, a.amount_fen, a.state,
            a.review, a.accrued_at, s.due_at, a.settled_at
        FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
        WHERE a.payee_kind = %s AND a.payee_id = %s AND (%s::bigint IS NULL OR a.id < %s)
        ORDER BY a.id DESC LIMIT %s
        """,
        [payee.kind, payee.id, before_id, before_id, limit],
    )
    return [
        AccrualShown(*row[:4], Role(row[4]), *row[5:8], AccrualState(row[8]), Review(row[9]), *row[10:])
        for row in found
    ]
