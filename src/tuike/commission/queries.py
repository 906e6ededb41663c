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


def given_back_fen(*, sale_ids: Iterable[int], refunds: Iterable[str]) -> int:
    """Return how much less commission sales have since these refunds, in fen."""
    found = rows.query(
        "SELECT coalesce(-sum(c.delta_fen), 0)::bigint FROM commission_accrual a"
        " JOIN commission_change c ON c.accrual_id = a.id WHERE a.sale_id = ANY(%s) AND c.cause = ANY(%s)",
        [sorted(set(sale_ids)), list(refunds)],
    )
    return found[0][0]
