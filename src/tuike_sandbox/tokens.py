"""Access tokens and login of the open API.

Source: WeChat mini-program server API, "getAccessToken", "getStableAccessToken", "code2Session", "getPhoneNumber".
"""

import json
import secrets

from tuike_sandbox import people
from tuike_sandbox.errors import WxError
from tuike_sandbox.world import Answer, Call, Endpoint, World

TOKEN_LIFE = 7200
OVERLAP = 300  # a replaced ordinary token goes on for five minutes
FORCED_A_DAY = 20


def wx_json(call: Call) -> dict[str, object]:
    """The body as a JSON object, whatever its content type says.

    Raises:
        WxError: 47001.
    """
    try:
        body = json.loads(call.raw)
    except ValueError as wrong:
        raise WxError(47001, "data format error") from wrong
    if not isinstance(body, dict):
        raise WxError(47001, "data format error")
    return body


def check_app(world: World, appid: object, secret: object) -> None:
    """The caller is our mini-program.

    Raises:
        WxError: 41002, 41004 missing; 40013 unknown appid; 40125 wrong secret.
    """
    if not appid:
        raise WxError(41002, "appid missing")
    if not secret:
        raise WxError(41004, "appsecret missing")
    if appid != world.identity.appid:
        raise WxError(40013, "invalid appid")
    if secret != world.identity.secret:
        raise WxError(40125, "invalid appsecret")


def check_token(world: World, token: str) -> None:
    """The caller's access token is alive.

    Raises:
        WxError: 41001 missing, 40001 unknown or replaced, 42001 expired.
    """
    if not token:
        raise WxError(41001, "access_token missing")
    row = world.store.one("select * from tokens where token = ?", token)
    if not row:
        raise WxError(40001, "invalid credential, access_token is invalid or not latest")
    if float(str(row["expires"])) <= world.clock.now():
        raise WxError(42001, "access_token expired")


def _new_token(world: World, *, stable: bool) -> Answer:
    token, now = f"{secrets.randbelow(90) + 10}_{secrets.token_urlsafe(96)}", world.clock.now()
    if stable:
        world.store.run("delete from tokens where stable = 1")
    else:
        world.store.run("update tokens set expires = min(expires, ?) where stable = 0", now + OVERLAP)
    world.store.run("insert into tokens values (?, ?, ?, ?)", token, int(stable), now, now + TOKEN_LIFE)
    return Answer({"access_token": token, "expires_in": TOKEN_LIFE})


def token(world: World, call: Call) -> Answer:
    """GET /cgi-bin/token: a new token; the one before it lives five minutes more."""
    if call.query.get("grant_type") != "client_credential":
        raise WxError(40002, "invalid grant_type")
    check_app(world, call.query.get("appid"), call.query.get("secret"))
    return _new_token(world, stable=False)


def stable_token(world: World, call: Call) -> Answer:
    """POST /cgi-bin/stable_token: the same token while it lives; ``force_refresh`` replaces it, 20 times a day."""
    body = wx_json(call)
    if body.get("grant_type") != "client_credential":
        raise WxError(40002, "invalid grant_type")
    check_app(world, body.get("appid"), body.get("secret"))
    now = world.clock.now()
    if body.get("force_refresh"):
        day = int((now + 8 * 3600) // 86_400)
        used = world.store.setting("forced_refreshes", [day, 0])
        count = int(used[1]) if isinstance(used, list) and used[0] == day else 0
        if count >= FORCED_A_DAY:
            raise WxError(45009, "reach max api daily quota limit")
        world.store.set("forced_refreshes", [day, count + 1])
        return _new_token(world, stable=True)
    row = world.store.one("select * from tokens where stable = 1 and expires > ?", now)
    if row:
        return Answer({"access_token": row["token"], "expires_in": int(float(str(row["expires"])) - now)})
    return _new_token(world, stable=True)


def code2session(world: World, call: Call) -> Answer:
    """GET /sns/jscode2session: a login code, once, within five minutes."""
    check_app(world, call.query.get("appid"), call.query.get("secret"))
    if call.query.get("grant_type") != "authorization_code":
        raise WxError(40002, "invalid grant_type")
    code = call.query.get("js_code")
    if not code:
        raise WxError(41008, "missing code")
    used = world.store.one("select used from codes where code = ? and kind = 'login'", code)
    found = people.redeem(world, "login", code)
    if not found:
        raise WxError(40163, "code been used") if used and used["used"] else WxError(40029, "invalid code")
    return Answer(
        {
            "session_key": secrets.token_urlsafe(16) + "==",
            "openid": found["openid"],
            "unionid": found["unionid"],
        }
    )


def phone_number(world: World, call: Call) -> Answer:
    """POST /wxa/business/getuserphonenumber: a phone code, once, within five minutes."""
    code = wx_json(call).get("code")
    found = people.redeem(world, "phone", code) if isinstance(code, str) else None
    if not found:
        raise WxError(40029, "invalid code")
    phone = str(found["phone"])
    return Answer(
        {
            "errcode": 0,
            "errmsg": "ok",
            "phone_info": {
                "phoneNumber": phone,
                "purePhoneNumber": phone,
                "countryCode": "86",
                "watermark": {"appid": world.identity.appid, "timestamp": int(world.clock.now())},
            },
        }
    )


ENDPOINTS = [
    Endpoint("GET", "/cgi-bin/token", "wx.token", token, "wx", needs_token=False),
    Endpoint("POST", "/cgi-bin/stable_token", "wx.stable_token", stable_token, "wx", needs_token=False),
    Endpoint("GET", "/sns/jscode2session", "wx.jscode2session", code2session, "wx", needs_token=False),
    Endpoint("POST", "/wxa/business/getuserphonenumber", "wx.getuserphonenumber", phone_number, "wx"),
]
