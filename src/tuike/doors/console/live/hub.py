"""Who looks at which day: one telling for each room, however many look; a slow one gets the last, never all."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime

from tuike.doors.console.live import shown
from tuike.insight.live.types import Room, Today


@dataclass(eq=False, slots=True)
class Seat:
    """One open stream: what it was sent last, and whether there is something else by now."""

    hall: "Hall"
    sent: str = ""
    told_at: datetime | None = None
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def next(self) -> bytes:
        """Return what is to be sent now, empty for nothing."""
        hall = self.hall
        self.news.clear()
        if hall.state and self.sent != hall.mark:
            self.sent, self.told_at = hall.mark, hall.at
            return hall.state
        if hall.at is not None and self.told_at != hall.at:
            self.told_at = hall.at
            return hall.watermark
        return b""


@dataclass(eq=False, slots=True)
class Hall:
    """A room with those who look into it."""

    room: Room
    party_no: str
    seats: set[Seat] = field(default_factory=set)
    mark: str = ""
    state: bytes = b""
    watermark: bytes = b""
    at: datetime | None = None

    def tell(self, today: Today, *, mark: str, at: datetime) -> None:
        """Let the day be the one that is sent from now on, under the mark by which a browser says what it has."""
        self.mark, self.at = mark, at
        body = shown.told(today, room=self.room, party_no=self.party_no) | shown.watermark(at)
        self.state = f"id: {mark}\nevent: state\ndata: {json.dumps(body, ensure_ascii=False)}\n\n".encode()
        self.watermark = _mark(at)
        for seat in self.seats:
            seat.news.set()

    def same(self, *, at: datetime) -> None:
        """Note that the day still stands as it was told at a later instant."""
        self.at, self.watermark = at, _mark(at)


def _mark(at: datetime) -> bytes:
    return f"event: mark\ndata: {json.dumps(shown.watermark(at))}\n\n".encode()
