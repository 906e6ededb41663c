"""Asks the worker for a run of a job before its next time comes: a convenience, since every job has a schedule."""

import structlog
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

log = structlog.get_logger(__name__)


def soon(job: str) -> None:
    """Let the worker run `job` now; where one of its kind waits already, that one will do.

    Call it when the work that it is to find is committed. That it can't be asked for is no reason to refuse anything.
    """
    try:
        with transaction.atomic():
            app.configure_task(job, queueing_lock=job).defer()
    except AlreadyEnqueued:
        pass
    except Exception:  # whatever it is: the schedule brings the job within a minute
        log.warning("job_not_asked_for", job=job, exc_info=True)
