"""Coupons, targeted plans, requests and the directory with a real browser, from the shop's side and the promoter's."""

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.make import alliance as make
from tests.make import matching
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.marketing import queries as coupons_of
from tuike.parties.types import Role
from tuike.plans import queries as plans_of


def alliance() -> make.Alliance:
    """Return an alliance whose product has no picture (none is on the disk) and a title that toasts may show."""
    one = make.alliance()
    rows.run("UPDATE catalog_product SET pictures = '{}', title = 'Celadon bowl'")
    return one


def in_days(days: int) -> str:
    return shown(clock.now() + timedelta(days=days))[:16]


def fill_date(page: Page, name: str, value: str) -> None:
    """Type an instant into a date field as its own script keeps it."""
    page.locator(f"#{name}").evaluate("(field, value) => field._flatpickr.setDate(value, true)", value)


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_a_shop_makes_a_coupon_for_one_product(as_person, english, width):
    one = alliance()
    product = catalog.product_facts([one.product_id])[one.product_id]
    manager = as_person(one.shop, Role.PRODUCT_MANAGER, english=english, width=width)
    say, name = manager.say, manager.say("推客专享满 50 减 5", "5 off 50")
    page = manager.go("coupons")
    page.get_by_role("link", name=say("新建优惠券", "Add a coupon")).click()
    manager.check()
    page.locator("#name").fill(name)
    page.get_by_label(say("满（元）", "From (yuan)")).fill("50")
    page.get_by_label(say("减（元）", "Off (yuan)")).fill("5")
    fill_date(page, "starts_at", in_days(0))
    fill_date(page, "ends_at", in_days(7))
    page.locator("#stock").fill("100")
    page.locator("#channel-alliance").check()
    page.locator("#scope-product").check()
    with manager.expecting(422):
        page.get_by_role("button", name=say("创建", "Make it")).click()
        expect(page.locator(".only-product .err")).to_contain_text(say("请选择 1 到 200 项", "1 to 200"))
    manager.check()
    page.locator("#pick-q").fill(product.title[:2])
    page.get_by_role("button", name=say("选择", "Choose"), exact=True).first.click()
    expect(page.locator("#picked input[name=product]")).to_be_checked()
    page.get_by_role("button", name=say("创建", "Make it")).click()
    expect(page.locator(".toast")).to_contain_text(say("已创建", "was made"))
    page.get_by_role("link", name=name).click()
    expect(page.locator("#drawer")).to_contain_text("¥5.00")
    expect(page.locator("#drawer").get_by_text(say("联盟", "Alliance"), exact=True)).to_be_visible()
    manager.check()
    page.locator("#drawer").get_by_role("button", name=say("增加库存", "Give out more")).click()
    page.locator("#dialog input[name=stock]").fill("200")
    page.locator("#dialog .btn.pri").click()
    expect(page.locator(".toast").last).to_contain_text(say("库存已增加", "There are more of them now"))
    assert coupons_of.open_coupons([one.shop.id], clock.now())[0].stock == 200


@pytest.mark.parametrize("english", [False, True])
def test_finance_sees_coupons_and_makes_none(as_person, english):
    one = alliance()
    money = as_person(one.shop, Role.FINANCE, english=english)
    page = money.go("coupons")
    expect(page.get_by_role("heading", name=money.say("优惠券", "Coupons"), exact=True)).to_be_visible()
    with money.expecting(403):
        money.go("coupon-new")
        expect(page.get_by_text(money.say("您的角色不能进行此操作", "Your role does not allow this"))).to_be_visible()


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_a_plan_is_seen_before_it_is_made(as_person, english, width):
    one = alliance()
    seller = as_person(one.shop, english=english, width=width)
    page = seller.go("targeted-new")
    page.locator("#name").fill("Top promoters")
    fill_date(page, "ends_at", in_days(30))
    page.locator("#pick-q").click()
    page.get_by_role("button", name="Choose" if english else "选择", exact=True).first.click()
    page.locator(".ratebox input").fill("11")
    with seller.expecting(422):
        page.get_by_role("button", name="Preview" if english else "预览").click()
        expect(page.locator(".toast")).to_contain_text("below the public rate" if english else "不能低于公开佣金率")
    page.locator(".ratebox input").fill("20")
    page.get_by_role("button", name="Preview" if english else "预览").click()
    expect(page.locator("#dialog")).to_contain_text("¥11.98")
    seller.check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Make it" if english else "创建").click()
    expect(page.locator("#invite-link")).to_be_visible()
    seller.check()


def test_from_the_invite_link_into_the_plan(as_person):
    one = alliance()
    plan = matching.plan(one, now=clock.now())
    promoter = as_person(one.promoter, english=True)
    page = promoter.go(f"/join/{plan.invite_code}/")
    promoter.check()
    page.get_by_label("A word to the shop").fill("tea ware, 12 groups")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator(".toast")).to_contain_text("the shop decides")
    seller = as_person(one.shop)
    page = seller.go("targeted-plan", no=plan.no)
    expect(page.get_by_text("tea ware, 12 groups")).to_be_visible()
    page.get_by_role("button", name="拒绝").click()
    expect(page.locator("#dialog")).to_contain_text("原因")
    seller.check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="通过").click()
    expect(page.get_by_role("cell", name="已加入")).to_be_visible()
    assert plans_of.member_of(plan_id=plan.plan_id, promoter_id=one.promoter.id).state == "accepted"
    page = promoter.go("cooperations")
    expect(page.get_by_role("cell", name="In the plan")).to_be_visible()


@pytest.mark.parametrize("english", [False, True])
def test_a_request_is_found_and_a_card_invited(as_person, english):
    one = alliance()
    plan = matching.plan(one, now=clock.now(), name="Plan")
    matching.card(one.recruiter.id, one.category_id, now=clock.now(), words=("Tea friends", "We love tea"))
    seller = as_person(one.shop, english=english)
    page = seller.go("request-new", f"?plan={plan.no}")
    page.locator("#title").fill("Tea promoters wanted")
    fill_date(page, "open_until", in_days(5))
    page.get_by_role("button", name="Publish" if english else "发布", exact=True).click()
    expect(page.get_by_text("Tea promoters wanted")).to_be_visible()
    page = seller.go("directory")
    page.get_by_role("link", name="Tea friends").click()
    expect(page.locator("#drawer")).to_contain_text("We love tea")
    seller.check()
    page.get_by_role("button", name="Send the invitation" if english else "发送邀请").click()
    expect(page.locator(".toast")).to_be_visible()
    promoter = as_person(one.promoter, english=english, width=390)
    page = promoter.go("opportunities")
    page.get_by_role("link", name="Tea promoters wanted").click()
    expect(page.locator("#drawer")).to_contain_text("20%")
    promoter.check()
    page.get_by_role("button", name="Apply" if english else "报名", exact=True).click()
    expect(page.locator(".toast")).to_be_visible()
    invited = as_person(one.recruiter, english=english, width=390)
    page = invited.go("cooperations")
    page.get_by_role("link", name="Plan", exact=True).click()
    page.get_by_role("button", name="Accept" if english else "接受邀请").click()
    expect(page.locator(".toast")).to_be_visible()
    assert plans_of.member_of(plan_id=plan.plan_id, promoter_id=one.recruiter.id).state == "accepted"
    invited.go("card")


@pytest.mark.slow
def test_every_page_is_looked_at(as_person):
    one = alliance()
    plan = matching.plan(one, now=clock.now(), name="Plan")
    matching.request(one, plan, now=clock.now(), title="Wanted", text="Words")
    for english, width, dark in ((False, 1440, True), (True, 390, False)):
        seller = as_person(one.shop, english=english, width=width, dark=dark)
        for name in ("coupons", "coupon-new", "targeted", "targeted-new", "requests", "request-new", "directory"):
            seller.go(name)
        seller.go("targeted-plan", no=plan.no)
        promoter = as_person(one.promoter, english=english, width=width, dark=dark)
        for name in ("opportunities", "cooperations", "card"):
            promoter.go(name)
        promoter.go("join", code=plan.invite_code)
