"""Boards with a real browser: every role, both languages, wide and on a phone; a chart that changes with the data."""

import csv
import io
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.console.test_behaviour import clicked, shared
from tests.make import alliance as make
from tests.make import boarded
from tests.make import parties as make_parties
from tuike.kit import clock
from tuike.parties import queries as parties

DAY = timedelta(days=1)


def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("TUIKE_TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def sold(living):
    """An alliance that has sold for some weeks, with a leader and a refund, until a moment ago."""
    now = clock.now()
    one = make.alliance()
    for ago in (40, 20, 12, 5, 3, 2, 1, 0):
        at = now - ago * DAY
        make.link(one, leader=ago % 2 == 0, now=at)
        make.touch(one, leader=ago % 2 == 0, now=at - timedelta(minutes=9))
        order = make.bought(one, pieces=(1, 2), now=at - timedelta(minutes=5))
        clicked(one, ["a", "b", f"c{ago}"], at=at - timedelta(minutes=6))
        shared(one, f"share-{ago}", at=at - timedelta(minutes=7))
        if ago > 15:
            make.received(order, now=at + DAY)
        if ago == 3:
            make.refunded(order, (1, 1), now=at + timedelta(minutes=5))
    boarded.counted(now)
    return one


def option(page: Page, key: str) -> dict:
    """Return what a chart draws."""
    page.wait_for_function(f"() => window.echarts && echarts.getInstanceByDom(document.querySelector('{key}'))")
    return page.evaluate(f"() => echarts.getInstanceByDom(document.querySelector('{key}')).getOption()")


def party_of(one, kind):
    if kind == "operator":
        return parties.operator() or make_parties.operator()
    return {"promoter": one.promoter, "merchant": one.shop, "leader": one.leader}[kind]


MANNERS = {
    "zh-wide": {"english": False, "width": 1440, "height": 900},
    "zh-phone": {"english": False, "width": 390, "height": 844},
    "en-wide-dark": {"english": True, "width": 1440, "height": 900, "dark": True},
    "en-phone-dark": {"english": True, "width": 390, "height": 844, "dark": True},
}


@pytest.mark.parametrize(
    ("kind", "manner"),
    [
        ("promoter", "zh-phone"),
        ("promoter", "en-wide-dark"),
        ("merchant", "zh-wide"),
        ("merchant", "en-phone-dark"),
        ("leader", "zh-phone"),
        ("leader", "en-wide-dark"),
        ("operator", "zh-wide"),
        ("operator", "en-phone-dark"),
    ],
)
def test_somebody_reads_a_board_down_to_the_entries(sold, as_person, kind, manner):
    me = as_person(party_of(sold, kind), **MANNERS[manner])
    say = me.say
    page = me.go("boards", "?days=30")
    expect(page.locator(".board-state")).to_contain_text(say("账目尚未核对", "The books aren't checked yet"))
    expect(page.locator("#chart-best tbody tr").first).to_be_visible()
    expect(page.locator(".chart canvas").first).to_be_visible()
    me.check()
    shoot(page, f"board-{kind}-{manner}")
    _turns(me, page.locator("#chart-trend"))

    # Another measure, another way to break it down.
    page.locator("#chart-trend").get_by_role("link", name=say("点击", "Clicks"), exact=True).click()
    expect(page.locator("#chart-trend th").nth(1)).to_have_text(say("点击", "Clicks"))
    page.locator("#best nav.chips a").nth(1).click()
    expect(page.locator("#best nav.chips a").nth(1)).to_have_attribute("aria-current", "true")
    expect(page.locator("#chart-best canvas")).to_be_visible()
    me.check()

    # A tile opens its rows, a row its accruals, those their entries in the ledger.
    paid = page.locator("#tile-paid b").inner_text()
    page.locator("#tile-paid").click()
    expect(page).to_have_url(re.compile("/boards/lines/.*paid_at_from"))
    expect(page.locator("#list-totals")).to_contain_text(paid)
    me.check()
    page.locator("#list a.open").first.click()
    expect(page).to_have_url(re.compile("/explorer/.*order_no"))
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer")).to_contain_text(say("账本分录", "Entries in the ledger"))


def _turns(me, trend: Locator) -> None:
    """See the chart as a table, save it as an image and as a file."""
    turn = trend.get_by_role("button", name=me.say("表格", "Table"))
    turn.focus()
    me.page.keyboard.press("Enter")
    expect(turn).to_have_attribute("aria-pressed", "true")
    expect(trend.locator("tbody tr")).to_have_count(30)
    expect(trend.locator(".chart")).to_be_hidden()
    me.check()
    turn.click()
    with me.page.expect_download() as coming:
        trend.get_by_role("button", name=me.say("图片", "Image")).click()
    assert Path(coming.value.path()).read_bytes().startswith(b"\x89PNG")
    assert coming.value.suggested_filename.endswith(".png")
    with me.page.expect_download() as coming:
        trend.get_by_role("link", name="CSV").click()
    lines = list(csv.reader(io.StringIO(Path(coming.value.path()).read_bytes().decode("utf-8-sig"))))
    assert len(lines) == 31


def test_a_chart_changes_with_the_data(sold, as_person):
    me = as_person(sold.shop)
    page = me.go("boards", "?days=7")
    before, bars = option(page, "#chart-trend .chart"), option(page, "#chart-funnel .chart")
    best = option(page, "#chart-best .chart")
    paid = page.locator("#tile-paid b").inner_text()
    page = me.go("boards", "?days=7")
    assert option(page, "#chart-trend .chart")["series"][0]["data"] == before["series"][0]["data"]

    now = clock.now()
    make.touch(sold, now=now - timedelta(minutes=2))
    make.bought(sold, pieces=(1, 2), now=now - timedelta(minutes=1))
    boarded.counted(now)
    page = me.go("boards", "?days=7")
    after = option(page, "#chart-trend .chart")["series"][0]["data"]
    was = before["series"][0]["data"]
    assert after[:-1] == was[:-1] and after[-1] == was[-1] + 3 * 5_990
    assert option(page, "#chart-funnel .chart")["series"][0]["data"] != bars["series"][0]["data"]
    grown = option(page, "#chart-best .chart")["series"][0]["data"]
    assert sum(grown) == sum(best["series"][0]["data"]) + 3 * 5_990
    expect(page.locator("#tile-paid b")).not_to_have_text(paid)


@pytest.mark.parametrize(("kind", "english", "width"), [("promoter", False, 390), ("leader", True, 1440)])
def test_a_board_of_nothing_says_so(living, as_person, kind, english, width):
    party = make_parties.promoter() if kind == "promoter" else make_parties.leader()
    me = as_person(party, english=english, width=width)
    page = me.go("boards")
    expect(page.locator(".note.info")).to_contain_text(me.say("这段时间还没有数据", "Nothing happened in this time"))
    me.check()
    page.locator("#tile-estimated").click()
    expect(page.locator("#list .empty")).to_be_visible()
    me.check()
