"""What follows a purchase, on a phone: parcels, after-sales, reviews; what changed before it; a dead network."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import chromium
from tests.browser.watched import Watched
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.mall.phones import fits, held_by, opened, picture
from tests.waiting import until
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows.refund_order import approve_refund, reject_refund
from tuike.flows.ship_order import ship_order
from tuike.kit import clock
from tuike.members import service as members
from tuike.members.types import AddressWanted

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture
def buyer(phone, mall_runs) -> Watched:
    """Return the phone of the buyer of the alliance, signed in."""
    held_by(phone, mall_runs, mall_runs.one.buyer_id)
    return phone


def _add_picture(held: Watched, word: str) -> None:
    with held.page.expect_file_chooser() as choosing:
        held.page.get_by_role("button", name=word).last.click()
    choosing.value.set_files([picture()])


def test_goods_go_back_with_reasons_pictures_and_a_parcel(buyer, mall_runs):
    page, say, one = buyer.page, buyer.say, mall_runs.one
    now = clock.now()
    order = make.bought(one, pieces=(2,), now=now - timedelta(days=2))
    ship_order(
        merchant_id=one.shop.id, order_no=order.no, carrier="顺丰速运", tracking_no="SF1234567890123",
        now=now - timedelta(days=1),
    )  # fmt: skip
    opened(buyer, f"/order/detail/detail?no={order.no}")
    page.get_by_text(say("物流信息", "Parcels"), exact=True).click()
    expect(page.get_by_text(say("包裹 1/1", "Parcel 1 of 1"))).to_be_visible()
    fits(page)
    page.go_back()

    page.get_by_text(say("申请退款", "Ask a refund"), exact=True).click()
    page.get_by_text(say("退货退款", "Return and refund"), exact=True).click()
    page.locator(".chip").first.click()
    page.locator(".stepper .side").first.click()
    _add_picture(buyer, say("添加图片", "Add a picture"))
    expect(page.locator(".image")).to_have_count(1)
    expect(page.locator(".bar .price")).to_have_text("¥59.90")
    fits(page)
    page.get_by_text(say("提交申请", "Ask"), exact=True).click()
    page.wait_for_url("**/order/aftersale/aftersale?no=*")
    expect(page.locator(".state .big")).to_have_text(say("等待商家处理", "Waiting for the shop"))
    fits(page)
    [(no, kind, pictures)] = rows.query(
        "SELECT no, a.kind, pictures FROM orders_after_sale a JOIN orders_after_sale_step ON after_sale_id = a.id"
    )
    assert (kind, len(pictures.split())) == ("return", 1)

    to = "杭州市西湖区 1 号 仓库 0571-88888888"
    approve_refund(no=no, merchant_id=one.shop.id, actor=OPERATOR_SHELL, now=clock.now(), note=to)
    page.reload()
    expect(page.get_by_text(to).first).to_be_visible()
    page.get_by_text(say("填写退货单号", "Enter the return parcel"), exact=True).click()
    page.locator(".sheet uni-picker").click()
    page.locator(".uni-picker-action-confirm").last.click()
    page.locator(".sheet input").fill("SF9876543210987")
    fits(page)
    page.locator(".sheet").get_by_text(say("确定", "OK"), exact=True).click()
    expect(page.locator(".state .big")).to_have_text(say("商品寄回中", "Goods on their way back"))
    expect(page.locator(".step")).to_have_count(3)
    assert rows.query("SELECT state FROM orders_after_sale") == [("sent",)]
    opened(buyer, "/order/refunds/refunds")
    expect(page.locator(".sale")).to_have_count(1)


def test_after_the_shops_no_the_platform_is_asked(buyer, mall_runs):
    page, say, one = buyer.page, buyer.say, mall_runs.one
    order = make.bought(one, now=clock.now() - timedelta(hours=2))
    opened(buyer, f"/order/refund/refund?no={order.no}")
    page.locator(".chip").first.click()
    page.get_by_text(say("提交申请", "Ask"), exact=True).click()
    page.wait_for_url("**/order/aftersale/aftersale?no=*")
    [(no,)] = rows.query("SELECT no FROM orders_after_sale")
    reject_refund(no=no, merchant_id=one.shop.id, reason="已经打包", actor=OPERATOR_SHELL, now=clock.now())
    page.reload()
    expect(page.get_by_text("已经打包").first).to_be_visible()
    page.get_by_text(say("申请平台介入", "Ask the platform"), exact=True).click()
    page.locator(".sheet textarea").fill("还没有发货")
    _add_picture(buyer, say("添加图片", "Add a picture"))
    expect(page.locator(".sheet .image")).to_have_count(1)
    page.locator(".sheet").get_by_text(say("确定", "OK"), exact=True).click()
    expect(page.locator(".state .big")).to_have_text(say("平台处理中", "With the platform"))
    fits(page)
    assert rows.query("SELECT state FROM orders_after_sale") == [("disputed",)]


def test_what_arrived_is_reviewed_and_added_to(buyer, mall_runs):
    page, say, one = buyer.page, buyer.say, mall_runs.one
    order = make.bought(one, now=clock.now() - timedelta(days=4))
    make.received(order, now=clock.now() - timedelta(days=3))
    opened(buyer, "/order/list/list?tab=completed")
    page.get_by_text(say("评价", "Review"), exact=True).click()
    page.locator(".star").nth(3).click()
    page.locator("textarea").fill("釉色很好")
    _add_picture(buyer, say("添加图片", "Add a picture"))
    expect(page.locator(".image")).to_have_count(1)
    fits(page)
    page.get_by_text(say("提交评价", "Send"), exact=True).click()
    page.get_by_text(say("追加评价", "Add to it"), exact=True).click()
    page.locator("textarea").fill("用了一周，很满意")
    page.get_by_text(say("提交评价", "Send"), exact=True).click()
    expect(page.get_by_text("用了一周，很满意")).to_be_visible()
    fits(page)
    assert rows.query("SELECT score, text FROM content_review") == [(4, "釉色很好")]


def test_another_price_between_seeing_and_placing_is_shown_and_asked(buyer, mall_runs):
    page, say, one = buyer.page, buyer.say, mall_runs.one
    wanted = AddressWanted(
        name="王小明", phone="13800138000", region_code="330106", region="浙江省 杭州市 西湖区", detail="文三路 1 号"
    )
    members.add_address(person_id=one.buyer_id, wanted=wanted, now=clock.now())
    sku = make_catalog.sku_of(one.product_id)
    opened(buyer, f"/order/checkout/checkout?sku={sku}&n=2")
    expect(page.locator(".bar .price")).to_have_text("¥119.80")
    rows.run("UPDATE catalog_sku SET price_fen = 6490 WHERE id = %s", [sku])
    buyer.expected.add(409)
    page.get_by_text(say("提交订单", "Place the order"), exact=True).click()
    expect(page.locator(".sheet")).to_contain_text("¥64.90 ×2")
    expect(page.locator(".sheet .sum")).to_contain_text("¥129.80")
    fits(page)
    assert rows.query("SELECT count(*) FROM orders_order") == [(0,)]
    page.get_by_text(say("按现价提交", "Order at this price"), exact=True).click()
    page.wait_for_url(f"{mall_runs.sandbox.base}/**")
    assert rows.query("SELECT payable_fen FROM orders_order") == [(12_980,)]
    page.go_back()
    page.wait_for_url("**/m/order/pay/pay?no=*")


def test_what_was_set_without_a_network_is_told_later(buyer, mall_runs):
    page, one = buyer.page, mall_runs.one
    sku = make_catalog.sku_of(one.product_id)
    page.goto(f"{mall_runs.base}/m/pages/product/product?c={mall_runs.code}")
    page.get_by_text(buyer.say("加入购物车", "Add to cart")).last.click()
    page.locator(".sheet").get_by_text(buyer.say("加入购物车", "Add to cart")).click()
    expect(page.locator(".dot")).to_have_text("1")
    opened(buyer, "/pages/cart/cart")
    expect(page.locator(".item")).to_have_count(1)
    before = len(buyer.problems)
    buyer.context.set_offline(True)
    for _ in range(3):
        page.locator(".stepper .side").last.click()
    expect(page.locator(".stepper input")).to_have_value("4")
    expect(page.locator(".behind")).to_be_visible()
    buyer.context.set_offline(False)
    until(lambda: rows.query("SELECT sku_id, quantity FROM orders_cart_item") == [(sku, 4)], what="the cart is told")
    expect(page.locator(".behind")).to_have_count(0)
    del buyer.problems[before:]  # the requests that failed on purpose
