"""A shop's bargain offers and red packets with a real browser, in both languages, wide and on a phone."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.make import alliance as make
from tests.make import mall
from tuike.audit.types import SYSTEM
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.parties import service as parties
from tuike.parties.types import Role


def alliance() -> make.Alliance:
    """Return an alliance whose shop has bargains and red packets on, and ¥50 available."""
    one = make.alliance(price_fen=10_000)
    rows.run("UPDATE catalog_product SET pictures = '{}', title = 'Celadon bowl'")
    for function in mall.ON:
        parties.switch_function(merchant_id=one.shop.id, function=function, on=True, actor=SYSTEM, now=make.NOON)
    moves = (Move(chart.platform("promotion"), chart.merchant(one.shop.id, "available"), 5_000),)
    ledger.post(drafts=[Draft("gift", "adjustment", "test", make.NOON, moves)], now=make.NOON)
    return one


def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("TUIKE_TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def fill_date(page: Page, name: str, days: int) -> None:
    """Type an instant into a date field as its own script keeps it."""
    value = shown(clock.now() + timedelta(days=days))[:16]
    page.wait_for_function("name => document.getElementById(name)._flatpickr", arg=name)
    page.locator(f"#{name}").evaluate("(field, value) => field._flatpickr.setDate(value, true)", value)


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_a_shop_offers_a_bargain(as_person, english, width):
    one = alliance()
    product = catalog.product_facts([one.product_id])[one.product_id]
    manager = as_person(one.shop, Role.PRODUCT_MANAGER, english=english, width=width)
    say = manager.say
    page = manager.go("bargains")
    manager.check()
    page.get_by_role("link", name=say("新建砍价", "Add an offer")).click()
    page.locator("#pick-q").fill(product.product_no)
    page.get_by_role("button", name=say("选择", "Choose"), exact=True).first.click()
    expect(page.locator("#picked input")).to_be_checked()
    manager.check()
    shoot(page, f"bargain-pick-{width}")
    page.get_by_role("button", name=say("下一步", "Next")).click()
    page.locator("#floor").fill("40")
    page.locator("#stock").fill("10")
    fill_date(page, "ends_at", 7)
    manager.check()
    shoot(page, f"bargain-form-{width}")
    page.get_by_role("button", name=say("创建", "Make it"), exact=True).click()
    expect(page.get_by_text("Celadon bowl").first).to_be_visible()
    manager.check()
    shoot(page, f"bargains-{width}")
    page.get_by_role("link", name="Celadon bowl").first.click()
    expect(page.locator("#drawer").get_by_text(say("底价", "Floor"))).to_be_visible()
    manager.check()
    shoot(page, f"bargain-{width}")


@pytest.mark.parametrize(("english", "width"), [(False, 390), (True, 1440)])
def test_a_shop_sends_a_red_packet(as_person, english, width):
    one = alliance()
    finance = as_person(one.shop, Role.FINANCE, english=english, width=width)
    say = finance.say
    page = finance.go("red-packets")
    finance.check()
    page.get_by_role("button", name=say("发红包", "Send one")).click()
    page.locator("#rp-total").fill("20")
    page.locator("#rp-shares").fill("4")
    finance.check()
    shoot(page, f"red-packet-form-{width}")
    page.get_by_role("button", name=say("下一步", "Next")).click()
    expect(page.get_by_text("¥30.00")).to_be_visible()
    finance.check()
    shoot(page, f"red-packet-look-{width}")
    page.get_by_role("button", name=say("确认发出", "Send it")).click()
    expect(page.locator(".toast").last).to_contain_text(say("红包已发出", "was sent"))
    ((no,),) = rows.query("SELECT no FROM marketing_packet")
    page.get_by_text(no).first.click()
    expect(page.locator("#drawer").get_by_text(say("分享码", "Code"), exact=True)).to_be_visible()
    finance.check()
    shoot(page, f"red-packet-{width}")
