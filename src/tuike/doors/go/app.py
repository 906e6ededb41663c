"""`GET /s/<code>`: record the click, hand the visitor on to the landing page with the link's ticket.

A plain WSGI callable: nothing of Django's request machinery runs on the way of a click.
"""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from prometheus_client import Counter

from tuike.doors.go import words
from tuike.doors.go.desk import Desk, Slip, Unavailable
from tuike.doors.web import visitor

PREFIX = "/s/"
AGENT_LENGTH = 160
_ANSWERS = Counter("tuike_short_link_answers_total", "Answers of the short link", ["status"])
_FOUND, _MISSING, _REFUSED, _BUSY = (_ANSWERS.labels(status) for status in ("302", "404", "405", "503"))
_LOOPBACK = ("127.", "::1")

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], Any]
App = Callable[..., Any]


class Go:
    """The door; what isn't a short link goes on to `django`."""

    def __init__(self, django: App, *, desk: Desk, now: Callable[[], datetime], ip_key: bytes, secure: bool) -> None:
        self._django, self._desk, self._now, self._secure = django, desk, now, secure
        self._ip_hash = lru_cache(maxsize=65_536)(lambda ip: hash_ip(ip, ip_key))

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a short link, hand everything else on."""
        path = environ["PATH_INFO"]
        if not path.startswith(PREFIX):
            return self._django(environ, start_response)
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"}:
            _REFUSED.inc()
            return _say(405, environ, start_response, ("Allow", "GET, HEAD"))
        code = path[len(PREFIX) :]
        if not (10 <= len(code) <= 16 and code.isascii() and code.isalnum()):
            _MISSING.inc()
            return _say(404, environ, start_response)
        known = visitor.found(environ.get("HTTP_COOKIE", ""))
        mark = known or visitor.fresh()
        slip = Slip(
            code,
            counts=method == "GET",
            at=self._now(),
            visitor=mark,
            ip_hash=self._ip_hash(address_of(environ)),
            agent=clean(environ.get("HTTP_USER_AGENT", "")[: 4 * AGENT_LENGTH]),  # cut first: it is a cache's key
        )
        try:
            link = self._desk.serve(slip)
        except Unavailable:
            _BUSY.inc()
            return _say(503, environ, start_response, ("Retry-After", "2"))
        if link is None:
            _MISSING.inc()
            return _say(404, environ, start_response)
        _FOUND.inc()
        headers = [("Location", link.address), ("Cache-Control", "private, no-store"), ("Content-Length", "0")]
        if not known:
            headers.append(("Set-Cookie", visitor.set_cookie(mark, secure=self._secure)))
        start_response("302 Found", headers)
        return [b""]


def beside(django: App) -> App:
    """Return the application that answers short links itself and hands everything else to `django`."""
    from django.conf import settings  # noqa: PLC0415 configured by now
    from django.db import connections  # noqa: PLC0415
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415

    from tuike.db.wire import Wire  # noqa: PLC0415
    from tuike.kit import clock  # noqa: PLC0415

    def wire() -> Wire:
        told = connections["default"].settings_dict
        names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
        given = {name: told[key] for name, key in names.items() if told.get(key)}
        asked = {
            key: value for key, value in told["OPTIONS"].items() if key.startswith("ssl") or key in {"host", "port"}
        }
        return Wire(make_conninfo(**given | asked, application_name="tuike-go"))

    base = settings.LANDING_BASE
    desk = Desk(wire, address=lambda code, ticket: f"{base}/l/{code}?t={ticket}")
    key = hashlib.blake2b(settings.FIELD_KEYS.index_key, person=b"click-ip", digest_size=32).digest()
    return Go(django, desk=desk, now=clock.now, ip_key=key, secure=settings.PRODUCTION)


def address_of(environ: Environ) -> str:
    """Return the caller's address; a proxy is believed only when it is on this machine, and only its own word."""
    peer = environ.get("REMOTE_ADDR") or ""
    told = environ.get("HTTP_X_FORWARDED_FOR")
    if told and peer.startswith(_LOOPBACK):
        return told.rsplit(",", 1)[-1].strip()[:64]
    return peer


def hash_ip(ip: str, key: bytes) -> bytes:
    """Return the keyed hash (16 bytes) that stands for an address; the address itself is kept nowhere."""
    return hashlib.blake2b(ip.encode(errors="replace"), key=key, digest_size=16).digest()


@lru_cache(maxsize=4096)
def clean(agent: str) -> str:
    """Return a User-Agent as it is kept: printable, at most 160 characters, valid text whatever was sent."""
    # WSGI hands bytes over as Latin-1; what isn't UTF-8 is shown as such.
    text = agent.encode("latin-1", "replace").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else " " for c in text).strip()[:AGENT_LENGTH]


def _say(status: int, environ: Environ, start_response: StartResponse, *more: tuple[str, str]) -> Iterable[bytes]:
    body = words.page(status, environ.get("HTTP_ACCEPT_LANGUAGE", ""))
    headers = [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        *more,
    ]
    start_response(words.STATUS[status], headers)
    return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [body]
