"""The parties' update feed follows what was told: one reader of the outbox, so that places come in order of commits."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from tuike.feed import service as feed
from tuike.feed.types import Moved
from tuike.flows.concerned import concerned, portion
from tuike.outbox import service as outbox
from tuike.outbox.types import Event

CONSUMER = "feed"
EVENTS = 500
OBJECTS = 20_000
"""About so many objects are moved by a transaction: what a settled batch tells is taken in pieces."""


def follow_events(*, now: datetime) -> dict[str, int]:
    """Bring the parties' feeds up to date and return how many events were read (docs/rules.md §13).

    Stops between two steps at any time and goes on where it stopped.
    """
    done = 0
    pieces = partial(portion, most=OBJECTS)
    while read := outbox.drain(consumer=CONSUMER, handle=_move, now=now, limit=EVENTS, portion=pieces):
        done += read
    return {"events": done}


def _move(events: Sequence[Event]) -> None:
    feed.move(moved=[Moved(one.party_id, one.kind.value, one.object, one.at) for one in concerned(events)])
