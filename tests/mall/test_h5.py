"""The built pages in a phone's browser against the running product: from a promoter's link to a paid order."""

import re

import pytest
from playwright.sync_api import expect

from tests import chromium
from tests.mall.phones import fits, keep, tap
from tests.waiting import until
from tuike.db import rows

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_from_a_promoters_link_to_a_paid_order(phone, mall_runs):
    page, say, one = phone.page, phone.say, mall_runs.one
    page.goto(f"{mall_runs.base}/l/{mall_runs.code}")
    page.wait_for_url("**/m/pages/product/product?c=*")
    expect(page.locator(".block .title")).to_be_visible()
    fits(page)
    assert rows.query("SELECT count(*) FROM attribution_touch") != [(0,)]

    keep(phone, "session", mall_runs.session(one.buyer_id))
    page.reload()
    tap(page, say("加入购物车", "Add to cart"))
    page.locator(".sheet").wait_for()
    page.locator(".sheet").get_by_text(say("加入购物车", "Add to cart")).click()
    expect(page.locator(".dot")).to_have_text("1")

    page.locator(".bar").get_by_text(say("购物车", "Cart"), exact=True).click()
    expect(page.locator(".item")).to_have_count(1)
    fits(page)
    page.get_by_text(say("去结算", "Check out")).click()
    page.locator(".block.to").click()
    tap(page, say("添加收货地址", "Add an address"))
    fields = page.locator("uni-page:last-of-type input")
    fields.nth(0).fill("王小明")
    fields.nth(1).fill("13800138000")
    page.get_by_text(say("省、市、区", "Province, city, district")).click()
    page.locator(".uni-picker-action-confirm").click()
    fields.nth(2).fill("人民路 1 号")
    fits(page)
    tap(page, say("保存", "Save"))
    page.locator(".address .words").first.click()
    expect(page.locator(".to .words")).to_contain_text("138****8000")
    expect(page.locator(".bar .price")).to_have_text("¥59.90")
    fits(page)
    page.get_by_text(say("提交订单", "Place the order")).click()

    page.wait_for_url(f"{mall_runs.sandbox.base}/**")
    page.locator("button").first.click()
    page.wait_for_url("**/m/order/result/result?no=*")
    expect(page.get_by_text(say("支付成功", "Paid"), exact=True)).to_be_visible()
    page.get_by_text(say("查看订单", "See the order")).click()
    expect(page.locator(".state .big")).to_have_text(say("待发货", "To ship"))
    fits(page)
    [(state, payable)] = rows.query("SELECT state, payable_fen FROM orders_order")
    assert (state, payable) == ("paid", 5_990)
    until(lambda: rows.query("SELECT count(*) FROM commission_sale") == [(1,)], what="the sale in the books")


def test_without_a_network_the_cart_stays_and_there_is_a_way_to_try_again(phone, mall_runs):
    page, say = phone.page, phone.say
    page.goto(f"{mall_runs.base}/m/pages/cart/cart")
    keep(phone, "session", mall_runs.session(mall_runs.one.buyer_id))
    page.goto(f"{mall_runs.base}/m/pages/product/product?c={mall_runs.code}")
    tap(page, say("加入购物车", "Add to cart"))
    page.locator(".sheet").get_by_text(say("加入购物车", "Add to cart")).click()
    expect(page.locator(".dot")).to_have_text("1")
    page.goto(f"{mall_runs.base}/m/pages/cart/cart")
    expect(page.locator(".item")).to_have_count(1)
    before = len(phone.problems)
    phone.context.set_offline(True)
    page.locator(".stepper .side").last.click()
    expect(page.locator(".lost")).to_be_visible()
    expect(page.locator(".item")).to_have_count(1)
    expect(page.locator(".stepper input")).to_have_value("2")
    phone.context.set_offline(False)
    page.locator(".stepper .side").last.click()
    expect(page.locator(".stepper input")).to_have_value("3")
    until(lambda: rows.query("SELECT quantity FROM orders_cart_item") == [(3,)], what="the cart is told")
    del phone.problems[before:]  # the requests that failed on purpose
    expect(page.locator(".lost")).to_have_count(0)


@pytest.mark.parametrize(
    "address",
    ["/m/", "/m/pages/category/category", "/m/pages/cart/cart", "/m/pages/me/me", "/m/pages/search/search",
     "/m/pages/signin/signin", "/m/member/settings/settings", "/m/marketing/coupons/coupons"],
)  # fmt: skip
def test_pages_for_everybody_open_by_their_address(phone, mall_runs, address):
    phone.page.goto(mall_runs.base + address)
    expect(phone.page.locator("uni-page-body")).to_be_visible()
    phone.page.wait_for_load_state("networkidle")
    assert phone.page.locator(".bones").count() == 0
    fits(phone.page)


def test_signing_in_by_a_code_that_the_phone_confirms(phone, mall_runs):
    page, say = phone.page, phone.say
    page.goto(f"{mall_runs.base}/m/pages/me/me")
    page.locator(".head").click()
    page.get_by_text(say("登录 / 注册", "Sign in or join")).click()
    page.get_by_text(say("同意并继续", "Agree and go on")).click()
    with phone.context.expect_page() as opened:
        page.locator(".phone").click()
    sandbox = opened.value
    for words in (r"^(扫描|Scan)$", r"^(确认|Confirm)$"):  # the sandbox's phone speaks a language of its own
        sandbox.get_by_role("button", name=re.compile(words)).click()
    page.wait_for_url("**/m/pages/me/me")
    who, agreed = rows.query("SELECT no FROM people_person ORDER BY id DESC LIMIT 1"), page.locator(".head .name")
    expect(agreed).to_have_text(str(who[0][0]))
