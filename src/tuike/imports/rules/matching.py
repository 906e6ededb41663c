"""What a cancellation takes back: earlier rows of the same customer, code and price, the latest first."""

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass

Key = Hashable


@dataclass(slots=True)
class Sold:
    """A row that was sold: `taken` pieces were taken back before."""

    row_id: int
    quantity: int
    amount_fen: int
    taken: int = 0


@dataclass(frozen=True, slots=True)
class Cancel:
    """A row that cancels `quantity` pieces."""

    row_id: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What one cancellation takes: (row id, pieces, fen) parts, and how many pieces found nothing."""

    row_id: int
    parts: tuple[tuple[int, int, int], ...]
    missing: int


def match(events: Iterable[tuple[Key, Sold | Cancel]]) -> Iterator[Taken]:
    """Yield what each cancellation takes. `events` come key by key, within a key in the order of time.

    The latest earlier row gives first; one cancellation may take from several, and a row may give several times. Fen go
    by the cumulative floor, so that a row that was taken back whole gives exactly what it came to (docs/rules.md §5).
    """
    standing: list[Sold] = []
    of: Key = None
    for key, event in events:
        if key != of:
            standing, of = [], key
        if isinstance(event, Sold):
            if event.taken < event.quantity:
                standing.append(event)
            continue
        yield _take(standing, event)


def _take(standing: list[Sold], cancel: Cancel) -> Taken:
    parts, missing = [], cancel.quantity
    while missing and standing:
        last = standing[-1]
        pieces = min(missing, last.quantity - last.taken)
        before = last.amount_fen * last.taken // last.quantity
        last.taken += pieces
        missing -= pieces
        parts.append((last.row_id, pieces, last.amount_fen * last.taken // last.quantity - before))
        if last.taken == last.quantity:
            standing.pop()
    return Taken(cancel.row_id, tuple(parts), missing)
