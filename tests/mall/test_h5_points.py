"""The points mall on a phone: goods for points, goods for points and money, and what became of the points."""

from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests import books, chromium
from tests.browser.watched import Watched
from tests.make import catalog as make_catalog
from tests.make import points as make_points
from tests.mall.phones import FRONT, button, fits, held_by, is_off, opened
from tests.waiting import until
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit import clock
from tuike.members import service as members
from tuike.members.types import AddressWanted
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]
ADDRESS = AddressWanted(
    name="王小明", phone="13800138000", region_code="330106", region="浙江省 杭州市 西湖区", detail="文三路 1 号"
)


@pytest.fixture
def buyer(phone, mall_runs) -> Watched:
    """Return the phone of the buyer, signed in, who has 120 points and an address; the shop has points on."""
    one, now = mall_runs.one, clock.now()
    for function in (MallFunction.POINTS, MallFunction.POINTS_MALL):
        parties.switch_function(merchant_id=one.shop.id, function=function, on=True, actor=OPERATOR_SHELL, now=now)
    members.add_address(person_id=one.buyer_id, wanted=ADDRESS, now=now)
    make_points.earn(make_points.worth(one.shop.id, 12_000, buyer_id=one.buyer_id), now=now)
    held_by(phone, mall_runs, one.buyer_id)
    return phone


def _good(mall_runs, title: str, now: datetime, **changes: object) -> str:
    """Offer a product of ¥39 of the shop for points; return the good's number."""
    shop_id = mall_runs.one.shop.id
    sku_id = make_catalog.sku(merchant_id=shop_id, price_fen=3_900, title=title)
    return make_points.offered(shop_id, sku_id, now=now, **changes).no


def _taken(buyer: Watched, title: str) -> None:
    """Go from the list of goods to the checkout of one."""
    page = opened(buyer, "/marketing/goods/goods")
    page.locator(".good", has_text=title).click()
    page.wait_for_url("**/marketing/good/good?no=*")
    fits(page)
    button(page, buyer.say("立即兑换", "Take it")).click()
    page.wait_for_url("**/order/checkout/checkout?*")
    expect(page.locator(FRONT).locator(".to .words")).to_contain_text("138****8000")
    fits(page)


def _loaded(buyer: Watched) -> None:
    """Assert that every picture of goods is there."""
    inner = buyer.page.locator(".good .picture img")
    until(
        lambda: inner.evaluate_all("all => all.length > 0 && all.every(one => one.complete && one.naturalWidth > 0)"),
        what="the pictures",
    )


def test_goods_are_taken_for_points_alone(buyer, mall_runs):
    page, say, now = buyer.page, buyer.say, clock.now()
    no = _good(mall_runs, "竹制茶则", now, points=50, money_fen=0)
    _good(mall_runs, "铜香炉", now, points=500, money_fen=0)
    opened(buyer, "/pages/me/me")
    page.get_by_text(say("积分商城", "Points mall"), exact=True).click()
    page.wait_for_url("**/marketing/goods/goods")
    expect(page.locator(FRONT).locator(".have")).to_contain_text(say("可用 120 积分", "You have 120 points"))
    expect(page.locator(FRONT).locator(".good")).to_have_count(2)
    _loaded(buyer)
    page.locator(".good", has_text="铜香炉").click()
    page.wait_for_url("**/marketing/good/good?no=*")
    is_off(button(page, say("还差 380 积分", "380 points short")))
    fits(page)

    _taken(buyer, "竹制茶则")
    expect(page.locator(".bar .price")).to_have_text("¥0.00")
    button(page, say("提交订单", "Place the order")).click()
    page.wait_for_url("**/order/result/result?no=*")
    expect(page.get_by_text(say("支付成功", "Paid"), exact=True)).to_be_visible()
    fits(page)
    assert rows.query("SELECT state, payable_fen FROM orders_order") == [("paid", 0)]
    button(page, say("查看订单", "See the order")).click()
    page.wait_for_url("**/order/detail/detail?no=*")
    expect(page.locator(FRONT).locator(".state .big")).to_have_text(say("待发货", "To ship"))
    fits(page)
    books.check()

    opened(buyer, f"/marketing/good/good?no={no}")
    expect(page.get_by_text(say("每人限兑 2 件，已兑 1 件", "At most 2 each; you have taken 1"))).to_be_visible()
    expect(page.get_by_text(say("剩 9 件", "9 left"))).to_be_visible()
    _taken(buyer, "竹制茶则")
    button(page, say("提交订单", "Place the order")).click()
    page.wait_for_url("**/order/result/result?no=*")
    opened(buyer, f"/marketing/good/good?no={no}")
    is_off(button(page, say("已达兑换上限", "You have taken all you may")))
    page.get_by_text(say("可用 20 积分", "You have 20 points")).wait_for()
    opened(buyer, "/marketing/points/points")
    expect(page.locator(".number")).to_have_text("20")
    expect(page.locator(".move .change")).to_have_text(["-50", "-50", "+120"])
    expect(page.locator(".move").first).to_contain_text(say("使用积分", "Spent"))
    expect(page.locator(".move").last).to_contain_text(say("完成订单", "Order completed"))


def test_goods_are_taken_for_points_and_money_and_given_back_unpaid(buyer, mall_runs):
    page, say, now = buyer.page, buyer.say, clock.now()
    _good(mall_runs, "竹制茶则", now, points=50, money_fen=990)
    _taken(buyer, "竹制茶则")
    expect(page.locator(".bar .price")).to_have_text("¥9.90")
    button(page, say("提交订单", "Place the order")).click()
    page.wait_for_url(f"{mall_runs.sandbox.base}/**")
    page.go_back()
    page.wait_for_url("**/m/order/pay/pay?no=*")
    opened(buyer, "/marketing/points/points")
    expect(page.locator(".number")).to_have_text("70")

    opened(buyer, "/order/list/list?tab=unpaid")
    page.locator(FRONT).get_by_text(say("取消订单", "Cancel"), exact=True).click()
    page.locator(".uni-modal__btn_primary").click()
    until(lambda: rows.query("SELECT state FROM orders_order") == [("closed",)], what="the order is closed")
    opened(buyer, "/marketing/points/points")
    expect(page.locator(".number")).to_have_text("120")
    expect(page.locator(".move").first).to_contain_text(say("积分退回", "Returned"))

    _taken(buyer, "竹制茶则")
    button(page, say("提交订单", "Place the order")).click()
    page.wait_for_url(f"{mall_runs.sandbox.base}/**")
    page.locator("button").first.click()
    page.wait_for_url("**/m/order/result/result?no=*")
    expect(page.get_by_text(say("支付成功", "Paid"), exact=True)).to_be_visible()
    assert rows.query("SELECT state, payable_fen FROM orders_order ORDER BY id") == [("closed", 990), ("paid", 990)]
    opened(buyer, "/marketing/points/points")
    expect(page.locator(".move .change")).to_have_text(["-50", "+50", "-50", "+120"])
    button(page, say("积分商城", "Points mall")).click()
    page.wait_for_url("**/marketing/goods/goods")
    expect(page.locator(FRONT).locator(".have")).to_contain_text(say("可用 70 积分", "You have 70 points"))
    fits(page)
    books.check()
