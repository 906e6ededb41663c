"""Promoters move on the ladder by what they sold: a run a day over all of them, a part after the other."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import SYSTEM
from tuike.commission import queries as commission
from tuike.db.retry import retry
from tuike.flows import promoter_news
from tuike.kit.days import day_of, exact_days
from tuike.parties import queries as parties
from tuike.plans import queries as plans_of
from tuike.plans import service as plans
from tuike.plans.types import GradesMoved
from tuike.settings import service as settings

STEP = 50_000
"""Ids of parties that one transaction looks at."""


def move_grades(*, now: datetime) -> GradesMoved:
    """Move every promoter up or down as the ladder says, from the next midnight on (docs/rules.md §3).

    Stops between two parts at any time; run again on the same day it goes on, and moves nobody twice.
    """
    total = GradesMoved(0, 0, 0, 0)
    if not plans_of.ladder():
        return total
    last = parties.last_id()
    for after in range(0, last, STEP):
        done = _part(after, min(after + STEP, last), now)
        total = GradesMoved(
            total.seen + done.seen, total.up + done.up, total.down + done.down, total.under + done.under
        )
    if total.up or total.down:
        _told(total, now)
    return total


@retry
def _part(after: int, until: int, now: datetime) -> GradesMoved:
    said = settings.read(["grade_by_orders", "grade_window_days", "grade_grace_days"])
    by_orders = bool(said["grade_by_orders"])
    with transaction.atomic(durable=True):
        measured = commission.settled_measures(
            after=after,
            until=until,
            since=exact_days(now, -said["grade_window_days"]),
            now=now,
            by_orders=by_orders,
        )
        done = plans.move_grades(
            after=after,
            until=until,
            promoters=parties.promoters_between(after=after, until=until),
            measured=measured,
            by_orders=by_orders,
            grace_days=said["grade_grace_days"],
            actor=SYSTEM,
            now=now,
        )
        promoter_news.grades_moved(done.moves, now)
        return done


@retry
def _told(total: GradesMoved, now: datetime) -> None:
    with transaction.atomic(durable=True):
        facts = {"seen": total.seen, "up": total.up, "down": total.down, "under": total.under}
        audit.record(actor=SYSTEM, action="grade.run", object_=day_of(now).isoformat(), facts=facts, now=now)
