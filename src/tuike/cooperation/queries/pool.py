"""Reads of the curated pool (好物联盟)."""

from collections.abc import Collection
from typing import Any

from tuike.cooperation.types import PoolShown, PoolState
from tuike.db import rows

_POOL = "SELECT id, merchant_id, product_id, state, reason, applied_at, decided_at FROM cooperation_pool"
MOST = 200
"""Rows a page."""


def pool(*, before_id: int | None = None, limit: int = 20) -> list[PoolShown]:
    """Return a page of what is in the pool: for leaders and promoters, the latest first."""
    return _read("state = 'listed'", {}, before_id, limit)


def pool_to_decide(*, before_id: int | None = None, limit: int = 20) -> list[PoolShown]:
    """Return a page of what shops applied for: for the operator."""
    return _read("state = 'applied'", {}, before_id, limit)


def pool_of_merchant(
    *, merchant_id: int, states: Collection[PoolState] = (), before_id: int | None = None, limit: int = 20
) -> list[PoolShown]:
    """Return a page of a shop's own applications, newest first."""
    wanted = {"merchant": merchant_id, "states": [state.value for state in states or PoolState]}
    return _read("merchant_id = %(merchant)s AND state = ANY(%(states)s)", wanted, before_id, limit)


def _read(where: str, params: dict[str, Any], before_id: int | None, limit: int) -> list[PoolShown]:
    found = rows.query(
        f"{_POOL} WHERE {where} AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
        params | {"before": before_id, "limit": min(limit, MOST)},
    )
    return [PoolShown(*row[:3], PoolState(row[3]), *row[4:]) for row in found]
