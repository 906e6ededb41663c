"""A merchant reads where its orders go; who looked, and at what, is recorded with the look."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.orders import queries as orders_of
from tuike.orders.types import Address, OrderRef, OrderState


def read_address(*, merchant_id: int, order_no: str, actor: Actor, now: datetime) -> Address | None:
    """Return where a merchant's own order goes, None where it has no address; audited.

    Raises:
        NotFound: there is no such order, or it is another merchant's.
    """
    with transaction.atomic(durable=True):
        order = orders_of.order_of_merchant(merchant_id=merchant_id, no=order_no)
        audit.record(actor=actor, action="order.address", object_=order.no, facts={}, now=now)
        return orders_of.address_of(order)


def orders_to_ship(
    *, merchant_id: int, limit: int, actor: Actor, now: datetime
) -> list[tuple[OrderRef, Address | None]]:
    """Return a merchant's paid orders that nothing was sent of, oldest first, with where they go; audited as one look.

    Orders whose after-sale nobody has decided are left out: they can't be shipped.
    """
    with transaction.atomic(durable=True):
        found = orders_of.waiting_to_ship(merchant_id=merchant_id, limit=limit)
        addresses = orders_of.addresses_of(found)
        facts = {"orders": len(found), "first": found[0].no if found else "", "last": found[-1].no if found else ""}
        audit.record(actor=actor, action="order.addresses", object_=str(merchant_id), facts=facts, now=now)
        return [(order, addresses.get(order.id)) for order in found if order.state is OrderState.PAID]
