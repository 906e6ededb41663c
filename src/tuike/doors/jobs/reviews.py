"""The job of the review desk: what is past its time is told, once."""

from datetime import datetime

from tuike.doors.jobs.tasks import TEN_MINUTELY, job
from tuike.flows import tell_overdue


@job("tell_overdue", cron=TEN_MINUTELY)
def tell_overdue_due(now: datetime) -> dict[str, int]:
    """Tell the operator of held commission and appeals that are past their time."""
    return tell_overdue.tell_overdue(now=now)
