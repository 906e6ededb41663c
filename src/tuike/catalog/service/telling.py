"""Telling others that products are not what they were: the library looks at them anew."""

from collections.abc import Iterable
from datetime import datetime

from tuike.outbox import service as outbox

NAMED = 2_000
"""Products that one event names."""


def tell_products(product_ids: Iterable[int], now: datetime) -> None:
    """Tell that products changed, in the caller's transaction: what they cost, show, have on stock, or whether they are
    on sale (`product.changed`)."""
    ids = sorted(set(product_ids))
    parts = [ids[start : start + NAMED] for start in range(0, len(ids), NAMED)]
    outbox.put(topic="product.changed", events=[(str(part[0]), {"products": part}) for part in parts], now=now)


def tell_category(category_id: int, now: datetime) -> None:
    """Tell that a category's restriction changed, in the caller's transaction (`category.changed`)."""
    outbox.put(topic="category.changed", events=[(str(category_id), {"category": category_id})], now=now)
