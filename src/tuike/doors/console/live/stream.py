"""`GET /live/<kind>/<party's number>`: Server-Sent Events of a party's day. An ASGI application of its own.

Whoever may see the party's live page may listen; that is asked again every 20 seconds, by the consoles' own guard. The
database is asked in threads, in turns: however many listen, one turn reads for all of them.
"""

import asyncio
import contextvars
import io
import json
import secrets
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs, urlsplit

import structlog
from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.db import close_old_connections
from prometheus_client import Counter, Gauge

from tuike.doors.console.guard import Asker, admitted
from tuike.doors.console.live.hub import Hall, Seat
from tuike.insight.live.following import Following, Turn
from tuike.insight.live.types import Room
from tuike.kit import clock
from tuike.kit.errors import Refusal

PAGE = "live"
"""The page (without the kind) that a seat must be allowed to read."""
MOST = 2_000
"""Streams of all."""
MOST_OF_ONE = 12
"""Streams of one person: that many windows are enough."""
TURN_SECONDS = 0.4
"""The pause between two looks at what was told."""
MARK_SECONDS = 2.0
"""How often an idle stream is told until when it holds."""
ASK_SECONDS = 20.0
"""How often a stream is asked whether it still may listen."""
PATIENCE_SECONDS = 10.0
"""How long a browser may take nothing of what is sent before it is dropped."""

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Scope = dict[str, Any]

_OPEN = Gauge("tuike_live_streams", "Open streams of the live boards", multiprocess_mode="mostrecent")
_BEHIND = Gauge(
    "tuike_live_turn_seconds", "Seconds that the last look at what was told took", multiprocess_mode="mostrecent"
)
_ENDED = Counter("tuike_live_ended_total", "Ended streams", ["why"])
log = structlog.get_logger(__name__)


class Streams:
    """The application: halls with those who listen, and the turn that reads for them."""

    def __init__(self) -> None:
        self._halls: dict[Room, Hall] = {}
        self._of_person: dict[int, int] = {}
        self._open = 0
        self._run, self._number = secrets.token_hex(4), 0
        self._following = Following()
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="live-turn")
        self._guard = ThreadPoolExecutor(1, thread_name_prefix="live-guard")
        self._turning: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        match scope["path"].strip("/").split("/"):
            case ["healthz"]:
                await _say(send, 200, "ok")
            case ["live", kind, party_no] if scope["method"] == "GET":
                await self._listen(scope, receive, send, kind, party_no)
            case _:
                await _say(send, 404, "not_found")

    async def _listen(self, scope: Scope, receive: Receive, send: Send, kind: str, party_no: str) -> None:
        headers = _headers(scope)
        allowed = _cors(headers)
        if allowed is None:
            await _say(send, 403, "foreign_origin")
            return
        asker = await self._asker(scope, kind, party_no)
        refused = asker if isinstance(asker, tuple) else self._full(asker)
        if refused:
            await _say(send, *refused, allowed)
            return
        assert isinstance(asker, Asker)
        room = Room(kind, asker.party_id)
        hall = self._halls.setdefault(room, Hall(room, asker.party.no))
        seat = Seat(hall, sent=headers.get("last-event-id") or _asked(scope, "after"))
        hall.seats.add(seat)
        self._count(asker.person.id, 1)
        why = "gone"
        try:
            await send({"type": "http.response.start", "status": 200, "headers": [*_STREAM, *allowed]})
            why = await self._feed(seat, scope, receive, send)
        finally:
            self._leave(seat, asker.person.id, why)
        if why != "slow":  # it takes nothing: not even the end
            await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _feed(self, seat: Seat, scope: Scope, receive: Receive, send: Send) -> str:
        """Send what there is until the browser is gone, too slow, or not allowed any more; return why it ended."""
        kind, party_no = seat.hall.room.kind, seat.hall.party_no
        loop, gone = asyncio.get_running_loop(), asyncio.create_task(_gone(receive))
        ask_at = loop.time() + ASK_SECONDS
        try:
            await asyncio.wait_for(_send(send, b": here\nretry: 1000\n\n"), PATIENCE_SECONDS)
            while not gone.done():
                if loop.time() >= ask_at:
                    asker = await self._asker(scope, kind, party_no)
                    if not isinstance(asker, Asker):
                        await _send(send, f"event: end\ndata: {json.dumps({'why': asker[1]})}\n\n".encode())
                        return "refused"
                    ask_at = loop.time() + ASK_SECONDS
                await asyncio.wait_for(_send(send, seat.next() or b":\n\n"), PATIENCE_SECONDS)
                news = asyncio.create_task(seat.news.wait())
                await asyncio.wait({news, gone}, timeout=MARK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                news.cancel()
            return "gone"
        except TimeoutError:
            return "slow"
        finally:
            gone.cancel()

    async def _asker(self, scope: Scope, kind: str, party_no: str) -> Asker | tuple[int, str]:
        """Return who listens, or status and name of the refusal."""
        loop = asyncio.get_running_loop()
        work = contextvars.copy_context()
        return await loop.run_in_executor(self._guard, work.run, _admitted, scope, kind, party_no)

    def _full(self, asker: "Asker | tuple[int, str]") -> tuple[int, str] | None:
        if self._open >= MOST:
            return 503, "too_many_streams"
        if isinstance(asker, Asker) and self._of_person.get(asker.person.id, 0) >= MOST_OF_ONE:
            return 429, "too_many_windows"
        return None

    def _count(self, person_id: int, more: int) -> None:
        self._open += more
        left = self._of_person.get(person_id, 0) + more
        if left:
            self._of_person[person_id] = left
        else:
            self._of_person.pop(person_id, None)
        _OPEN.set(self._open)
        if self._turning is None or self._turning.done():
            self._turning = asyncio.get_running_loop().create_task(self._turn())

    def _leave(self, seat: Seat, person_id: int, why: str) -> None:
        seat.hall.seats.discard(seat)
        if not seat.hall.seats:
            self._halls.pop(seat.hall.room, None)
        self._count(person_id, -1)
        _ENDED.labels(why).inc()

    async def _turn(self) -> None:
        """Read for all rooms again and again, as long as somebody listens."""
        loop = asyncio.get_running_loop()
        while self._halls:
            began = loop.time()
            try:
                turn = await loop.run_in_executor(self._reader, self._read, list(self._halls))
            except Exception as problem:  # the database is away, or is slow: pages see that no mark comes, and ask
                log.warning("live_turn_failed", problem=type(problem).__name__)
                await asyncio.sleep(MARK_SECONDS)
                continue
            self._tell(turn)
            _BEHIND.set(loop.time() - began)
            await asyncio.sleep(max(TURN_SECONDS, loop.time() - began))  # never more than half of the time
        self._following = Following()  # nobody looks: nothing is kept

    def _read(self, rooms: list[Room]) -> Turn:
        close_old_connections()
        return self._following.turn(rooms, now=clock.now())

    def _tell(self, turn: Turn) -> None:
        for room, today in turn.shown.items():
            hall = self._halls.get(room)
            if hall is None:
                continue
            if room in turn.changed or not hall.state:
                self._number += 1
                hall.tell(today, mark=f"{self._run}.{self._number}", at=turn.at)
            else:
                hall.same(at=turn.at)


def _admitted(scope: Scope, kind: str, party_no: str) -> Asker | tuple[int, str]:
    close_old_connections()
    try:
        asker = admitted(ASGIRequest(scope, io.BytesIO()), kind=kind, name=PAGE, party_no=party_no)
    except Refusal as refusal:
        return refusal.status, refusal.code
    except Exception:
        log.exception("live_guard_failed")
        return 503, "unavailable"
    return asker if asker is not None else (401, "signed_out")


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def _cors(headers: dict[str, str]) -> list[tuple[bytes, bytes]] | None:
    """Return the headers by which a page of ours may read the answer; None for a page of somebody else's."""
    origin = headers.get("origin", "")
    if not origin:
        return []
    asked, host = urlsplit(origin), urlsplit(f"//{headers.get('host', '')}").hostname
    ours = origin == settings.PUBLIC_ORIGIN or (asked.hostname == host and asked.port == settings.WEB_PORT)
    if not ours:
        return None
    named = origin.encode("latin-1")
    return [
        (b"access-control-allow-origin", named),
        (b"access-control-allow-credentials", b"true"),
        (b"vary", b"origin"),
    ]


_STREAM = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


def _asked(scope: Scope, name: str) -> str:
    return parse_qs(scope["query_string"].decode("latin-1")).get(name, [""])[0][:64]


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _say(send: Send, status: int, code: str, more: list[tuple[bytes, bytes]] | None = None) -> None:
    head = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), *(more or [])]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": json.dumps({"code": code}).encode(), "more_body": False})
