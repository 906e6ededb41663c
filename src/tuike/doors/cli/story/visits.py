"""People who visit the running product over HTTP: their cookies, sessions and keys."""

import http.client
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tuike.doors.cli.story.phone import control

T = TypeVar("T")
_TRY_EVERY = 0.3


class WentWrong(Exception):
    """A step that didn't come true; the message says which and what came instead."""


@dataclass(frozen=True, slots=True)
class Page:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Visitor:
    """Somebody at the product's doors. `openid` is theirs on the sandbox's phone."""

    base: str
    sandbox: str
    name: str
    openid: str
    cookie: str = ""
    token: str = ""

    def login(self) -> int:
        """Log in by a fresh code of the phone; return how many touches of the visitor became theirs.

        Who walks has read the privacy terms, and says yes to the edition that the mall shows, as its app does.
        """
        self.token = ""
        edition = self.call("GET", "/config")["privacy_edition"]
        code = control(self.sandbox, "login_code", {"openid": self.openid})["code"]
        said = self.call("POST", "/sessions", {"code": code, "consent": edition})
        self.token = said["token"]
        return int(said["touches"])

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the storefront and return its JSON; a write gets a key of its own.

        Raises:
            WentWrong: any answer that isn't a success.
        """
        page = self.visit(method, f"{self.base}/api/storefront{path}", body)
        if page.status not in (200, 201):
            raise WentWrong(f"{method} {path}: {page.status} {page.text[:300]}")
        return json.loads(page.text)

    def visit(self, method: str, address: str, body: object = None) -> Page:
        """Send one request, following no redirect, and keep the cookie that comes back.

        Raises:
            WentWrong: nobody answers there.
        """
        where = urlsplit(address)
        kind = http.client.HTTPSConnection if where.scheme == "https" else http.client.HTTPConnection
        connection = kind(where.hostname or "", where.port, timeout=30)
        headers = {"Accept-Language": "zh-CN", "Cookie": self.cookie, "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if method != "GET":
            headers["Idempotency-Key"] = secrets.token_hex(12)
        target = where.path + (f"?{where.query}" if where.query else "")
        try:
            connection.request(method, target, body=None if body is None else json.dumps(body), headers=headers)
            answer = connection.getresponse()
            page = Page(answer.status, answer.headers, answer.read().decode())
        except (OSError, http.client.HTTPException) as problem:
            raise WentWrong(f"{method} {address}: {problem}") from problem
        finally:
            connection.close()
        given = page.headers.get("Set-Cookie")
        if given:
            self.cookie = given.partition(";")[0]
        return page


@dataclass
class Patience:
    """Waits for what the worker brings, for a bounded time."""

    seconds: float = 120.0
    nudge: Callable[[str], None] = field(default=lambda _: None)

    def until(self, what: str, found: Callable[[], T], *, job: str = "") -> T:
        """Return the first true answer of `found`; `job` is asked for now and then meanwhile.

        Raises:
            WentWrong: it doesn't come in time.
        """
        began, nudged = time.monotonic(), 0.0
        while True:
            if job and time.monotonic() - nudged > 5:
                self.nudge(job)
                nudged = time.monotonic()
            answer = found()
            if answer:
                return answer
            if time.monotonic() - began > self.seconds:
                raise WentWrong(f"{what}: {self.seconds:.0f} s")
            time.sleep(_TRY_EVERY)
