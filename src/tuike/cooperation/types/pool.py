"""The curated pool (好物联盟)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PoolState(StrEnum):
    """Where a product that was applied for stands; `exits` says what may follow (docs/rules.md §9)."""

    APPLIED = "applied"
    LISTED = "listed"
    REJECTED = "rejected"
    REMOVED = "removed"

    @property
    def exits(self) -> "frozenset[PoolState]":
        """Return the states that may follow this one."""
        return _EXITS[self]


_EXITS = {
    PoolState.APPLIED: frozenset({PoolState.LISTED, PoolState.REJECTED, PoolState.REMOVED}),
    PoolState.LISTED: frozenset({PoolState.REMOVED}),
    PoolState.REJECTED: frozenset(),
    PoolState.REMOVED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class PoolShown:
    """A product that its shop wants, or wanted, in the pool."""

    application_id: int
    merchant_id: int
    product_id: int
    state: PoolState
    reason: str
    applied_at: datetime
    decided_at: datetime | None
