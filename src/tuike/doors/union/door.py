"""The way of every call: prove who calls, count, read, do, answer, note."""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from tuike.apps import service as apps
from tuike.apps.types import App, CallFacts, Door, ScopeMissing
from tuike.doors.union import reading, refusing
from tuike.doors.union.calls import Asked, Call
from tuike.doors.union.kinds import read_all
from tuike.doors.union.refusing import CallUnknown, GetRequired, NotYourCall, PostRequired, TokenMalformed, TokenMissing
from tuike.doors.web.calls import calls
from tuike.kit import clock
from tuike.kit.errors import Refusal
from tuike.parties.types import PartyKind

WHO = {PartyKind.PROMOTER: ("推客", "promoters"), PartyKind.MERCHANT: ("商家", "merchants")}
LONGEST_TOKEN = 512
log = structlog.get_logger(__name__)


def answering(call: Call) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view of a call."""

    @csrf_exempt
    def view(request: HttpRequest) -> HttpResponse:
        return _answer(request, call)

    return view


@csrf_exempt
def missing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer for what is no call."""
    return _said(refusing.refused(CallUnknown(), request_id=_name(request)))


def _answer(request: HttpRequest, call: Call) -> HttpResponse:
    """Answer a call; whoever it is by then, its line goes into the log of calls."""
    began, now, request_id = time.perf_counter_ns(), clock.now(), _name(request)
    who: list[App] = []
    code = ""
    try:
        answer = {"errcode": 0, "errmsg": "ok"} | dict(_done(request, call, who, now, request_id))
    except Refusal as refusal:
        code = refusal.code
        answer = refusing.refused(refusal, request_id=request_id)
    except (OperationalError, InterfaceError) as error:
        log.error("database_unreachable", error=type(error).__name__)
        code, who = "unavailable", []
        answer = refusing.busy(request_id=request_id)
    if who:
        took_ms = (time.perf_counter_ns() - began) // 1_000_000
        party_id, tail = who[0].party.id, who[0].token_tail
        facts = CallFacts(party_id, now, Door.UNION, call.method, call.path, 200, code, took_ms, request_id, tail)
        calls.note(facts)
    return _said(answer)


def _done(request: HttpRequest, call: Call, who: list[App], now: datetime, request_id: str) -> Any:
    """Do a call and return its answer; `who` gets the caller as soon as it is proved."""
    if request.method != call.method:
        raise GetRequired if call.method == "GET" else PostRequired
    query = reading.query(request)
    if call.who is None:
        asked = Asked(None, _given(request, call), now, request_id)
        answer = dict(call.do(asked))
        who.append(apps.check_token(token=answer["access_token"], now=now))
        apps.count_call(party_id=who[0].party.id, door=Door.UNION, now=now)
        return answer
    app = _caller(query.get("access_token", ""), now)
    who.append(app)
    structlog.contextvars.bind_contextvars(party_id=app.party.id)
    apps.count_call(party_id=app.party.id, door=Door.UNION, now=now)
    if app.party.kind is not call.who:
        zh, en = WHO[call.who]
        raise NotYourCall(who_zh=zh, who_en=en)
    if call.scope not in app.scopes:  # a personal token; what is exchanged may do all that its party may
        raise ScopeMissing(scope=call.scope)
    return call.do(Asked(app, _given(request, call), now, request_id))


def _caller(token: str, now: datetime) -> App:
    """Return whose token it is.

    Raises:
        TokenMissing, TokenMalformed. UnknownToken, TokenOver, NotCertified, Suspended: see apps.check_token.
    """
    if not token:
        raise TokenMissing
    if len(token) > LONGEST_TOKEN or not (token.isascii() and token.isprintable()):
        raise TokenMalformed
    return apps.check_token(token=token, now=now)


def _given(request: HttpRequest, call: Call) -> dict[str, Any]:
    raw = reading.from_query(request.GET) if call.method == "GET" else reading.from_body(request)
    return read_all(call.asks, raw)


def _said(answer: dict[str, Any]) -> HttpResponse:
    response = JsonResponse(answer, json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})
    response.headers["Cache-Control"] = "no-store"
    return response


def _name(request: HttpRequest) -> str:
    return getattr(request, "request_id", "")
