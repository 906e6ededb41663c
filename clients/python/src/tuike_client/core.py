"""How calls are made: who calls, what is sent, when a call is made again."""

import json
import random
import secrets
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Self
from urllib.parse import quote, urlencode

import requests

from tuike_client import signing
from tuike_client.errors import ApiError, Unreachable
from tuike_client.paging import Feed, Pages

AGAIN = (429, 500, 502, 503, 504)
"""Statuses after which the call is made again: writes have their key, so that they happen once."""
LONGEST_WAIT_SECONDS = 120.0


class Client:
    """A party's software. Make one of `Promoter`, `Merchant`, `Leader`; use it in one thread at a time.

    Either `token` (a personal or an exchanged one), or `appid` and `secret`, with which each call is signed.
    `timeout` in seconds is each try's; `tries` is how often a call is made at most; `language` (`zh`, `en`) is that of
    what refusals say; `clock` gives the seconds that signed calls carry.
    """

    kind = ""

    def __init__(
        self,
        base: str,
        *,
        token: str = "",
        appid: str = "",
        secret: str = "",
        timeout: float = 30.0,
        tries: int = 5,
        language: str = "zh",
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        if bool(token) is bool(appid and secret):
            raise ValueError("give either a token, or appid and secret")
        if tries < 1:
            raise ValueError("tries must be 1 or more")
        self._base = base.rstrip("/")
        self._token, self._appid, self._secret = token, appid, secret
        self._timeout, self._tries, self._clock, self._sleep = timeout, tries, clock, sleep
        self._session = requests.Session()
        self._session.headers.update({"Accept-Language": language, "User-Agent": "tuike-client/0.1"})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def changes(self, *, kinds: Sequence[str] = (), after: int = 0, limit: int = 500) -> Feed:
        """Follow what changed behind `after`, up to the feed's end: each object once, as it stands now.

        `kinds` narrows it (`order`, `accrual`, …); `limit` is how many places a page has.
        """
        asked = {"kinds": ",".join(kinds) or None, "limit": limit}
        return Feed(lambda seq: self._read(f"/{self.kind}/changes", {**asked, "after": seq}), after)

    def _read(self, path: str, query: Mapping[str, Any] | None = None) -> Any:
        return _said(self._made("GET", path, query or {}))

    def _bytes(self, path: str, query: Mapping[str, Any] | None = None) -> bytes:
        return self._made("GET", path, query or {}).content

    def _pages(self, path: str, query: Mapping[str, Any], after: str) -> Pages[Any]:
        return Pages(lambda place: self._read(path, {**query, "after": place or None}), after)

    def _write(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None) -> Any:
        key = str(uuid.uuid4()) if key is None else key
        return _said(self._made(method, path, {}, body, key))

    def _preview(self, path: str, body: Mapping[str, Any]) -> Any:
        return _said(self._made("POST", path, {}, body))

    def _made(
        self, method: str, path: str, query: Mapping[str, Any], body: Mapping[str, Any] | None = None, key: str = ""
    ) -> requests.Response:
        """Return the answer to a call, made again where that helps.

        Raises:
            ApiError: the server's no. Unreachable: no answer in all the tries.
        """
        pairs = [(name, _text(one)) for name, value in query.items() if value is not None for one in _each(value)]
        data = b"" if body is None else encoded(body)
        for left in reversed(range(self._tries)):
            try:
                answer = self._sent(method, f"/api/v1{path}", pairs, data, key)
            except (requests.ConnectionError, requests.Timeout) as problem:
                if not left:
                    raise Unreachable(f"{method} {path}: {problem}") from problem
                self._sleep(self._pause(left, None))
                continue
            if answer.status_code < 300:
                return answer
            refusal = _refusal(answer)
            if not left or answer.status_code not in AGAIN:
                raise refusal
            self._sleep(self._pause(left, refusal.retry_after))
        raise AssertionError("the last try answers or raises")

    def _sent(
        self, method: str, path: str, query: Sequence[tuple[str, str]], data: bytes, key: str
    ) -> requests.Response:
        headers = self._proof(method, path, query, data)
        if data:
            headers["Content-Type"] = "application/json"
        if key:
            headers["Idempotency-Key"] = key
        asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
        return self._session.request(
            method, f"{self._base}{path}{asked}", data=data or None, headers=headers, timeout=self._timeout,
            allow_redirects=False,
        )  # fmt: skip

    def _proof(self, method: str, path: str, query: Sequence[tuple[str, str]], data: bytes) -> dict[str, str]:
        """Return the headers that say who calls; a nonce is good for one call, so each try has its own."""
        if self._token:
            return {"Authorization": f"Bearer {self._token}"}
        timestamp, nonce = str(int(self._clock())), secrets.token_hex(16)
        text = signing.signed_text(method=method, path=path, query=query, timestamp=timestamp, nonce=nonce, body=data)
        return {
            "Tuike-App": self._appid,
            "Tuike-Timestamp": timestamp,
            "Tuike-Nonce": nonce,
            "Tuike-Signature": signing.signature(self._secret, text),
        }

    def _pause(self, left: int, said: float | None) -> float:
        """Return the seconds until the next try: what the server said, else twice as long each time, blurred."""
        if said is not None:
            return min(max(said, 0.0), LONGEST_WAIT_SECONDS)
        done = self._tries - left
        return min(0.25 * float(2**done) * random.uniform(0.5, 1.0), LONGEST_WAIT_SECONDS)  # noqa: S311 no secret


def address(template: str, *names: str) -> str:
    """Return a path with names in its holes."""
    return template.format(*(quote(name, safe="") for name in names))


def given(**values: Any) -> dict[str, Any]:
    """Return what was given; None: left out."""
    return {name: value for name, value in values.items() if value is not None}


def encoded(body: Mapping[str, Any]) -> bytes:
    """Return a body as JSON in UTF-8."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), default=_text).encode()


def _each(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list | tuple) else (value,)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str | int):
        return str(value)
    raise TypeError(f"{value!r} can't be sent")


def _said(answer: requests.Response) -> Any:
    try:
        return json.loads(answer.content)
    except ValueError:
        raise _refusal(answer) from None  # somebody else's page, on the way to the server


def _refusal(answer: requests.Response) -> ApiError:
    try:
        said = answer.json()
    except ValueError:
        said = {}
    if not isinstance(said, dict):
        said = {}
    after = answer.headers.get("Retry-After", "")
    return ApiError(
        status=answer.status_code,
        code=said.get("code", ""),
        title=said.get("title", answer.reason or ""),
        detail=said.get("detail", answer.text[:200]),
        type=said.get("type", ""),
        request_id=said.get("request_id", ""),
        errors=said.get("errors", ()),
        retry_after=float(after) if after.isascii() and after.isdigit() else None,
    )
