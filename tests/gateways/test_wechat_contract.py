"""Login, phone, codes, links and messages: the real client against the sandbox."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tuike.gateways import wechat as module
from tuike.gateways.types import (
    BadCode,
    BadCredentials,
    MessageDeclined,
    MessageMismatch,
    PageMissing,
    Refused,
    TooOften,
    Unreachable,
)
from tuike.gateways.wechat import MemoryTokens, Token, WeChat
from tuike.kit.clock import real_now


def calls(sandbox, endpoint):
    """How often an endpoint was called."""
    return len(sandbox.control("journal", endpoint=endpoint, direction="received")["journal"])


def test_login_and_phone(wechat, sandbox):
    person = sandbox.control("people")["people"][1]
    code = sandbox.login_code(person["openid"])
    fact = wechat.code2session(code)
    assert (fact.openid, fact.unionid) == (person["openid"], person["unionid"])
    for used in (code, "0never"):
        with pytest.raises(BadCode):
            wechat.code2session(used)
    phone = wechat.phone_number(sandbox.control("phone_code", openid=person["openid"])["code"])
    assert (phone.number, phone.country_code) == (person["phone"], "86")
    with pytest.raises(BadCode):
        wechat.phone_number("0never")
    for shown in (repr(fact), repr(phone)):
        assert person["openid"] not in shown
        assert person["phone"] not in shown


def test_a_phone_number_of_another_app_is_not_taken(wechat, sandbox):
    change = {"phone_info.watermark.appid": "wx0000000000000000"}
    sandbox.control("fault", target="wx.getuserphonenumber", action="alter", set=change)
    with pytest.raises(Unreachable):
        wechat.phone_number(sandbox.control("phone_code")["code"])


def test_a_code_image_is_an_image_and_its_refusals_are_named(wechat, sandbox):
    image = wechat.code_image(scene="p=K7Q2Wabcd", page="pages/product/index", check_path=False)
    assert image.startswith((b"\xff\xd8\xff", b"\x89PNG"))
    sandbox.control("fault", target="wx.getwxacodeunlimit", action="fail", code=41030, message="invalid page")
    with pytest.raises(PageMissing) as refused:
        wechat.code_image(scene="p=K7Q2W", page="pages/none")
    assert refused.value.provider_code == "41030"
    sandbox.control("fault", target="wx.getwxacodeunlimit", action="fail", code=45009, message="minute quota")
    with pytest.raises(TooOften):
        wechat.code_image(scene="p=K7Q2W")
    sandbox.control("fault", target="wx.getwxacodeunlimit", action="garbage")
    with pytest.raises(Unreachable):
        wechat.code_image(scene="p=K7Q2W")
    for wrong in ({"scene": "p" * 33}, {"scene": "100%"}, {"scene": "推"}, {"scene": ""}):
        with pytest.raises(ValueError, match="scene"):
            wechat.code_image(**wrong)
    for wrong in ({"page": "/pages/a"}, {"page": "pages/a?b=1"}, {"width": 279}, {"width": 1281}):
        with pytest.raises(ValueError, match=r"page|width"):
            wechat.code_image(scene="p", **wrong)


def test_links(wechat):
    assert wechat.url_link(path="pages/product/index", query="t=abc", days=30).startswith(("http://", "https://"))
    assert wechat.short_link(page_url="pages/product/index?t=abc", title="丹东草莓").startswith("#小程序://")
    assert wechat.scheme(path="pages/product/index", query="t=abc").startswith("weixin://")
    with pytest.raises(ValueError, match="days"):
        wechat.url_link(path="pages/a", query="", days=31)


def test_a_message_is_sent_and_its_refusals_are_named(wechat, sandbox):
    message = {"openid": sandbox.openid(), "template_id": "T" * 43, "data": {"amount1": "¥5.98", "thing2": "佣金到账"}}
    wechat.send_message(**message, page="pages/me/wallet")
    (sent,) = sandbox.control("messages")["messages"]
    assert "佣金到账" in json.dumps(sent, ensure_ascii=False)
    for code, error in ((43101, MessageDeclined), (47003, MessageMismatch)):
        sandbox.control("fault", target="wx.subscribe_send", action="fail", code=code, message="no")
        with pytest.raises(error):
            wechat.send_message(**message)


def test_json_leaves_as_utf_8_itself(wechat, sandbox):
    wechat.short_link(page_url="pages/product/index?t=abc", title="丹东草莓")
    (row,) = sandbox.control("journal", endpoint="wx.genwxashortlink")["journal"]
    assert "丹东草莓" in row["body"]


def test_an_unnamed_code_is_still_a_refusal_and_busy_is_not(wechat, sandbox):
    sandbox.control(
        "fault", target="wx.genwxashortlink", action="fail", code=85400, message="o" + "x" * 27 + " 13800138000"
    )
    with pytest.raises(Refused) as refused:
        wechat.short_link(page_url="pages/a", title="x")
    assert (refused.value.provider_code, "13800138000" in refused.value.message) == ("85400", False)
    assert "xxx" not in refused.value.message
    sandbox.control("fault", target="wx.genwxashortlink", action="fail", code=-1, message="system error")
    with pytest.raises(Unreachable):
        wechat.short_link(page_url="pages/a", title="x")


@pytest.mark.parametrize("action", ["drop", "garbage", "fail"])
@pytest.mark.parametrize("endpoint", ["wx.jscode2session", "wx.stable_token", "wx.genwxashortlink"])
def test_no_answer_is_an_unknown_outcome_without_a_secret_in_its_text(wechat, sandbox, endpoint, action):
    sandbox.control("fault", target=endpoint, action=action)
    with pytest.raises(Unreachable) as unknown:
        if endpoint == "wx.jscode2session":
            wechat.code2session(sandbox.login_code())
        else:
            wechat.short_link(page_url="pages/a", title="x")
    error = unknown.value
    assert error.__cause__ is None
    assert error.__context__ is None
    for secret in (sandbox.env["WECHAT_APPSECRET"], "access_token=", sandbox.base):
        assert secret not in str(error)


def test_time_out(wechat, sandbox, impatient):
    sandbox.control("fault", target="wx.jscode2session", action="timeout_after", hold_ms=6000)
    with pytest.raises(Unreachable):
        wechat.code2session(sandbox.login_code())


def test_one_token_for_many_threads(wechat, sandbox):
    start = threading.Barrier(8)

    def link(_):
        start.wait()
        return wechat.short_link(page_url="pages/a", title="x")

    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(link, range(8)))) == 8
    assert calls(sandbox, "wx.stable_token") == 1


@pytest.mark.parametrize("wish", [{}, {"forget": True}], ids=["42001", "40001"])
def test_a_token_called_invalid_is_renewed_once_for_all_threads(wechat, sandbox, wish):
    wechat.short_link(page_url="pages/a", title="x")
    sandbox.control("expire_tokens", **wish)
    with ThreadPoolExecutor(8) as threads:
        assert len(list(threads.map(lambda _: wechat.short_link(page_url="pages/a", title="x"), range(8)))) == 8
    assert calls(sandbox, "wx.stable_token") == 2


def test_a_token_still_called_invalid_is_forced_once_and_then_refused(wechat, sandbox):
    wechat.short_link(page_url="pages/a", title="x")
    sandbox.control("fault", target="wx.genwxashortlink", action="fail", code=40001, message="invalid credential")
    assert wechat.short_link(page_url="pages/a", title="x")
    tokens = sandbox.control("journal", endpoint="wx.stable_token")["journal"]
    assert len(tokens) == 3  # first, the same one again, a forced one
    sandbox.control("fault", target="wx.genwxashortlink", action="fail", code=40001, message="no", times=2)
    with pytest.raises(BadCredentials):
        wechat.short_link(page_url="pages/a", title="x")


def test_a_token_is_renewed_before_it_ends_and_shared_through_its_store(settings_of_wechat, sandbox):
    store = MemoryTokens()
    one, two = WeChat(settings_of_wechat, tokens=store), WeChat(settings_of_wechat, tokens=store)
    assert one.access_token() == two.access_token()
    assert calls(sandbox, "wx.stable_token") == 1
    now = int(real_now().timestamp())
    store.write(Token("old", now + module.RENEW_SECONDS - 1))
    assert one.access_token() != "old"
    store.write(Token("young", now + module.RENEW_SECONDS + 60))
    assert one.access_token() == "young"
    assert "young" not in repr(store.read())


def test_wrong_credentials_are_named(settings_of_wechat, sandbox):
    for wrong in (replace(settings_of_wechat, appsecret="f" * 32), replace(settings_of_wechat, appid="wx" + "f" * 16)):
        with pytest.raises(BadCredentials):
            WeChat(wrong).access_token()
        with pytest.raises(BadCredentials):
            WeChat(wrong).code2session(sandbox.login_code())
