"""Lists, files and home pages with a real browser: what is asked stands in the address, and comes back from it."""

import csv
import io
import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.db import rows
from tuike.figures import service as figures
from tuike.kit import clock
from tuike.kit.days import day_of


@pytest.fixture
def sold(living):
    """An alliance that sold by promotion an hour ago: 23 orders, one of two lines."""
    one, now = make.alliance(), clock.now() - timedelta(hours=1)
    make.touch(one, now=now - timedelta(minutes=5))
    orders = [make.bought(one, pieces=(1, 2) if n == 0 else (1,), now=now) for n in range(23)]
    figures.count(order_nos=[order.no for order in orders], now=make.NOON)
    rows.run("UPDATE catalog_product SET pictures = '{}'")  # the makers' pictures are names only
    return one


@pytest.mark.parametrize("english", [False, True])
def test_a_list_is_filtered_sorted_paged_and_written_to_a_file(sold, as_person, english):
    sitting = as_person(sold.promoter, english=english)
    page = sitting.go("orders")
    shown = page.locator("#list tbody tr")
    expect(shown).to_have_count(20)
    expect(page.locator("#list-totals")).to_contain_text("24 rows" if english else "共 24 条")
    page.get_by_role("link", name="Next" if english else "下一页").click()
    expect(shown).to_have_count(4)
    assert "after=" in page.url
    page.go_back()
    expect(shown).to_have_count(20)
    page.locator("#list thead a").first.click()
    expect(page).to_have_url(re.compile(r"\?(?!.*after=).*sort="))
    page.locator("#filter input[type=search]").first.fill("nothing like this")
    page.locator("#filter button[type=submit]").click()
    expect(page.locator("#list .empty")).to_be_visible()
    sitting.check()
    page.locator("#list .empty a").click()
    expect(shown).to_have_count(20)
    today = day_of(clock.now()).isoformat()
    page.goto(f"{sitting.url('orders')}?paid_from={today}&paid_to={today}")
    _export(sitting, english=english)


def _export(sitting, *, english):
    page = sitting.page
    page.get_by_role("button", name="Export" if english else "导出", exact=True).click()
    sitting.check()
    page.locator("#dialog button[type=submit]").click()
    ready = page.locator("#dialog a[download]")
    expect(ready).to_be_visible()
    with page.expect_download() as coming:
        ready.click()
    content = Path(coming.value.path()).read_bytes()
    lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(lines) - 1 == int(page.locator("#dialog dd").first.inner_text())
    sitting.go("exports")
    expect(page.locator("tbody tr")).to_have_count(1)


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_home_pages_show_figures_and_the_best(sold, as_person, english, width):
    for party in (sold.promoter, sold.shop, make_parties.operator()):
        sitting = as_person(party, english=english, width=width, height=844, dark=english)
        page = sitting.go("home", "?days=7")
        expect(page.locator(".kpi").nth(1)).to_contain_text("23")
        expect(page.locator("#trend")).to_be_attached()
        expect(page.locator(".chart canvas")).to_be_visible()
        expect(page.locator(".best li").first).to_be_visible()
        sitting.check()
        page.locator("nav.chips a").last.click()
        expect(page).to_have_url(re.compile("days=30"))


@pytest.mark.parametrize("english", [False, True])
def test_somebody_elses_list_is_not_there(sold, as_person, english):
    stranger = as_person(make_parties.promoter(name="别人", phone="13900000009"), english=english)
    with stranger.expecting(404):
        stranger.page.goto(stranger.url("orders", of=sold.promoter))
    with stranger.expecting(404):
        stranger.page.goto(stranger.url("home", of=sold.shop))
