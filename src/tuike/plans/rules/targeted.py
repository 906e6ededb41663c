"""What a targeted plan gives from when until when."""

from collections.abc import Iterable
from datetime import datetime

from tuike.plans.types import TargetedTerm

Span = tuple[datetime, datetime, dict[int, int]]


def spans(terms: Iterable[TargetedTerm], *, begin: datetime, until: datetime) -> list[Span]:
    """Return (from, until, rates by product) of what holds between two instants, a product's equal rates in one.

    `terms` in the order in which they count. Nothing for products while they have no rate.
    """
    steps: dict[int, list[tuple[datetime, int]]] = {}
    for term in terms:
        if term.from_at < until:
            at, line = max(term.from_at, begin), steps.setdefault(term.product_id, [])
            if line and line[-1][0] == at:
                line.pop()
            if not line or line[-1][1] != term.rate_bps:
                line.append((at, term.rate_bps))
    found: dict[tuple[datetime, datetime], dict[int, int]] = {}
    for product_id, line in sorted(steps.items()):
        ends = [at for at, _ in line[1:]] + [until]
        for (from_, bps), end in zip(line, ends, strict=True):
            if bps and from_ < end:
                found.setdefault((from_, end), {})[product_id] = bps
    return [(from_, end, rates) for (from_, end), rates in sorted(found.items())]
