"""Gives each request a name, writes its one log line, counts it."""

import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from tuike.doors.web import metrics

HEADER = "X-Request-ID"
RETRY_SECONDS = "5"
_AWAY = "服务暂时不可用，请稍后再试。\nThe service is not available now; try again soon.\n"
_SANE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$")
_QUIET = {"ops:healthz", "ops:readyz", "ops:metrics"}  # asked every few seconds by machines

log = structlog.get_logger("tuike.request")


class RequestLog:
    """The outermost middleware: whatever happens below has its log line.

    `request.request_id` is the caller's own name for the request where it sent a sane one, else a fresh one; the answer
    carries it. A door that learns who asks binds `person_id` and `seat_id` to structlog's context variables.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request and say so."""
        request_id = named(request.headers.get(HEADER, ""))
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        response = self._get_response(request)
        seconds = time.perf_counter() - began
        route = _route(request)
        method, status = request.method or "", response.status_code
        metrics.count(route=route, method=method, status=status, seconds=seconds)
        say = log.debug if route in _QUIET else log.error if status >= 500 else log.info
        say("request", method=method, route=route, path=request.path, status=status, ms=round(seconds * 1000, 1))
        response.headers[HEADER] = request_id
        return response


class Unavailable:
    """Answers 503 for a page that the database couldn't be asked for; doors with a form of their own never get here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]):
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Hand the request on."""
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Return the answer when it is the database that is away, None for everything else."""
        if not isinstance(problem, (OperationalError, InterfaceError)):
            return None
        log.error("database_unreachable", error=type(problem).__name__)
        answer = HttpResponse(_AWAY, status=503, content_type="text/plain; charset=utf-8")
        answer.headers["Retry-After"] = RETRY_SECONDS
        answer.headers["Cache-Control"] = "no-store"
        return answer


def named(given: str) -> str:
    """Return the caller's name for a request if it is 8 to 64 plain characters, else a fresh one."""
    return given if _SANE.match(given) else uuid.uuid4().hex


def _route(request: HttpRequest) -> str:
    """Return the name of the route, `-` when none was found: a path would make a series for each typing error."""
    match = request.resolver_match
    return getattr(request, "route_name", None) or (match.view_name or match.route if match else "-")
