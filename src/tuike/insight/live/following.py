"""Today of several parties, kept equal to what is committed.

Each turn reads within one snapshot: what was told since the last one, and the minutes of the orders that it was told
of. What wasn't told of stands as it was read before; so each turn equals a count of the whole day in its snapshot.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from django.db import connection, transaction

from tuike.db import rows
from tuike.insight.live import alerts, sold
from tuike.insight.live.day import Day
from tuike.insight.live.types import Alerts, Room, Today
from tuike.kit import days
from tuike.outbox import service as outbox
from tuike.outbox.types import Event

MOST_EVENTS = 5_000
"""What was told since the last turn; after more than that the day is read anew."""
MOST_MINUTES = 120
"""Minutes that are read anew in one turn; beyond it the day is."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What stands at an instant, and whose day is another than at the turn before."""

    at: datetime
    shown: Mapping[Room, Today]
    changed: frozenset[Room]


class Following:
    """Follows the outbox for the rooms that somebody looks into; not for use by two threads at once."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._snapshot = ""
        self._date: date | None = None
        self._days: dict[Room, Day] = {}
        self._shown: dict[Room, Today] = {}
        self._names: dict[int, tuple[str, str]] = {}

    def turn(self, rooms: Collection[Room], *, now: datetime) -> Turn:
        """Return today of these rooms at `now`; rooms that aren't asked for are forgotten.

        Whatever goes wrong on the way, the next turn reads everything anew.
        """
        try:
            with _reading():
                seen = outbox.snapshot()
                self._forget(rooms, days.day_of(now))
                self._follow(now)
                self._enter(set(rooms) - set(self._days), now)
                changed = self._show(rooms, now)
            self._snapshot = seen
        except BaseException:
            self._begin()
            raise
        return Turn(now, dict(self._shown), changed)

    def _forget(self, rooms: Collection[Room], today: date) -> None:
        if self._date != today:
            self._date, self._days, self._names = today, {}, {}
        for room in set(self._days) - set(rooms):
            del self._days[room]
        for room in set(self._shown) - set(rooms):
            del self._shown[room]

    def _follow(self, now: datetime) -> None:
        if not self._days:
            return
        told = outbox.since(snapshot=self._snapshot, limit=MOST_EVENTS + 1)
        first, until = _bounds(now)
        touched = sold.minutes_of(_orders(told), first=first, until=until) if told else set()
        if len(told) > MOST_EVENTS or len(touched) > MOST_MINUTES:
            self._days = {}  # all of them are entered anew
            return
        minutes = {minute.astimezone(UTC) for minute in touched}
        for kind, of_kind in _by_kind(self._days).items():
            read = sold.read(kind=kind, ids=[room.party_id for room in of_kind], minutes=minutes)
            for room in of_kind:
                parts = read.get(_owner(room), {})
                for minute in minutes:
                    self._days[room].put(minute, parts.get(minute))

    def _enter(self, rooms: Collection[Room], now: datetime) -> None:
        first, until = _bounds(now)
        for kind, of_kind in _by_kind(rooms).items():
            ids = [room.party_id for room in of_kind]
            read = sold.read_all(kind=kind, ids=ids, first=first, until=until)
            for room in of_kind:
                self._days[room] = Day(days.day_of(now), read.get(_owner(room), {}))

    def _show(self, rooms: Collection[Room], now: datetime) -> frozenset[Room]:
        needs = alerts.read(rooms, first=_bounds(now)[0])
        self._name({id_ for room in rooms for id_ in self._days[room].best_ids()})
        changed = set()
        for room in rooms:
            shown = self._days[room].today(names=self._names, alerts=needs.get(room, Alerts()))
            if self._shown.get(room) != shown:
                self._shown[room] = shown
                changed.add(room)
        return frozenset(changed)

    def _name(self, ids: set[int]) -> None:
        unknown = sorted(ids - set(self._names) - {0})
        if unknown:
            found = rows.query("SELECT id, no, title FROM catalog_product WHERE id = ANY(%s)", [unknown])
            self._names |= {id_: (no, title) for id_, no, title in found}


def today(room: Room, *, now: datetime) -> Today:
    """Return a room's day, counted from nothing: what somebody is shown who asks once."""
    return Following().turn([room], now=now).shown[room]


@contextmanager
def _reading() -> Iterator[None]:
    with transaction.atomic():
        if not connection.savepoint_ids:
            rows.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _bounds(now: datetime) -> tuple[datetime, datetime]:
    first = days.start_of(days.day_of(now))
    return first, first + timedelta(days=1)


def _orders(told: Collection[Event]) -> set[str]:
    """Return every number that may be an order's: the event's key, and the order that its facts name."""
    named = {str(event.facts["order"]) for event in told if "order" in event.facts}
    return named | {event.key for event in told}


def _by_kind(rooms: Collection[Room]) -> dict[str, list[Room]]:
    found: dict[str, list[Room]] = defaultdict(list)
    for room in rooms:
        found[room.kind].append(room)
    return found


def _owner(room: Room) -> int:
    return 0 if room.kind == "operator" else room.party_id
