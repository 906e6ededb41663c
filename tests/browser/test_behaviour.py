"""What promoters do, with a real browser: a click shows up within five seconds, from a promoter to its products."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.console.test_behaviour import clicked
from tests.make import alliance as make
from tuike.db import rows
from tuike.figures import service as figures
from tuike.kit import clock

LIVE_SECONDS = 5


@pytest.fixture
def sold(living):
    """An alliance that sells since a moment ago."""
    one = make.alliance()
    now = clock.now()
    make.link(one, now=now)
    make.touch(one, now=now)
    order = make.bought(one, now=now)
    link = make.link(one, now=now)
    clicked(one, ["a", "b"], at=now)
    figures.count(order_nos=[order.no], now=make.NOON)
    assert link.code
    return one


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_a_shop_sees_a_click_within_seconds_and_goes_down_to_the_product(sold, as_person, english, width):
    me = as_person(sold.shop, english=english, width=width)
    page = me.go("behaviour")
    live = page.locator("#live dd")
    expect(live.nth(1)).to_have_text("2")
    expect(page.locator("#list td[data-label='Clicks'], #list td[data-label='点击']")).to_have_text("2")
    began = time.monotonic()
    clicked(sold, ["c"], at=clock.now())
    expect(live.nth(1)).to_have_text("3", timeout=LIVE_SECONDS * 1000)
    assert time.monotonic() - began <= LIVE_SECONDS
    expect(page.locator("#list td[data-label='Clicks'], #list td[data-label='点击']")).to_have_text("3")
    expect(page.locator("#sums .kpi b").nth(1)).to_have_text("3")
    me.check()
    page.locator("#list a.open").first.click()
    expect(page).to_have_url(re.compile(rf"/behaviour/{sold.promoter.no}/"))
    me.check()
    page.locator("#list a.open").first.click()
    expect(page).to_have_url(re.compile("/behaviour/places/"))
    expect(page.get_by_text("手绘青瓷盖碗").first).to_be_visible()
    me.check()
    page.get_by_role("link", name="Up one level" if english else "返回上一级").click()
    expect(page).to_have_url(re.compile(rf"/behaviour/{sold.promoter.no}/"))


@pytest.mark.parametrize(("english", "width"), [(False, 390), (True, 1440)])
def test_what_a_promoter_copies_counts_as_shared(sold, as_person, english, width):
    me = as_person(sold.promoter, english=english, width=width)
    page = me.go("behaviour")
    expect(page.locator("#live dd").first).to_have_text("0")
    code = make.link(sold).code
    shared = "SELECT kind, surface FROM attribution_share ORDER BY id"
    page.evaluate(
        "(url) => htmx.ajax('GET', url, { target: '#dialog', swap: 'innerHTML' })",
        f"/promoter/{sold.promoter.no}/material/{code}/",
    )
    dialog = page.locator("#dialog")
    with page.expect_response(re.compile("/share$")) as told:
        dialog.locator("[data-share=link]").first.click()
    assert told.value.status == 204
    with page.expect_response(re.compile("/share$")):
        dialog.locator("[data-share=wording]").first.click()
    assert rows.query(shared) == [("link", "console"), ("wording", "console")]
    dialog.locator(".dacts [data-close], [data-close]").last.click()
    expect(page.locator("#live dd").first).to_have_text("2", timeout=LIVE_SECONDS * 1000)
    me.check()
    page.get_by_role("link", name="By product" if english else "按商品").click()
    expect(page.get_by_text("手绘青瓷盖碗").first).to_be_visible()
    me.check()
