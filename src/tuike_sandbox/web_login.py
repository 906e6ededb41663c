"""Signing in on web pages inside WeChat: the page that asks a person, and what a shop's server learns from the code.

Source: WeChat official accounts, "Web page authorisation" (网页授权): a code of `snsapi_base` tells the openid only,
one of `snsapi_userinfo` the unionid and the profile, too. The openid is another one than the mini-program's.
"""

import hashlib
import re
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from tuike_sandbox import app_keys, people
from tuike_sandbox.errors import ControlError, WxError
from tuike_sandbox.html import Html, Say, join, language, page, render
from tuike_sandbox.world import Answer, Call, Endpoint, World, is_loopback

SCOPES = ("snsapi_base", "snsapi_userinfo")
TOKEN_LIFE = 7200
_STATE = re.compile(r"[a-zA-Z0-9]{0,128}")


async def authorise(request: web.Request) -> web.Response:
    """GET /connect/oauth2/authorize: ask who it is, then go back with a code, as WeChat's browser does."""
    world, say = request.app[app_keys.WORLD], Say(language(request))
    asked = request.query
    wrong = _wrong(world, dict(asked))
    if wrong:
        raise web.HTTPBadRequest(text=wrong)
    chosen = asked.get("person", "")
    if chosen:
        try:
            code = people.mint(world, asked["scope"], chosen)
        except ControlError as problem:
            raise web.HTTPNotFound(text=problem.message) from problem
        back = asked["redirect_uri"]
        joint = "&" if urlsplit(back).query else "?"
        raise web.HTTPFound(f"{back}{joint}{urlencode({'code': code, 'state': asked.get('state', '')})}")
    entries = [
        render(
            "person.html",
            href=f"{request.path}?{urlencode({**asked, 'person': row['openid']})}",
            current=Html(""),
            name=row["name"],
            phone=row["phone"],
        )
        for row in people.everyone(world.store)
    ]
    body = render(
        "authorise.html",
        title=say("微信登录", "Sign in with WeChat"),
        lead=say("选择是谁在微信里打开了这个网页。", "Choose who opened this page inside WeChat."),
        back=urlsplit(asked["redirect_uri"]).netloc,
        people=join(entries),
    )
    return page(say, title=say("微信登录", "Sign in with WeChat"), body=body, path=str(request.rel_url))


def _wrong(world: World, asked: dict[str, str]) -> str:
    """What WeChat's page would say instead of asking, empty when all is well."""
    if asked.get("appid") != world.identity.web_appid:
        return "10003 / invalid appid"
    if not is_loopback(asked.get("redirect_uri", "")):
        return "10003 redirect_uri域名与后台配置不一致 / the sandbox goes back to this machine only"
    if asked.get("response_type") != "code" or asked.get("scope") not in SCOPES:
        return "10005 / invalid scope"
    if not _STATE.fullmatch(asked.get("state", "")):
        return "10010 / invalid state"
    return ""


def access_token(world: World, call: Call) -> Answer:
    """GET /sns/oauth2/access_token: who a code stands for; the unionid only where the profile was asked for."""
    appid, secret = call.query.get("appid"), call.query.get("secret")
    if appid != world.identity.web_appid:
        raise WxError(40013, "invalid appid")
    if secret != world.identity.web_secret:
        raise WxError(40125, "invalid appsecret")
    if call.query.get("grant_type") != "authorization_code":
        raise WxError(40002, "invalid grant_type")
    code = call.query.get("code") or ""
    kept = world.store.one("select kind, used from codes where code = ?", code)
    scope = str(kept["kind"]) if kept and kept["kind"] in SCOPES else ""
    found = people.redeem(world, scope, code) if scope else None
    if not found:
        raise WxError(40163, "code been used") if kept and kept["used"] else WxError(40029, "invalid code")
    told: dict[str, object] = {
        "access_token": hashlib.sha256(code.encode()).hexdigest(),
        "expires_in": TOKEN_LIFE,
        "refresh_token": hashlib.sha256(f"again:{code}".encode()).hexdigest(),
        "openid": people.web_openid(str(found["openid"])),
        "scope": scope,
    }
    return Answer(told | ({"unionid": found["unionid"]} if scope == "snsapi_userinfo" else {}))


ENDPOINTS = [
    Endpoint("GET", "/sns/oauth2/access_token", "wx.web_token", access_token, "wx", needs_token=False),
]


def add_routes(app: web.Application) -> None:
    """The page that asks who it is."""
    app.router.add_get("/connect/oauth2/authorize", authorise)
