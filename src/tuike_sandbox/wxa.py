"""Codes, links and messages of the open API.

Source: WeChat mini-program server API, "getUnlimitedQRCode", "generateUrlLink", "generateShortLink", "generateScheme",
"sendMessage" (subscribe messages).
"""

import io
import json
import re
import secrets
from collections import deque
from urllib.parse import urlencode

import segno

from tuike_sandbox.errors import WxError
from tuike_sandbox.tokens import wx_json
from tuike_sandbox.world import Answer, Call, Endpoint, World

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]{1,32}")
CODES_A_MINUTE = 5000
LINK_DAYS = 30
_made_codes: deque[float] = deque()


def _page(world: World, body: dict[str, object], name: str, *, check: bool = True) -> str:
    """A page's path without a leading slash or query; must be a published one when controls named those.

    Raises:
        WxError: 41030.
    """
    page = body.get(name, "")
    published = world.store.setting("published_pages", [])
    assert isinstance(published, list)
    malformed = not isinstance(page, str) or page.startswith("/") or "?" in page or len(page) > 1024
    if malformed or (check and page and published and page not in published):
        raise WxError(41030, "invalid page hint")
    return str(page)


def _number(body: dict[str, object], name: str, default: int) -> int:
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise WxError(47001, "data format error")
    return value


def code_unlimited(world: World, call: Call) -> Answer:
    """POST /wxa/getwxacodeunlimit: a PNG whose QR text is an address that the sandbox's phone opens."""
    body = wx_json(call)
    scene = body.get("scene")
    if not isinstance(scene, str) or not SCENE.fullmatch(scene):
        raise WxError(40129, "invalid scene")
    page = _page(world, body, "page", check=body.get("check_path", True) is not False)
    if body.get("env_version", "release") not in ("release", "trial", "develop"):
        raise WxError(40097, "invalid env_version")
    width = min(max(_number(body, "width", 430), 280), 1280)
    now = world.clock.real()
    while _made_codes and _made_codes[0] <= now - 60:
        _made_codes.popleft()
    if len(_made_codes) >= CODES_A_MINUTE:
        raise WxError(45009, "reach max api minute quota limit")
    _made_codes.append(now)
    code = segno.make(f"{world.base}/sandbox/code?{urlencode({'page': page, 'scene': scene})}", error="m")
    out = io.BytesIO()
    code.save(out, kind="png", scale=max(1, width // code.symbol_size(1, 4)[0]), border=4)
    return Answer(out.getvalue(), content_type="image/png")


def _expiry(world: World, body: dict[str, object]) -> float:
    """Business Unix seconds at which a link dies.

    Raises:
        WxError: 85401 when that isn't within 30 days from now.
    """
    now = world.clock.now()
    if _number(body, "expire_type", 0) == 1:
        days = _number(body, "expire_interval", LINK_DAYS)
        ends = now + days * 86_400
    else:
        ends = float(_number(body, "expire_time", 0)) or now + LINK_DAYS * 86_400
    if not now < ends <= now + LINK_DAYS * 86_400:
        raise WxError(85401, "invalid expire time")
    return ends


def _keep_link(world: World, kind: str, body: dict[str, object], expires: float | None) -> str:
    path, query = str(body.get("path", "")), body.get("query", "")
    if not isinstance(query, str) or len(query) > 1024:
        raise WxError(40212, "invalid query")
    _page(world, {"page": path.lstrip("/")}, "page")
    code = secrets.token_urlsafe(8).replace("-", "x").replace("_", "y")
    world.store.run("insert into links values (?, ?, ?, ?, ?)", code, kind, path.lstrip("/"), query, expires)
    return code


def url_link(world: World, call: Call) -> Answer:
    """POST /wxa/generate_urllink."""
    body = wx_json(call)
    code = _keep_link(world, "url_link", body, _expiry(world, body))
    return Answer({"errcode": 0, "errmsg": "ok", "url_link": f"{world.base}/sandbox/l/{code}"})


def scheme(world: World, call: Call) -> Answer:
    """POST /wxa/generatescheme."""
    body = wx_json(call)
    jump = body.get("jump_wxa", {})
    if not isinstance(jump, dict):
        raise WxError(47001, "data format error")
    code = _keep_link(world, "scheme", jump, _expiry(world, body))
    return Answer({"errcode": 0, "errmsg": "ok", "openlink": f"weixin://dl/business/?t={code}"})


def short_link(world: World, call: Call) -> Answer:
    """POST /wxa/genwxashortlink: a text like ``#小程序://<shop>/<title>/<code>``."""
    body = wx_json(call)
    url, title = body.get("page_url"), body.get("page_title", "")
    if not isinstance(url, str) or not url or len(url) > 1024:
        raise WxError(40165, "invalid weapp pagepath")
    if not isinstance(title, str) or len(title) > 20:
        raise WxError(43104, "invalid page title")
    path, _, query = url.partition("?")
    permanent = body.get("is_permanent", False) is True
    expires = None if permanent else world.clock.now() + LINK_DAYS * 86_400
    code = _keep_link(world, "short_link", {"path": path, "query": query}, expires)
    return Answer({"errcode": 0, "errmsg": "ok", "link": f"#小程序://推客沙箱/{title or '商品'}/{code}"})


# Subscribe-message value kinds by the prefix of their key: pattern that a value must match.
KINDS = {
    "thing": r".{1,20}",
    "number": r"[0-9]{1,32}(\.[0-9]+)?",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": r".{1,5}",
    "character_string": r"[\x21-\x7e ]{1,32}",
    "time": r".{1,32}",
    "date": r".{1,32}",
    "amount": r"[¥￥]?[0-9]{1,10}(\.[0-9]+)?元?",
    "phone_number": r"[0-9+\- ]{1,17}",
    "phrase": r"[\u4e00-\u9fff]{1,5}",
    "name": r"[\u4e00-\u9fff]{1,10}|[A-Za-z .]{1,20}",
}


def _check_message(data: object) -> None:
    if not isinstance(data, dict) or not data:
        raise WxError(47003, "argument invalid! data is empty")
    for key, part in data.items():
        value = part.get("value") if isinstance(part, dict) else None
        kind = re.fullmatch(r"([a-z_]+?)[0-9]+", key)
        if not kind or kind[1] not in KINDS or not isinstance(value, str) or not re.fullmatch(KINDS[kind[1]], value):
            raise WxError(47003, f"argument invalid! data.{key}.value is invalid")


def send_message(world: World, call: Call) -> Answer:
    """POST /cgi-bin/message/subscribe/send: kept, to be read on the phone."""
    body = wx_json(call)
    openid, template = body.get("touser"), body.get("template_id")
    if not isinstance(openid, str) or not world.store.one("select 1 as known from people where openid = ?", openid):
        raise WxError(40003, "invalid openid")
    if not isinstance(template, str) or not template:
        raise WxError(40037, "invalid template_id")
    refused = world.store.setting("refused_messages", [])
    assert isinstance(refused, list)
    if openid in refused:
        raise WxError(43101, "user refuse to accept the msg")
    _check_message(body.get("data"))
    world.store.run(
        "insert into messages (openid, template_id, body, created) values (?, ?, ?, ?)",
        *(openid, template, json.dumps(body, ensure_ascii=False), world.clock.now()),
    )
    return Answer({"errcode": 0, "errmsg": "ok"})


ENDPOINTS = [
    Endpoint("POST", "/wxa/getwxacodeunlimit", "wx.getwxacodeunlimit", code_unlimited, "wx"),
    Endpoint("POST", "/wxa/generate_urllink", "wx.generate_urllink", url_link, "wx"),
    Endpoint("POST", "/wxa/generatescheme", "wx.generatescheme", scheme, "wx"),
    Endpoint("POST", "/wxa/genwxashortlink", "wx.genwxashortlink", short_link, "wx"),
    Endpoint("POST", "/cgi-bin/message/subscribe/send", "wx.subscribe_send", send_message, "wx"),
]
