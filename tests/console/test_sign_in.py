"""The way into a console, and out."""

import re

import pytest
from django.test import Client

from tests.console.conftest import toast_of
from tests.make import parties as make_parties
from tests.make import people as make_people
from tuike.doors.console import sessions
from tuike.kit import clock
from tuike.people import rules
from tuike.people import service as people

PASSWORD = "correct horse 7"
PHONE = "13911112222"


@pytest.fixture
def person(db):
    who = make_people.person()
    people.bind_phone(person_id=who.id, phone=PHONE, now=clock.now())
    people.set_password(person_id=who.id, password=PASSWORD, actor=make_people.acting(who.id), now=clock.now())
    return who


def enter(browser: Client, **form: str):
    return browser.post("/sign-in", {"phone": PHONE, "password": PASSWORD, **form})


def test_the_page_is_there_for_anybody(nobody):
    answer = nobody.get("/sign-in")
    assert answer.status_code == 200
    assert "登录推客联盟" in answer.content.decode()
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_password_opens_a_session_of_the_console(person, nobody):
    answer = enter(nobody)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/seats")
    cookie = answer.cookies[sessions.COOKIE]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    assert nobody.get("/seats").status_code == 200


@pytest.mark.parametrize(("wanted", "goes"), [("/seats?all=1", "/seats?all=1"), ("//evil.example/", "/seats")])
def test_afterwards_one_is_where_one_wanted_to_be_if_it_is_here(person, nobody, wanted, goes):
    assert enter(nobody, next=wanted).headers["Location"] == goes


def test_a_wrong_password_is_refused_with_the_form_kept(person, nobody):
    answer = enter(nobody, password="something else")
    assert answer.status_code == 422
    assert PHONE in answer.content.decode() and "手机号、密码或动态验证码不正确" in answer.content.decode()
    assert sessions.COOKIE not in answer.cookies


def test_the_sixth_guess_is_locked_out(person, nobody):
    for _ in range(5):
        enter(nobody, password="something else")
    assert "尝试次数过多" in enter(nobody).content.decode()


def test_a_scan_opens_a_session_in_the_browser_that_asked(person, nobody):
    nobody.get("/sign-in")
    shown = nobody.post("/sign-in/scan").content.decode()
    ticket = re.search(r"/scan/([0-9A-Za-z]{24})", shown)[1]
    stranger = Client()
    stranger.get("/sign-in")
    people.scan(ticket=ticket, person_id=person.id, now=clock.now())
    assert "请在手机上确认" in nobody.post("/sign-in/scan/state", {"ticket": ticket}).content.decode()
    people.confirm_scan(ticket=ticket, person_id=person.id, now=clock.now())
    assert sessions.COOKIE not in stranger.post("/sign-in/scan/state", {"ticket": ticket}).cookies
    answer = nobody.post("/sign-in/scan/state", {"ticket": ticket}, headers={"hx-request": "true"})
    assert answer.headers["HX-Redirect"] == "/seats"
    assert nobody.get("/seats").status_code == 200


def test_signing_out_ends_the_session(sit):
    sitting = sit(None)
    assert sitting.get("/seats").status_code == 200
    assert sitting.post("/sign-out", htmx=False).status_code == 303
    sitting.client.cookies[sessions.COOKIE] = "gone"
    assert sitting.get("/seats").status_code == 303


def test_nobody_is_led_to_the_sign_in_and_back(nobody):
    assert nobody.get("/seats").headers["Location"] == "/sign-in?next=/seats"
    answer = nobody.get("/seats", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (401, "/sign-in")


def test_seats_are_shown_in_the_persons_language(sit):
    party = make_parties.promoter()
    assert "Promoter console" in sit(party, english=True).get("/seats", {"all": "1"}).content.decode()


def test_the_switch_of_languages_is_remembered(sit):
    sitting = sit(None)
    answer = sitting.post("/language", {"language": "en", "next": "/seats?all=1"}, htmx=False)
    assert answer.headers["Location"] == "/seats?all=1"
    assert "Choose a console" in sitting.get("/seats", {"all": "1"}).content.decode()
    sitting.client.cookies.pop(sessions.COOKIE)
    assert "Sign in to Tuike" in sitting.get("/sign-in").content.decode()


def test_behind_a_proxy_the_address_is_what_the_proxy_saw(settings, rf):
    said = {"x-forwarded-for": "9.9.9.9, 203.0.113.7"}
    assert sessions.address_of(rf.get("/", headers=said)) == "127.0.0.1"
    settings.PROXIES = 1
    assert sessions.address_of(rf.get("/", headers=said)) == "203.0.113.7"
    assert sessions.address_of(rf.get("/")) == "127.0.0.1"


def test_an_address_may_not_ask_for_codes_without_end(nobody, monkeypatch):
    monkeypatch.setattr(rules, "SCANS_PER_ADDRESS", 2)
    nobody.get("/sign-in")
    assert [nobody.post("/sign-in/scan").status_code for _ in range(3)] == [200, 200, 429]


def test_a_form_of_a_page_that_is_too_old_says_so(nobody):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/language", {"language": "en"})
    assert answer.status_code == 403 and "页面已过期" in answer.content.decode()
    htmx = strict.post("/language", {"language": "en"}, headers={"hx-request": "true"})
    assert htmx.status_code == 403 and toast_of(htmx) == "页面已过期，请刷新后重试"
