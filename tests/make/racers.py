"""Threads that start together, each with a connection of its own."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.db import connection, transaction

from tuike.db import rows
from tuike.kit.errors import Refusal

T = TypeVar("T")


def at_once(works: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run each work in a thread of its own, all at once; return what each one said: its answer, the code of its
    refusal, or the name of what else was raised."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            start.wait(timeout=60)
            return work()
        except Refusal as refusal:
            return refusal.code
        except Exception as error:
            return type(error).__name__
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def race(count: int, work: Callable[[int], object]) -> list[str]:
    """Run `work(i)` in `count` threads at once; return `won` or the name of what was raised, for each."""

    def run(i: int) -> str:
        try:
            work(i)
        except Exception as error:
            return type(error).__name__
        return "won"

    return at_once([partial(run, i) for i in range(count)])


def durable(work: Callable[[], T]) -> Callable[[], T]:
    """Return the work in a transaction of its own."""

    def run() -> T:
        with transaction.atomic(durable=True):
            return work()

    return run


class Meeting:
    """A place in the code where racers wait for each other, so that a race happens each time and not by luck.

    Each thread waits once, until `count` of them have come; who comes later goes on. Where a guard keeps the others
    away nobody comes: after `patience_s` the one that waits goes on alone.
    """

    def __init__(self, count: int, patience_s: float = 60) -> None:
        self._barrier = threading.Barrier(count, action=self._met)
        self._been = threading.local()
        self._patience_s = patience_s
        self._over = False

    def come(self) -> None:
        """Wait for the others, the first time that this thread comes; the main thread prepares and doesn't race."""
        if getattr(self._been, "here", False) or threading.current_thread() is threading.main_thread():
            return
        self._been.here = True
        if self._over:
            return
        with contextlib.suppress(threading.BrokenBarrierError):
            self._barrier.wait(self._patience_s)

    def _met(self) -> None:
        self._over = True


_GATE = 7_999_001


@contextlib.contextmanager
def gate(count: int, patience_s: float = 60) -> Iterator[str]:
    """Let `count` racers wait for each other within a statement: yield the call that goes into its FROM.

    Who waits there has begun its statement, so it sees rows as they were before any of the others changed them.
    Another connection holds the gate's lock until it sees them all before it; where fewer come, `patience_s` long.
    """
    shut, left = threading.Event(), threading.Event()

    def keep() -> None:
        until = time.monotonic() + patience_s
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [_GATE])
                shut.set()
                while not left.wait(0.005) and time.monotonic() < until:
                    cursor.execute(_AT_THE_GATE, [_GATE])
                    if cursor.fetchone()[0] >= count:
                        break
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_GATE])
        finally:
            shut.set()
            connection.close()

    keeper = threading.Thread(target=keep)
    keeper.start()
    assert shut.wait(60)
    try:
        yield f"pg_advisory_xact_lock_shared({_GATE})"
    finally:
        left.set()
        keeper.join()


_AT_THE_GATE = """
    SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND objid = %s
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


def overlap(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """Do both in a transaction each, the second begun when the first has done its work and not committed it; it
    commits when the second waits for it, or is through. Return what each said, as `at_once` does.

    So every race of two happens, however slow the machine: what the second may not do without having seen the first
    is kept from it by a guard, or done.
    """
    worked, through = threading.Event(), threading.Event()

    def one() -> Any:
        try:
            with transaction.atomic(durable=True):
                answer = first()
                worked.set()
                wait_till_waited_for(through, patience_s=120)
                return answer
        finally:
            worked.set()

    def other() -> Any:
        try:
            assert worked.wait(60)
            with transaction.atomic(durable=True):
                return second()
        finally:
            through.set()

    return at_once([one, other])


def without(monkeypatch: Any, clause: str, *, within: str = "", instead: str = "") -> None:
    """Take a clause out of every statement that has it and `within`, for a control."""

    def cut(statement: str) -> str:
        return statement.replace(clause, instead) if within in statement else statement

    for verb in ("query", "planned", "run"):
        real = getattr(rows, verb)
        monkeypatch.setattr(rows, verb, lambda said, params=(), real=real: real(cut(said), params))
    insert = rows.insert
    monkeypatch.setattr(
        rows, "insert", lambda table, types, made, *, suffix="": insert(table, types, made, suffix=cut(suffix))
    )


def wait_till_waited_for(done: threading.Event | None = None, patience_s: float = 30) -> bool:
    """Wait until another connection waits for a lock of this one, or until `done`; return whether one of them came."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until:
        if done is not None and done.is_set():
            return True
        # Another cursor than `rows.query`: races wrap that one.
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
            )
            if cursor.fetchone()[0]:
                return True
        time.sleep(0.005)
    return False


def aside(work: Callable[[], object]) -> object:
    """Do `work` in a thread of its own: for what begins an event loop, where a browser's may run in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()
