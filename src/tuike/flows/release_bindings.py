"""Bindings are given up: by a merchant's administrators with a reason, or by the buyer (docs/rules.md §4)."""

from datetime import datetime

from django.db import transaction

from tuike.attribution import service as attribution
from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.kit.errors import Forbidden, NotFound
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Role

_ROLES = frozenset({Role.SUPER_ADMIN, Role.ADMIN})


@retry
def release_by_merchant(*, merchant_id: int, binding_id: int, reason: str, actor: Actor, now: datetime) -> None:
    """Give a buyer's binding up at a merchant; its promoter is told. Audited.

    Raises:
        NotFound: no seat there. Forbidden: another role than an administrator's.
        Invalid: no reason. NotBound: no such binding of the merchant's holds.
    """
    why = operators.reason(reason)
    with transaction.atomic(durable=True):
        seat = parties.seat_of(actor.person_id or 0, merchant_id)
        if seat is None or seat.party.kind is not PartyKind.MERCHANT:
            raise NotFound
        if seat.role not in _ROLES:
            raise Forbidden
        promoter_id = attribution.release_by_merchant(
            merchant_id=merchant_id, binding_id=binding_id, reason=why, actor=actor, now=now
        )
        facts = {"shop": seat.party.name, "reason": why}
        messages.tell(party_id=promoter_id, kind="binding_released", facts=facts, now=now)


@retry
def release_by_buyer(*, merchant_no: str, buyer_id: int, now: datetime) -> None:
    """Give up being bound at a shop.

    Raises:
        NotFound: no such shop. NotBound: the buyer isn't bound there now.
    """
    shop = parties.shop(merchant_no)
    with transaction.atomic(durable=True):
        attribution.release_by_buyer(merchant_id=shop.id, buyer_id=buyer_id, now=now)
