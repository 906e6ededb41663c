"""What belongs to the person: profile, password, second factor, devices, parties that they open; and the bell."""

import re
from datetime import timedelta

import pyotp
import pytest

from tests.console.conftest import toast_of
from tests.make import parties as make_parties
from tests.make import people as make_people
from tuike.db import rows
from tuike.doors.console import sessions
from tuike.kit import clock
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Role
from tuike.people import queries as persons
from tuike.people import service as people
from tuike.people.types import SessionKind

PASSWORD = "correct horse 7"


@pytest.fixture
def sitting(sit):
    who = make_people.person(phone=make_people.phone())
    return sit(None, person_id=who.id)


def form(answer) -> str:
    return answer.content.decode()


def test_the_profile_is_shown_masked_and_changed(sitting):
    phone = persons.phone_of(sitting.person_id, unmasked=True).number
    assert phone not in form(sitting.get("/account/"))
    assert persons.phone_of(sitting.person_id).number in form(sitting.get("/account/"))
    assert sitting.post("/account/", {"nickname": "小满\u0000", "language": "en"}, htmx=False).status_code == 422
    answer = sitting.post("/account/", {"nickname": "小满\u200b", "language": "en"}, htmx=False)
    assert answer.status_code == 303
    assert persons.refs([sitting.person_id])[sitting.person_id].nickname == "小满"
    assert "My account" in form(sitting.get("/account/"))


def test_the_first_password_needs_no_other_and_signs_others_out(sitting):
    other = people.open_session(person_id=sitting.person_id, kind=SessionKind.CONSOLE, now=clock.now())
    answer = sitting.post("/account/security/password", {"password": PASSWORD, "again": PASSWORD}, htmx=False)
    assert answer.status_code == 303
    assert sessions.person_of(other, now=clock.now()) is None
    assert sitting.get("/account/security/").status_code == 200, "still signed in here"
    assert persons.has_password(sitting.person_id)


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"password": "short", "again": "short"}, "密码过于简单"),
        ({"password": PASSWORD, "again": PASSWORD + "!"}, "两次输入的密码不一致"),
    ],
)
def test_a_bad_password_is_refused_beside_its_field(sitting, fields, says):
    answer = sitting.post("/account/security/password", fields, htmx=False)
    assert answer.status_code == 422 and says in form(answer)
    assert not persons.has_password(sitting.person_id)


def test_a_changed_password_takes_the_current_one(sitting):
    actor = make_people.acting(sitting.person_id)
    people.set_password(person_id=sitting.person_id, password=PASSWORD, actor=actor, now=clock.now())
    sitting.client.cookies[sessions.COOKIE] = people.open_session(
        person_id=sitting.person_id, kind=SessionKind.CONSOLE, now=clock.now()
    )
    fresh = {"password": "another horse 8", "again": "another horse 8"}
    wrong = sitting.post("/account/security/password", {**fresh, "current": "wrong"}, htmx=False)
    assert wrong.status_code == 422 and "当前密码不正确" in form(wrong)
    assert sitting.post("/account/security/password", {**fresh, "current": PASSWORD}, htmx=False).status_code == 303
    for _ in range(5):
        sitting.post("/account/security/password", {**fresh, "current": "wrong"})
    assert "尝试次数过多" in toast_of(sitting.post("/account/security/password", {**fresh, "current": "wrong"}))


def test_a_second_factor_is_begun_confirmed_and_taken_away(sitting):
    shown = form(sitting.post("/account/security/factor"))
    secret = re.search(r'data-secret="(\w+)"', shown)[1]
    assert not persons.has_second_factor(sitting.person_id)
    wrong = sitting.post("/account/security/factor/confirm", {"code": "000000", "secret": secret})
    assert wrong.status_code == 422 and secret in form(wrong)
    totp, now = pyotp.TOTP(secret), clock.real_now()
    done = sitting.post("/account/security/factor/confirm", {"code": totp.at(now)})
    assert done.headers["HX-Redirect"] == "/account/security/"
    assert persons.has_second_factor(sitting.person_id)
    assert sitting.post("/account/security/factor").status_code == 409
    assert sitting.post("/account/security/factor/remove", {"code": totp.at(now)}, htmx=False).status_code == 422
    later = totp.at(now + timedelta(seconds=30))
    assert sitting.post("/account/security/factor/remove", {"code": later}, htmx=False).status_code == 303
    assert not persons.has_second_factor(sitting.person_id)


def test_devices_are_listed_and_signed_out(sitting, sit):
    now = clock.now()
    other = people.open_session(person_id=sitting.person_id, kind=SessionKind.CONSOLE, device="Firefox", now=now)
    stranger = sit(None)
    theirs = persons.sessions_of(stranger.person_id, now=now)[0].id
    assert "Firefox" in form(sitting.get("/account/devices/"))
    assert sitting.post("/account/devices/revoke", {"session": str(theirs)}).status_code == 404
    assert stranger.get("/account/").status_code == 200
    assert sitting.post("/account/devices/revoke", htmx=False).status_code == 303
    assert sessions.person_of(other, now=clock.now()) is None
    assert sitting.get("/account/devices/").status_code == 200


def test_a_person_opens_a_promoter_once_per_key(sitting):
    asked = {"name": "小满推荐", "subject": "individual", "key": "one"}
    for _ in range(2):
        assert sitting.post("/account/open/promoter", asked, htmx=False).status_code == 303
    [seat] = parties.seats_of(sitting.person_id)
    assert (seat.party.kind, seat.party.name, seat.role) == (PartyKind.PROMOTER, "小满推荐", Role.SUPER_ADMIN)


def test_a_promoter_is_opened_under_its_recruiter(sitting):
    recruiter = make_parties.promoter()
    bad = sitting.post("/account/open/promoter", {"name": "小满", "recruiter": "P0"}, htmx=False)
    assert bad.status_code == 422 and "没有找到该上级推客编号" in form(bad) and "小满" in form(bad)
    sitting.post("/account/open/promoter", {"name": "小满", "recruiter": recruiter.no})
    [seat] = parties.seats_of(sitting.person_id)
    assert parties.promoter_facts([seat.party.id])[seat.party.id].line == (recruiter.id,)


def test_a_shop_with_its_own_mini_program_names_it(sitting):
    asked = {"name": "小满茶铺", "source": "mini_program", "subject": "enterprise"}
    bad = sitting.post("/account/open/merchant", asked, htmx=False)
    assert bad.status_code == 422 and parties.seats_of(sitting.person_id) == []
    good = sitting.post("/account/open/merchant", {**asked, "appid": "wx0123456789abcdef"}, htmx=False)
    assert good.status_code == 303
    [seat] = parties.seats_of(sitting.person_id)
    assert parties.merchant_facts([seat.party.id])[seat.party.id].appid == "wx0123456789abcdef"


def test_the_sixth_party_of_a_kind_is_the_operators_to_open(sitting):
    for number in range(5):
        sitting.post("/account/open/promoter", {"name": f"第{number}家"})
    answer = sitting.post("/account/open/promoter", {"name": "第六家"}, htmx=False)
    assert answer.status_code == 422 and "如需更多请联系平台运营" in form(answer)
    assert len(parties.seats_of(sitting.person_id)) == 5


def test_the_bell_counts_shows_and_leads_on(sit):
    party = make_parties.promoter()
    sitting, now = sit(party), clock.now()
    messages.see(party_id=party.id, person_id=sitting.person_id, now=now)
    messages.tell(party_id=party.id, kind="certification_approved", now=now)
    messages.tell(party_id=party.id, kind="seat_added", facts={"name": "叶青禾"}, now=now)
    page = form(sitting.get("bell"))
    assert "2 条未读" in page and "叶青禾 成为管理员" in page
    assert "认证已通过" in form(sitting.get("bell-menu", htmx=True))
    news = rows.query("SELECT max(id) FROM messages_message")[0][0]
    assert sitting.post("bell-seen", {"message": str(news)}, htmx=False).status_code == 303
    assert "1 条未读" in form(sitting.get("bell"))
    assert sitting.post("bell-seen", htmx=False).status_code == 303
    assert "条未读" not in form(sitting.get("bell"))


def test_news_of_another_party_are_nobodys_business(sit):
    party, other = make_parties.promoter(), make_parties.promoter()
    messages.tell(party_id=other.id, kind="certification_approved", now=clock.now())
    news = rows.query("SELECT id FROM messages_message WHERE party_id = %s", [other.id])[0][0]
    sitting = sit(party)
    assert sitting.get("bell", of=other).status_code == 404
    assert sitting.post("bell-seen", {"message": str(news)}).status_code == 404
    assert rows.query("SELECT count(*) FROM messages_seen") == [(0,)]


@pytest.mark.parametrize("english", [False, True])
def test_help_is_open_before_certification(sit, english):
    sitting = sit(make_parties.promoter(certified=False), english=english)
    assert ("Help" if english else "帮助") in form(sitting.get("help"))
    assert sitting.get("bell").status_code == 200
