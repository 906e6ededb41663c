"""What buyers get for what they bought follows what was told: purchases, growth and levels, points; and points end.

One reader of the outbox, so that an order is seen as it stands, in the order of what happened to it, and counted once
after any crash (docs/rules.md §10).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.db.retry import retry
from tuike.flows import earning
from tuike.marketing import service as marketing
from tuike.marketing.types import OrderWorth, PointsEarned
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import PurchaseFacts
from tuike.messages import service as messages
from tuike.orders import queries as orders_of
from tuike.orders.types import OrderRef, OrderState
from tuike.outbox import service as outbox
from tuike.outbox.types import Event
from tuike.parties.types import Source
from tuike.people import service as people

_Earns = Mapping[str, Any] | None
CONSUMER = "members"
EVENTS = 200
BY_KEY = frozenset({"order.paid", "order.received"})
"""Topics whose key is the order's number."""
BY_FACT = frozenset({"after_sale.approved", "after_sale.refunded"})
"""Topics that name the order among their facts."""


def reward_buyers(*, now: datetime) -> dict[str, int]:
    """Bring purchases, growth and points up to date with what was told, and return how many events were read.

    Stops between two steps at any time and goes on where it stopped.
    """
    done = 0

    def handle(events: Sequence[Event]) -> None:
        _follow(events, now)

    while read := outbox.drain(consumer=CONSUMER, handle=handle, now=now, limit=EVENTS):
        done += read
    return {"events": done}


@retry
def reward_orders(*, order_nos: Collection[str], now: datetime) -> None:
    """Let orders count as they stand now, without waiting for what was told of them; read later, that changes nothing.

    For who tells a history and goes on from what it earned.
    """
    with transaction.atomic(durable=True):
        orders = [one for one in orders_of.orders_by_no(order_nos).values() if _counts(one)]
        completed = [one for one in orders if one.state is OrderState.COMPLETED]
        earns = earning.said({one.merchant_id for one in completed})
        _count(orders, {one.no: earns[one.merchant_id] for one in completed}, now)


@retry
def end_points(*, now: datetime) -> int:
    """End points whose time has come, tell whose end within seven days, and return how many points ended."""
    with transaction.atomic(durable=True):
        told = [
            (one.buyer_id, {"points": one.points, "expires_at": one.expires_at.isoformat()}, "")
            for one in marketing.points_to_tell(now=now)
        ]
        messages.tell_persons(kind="points_expiring", told=told, now=now)
        return marketing.expire_points(now=now)


def _follow(events: Sequence[Event], now: datetime) -> None:
    """Let one batch of events count: what completed earns by the level before it, then its buyers grow."""
    received = {event.key: event.facts.get("earns") for event in events if event.topic == "order.received"}
    touched = {event.key for event in events if event.topic in BY_KEY}
    touched |= {event.facts["order"] for event in events if event.topic in BY_FACT}
    if not touched:
        return
    _count([one for one in orders_of.orders_by_no(touched).values() if _counts(one)], received, now)


def _count(orders: Sequence[OrderRef], received: Mapping[str, _Earns], now: datetime) -> None:
    """`received`: by the number of a completed order how it earns, as was said when it was completed."""
    # Whoever closes the account waits until this has been counted, or is gone before it.
    living = people.hold_living(person_ids={one.buyer_id for one in orders if one.buyer_id is not None})
    _points(orders, received, living, now)
    risen = members.note_purchases(purchases=[_purchase(one) for one in orders])
    told = [
        (one.person_id, {"level_zh": one.level.name_zh, "level_en": one.level.name_en}, "")
        for one in risen
        if one.person_id in living
    ]
    messages.tell_persons(kind="level_up", told=told, now=now)


def _points(orders: Sequence[OrderRef], received: Mapping[str, _Earns], living: Collection[int], now: datetime) -> None:
    standings = members_of.standings({one.buyer_id for one in orders if one.buyer_id is not None})
    earnings = [
        PointsEarned(
            order=_worth(one),
            rule=earning.rule_of(terms),
            multiplier_bps=earning.multiplier_of(terms, standings[one.buyer_id].growth),
            at=one.received_at,
            skipped="" if one.buyer_id in living else earning.ACCOUNT_CLOSED,
        )
        for one in orders
        if one.buyer_id is not None and one.received_at is not None and (terms := received.get(one.no))
    ]
    marketing.lock_points(buyer_ids={one.buyer_id for one in orders if one.buyer_id is not None})
    marketing.earn_points(earnings=earnings, now=now)
    marketing.take_points_back(orders=[_worth(one) for one in orders], now=now)


def _counts(order: OrderRef) -> bool:
    """Whether an order is one of a member of the mall, and paid."""
    return order.source is Source.MINI_STORE and order.buyer_id is not None and order.paid_at is not None


def _worth(order: OrderRef) -> OrderWorth:
    assert order.buyer_id is not None
    return OrderWorth(
        order_no=order.no,
        buyer_id=order.buyer_id,
        merchant_id=order.merchant_id,
        paid_fen=sum(line.paid_fen for line in order.lines),
        refunded_fen=sum(line.refunded_fen for line in order.lines),
    )


def _purchase(order: OrderRef) -> PurchaseFacts:
    assert order.buyer_id is not None
    assert order.paid_at is not None
    return PurchaseFacts(
        order_no=order.no,
        merchant_id=order.merchant_id,
        person_id=order.buyer_id,
        paid_fen=sum(line.paid_fen for line in order.lines),
        refunded_fen=sum(line.refunded_fen for line in order.lines),
        paid_at=order.paid_at,
        completed=order.state is OrderState.COMPLETED,
    )
