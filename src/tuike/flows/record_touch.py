"""A visitor or buyer saw material: the touch, and the binding that the shop's policy makes of it."""

from datetime import datetime

from tuike.attribution import queries as attribution_queries
from tuike.attribution import service as attribution
from tuike.attribution.types import BindingPolicy, LinkFacts, Touched
from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.parties import queries as parties


@retry
def record_touch(
    *, ticket_or_code: str, now: datetime, visitor: str = "", buyer_id: int | None = None, key: str | None = None
) -> LinkFacts:
    """Record that the material of a ticket or short code was seen, and return it (docs/rules.md §4).

    The same key and content again is the same touch.

    Raises:
        BadTicket: something with a signature that isn't ours.
        LinkNotFound: nothing has this code.
        BadVisitor: neither a buyer nor a well-formed visitor.
        KeyMalformed, KeyUsedForOther: the key.
    """
    return keyed(
        scope=f"buyer:{buyer_id}:touch" if buyer_id is not None else f"visitor:{visitor}:touch",
        key=key,
        content={"seen": ticket_or_code},
        now=now,
        work=lambda: _touch(ticket_or_code, now, visitor, buyer_id).link,
        again=lambda: attribution_queries.link_of(ticket_or_code, now=now),
    )


def _touch(ticket_or_code: str, now: datetime, visitor: str, buyer_id: int | None) -> Touched:
    link = attribution_queries.link_of(ticket_or_code, now=now)
    shop = parties.merchant_facts([link.merchant_id])[link.merchant_id]
    policy = BindingPolicy(mode=shop.binding_mode, days=shop.binding_days)
    return attribution.touch(link=link, now=now, visitor=visitor, buyer_id=buyer_id, policy=policy)
