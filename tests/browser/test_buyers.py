"""The buyers' profile with a real browser: the shop and the operator read it, in both languages, wide and on a phone; a
chart changes with the data; a shop of few buyers reads why it sees nothing; promoters and leaders find no way to it."""

import csv
import io
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.test_boards import MANNERS, option, shoot
from tests.make import buyers as make
from tests.make import parties as make_parties
from tuike.flows.count_buyers import count_buyers
from tuike.kit import clock
from tuike.parties import queries as parties

DAY = timedelta(days=1)
REGIONS = ("440305", "440106", "310115", "110101")
LATELY = timedelta(days=100)
"""As far back as there surely is a quarter with orders, whenever a test runs."""


@pytest.fixture
def sold(living):
    """A shop with some sixty buyers over a hundred days, three of them of a city of their own."""
    now = clock.now()
    shop = make.shop(party_id=make_parties.merchant().id)
    for number in range(60):
        at = now - DAY - LATELY * number // 60 - timedelta(hours=number % 9)
        goods = ((0, 1 + number % 3, 2_900), (1 + number % 2, 1, 15_000))[: 1 + number % 2]
        make.buy(
            shop, buyer_id=1 + number % 45, at=at, goods=goods, region=REGIONS[number % 4], coupon_fen=number % 3 * 100
        )
    for number in range(3):
        make.buy(shop, buyer_id=900 + number, at=now - DAY, region="500103")
    count_buyers(now=now)
    return shop


@pytest.mark.parametrize(
    ("kind", "manner"),
    [
        ("merchant", "zh-wide"),
        ("merchant", "en-phone-dark"),
        ("operator", "zh-phone"),
        ("operator", "en-wide-dark"),
    ],
)
def test_somebody_reads_the_profile(sold, as_person, kind, manner):
    party = make_parties.operator() if kind == "operator" else parties.refs([sold.id])[sold.id]
    me = as_person(party, **MANNERS[manner])
    say = me.say
    page = me.go("buyers")
    expect(page.locator(".board-state")).to_contain_text(say("少于 10 人的群体不显示", "fewer than 10 people"))
    expect(page.locator("#chart-arrival canvas")).to_be_visible()
    page.locator("#chart-way canvas").scroll_into_view_if_needed()
    shoot(page, f"buyers-{kind}-{manner}")
    expect(page.get_by_text("重庆市")).to_have_count(0)  # three people: neither they nor whose sum would tell of them

    chart = page.locator("#chart-value")
    turn = chart.get_by_role("button", name=say("表格", "Table"))
    turn.focus()
    page.keyboard.press("Enter")
    expect(chart.locator("tbody tr")).to_have_count(6)
    me.check()
    with page.expect_download() as coming:
        chart.get_by_role("link", name="CSV").click()
    assert len(list(csv.reader(io.StringIO(Path(coming.value.path()).read_bytes().decode("utf-8-sig"))))) == 7
    page.locator(".head nav.chips a").last.click()
    expect(page.locator(".empty").first).to_contain_text(say("少于 10 人", "fewer than 10 buyers"))
    me.check()


def test_a_chart_changes_with_the_data(sold, as_person):
    me = as_person(parties.refs([sold.id])[sold.id])
    page = me.go("buyers")
    before = option(page, "#chart-arrival .chart")["series"][0]["data"]
    now = clock.now()
    for number in range(12):
        make.buy(sold, buyer_id=500 + number, at=now - DAY)
    page = me.go("buyers")
    assert option(page, "#chart-arrival .chart")["series"][0]["data"] == before  # until it is counted
    count_buyers(now=now)
    page = me.go("buyers")
    assert option(page, "#chart-arrival .chart")["series"][0]["data"] == [before[0] + 12, before[1]]


@pytest.mark.parametrize(("kind", "english"), [("promoter", True), ("leader", False)])
def test_promoters_and_leaders_find_no_way_to_it(sold, as_person, kind, english):
    party = make_parties.promoter() if kind == "promoter" else make_parties.leader()
    me = as_person(party, english=english)
    page = me.go("home")
    expect(page.get_by_text(me.say("买家画像", "Buyer profile"))).to_have_count(0)
