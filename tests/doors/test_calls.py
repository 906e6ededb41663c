"""The log of calls: written in groups by a thread, or at once where no thread was begun."""

import time
from datetime import timedelta

import pytest

from tests.make.people import EARLY
from tuike.apps.types import CallFacts, Door
from tuike.db import rows
from tuike.doors.web.calls import Log


def fact(n: int) -> CallFacts:
    return CallFacts(7, EARLY + timedelta(seconds=n), Door.API, "GET", f"/{n}", 200, "", 1)


@pytest.mark.django_db
def test_without_a_thread_a_line_is_there_at_once():
    Log().note(fact(1))
    assert rows.query("SELECT path FROM apps_call") == [("/1",)]


def test_with_a_thread_lines_come_in_groups_and_none_is_lost_at_the_end(committed_db):
    log = Log()
    log.begin()
    for n in range(2500):
        log.note(fact(n))
    log.end()
    assert rows.query("SELECT count(*), count(DISTINCT path) FROM apps_call") == [(2500, 2500)]


def test_the_log_waits_for_a_database_that_was_away(committed_db, monkeypatch):
    from django.db import OperationalError

    from tuike.doors.web import calls as module

    tries = []
    write = module.apps.record_calls

    def away_at_first(calls):
        tries.append(len(calls))
        if len(tries) < 3:
            raise OperationalError("gone\nmore")
        write(calls)

    monkeypatch.setattr(module.apps, "record_calls", away_at_first)
    log = Log()
    log.begin()
    log.note(fact(1))
    until = time.monotonic() + 30
    while len(tries) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    log.end()
    assert rows.query("SELECT path FROM apps_call") == [("/1",)]


def test_too_many_waiting_lines_are_dropped_not_kept(committed_db, monkeypatch):
    from tuike.doors.web import calls as module

    monkeypatch.setattr(module, "MOST_WAITING", 3)
    monkeypatch.setattr(module, "EVERY_S", 5)
    log = Log()
    log.begin()
    for n in range(10):
        log.note(fact(n))
    log.end()
    assert rows.query("SELECT count(*) FROM apps_call") == [(3,)]
