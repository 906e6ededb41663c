"""What may happen once happens once, however many try together. Each with the same race without its guard."""

import threading
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher

from tests.make import people as make
from tests.make.racers import race
from tuike.db import rows
from tuike.people import rules, service
from tuike.people.service import identities, scans, sign_in

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
USE = {"asker": "browser", "purpose": "sign_in", "now": NOW}


@pytest.fixture(autouse=True)
def cheap_argon2(monkeypatch):
    for cost, value in (("time_cost", 1), ("memory_cost", 64), ("parallelism", 1)):
        monkeypatch.setattr(Argon2PasswordHasher, cost, value)


def scanned():
    person = make.person()
    ticket = service.ask_scan(purpose="sign_in", asker="browser", now=NOW)
    service.scan(ticket=ticket, person_id=person.id, now=NOW)
    return ticket, person.id


def confirm_fifty_times():
    ticket, person_id = scanned()
    return race(50, lambda i: service.confirm_scan(ticket=ticket, person_id=person_id, now=NOW))


def use_fifty_times():
    ticket, person_id = scanned()
    service.confirm_scan(ticket=ticket, person_id=person_id, now=NOW)
    return race(50, lambda i: service.use_scan(ticket=ticket, **USE))


def test_one_of_fifty_confirmations_is_the_one(committed_db):
    assert sorted(confirm_fifty_times()) == ["ScanNotOpen"] * 49 + ["won"]


def test_one_of_fifty_uses_is_the_one(committed_db):
    assert sorted(use_fifty_times()) == ["ScanNotOpen"] * 49 + ["won"]


def test_control_without_the_old_state_every_confirmation_goes_through(committed_db, monkeypatch):
    clause = "AND state = 'scanned' "
    assert clause in scans.DECIDE
    monkeypatch.setattr(scans, "DECIDE", scans.DECIDE.replace(clause, ""))
    assert confirm_fifty_times() == ["won"] * 50


def test_control_without_the_old_state_one_ticket_is_used_fifty_times(committed_db, monkeypatch):
    clause = " AND state = 'confirmed'"
    assert clause in scans.USE
    monkeypatch.setattr(scans, "USE", scans.USE.replace(clause, ""))
    assert use_fifty_times() == ["won"] * 50


def test_one_scan_is_one_persons(committed_db):
    people = [make.person().id for _ in range(10)]
    ticket = service.ask_scan(purpose="sign_in", asker="browser", now=NOW)
    outcomes = race(10, lambda i: service.scan(ticket=ticket, person_id=people[i], now=NOW))
    assert sorted(outcomes) == ["ScanNotOpen"] * 9 + ["won"]


def with_factor():
    person = make.person(phone="13800138000")
    actor = make.acting(person.id)
    service.set_password(person_id=person.id, password="correct horse battery", actor=actor, now=NOW)
    totp = pyotp.TOTP(service.start_second_factor(person_id=person.id, now=NOW).secret)
    early = NOW - timedelta(minutes=2)
    service.confirm_second_factor(person_id=person.id, code=totp.at(early), actor=actor, now=early)
    return totp.at(NOW)


def use_code(code):
    return race(
        rules.TRIES_PER_ACCOUNT,
        lambda i: service.check_password_and_factor(
            phone="13800138000", password="correct horse battery", code=code, address=f"203.0.113.{i}", now=NOW
        ),
    )


def test_a_code_lets_in_once(committed_db):
    assert sorted(use_code(with_factor())) == ["WrongSignIn"] * 4 + ["won"]


def test_control_without_the_last_step_a_code_lets_everybody_in(committed_db, monkeypatch):
    code = with_factor()
    assert "AND last_step < %s" in sign_in.TAKE_STEP
    monkeypatch.setattr(sign_in, "TAKE_STEP", sign_in.TAKE_STEP.replace("AND last_step < %s", "AND %s IS NOT NULL"))
    assert use_code(code) == ["won"] * 5


def guess_twenty_times():
    make.person(phone="13800138000")
    return race(
        20,
        lambda i: service.check_password_and_factor(
            phone="13800138000", password=f"guess {i}", code="", address=f"203.0.113.{i}", now=NOW
        ),
    )


def test_parallel_guesses_don_t_pass_under_the_counter(committed_db):
    assert sorted(guess_twenty_times()) == ["LockedOut"] * 15 + ["WrongSignIn"] * 5


def test_control_without_the_limit_every_guess_is_checked(committed_db, monkeypatch):
    clause = "WHERE a.since <= %(old)s OR a.tried < %(limit)s"
    assert clause in sign_in.TAKE_TRY
    monkeypatch.setattr(sign_in, "TAKE_TRY", sign_in.TAKE_TRY.replace(clause, ""))
    assert guess_twenty_times() == ["WrongSignIn"] * 20


@pytest.fixture
def all_look_first(monkeypatch):
    """All ten look for the person before any of them makes one."""
    together, looked, known = threading.Barrier(10), threading.local(), identities._known

    def look(*args):
        found = known(*args)
        if not getattr(looked, "once", False):
            looked.once = True
            together.wait(timeout=30)
        return found

    monkeypatch.setattr(identities, "_known", look)


def first_logins():
    outcomes = race(10, lambda i: service.sign_in_by_wechat(appid=f"wx{i}", openid=f"o{i}", unionid="u", now=NOW))
    persons, identities_ = rows.query(
        "SELECT (SELECT count(*) FROM people_person), (SELECT count(DISTINCT person_id) FROM people_wechat_identity)"
    )[0]
    return outcomes, persons, identities_


def test_ten_first_logins_of_one_human_are_one_person(committed_db, all_look_first):
    assert first_logins() == (["won"] * 10, 1, 1)


def test_ten_first_logins_in_one_app_are_one_person(committed_db, all_look_first):
    outcomes = race(10, lambda i: service.sign_in_by_wechat(appid="wx", openid="o", now=NOW))
    assert outcomes == ["won"] * 10
    assert rows.query("SELECT count(*) FROM people_person") == [(1,)]


def test_control_without_the_constraint_they_are_ten(committed_db, all_look_first, owner_sql):
    name = "people_person_one_a_unionid"
    definition = owner_sql("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])[0][0]
    owner_sql(f"DROP INDEX {name}")
    try:
        assert first_logins() == (["won"] * 10, 10, 10)
    finally:
        owner_sql("UPDATE people_person SET unionid = ''")
        owner_sql(definition)


def test_a_phone_goes_to_one_of_ten(committed_db):
    people = [make.person().id for _ in range(10)]
    outcomes = race(10, lambda i: service.bind_phone(person_id=people[i], phone="13800138000", now=NOW))
    assert sorted(outcomes) == ["PhoneTaken"] * 9 + ["won"]
