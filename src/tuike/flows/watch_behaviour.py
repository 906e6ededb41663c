"""Promoters whose day is unlike their own days and their peers' are told to the operator: once a day and kind."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.db import transaction

from tuike.db.retry import retry
from tuike.figures import queries as figures
from tuike.figures.types import BEFORE, Finding, Peers, Totals
from tuike.kit.days import day_of
from tuike.parties import queries as parties
from tuike.plans import queries as plans
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind

STEP = 50_000
"""Ids of parties that are looked at together."""
NOBODY = Peers()


def watch_behaviour(*, now: datetime, whole: bool) -> int:
    """Look at today as far as it goes, or at yesterday as a `whole`; return how many cases are new (docs/rules.md §11).

    Run again it opens none twice, also where one was closed meanwhile.
    """
    day = day_of(now) - timedelta(days=1 if whole else 0)
    last = parties.last_id()
    parts = [(after, min(after + STEP, last)) for after in range(0, last, STEP)]
    grades: dict[int, int] = {}
    sums: dict[int, Peers] = {}
    for after, until in parts:
        totals = figures.totals_before(after=after, until=until, day=day, span=BEFORE)
        stands = plans.grades_of([one.promoter_id for one in totals], at=now)
        for one in totals:
            grade = grades[one.promoter_id] = stands.get(one.promoter_id, 0)
            sums[grade] = _moved(sums.get(grade, NOBODY), one, 1)
    return sum(_part(after, until, day, grades, sums, whole=whole, now=now) for after, until in parts)


def _part(
    after: int,
    until: int,
    day: date,
    grades: Mapping[int, int],
    sums: Mapping[int, Peers],
    *,
    whole: bool,
    now: datetime,
) -> int:
    totals = figures.totals_before(after=after, until=until, day=day, span=BEFORE)
    peers = {one.promoter_id: _moved(sums.get(grades.get(one.promoter_id, 0), NOBODY), one, -1) for one in totals}
    odd = figures.odd_days(after=after, until=until, day=day, peers=peers, nobody=NOBODY, whole=whole)
    return _open(odd, day, now) if odd else 0


@retry
def _open(odd: Mapping[int, list[Finding]], day: date, now: datetime) -> int:
    refs = parties.refs(odd)
    cases = [
        CaseFacts(CaseKind(one.kind.value), f"{refs[promoter].no}/{day.isoformat()}", 0, dict(one.facts))
        for promoter, findings in sorted(odd.items())
        for one in findings
    ]
    with transaction.atomic(durable=True):
        return risk.open_once(cases=cases, now=now)


def _moved(sums: Peers, one: Totals, sign: int) -> Peers:
    """Return the sums with a promoter, or (`sign` -1) without it."""
    return Peers(
        clicks=sums.clicks + sign * one.clicks,
        orders=sums.orders + sign * one.orders,
        paid_fen=sums.paid_fen + sign * one.paid_fen,
        refunded_fen=sums.refunded_fen + sign * one.refunded_fen,
        day_clicks=sums.day_clicks + sign * one.day_clicks,
    )
