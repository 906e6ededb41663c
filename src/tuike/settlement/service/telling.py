"""Telling of what became of withdrawals."""

from collections.abc import Iterable
from datetime import datetime

from tuike.outbox import service as outbox
from tuike.settlement.types import WithdrawalState


def tell(moved: Iterable[tuple[str, int, WithdrawalState]], *, now: datetime) -> None:
    """Put one `withdrawal.changed` per (number, party, state it is in now) into the outbox."""
    told = [(no, {"party_id": party_id, "state": str(state)}) for no, party_id, state in moved]
    if told:
        outbox.put(topic="withdrawal.changed", events=told, now=now)
