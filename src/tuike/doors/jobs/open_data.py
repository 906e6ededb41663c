"""The jobs of the open data: the night asks for a run, and whatever waits is written in a process of its own."""

from datetime import datetime

import structlog

from tuike.doors.jobs import aside
from tuike.doors.jobs.tasks import MINUTELY, job
from tuike.doors.web.soon import soon
from tuike.flows import write_open_data
from tuike.open_data import queries as open_data

NIGHTLY = "30 2 * * *"
log = structlog.get_logger(__name__)


@job("ask_open_data", cron=NIGHTLY)
def ask_open_data(now: datetime) -> dict[str, int]:
    """Ask for the night's run of the open data."""
    asked = write_open_data.ask_nightly(now=now)
    if asked:
        soon("write_open_data")
    return {"asked": int(asked is not None)}


@job("write_open_data", cron=MINUTELY, alone=True)
def write_open_data_due(now: datetime) -> dict[str, int]:
    """Write the runs of the open data that wait, in a process of their own."""
    if not open_data.waiting():
        return {"runs": 0}
    ended = aside.run("open-data", "work")
    if ended:
        log.warning("open_data_ended", code=ended)
    return {"runs": 1}
