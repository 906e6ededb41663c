"""The operator curates the library: products put on the list, taken off, moved."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.kit.errors import Invalid, NotFound
from tuike.library import queries
from tuike.library import service as library


@retry
def pick(*, product_ids: Sequence[int], actor: Actor, now: datetime) -> int:
    """Put products at the head of the curated list; return how many are new on it.

    Raises:
        NotFound: a product that doesn't exist.
    """
    with transaction.atomic(durable=True):
        return library.pick(product_ids=product_ids, actor=actor, now=now)


@retry
def unpick(*, product_ids: Sequence[int], actor: Actor, now: datetime) -> int:
    """Take products off the curated list; return how many stood on it."""
    with transaction.atomic(durable=True):
        return library.unpick(product_ids=product_ids, actor=actor, now=now)


@retry
def move(*, product_id: int, way: str, actor: Actor, now: datetime) -> None:
    """Move a curated product: `up`, `down`, or to the `top`. At an end it stays where it is.

    Raises:
        NotFound: it isn't on the list. Invalid: another way.
    """
    with transaction.atomic(durable=True):
        order = [id_ for id_, _ in queries.picks()]
        if product_id not in order:
            raise NotFound
        at = order.index(product_id)
        places = {"up": max(0, at - 1), "down": at + 2, "top": 0}
        if way not in places:
            raise Invalid(field="way", reason_zh="请选择移动方向", reason_en="choose a direction")
        before = order[places[way]] if places[way] < len(order) else None
        library.move_pick(product_id=product_id, before_id=before, actor=actor, now=now)
