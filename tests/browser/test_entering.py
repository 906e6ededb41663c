"""Coming in with a real browser: by scan with the sandbox's phone, by password and code; the person's own pages."""

import re
from datetime import timedelta

import pyotp
import pytest
from playwright.sync_api import expect

from tests.make import parties as make_parties
from tests.make import people as make_people
from tuike.kit import clock
from tuike.messages import service as messages
from tuike.people import queries as persons
from tuike.people import service as people

PASSWORD = "correct horse 7"


def test_a_scan_with_the_phone_leads_to_the_seats(living, as_person):
    nobody = as_person(None)
    page = nobody.go("/sign-in", "?next=/account/")
    address = page.locator("[data-ticket]").inner_text()
    openid = living.sandbox.control("people")["people"][0]["openid"]
    phone = nobody.context.new_page()
    phone.goto(f"{living.sandbox.base}/sandbox/phone/{openid}/scan?text={address}")
    expect(phone.get_by_text("登录推客联盟工作台")).to_be_visible()
    expect(page.get_by_text("请在手机上确认登录")).to_be_visible()
    phone.get_by_role("button", name="确认").click()
    expect(phone.get_by_text("已确认")).to_be_visible()
    page.wait_for_url("**/account/")
    nobody.check()
    phone.close()


def test_declining_on_the_phone_leaves_everybody_out(living, as_person):
    nobody = as_person(None, english=True)
    page = nobody.go("/sign-in")
    address = page.locator("[data-ticket]").inner_text()
    openid = living.sandbox.control("people")["people"][0]["openid"]
    phone = nobody.context.new_page()
    phone.goto(f"{living.sandbox.base}/sandbox/phone/{openid}/scan?text={address}&lang=en")
    phone.get_by_role("button", name="Decline").click()
    expect(page.get_by_text("You declined on your phone")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-ticket]")).not_to_have_text(address)
    phone.close()


@pytest.mark.parametrize("width", [1440, 390])
def test_password_and_code_after_they_were_set(as_person, width):
    number = make_people.phone()
    who = make_people.person(phone=number)
    person = as_person(None, person_id=who.id, english=True, width=width)
    page = person.go("/account/security/")
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("Once more").fill(PASSWORD)
    page.get_by_role("button", name="Set it").click()
    expect(page.locator(".toast")).to_contain_text("The password is set")
    page.get_by_role("button", name="Use one").click()
    secret = page.locator("[data-secret]").get_attribute("data-secret")
    person.check()
    totp, now = pyotp.TOTP(secret), clock.real_now()
    with person.expecting(422):
        page.get_by_label("Enter the 6 digits").fill("000000")
        page.get_by_role("button", name="Use it").click()
        expect(page.locator("#dialog .err")).to_be_visible()
    page.get_by_label("Enter the 6 digits").fill(totp.at(now - timedelta(seconds=30)))
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text("in use", exact=True)).to_be_visible()
    nobody = as_person(None, english=True, width=width)
    page = nobody.go("/sign-in")
    page.get_by_role("tab", name="By password").click()
    nobody.check()
    with nobody.expecting(422):
        page.get_by_label("Phone").fill(number)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_text("Enter the code of your authenticator.")).to_be_visible()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Code", exact=True).fill(totp.at(clock.real_now()))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/seats")
    nobody.check()


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_the_persons_pages_hold(as_person, english, dark):
    who = make_people.person(phone=make_people.phone())
    for width, height in ((1440, 900), (390, 844)):
        person = as_person(None, person_id=who.id, english=english, dark=dark, width=width, height=height)
        for address in ("/seats?all=1", "/account/", "/account/security/", "/account/devices/"):
            person.go(address)
        for address in ("/account/open/promoter", "/account/open/merchant"):
            person.go(address)


def test_opening_a_promoter_language_theme_and_the_bell(as_person):
    who = make_people.person()
    person = as_person(None, person_id=who.id)
    page = person.go("/account/open/promoter")
    page.get_by_label("推客名称").fill("小满推荐")
    page.get_by_role("button", name="开通").click()
    page.wait_for_url(re.compile(r"/promoter/P\d+/certification/|/seats"))
    expect(page.locator(".toast")).to_contain_text("已开通")
    person.check()
    page.get_by_role("button", name="EN · English").click()
    page.wait_for_load_state()
    assert page.locator("html").get_attribute("lang") == "en"
    assert persons.refs([who.id])[who.id].language == "en"
    page.get_by_role("button", name="Light or dark").click()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_bell_opens_and_marks(as_person):
    party = make_parties.promoter()
    messages.tell(party_id=party.id, kind="seat_added", facts={"name": "叶青禾"}, now=clock.now())
    person = as_person(party, english=True)
    page = person.go("help")
    page.get_by_label(re.compile("Notices, ")).click()
    expect(page.get_by_text("叶青禾 became an administrator")).to_be_visible()
    person.check()
    page.keyboard.press("Escape")
    expect(page.get_by_text("叶青禾 became an administrator")).to_be_hidden()
    page.get_by_label(re.compile("Notices, ")).click()
    page.get_by_role("link", name="All notices").click()
    page.get_by_role("button", name="Mark all as read").click()
    expect(page.locator(".toast")).to_contain_text("All marked as read")
    expect(page.get_by_label("Notices", exact=True)).to_be_visible()


def test_another_device_is_signed_out(as_person):
    who = make_people.person()
    here, there = (as_person(None, person_id=who.id) for _ in range(2))
    page = here.go("/account/devices/")
    page.get_by_role("button", name="退出", exact=True).click()
    page.get_by_role("button", name="确定").click()
    expect(page.locator(".toast")).to_contain_text("已退出")
    there.page.goto(there.url("/account/"))
    there.page.wait_for_url("**/sign-in?next=/account/")
    assert people.revoke_others(person_id=who.id, token="", now=clock.now()) == 1
