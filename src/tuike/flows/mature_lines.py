"""Everything that is due becomes available: a journey in bounded batches that may stop and go on anywhere."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tuike.commission import service as commission
from tuike.db.retry import retry
from tuike.outbox import service as outbox
from tuike.settlement import service as settlement
from tuike.settlement.types import Part

BATCH = 100_000
"""Sales a transaction: bounds its memory and how long its locks are held."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of maturity did."""

    batches: int = 0
    sales: int = 0
    accruals: int = 0
    amount_fen: int = 0

    def plus(self, other: "Run") -> "Run":
        """Return both runs together."""
        return Run(
            self.batches + other.batches,
            self.sales + other.sales,
            self.accruals + other.accruals,
            self.amount_fen + other.amount_fen,
        )


def mature_lines(
    *, until: datetime, now: datetime, batch: int = BATCH, report: Callable[[Run], None] = lambda _: None
) -> Run:
    """Release everything due at `until`, batch after batch; each one is committed by itself (docs/rules.md §8).

    Stopped in between it goes on where it was; run again it changes nothing. `report` is told the sum after each batch.
    """
    done = Run()
    while True:
        one = _mature_batch(until=until, now=now, batch=batch)
        if not one.batches:
            return done
        done = done.plus(one)
        report(done)


@retry
def _mature_batch(*, until: datetime, now: datetime, batch: int) -> Run:
    with transaction.atomic(durable=True):
        batch_id, no = settlement.open_batch(now=now)
        matured = commission.mature(until=until, batch_id=batch_id, batch_no=no, limit=batch, now=now)
        if not matured.sales and not matured.accruals:
            return Run()
        parts = [
            Part(p.payee.kind, p.payee.id, p.merchant_id, p.items, p.amount_fen, p.transfer_id) for p in matured.parts
        ]
        settlement.close_batch(
            batch_id=batch_id,
            no=no,
            until=until,
            sales=matured.sales,
            accruals=matured.accruals,
            parts=parts,
            now=now,
        )
        amount_fen = sum(part.amount_fen for part in parts)
        # Counts: elsewhere in the outbox `sales` and `accruals` are lists of ids.
        counts = {"sale_count": matured.sales, "accrual_count": matured.accruals}
        facts = {"id": batch_id, **counts, "amount_fen": amount_fen}
        outbox.put(topic="settlement.batch", events=[(no, facts)], now=now)
        return Run(1, matured.sales, matured.accruals, amount_fen)
