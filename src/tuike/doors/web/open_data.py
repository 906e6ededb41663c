"""Writes the runs of the open data that wait: for the command line, and for the process that the worker starts.

The files are written in a thread, since all is read within one transaction; this one tells how far it is, and that its
writer lives, from another connection.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection

from tuike.flows import write_open_data as flows
from tuike.insight.open_data import lake
from tuike.insight.open_data import write as writing
from tuike.kit import clock
from tuike.open_data.types import Outcome, Problem, RunShown

TOLD_SECONDS = 1.0
log = structlog.get_logger(__name__)


def root() -> Path:
    """Return the folder of the open data."""
    return Path(settings.OPEN_DATA_ROOT)


def write_next(
    *,
    stopping: Callable[[], bool] = lambda: False,
    told: Callable[[int, int], None] = lambda _done, _whole: None,
) -> RunShown | None:
    """Write the next run that waits and record what came of it; return it as it was taken, None when there is none.

    One that is stopped, or that finds another one at work, is given back.
    """
    run = flows.take_open_data(now=clock.now())
    if run is None:
        return None
    from tuike.insight.open_data.parquet import Stopped  # noqa: PLC0415 only a process that writes loads it

    began = time.monotonic_ns()
    try:
        written = _write_aside(run, stopping, told)
    except (Stopped, lake.AtWork):
        flows.give_back_open_data(run_id=run.id)
    except Exception as error:  # whatever it is, it is recorded, and a person looks
        log.exception("open_data_failed", run=run.id)
        problem = {writing.DiskFull: Problem.DISK_FULL, writing.Differs: Problem.DIFFERS}.get(
            type(error), Problem.OTHER
        )
        detail = f"{type(error).__name__}: {error}" if problem is Problem.OTHER else str(error)
        flows.record_open_data_failed(run_id=run.id, problem=problem, detail=detail, now=clock.now())
    else:
        flows.record_open_data(run_id=run.id, outcome=written, now=clock.now())
        took_ms = (time.monotonic_ns() - began) // 1_000_000
        log.info("open_data", run=run.id, files=written.files, rows=written.rows, took_ms=took_ms)
    return run


def _write_aside(run: RunShown, stopping: Callable[[], bool], told: Callable[[int, int], None]) -> Outcome:
    far: list[int | None] = [0, None]

    def more(done: int, whole: int) -> None:
        far[:] = done, whole
        told(done, whole)

    def work() -> Outcome:
        try:
            return writing.write(
                root=root(),
                keep_days=flows.keep_days(),
                everything=run.everything,
                told=more,
                stopping=stopping,
                now=clock.now(),
            )
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="open_data") as pool:
        doing = pool.submit(work)
        while not wait([doing], timeout=TOLD_SECONDS).done:
            flows.tell_open_data(run_id=run.id, done=far[0] or 0, whole=far[1], now=clock.now())
        return doing.result()
