"""Goods arrive: the order is completed and the clock of its commission starts."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.commission import service as commission
from tuike.db.retry import retry
from tuike.flows import booking, earning
from tuike.flows.keyed import keyed
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.orders.types import NotInThisState, OrderRef, OrderState, ReceivedBy
from tuike.outbox import service as outbox
from tuike.settings import service as settings


@retry
def receive_order(*, buyer_id: int, order_no: str, now: datetime, key: str | None = None) -> OrderRef:
    """Let a buyer confirm receipt of their own shipped order; confirmed twice it stays as it is.

    Raises:
        NotFound: no such order, or somebody else's.
        NotInThisState: it isn't on its way.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> OrderRef:
        order = orders_of.order_of_buyer(buyer_id=buyer_id, no=order_no)
        _receive([order.id], now, ReceivedBy.BUYER)
        order = orders_of.order_of_buyer(buyer_id=buyer_id, no=order_no)
        if order.state is not OrderState.COMPLETED:
            raise NotInThisState(state=str(order.state))
        return order

    return _as_buyer(verb="receive_order", buyer_id=buyer_id, order_no=order_no, key=key, now=now, work=work)


@retry
def extend_receipt(*, buyer_id: int, order_no: str, now: datetime, key: str | None = None) -> OrderRef:
    """Let a buyer put off, once, the receipt that confirms itself (docs/rules.md §5).

    Raises:
        NotFound, NotInThisState, AlreadyExtended: see orders.extend_receipt.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> OrderRef:
        order = orders.extend_receipt(buyer_id=buyer_id, order_no=order_no)
        outbox.put(topic="order.extended", events=[(order.no, {"merchant_id": order.merchant_id})], now=now)
        return order

    return _as_buyer(verb="extend_receipt", buyer_id=buyer_id, order_no=order_no, key=key, now=now, work=work)


@retry
def receive_for_buyer(
    *,
    merchant_id: int,
    order_no: str,
    proof: str,
    actor: Actor,
    now: datetime,
    key: str | None = None,
    picture: str = "",
) -> OrderRef:
    """Let a merchant mark its shipped order received, with the carrier's proof; audited.

    `picture` is an address below /media/. The 27 days of its commission start (docs/rules.md §5).

    Raises:
        NotFound, ProofNeeded: not the merchant's order; no proof.
        NotInThisState: it isn't on its way.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def again() -> OrderRef:
        return orders_of.order_of_merchant(merchant_id=merchant_id, no=order_no)

    def work() -> OrderRef:
        order = again()
        if not _receive([order.id], now, ReceivedBy.MERCHANT, actor=actor, proof=proof, picture=picture):
            raise NotInThisState(state=str(order.state))
        return again()

    content = {"order": order_no, "proof": proof} | ({"picture": picture} if picture else {})
    scope = f"merchant:{merchant_id}:receive_for_buyer"
    return keyed(scope=scope, key=key, content=content, now=now, work=work, again=again)


@retry
def receive_due(*, now: datetime, limit: int = 500) -> int:
    """Confirm receipt of orders whose time has come and return how many; each counts as received at its own instant."""
    with transaction.atomic(durable=True):
        due = orders_of.due_to_receive(now=now, limit=limit)
        return len(_receive(due, now, ReceivedBy.TIME))


def _as_buyer(
    *, verb: str, buyer_id: int, order_no: str, key: str | None, now: datetime, work: Callable[[], OrderRef]
) -> OrderRef:
    return keyed(
        scope=f"buyer:{buyer_id}:{verb}",
        key=key,
        content={"order": order_no},
        now=now,
        work=work,
        again=lambda: orders_of.order_of_buyer(buyer_id=buyer_id, no=order_no),
    )


def _receive(
    order_ids: Sequence[int],
    at: datetime,
    by: ReceivedBy,
    *,
    actor: Actor | None = None,
    proof: str = "",
    picture: str = "",
) -> list[OrderRef]:
    moved = orders.receive(order_ids=order_ids, at=at, by=by, actor=actor, proof=proof, picture=picture)
    start_clock(moved, at)
    return moved


def start_clock(moved: Sequence[OrderRef], now: datetime) -> None:
    """Start the clock of received orders' sales, by the days of their source, and tell of it, and of how the orders
    earn points: as it stands now, however late they are counted (docs/rules.md §10)."""
    days = settings.read({f"settle_days.{order.source}" for order in moved})
    for order in moved:
        assert order.received_at is not None
        commission.mark_received(
            sale_ids=booking.sale_ids(order),
            received_at=order.received_at,
            settle_days=days[f"settle_days.{order.source}"],
        )
    if moved:
        earns = earning.said({order.merchant_id for order in moved})
        told = [(order.no, {"merchant_id": order.merchant_id, "earns": earns[order.merchant_id]}) for order in moved]
        outbox.put(topic="order.received", events=told, now=now)
