"""Waiting for something to become true: a condition and a generous bound, never a length of time."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
LONGEST_SECONDS = 120.0
"""What a slow and busy machine may take; who waits so long in vain has found a fault."""


def until(done: Callable[[], T], *, what: str, seconds: float = LONGEST_SECONDS) -> T:
    """Ask until `done()` is true and return its answer; fail and say `what` was waited for."""
    deadline = time.monotonic() + seconds
    while True:
        found = done()
        if found:
            return found
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain: {what}"
        time.sleep(0.05)
