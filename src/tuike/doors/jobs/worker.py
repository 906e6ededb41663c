"""The worker's process: `python -m tuike.doors.jobs.worker`.

Procrastinate's worker ends when the database is away for long. This one begins anew, in the same process, until it is
asked to stop (SIGTERM or SIGINT): then it lets the jobs that run finish for a while.
"""

import asyncio
import os
import signal
from concurrent.futures import ThreadPoolExecutor

import django
import psycopg
import structlog
from django.conf import settings
from django.db import Error
from procrastinate.exceptions import ConnectorException

from tuike.runtime import garbage

FINISH_SECONDS = 8.0
_AGAIN_SECONDS = 1.0
_AWAY = (ConnectorException, psycopg.Error, Error, OSError, type(None))
"""How a turn ends when the database is away, or just so: it needs nothing else that can be missing."""
log = structlog.get_logger(__name__)


def main() -> None:
    """Work until asked to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuike.config.settings")
    django.setup()
    garbage.settle()
    asyncio.run(_work())


async def _work() -> None:
    # Jobs run in the loop's threads, of which there would be fewer than jobs on a machine with few cores.
    at_once = settings.PROCRASTINATE_WORKER_DEFAULTS["concurrency"]
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(at_once, thread_name_prefix="job"))
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    asked = asyncio.create_task(stopped.wait())
    asked.add_done_callback(lambda _: _stop_sending())
    while not stopped.is_set():
        turn = asyncio.create_task(_turn())
        await asyncio.wait({turn, asked}, return_when=asyncio.FIRST_COMPLETED)
        if stopped.is_set():
            turn.cancel()
        [ended] = await asyncio.gather(turn, return_exceptions=True)
        if not stopped.is_set():
            if not isinstance(ended, _AWAY):
                raise ended  # a fault of ours: the process ends and says why, and whoever runs it begins it anew
            log.warning("worker_begins_anew", problem=type(ended).__name__)
            await asyncio.wait({asked}, timeout=_AGAIN_SECONDS)


def _stop_sending() -> None:
    """Let the job that stays, stay no longer."""
    from tuike.doors.jobs import sending  # noqa: PLC0415 Django is set up by now

    sending.STOPPING.set()


async def _turn() -> None:
    """Work until cancelled, or until the database is away for too long."""
    from procrastinate.contrib.django import app  # noqa: PLC0415 Django is set up by now

    with app.replace_connector(app.connector.get_worker_connector()) as working:  # type: ignore[attr-defined]
        async with working.open_async():
            await working.run_worker_async(install_signal_handlers=False, shutdown_graceful_timeout=FINISH_SECONDS)


if __name__ == "__main__":
    main()
