"""The run over the ladder: what counts, from when it holds, and that a day moves nobody twice."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.audit.types import OPERATOR_SHELL, Actor
from tuike.db import rows
from tuike.flows import govern_alliance
from tuike.flows.move_grades import move_grades
from tuike.insight.grade_progress import progress_of
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.plans import queries
from tuike.plans import service as plans
from tuike.plans.types import GradesMoved
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def ladder():
    """Two steps: 100 yuan or two orders, 200 yuan or three."""
    for rank, name in enumerate(("黄金", "钻石"), start=1):
        plans.add_grade(
            name=name,
            rank=rank,
            threshold_fen=10_000 * rank,
            threshold_orders=1 + rank,
            extra_bps=100 * rank,
            actor=OPERATOR_SHELL,
            now=make.NOON,
        )


def sold(one, *, pieces, at):
    """Sell, receive and settle; return the instant of settling."""
    make.touch(one, now=at - timedelta(hours=1))
    order = make.bought(one, pieces=(pieces,), now=at)
    make.received(order, now=at + timedelta(hours=1))
    settled = at + 29 * DAY
    make.matured(until=settled)
    return order, settled


def name_of(one, at):
    grade = queries.grade_of(one.promoter.id, at=at)
    return grade.name if grade else None


def test_settled_sales_lift_from_the_next_midnight_on_and_the_window_has_two_edges():
    ladder()
    one = make.alliance()
    _, settled = sold(one, pieces=2, at=make.NOON)  # 119.80
    assert move_grades(now=settled - SECOND).up == 0
    done = move_grades(now=settled)
    assert (done.up, done.down) == (1, 0)
    assert name_of(one, settled) is None
    assert name_of(one, make.next_day(settled)) == "黄金"
    assert queries.grade_of(one.recruiter.id, at=make.next_day(settled)) is None
    last = settled + 90 * DAY
    assert move_grades(now=last).under == 0
    assert move_grades(now=last + DAY).under == 1
    books.check()


def test_a_day_moves_nobody_twice_and_steps_go_one_a_run_after_the_grace():
    ladder()
    one = make.alliance()
    _, settled = sold(one, pieces=4, at=make.NOON)  # 239.60
    assert move_grades(now=settled).up == 1
    assert name_of(one, make.next_day(settled)) == "钻石"
    gone = settled + 91 * DAY
    assert move_grades(now=gone) == GradesMoved(2, 0, 0, 1)
    assert move_grades(now=gone + 30 * DAY - SECOND).down == 0
    down = gone + 30 * DAY
    assert move_grades(now=down).down == 1
    assert move_grades(now=down + timedelta(minutes=1)).down == 0
    assert name_of(one, down) == "钻石"
    assert name_of(one, make.next_day(down)) == "黄金"
    assert move_grades(now=down + 29 * DAY).down == 0
    assert move_grades(now=down + 30 * DAY).down == 1
    assert name_of(one, make.next_day(down + 30 * DAY)) is None
    told = rows.query("SELECT measured, from_grade_id IS NULL, to_grade_id IS NULL FROM plans_grade_move ORDER BY id")
    assert told == [(23_960, True, False), (0, False, False), (0, False, True)]
    books.check()


def test_a_refund_after_settling_counts_and_so_do_orders_where_the_ladder_goes_by_them():
    ladder()
    settings.change(name="grade_by_orders", value=1, actor=OPERATOR_SHELL, now=make.NOON)
    one = make.alliance()
    sold(one, pieces=1, at=make.NOON)
    order, settled = sold(one, pieces=1, at=make.NOON + timedelta(hours=2))
    assert progress_of(one.promoter.id, now=settled).measured == 2
    make.refunded(order, now=settled + timedelta(hours=1))
    later = settled + timedelta(hours=2)
    found = progress_of(one.promoter.id, now=later)
    assert (found.measured, found.by_orders, found.next.name, found.missing) == (1, True, "黄金", 1)
    assert move_grades(now=later).up == 0
    books.check()


def test_ones_own_purchases_and_recruits_sales_lift_nobody():
    ladder()
    one = make.alliance()
    person = rows.query(
        "SELECT person_id FROM parties_seat WHERE party_id = %s AND role = 'super_admin'", [one.promoter.id]
    )[0][0]
    make.touch(one, buyer_id=person, now=make.NOON)
    order = make.bought(one, pieces=(4,), buyer_id=person, now=make.NOON + timedelta(minutes=1))
    make.received(order, now=make.NOON + timedelta(hours=1))
    make.matured(until=make.NOON + 29 * DAY)
    assert rows.query("SELECT DISTINCT role FROM commission_accrual") == [("self",)]
    assert move_grades(now=make.NOON + 29 * DAY).up == 0


def test_without_a_ladder_nothing_runs_and_a_wrong_step_changes_nothing():
    make_parties.promoter()
    assert move_grades(now=make.NOON) == GradesMoved(0, 0, 0, 0)
    given = {"rank": 1, "threshold_fen": 1, "extra_bps": 1, "actor": OPERATOR_SHELL, "now": make.NOON}
    with pytest.raises(Invalid):
        plans.add_grade(name="黄金", threshold_orders=-1, **given)
    assert queries.ladder() == []


def told(party):
    """What was told of grades under a promoter's bell and to its super administrator, with the grade and from when."""
    seat = "SELECT person_id FROM parties_seat WHERE party_id = %s AND role = 'super_admin'"
    facts = "kind, facts->>'grade_zh', (facts->>'extra_bps')::int, facts->>'from_at'"
    bell = f"SELECT {facts} FROM messages_message WHERE kind LIKE 'grade%%' AND party_id = %s ORDER BY id"
    phone = f"SELECT {facts} FROM messages_personal WHERE kind LIKE 'grade%%' AND person_id = ({seat}) ORDER BY id"
    found = rows.query(bell, [party.id])
    assert rows.query(phone, [party.id]) == found
    return found


def test_who_moves_is_told_once_from_when_it_stands_where():
    ladder()
    one = make.alliance()
    _, settled = sold(one, pieces=4, at=make.NOON)
    move_grades(now=settled)
    move_grades(now=settled + timedelta(minutes=1))
    up = ("grade_up", "钻石", 200, next_midnight(settled).isoformat())
    assert told(one.promoter) == [up]
    assert told(one.recruiter) == []
    gone = settled + 91 * DAY
    move_grades(now=gone)
    assert told(one.promoter) == [up]  # within the grace nothing moves
    first = gone + 30 * DAY
    for day in range(62):
        move_grades(now=first + day * DAY)
    steps = [(kind, name, bps) for kind, name, bps, _ in told(one.promoter)]
    assert steps == [("grade_up", "钻石", 200), ("grade_down", "黄金", 100), ("grade_down", "无等级", 0)]


def test_a_run_that_fails_tells_nobody(monkeypatch):
    ladder()
    one = make.alliance()
    _, settled = sold(one, pieces=4, at=make.NOON)

    def fails(*_, **__):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(messages, "tell_persons", fails)
        with pytest.raises(RuntimeError):
            move_grades(now=settled)
    assert name_of(one, make.next_day(settled)) is None
    assert told(one.promoter) == []
    move_grades(now=settled)
    assert [kind for kind, *_ in told(one.promoter)] == ["grade_up"]


def test_whom_the_operator_puts_on_a_step_is_told_and_who_stands_there_already_not():
    ladder()
    one = make.alliance()
    gold, diamond = [grade.grade_id for grade in queries.ladder()]
    boss = make_parties.operator()
    [seat] = parties.administrators_of([boss.id])[boss.id]
    actor = Actor(kind="person", person_id=seat.person_id, party_id=boss.id)
    for grade_id in (diamond, diamond, gold, None):
        govern_alliance.set_grade(promoter_no=one.promoter.no, grade_id=grade_id, actor=actor, now=make.NOON)
    steps = [(kind, name) for kind, name, *_ in told(one.promoter)]
    assert steps == [("grade_up", "钻石"), ("grade_down", "黄金"), ("grade_down", "无等级")]
