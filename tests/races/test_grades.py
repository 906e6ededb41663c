"""The run over the ladder by two workers, and the ladder changed meanwhile; each guard with its control (§3)."""

from datetime import timedelta

import pytest

from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.make.racers import overlap
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.plans import queries, service
from tuike.plans.service import writing

pytestmark = pytest.mark.usefixtures("committed_db")
HAD = {"actor": OPERATOR_SHELL, "now": NOON}
NEXT = NOON + timedelta(days=1)


def grade(rank: int = 1, *, fen: int = 10_000):
    return service.add_grade(
        name=f"第{rank}级", rank=rank, threshold_fen=fen, threshold_orders=1, extra_bps=100 * rank, **HAD
    )


def run(promoter_id: int, *, fen: int, now=NOON):
    """Run over one promoter who has sold so much; return how many went up."""
    return service.move_grades(
        after=promoter_id - 1,
        until=promoter_id,
        promoters=[promoter_id],
        measured={promoter_id: fen},
        by_orders=False,
        grace_days=0,
        actor=OPERATOR_SHELL,
        now=now,
    ).up


def moves():
    return rows.query("SELECT count(*) FROM plans_grade_move")[0][0]


def moved_by_two(*, days: int = 0):
    """Let two workers run over one promoter, the second one so many days later; return both, and the moves."""
    grade()
    promoter_id = make_parties.promoter().id
    said = overlap(
        lambda: run(promoter_id, fen=10_000), lambda: run(promoter_id, fen=10_000, now=NOON + timedelta(days=days))
    )
    return said, moves(), queries.grade_of(promoter_id, at=NEXT).rank


@pytest.mark.parametrize("days", [0, 1])
def test_two_workers_move_a_promoter_once(days):
    assert moved_by_two(days=days) == ([1, 0], 1, 1)


def test_control_without_the_lock_the_second_fails_without_a_name(monkeypatch):
    monkeypatch.setattr(writing, "lock_grades", lambda: None)
    assert moved_by_two() == ([1, "IntegrityError"], 1, 1)


def test_control_without_lock_and_constraints_it_is_moved_twice(monkeypatch, owner_sql):
    monkeypatch.setattr(writing, "lock_grades", lambda: None)
    owner_sql("ALTER TABLE plans_grade_move DROP CONSTRAINT plans_grade_move_once")
    definition = owner_sql(
        "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'plans_rate_no_overlap'"
    )
    owner_sql("ALTER TABLE plans_rate DROP CONSTRAINT plans_rate_no_overlap")
    try:
        assert moved_by_two()[:2] == ([1, 1], 2)
    finally:
        owner_sql("TRUNCATE plans_grade_move, plans_rate CASCADE")
        owner_sql("ALTER TABLE plans_grade_move ADD CONSTRAINT plans_grade_move_once UNIQUE (promoter_id, day)")
        owner_sql(f"ALTER TABLE plans_rate ADD CONSTRAINT plans_rate_no_overlap {definition[0][0]}")


def test_the_same_day_moves_nobody_twice_also_when_the_first_has_long_committed():
    grade()
    grade(2, fen=20_000)
    promoter_id = make_parties.promoter().id
    assert (run(promoter_id, fen=10_000), run(promoter_id, fen=20_000)) == (1, 0)
    assert (moves(), queries.grade_of(promoter_id, at=NEXT).rank) == (1, 1)


def changed_while_running():
    """Give a step another share while a promoter is being lifted onto it; return what the promoter gets."""
    step = grade()
    promoter_id = make_parties.promoter().id
    change = lambda: service.change_grade(grade_id=step, threshold_fen=10_000, extra_bps=700, **HAD) and None  # noqa: E731
    assert overlap(change, lambda: run(promoter_id, fen=10_000)) == [None, 1]
    return rows.query("SELECT rate_bps FROM plans_rate WHERE scope = %s", [f"grade:{promoter_id}"])


def test_who_is_lifted_while_a_step_changes_gets_the_new_share():
    assert changed_while_running() == [(700,)]


def test_control_without_the_lock_one_keeps_the_old_share(monkeypatch):
    monkeypatch.setattr(writing, "lock_grades", lambda: None)
    assert changed_while_running() == [(100,)]
