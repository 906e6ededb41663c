"""Ids taken in blocks before an insert, and the numbers and codes that people see."""

import secrets
import threading
from collections.abc import Callable
from datetime import datetime

from tuike.kit.days import day_of

BLOCK = 1000
"""Ids a process takes from a sequence at once. The sequences step by this much."""

_CODE = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


class Blocks:
    """Hands out ids from blocks of `BLOCK`; thread-safe. `take_block` returns the first id of a fresh block.

    Ids are unique and never reused; they are not in order over processes, so nothing may read time from them.
    """

    def __init__(self, take_block: Callable[[], int]) -> None:
        self._take_block = take_block
        self._lock = threading.Lock()
        self._next = self._end = 0

    def take(self, count: int) -> list[int]:
        """Return `count` fresh ids."""
        ids: list[int] = []
        with self._lock:
            while len(ids) < count:
                if self._next == self._end:
                    self._next = self._take_block()
                    self._end = self._next + BLOCK
                step = min(count - len(ids), self._end - self._next)
                ids.extend(range(self._next, self._next + step))
                self._next += step
        return ids


def number(prefix: str, row_id: int, at: datetime) -> str:
    """Return a number for people and providers: prefix, natural day, id. Unique because the id is.

    Only capital letters and digits, at most 32 characters: WeChat Pay's `out_trade_no` and the transfer API's
    alphanumeric `out_bill_no` take it as it is.
    """
    return f"{prefix}{day_of(at):%y%m%d}{row_id:08d}"


def random_code(length: int) -> str:
    """Return an unguessable code of `length` characters out of 57 that can't be mistaken for one another."""
    return "".join(secrets.choice(_CODE) for _ in range(length))
