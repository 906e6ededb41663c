"""Which rows stand behind a figure: the explorer of accruals, the lines sold, or what was shared and clicked."""

from collections.abc import Callable
from datetime import date

from tuike.insight.boards.types import LEADER, MERCHANT, OPERATOR, PROMOTER, Behind
from tuike.insight.lists.types import EMPTY

Finder = Callable[[str, date, date], Behind]

LINES, TRAFFIC, EXPLORER = "board-lines", "board-traffic", "explorer"
_SHOWN_TO = {
    PROMOTER: frozenset({"product", "category", "place", "campaign"}),
    LEADER: frozenset({"promoter", "product", "category", "merchant"}),
    MERCHANT: frozenset({"promoter", "product", "category", "place", "campaign", "leader"}),
    OPERATOR: frozenset({"promoter", "merchant", "product", "category", "place", "campaign", "leader"}),
}
_FILTERS = {
    "promoter": "promoter",
    "merchant": "shop",
    "product": "product",
    "category": "category_no",
    "place": "place",
    "campaign": "campaign",
    "leader": "leader",
}


def lines(**asked: str) -> Finder:
    """Return what finds lines sold that were paid in the span."""
    return lambda kind, first, last: Behind(LINES, _span("paid_at", first, last) | _promoted(kind) | asked)


def all_lines(kind: str, first: date, last: date) -> Behind:
    """Return all lines that were paid in the span, promoted or not."""
    del kind
    return Behind(LINES, _span("paid_at", first, last))


def traffic(kind: str, first: date, last: date) -> Behind:
    """Return what was shared and clicked on the days of the span."""
    del kind
    return Behind(TRAFFIC, _span("day", first, last))


def accruals(**asked: str) -> Finder:
    """Return what finds accruals of lines that were paid in the span."""
    return lambda kind, first, last: Behind(EXPLORER, _span("paid_at", first, last) | asked)


def dimensions(kind: str) -> tuple[str, ...]:
    """Return what a kind of party may break its figures down by, the usual one first (docs/rules.md §8)."""
    order = ("promoter", "merchant", "product", "category", "place", "campaign", "leader")
    return tuple(one for one in order if one in _SHOWN_TO[kind])


def of_group(by: str, no: str, kind: str, first: date, last: date) -> Behind:
    """Return the lines of one promoter, product, place …, by its number; without one those that have none."""
    return Behind(LINES, _span("paid_at", first, last) | _promoted(kind) | {_FILTERS[by]: no or EMPTY})


def _promoted(kind: str) -> dict[str, str]:
    return {"promoted": "yes"} if kind in (MERCHANT, OPERATOR) else {}


def _span(key: str, first: date, last: date) -> dict[str, str]:
    return {f"{key}_from": first.isoformat(), f"{key}_to": last.isoformat()}
