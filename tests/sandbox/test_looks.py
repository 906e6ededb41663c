"""The pages in a browser: nothing overflows on a phone, nothing is logged as an error, paying works by clicks."""

import pytest
from playwright.sync_api import Browser
from wechatpayv3 import WeChatPayType

from tests import chromium
from tests.sandbox.clients import Merchant
from tests.sandbox.test_transfers import transfer
from tests.sandbox_process import Sandbox

pytestmark = [pytest.mark.slow, *chromium.MARKS]


def test_pages_fit_a_phone_and_the_cashier_works(merchant: Merchant, sandbox: Sandbox, browser: Browser) -> None:
    merchant.paid("ORDER0007")
    transfer(merchant)
    placed = merchant.pay("明前西湖龙井 " * 5, "ORDER0001", {"total": 259_800}, pay_type=WeChatPayType.NATIVE)[1]
    sandbox.control("bank", csv="payout_no,account_name,account_no,bank,amount_fen\nW1,林小满,6222,招商银行,100\n")
    trouble: list[str] = []
    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="zh-CN")
    page.set_default_timeout(30_000)
    try:
        page.on("console", lambda message: trouble.append(message.text))
        page.on("requestfailed", lambda request: trouble.append(request.url))
        page.on("response", lambda answer: trouble.append(answer.url) if answer.status >= 400 else None)
        for path in ("/", "/sandbox/phone", "/sandbox/bank", placed["code_url"].removeprefix(sandbox.base)):
            for language in ("", "?lang=en"):
                page.goto(sandbox.base + path + language)
                over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                assert over <= 0, f"{path}{language} is {over} px too wide"
        page.goto(placed["code_url"])
        page.get_by_role("button", name="支付 ¥2,598.00").click()
        page.get_by_text("成功", exact=True).wait_for()
    finally:
        page.close()
    assert trouble == []
    assert merchant.query(out_trade_no="ORDER0001")[1]["trade_state"] == "SUCCESS"
