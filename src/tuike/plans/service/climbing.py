"""The run over the ladder: promoters move up and down by what was measured of them, a part of them at a time (§3)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.days import day_of, next_midnight
from tuike.plans import queries, rules
from tuike.plans.service import writing
from tuike.plans.service.writing import Change
from tuike.plans.types import GradeMoved, GradeShown, GradesMoved, Layer

_STANDING = """
    SELECT split_part(scope, ':', 2)::bigint, grade_id FROM plans_rate
    WHERE layer = 'grade' AND upper_inf(valid) AND split_part(scope, ':', 2)::bigint > %s
        AND split_part(scope, ':', 2)::bigint <= %s
"""
_MOVE = {
    "promoter_id": "bigint",
    "day": "date",
    "from_grade_id": "bigint",
    "to_grade_id": "bigint",
    "by_orders": "bool",
    "measured": "bigint",
    "at": "timestamptz",
}


@transaction.atomic
def move_grades(
    *,
    after: int,
    until: int,
    promoters: Collection[int],
    measured: Mapping[int, int],
    by_orders: bool,
    grace_days: int,
    actor: Actor,
    now: datetime,
) -> GradesMoved:
    """Move `promoters`, those with ids above `after` up to `until`, on the ladder, from the next midnight on (§3).

    `measured`: what they have in the ladder's window, settled sales in fen or orders; who is missing has nothing. The
    same day moves nobody twice, however often it is run: a promoter that it moved before is left alone.
    """
    writing.lock_grades()
    ladder = queries.ladder()
    if not ladder:
        return GradesMoved(0, 0, 0, 0)
    at = {grade.grade_id: i for i, grade in enumerate(ladder)}
    stands = {promoter: at[grade] for promoter, grade in rows.query(_STANDING, [after, until])}
    done = {
        promoter
        for (promoter,) in rows.query(
            "SELECT promoter_id FROM plans_grade_move WHERE day = %s AND promoter_id > %s AND promoter_id <= %s",
            [day_of(now), after, until],
        )
    }
    under: dict[int, datetime] = dict(
        rows.query(
            "SELECT promoter_id, since FROM plans_grade_under WHERE promoter_id > %s AND promoter_id <= %s",
            [after, until],
        )
    )
    thresholds = [grade.threshold(by_orders=by_orders) for grade in ladder]
    steps: dict[int, tuple[int, int]] = {}
    since: dict[int, datetime] = {}
    seen = (stands.keys() | set(promoters)) - done
    for promoter in seen:
        here = stands.get(promoter, rules.OFF)
        there, was_under = rules.moved(
            stands=here,
            reaches=rules.reached(thresholds, measured.get(promoter, 0)),
            under_since=under.get(promoter),
            now=now,
            grace_days=grace_days,
        )
        if there != here:
            steps[promoter] = here, there
        if was_under is not None:
            since[promoter] = was_under
    moves = _write(steps, ladder, measured, by_orders=by_orders, actor=actor, now=now)
    _note(under, since, done)
    up = sum(there > here for here, there in steps.values())
    return GradesMoved(len(seen), up, len(steps) - up, len(since), moves)


def _write(
    steps: Mapping[int, tuple[int, int]],
    ladder: Sequence[GradeShown],
    measured: Mapping[int, int],
    *,
    by_orders: bool,
    actor: Actor,
    now: datetime,
) -> tuple[GradeMoved, ...]:
    """Write who stands where from the next midnight on, and what it was decided by; return the moves."""

    def grade(step: int) -> GradeShown | None:
        return None if step == rules.OFF else ladder[step]

    changes, moves, made = [], [], []
    for promoter, (here, there) in sorted(steps.items()):
        old, new = grade(here), grade(there)
        bps, id_ = (new.extra_bps, new.grade_id) if new else (None, None)
        changes.append(Change(Layer.GRADE, f"grade:{promoter}", bps, grade_id=id_))
        facts = (by_orders, measured.get(promoter, 0), now)
        move = GradeMoved(promoter, old.grade_id if old else None, id_)
        moves.append((promoter, day_of(now), move.from_grade_id, id_, *facts))
        made.append(move)
    if changes:
        writing.change_rates(changes, from_=next_midnight(now), actor=actor, now=now)
        rows.insert("plans_grade_move", _MOVE, moves)
    return tuple(made)


def _note(before: Mapping[int, datetime], since: Mapping[int, datetime], done: set[int]) -> None:
    """Keep since when promoters have been under their steps; who isn't any more is taken out."""
    gone = [promoter for promoter in before if promoter not in since and promoter not in done]
    fresh = [(promoter, at) for promoter, at in since.items() if before.get(promoter) != at]
    if gone:
        rows.run("DELETE FROM plans_grade_under WHERE promoter_id = ANY(%s)", [gone])
    if fresh:
        rows.run(
            "INSERT INTO plans_grade_under (promoter_id, since)"
            " SELECT promoter_id, since FROM unnest(%s::bigint[], %s::timestamptz[]) AS new (promoter_id, since)"
            " ON CONFLICT (promoter_id) DO UPDATE SET since = excluded.since",
            rows.columns(fresh, 2),
        )
