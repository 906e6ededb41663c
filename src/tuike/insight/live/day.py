"""One party's day, kept as the sum of its minutes: a minute that is read anew takes the place of what it was."""

import heapq
import itertools
from collections.abc import Mapping
from datetime import date, datetime

from tuike.insight.live.sold import Part
from tuike.insight.live.types import BEST, NEWEST, Alerts, Best, Sold, Sum, Today


class Day:
    """A party's day. What it holds grows with the minutes, provinces, products and buyers of the day, with no look."""

    def __init__(self, day: date, parts: Mapping[datetime, Part]) -> None:
        self.day = day
        self._parts: dict[datetime, Part] = {}
        self._places: dict[str, Sum] = {}
        self._products: dict[int, Sum] = {}
        self._commission: dict[str, int] = {}
        self._buyers: dict[int, int] = {}
        for minute, part in parts.items():
            self.put(minute, part)

    def put(self, minute: datetime, part: Part | None) -> None:
        """Let a minute be what was read of it, None where nothing was sold in it."""
        before = self._parts.pop(minute, None)
        if before is not None:
            self._add(before, -1)
        if part is not None:
            self._parts[minute] = part
            self._add(part, 1)

    def best_ids(self) -> list[int]:
        """Return the products for which most was paid, the best first."""
        order = heapq.nsmallest(BEST, self._products.items(), key=lambda one: (-one[1].paid_fen, one[0]))
        return [id_ for id_, _ in order]

    def today(self, *, names: Mapping[int, tuple[str, str]], alerts: Alerts) -> Today:
        """Return the day as it stands; `names` gives the number and title of products."""
        total = sum(self._places.values(), Sum())
        best = tuple(Best(*names.get(id_, ("", "—")), self._products[id_]) for id_ in self.best_ids())
        commission = {role: fen for role, fen in sorted(self._commission.items()) if fen}
        places = {place: one for place, one in sorted(self._places.items()) if one.count}
        return Today(self.day, total, len(self._buyers), commission, places, best, self._newest(), alerts)

    def _newest(self) -> tuple[Sold, ...]:
        latest = (self._parts[minute].newest for minute in sorted(self._parts, reverse=True))
        minutes = (sorted(one, key=lambda sold: (sold.at, sold.no), reverse=True) for one in latest)
        return tuple(itertools.islice(itertools.chain.from_iterable(minutes), NEWEST))

    def _add(self, part: Part, sign: int) -> None:
        for sums, more in ((self._places, part.places), (self._products, part.products)):
            _add_sums(sums, more, sign)  # type: ignore[arg-type]
        for role, fen in part.commission.items():
            self._commission[role] = self._commission.get(role, 0) + sign * fen
        for buyer in part.buyers:
            minutes = self._buyers.get(buyer, 0) + sign
            if minutes:
                self._buyers[buyer] = minutes
            else:
                del self._buyers[buyer]


def _add_sums(sums: dict[str | int, Sum], more: Mapping[str | int, Sum], sign: int) -> None:
    for key, one in more.items():
        left = sums.get(key, Sum()) + one if sign > 0 else sums[key] - one
        if left == Sum():
            sums.pop(key, None)
        else:
            sums[key] = left
