"""Tiers, the ladder and bonuses for targets with a real browser, in both languages, wide and on a phone."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import rewards as make_rewards
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import tend_rewards as tending
from tuike.kit import clock
from tuike.parties.types import Role
from tuike.plans import service as plans
from tuike.rewards import service


def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("TUIKE_TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_the_operator_sets_tiers_and_looks_at_the_ladder(as_person, english, width):
    make.alliance()
    plans.add_grade(name="Gold", rank=1, threshold_fen=0, extra_bps=150, actor=OPERATOR_SHELL, now=make.NOON)
    desk = as_person(make_parties.operator(), Role.ADMIN, english=english, width=width)
    say = desk.say
    page = desk.go("tiers")
    page.get_by_role("button", name=say("设置分佣", "Set the tiers")).click()
    page.locator("#o-tier2").fill("5")
    desk.check()
    shoot(page, f"tiers-set-{width}")
    page.get_by_role("button", name=say("发布", "Publish"), exact=True).click()
    expect(page.locator("#tiers")).to_contain_text("5%")
    desk.check()
    page = desk.go("grades")
    page.get_by_role("button", name=say("预览今晚", "Look at tonight")).click()
    expect(page.locator("#tonight")).to_contain_text("Gold")
    desk.check()
    shoot(page, f"grades-{width}")


@pytest.mark.parametrize(("english", "width"), [(False, 390), (True, 1440)])
def test_a_shop_publishes_a_bonus_and_a_promoter_reaches_it(as_person, english, width):
    one = make.alliance()
    now = clock.now()
    make_rewards.fund(one.shop.id, 20_000, now=now)
    no = make_rewards.draft(one.shop.id, now=now + timedelta(minutes=10), name="Autumn")
    owner = as_person(one.shop, english=english, width=width)
    say = owner.say
    page = owner.go("offers")
    page.get_by_role("link", name="Autumn").first.click()
    page.get_by_role("button", name=say("存入预算并发布", "Fund and publish")).click()
    expect(page.locator("dialog[open], [role=alertdialog], [role=dialog]").first).to_be_visible()
    shoot(page, f"offer-{width}")
    assert no
    owner.go("offer-new")
    shoot(page, f"offer-new-{width}")
    offer = make_rewards.offer(one.shop.id, now=now - timedelta(minutes=5), name="Spring")
    make.touch(one, now=now - timedelta(minutes=4))
    order = make.bought(one, pieces=(3,), now=now - timedelta(minutes=1))
    service.note(counts=tending.count(offer, [one.promoter.id]), now=now)
    assert tending.grant(offer, now) == 1
    me = as_person(one.promoter, english=english, width=width)
    page = me.go("bonuses")
    page.get_by_role("link", name=say("详情与证明", "Details and proof")).first.click()
    expect(page.locator("#drawer").get_by_text(order.no)).to_be_visible()
    me.check()
    shoot(page, f"bonus-{width}")
    me.go("grade")
    shoot(page, f"grade-{width}")


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_the_operator_picks_any_shops_products_and_closes_an_offer_early(as_person, english, width):
    one = make.alliance()
    beside = make.alliance(beside=one)
    rows.run("UPDATE catalog_product SET pictures = '{}'")  # the makers' lead nowhere
    now = clock.now()
    make_rewards.offer(None, now=now - timedelta(minutes=5), name="Winter")
    desk = as_person(make_parties.operator(), Role.ADMIN, english=english, width=width)
    say = desk.say
    page = desk.go("offer-new")
    page.get_by_role("radio", name=say("指定商品", "Chosen products")).check()
    page.locator("#pick-q").fill("青瓷")
    row = page.locator("#pick-found li", has_text=beside.shop.name)
    row.get_by_role("button", name=say("选择", "Choose")).click()
    expect(page.locator("#picked")).to_contain_text(beside.shop.name)
    desk.check()
    shoot(page, f"offer-new-picked-{width}")
    page = desk.go("offers")
    page.get_by_role("link", name="Winter").first.click()
    page.get_by_role("button", name=say("提前结束", "Close it early")).click()
    asked = page.locator("dialog[open], [role=alertdialog], [role=dialog]").first
    expect(asked).to_contain_text("¥100.00")
    shoot(page, f"offer-close-{width}")
    desk.check()
