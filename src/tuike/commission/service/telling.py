"""Telling of what became of accruals, in events of bounded size."""

from collections.abc import Iterable
from datetime import datetime

from tuike.outbox import service as outbox

TOLD = 1_000
"""Sales or accruals that one event names."""


def tell(topic: str, *, sales: Iterable[int] = (), accruals: Iterable[int] = (), now: datetime) -> None:
    """Put `topic` into the outbox: with all accruals of `sales`, or with `accruals`, in events of up to 1,000 ids."""
    for name, ids in (("sales", sorted(set(sales))), ("accruals", sorted(set(accruals)))):
        parts = [ids[start : start + TOLD] for start in range(0, len(ids), TOLD)]
        if parts:
            outbox.put(topic=topic, events=[(str(part[0]), {name: part}) for part in parts], now=now)
