"""Pages for people: each says that no real money moves; paying, logging in, scanning and the bank work by forms."""

import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from wechatpayv3 import WeChatPayType

from tests.sandbox.clients import Merchant, OpenApi
from tests.sandbox.test_transfers import transfer, wait_state
from tests.sandbox_process import NoticeListener, Sandbox


def get(sandbox: Sandbox, path: str, **query: str) -> str:
    answer = requests.get(sandbox.base + path, params=query, timeout=30)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"].startswith("text/html")
    return answer.text


def post(sandbox: Sandbox, path: str, **form: str) -> requests.Response:
    return requests.post(sandbox.base + path, data=form, timeout=30, allow_redirects=False)


def native(merchant: Merchant, description: str = "茶") -> str:
    """The cashier's path for a Native order."""
    placed = merchant.pay(description, "ORDER0001", {"total": 9980}, pay_type=WeChatPayType.NATIVE)[1]
    return placed["code_url"].removeprefix(merchant.sandbox.base)


def test_every_page_says_what_it_is_and_none_shows_a_secret(merchant: Merchant, sandbox: Sandbox) -> None:
    paths = ["/", native(merchant), f"/sandbox/phone/{sandbox.openid()}", "/sandbox/bank"]
    for path in paths:
        page, english = get(sandbox, path), get(sandbox, path, lang="en")
        assert "沙箱 · 不涉及真实资金" in page
        assert '<html lang="zh-Hans">' in page
        assert "Sandbox: no real money" in english
        assert '<html lang="en">' in english
        for name in ("WECHAT_APPSECRET", "WECHATPAY_APIV3_KEY"):
            assert sandbox.env[name] not in page + english


def test_the_overview_lists_what_happened(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    merchant.paid("ORDER0007")
    transfer(merchant)
    listener.wait(1)
    page = get(sandbox, "/")
    for word in ("ORDER0007", "¥99.80", "W0001", "林小满", "待用户确认", "TRANSACTION.SUCCESS", "已送达"):
        assert word in page


def test_paying_at_the_cashier(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    path = native(merchant, "<script>alert(1)</script>")
    page = get(sandbox, path)
    assert "¥99.80" in page
    assert "<script>" not in page
    left = post(sandbox, path, do="abandon")
    assert left.status_code == 303
    assert "订单仍待支付" in get(sandbox, left.headers["Location"])
    assert merchant.query(out_trade_no="ORDER0001")[1]["trade_state"] == "NOTPAY"
    shop = "http://127.0.0.1:8000/orders/1"
    paid = post(sandbox, f"{path}?redirect_url={shop}", do="pay", openid=sandbox.openid(4))
    assert (paid.status_code, paid.headers["Location"]) == (303, shop)
    assert merchant.open(listener.wait(1)[0])["resource"]["payer"]["openid"] == sandbox.openid(4)
    page = get(sandbox, path)
    assert "成功" in page
    assert 'value="pay"' not in page


def test_h5_pays_and_goes_back_to_the_shop(merchant: Merchant, sandbox: Sandbox) -> None:
    scene = {"payer_client_ip": "127.0.0.1", "h5_info": {"type": "Wap"}}
    placed = merchant.pay("茶", "ORDER0001", {"total": 1}, pay_type=WeChatPayType.H5, scene_info=scene)[1]
    path = placed["h5_url"].removeprefix(sandbox.base) + "&redirect_url=http%3A%2F%2F127.0.0.1%3A8000%2Fdone"
    assert 'name="do" value="pay"' in get(sandbox, path)
    assert post(sandbox, path, do="pay", openid=sandbox.openid()).headers["Location"] == "http://127.0.0.1:8000/done"


def test_the_cashier_leads_to_no_other_site(merchant: Merchant, sandbox: Sandbox) -> None:
    path = native(merchant)
    target = "https://shop.example.com/"
    assert target not in get(sandbox, path, redirect_url=target).replace(f"?redirect_url={target}", "")
    answer = post(sandbox, f"{path}?redirect_url={target}", do="pay", openid=sandbox.openid())
    assert answer.headers["Location"].startswith("/sandbox/cashier/")


def test_a_page_of_another_site_can_do_nothing(merchant: Merchant, sandbox: Sandbox) -> None:
    path = native(merchant)
    url, form = sandbox.base + path, {"do": "pay", "openid": sandbox.openid()}
    for headers in ({"Origin": "https://evil.example.com"}, {"Origin": "null"}, {"Host": "evil.example.com"}):
        assert requests.post(url, data=form, headers=headers, timeout=30).status_code == 403
    control = f"{sandbox.base}/sandbox/control/pay"
    simple = requests.post(
        control, data='{"out_trade_no":"ORDER0001"}', headers={"Content-Type": "text/plain"}, timeout=30
    )
    assert simple.status_code == 415
    assert merchant.query(out_trade_no="ORDER0001")[1]["trade_state"] == "NOTPAY"


def test_logging_in_by_the_phone(wx: OpenApi, sandbox: Sandbox) -> None:
    path = f"/sandbox/phone/{sandbox.openid(1)}"
    code = re.search(r"<code>(\w+)</code>", post(sandbox, path, do="login").text)
    assert code is not None
    assert wx.session(code[1])["openid"] == sandbox.openid(1)
    assert requests.get(f"{sandbox.base}/sandbox/phone/oNobody", timeout=30).status_code == 404


def test_money_is_confirmed_on_the_payees_phone_only(merchant: Merchant, sandbox: Sandbox) -> None:
    transfer(merchant)
    transfer(merchant, "W0002")
    other, own = (f"/sandbox/phone/{sandbox.openid(n)}" for n in (1, 0))
    assert "W0001" not in get(sandbox, other)
    assert post(sandbox, other, do="confirm", out_bill_no="W0001").status_code == 404
    assert "W0001" in get(sandbox, own)
    assert post(sandbox, own, do="confirm", out_bill_no="W0001").status_code == 303
    assert post(sandbox, own, do="refuse", out_bill_no="W0002").status_code == 303
    wait_state(merchant, "W0001", "SUCCESS")
    assert wait_state(merchant, "W0002", "FAIL")["fail_reason"]


def test_scanning_codes_and_links(wx: OpenApi, sandbox: Sandbox) -> None:
    path, token = f"/sandbox/phone/{sandbox.openid()}/scan", wx.token()
    page = get(sandbox, path, text=f"{sandbox.base}/sandbox/code?page=pages%2Fproduct%2Findex&scene=p%3DK7Q2W")
    assert "pages/product/index" in page
    assert "p=K7Q2W" in page
    target = {"path": "/pages/product/index", "query": "id=7&ticket=abc"}
    link = wx.post("/wxa/generate_urllink", target, access_token=token).json()["url_link"]
    scheme = wx.post("/wxa/generatescheme", {"jump_wxa": target}, access_token=token).json()["openlink"]
    short = {"page_url": "pages/product/index?id=7&ticket=abc", "page_title": "茶"}
    tag = wx.post("/wxa/genwxashortlink", short, access_token=token).json()["link"]
    for text in (link, scheme, tag):
        page = get(sandbox, path, text=text)
        assert "/pages/product/index?id=7&amp;ticket=abc" in page
        assert "<dd>abc</dd>" in page
    assert "ticket" in get(sandbox, link.removeprefix(sandbox.base)), "opened in a browser it is a scan, too"
    sandbox.move_clock(31 * 86_400)
    assert "已过期" in get(sandbox, path, text=link)
    assert "只打开本机地址" in get(sandbox, path, text="https://shop.example.com/x")
    assert "只是一段文字" in get(sandbox, path, text="hello")


@pytest.fixture
def challenge() -> Iterator[tuple[str, list[str]]]:
    """A server that asks for a confirmation at an address and takes it there."""
    taken: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._say('{"title": "登录商家后台", "party": "茗茶旗舰店"}')

        def do_POST(self) -> None:
            taken.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self._say('{"state": "confirmed"}')

        def _say(self, text: str) -> None:
            body = text.encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/scan/abc", taken
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_scanning_shows_first_and_confirms_then(
    wx: OpenApi, sandbox: Sandbox, challenge: tuple[str, list[str]]
) -> None:
    url, taken = challenge
    path = f"/sandbox/phone/{sandbox.openid(2)}/scan"
    page = get(sandbox, path, text=url)
    assert "登录商家后台" in page
    assert "茗茶旗舰店" in page
    assert taken == []
    assert "confirmed" in post(sandbox, path, text=url).text
    code = re.fullmatch(r'\{"code": "(\w+)"\}', taken[0])
    assert code is not None
    assert wx.session(code[1])["openid"] == sandbox.openid(2)
    assert post(sandbox, path, text="https://shop.example.com/x").status_code == 400


def test_a_text_to_scan_is_carried_to_whoever_is_chosen(sandbox: Sandbox) -> None:
    text = "http://127.0.0.1:8000/scan/abc?x=1&y=2"
    page = requests.get(f"{sandbox.base}/sandbox/phone", params={"text": text}, timeout=30).text
    assert "http://127.0.0.1:8000/scan/abc?x=1&amp;y=2</textarea>" in page
    assert f"/sandbox/phone/{sandbox.openid(1)}?text=http%3A%2F%2F127.0.0.1%3A8000%2Fscan%2Fabc%3Fx%3D1%26y%3D2" in page
