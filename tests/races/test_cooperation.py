"""Two who decide, file, answer and tend at once: real threads and commits, each with its control (docs/rules.md §9)."""

import threading
from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import cooperation as coop
from tests.make.racers import at_once
from tuike.cooperation import queries
from tuike.cooperation.service import cancels, extensions, timers
from tuike.cooperation.types import EnrolmentState, ExtensionState
from tuike.db import rows
from tuike.flows import cancel_cooperation as cancelling
from tuike.flows import extend_cooperation as extending
from tuike.flows.tend_cooperations import tend_cooperations

NOON, DAY, SECOND = coop.NOON, timedelta(days=1), timedelta(seconds=1)


@pytest.fixture
def one(committed_db):
    coop.open_to_all()
    return make.alliance()


def now_so(made):
    return queries.enrolments_by_id([made.enrolment_id])[made.enrolment_id]


def told(kind):
    return rows.query("SELECT count(*) FROM messages_message WHERE kind = %s", [kind])[0][0]


def without_lock(monkeypatch, module, threads=2):
    """Let a verb's threads all read before any of them writes: what the lock forbids."""
    met = threading.Barrier(threads)

    def read(*, nos, now, merchant_id=None, leader_id=None):
        ids = rows.query("SELECT id FROM cooperation_enrolment WHERE no = ANY(%s)", [list(nos)])
        shown = list(queries.enrolments_by_id(id_ for (id_,) in ids).values())
        met.wait(timeout=60)
        return shown

    monkeypatch.setattr(module, "locked", read)


def decide_twice(one, made):
    by = [coop.by(one.leader.id, NOON + DAY) for _ in range(2)]
    return at_once(
        [lambda who=who: cancelling.decide_cancel(no=made.no, agree=False, by=who).cancel.state.value for who in by]
    )


def test_two_decisions_are_one(one):
    made = coop.agreed(one)
    cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, NOON))
    assert sorted(decide_twice(one, made)) == ["no_open_cancel", "refused"]
    assert told("cancel_refused") == 2, "one each for shop and leader"


def test_control_without_the_old_state_two_decisions_are_two(one, monkeypatch):
    made = coop.agreed(one)
    cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, NOON))
    monkeypatch.setattr(cancels, "_DECIDE", cancels._DECIDE.replace("AND state = 'open'", ""))
    assert decide_twice(one, made) == ["refused", "refused"]


def test_the_leader_agrees_and_refuses_at_once(one):
    made = coop.agreed(one)
    cancelling.ask_cancel(no=made.no, by=coop.by(one.shop.id, NOON))
    by = [coop.by(one.leader.id, NOON + DAY) for _ in range(2)]
    said = at_once(
        [
            lambda: cancelling.decide_cancel(no=made.no, agree=True, by=by[0]).state.value,
            lambda: cancelling.decide_cancel(no=made.no, agree=False, by=by[1]).state.value,
        ]
    )
    ended = now_so(made).state is EnrolmentState.ENDED
    assert said == (["ended", "enrolment_over"] if ended else ["no_open_cancel", "active"])


def file_twice(one, made, at):
    by = [coop.by(one.shop.id, at) for _ in range(2)]
    return sorted(at_once([lambda who=who: cancelling.ask_cancel(no=made.no, by=who).cancel.state.value for who in by]))


@pytest.mark.parametrize(("days", "said"), [(1, ["cancel_open_already", "open"]), (31, ["at_once", "enrolment_over"])])
def test_a_cancel_filed_twice_is_one(one, days, said):
    made = coop.agreed(one)
    assert file_twice(one, made, NOON + days * DAY) == said
    assert rows.query("SELECT count(*) FROM cooperation_cancel") == [(1,)]


def test_control_without_the_lock_a_second_cancel_fails_without_a_name(one, monkeypatch):
    made = coop.agreed(one)
    without_lock(monkeypatch, cancels)
    assert file_twice(one, made, NOON + DAY) == ["IntegrityError", "open"]


def lapsed_by_two(one):
    made = coop.agreed(one)
    extending.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=coop.by(one.leader.id))
    late = NOON + 10 * DAY
    at_once([lambda: tend_cooperations(now=late)] * 2)
    assert now_so(made).extension.state is ExtensionState.LAPSED
    return told("extension_lapsed")


def test_two_workers_run_a_timer_once(one):
    assert lapsed_by_two(one) == 2, "one each for shop and leader"


def test_control_without_lock_and_old_state_a_timer_runs_twice(one, monkeypatch):
    monkeypatch.setattr(timers, "_DUE", timers._DUE.replace("FOR NO KEY UPDATE SKIP LOCKED", ""))
    monkeypatch.setattr(timers, "_LAPSE", timers._LAPSE.replace("AND x.state = 'open'", ""))
    met, settle = threading.Barrier(2), timers.settle

    def together(ids, now):
        if now > NOON + DAY:
            met.wait(timeout=60)
        return settle(ids, now)

    monkeypatch.setattr(timers, "settle", together)
    assert lapsed_by_two(one) == 4


def answer_and_tend(one, made):
    edge, who = NOON + 3 * DAY, coop.by(one.shop.id, NOON + 3 * DAY)
    said = at_once(
        [
            lambda: extending.answer_extension(no=made.no, agree=True, by=who).extension.state.value,
            lambda: tend_cooperations(now=edge + SECOND),
        ]
    )
    return said, now_so(made), (told("extension_agreed"), told("extension_lapsed"))


@pytest.mark.parametrize("_", range(5))
def test_an_answer_at_three_days_races_the_job(one, _):
    made = coop.agreed(one)
    extending.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=coop.by(one.leader.id))
    said, found, news = answer_and_tend(one, made)
    [(until,)] = rows.query("SELECT max(upper(valid)) FROM plans_rate WHERE layer = 'leader' AND NOT isempty(valid)")
    if said[0] == "agreed":
        assert (found.extension.state, found.ends_at, news) == (ExtensionState.AGREED, made.ends_at + DAY, (2, 0))
        assert until == made.ends_at + DAY
    else:
        assert said[0] == "answer_too_late"
        assert (found.extension.state, found.ends_at, news) == (ExtensionState.LAPSED, made.ends_at, (0, 2))
        assert until == made.ends_at


def test_control_without_lock_and_old_state_both_happen(one, monkeypatch):
    made = coop.agreed(one)
    extending.ask_extension(no=made.no, ends_at=made.ends_at + DAY, by=coop.by(one.leader.id))
    monkeypatch.setattr(extensions, "_ANSWER", extensions._ANSWER.replace("AND state = 'open'", ""))
    without_lock(monkeypatch, extensions, threads=1)
    ran, run = threading.Event(), extensions.rows.run

    def after_the_job(statement, params=()):
        if statement == extensions._ANSWER:
            ran.wait(timeout=60)
        return run(statement, params)

    monkeypatch.setattr(extensions.rows, "run", after_the_job)
    edge = NOON + 3 * DAY

    def job():
        done = tend_cooperations(now=edge + SECOND)
        ran.set()
        return done

    who = coop.by(one.shop.id, edge)
    said = at_once([lambda: extending.answer_extension(no=made.no, agree=True, by=who).extension.state.value, job])
    assert said == ["agreed", 1]
    assert (told("extension_agreed"), told("extension_lapsed")) == (2, 2), "lapsed, and agreed to"
