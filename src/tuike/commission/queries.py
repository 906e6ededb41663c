"""Reading accruals as they stand."""

from collections.abc import Iterable

from tuike.commission.types import AccrualShown, AccrualState, Payee, Review, Role
from tuike.db import rows


def accruals_of(sale_ids: Iterable[int]) -> list[AccrualShown]:
    """Return the accruals of sales, in the order in which they were made."""
    found = rows.query(
        "SELECT id, sale_id, payee_kind, payee_id, role, amount_fen, state, review FROM commission_accrual"
        " WHERE sale_id = ANY(%s) ORDER BY id",
        [list(sale_ids)],
    )
    return [
        AccrualShown(id_, sale_id, Payee(kind, payee_id), Role(role), fen, AccrualState(state), Review(review))
        for id_, sale_id, kind, payee_id, role, fen, state, review in found
    ]
