"""Two look at the same crossing at once, two write the same report, two take the same mail: real threads."""

from datetime import date

import pytest

from tests.make import alerts as make
from tests.make.alerts import NOON
from tests.make.racers import at_once, durable, overlap, without
from tuike.alerts import queries, service
from tuike.db import rows

PARTY, PERSON = 11, 7


@pytest.fixture
def crossed(committed_db):
    """Looks at ten thresholds that were crossed."""
    for _ in range(10):
        make.threshold(PARTY)
    return make.looks(101_00, over=True)


def counted(looks):
    return lambda: len(service.look(looks=looks, now=NOON))


def test_a_crossing_fires_once_however_many_look(crossed):
    assert overlap(counted(crossed), counted(list(reversed(crossed)))) == [10, 0]
    said = at_once([durable(counted(crossed)) for _ in range(6)])
    assert said == [0] * 6
    assert len(queries.firings_of(PARTY, limit=50)) == 10


def test_control_without_the_guard_it_would_fire_twice(crossed, monkeypatch):
    without(monkeypatch, "AND NOT t.over ", within="INSERT INTO alerts_firing")
    assert overlap(counted(crossed), counted(crossed)) == [10, "IntegrityError"]  # the database's own guard is left


def test_a_report_is_written_once_by_two(committed_db):
    one = make.subscribed(PARTY, PERSON)

    def write():
        return service.make_edition(
            one=one, first=date(2026, 3, 3), last=date(2026, 3, 3), content=make.content(), now=NOON
        )

    first, second = overlap(write, write)
    assert first is not None
    assert second is None
    assert len(queries.editions_of(person_id=PERSON, party_id=PARTY)) == 1


def mails():
    one = make.subscribed(PARTY, PERSON)
    for day in range(1, 11):
        again = queries.subscriptions_of(person_id=PERSON, party_id=PARTY)[one.rhythm]
        made = service.make_edition(
            one=again, first=date(2026, 2, day), last=date(2026, 2, day), content=make.content(), now=NOON
        )
        service.queue(party_id=PARTY, person_ids=[PERSON], edition_id=made[0], now=NOON)


def taken():
    return [one.id for one in service.take_due(now=NOON)]


def test_a_mail_is_taken_by_one(committed_db):
    mails()
    first, second = overlap(taken, taken)
    assert (len(first), second) == (10, [])
    assert rows.query("SELECT DISTINCT state, tries FROM alerts_sending") == [("sending", 1)]


def test_control_without_the_state_a_mail_would_be_taken_twice(committed_db, monkeypatch):
    mails()
    without(monkeypatch, "state = 'waiting' AND next_at <= %(now)s", within="FOR UPDATE", instead="state <> 'sent'")
    without(monkeypatch, "FOR UPDATE SKIP LOCKED", within="alerts_sending", instead="FOR UPDATE")
    first, second = overlap(taken, taken)
    assert first == second
