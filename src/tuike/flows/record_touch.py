"""A visitor or buyer saw material: the touch, and the binding that the shop's policy makes of it."""

from datetime import datetime

from django.db import transaction

from tuike.attribution import queries as attribution_queries
from tuike.attribution import service as attribution
from tuike.attribution.types import BindingPolicy, Touched
from tuike.db.retry import retry
from tuike.parties import queries as parties


@retry
@transaction.atomic(durable=True)
def record_touch(*, ticket_or_code: str, now: datetime, visitor: str = "", buyer_id: int | None = None) -> Touched:
    """Record that the material of a ticket or short code was seen (docs/rules.md §4).

    Raises:
        BadTicket: something with a signature that isn't ours.
        LinkNotFound: nothing has this code.
        BadVisitor: neither a buyer nor a well-formed visitor.
    """
    link = attribution_queries.link_of(ticket_or_code, now=now)
    shop = parties.merchant_facts([link.merchant_id])[link.merchant_id]
    policy = BindingPolicy(mode=shop.binding_mode, days=shop.binding_days)
    return attribution.touch(link=link, now=now, visitor=visitor, buyer_id=buyer_id, policy=policy)
