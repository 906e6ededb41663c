"""What a job is: a function of the product's clock with a schedule, of which at most one waits."""

from collections.abc import Callable
from datetime import datetime

import structlog
from procrastinate.contrib.django import app

from tuike.kit import clock

MINUTELY, TEN_MINUTELY, HOURLY = "* * * * *", "*/10 * * * *", "7 * * * *"
DAILY = "40 3 * * *"
EARLY = "20 1 * * *"
log = structlog.get_logger(__name__)


def job(
    name: str, *, cron: str, alone: bool = False
) -> Callable[[Callable[[datetime], dict[str, int]]], Callable[[datetime], dict[str, int]]]:
    """Register a function as the job `name`; it is given the product's clock and returns what it counted.

    Of each kind at most one waits; `alone`: a second one doesn't start while one runs.
    """

    def register(work: Callable[[datetime], dict[str, int]]) -> Callable[[datetime], dict[str, int]]:
        def run(timestamp: int = 0) -> None:
            counted = work(clock.now())
            if any(counted.values()):
                log.info("job", job=name, **counted)

        task = app.task(name=name, queueing_lock=name, lock=name if alone else None)(run)
        app.periodic(cron=cron)(task)
        return work

    return register
