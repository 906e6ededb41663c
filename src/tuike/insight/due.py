"""What waits to be settled."""

from datetime import datetime

from tuike.db import rows


def due_sales(until: datetime) -> int:
    """Return how many sales can be settled of what is due at `until` (docs/rules.md §6)."""
    return rows.query(
        "SELECT count(*) FROM commission_sale WHERE matured_batch_id IS NULL AND due_at <= %s AND open_after_sales = 0"
        " AND NOT waiting",
        [until],
    )[0][0]
