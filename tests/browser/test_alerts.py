"""Alerts and reports with a real browser: set, crossed, opened; subscribed to, read, got by mail and ended; the address
that mails go to; in every console, both languages, wide and on a phone; who may only read sets nothing."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_boards import DAY, MANNERS, party_of, shoot, sold
from tests.make.mailing import mail_through
from tuike.alerts import queries, service
from tuike.alerts.types import Rhythm
from tuike.doors.jobs import alerts as jobs
from tuike.kit import clock
from tuike.parties.types import Role

__all__ = ["sold"]

WALKED = [
    ("promoter", "zh-phone"),
    ("merchant", "zh-wide"),
    ("merchant", "en-phone-dark"),
    ("leader", "en-wide-dark"),
    ("operator", "zh-wide"),
    ("operator", "en-phone-dark"),
]
"""Each console and each manner at least once."""


@pytest.fixture
def post(living, settings):
    """The mail server of the product, with the jobs of this process sending there, too."""
    mail_through(settings, living.post)
    return living.post


@pytest.mark.parametrize(("kind", "manner"), WALKED)
def test_an_alert_is_set_crossed_and_opens_its_rows(sold, as_person, kind, manner):
    me = as_person(party_of(sold, kind), **MANNERS[manner])
    say = me.say
    page = me.go("alerts")
    expect(page.locator(".empty").first).to_contain_text(say("还没有预警", "No alert yet"))
    shoot(page, f"alerts-none-{kind}-{manner}")
    add = page.get_by_role("button", name=say("添加第一个预警", "Add the first one"))
    add.focus()
    page.keyboard.press("Enter")
    dialog = page.locator("#dialog")
    tile = "estimated" if kind == "promoter" else "paid"
    dialog.locator("#alert-tile").select_option(tile)
    dialog.locator("#alert-span").select_option("30")
    dialog.locator("#alert-bound").fill("1.234")
    shoot(page, f"alerts-form-{kind}-{manner}")
    me.check()
    with me.expecting(422):
        page.keyboard.press("Enter")
        expect(dialog.get_by_role("alert")).to_contain_text(say("请检查数值", "Look at the value"))
    expect(dialog.locator("#alert-bound")).to_have_value("1.234")
    me.check()
    dialog.locator("#alert-bound").fill("1.50")
    dialog.get_by_role("button", name=say("添加", "Add"), exact=True).click()
    expect(page.locator(".toast").last).to_contain_text(say("预警已添加", "The alert was added"))
    expect(page.locator("main")).to_contain_text(say("待检查", "not looked at yet"))

    assert jobs.watch(clock.now())["fired"] == 1
    page = me.go("alerts")
    expect(page.locator("main")).to_contain_text(say("未恢复", "not yet"))
    shoot(page, f"alerts-crossed-{kind}-{manner}")
    fired = page.locator("main section.card").nth(1)
    value = fired.locator("td.num.strong").first.inner_text().splitlines()[-1].strip()
    fired.locator("tbody a.link").first.click()
    expect(page).to_have_url(re.compile("explorer" if tile == "estimated" else "/boards/lines/"))
    expect(page.locator("#list-totals")).to_contain_text(value)
    me.check()


@pytest.mark.parametrize(("kind", "manner"), WALKED)
def test_a_report_reaches_a_confirmed_address_until_it_is_ended(sold, post, as_person, kind, manner):
    party = party_of(sold, kind)
    me = as_person(party, **MANNERS[manner])
    say = me.say
    _confirmed(me, post, f"{kind}-{manner}")

    page = me.go("alert-reports")
    expect(page.locator("main")).to_contain_text(say("还没有报告", "No report yet"))
    shoot(page, f"reports-none-{kind}-{manner}")
    page.locator("main section.card").first.get_by_role("link").click()
    expect(page.locator("main")).to_contain_text(say("这是预览", "This is how it would be"))
    drawn = page.locator("img.report-chart")
    drawn.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('img.report-chart').naturalWidth === 1280")
    shoot(page, f"reports-preview-{kind}-{manner}")
    me.check()
    page = me.go("alert-reports")
    page.locator("main section.card").first.get_by_role("button").click()
    dialog = page.locator("#dialog")
    dialog.locator("#report-hour").select_option("9")
    me.check()
    dialog.get_by_role("button", name=say("订阅", "Subscribe"), exact=True).click()
    expect(page.locator(".toast").last).to_contain_text(say("已订阅", "You are subscribed"))

    [held] = service.due(now=clock.now() + 2 * DAY)
    assert jobs.make(held.next_at) == {"reports": 1}
    post.raw.clear()
    assert jobs.send(held.next_at) == {"mails": 1}
    [sent] = post.mails
    page = me.go("alert-reports")
    shoot(page, f"reports-{kind}-{manner}")
    page.locator("ul.lines a").first.click()
    expect(page.locator("img.report-chart")).to_be_visible()
    me.check()

    ending = re.search(r"https?://[^/\s]+(/mails/stop/\S+)", sent.get_body(("plain",)).get_content())[1]
    nobody = as_person(None, **MANNERS[manner])
    page = nobody.go(ending)
    page.get_by_role("button", name=nobody.say("确认退订", "Unsubscribe")).click()
    expect(page.locator("main")).to_contain_text(nobody.say("已退订", "Done: no more mails"))
    nobody.check()
    assert not queries.subscriptions_of(person_id=held.person_id, party_id=party.id)[Rhythm.DAILY].mail


def _confirmed(me, post, name):
    """Enter an address, and the code that reached it."""
    page = me.go("/account/email/")
    page.locator("#address").fill("li.lei@example.com")
    page.keyboard.press("Enter")
    expect(page.locator("#code")).to_be_visible()
    me.check()
    shoot(page, f"email-{name}")
    [got] = post.mails
    assert got["To"] == "li.lei@example.com"
    page.locator("#code").fill(re.search(r"\b(\d{6})\b", got.get_body(("plain",)).get_content())[1])
    page.keyboard.press("Enter")
    expect(page.locator(".tag.green")).to_contain_text(me.say("已验证", "confirmed"))
    expect(page.locator("main")).to_contain_text("l***@example.com")
    me.check()
    shoot(page, f"email-confirmed-{name}")


@pytest.mark.parametrize(
    ("kind", "role", "english"), [("merchant", Role.PRODUCT_MANAGER, False), ("operator", Role.AUDITOR, True)]
)
def test_who_only_reads_is_offered_nothing_to_set(sold, as_person, kind, role, english):
    me = as_person(party_of(sold, kind), role, english=english)
    page = me.go("alerts")
    expect(page.locator("main")).to_contain_text(me.say("还没有预警", "No alert yet"))
    expect(page.get_by_role("button", name=me.say("添加", "Add"))).to_have_count(0)
