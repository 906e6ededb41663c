"""Goods come back: the buyer sends them, the merchant looks at them, and only then the money goes."""

from datetime import datetime

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import refund_order, turns
from tuike.flows.keyed import keyed
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import AfterSaleRef, AfterSaleState
from tuike.outbox import service as outbox


@retry
def send_back(
    *, buyer_id: int, no: str, carrier: str, tracking_no: str, now: datetime, key: str | None = None
) -> AfterSaleRef:
    """Let a buyer name the parcel in which the goods come back; the shop is told.

    Raises:
        NotFound, OverDue, AfterSaleDecided, TextTooLong: see orders.send_back.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> AfterSaleRef:
        sent = orders.send_back(no=no, buyer_id=buyer_id, carrier=carrier, tracking_no=tracking_no, now=now)
        outbox.put(topic="after_sale.sent", events=[turns.told(sent)], now=now)
        turns.shop_is_told("after_sale_sent", sent, now)
        return sent

    return keyed(
        scope=f"buyer:{buyer_id}:send_back",
        key=key,
        content={"no": no, "carrier": carrier, "tracking_no": tracking_no},
        now=now,
        work=work,
        again=lambda: orders_of.after_sale_of_buyer(buyer_id=buyer_id, no=no),
    )


@retry
def receive_goods(
    *, no: str, merchant_id: int, restock: bool, actor: Actor, now: datetime, key: str | None = None
) -> AfterSaleRef:
    """Confirm that the goods came back: the money goes to the buyer; `restock`: they can be sold again. Audited.

    Raises:
        NotFound, AfterSaleDecided, NothingLeft: see orders.approve_after_sales.
        RefundTooMuch, RefundTooOften, RefundTooOld: see payments.open_refunds.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> AfterSaleRef:
        return refund_order.approve_after_sales(
            [no], merchant_id=merchant_id, actor=actor, now=now, was=AfterSaleState.SENT, restock=restock
        )[0]

    return keyed(
        scope=f"merchant:{merchant_id}:receive_goods",
        key=key,
        content={"no": no, "restock": restock},
        now=now,
        work=work,
        again=lambda: orders_of.after_sale_of_merchant(merchant_id=merchant_id, no=no),
    )
