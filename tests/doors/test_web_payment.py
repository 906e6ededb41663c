"""Paying on a page in WeChat's browser: by the openid that the person has at the official account."""

import pytest

from tests.doors.test_storefront import nothing_changes
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tuike.db import rows
from tuike.flows import outside
from tuike.flows.confirm_payments import confirm_answers
from tuike.gateways import config
from tuike.gateways.wechat_web import WeChatWeb
from tuike.gateways.wechatpay import WeChatPay
from tuike.kit import clock
from tuike.people import service as people
from tuike_sandbox.people import web_openid

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(wechat, monkeypatch):
    """The mall with an official account beside its mini-program; return the account's AppID."""
    account = WeChatWeb(config.load_web(wechat.env))
    pay = WeChatPay(config.load(wechat.env), web_appid=account.appid)
    monkeypatch.setattr(outside, "wechat_web", lambda: account)
    monkeypatch.setattr(outside, "wechatpay", lambda: pay)
    return account.appid


def placed(buyer, product_id: int) -> str:
    item = {"sku_id": make_catalog.sku_of(product_id), "quantity": 1}
    answer = buyer.post("/orders", {"items": [item]})
    assert answer.status_code == 201, answer.content
    return answer.json()["checkout_no"]


def test_a_checkout_is_paid_in_the_app_in_which_the_person_is(web, wechat, caller):
    one, openid = make.alliance(price_fen=3_330), wechat.openid(2)
    person = people.sign_in_by_wechat(appid=web, openid=web_openid(openid), unionid="u2", now=clock.now())
    buyer = caller(person.id)
    no = placed(buyer, one.product_id)
    path = f"/checkouts/{no}/payment"
    with nothing_changes():
        refused = buyer.post(path, {"mode": "jsapi"})
        assert (refused.status_code, refused.json()["code"]) == (409, "no_payer_there")
    people.sign_in_by_wechat(appid=wechat.env["WECHAT_APPID"], openid=openid, unionid="u2", now=clock.now())
    started = buyer.post(path, {"mode": "jsapi", "app": "web"}).json()
    assert started["client"]["appId"] == web and started["amount_fen"] == 3_330
    assert buyer.post(path, {"mode": "jsapi", "app": "web"}).json() == started
    with nothing_changes():  # the same person in the other app is another payer: never a second payment
        again = buyer.post(path, {"mode": "jsapi"})
        assert (again.status_code, again.json()["code"]) == (409, "payment_purpose_reused")
    wechat.control("pay", out_trade_no=started["payment_no"])
    confirm_answers(facts=[outside.wechatpay().query(started["payment_no"])], now=clock.now())
    assert buyer.get(f"/checkouts/{no}").json()["state"] == "paid"
    assert rows.query("SELECT paid_by FROM payments_intent WHERE no = %s", [started["payment_no"]]) == [
        (web_openid(openid),)
    ]


def test_without_an_official_account_nobody_pays_so(wechat, caller, monkeypatch):
    monkeypatch.setattr(outside, "wechat_web", lambda: None)
    one = make.alliance()
    buyer = caller(one.buyer_id)
    path = f"/checkouts/{placed(buyer, one.product_id)}/payment"
    with nothing_changes():
        refused = buyer.post(path, {"mode": "jsapi", "app": "web"})
        assert (refused.status_code, refused.json()["code"]) == (409, "no_payer_there")
