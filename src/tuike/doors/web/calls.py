"""The log of calls that parties' software made: noted by the doors, written in groups by one thread a process.

A call's answer waits for no line of the log. A process that is killed loses the lines of its last half second; when the
database is away the newest lines are dropped, and counted, before memory is at stake.
"""

import atexit
import threading
import time
from queue import Empty, SimpleQueue

import structlog
from django.db import Error, connection

from tuike.apps import service as apps
from tuike.apps.types import CallFacts

EVERY_S = 0.5
MOST_WAITING = 20_000
GROUP = 1000

log = structlog.get_logger(__name__)


class Log:
    """Where doors note calls. Before `begin` each line is written at once, on the caller's connection."""

    def __init__(self) -> None:
        self._waiting: SimpleQueue[CallFacts] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._over = threading.Event()
        self._dropped = 0

    def begin(self) -> None:
        """Write in groups from now on: called once by a process that answers requests."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="calls", daemon=True)
            self._thread.start()
            atexit.register(self.end)

    def end(self) -> None:
        """Write what waits and stop."""
        self._over.set()
        if self._thread is not None:
            self._thread.join(timeout=5)
            self._thread = None

    def note(self, call: CallFacts) -> None:
        """Take a call for the log."""
        if self._thread is None:
            apps.record_calls([call])
        elif self._waiting.qsize() < MOST_WAITING:
            self._waiting.put(call)
        else:
            self._dropped += 1

    def _run(self) -> None:
        try:
            self._write_groups()
        finally:
            connection.close()

    def _write_groups(self) -> None:
        kept: list[CallFacts] = []
        while not self._over.is_set() or kept or not self._waiting.empty():
            self._over.wait(EVERY_S)
            kept += self._taken(GROUP - len(kept))
            if kept and self._written(kept):
                kept = []
            elif kept and self._over.is_set():
                return  # the database is away and the process ends

    def _taken(self, most: int) -> list[CallFacts]:
        taken: list[CallFacts] = []
        while len(taken) < most:
            try:
                taken.append(self._waiting.get_nowait())
            except Empty:
                break
        return taken

    def _written(self, calls: list[CallFacts]) -> bool:
        try:
            apps.record_calls(calls)
        except Error as error:
            log.warning("calls not logged yet", waiting=len(calls), error=str(error).splitlines()[:1])
            connection.close()
            time.sleep(EVERY_S)
            return False
        if self._dropped:
            log.warning("calls dropped from the log", dropped=self._dropped)
            self._dropped = 0
        return True


calls = Log()
