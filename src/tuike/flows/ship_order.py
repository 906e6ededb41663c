"""A merchant ships."""

from datetime import datetime

from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import OrderRef
from tuike.outbox import service as outbox


@retry
def ship_order(
    *, merchant_id: int, order_no: str, carrier: str, tracking_no: str, now: datetime, key: str | None = None
) -> OrderRef:
    """Record a parcel of a merchant's own paid order; the same parcel twice is one parcel.

    Raises:
        NotFound, NotInThisState, DecideAfterSaleFirst, TextTooLong: see orders.ship.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> OrderRef:
        order = orders.ship(
            merchant_id=merchant_id, order_no=order_no, carrier=carrier, tracking_no=tracking_no, now=now
        )
        told = {"merchant_id": merchant_id, "carrier": carrier}
        outbox.put(topic="order.shipped", events=[(order.no, told)], now=now)
        return order

    return keyed(
        scope=f"merchant:{merchant_id}:ship_order",
        key=key,
        content={"order": order_no, "carrier": carrier, "tracking_no": tracking_no},
        now=now,
        work=work,
        again=lambda: orders_of.order_of_merchant(merchant_id=merchant_id, no=order_no),
    )
