"""Checkups: asked for once while one waits, run by the worker, finished once; a killed one begins anew."""

from datetime import timedelta

import pytest

from tests.make.settlement import FIRST, NOW
from tuike.audit.types import SYSTEM
from tuike.checkups import queries, service
from tuike.db import rows
from tuike.doors.jobs import tasks
from tuike.insight import verify

RESULT = {"name": "balances", "zh": "一", "en": "one", "rows": 3, "sum_fen": 5, "findings": []}


def test_the_same_run_is_asked_for_once_while_it_waits(db):
    first = service.ask(actor=FIRST, now=NOW)
    assert service.ask(actor=SYSTEM, now=NOW) == first
    assert service.ask(names=["audit"], actor=FIRST, now=NOW) != first
    assert rows.query("SELECT action, object, person_id FROM audit_act ORDER BY id")[0] == (
        "checkup.ask",
        str(first),
        FIRST.person_id,
    )
    taken = service.take(now=NOW)
    assert (taken.id, taken.names) == (first, ())
    assert service.ask(actor=FIRST, now=NOW) == first
    service.finish(checkup_id=first, results=[RESULT], took_ms=7, now=NOW + timedelta(seconds=9))
    service.finish(checkup_id=first, results=[], took_ms=8, problem="late", now=NOW)
    shown = queries.checkup(first)
    assert (shown.holds, shown.took_ms, list(shown.results)) == (True, 7, [RESULT])
    assert queries.last_of().id == first and queries.last_of(["nothing"]) is None
    assert service.ask(actor=FIRST, now=NOW) > first
    assert [one.id for one in queries.latest(limit=1)] == [service.ask(actor=FIRST, now=NOW)]


def test_what_is_begun_three_times_in_vain_is_given_up(db):
    asked = service.ask(actor=FIRST, now=NOW)
    assert [service.take(now=NOW).id for _ in range(service.ATTEMPTS)] == [asked] * service.ATTEMPTS
    assert service.take(now=NOW) is None
    shown = queries.checkup(asked)
    assert (shown.holds, shown.problem, shown.ended_at) == (False, "given up", NOW)


def test_the_worker_runs_what_was_asked_for(db):
    asked = service.ask(names=["balances", "unsealed"], actor=FIRST, now=NOW)
    assert tasks.verify_books(NOW) == {"checkups": 1, "findings": 1}
    shown = queries.checkup(asked)
    assert [one["name"] for one in shown.results] == ["balances", "unsealed"]
    assert shown.findings == 1 and not shown.holds, "the act of asking is years out of the chain"
    assert tasks.verify_books(NOW) == {"checkups": 0, "findings": 0}


def test_a_run_that_breaks_says_so(db, monkeypatch):
    asked = service.ask(actor=FIRST, now=NOW)

    def broken(**_):
        raise ArithmeticError("no")

    monkeypatch.setattr(tasks.verify, "run", broken)
    tasks.verify_books(NOW)
    assert queries.checkup(asked).problem == "ArithmeticError"


@pytest.mark.parametrize("name", ["overdue", "notices", "asked", "unsealed"])
def test_all_checks_includes_what_is_overdue(db, name):
    service.ask(actor=FIRST, now=NOW)
    tasks.verify_books(NOW)
    assert name in [one["name"] for one in queries.last_of().results]
    assert len(queries.last_of().results) == len(verify.NAMES)
