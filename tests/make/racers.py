"""Threads that start together, each with a connection of its own."""

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from django.db import connection, transaction

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

    Each thread waits once, until `count` of them are there. Where a guard keeps the others away nobody comes: after
    `patience_s` the one that waits goes on alone.
    """

    def __init__(self, count: int, patience_s: float = 10) -> None:
        self._barrier = threading.Barrier(count)
        self._been = threading.local()
        self._patience_s = patience_s

    def come(self) -> None:
        """Wait for the others, the first time that this thread comes; the main thread prepares and doesn't race."""
        if getattr(self._been, "here", False) or threading.current_thread() is threading.main_thread():
            return
        self._been.here = True
        with contextlib.suppress(threading.BrokenBarrierError):
            self._barrier.wait(self._patience_s)


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
