"""A verb with its caller's key: done once, in one transaction with the key.

Shared by the journeys that doors offer under an idempotency key; not a journey itself.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction

from tuike.idempotency import service as idempotency

T = TypeVar("T")


def owner_scope(merchant_id: int | None) -> str:
    """Return the beginning of a key's scope for what a shop, or the operator (None), makes."""
    return "operator" if merchant_id is None else f"merchant:{merchant_id}"


def keyed(
    *, scope: str, key: str | None, content: Any, now: datetime, work: Callable[[], T], again: Callable[[], T]
) -> T:
    """Do `work` in a transaction of its own and return what it returns; under a used key do nothing, return `again()`.

    For verbs whose answer is how a thing stands: `again` reads it as it stands now. Without a key (jobs, the command
    line, tests) it is just the transaction.

    Raises:
        KeyMalformed, KeyUsedForOther: see idempotency.
    """
    done: list[T] = []

    def first() -> dict[str, Any]:
        done.append(work())
        return {}

    with transaction.atomic(durable=True):
        if key is None:
            return work()
        idempotency.once(scope=scope, key=key, content=content, now=now, work=first)
        return done[0] if done else again()
