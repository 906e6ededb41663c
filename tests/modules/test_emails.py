"""E-mail addresses: sealed, masked, confirmed by a code with bounded tries."""

from datetime import timedelta

import pytest

from tests.make import people as make
from tests.make.people import EARLY
from tuike.db import rows
from tuike.people import queries, rules, service
from tuike.people.types import BadEmail, LockedOut, WrongEmailCode


@pytest.fixture
def person(committed_db):
    return make.person().id


def everything():
    return [
        rows.query("SELECT person_id, verified_at FROM people_email ORDER BY 1"),
        rows.query("SELECT person_id, expires_at FROM people_email_claim ORDER BY 1"),
    ]


def confirm(person, code, now=EARLY):
    service.allow_email_try(person_id=person, now=now)
    service.confirm_email(person_id=person, code=code, actor=make.acting(person), now=now)


@pytest.mark.parametrize("typed", [" Li.Lei+shop@Example.COM ", "a@b.cn"])
def test_an_address_has_one_spelling(typed):
    local, _, domain = typed.strip().rpartition("@")
    assert rules.email_address(typed) == f"{local}@{domain.lower()}"


@pytest.mark.parametrize(
    "typed",
    ["", "a", "a@b",
     "@b.cn", "a@b..cn", "a..b@c.cn", ".a@b.cn", "a.@b.cn", "李@b.cn", "a@b.cn\nBcc: x@y.cn", "a b@c.cn",
     "a@-b.cn", "a" * 65 + "@b.cn", "a@" + "b" * 250 + ".cn"],
)  # fmt: skip
def test_what_is_no_address_changes_nothing(person, typed):
    before = everything()
    for verb in (service.allow_email_code, service.claim_email):
        with pytest.raises(BadEmail):
            verb(person_id=person, address=typed, now=EARLY)
    assert everything() == before
    assert rows.query("SELECT 1 FROM people_attempt") == []


def test_a_code_confirms_once_and_nothing_stands_in_clear(person):
    clear, code = service.claim_email(person_id=person, address="li.lei@Example.com", now=EARLY)
    assert clear == "li.lei@example.com"
    waiting = queries.email_of(person, now=EARLY)
    assert (waiting.address, waiting.claimed) == ("", "l***@example.com")
    assert queries.addresses_of([person]) == {}  # not before it is confirmed
    confirm(person, f" {code[:3]} {code[3:]} ")
    shown = queries.email_of(person, now=EARLY)
    assert (shown.address, shown.verified_at, shown.claimed) == ("l***@example.com", EARLY, "")
    assert queries.addresses_of([person]) == {person: clear}
    sealed = bytes(rows.query("SELECT sealed FROM people_email")[0][0])
    assert b"example" not in sealed
    before = everything()
    with pytest.raises(WrongEmailCode):
        confirm(person, code)
    assert everything() == before


def test_a_wrong_or_late_code_changes_nothing(person):
    _, code = service.claim_email(person_id=person, address="a@b.cn", now=EARLY)
    before = everything()
    for typed, now in (
        (f"{(int(code) + 1) % 10**6:06d}", EARLY),
        ("", EARLY),
        (code, EARLY + rules.EMAIL_CODE_LIFE + timedelta(seconds=1)),
    ):
        with pytest.raises(WrongEmailCode):
            confirm(person, typed, now)
    other = make.person().id
    with pytest.raises(WrongEmailCode):
        confirm(other, code)
    assert everything() == before
    confirm(person, code, EARLY + rules.EMAIL_CODE_LIFE)


def test_tries_are_bounded_even_for_the_right_code(person):
    _, code = service.claim_email(person_id=person, address="a@b.cn", now=EARLY)
    for _ in range(5):
        with pytest.raises(WrongEmailCode):
            confirm(person, "x")
    before = everything()
    with pytest.raises(LockedOut):
        confirm(person, code)
    assert everything() == before


def test_codes_are_bounded_by_person_and_by_address(person):
    ask = service.allow_email_code
    for number in range(5):
        ask(person_id=person, address=f"a{number}@b.cn", now=EARLY)
    with pytest.raises(LockedOut):
        ask(person_id=person, address="z@b.cn", now=EARLY)
    for number in range(3):
        ask(person_id=1000 + number, address="One@b.cn", now=EARLY)
    with pytest.raises(LockedOut):
        ask(person_id=2000, address="one@B.cn", now=EARLY)
    ask(person_id=2000, address="one@b.cn", now=EARLY + rules.ATTEMPT_WINDOW)


def test_another_claim_replaces_the_first_and_the_confirmed_address_stays(person):
    _, first = service.claim_email(person_id=person, address="a@b.cn", now=EARLY)
    confirm(person, first)
    _, second = service.claim_email(person_id=person, address="c@d.cn", now=EARLY)
    _, third = service.claim_email(person_id=person, address="e@f.cn", now=EARLY)
    if second != third:
        with pytest.raises(WrongEmailCode):
            confirm(person, second)
    assert queries.addresses_of([person]) == {person: "a@b.cn"}
    confirm(person, third)
    assert queries.addresses_of([person]) == {person: "e@f.cn"}
    for _ in range(2):
        service.remove_email(person_id=person, actor=make.acting(person), now=EARLY)
    assert everything() == [[], []]
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'email.remove'") == [(1,)]
