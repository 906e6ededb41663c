"""The daily figures follow what they are counted from: what was told becomes notes, notes are worked off day by day."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.db.retry import retry
from tuike.figures import service as figures
from tuike.figures.types import CONSUMER
from tuike.outbox import service as outbox
from tuike.outbox.types import Event

BY_KEY = frozenset({"order.paid", "order.imported", "accrual.rejected"})
"""Topics whose key is the order's number."""
BY_FACT = frozenset({"after_sale.approved", "after_sale.refunded"})
"""Topics that name the order among their facts."""
BATCHES = frozenset({"settlement.batch"})


def refresh_figures(*, now: datetime) -> dict[str, int]:
    """Bring the figures up to date; return how many events were read, and how many merchants' days were counted.

    Stops between two steps at any time and goes on where it stopped.
    """
    done = {"events": 0, "days": 0, "clicks": 0}
    while read := outbox.drain(consumer=CONSUMER, handle=_mark, now=now):
        done["events"] += read
    while counted := _step():
        done["days"] += counted
    done["clicks"] = _count_clicks(now)
    return done


@retry
def rebuild_figures() -> int:
    """Throw all figures away and note every merchant's day to be counted anew; return how many days those are."""
    with transaction.atomic(durable=True):
        return figures.mark_everything()


def _mark(events: Sequence[Event]) -> None:
    orders = [event.key for event in events if event.topic in BY_KEY]
    orders += [event.facts["order"] for event in events if event.topic in BY_FACT]
    batches = [event.facts["id"] for event in events if event.topic in BATCHES]
    if orders:
        figures.mark_orders(order_nos=orders)
    if batches:
        figures.mark_batches(batch_ids=batches)


@retry
def _step() -> int:
    with transaction.atomic(durable=True):
        return figures.work_off()


@retry
def _count_clicks(now: datetime) -> int:
    with transaction.atomic(durable=True):
        return figures.count_clicks(now=now)
