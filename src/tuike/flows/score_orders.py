"""Orders are scored as they are paid, received and refunded: one reader of the outbox, seconds after what happened."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tuike.db.retry import retry
from tuike.figures import queries as figures
from tuike.flows import scored
from tuike.kit.days import day_of, start_of
from tuike.outbox import service as outbox
from tuike.outbox.types import Event
from tuike.scoring import queries as scores
from tuike.scoring import service as scoring
from tuike.scoring.types import Traffic

CONSUMER = "scoring"
EVENTS = 500
PLACED, PAID, RECEIVED = "order.placed", "order.paid", "order.received"
REFUNDS = frozenset({"after_sale.approved", "after_sale.refunded"})
"""Topics that name the order among their facts."""


def score_orders(*, now: datetime) -> dict[str, int]:
    """Score the orders of what was told since, and return how many events were read, cases are new and accruals
    are held by rules that ask for a score (docs/rules.md §6, §11).

    Stops between two steps at any time and goes on where it stopped.
    """
    done = {"events": 0, "cases": 0, "held": 0}

    def take(events: Sequence[Event]) -> None:
        came = _take(events, now)
        done["cases"] += came.cases
        done["held"] += came.held

    while read := outbox.drain(consumer=CONSUMER, handle=take, now=now, limit=EVENTS):
        done["events"] += read
    return done


def count_landings(*, now: datetime, days: int = 1) -> int:
    """Count the clicks of today and of the days before, `days` in all, and how many landed; return for how many
    places and days."""
    day = day_of(now)
    return sum(_count(start_of(day - timedelta(days=n))) for n in range(days))


@retry
def _count(begin: datetime) -> int:
    day = day_of(begin)
    with transaction.atomic(durable=True):
        found = figures.landings(begin=begin, end=start_of(day + timedelta(days=1)))
        scoring.count_traffic(
            traffic=[Traffic(id_, place, day, clicks, landed) for id_, place, clicks, landed in found]
        )
        return len(found)


def _take(events: Sequence[Event], now: datetime) -> scored.Came:
    carted = [
        (one.key, datetime.fromisoformat(one.facts["carted_at"]), one.at)
        for one in events
        if one.topic == PLACED and "carted_at" in one.facts
    ]
    scoring.keep_carts(carts=carted)
    paid = {one.key for one in events if one.topic == PAID}
    back = {one.facts["order"]: one.at for one in events if one.topic in REFUNDS}
    moved = back.keys() | {one.key for one in events if one.topic == RECEIVED}
    traces = scored.gather(paid, now=now) if paid else []
    scoring.keep(traces=traces)
    known = scores.known(moved) if moved else {}
    if known:
        scored.stand(known, refunded=back, now=now)
    promoters = scored.promoters_in(traces) | set(known.values())
    return scored.score(promoters, now=now) if promoters else scored.Came()
