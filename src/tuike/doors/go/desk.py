"""Where requests put their clicks and wait: one thread a process writes them in groups and then lets the waiters go.

While a group is being committed the next one gathers, so the more requests there are, the more share one commit. A
request waits a bounded time, whatever becomes of the database.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from queue import Empty, SimpleQueue
from typing import NamedTuple

import structlog

from tuike.attribution import queries, service
from tuike.attribution.types import ClickFacts
from tuike.db.wire import Wire, WireBroken, WireRefused
from tuike.kit.ids import Blocks

LONGEST_WAIT = 1.5
"""Seconds that a request waits for its click to be on disk."""
GIVE_UP_AFTER = 1.0
"""Seconds without the database (or in one statement) after which new requests are turned away at once."""
_RETRY_EVERY = 0.05
_KNOWN_MOST = 100_000
_UNKNOWN_MOST, _UNKNOWN_SECONDS = 10_000, 5.0
_NEXT_IDS = b"SELECT nextval('attribution_click_ids')"

log = structlog.get_logger(__name__)


class Mark(NamedTuple):
    """What the door knows of a link; a link never changes."""

    link_id: int
    merchant_id: int
    promoter_id: int
    address: str


class Unavailable(Exception):
    """The database can't be reached in time; the click is not recorded as answered."""


class Slip:
    """A request at the desk: what it brings, and what became of it. `mark` is None until the code was looked up."""

    __slots__ = ("agent", "at", "code", "counts", "done", "failed", "gone", "ip_hash", "mark", "visitor")

    def __init__(self, code: str, *, counts: bool, at: datetime, visitor: str, ip_hash: bytes, agent: str) -> None:
        self.code, self.counts, self.at = code, counts, at
        self.visitor, self.ip_hash, self.agent = visitor, ip_hash, agent
        self.mark: Mark | None = None
        self.failed = self.gone = False
        self.done = threading.Lock()  # held until the writer lets go
        self.done.acquire()


class Desk:
    """The counter between the requests of a process and the one connection that writes their clicks."""

    def __init__(self, make_wire: Callable[[], Wire], *, address: Callable[[str, str], str]) -> None:
        """`address(code, ticket)` builds where a link leads to."""
        self._make_wire, self._address = make_wire, address
        self._queue: SimpleQueue[Slip | None] = SimpleQueue()
        # Plain dictionaries: many threads read, the writer alone writes. A link never changes, so it needs no expiry;
        # what is unknown may be made any moment, so it is believed for seconds. Full ones begin anew.
        self._known: dict[str, Mark] = {}
        self._unknown: dict[str, float] = {}
        self._lock = threading.Lock()
        self._writer: threading.Thread | None = None
        self._busy_since = self._down_since = 0.0

    def serve(self, slip: Slip) -> Mark | None:
        """Return where the slip's code leads, with its click on disk; None when nothing has this code.

        Raises:
            Unavailable: not within `LONGEST_WAIT` seconds.
        """
        slip.mark = self._known.get(slip.code)
        if slip.mark is None and time.monotonic() < self._unknown.get(slip.code, 0.0):
            return None
        if slip.mark is not None and not slip.counts:
            return slip.mark
        began = self._down_since or self._busy_since
        if began and time.monotonic() - began > GIVE_UP_AFTER:
            raise Unavailable
        if self._writer is None:
            self._start()
        self._queue.put(slip)
        if not slip.done.acquire(timeout=LONGEST_WAIT):
            slip.gone = True
            raise Unavailable
        if slip.failed:
            raise Unavailable
        return slip.mark

    def stop(self) -> None:
        """Write what is at the desk, end the writer and close its connection; later requests are turned away."""
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join(LONGEST_WAIT)

    def _start(self) -> None:
        with self._lock:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="clicks", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        wire = self._make_wire()
        blocks = Blocks(lambda: _next_ids(wire))
        open_ = True
        while open_:
            try:
                slips, open_ = self._gather()
            except Empty:  # nobody dares to come while the database is away: find out whether it is back
                with contextlib.suppress(WireBroken, WireRefused):
                    wire.run("tuike_ping", b"SELECT 1", [])
                    self._down_since = 0.0
                continue
            self._busy_since = time.monotonic()
            try:
                self._group(slips, wire, blocks)
            except Exception:
                log.exception("clicks_not_written", count=len(slips))
                _release(slips, failed=True)
            self._busy_since = 0.0
        wire.close()

    def _gather(self) -> tuple[list[Slip], bool]:
        """Wait for the first slip and take all that are there; False with them: the desk closes."""
        slips = [self._queue.get(timeout=_RETRY_EVERY if self._down_since else None)]
        with contextlib.suppress(Empty):
            for _ in range(self._queue.qsize()):
                slips.append(self._queue.get_nowait())
        return [slip for slip in slips if slip is not None], None not in slips

    def _group(self, slips: list[Slip], wire: Wire, blocks: Blocks) -> None:
        """Look up and write a group, again and again while the database is away and somebody still waits.

        A click keeps its id over the attempts: when the connection broke at the commit, trying again adds nothing.
        """
        clicks: dict[int, ClickFacts] = {}
        while slips:
            try:
                self._look_up(slips, wire)
                counted = [slip for slip in slips if slip.counts and slip.mark]
                for slip in counted:
                    if id(slip) not in clicks:
                        clicks[id(slip)] = _click(slip, blocks.take(1)[0])
                if counted:
                    service.record_clicks(wire=wire, clicks=[clicks[id(slip)] for slip in counted])
            except WireBroken as problem:
                if not self._down_since:
                    self._down_since = time.monotonic()
                    log.warning("clicks_wait_for_database", problem=str(problem)[:200])
                time.sleep(_RETRY_EVERY)
                slips = [slip for slip in slips if not slip.gone]
                # Each attempt is a statement of its own: being away is told by _down_since.
                self._busy_since = time.monotonic()
                continue
            except WireRefused:
                if len(slips) == 1:
                    raise
                for slip in slips:  # one that the database won't have must not take the others with it
                    self._alone(slip, wire, blocks)
                return
            self._down_since = 0.0
            _release(slips)
            return

    def _alone(self, slip: Slip, wire: Wire, blocks: Blocks) -> None:
        try:
            self._group([slip], wire, blocks)
        except WireRefused:
            log.exception("click_refused", code=slip.code)
            _release([slip], failed=True)

    def _look_up(self, slips: list[Slip], wire: Wire) -> None:
        wanted = {slip.code for slip in slips if slip.mark is None}
        if not wanted:
            return
        found = {
            code: Mark(link_id, merchant_id, promoter_id, self._address(code, ticket))
            for code, (link_id, merchant_id, promoter_id, ticket) in queries.link_marks(wire=wire, codes=wanted).items()
        }
        believed_until = time.monotonic() + _UNKNOWN_SECONDS
        _room(self._known, len(found), _KNOWN_MOST)
        _room(self._unknown, len(wanted), _UNKNOWN_MOST)
        self._known.update(found)
        self._unknown.update(dict.fromkeys(wanted - found.keys(), believed_until))
        for slip in slips:
            if slip.mark is None:
                slip.mark = found.get(slip.code)


def _click(slip: Slip, click_id: int) -> ClickFacts:
    link_id, merchant_id, promoter_id, _ = slip.mark or Mark(0, 0, 0, "")
    return ClickFacts(click_id, link_id, merchant_id, promoter_id, slip.at, slip.visitor, slip.ip_hash, slip.agent)


def _next_ids(wire: Wire) -> int:
    found = wire.run("tuike_click_ids", _NEXT_IDS, [])[0][0]
    return int(found or 0)


def _room(cache: dict, more: int, most: int) -> None:
    if len(cache) + more > most:
        cache.clear()


def _release(slips: Iterable[Slip], *, failed: bool = False) -> None:
    for slip in slips:
        if slip.done.locked():
            slip.failed = failed
            slip.done.release()
