"""A merchant ships."""

from datetime import datetime

from django.db import transaction

from tuike.db.retry import retry
from tuike.orders import service as orders
from tuike.orders.types import OrderRef
from tuike.outbox import service as outbox


@retry
def ship_order(*, merchant_id: int, order_no: str, carrier: str, tracking_no: str, now: datetime) -> OrderRef:
    """Record a parcel of a merchant's own paid order; the same parcel twice is one parcel.

    Raises:
        NotFound, NotInThisState, DecideAfterSaleFirst, TextTooLong: see orders.ship.
    """
    with transaction.atomic(durable=True):
        order = orders.ship(
            merchant_id=merchant_id, order_no=order_no, carrier=carrier, tracking_no=tracking_no, now=now
        )
        outbox.put(topic="order.shipped", events=[(order.no, {"carrier": carrier})], now=now)
        return order
