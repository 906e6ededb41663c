"""Runs a whole flow again when the database chose it as the victim of a deadlock or a serialization conflict."""

import functools
import random
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection

P = ParamSpec("P")
R = TypeVar("R")

ATTEMPTS = 6
_VICTIM = {"40P01", "40001"}  # deadlock_detected, serialization_failure


def retry(function: Callable[P, R]) -> Callable[P, R]:
    """Run `function` again, up to six times, when it was a deadlock's victim. It must own its transaction."""

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return function(*args, **kwargs)
            except OperationalError as error:
                inside_another = connection.in_atomic_block
                if inside_another or attempt == ATTEMPTS or _state(error) not in _VICTIM:
                    raise
                time.sleep(random.uniform(0.005, 0.02) * 2**attempt)  # noqa: S311 spread, not secrecy
        raise AssertionError("unreachable")

    return run


def _state(error: OperationalError) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)
