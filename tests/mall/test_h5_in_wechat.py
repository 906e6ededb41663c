"""The pages in WeChat's own browser: signed in by WeChat's page, paid by its bridge with what the server prepared."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests import chromium
from tests.browser.watched import Watched
from tests.mall.phones import FRONT, fits, phone_of, tap
from tests.waiting import until
from tuike.db import rows
from tuike.kit import clock
from tuike.members import service as members
from tuike.members.types import AddressWanted

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]
WECHAT = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148"
    " MicroMessenger/8.0.47(0x18002f2c) NetType/WIFI Language/zh_CN"
)
BRIDGE = """
window.bridgeComes = () => {
  window.WeixinJSBridge = { invoke: (verb, given, answer) => (window.cashier = { verb, given, answer }) }
  document.dispatchEvent(new Event('WeixinJSBridgeReady'))
}
"""
"""What WeChat puts into a page; its cashier stays open until the person pays or leaves."""
ASKED = "window.cashier ? [cashier.verb, cashier.given] : null"
PAY = "getBrandWCPayRequest"


@pytest.fixture
def wechat(request, browser, mall_runs) -> Iterator[Watched]:
    """Yield WeChat's own browser: what goes wrong in it and wasn't expected fails the test."""
    with phone_of(browser, mall_runs, english=request.param, user_agent=WECHAT) as phone:
        phone.context.add_init_script(BRIDGE)
        yield phone


def _leaves_cashier(page: Page, outcome: str) -> None:
    """Say what WeChat says when its cashier closes."""
    page.evaluate(f"cashier.answer({{ err_msg: 'get_brand_wcpay_request:{outcome}' }}), window.cashier = null")


def _pays(page: Page, mall_runs, prepared: dict) -> None:
    """Let the sandbox's WeChat take the money of the cashier that is open, which must be the server's."""
    page.wait_for_function(ASKED)
    assert page.evaluate(ASKED) == [PAY, prepared["client"]]
    mall_runs.sandbox.control("pay", out_trade_no=prepared["payment_no"])
    _leaves_cashier(page, "ok")


def _signed_in(wechat: Watched, mall_runs) -> None:
    """Sign in by WeChat's page, which comes back to where the person was; give the member an address."""
    page, say = wechat.page, wechat.say
    page.goto(f"{mall_runs.base}/m/pages/me/me")
    page.locator(".head .who").click()
    page.get_by_text(say("登录 / 注册", "Sign in or join")).click()
    page.get_by_text(say("同意并继续", "Agree and go on")).click()
    page.get_by_text(say("微信一键登录", "Sign in with WeChat")).click()
    page.wait_for_url(f"{mall_runs.sandbox.base}/connect/oauth2/authorize?**")
    page.locator("li a").first.click()
    page.wait_for_url(re.compile(r".*/m/(?!\?code)"))
    [(person_id,)] = rows.query("SELECT person_id FROM people_wechat_identity ORDER BY id DESC LIMIT 1")
    wanted = AddressWanted(
        name="王小明", phone="13800138000", region_code="330106", region="浙江省 杭州市 西湖区", detail="文三路 1 号"
    )
    members.add_address(person_id=person_id, wanted=wanted, now=clock.now())


def _checkout(wechat: Watched, mall_runs) -> Page:
    page, say = wechat.page, wechat.say
    page.goto(f"{mall_runs.base}/m/pages/product/product?c={mall_runs.code}")
    tap(page, say("立即购买", "Buy now"))
    page.locator(".sheet").get_by_text(say("立即购买", "Buy now")).click()
    page.wait_for_url("**/m/order/checkout/checkout?*")
    expect(page.locator(".to .words")).to_contain_text("文三路 1 号")
    return page


def _submit(wechat: Watched, word: str) -> dict:
    """Tap what leads to the cashier; return what the server prepared for it."""
    page = wechat.page
    with page.expect_response("**/payment") as answered:
        page.locator(FRONT).get_by_text(word, exact=True).click()
    assert answered.value.request.post_data_json == {"mode": "jsapi", "app": "web"}
    return answered.value.json()


def _paid(wechat: Watched) -> None:
    page, say = wechat.page, wechat.say
    page.wait_for_url("**/m/order/result/result?no=*")
    expect(page.get_by_text(say("支付成功", "Paid"), exact=True)).to_be_visible()
    fits(page)
    assert rows.query("SELECT state, payable_fen FROM orders_order") == [("paid", 5_990)]
    until(lambda: rows.query("SELECT count(*) FROM commission_sale") == [(1,)], what="the sale in the books")


@pytest.mark.parametrize("wechat", [False], ids=["zh"], indirect=True)
def test_a_payment_that_was_left_can_be_made_again(wechat, mall_runs):
    page, say = wechat.page, wechat.say
    _signed_in(wechat, mall_runs)
    _checkout(wechat, mall_runs)
    page.evaluate("bridgeComes()")
    first = _submit(wechat, say("提交订单", "Place the order"))
    page.wait_for_function(ASKED)
    assert page.evaluate(ASKED) == [PAY, first["client"]]
    assert first["client"]["appId"] == mall_runs.sandbox.env["WECHAT_WEB_APPID"]
    _leaves_cashier(page, "cancel")
    page.wait_for_url("**/m/order/pay/pay?no=*")
    expect(page.get_by_text(say("支付已取消，可以重新支付", "Not paid. You can pay again."))).to_be_visible()
    assert rows.query("SELECT state FROM orders_order") == [("unpaid",)]
    fits(page)

    again = _submit(wechat, say("立即支付", "Pay now"))
    assert again == first, "it is the same payment"
    _pays(page, mall_runs, again)
    _paid(wechat)


@pytest.mark.parametrize("wechat", [True], ids=["en"], indirect=True)
def test_a_bridge_that_comes_late_is_waited_for_and_the_server_says_what_is_paid(wechat, mall_runs):
    page, say = wechat.page, wechat.say
    _signed_in(wechat, mall_runs)
    _checkout(wechat, mall_runs)
    prepared = _submit(wechat, say("提交订单", "Place the order"))
    page.evaluate("bridgeComes()")
    _pays(page, mall_runs, prepared)
    _paid(wechat)
    assert rows.query("SELECT count(*) FROM payments_intent") == [(1,)]
