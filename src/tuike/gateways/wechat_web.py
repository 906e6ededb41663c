"""Signing in on web pages inside WeChat's browser: where a person is asked, and who a code stands for.

Source: WeChat official accounts, "Web page authorisation" (网页授权).
"""

import json
import re
from urllib.parse import urlencode

from tuike.gateways import http
from tuike.gateways.config import WebConfig
from tuike.gateways.types import BadCode, BadCredentials, LoginFact, Refused, TooOften, Unreachable

_STATE = re.compile(r"[a-zA-Z0-9]{1,128}")
_BUSY = -1
_NAMED: dict[int, type[Refused]] = {
    40013: BadCredentials,
    40125: BadCredentials,
    40029: BadCode,
    40163: BadCode,
    45009: TooOften,
    45011: TooOften,
}


class WeChatWeb:
    """One official account that signs web pages in. Thread-safe."""

    def __init__(self, config: WebConfig) -> None:
        self._config = config

    @property
    def appid(self) -> str:
        """The account's AppID, in which its openids are known."""
        return self._config.appid

    def authorise_address(self, *, back: str, state: str) -> str:
        """Return where a person is asked; WeChat leads them to `back` with a code and `state` (1–128 letters, digits).

        The profile is asked for (`snsapi_userinfo`), because without it WeChat doesn't tell the unionid by which the
        person is the one of the mini-program.
        """
        if not _STATE.fullmatch(state):
            raise ValueError("state is not 1 to 128 letters and digits")
        query = {
            "appid": self._config.appid,
            "redirect_uri": back,
            "response_type": "code",
            "scope": "snsapi_userinfo",
            "state": state,
        }
        return f"{self._config.ask_base}/connect/oauth2/authorize?{urlencode(query)}#wechat_redirect"

    def login(self, code: str) -> LoginFact:
        """Return who a code stands for (one use, five minutes).

        Raises:
            BadCode: unknown, used or expired; BadCredentials, TooOften: as named.
            Unreachable: the code may be used up; ask the person again.
        """
        operation = "web_login"
        query = {
            "appid": self._config.appid,
            "secret": self._config.appsecret,
            "code": code,
            "grant_type": "authorization_code",
        }
        url = f"{self._config.api_base}/sns/oauth2/access_token"
        answer = http.send(operation=operation, method="GET", url=url, params=query)
        if answer.status != 200:
            raise Unreachable(operation, f"status {answer.status}")
        try:
            told = json.loads(answer.body)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            raise Unreachable(operation, "answer is no JSON object")
        error = told.get("errcode", 0)
        if type(error) is not int or error == _BUSY:
            raise Unreachable(operation, "WeChat is busy")
        if error:
            raise _NAMED.get(error, Refused)(operation, str(error), str(told.get("errmsg") or ""))
        openid, unionid = told.get("openid"), told.get("unionid")
        if not isinstance(openid, str) or not openid or not isinstance(unionid, str | None):
            raise Unreachable(operation, "answer without an openid")
        return LoginFact(openid=openid, unionid=unionid or None)
