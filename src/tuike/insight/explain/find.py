"""Which thing a number is of."""

import re

from tuike.insight.explain import corrections, money, returns, sales
from tuike.insight.explain.types import Receipt, UnknownNumber
from tuike.kit.errors import NotFound

_ACCRUAL = re.compile(r"[Aa](\d{1,18})")


def explain(no: str) -> list[Receipt]:
    """Return the receipts of a number: an order (ours or an external one, which several shops may have), an accrual
    `A<id>`, a withdrawal, refund, after-sale, adjustment, settlement batch, monthly statement (`<party>-2026-03`) or
    transfer key.

    Raises:
        UnknownNumber: nothing has it.
    """
    no = no.strip()
    if "\0" not in no and 0 < len(no) <= 120:
        found = sales.orders("no = %s", [no]) or _one(no) or sales.orders("external_no = %s", [no])
        if found:
            return found
    raise UnknownNumber(no=no[:120])


def explain_shop_order(*, merchant_id: int, no: str) -> Receipt:
    """Return the receipt of a shop's own order.

    Raises:
        NotFound: there is no such order, or it is another shop's.
    """
    found = sales.orders("no = %s AND merchant_id = %s", [no, merchant_id]) if "\0" not in no else []
    if not found:
        raise NotFound
    return found[0]


def explain_accrual(accrual_id: int) -> Receipt:
    """Return the receipt of an accrual whose id is known: nothing else is looked for under its number.

    Raises:
        UnknownNumber: there is none.
    """
    receipt = sales.accrual(accrual_id)
    if receipt is None:
        raise UnknownNumber(no=f"A{accrual_id}")
    return receipt


def _one(no: str) -> list[Receipt]:
    """Return the receipt of whatever else has the number; an accrual's is looked for last, for it is short."""
    readings = (
        money.withdrawal,
        returns.refund,
        returns.after_sale,
        corrections.adjustment,
        money.batch,
        corrections.statement,
        money.transfer,
    )
    for reading in readings:
        receipt = reading(no)
        if receipt is not None:
            return [receipt]
    match = _ACCRUAL.fullmatch(no)
    receipt = sales.accrual(int(match[1])) if match else None
    return [receipt] if receipt else []
