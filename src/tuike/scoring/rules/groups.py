"""Who belongs together: buyers by the marks they share, promoters by buying from each other in a circle."""

from collections import defaultdict
from collections.abc import Hashable, Mapping

from tuike.scoring.types import Mark, Trace

STRONG = (Mark.PHONE, Mark.DEVICE, Mark.PAYER)
"""Marks of one hand. An address isn't one: a house, an office, a dormitory, a parcel shelf has many hands."""
MOST_NODES = 100_000


class Groups:
    """Union-find over anything that can be a key: who was ever joined belongs together. Bounded by `MOST_NODES`, beyond
    which new ones stay alone."""

    def __init__(self) -> None:
        self._above: dict[Hashable, Hashable] = {}

    def join(self, one: Hashable, other: Hashable) -> None:
        """Let two belong together."""
        if len(self._above) < MOST_NODES:
            self._above[self.of(one)] = self.of(other)

    def of(self, one: Hashable) -> Hashable:
        """Return the one that stands for the group that `one` is in."""
        top = self._above.setdefault(one, one) if len(self._above) < MOST_NODES else self._above.get(one, one)
        while top != self._above.get(top, top):
            self._above[top] = self._above[self._above[top]]
            top = self._above[top]
        return top


def marks_of(trace: Trace) -> list[tuple[Mark, bytes]]:
    """Return the marks that an order carries."""
    found = (
        (Mark.ADDRESS, trace.address),
        (Mark.PHONE, trace.phone),
        (Mark.DEVICE, trace.device),
        (Mark.PAYER, trace.payer),
    )
    return [one for one in found if one[1]]


def circle_of(orders: Mapping[tuple[int, int], int], promoter_id: int, *, least: int = 2) -> frozenset[int]:
    """Return the promoters who buy from each other in a circle that `promoter_id` is part of, itself included; nobody
    where there is none.

    `orders`: how many orders the first promoter bought through the second; fewer than `least` are a favour and no tie.
    Whoever only buys or only sells is taken away until nobody is left to take; what stays is in a circle or between
    two.
    """
    ties = {pair for pair, many in orders.items() if many >= least and pair[0] != pair[1]}
    while True:
        buys, sells = {one for one, _ in ties}, {other for _, other in ties}
        kept = {(one, other) for one, other in ties if one in sells and other in buys}
        if kept == ties:
            break
        ties = kept
    groups = Groups()
    for one, other in ties:
        groups.join(one, other)
    members: dict[Hashable, set[int]] = defaultdict(set)
    for node in {node for pair in ties for node in pair}:
        members[groups.of(node)].add(node)
    return next((frozenset(some) for some in members.values() if promoter_id in some), frozenset())
