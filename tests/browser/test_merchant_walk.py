"""A new shop: certified, in the alliance, a product made a main one; at midnight in force and in the library."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.acting import Phone, comes, picture, signed_in
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tuike.doors.web.soon import soon
from tuike.kit import clock, days
from tuike.parties.types import Role

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]


def _certified(me, desk) -> None:
    """Hand in the papers of an enterprise; the operator passes them in another browser."""
    page = me.page
    page.wait_for_url(re.compile(r"/merchant/M\d+/certification/"))
    filled = {
        "Name on the business licence": "Celadon Trading Ltd",
        "Unified social credit code": make_parties.LICENCE_NO,
        "Legal person": "Li Lei",
        "Bank of the company account": "Canghai Bank",
        "Company account number": "6225880100001234",
    }
    for label, text in filled.items():
        page.get_by_label(label).fill(text)
    page.get_by_label("Upload pictures of documents").set_input_files([picture("licence.png")])
    expect(page.locator("#documents img")).to_have_count(1)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_text("under review, please wait")).to_be_visible()
    me.check()
    desk.go("certifications", check=False)
    desk.page.locator("#list a.open").first.click()
    desk.page.locator("#drawer").get_by_role("button", name="通过", exact=True).click()
    desk.page.locator("#dialog").get_by_role("button", name="通过", exact=True).click()
    expect(desk.page.locator(".toast")).to_contain_text("已通过")


def _product(me) -> None:
    """Add a product with a picture and a price, and put it on sale."""
    page = me.page
    page.get_by_role("link", name="Products", exact=True).click()
    page.get_by_role("link", name="Add a product").click()
    page.get_by_label("Title", exact=False).first.fill("Celadon bowl")
    page.get_by_label("Category").select_option(label="Teaware")
    page.get_by_label("Add pictures").set_input_files([picture("bowl.png", "#8ab")])
    expect(page.locator("#pictures img")).to_have_count(1)
    row = page.locator("#skus tr").first
    row.get_by_label("Choice").fill("single")
    row.get_by_label("Price in yuan").fill("59.90")
    row.get_by_label("Stock").fill("20")
    me.check()
    page.get_by_role("button", name="Save and put on sale").click()
    expect(page.locator(".toast")).to_be_visible()
    expect(page.locator("#list")).to_contain_text("Celadon bowl")
    me.check()


def _main_product(me) -> None:
    """Set the product's rate: refused below the floor, seen before it is published, published."""
    page = me.page
    page.get_by_role("link", name="Main products").click()
    page.get_by_role("button", name="Add main products").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("checkbox").first.check()
    with me.expecting(422):
        dialog.get_by_label("Rate").fill("4")
        dialog.get_by_role("button", name="See what it does").click()
        expect(dialog.locator("#preview [role=alert]")).to_be_visible()
    dialog.get_by_label("Rate").fill("20")
    dialog.get_by_role("button", name="See what it does").click()
    expect(dialog.locator("#preview")).to_contain_text("¥11.98")  # 20 % of ¥59.90
    me.check()
    dialog.get_by_role("button", name="Publish").click()
    expect(page.locator("#list")).to_contain_text("Coming")
    me.check()


def _library(promoter, phone, cards: int) -> None:
    """Look into the library as a promoter: so many products are there, the new one with its rate."""
    page = signed_in(promoter, phone)
    page.get_by_role("link", name="选品库").click()
    if cards:
        comes(page, page.locator(".pcard"))
        expect(page.locator(".pcard")).to_contain_text("Celadon bowl")
        expect(page.locator(".pcard")).to_contain_text("20%")
    expect(page.locator(".pcard")).to_have_count(cards)
    promoter.check()


def test_from_the_scan_to_the_library(living, as_person):
    living.worker()
    make_plans.benchmark(500)
    make_catalog.category(name="Teaware")
    operator, other = make_parties.operator(), Phone(living, 3)
    make_parties.promoter(super_admin=other.person_id())
    desk = as_person(operator, Role.OPERATOR)
    phone = Phone(living, 2)
    me = as_person(None, english=True)
    page = signed_in(me, phone)
    page.get_by_role("button", name=re.compile("EN · English")).click()
    page.get_by_role("link", name="Open a shop").click()
    page.get_by_label("Name of the shop").fill("Celadon")
    page.get_by_role("button", name="Open", exact=True).click()
    _certified(me, desk)
    comes(page, page.get_by_role("link", name="Products", exact=True))
    page.get_by_role("link", name="Alliance", exact=True).click()
    page.get_by_role("button", name="Open the alliance").click()
    expect(page.get_by_text(re.compile("Opening: it holds from"))).to_be_visible()
    me.check()
    _product(me)
    _main_product(me)
    _library(as_person(None), other, 0)
    midnight = days.next_midnight(clock.now())
    ahead = int((midnight - clock.real_now() + timedelta(seconds=30)).total_seconds())
    living.sandbox.move_clock(ahead)
    soon("refresh_library")
    _library(as_person(None), other, 1)
    page = signed_in(me, phone)  # half a day has passed: everybody signs in again
    page.get_by_role("link", name="Main products").click()
    expect(page.locator("#list")).to_contain_text("In force")
    page.get_by_role("link", name="Alliance", exact=True).click()
    expect(page.get_by_text("Open since")).to_be_visible()
    me.check()
