"""Maturity batches: a number before, the parts and the digest after."""

from collections.abc import Sequence
from datetime import datetime

from tuike.db import ids, rows
from tuike.kit.ids import number
from tuike.settlement import rules
from tuike.settlement.types import Part

_PART = {
    "id": "bigint",
    "batch_id": "bigint",
    "payee_kind": "text",
    "payee_id": "bigint",
    "merchant_id": "bigint",
    "items": "int",
    "amount_fen": "bigint",
    "transfer_id": "bigint",
}


def open_batch(*, now: datetime) -> tuple[int, str]:
    """Return id and number of a batch about to be matured."""
    batch_id = ids.take_one("settlement_batch")
    return batch_id, number("S", batch_id, now)


def close_batch(
    *, batch_id: int, no: str, until: datetime, sales: int, accruals: int, parts: Sequence[Part], now: datetime
) -> bytes:
    """Store what a batch matured and return its digest, in the transaction that matured it."""
    digest = rules.batch_digest(parts)
    amount_fen = sum(part.amount_fen for part in parts)
    rows.run(
        "INSERT INTO settlement_batch (id, no, due_until, sales, accruals, amount_fen, digest, at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
        [batch_id, no, until, sales, accruals, amount_fen, digest, now],
    )
    new_ids = ids.take("settlement_part", len(parts))
    rows.insert(
        "settlement_part",
        _PART,
        (
            (id_, batch_id, p.payee_kind, p.payee_id, p.merchant_id, p.items, p.amount_fen, p.transfer_id)
            for id_, p in zip(new_ids, parts, strict=True)
        ),
    )
    return digest
