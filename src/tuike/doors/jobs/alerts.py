"""The jobs of alerts and reports: thresholds are looked at after figures were counted, reports written when they are
due, mails sent."""

from datetime import datetime

from tuike.doors.jobs.kinds import MINUTELY, job
from tuike.doors.web import mails
from tuike.doors.web.soon import soon
from tuike.flows import make_reports, send_mails, watch_thresholds
from tuike.insight import reports

FIVE_MINUTELY = "*/5 * * * *"


@job("watch_thresholds", cron=FIVE_MINUTELY, alone=True)
def watch(now: datetime) -> dict[str, int]:
    """Look at the thresholds, and tell of those that were crossed."""
    done = watch_thresholds.watch_thresholds(read=reports.measured, now=now)
    if done["fired"]:
        soon("send_mails")
    return done


@job("make_reports", cron=FIVE_MINUTELY, alone=True)
def make(now: datetime) -> dict[str, int]:
    """Write the reports that are due."""
    made = make_reports.make_reports(write=reports.content, now=now)
    if made:
        soon("send_mails")
    return {"reports": made}


@job("send_mails", cron=MINUTELY, alone=True)
def send(now: datetime) -> dict[str, int]:
    """Send the mails that are due."""
    done = 0
    while some := send_mails.send_mails(compose=mails.compose, now=now):
        done += some
    return {"mails": done}
