"""WeChat's server API, as far as the product uses it: login, phone, codes, links, subscribed messages.

Answers are HTTP 200 with an `errcode`; a code that isn't 0 becomes a named `Refused`, -1 (busy) becomes `Unreachable`.
The access token is shared through a store, renewed before it ends, and once more when WeChat calls it invalid.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from tuike.gateways import http
from tuike.gateways.config import WeChatConfig
from tuike.gateways.types import (
    BadCode,
    BadCredentials,
    LoginFact,
    MessageDeclined,
    MessageMismatch,
    NotOpened,
    PageMissing,
    PhoneFact,
    Refused,
    RiskyUser,
    TooOften,
    Unreachable,
)
from tuike.kit import clock

RENEW_SECONDS = 300
"""A token is renewed this long before it ends; WeChat keeps the old one alive for five minutes."""

TOKEN_INVALID = frozenset({40001, 40014, 42001})
_NAMED: dict[int, type[Refused]] = {
    40001: BadCredentials,
    40013: BadCredentials,
    40014: BadCredentials,
    40125: BadCredentials,
    42001: BadCredentials,
    40029: BadCode,
    40163: BadCode,
    40226: RiskyUser,
    45009: TooOften,
    45011: TooOften,
    41030: PageMissing,
    43101: MessageDeclined,
    47003: MessageMismatch,
    48001: NotOpened,
}
_BUSY = -1
Result = TypeVar("Result")
_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@._~-]{1,32}")
_IMAGES = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")


class Version(StrEnum):
    """Which build of the mini-program a code or link opens."""

    RELEASE = "release"
    TRIAL = "trial"
    DEVELOP = "develop"


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the Unix second it ends at."""

    value: str = field(repr=False)
    ends_at: int


class TokenStore(Protocol):
    """Where the token is kept; one that several processes share keeps them from asking for it one by one."""

    def read(self) -> Token | None:
        """Return the token kept last, if any."""

    def write(self, token: Token) -> None:
        """Keep the token."""


class MemoryTokens:
    """A token store of one process."""

    def __init__(self) -> None:
        self._token: Token | None = None

    def read(self) -> Token | None:
        """Return the token kept last, if any."""
        return self._token

    def write(self, token: Token) -> None:
        """Keep the token."""
        self._token = token


class WeChat:
    """One mini-program at WeChat's server API. Thread-safe."""

    def __init__(
        self,
        config: WeChatConfig,
        *,
        tokens: TokenStore | None = None,
        real_now: Callable[[], datetime] = clock.real_now,
    ) -> None:
        """`real_now` measures the token's age: the real clock, whatever the product's clock says."""
        self._config = config
        self._tokens = tokens or MemoryTokens()
        self._real_now = real_now
        self._renewing = threading.Lock()

    def code2session(self, js_code: str) -> LoginFact:
        """Return who logs in with the code of `wx.login` (one use, five minutes).

        Raises:
            BadCode: unknown, used or expired; RiskyUser, TooOften, BadCredentials: as named.
            Unreachable: the code may be used up; log in again.
        """
        query = {
            "appid": self._config.appid,
            "secret": self._config.appsecret,
            "js_code": js_code,
            "grant_type": "authorization_code",
        }
        answer = self._object("code2session", "GET", "/sns/jscode2session", query, None)
        openid, unionid = answer.get("openid"), answer.get("unionid")
        if not isinstance(openid, str) or not openid or not isinstance(unionid, str | None):
            raise Unreachable("code2session", "answer without an openid")
        return LoginFact(openid=openid, unionid=unionid or None)

    def phone_number(self, code: str) -> PhoneFact:
        """Return the number behind the code of a phone button (one use, five minutes).

        Raises:
            BadCode: unknown, used or expired.
            Unreachable: the code may be used up; the user presses the button again.
        """
        operation = "phone_number"
        answer = self._authorised(operation, "/wxa/business/getuserphonenumber", {"code": code})
        info = answer.get("phone_info")
        info = info if isinstance(info, dict) else {}
        watermark = info.get("watermark")
        number, country = info.get("purePhoneNumber"), info.get("countryCode")
        if not isinstance(watermark, dict) or watermark.get("appid") != self._config.appid:
            raise Unreachable(operation, "the answer is about another app")
        if not isinstance(number, str) or not re.fullmatch(r"[0-9]{5,20}", number):
            raise Unreachable(operation, "answer without a number")
        return PhoneFact(number=number, country_code=str(country or ""))

    def code_image(
        self,
        *,
        scene: str,
        page: str | None = None,
        version: Version = Version.RELEASE,
        width: int = 430,
        check_path: bool = True,
    ) -> bytes:
        """Return a mini-program code (JPEG or PNG) for a scene of 1–32 characters; without number limit, never ends.

        Raises:
            PageMissing: the published mini-program has no such page; TooOften: 5,000 a minute.
            Unreachable: ask again.
            ValueError: a scene, page or width that WeChat doesn't take.
        """
        if not _SCENE.fullmatch(scene):
            raise ValueError("scene has a form that WeChat doesn't take")
        if page is not None and (page.startswith("/") or "?" in page):
            raise ValueError("page begins with / or holds a query")
        if not 280 <= width <= 1280:
            raise ValueError("width is not between 280 and 1280")
        body: dict[str, Any] = {"scene": scene, "check_path": check_path, "env_version": version, "width": width}
        if page is not None:
            body["page"] = page
        image = self._with_token(
            lambda token: self._bytes("code_image", "/wxa/getwxacodeunlimit", {"access_token": token}, body)
        )
        if not image.startswith(_IMAGES):
            raise Unreachable("code_image", "answer is no image")
        return image

    def url_link(self, *, path: str, query: str, days: int = 30, version: Version = Version.RELEASE) -> str:
        """Return an https link that opens the mini-program from outside WeChat; good for 1–30 days.

        Raises:
            Refused: e.g. TooOften; Unreachable: ask again; ValueError: not 1–30 days.
        """
        body = {"path": path, "query": query, "env_version": version, "expire_type": 1, "expire_interval": _days(days)}
        return self._link("url_link", "/wxa/generate_urllink", body, "url_link")

    def short_link(self, *, page_url: str, title: str, permanent: bool = False) -> str:
        """Return a `#小程序://…` link that opens the page (with its query) from a chat; 30 days, or for good.

        Raises:
            Refused: e.g. TooOften; Unreachable: ask again.
        """
        body = {"page_url": page_url, "page_title": title, "is_permanent": permanent}
        return self._link("short_link", "/wxa/genwxashortlink", body, "link")

    def scheme(self, *, path: str, query: str, days: int = 30, version: Version = Version.RELEASE) -> str:
        """Return a `weixin://` address that opens the mini-program from an app or a message; good for 1–30 days.

        Raises:
            Refused: e.g. TooOften; Unreachable: ask again; ValueError: not 1–30 days.
        """
        target = {"path": path, "query": query, "env_version": version}
        body = {"jump_wxa": target, "is_expire": True, "expire_type": 1, "expire_interval": _days(days)}
        return self._link("scheme", "/wxa/generatescheme", body, "openlink")

    def send_message(
        self, *, openid: str, template_id: str, data: Mapping[str, str], page: str = "", language: str = "zh_CN"
    ) -> None:
        """Send a message that the user subscribed to; `data` by the template's keywords.

        Raises:
            MessageDeclined, MessageMismatch: as named.
            Unreachable: it may have been sent; sending again may use up a second subscription.
        """
        body = {
            "touser": openid,
            "template_id": template_id,
            "page": page,
            "data": {key: {"value": value} for key, value in data.items()},
            "lang": language,
        }
        self._authorised("send_message", "/cgi-bin/message/subscribe/send", body)

    def access_token(self) -> str:
        """Return a token that is good for five minutes at least.

        Raises:
            BadCredentials: WeChat doesn't know the AppID and secret; Unreachable: ask again.
        """
        token = self._tokens.read()
        if token is not None and self._good(token):
            return token.value
        with self._renewing:
            token = self._tokens.read()
            if token is None or not self._good(token):
                token = self._fetch(force=False)
            return token.value

    def _good(self, token: Token) -> bool:
        """Return whether the token needn't be renewed yet."""
        return token.ends_at - RENEW_SECONDS > int(self._real_now().timestamp())

    def _renewed(self, refused: str) -> str:
        """Return another token than the refused one: another thread's or process's, WeChat's, or a forced one."""
        with self._renewing:
            token = self._tokens.read()
            if token is None or token.value == refused:
                token = self._fetch(force=False)
            if token.value == refused:
                token = self._fetch(force=True)
            return token.value

    def _fetch(self, *, force: bool) -> Token:
        """Fetch and keep the stable token; forcing kills the one in use and is limited to 20 a day."""
        body = {
            "grant_type": "client_credential",
            "appid": self._config.appid,
            "secret": self._config.appsecret,
            "force_refresh": force,
        }
        answer = self._object("access_token", "POST", "/cgi-bin/stable_token", {}, body)
        value, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(value, str) or not value or type(seconds) is not int or seconds <= 0:
            raise Unreachable("access_token", "answer without a token")
        token = Token(value, int(self._real_now().timestamp()) + seconds)
        self._tokens.write(token)
        return token

    def _with_token(self, call: Callable[[str], Result]) -> Result:
        """Call with a token, and once more with another one if WeChat calls it invalid."""
        token = self.access_token()
        try:
            return call(token)
        except BadCredentials as error:
            if int(error.provider_code) not in TOKEN_INVALID:
                raise
        return call(self._renewed(token))

    def _authorised(self, operation: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """POST with the access token and return the answer's object."""
        return self._with_token(lambda token: self._object(operation, "POST", path, {"access_token": token}, body))

    def _link(self, operation: str, path: str, body: dict[str, Any], name: str) -> str:
        """POST and return the one text in the answer."""
        link = self._authorised(operation, path, body).get(name)
        if not isinstance(link, str) or not link:
            raise Unreachable(operation, f"answer without {name}")
        return link

    def _object(
        self, operation: str, method: str, path: str, query: Mapping[str, str], body: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Call and return the JSON object of an answer without error."""
        raw = self._send(operation, method, path, query, body)
        answer = _parsed(raw)
        if answer is None:
            raise Unreachable(operation, "answer is no JSON object")
        _raise_named(operation, answer)
        return answer

    def _bytes(self, operation: str, path: str, query: Mapping[str, str], body: dict[str, Any]) -> bytes:
        """POST and return the bytes of an answer that is not JSON; JSON is an error."""
        raw = self._send(operation, "POST", path, query, body)
        answer = _parsed(raw)
        if answer is not None:
            _raise_named(operation, answer)
        return raw

    def _send(
        self, operation: str, method: str, path: str, query: Mapping[str, str], body: dict[str, Any] | None
    ) -> bytes:
        """Make the call; JSON leaves as UTF-8 itself, since WeChat shows escapes as they are in some texts."""
        answer = http.send(
            operation=operation,
            method=method,
            url=self._config.api_base + path,
            params=query,
            headers={"Content-Type": "application/json; charset=utf-8"} if body is not None else {},
            body=json.dumps(body, ensure_ascii=False).encode() if body is not None else b"",
        )
        if answer.status != 200:
            raise Unreachable(operation, f"status {answer.status}")
        return answer.body


def _days(days: int) -> int:
    """Return a life in days that WeChat takes."""
    if not 1 <= days <= 30:
        raise ValueError("days is not between 1 and 30")
    return days


def _parsed(raw: bytes) -> dict[str, Any] | None:
    """Return the JSON object, or none if it isn't one."""
    if not raw.lstrip().startswith(b"{"):
        return None
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _raise_named(operation: str, answer: dict[str, Any]) -> None:
    """Raise the error that `errcode` names, if any."""
    code = answer.get("errcode", 0)
    if type(code) is not int:
        raise Unreachable(operation, "answer with an unreadable errcode")
    if code == _BUSY:
        raise Unreachable(operation, "WeChat is busy")
    if code != 0:
        raise _NAMED.get(code, Refused)(operation, str(code), str(answer.get("errmsg") or ""))
