"""The ways into the mall, consent and phone, the start of the app, messages and what the phone shows of them."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.doors.test_storefront import nothing_changes, refused
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import people as make_people
from tuike.audit.types import SYSTEM
from tuike.db import rows
from tuike.flows import outside, send_messages, sign_in_web
from tuike.flows.sign_in import Consent
from tuike.gateways import config
from tuike.gateways.types import Unreachable
from tuike.gateways.wechat_web import WeChatWeb
from tuike.kit import clock
from tuike.messages import queries as messages
from tuike.messages import service as messages_service
from tuike.people import queries as persons
from tuike.people import service as people
from tuike.people.types import PRIVACY_EDITION, SessionKind, UnknownScan
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
BROWSER = "b" * 40
OTHER = "o" * 40
AGREED = {"consent": PRIVACY_EDITION}
PASSWORD = "correct horse battery"
TEMPLATE = "tmpl_shipped_0123456789abcdef"


@pytest.fixture
def web(wechat, monkeypatch):
    """The official account that signs web pages in, played by the sandbox."""
    adapter = WeChatWeb(config.load_web(wechat.env))
    monkeypatch.setattr(outside, "wechat_web", lambda: adapter)
    return adapter


def begun(stranger, browser=BROWSER) -> str:
    answer = stranger.get("/sessions/web", Tuike_Browser=browser)
    assert answer.status_code == 200, answer.content
    return answer.json()["address"]


def through_wechat(address: str, openid: str) -> dict[str, str]:
    """Go through WeChat's page as a person, and return what the browser comes back with."""
    plain = address.removesuffix("#wechat_redirect")
    asked = requests.get(plain, timeout=10)
    assert asked.status_code == 200 and openid in asked.text
    back = requests.get(f"{plain}&person={openid}", allow_redirects=False, timeout=10)
    assert back.status_code == 302
    where = urlsplit(back.headers["Location"])
    assert where.path == "/m/"
    return {name: found[0] for name, found in parse_qs(where.query).items()}


def whose(stranger, token: str) -> str:
    return stranger.get("/me", authorization=f"Bearer {token}").json()["no"]


# --- WeChat's page


def test_the_person_of_the_mini_program_is_known_again_on_the_web(stranger, web, wechat):
    openid = wechat.openid(2)
    first = stranger.post("/sessions", {"code": wechat.login_code(openid)} | AGREED).json()
    back = through_wechat(begun(stranger), openid)
    answer = stranger.post("/sessions/web", back | AGREED, Tuike_Browser=BROWSER)
    assert answer.status_code == 201, answer.content
    assert answer.json()["person"]["no"] == first["person"]["no"] == whose(stranger, answer.json()["token"])
    other = through_wechat(begun(stranger), wechat.openid(3))
    assert stranger.post("/sessions/web", other | AGREED, Tuike_Browser=BROWSER).json()["person"] != first["person"]


def test_only_the_browser_that_began_comes_in_and_only_in_time(stranger, web, wechat):
    back = through_wechat(begun(stranger), wechat.openid())
    changed = back["state"][:-1] + ("0" if back["state"][-1] != "0" else "1")
    with nothing_changes():
        refused(stranger.post("/sessions/web", back | AGREED, Tuike_Browser=OTHER), 422, "sign_in_not_begun")
        for state in (changed, "00", "z" * 66):
            answer = stranger.post("/sessions/web", back | AGREED | {"state": state}, Tuike_Browser=BROWSER)
            refused(answer, 422, "sign_in_not_begun")
        late = clock.now() + sign_in_web.STATE_LIFE + timedelta(seconds=2)
        with pytest.raises(sign_in_web.ForeignState):
            sign_in_web.by_wechat(
                **back, consent=Consent(PRIVACY_EDITION, "en"), asker=BROWSER, visitor="", device="x", now=late
            )
    assert stranger.post("/sessions/web", back | AGREED, Tuike_Browser=BROWSER).status_code == 201
    refused(stranger.post("/sessions/web", back | AGREED, Tuike_Browser=BROWSER), 422, "wechat_code_invalid")


def test_without_an_official_account_the_page_is_off(stranger, monkeypatch, wechat):
    monkeypatch.setattr(outside, "wechat_web", lambda: None)
    refused(stranger.get("/sessions/web", Tuike_Browser=BROWSER), 409, "web_sign_in_off")
    assert stranger.get("/config").json()["sign_in"]["wechat_page"] is False


def test_wechats_page_refuses_what_wechat_would(web, wechat):
    address = web.authorise_address(back="http://127.0.0.1:1/m/", state="abc").removesuffix("#wechat_redirect")
    assert requests.get(address, timeout=10).status_code == 200
    for before, after in (("appid=wx", "appid=wy"), ("127.0.0.1%3A1", "elsewhere.example"), ("userinfo", "everything")):
        assert requests.get(address.replace(before, after), timeout=10).status_code == 400


# --- a scanned code


def test_a_code_that_the_phone_confirms_signs_the_browser_in_once(stranger, caller, db):
    asked = stranger.post("/sessions/scans", Tuike_Browser=BROWSER)
    assert asked.status_code == 201
    ticket = asked.json()["ticket"]
    assert asked.json()["address"].endswith(f"/scan/{ticket}")

    def stands(browser=BROWSER):
        return stranger.post(f"/sessions/scans/{ticket}", AGREED, Tuike_Browser=browser)

    assert stands().json() == {"state": "created", "session": None}
    refused(stands(OTHER), 404, "unknown_scan")
    phone = caller()
    assert phone.post(f"/scans/{ticket}").json()["title"] == "在浏览器中登录商城"
    assert stands().json()["state"] == "scanned"
    assert phone.post(f"/scans/{ticket}/confirmation").status_code == 200
    came = stands().json()
    assert whose(stranger, came["session"]["token"]) == persons.refs([phone.person_id])[phone.person_id].no
    assert stands().json() == {"state": "used", "session": None}


def test_a_confirmation_for_the_mall_opens_no_console(caller, stranger):
    ticket = stranger.post("/sessions/scans", Tuike_Browser=BROWSER).json()["ticket"]
    phone = caller()
    phone.post(f"/scans/{ticket}")
    phone.post(f"/scans/{ticket}/confirmation")
    with pytest.raises(UnknownScan):
        people.use_scan(ticket=ticket, asker=BROWSER, purpose="sign_in", now=clock.now())


def test_the_link_opens_the_mini_program_on_the_same_phone(stranger, wechat, monkeypatch):
    ticket = stranger.post("/sessions/scans", Tuike_Browser=BROWSER).json()["ticket"]
    link = stranger.post(f"/sessions/scans/{ticket}/link", Tuike_Browser=BROWSER).json()["link"]
    assert link.startswith(wechat.base)

    class Silent:
        def url_link(self, **_: object) -> str:
            raise Unreachable("url_link", "ReadTimeout")

    monkeypatch.setattr(outside, "wechat", Silent)
    assert stranger.post(f"/sessions/scans/{ticket}/link", Tuike_Browser=BROWSER).json() == {"link": ""}
    refused(stranger.post(f"/sessions/scans/{ticket}/link", Tuike_Browser=OTHER), 404, "unknown_scan")


# --- phone and password


def test_phone_and_password_sign_in_and_guesses_are_counted(stranger):
    number = make_people.phone()
    person = make_people.person(phone=number)
    people.set_password(person_id=person.id, password=PASSWORD, actor=SYSTEM, now=clock.now())
    answer = stranger.post("/sessions/password", {"phone": number, "password": PASSWORD} | AGREED)
    assert answer.status_code == 201 and answer.json()["has_phone"] is True
    assert whose(stranger, answer.json()["token"]) == person.no
    for _ in range(5):
        refused(
            stranger.post("/sessions/password", {"phone": number, "password": "wrong one"} | AGREED),
            401,
            "wrong_sign_in",
        )
    refused(stranger.post("/sessions/password", {"phone": number, "password": PASSWORD} | AGREED), 429, "locked_out")


# --- sessions


def test_devices_are_listed_ended_and_renewed(caller):
    one = caller()
    other = caller(one.person_id)
    items = one.get("/sessions").json()["items"]
    assert sorted(item["current"] for item in items) == [False, True]
    gone = next(item["id"] for item in items if not item["current"])
    assert one.call("delete", f"/sessions/{gone}").status_code == 204
    refused(other.get("/me"), 401, "session_over")
    refused(one.call("delete", f"/sessions/{gone}"), 404, "unknown_session")
    mine = next(item["id"] for item in items if item["current"])
    refused(caller().call("delete", f"/sessions/{mine}"), 404, "unknown_session")
    later = clock.now() + timedelta(days=20)
    ends = people.renew_session(token=one.token, kind=SessionKind.STOREFRONT, now=later)
    assert ends == later + timedelta(days=30)
    assert one.post("/sessions/current/renewal").json()["expires_at"].startswith(ends.isoformat()[:19])


# --- consent and phone


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize(
    ("said", "refusal"), [({}, (409, "consent_needed")), ({"consent": 99}, (422, "unknown_edition"))]
)
def test_nobody_comes_in_without_a_yes_to_the_terms_in_force(wechat, stranger, caller, said, refusal):
    login = {"code": wechat.login_code(wechat.openid())}
    back = through_wechat(begun(stranger), wechat.openid(2))
    number = make_people.phone()
    person = make_people.person(phone=number)
    people.set_password(person_id=person.id, password=PASSWORD, actor=SYSTEM, now=clock.now())
    ticket = stranger.post("/sessions/scans", Tuike_Browser=BROWSER).json()["ticket"]
    phone = caller()
    phone.post(f"/scans/{ticket}")
    phone.post(f"/scans/{ticket}/confirmation")
    ways = [
        ("/sessions", login, {}),
        ("/sessions/web", back, {"Tuike_Browser": BROWSER}),
        ("/sessions/password", {"phone": number, "password": PASSWORD}, {}),
        (f"/sessions/scans/{ticket}", {}, {"Tuike_Browser": BROWSER}),
    ]
    sessions = rows.query("SELECT count(*) FROM people_session")
    for path, body, more in ways:
        with nothing_changes():
            refused(stranger.post(path, body | said, **more), *refusal)
    assert rows.query("SELECT count(*) FROM people_session") == sessions
    for path, body, more in ways:  # nothing is used up: the same, with a yes, opens a session and keeps the yes
        answer = stranger.post(path, body | AGREED, **more)
        assert answer.status_code in (200, 201), answer.content
        assert (answer.json().get("session") or answer.json())["agreed_edition"] == PRIVACY_EDITION


def test_a_phone_number_is_taken_only_after_the_terms_were_agreed_to(caller, wechat):
    one = caller()  # whose session is from before these terms
    code = wechat.control("phone_code", openid=wechat.openid())["code"]
    with nothing_changes():
        refused(one.post("/sessions/phone", {"code": code}), 409, "consent_needed")
        refused(one.post("/sessions/phone", {"code": code, "consent": 99}), 422, "unknown_edition")
    assert one.post("/sessions/phone", {"code": code} | AGREED).status_code == 200
    shown = one.get("/me").json()
    assert shown["agreed_edition"] == PRIVACY_EDITION and shown["phone"]


def test_consent_is_kept_at_login_and_once(stranger, wechat):
    edition = stranger.get("/config").json()["privacy_edition"]
    signed = stranger.post("/sessions", {"code": wechat.login_code(), "consent": edition}).json()
    assert signed["agreed_edition"] == edition
    said = {"authorization": f"Bearer {signed['token']}"}
    with nothing_changes():
        assert stranger.post("/me/consent", {"edition": edition}, **said).json()["agreed_edition"] == edition
        refused(stranger.post("/me/consent", {"edition": edition + 1}, **said), 422, "unknown_edition")


def test_me_shows_and_changes_who_is_signed_in(caller):
    one = caller()
    changed = one.call("put", "/me", {"nickname": "小满", "language": "en"}).json()
    assert (changed["nickname"], changed["language"], changed["seats"], changed["phone"]) == ("小满", "en", [], "")
    assert one.call("put", "/me", {"language": "zh-hans"}).json()["nickname"] == "小满"
    refused(one.call("put", "/me", {"language": "fr"}), 422, "invalid")


@pytest.mark.parametrize("wish", [1, 2])
def test_where_the_mall_wants_a_phone_number_no_order_is_placed_without(caller, wish):
    one = make.alliance()
    order = {"items": [{"sku_id": make_catalog.sku_of(one.product_id), "quantity": 1}]}
    buyer = caller(one.buyer_id)
    settings.change(name="phone_wish", value=wish, actor=SYSTEM, now=clock.now())
    with nothing_changes():
        refused(buyer.post("/orders", order), 409, "phone_needed")
    people.bind_phone(person_id=one.buyer_id, phone=make_people.phone(), now=clock.now())
    assert buyer.post("/orders", order).status_code == 201


# --- the start


def test_the_start_says_what_the_mall_offers(stranger, wechat):
    settings.change(name="phone_wish", value=2, actor=SYSTEM, now=clock.now())
    settings.change(name="mall_onboarding", value=0, actor=SYSTEM, now=clock.now())
    said = stranger.get("/config").json()
    assert (said["phone_wish"], said["onboarding"], said["currency"]) == ("before_order", False, "CNY")
    assert said["payments"] == ["jsapi", "h5", "native"]
    assert "onboarding" not in said["functions"]
    assert said["functions"] and all(said["functions"].values())


def test_the_terms_are_in_the_readers_language(stranger):
    zh = stranger.get("/policies").json()
    en = stranger.get("/policies", accept_language="en").json()
    assert re.search("[一-鿿]", zh["text"]) and not re.search("[一-鿿]", en["text"])
    assert zh["edition"] == en["edition"]
    # A line is a heading, a sentence or a list's item and ends as such: none is broken in its middle.
    lines = [line for line in en["text"].splitlines() if line and not re.match(r"[0-9]\. ", line)]
    assert len(lines) == 12 and all(line.endswith(".") for line in lines), lines


# --- messages


def test_messages_are_the_persons_own(caller):
    one, other = caller(), caller()
    facts = {"no": "O1", "carrier": "顺丰", "tracking_no": "SF1"}
    for _ in range(3):
        messages_service.tell_person(
            person_id=one.person_id, kind="order_shipped", facts=facts, object_="O1", now=clock.now()
        )
    page = one.get("/messages?limit=2").json()
    assert (page["unread"], len(page["items"]), page["items"][0]["text"]) == (3, 2, "订单 O1 已发货：顺丰 SF1")
    rest = one.get(f"/messages?before={page['next']}").json()
    assert len(rest["items"]) == 1 and rest["next"] == ""
    assert (page["threads"][0]["thread"], page["threads"][0]["unread"]) == ("orders", 3)
    assert other.get("/messages").json()["items"] == []
    assert one.get("/messages?thread=gifts").json()["items"] == []
    assert other.post("/messages/read", {}).json() == {"unread": 0}
    assert one.get("/me").json()["unread"] == 3
    upto = page["items"][1]["id"]
    assert one.post("/messages/read", {"thread": "orders", "upto": upto}).json() == {"unread": 1}
    assert one.post("/messages/read", {}).json() == {"unread": 0}


@pytest.fixture
def template(db):
    messages_service.register_template(
        kind="order_shipped",
        template_id=TEMPLATE,
        fields={"character_string1": "no", "thing2": "carrier"},
        page="pages/order/detail?no={object}",
        actor=SYSTEM,
        now=clock.now(),
    )


@pytest.fixture
def phone(stranger, caller, wechat):
    """Somebody who came by WeChat."""
    openid = wechat.openid()
    signed = stranger.post("/sessions", {"code": wechat.login_code(openid)} | AGREED).json()
    [person] = persons.persons_of_openids([openid], appid=wechat.env["WECHAT_APPID"]).values()
    assert persons.refs([person])[person].no == signed["person"]["no"]
    return caller(person)


def ship(phone):
    facts = {"no": "O1", "carrier": "顺丰", "tracking_no": "SF1"}
    messages_service.tell_person(
        person_id=phone.person_id, kind="order_shipped", facts=facts, object_="O1", now=clock.now()
    )


@pytest.fixture
def sending(wechat, monkeypatch):
    monkeypatch.setattr(outside, "appid", lambda: wechat.env["WECHAT_APPID"])
    return lambda: send_messages.send_messages(now=clock.now())


def shown(wechat) -> str:
    return requests.get(f"{wechat.base}/sandbox/phone/{wechat.openid()}", timeout=10).text


def test_the_phone_shows_one_message_for_each_yes(phone, template, wechat, sending):
    assert phone.get("/config").json()["templates"] == [{"template_id": TEMPLATE, "kinds": ["order_shipped"]}]
    answer = {"accepted": [TEMPLATE]}
    for _ in range(3):  # the same tap, whose answer got lost
        assert phone.post("/subscriptions", answer, key="tap-1").status_code == 200
    ship(phone)
    ship(phone)
    assert sending() == 1
    assert sending() == 0
    assert "顺丰，O1" in shown(wechat)
    assert len(messages.personal_of(person_id=phone.person_id)) == 2


def test_what_isnt_registered_cant_be_agreed_to(phone, template):
    with nothing_changes():
        refused(phone.post("/subscriptions", {"accepted": ["x" * 30]}), 404, "unknown_template")


def test_a_refusal_on_the_phone_forgets_the_rest(phone, template, wechat, sending):
    for number in range(2):
        phone.post("/subscriptions", {"accepted": [TEMPLATE]}, key=f"tap-{number}")
    wechat.control("settings", refused_messages=[wechat.openid()])
    ship(phone)
    assert sending() == 1
    ship(phone)
    assert sending() == 0
    assert "O1" not in shown(wechat)
