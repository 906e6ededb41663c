"""Traces and books for tests: one promoter's orders, each with marks of its own unless said otherwise."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from tuike.scoring.types import Book, Trace

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
"""Noon in Shanghai."""
DAY = timedelta(days=1)
PROMOTER = 7
_numbers = itertools.count(1)


def mark() -> bytes:
    """A mark that nothing else has."""
    return f"m{next(_numbers)}".encode()


def trace(**rest: Any) -> Trace:
    """A paid order of a buyer who has nothing in common with anybody; clicked minutes before, in no cart."""
    number = next(_numbers)
    at = rest.pop("at", NOON)
    made: dict[str, Any] = {
        "order_no": f"T{number}",
        "promoter_id": PROMOTER,
        "merchant_id": 3,
        "buyer_id": 10_000 + number,
        "placed_at": at,
        "paid_at": at,
        "paid_fen": 5_000,
        "click_ms": 300_000,
        "address": mark(),
        "phone": mark(),
        "device": mark(),
        "payer": mark(),
    }
    return Trace(**made | rest)


def gone(**rest: Any) -> Trace:
    """An order that went back whole; `late`: so many days before it would have settled."""
    at, late = rest.pop("at", NOON), rest.pop("late", 10)
    due = at + 22 * DAY
    return trace(at=at, refunded_fen=5_000, due_at=due, refunded_at=due - late * DAY, **rest)


def book(*traces: Trace, **rest: Any) -> Book:
    """A book of the traces, in the order in which they were paid."""
    return Book(PROMOTER, tuple(sorted(traces, key=lambda one: (one.paid_at, one.order_no))), **rest)


def usual(many: int = 20, **rest: Any) -> list[Trace]:
    """Orders as there are many: one a day, each by another buyer."""
    return [trace(at=NOON + n * DAY, **rest) for n in range(many)]
