"""Every table of the open data, in the order in which they are written."""

import hashlib

from tuike.insight.open_data import earned, money
from tuike.insight.open_data.shapes import Table

TABLES: dict[str, Table] = {
    one.name: one
    for one in (
        earned.ORDERS,
        earned.SALES,
        earned.SALE_REFUNDS,
        earned.ACCRUALS,
        earned.ACCRUAL_CHANGES,
        earned.CLICKS,
        money.REFUNDS,
        money.SETTLEMENTS,
        money.WITHDRAWALS,
        money.ENTRIES,
        money.DAILY_FIGURES,
        earned.PRODUCTS,
        money.PARTIES,
    )
}


def edition(table: Table) -> str:
    """Return a digest of what makes a table's files: another one, and every day of it is written anew."""
    said = [table.day, table.base, table.more, *(f"{one.name}:{one.kind}:{one.sql}" for one in table.columns)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
