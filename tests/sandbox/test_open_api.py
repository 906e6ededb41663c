"""The open API: tokens, login and phone codes, mini-program codes and links, messages; the real error numbers."""

import io

import pytest
import requests
import segno
from PIL import Image

from tests.sandbox.clients import OpenApi
from tests.sandbox_process import Sandbox


def test_a_login_code_works_once(wx: OpenApi, sandbox: Sandbox) -> None:
    code = sandbox.login_code(sandbox.openid(3))
    found = wx.session(code)
    assert found["openid"] == sandbox.openid(3)
    assert found["unionid"]
    assert found["session_key"]
    assert wx.session(code)["errcode"] == 40163
    assert wx.session("nosuchcode")["errcode"] == 40029


def test_a_login_code_lives_five_minutes(wx: OpenApi, sandbox: Sandbox) -> None:
    early, late = sandbox.login_code(), sandbox.login_code()
    sandbox.move_clock(290)
    assert "openid" in wx.session(early)
    sandbox.move_clock(301)
    assert wx.session(late)["errcode"] == 40029


def test_a_phone_code(wx: OpenApi, sandbox: Sandbox) -> None:
    person = sandbox.control("person", name="测试人", phone="19900007777")["person"]
    token, code = wx.token(), sandbox.control("phone_code", openid=person["openid"])["code"]
    info = wx.post("/wxa/business/getuserphonenumber", {"code": code}, access_token=token).json()["phone_info"]
    assert (info["purePhoneNumber"], info["countryCode"]) == ("19900007777", "86")
    assert info["watermark"]["appid"] == sandbox.env["WECHAT_APPID"]
    again = wx.post("/wxa/business/getuserphonenumber", {"code": code}, access_token=token).json()
    assert again["errcode"] == 40029
    login = wx.post("/wxa/business/getuserphonenumber", {"code": sandbox.login_code()}, access_token=token).json()
    assert login["errcode"] == 40029, "a login code is no phone code"
    assert not [line for line in sandbox.log_lines if "19900007777" in line]


def test_tokens(wx: OpenApi, sandbox: Sandbox) -> None:
    def answers(token: str) -> int:
        body = {"scene": "p=K7Q2W"}
        got = wx.post("/wxa/getwxacodeunlimit", body, access_token=token)
        return got.json()["errcode"] if "json" in got.headers["Content-Type"] else 0

    old, new = wx.token(), wx.token()
    assert old != new
    assert (answers(old), answers(new), answers("")) == (0, 0, 41001)
    assert answers("nonsense") == 40001
    sandbox.move_clock(301)
    assert (answers(old), answers(new)) == (42001, 0)
    sandbox.move_clock(7201)
    assert answers(new) == 42001

    def stable(**more: object) -> str:
        body = {"grant_type": "client_credential", **wx.app, **more}
        return wx.post("/cgi-bin/stable_token", body).json()["access_token"]

    first = stable()
    assert stable() == first
    second = stable(force_refresh=True)
    assert second != first
    assert (answers(first), answers(second)) == (40001, 0)
    sandbox.control("expire_tokens")
    assert answers(second) == 42001
    assert answers(stable()) == 0


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "0" * 32}, 40125),
        ({"appid": ""}, 41002),
        ({"secret": ""}, 41004),
        ({"grant_type": "password"}, 40002),
    ],
)
def test_who_asks_for_a_token(wx: OpenApi, change: dict, errcode: int) -> None:
    answer = wx.get("/cgi-bin/token", **{"grant_type": "client_credential", **wx.app, **change})
    assert answer["errcode"] == errcode
    assert "access_token" not in answer


def test_force_refresh_has_a_daily_limit(wx: OpenApi) -> None:
    body = {"grant_type": "client_credential", **wx.app, "force_refresh": True}
    answers = [wx.post("/cgi-bin/stable_token", body).json() for _ in range(21)]
    assert [answer.get("errcode", 0) for answer in answers] == [0] * 20 + [45009]


def _modules(picture: Image.Image, side: int) -> list[list[bool]]:
    """The black and white squares of a code's picture with a border of four."""
    scale = picture.width // (side + 8)
    place = [(4 + n) * scale + scale // 2 for n in range(side)]
    grey = picture.convert("L")
    return [[grey.getpixel((x, y)) < 128 for x in place] for y in place]


def test_a_mini_program_code_says_scene_and_page(wx: OpenApi, sandbox: Sandbox) -> None:
    body = {"scene": "p=K7Q2W", "page": "pages/product/index", "width": 430}
    answer = wx.post("/wxa/getwxacodeunlimit", body, access_token=wx.token())
    assert answer.headers["Content-Type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    assert 280 <= picture.width <= 430
    text = f"{sandbox.base}/sandbox/code?page=pages%2Fproduct%2Findex&scene=p%3DK7Q2W"
    wanted = segno.make(text, error="m")
    assert _modules(picture, wanted.symbol_size(1, 0)[0]) == [[bool(cell) for cell in row] for row in wanted.matrix]


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"scene": "x" * 33}, 40129),
        ({"scene": "a%20b"}, 40129),
        ({"scene": "中文"}, 40129),
        ({"scene": ""}, 40129),
        ({"page": "/pages/index"}, 41030),
        ({"page": "pages/index?x=1"}, 41030),
        ({"page": "pages/nosuch"}, 41030),
        ({"env_version": "beta"}, 40097),
    ],
)
def test_codes_refused_by_number(wx: OpenApi, sandbox: Sandbox, change: dict, errcode: int) -> None:
    sandbox.control("settings", published_pages=["pages/product/index"])
    body = {"scene": "p=1", "page": "pages/product/index", **change}
    answer = wx.post("/wxa/getwxacodeunlimit", body, access_token=wx.token())
    assert (answer.status_code, answer.json()["errcode"]) == (200, errcode)


def test_a_body_that_isnt_json(wx: OpenApi, sandbox: Sandbox) -> None:
    url = f"{sandbox.base}/wxa/getwxacodeunlimit"
    answer = requests.post(url, data=b"scene=1", params={"access_token": wx.token()}, timeout=30).json()
    assert answer["errcode"] == 47001


def test_links(wx: OpenApi, sandbox: Sandbox) -> None:
    token = wx.token()
    target = {"path": "/pages/product/index", "query": "id=7&ticket=abc"}
    url = wx.post("/wxa/generate_urllink", {**target, "expire_type": 1, "expire_interval": 30}, access_token=token)
    assert url.json()["url_link"].startswith(f"{sandbox.base}/sandbox/l/")
    open_link = wx.post("/wxa/generatescheme", {"jump_wxa": target}, access_token=token).json()["openlink"]
    assert open_link.startswith("weixin://dl/business/?t=")
    body = {"page_url": "pages/product/index?id=7", "page_title": "明前龙井", "is_permanent": False}
    short = wx.post("/wxa/genwxashortlink", body, access_token=token).json()["link"]
    assert short.startswith("#小程序://")
    assert "明前龙井" in short
    late = wx.post("/wxa/generate_urllink", {**target, "expire_type": 1, "expire_interval": 31}, access_token=token)
    assert late.json()["errcode"] == 85401
    assert wx.post("/wxa/genwxashortlink", {}, access_token=token).json()["errcode"] == 40165


def test_subscribe_messages(wx: OpenApi, sandbox: Sandbox) -> None:
    token, openid = wx.token(), sandbox.openid()

    def send(**change: object) -> int:
        body = {
            "touser": openid,
            "template_id": "TPL1",
            "page": "pages/index",
            "data": {"thing1": {"value": "佣金已到账"}, "amount2": {"value": "¥5.98"}},
            **change,
        }
        return wx.post("/cgi-bin/message/subscribe/send", body, access_token=token).json()["errcode"]

    assert send() == 0
    assert send(touser="oNobody") == 40003
    assert send(template_id="") == 40037
    assert send(data={"thing1": {"value": "长" * 21}}) == 47003
    assert send(data={"thing1": "flat"}) == 47003
    sandbox.control("settings", refused_messages=[openid])
    assert send() == 43101
    kept = sandbox.control("messages", openid=openid)["messages"]
    assert [message["body"]["data"]["amount2"]["value"] for message in kept] == ["¥5.98"]
