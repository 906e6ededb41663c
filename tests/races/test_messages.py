"""Grants taken by many messages at once, and sendings taken by two workers: real threads, real commits."""

import pytest
from django.db import transaction

from tests.make.people import EARLY
from tests.make.racers import race
from tuike.audit.types import SYSTEM
from tuike.db import rows
from tuike.messages import service
from tuike.messages.service import personal, sending

TEMPLATE = "tmpl_shipped_0123456789abcdef"
PERSON, RACERS = 41, 12


@pytest.fixture
def agreed(committed_db):
    """A person who agreed to five messages."""
    fields = {"character_string1": "no"}
    service.register_template(kind="order_shipped", template_id=TEMPLATE, fields=fields, actor=SYSTEM, now=EARLY)
    for _ in range(5):
        service.grant(person_id=PERSON, accepted=[TEMPLATE], now=EARLY)


def tell(_: int) -> None:
    with transaction.atomic(durable=True):
        service.tell_person(person_id=PERSON, kind="order_shipped", facts={"no": "O1"}, now=EARLY)


def test_each_yes_is_used_once(agreed):
    assert race(RACERS, tell) == ["won"] * RACERS
    assert rows.query("SELECT count(*) FROM messages_personal") == [(RACERS,)]
    assert rows.query("SELECT count(*) FROM messages_sending") == [(5,)]
    assert rows.query('SELECT "left" FROM messages_grant') == [(0,)]


def test_control_without_the_clause_the_database_still_refuses(agreed, monkeypatch):
    assert 'AND "left" > 0' in personal.TAKE_AND_SEND
    monkeypatch.setattr(personal, "TAKE_AND_SEND", personal.TAKE_AND_SEND.replace('AND "left" > 0', ""))
    assert sorted(race(RACERS, tell)) == ["IntegrityError"] * 7 + ["won"] * 5


def test_control_a_grant_that_is_looked_at_and_not_taken_is_used_by_all(agreed, monkeypatch):
    looked = personal.TAKE_AND_SEND.replace(
        'UPDATE messages_grant SET "left" = "left" - 1, changed_at = %(now)s\n        WHERE',
        "SELECT template_id FROM messages_grant WHERE",
    ).replace("RETURNING template_id", "")
    assert "UPDATE" not in looked
    monkeypatch.setattr(personal, "TAKE_AND_SEND", looked)
    assert race(RACERS, tell) == ["won"] * RACERS
    assert rows.query("SELECT count(*) FROM messages_sending") == [(RACERS,)]


def test_a_tap_that_is_sent_again_agrees_at_most_as_often_as_it_counts(committed_db):
    service.register_template(
        kind="order_shipped", template_id=TEMPLATE, fields={"thing1": "no"}, actor=SYSTEM, now=EARLY
    )

    def agree(_: int) -> None:
        service.grant(person_id=PERSON, accepted=[TEMPLATE], now=EARLY)

    assert race(RACERS, agree) == ["won"] * RACERS
    assert rows.query('SELECT "left" FROM messages_grant') == [(RACERS,)]


def _taken_by_all() -> list[int]:
    taken: list[int] = []

    def take(_: int) -> None:
        taken.extend(one.message_id for one in service.take_due(now=EARLY))

    assert race(4, take) == ["won"] * 4
    return taken


def test_a_sending_is_taken_by_one_worker(agreed):
    for number in range(5):
        tell(number)
    taken = _taken_by_all()
    assert len(taken) == len(set(taken)) == 5


def test_control_without_its_lock_and_lease_it_is_taken_by_several(agreed, monkeypatch):
    for number in range(5):
        tell(number)
    assert "FOR UPDATE SKIP LOCKED" in sending.TAKE
    loose = sending.TAKE.replace("FOR UPDATE SKIP LOCKED", "").replace("next_at = %(until)s", "next_at = next_at")
    monkeypatch.setattr(sending, "TAKE", loose)
    taken = _taken_by_all()
    assert len(taken) == 20
