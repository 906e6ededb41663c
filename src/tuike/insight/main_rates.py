"""What a shop's main products are given now, and from when on another rate holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.db import rows
from tuike.kit.errors import NotFound


@dataclass(frozen=True, slots=True)
class MainRate:
    """A product's own rate (None: it is no main product), and the one from `next_at` on (None: the same stays)."""

    product: ProductFacts
    bps: int | None
    next_bps: int | None
    next_at: datetime | None


def main_rates(*, merchant_id: int, product_ids: Sequence[int], now: datetime) -> list[MainRate]:
    """Return a shop's own products with their rates as main products, in the given order.

    Raises:
        NotFound: one of them isn't the shop's.
    """
    products = catalog.product_facts(product_ids)
    if any(one not in products or products[one].merchant_id != merchant_id for one in product_ids):
        raise NotFound
    held: dict[int, list[tuple[datetime | None, datetime | None, int]]] = {}
    for product_id, *row in rows.query(
        "SELECT product_id, lower(valid), upper(valid), rate_bps FROM plans_rate WHERE lookup = ANY(%s)"
        " AND layer = 'main' AND valid && tstzrange(%s, NULL) ORDER BY lower(valid)",
        [[f"product:{one}" for one in product_ids], now],
    ):
        held.setdefault(product_id, []).append(tuple(row))
    return [_rate(products[one], held.get(one, []), now) for one in product_ids]


def _rate(product: ProductFacts, held: list[tuple[datetime | None, datetime | None, int]], now: datetime) -> MainRate:
    current = next((row for row in held if row[0] is None or row[0] <= now), None)
    later = next((row for row in held if row[0] is not None and row[0] > now), None)
    bps = current[2] if current else None
    if current and current[1] is not None and (later is None or later[0] != current[1]):
        return MainRate(product, bps, 0, current[1])
    if later is None:
        return MainRate(product, bps, None, None)
    return MainRate(product, bps, later[2], later[0])
