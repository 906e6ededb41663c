"""What the next run over the ladder would do to whom, before it is done; and what the runs before did."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tuike.commission import queries as commission
from tuike.db import rows
from tuike.kit.days import day_of, exact_days
from tuike.parties import queries as parties
from tuike.plans import queries as plans
from tuike.plans.types import GradeShown
from tuike.settings import service as settings

MOST_SHOWN = 100
"""Moves that are shown one by one."""


@dataclass(frozen=True, slots=True)
class Coming:
    """A step that a promoter would make, and what it is decided by: settled sales in fen, or orders."""

    no: str
    name: str
    from_: GradeShown | None
    to: GradeShown | None
    measured: int


@dataclass(frozen=True, slots=True)
class Tonight:
    """What a run at this instant would do: steps up and down, how many stand under their step within the grace, how
    many today's run moved already; the first moves by what was measured, the most first."""

    up: int
    down: int
    under: int
    done: int
    by_orders: bool
    moves: tuple[Coming, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What the run of a day did."""

    at: datetime
    seen: int
    up: int
    down: int
    under: int


@dataclass(frozen=True, slots=True)
class _Stand:
    """How everybody stands: step by promoter, since when under it, whom today's run moved."""

    steps: Mapping[int, int]
    under: Mapping[int, datetime]
    done: frozenset[int]


def tonight(*, now: datetime) -> Tonight:
    """Return what the run would do at `now`, by the same rule as the run itself (docs/rules.md §3). Writes nothing."""
    ladder = plans.ladder()
    said = settings.read(["grade_by_orders", "grade_window_days", "grade_grace_days"])
    by_orders, last = bool(said["grade_by_orders"]), parties.last_id()
    since = exact_days(now, -said["grade_window_days"])
    measured = commission.settled_measures(after=0, until=last, since=since, now=now, by_orders=by_orders)
    stand = _stand(ladder, now)
    thresholds = [grade.threshold(by_orders=by_orders) for grade in ladder]
    asked = measured.keys() | stand.steps.keys()
    if ladder and min(thresholds) == 0:  # then who sold nothing climbs, too
        asked |= set(parties.promoters_between(after=0, until=last))
    steps: dict[int, tuple[int, int]] = {}
    under = 0
    for promoter in asked - stand.done if ladder else ():
        here = stand.steps.get(promoter, plans.OFF)
        there, was_under = plans.step_after(
            thresholds=thresholds,
            measured=measured.get(promoter, 0),
            stands=here,
            under_since=stand.under.get(promoter),
            now=now,
            grace_days=said["grade_grace_days"],
        )
        under += was_under is not None
        if there != here:
            steps[promoter] = here, there
    up = sum(there > here for here, there in steps.values())
    moves = _moves(steps, ladder, measured)
    return Tonight(up, len(steps) - up, under, len(stand.done), by_orders, moves)


def runs(*, now: datetime, days: int = 30) -> list[Run]:
    """Return what the runs of the last days did that moved anybody, the latest first."""
    today = day_of(now)
    found = rows.query(
        "SELECT at, (facts->>'seen')::bigint, (facts->>'up')::bigint, (facts->>'down')::bigint,"
        " (facts->>'under')::bigint FROM audit_act WHERE action = 'grade.run' AND object = ANY(%s)"
        " ORDER BY id DESC",
        [[(today - timedelta(days=back)).isoformat() for back in range(days)]],
    )
    return [Run(*row) for row in found]


def _stand(ladder: list[GradeShown], now: datetime) -> _Stand:
    at = {grade.grade_id: i for i, grade in enumerate(ladder)}
    standing = rows.query(
        "SELECT split_part(scope, ':', 2)::bigint, grade_id FROM plans_rate"
        " WHERE layer = 'grade' AND upper_inf(valid) AND grade_id IS NOT NULL"
    )
    done = rows.query("SELECT promoter_id FROM plans_grade_move WHERE day = %s", [day_of(now)])
    return _Stand(
        {promoter: at[grade] for promoter, grade in standing},
        dict(rows.query("SELECT promoter_id, since FROM plans_grade_under")),
        frozenset(promoter for (promoter,) in done),
    )


def _moves(
    steps: Mapping[int, tuple[int, int]], ladder: list[GradeShown], measured: Mapping[int, int]
) -> tuple[Coming, ...]:
    first = sorted(steps, key=lambda promoter: (-measured.get(promoter, 0), promoter))[:MOST_SHOWN]
    names = parties.promoter_facts(first) if first else {}

    def grade(step: int) -> GradeShown | None:
        return None if step == plans.OFF else ladder[step]

    return tuple(
        Coming(names[one].no, names[one].name, *(grade(step) for step in steps[one]), measured.get(one, 0))
        for one in first
    )
