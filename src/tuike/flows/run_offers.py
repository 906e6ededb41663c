"""Drafts of offers for targets: made, and deleted while they are drafts; `tend_rewards` publishes them."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.flows.keyed import owner_scope
from tuike.idempotency import service as idempotency
from tuike.rewards import service as rewards
from tuike.rewards.types import NewOffer


@retry
def create_offer(*, merchant_id: int | None, offer: NewOffer, actor: Actor, key: str | None, now: datetime) -> str:
    """Make a draft of a shop's offer, or of the operator's (`merchant_id` None), and return its number; the same key
    makes no second one.

    Raises:
        Forbidden: for the operator's, no deciding seat. Invalid, NotFound: see rewards.create_offer.
        KeyMalformed, KeyUsedForOther: the key.
    """
    with transaction.atomic(durable=True):
        _check_seat(merchant_id, actor)
        if key is None:
            return rewards.create_offer(merchant_id=merchant_id, offer=offer, actor=actor, now=now)
        done = idempotency.once(
            scope=f"{owner_scope(merchant_id)}:create_offer",
            key=key,
            content=_content(offer),
            now=now,
            work=lambda: {
                "no": rewards.create_offer(merchant_id=merchant_id, offer=offer, actor=actor, now=now),
            },
        )
    return str(done["no"])


@retry
def delete_offer(*, merchant_id: int | None, no: str, actor: Actor, now: datetime) -> None:
    """Delete a draft.

    Raises:
        Forbidden: for the operator's, no deciding seat. NotFound, OfferNotDraft: see rewards.delete_offer.
    """
    with transaction.atomic(durable=True):
        _check_seat(merchant_id, actor)
        rewards.delete_offer(merchant_id=merchant_id, no=no, actor=actor, now=now)


def _check_seat(merchant_id: int | None, actor: Actor) -> None:
    """Let deciding seats of the operator alone spend the platform's money; a shop's seats are checked at its door."""
    if merchant_id is None:
        operators.require(actor, operators.DECIDERS)


def _content(offer: NewOffer) -> dict[str, Any]:
    said = asdict(offer)
    return said | {name: said[name].isoformat() for name in ("starts_at", "ends_at")}
