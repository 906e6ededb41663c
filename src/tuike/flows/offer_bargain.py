"""A shop offers a choice of a product to be bargained for, or stops."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.idempotency import service as idempotency
from tuike.marketing import queries as bargains
from tuike.marketing import service as marketing
from tuike.marketing.types import BargainOffer, NewBargainOffer


@retry
def create_bargain_offer(
    *, merchant_id: int, offer: NewBargainOffer, actor: Actor, key: str, now: datetime
) -> BargainOffer:
    """Make an offer; the same key again gives the same one.

    Raises:
        FunctionOff, NotFound, NotOnSale, Invalid: see marketing.create_bargain_offer.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        made = marketing.create_bargain_offer(merchant_id=merchant_id, offer=offer, actor=actor, now=now)
        return {"no": made.no}

    content = {name: str(value) for name, value in asdict(offer).items()}
    with transaction.atomic(durable=True):
        scope = f"merchant:{merchant_id}:create_bargain_offer"
        made = idempotency.once(scope=scope, key=key, content=content, now=now, work=work)
        return bargains.offer_of(merchant_id=merchant_id, no=made["no"])


@retry
def stop_bargain_offer(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> BargainOffer:
    """Let nobody start any more; what runs goes on.

    Raises:
        NotFound, BargainNotOpen: see marketing.stop_bargain_offer.
    """
    with transaction.atomic(durable=True):
        return marketing.stop_bargain_offer(merchant_id=merchant_id, no=no, actor=actor, now=now)
