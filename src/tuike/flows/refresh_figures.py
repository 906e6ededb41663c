"""The figures follow what they are counted from: position and figures change together, and see one state of the books.

What was told says which days to count anew; a crash or an event that is read again changes nothing (docs/rules.md §8).
"""

from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import date, datetime

from django.db import connection, connections, transaction

from tuike.db.retry import retry
from tuike.db.state import one_state
from tuike.figures import service as figures
from tuike.figures.types import CONSUMER
from tuike.outbox import service as outbox
from tuike.outbox.types import Event

BY_KEY = frozenset({"order.paid", "order.imported", "order.received", "accrual.rejected"})
"""Topics whose key is the order's number."""
BY_FACT = "after_sale."
"""Topics that name the order among their facts."""
LISTS = ("sales", "accruals")
"""Facts that are lists of ids, whatever the topic."""
STEP = 5
"""Days that a rebuild counts in one transaction."""
AT_ONCE = 2
"""Transactions of a rebuild at a time."""


def refresh_figures(*, now: datetime) -> dict[str, int]:
    """Bring the figures up to date; return how many events were read, and how many merchants' days were counted.

    Stops between two steps at any time and goes on where it stopped; while everything is counted anew it leaves that
    be, and goes on the next time.
    """
    done = {"events": 0, "days": 0, "clicks": 0}
    with suppress(outbox.Kept):
        while _step(now, done):
            pass
    return done


@retry
def _step(now: datetime, done: dict[str, int]) -> bool:
    counted = {"events": 0, "days": 0, "clicks": 0}

    def handle(events: Sequence[Event]) -> None:
        counted["events"] = len(events)
        if events:
            counted["days"] = figures.count(now=now, **_named(events))
        counted["clicks"] = figures.count_clicks(now=now)

    more = outbox.follow(consumer=CONSUMER, handle=handle, now=now)
    for name, many in counted.items():
        done[name] += many
    return more


def _named(events: Sequence[Event]) -> dict[str, list]:
    """Return what events name, whatever else they say: orders, sales, accruals."""
    orders = [event.key for event in events if event.topic in BY_KEY]
    orders += [str(event.facts.get("order", "")) for event in events if event.topic.startswith(BY_FACT)]
    sales, accruals = (
        [one for event in events if isinstance(event.facts.get(name), list) for one in event.facts[name]]
        for name in LISTS
    )
    whole = {"sale_ids": sales, "accrual_ids": accruals}
    return {"order_nos": orders} | {name: [one for one in ids if isinstance(one, int)] for name, ids in whole.items()}


def rebuild_figures(*, now: datetime, report: Callable[[int, int], None] = lambda _done, _all: None) -> int:
    """Count everything anew, beside a system that goes on; return how many days those were.

    Killed in between, figures are right as they stand, and the next one begins again. `report` is told the days done
    and all there are.
    """
    before, every = _begin(now)
    done = 0
    with closing(_parts([every[start : start + STEP] for start in range(0, len(every), STEP)], now)) as parts:
        for counted in parts:
            done += counted
            report(done, len(every))
    _end(before, now)
    return len(every)


def _parts(parts: Sequence[Sequence[date]], now: datetime) -> Generator[int, None, None]:
    """Count parts, the latest first, two at a time; within a caller's transaction one by one, in it."""
    if connection.in_atomic_block:
        for part in reversed(parts):
            _count(part, now)
            yield len(part)
        return
    with ThreadPoolExecutor(max_workers=AT_ONCE) as pool:
        try:
            yield from pool.map(lambda part: _alone(part, now), reversed(parts))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


@retry
def _begin(now: datetime) -> tuple[int, list[date]]:
    with transaction.atomic(durable=True):
        outbox.keep_place(consumer=CONSUMER)
        return outbox.horizon(), figures.begin_rebuild(now=now)


def _alone(part: Sequence[date], now: datetime) -> int:
    try:
        _count(part, now)
    finally:
        connections.close_all()  # the thread's own
    return len(part)


@retry
def _count(part: Sequence[date], now: datetime) -> None:
    with one_state():
        outbox.keep_place(consumer=CONSUMER)
        figures.count_days(first=part[0], last=part[-1], now=now)


@retry
def _end(before: int, now: datetime) -> None:
    with one_state():
        outbox.pass_over(consumer=CONSUMER, before=before, now=now)
        figures.end_rebuild(now=now)
