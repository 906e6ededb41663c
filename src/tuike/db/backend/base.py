"""PostgreSQL as Django knows it, and no wait without an end where `longest_wait` is among the database's OPTIONS.

The server ends a statement that takes too long, but a server that hangs ends nothing, and over a unix socket the kernel
doesn't notice either. So a thread waits `longest_wait` seconds for an answer and then gives its connection up. And a
database that is away is looked for by one thread of a process at a time: the others are told at once, and stay free
for what needs no database.
"""

import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg.types.numeric import Int8Dumper

HEALTH_WAIT = 1.0
"""Seconds that an idle connection has to say that it is still there."""
FRESH_SECONDS = 1.0
"""A connection that was heard of so lately isn't asked: where it broke since, one request is told to come again."""
SHUT_SECONDS = 0.5
"""Seconds after a failed attempt in which nobody tries."""


class Gate:
    """What a process knows of the way to its database: open, or shut but for one thread that tries."""

    def __init__(self) -> None:
        self._shut_until = 0.0
        self._trying = threading.Lock()

    @property
    def shut(self) -> bool:
        """Return whether the last thing heard of the database is that it is away."""
        return self._shut_until > 0.0

    def shut_now(self) -> None:
        """Say that the database is away."""
        self._shut_until = time.monotonic() + SHUT_SECONDS

    @contextlib.contextmanager
    def passing(self) -> Iterator[None]:
        """Let through who tries to connect, and learn from how it ends.

        Raises:
            psycopg.OperationalError: it is away, and finding out whether it is back is another thread's turn.
        """
        alone = self.shut
        if alone and (time.monotonic() < self._shut_until or not self._trying.acquire(blocking=False)):
            raise psycopg.OperationalError("the database was away a moment ago")
        try:
            yield
        except psycopg.OperationalError:
            self.shut_now()
            raise
        else:
            self._shut_until = 0.0
        finally:
            if alone:
                self._trying.release()


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that waits `longest_wait` seconds for an answer and is closed when none came."""

    longest_wait: float
    gate: Gate
    heard_at = 0.0

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for what the server says.

        Raises:
            psycopg.OperationalError: nothing in time; the connection is closed, and what was under way may or may not
                have happened.
        """
        longest = getattr(self, "longest_wait", None)
        if timeout is not None or longest is None:
            return super().wait(gen, interval, timeout)
        try:
            answer = super().wait(gen, interval, longest)
            self.heard_at = time.monotonic()
            return answer
        except psycopg.OperationalError:
            # Still under way: we gave up, the server didn't. An answer that comes later must not be taken for another.
            if self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                self.gate.shut_now()
                self.close()
            raise


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, connecting through the gate."""

    gate = Gate()

    def get_connection_params(self) -> dict[str, Any]:
        """Return what libpq is told; our own option isn't for it."""
        params = super().get_connection_params()
        params.pop("longest_wait", None)
        return params

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect; with an end to its waits where that is wanted."""
        longest = self.settings_dict["OPTIONS"].get("longest_wait")
        if longest is None:
            made = super().get_new_connection(conn_params)
        else:
            self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
            with self.gate.passing():
                made = BoundedConnection.connect(**conn_params)
            made.gate, made.longest_wait = self.gate, longest
        # A plan is kept by the types of its parameters: one type for a number however large, not one by its size.
        made.adapters.register_dumper(int, Int8Dumper)
        return made

    def is_usable(self) -> bool:
        """Return whether an idle connection still answers; it has a second to do so."""
        link = self.connection
        if not isinstance(link, BoundedConnection):
            return super().is_usable()
        if self.gate.shut or link.closed:
            return False
        if time.monotonic() - link.heard_at < FRESH_SECONDS:
            return True
        usual, link.longest_wait = link.longest_wait, min(link.longest_wait, HEALTH_WAIT)
        try:
            return super().is_usable()
        finally:
            link.longest_wait = usual
