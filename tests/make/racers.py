"""Threads that start together, each with a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def race(count: int, work: Callable[[int], object]) -> list[str]:
    """Run `work(i)` in `count` threads at once; return `won` or the name of what was raised, for each."""
    start = threading.Barrier(count)

    def run(i: int) -> str:
        try:
            connection.ensure_connection()
            start.wait(timeout=30)
            work(i)
        except Exception as error:
            return type(error).__name__
        else:
            return "won"
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))
