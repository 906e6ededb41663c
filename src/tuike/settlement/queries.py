"""Reads of settlement."""

import hashlib
from datetime import datetime

from tuike.db import rows


def matured_digest(until: datetime) -> str:
    """Return one digest (hex) over everything that was matured with a due day up to `until`.

    Summed per payee and merchant, so that it doesn't depend on how the work was cut into batches, on where it ran, or
    on how often: the same due sales give the same digest.
    """
    found = rows.query(
        "SELECT p.payee_kind, p.payee_id, p.merchant_id, sum(p.items), sum(p.amount_fen) FROM settlement_part p"
        " JOIN settlement_batch b ON b.id = p.batch_id WHERE b.due_until <= %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        [until],
    )
    return hashlib.sha256("\n".join("|".join(map(str, row)) for row in found).encode()).hexdigest()
