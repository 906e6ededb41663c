"""Every no of this door as an RFC 9457 problem, and the page that explains each (docs/user/api.md, Errors)."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.utils.html import format_html
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field, create_model

from tuike.apps.types import TooManyCalls
from tuike.doors.web.described import NotJson
from tuike.doors.web.said import said, wrong
from tuike.gateways.config import ConfigError
from tuike.gateways.types import Refused, Unreachable
from tuike.insight.lists.types import BadFilter
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.library.types import BadPage

log = structlog.get_logger(__name__)
RETRY_SECONDS = 5
BASE = "/api/v1/problems/"
MEDIA_TYPE = "application/problem+json"
_HOLE = re.compile(r"\{[a-z_]+\}")


FieldProblem = create_model(
    "FieldProblem",
    __base__=Schema,
    __doc__="What is wrong with one value.",
    **{
        "in": (str, Field(description="`body`, `query` or `header`.")),
        "pointer": (str, Field(description="A JSON pointer into it.")),
        "detail": (str, ...),
    },
)


class Problem(Schema):
    """A refusal as RFC 9457 has it. `type` and `code` are stable; the texts follow `Accept-Language` (zh, en)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[FieldProblem]


class CredentialsMissing(Refusal):
    """Neither a token nor a signature came with the call."""

    code = "credentials_missing"
    status = 401
    zh = "请提供访问令牌（Authorization: Bearer …）或签名请求头"
    en = "Send an access token (Authorization: Bearer …) or sign the call."


class WrongParty(Refusal):
    """The app is of a party of another kind."""

    code = "wrong_party"
    status = 403
    zh = "该接口不面向您的主体类型"
    en = "This is not for your kind of party."


_BARE = {
    400: ("malformed", "请求格式不正确", "The request can't be read."),
    404: ("not_found", NotFound.zh, NotFound.en),
    405: ("method_not_allowed", "该地址不支持此方法", "This address does not take this method."),
    411: ("length_required", "请在请求头中给出 Content-Length", "Send a Content-Length."),
    413: ("too_large", "请求内容过大：最多 1 MB，订单上报 8 MB", "The request is too large: 1 MB, order reports 8 MB."),
    415: ("not_json", "请以 application/json 发送", "Send application/json."),
    422: ("invalid", "请求内容不符合要求", "The request holds something wrong."),
    500: ("internal", "服务出错，已记录", "Something failed here; it has been recorded."),
    503: ("unavailable", "服务暂时不可用，请稍后再试", "The service is not available now; try again soon."),
}
_PROVIDER = {
    "wechat_refused": (409, "微信拒绝了该请求", "WeChat refused this."),
    "wechat_unreachable": (503, "微信暂时没有响应，请稍后再试", "WeChat does not answer now; try again soon."),
    "wechat_not_configured": (503, "微信接入尚未配置完整", "The connection with WeChat is not configured."),
}


def problem(
    request: HttpRequest, status: int, code: str, words: tuple[str, str], *,
    title: tuple[str, str] | None = None, errors: Sequence[dict[str, str]] = (), retry: int = 0,
) -> HttpResponse:  # fmt: skip
    """Return a refusal: `words` say this case, `title` the code in general; `retry`: seconds until another try."""
    shown: dict[str, Any] = {
        "type": BASE + code,
        "title": said(*(title or words)),
        "status": status,
        "detail": said(*words),
        "code": code,
        "request_id": getattr(request, "request_id", ""),
        "errors": list(errors),
    }
    answer = JsonResponse(shown, status=status, json_dumps_params={"ensure_ascii": False}, content_type=MEDIA_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    if retry or status == 503:
        answer.headers["Retry-After"] = str(retry or RETRY_SECONDS)
    if status == 401:
        answer.headers["WWW-Authenticate"] = 'Bearer realm="tuike"'
    request.refused = code  # type: ignore[attr-defined]
    return answer


def by_status(request: HttpRequest, status: int) -> HttpResponse:
    """Return the refusal that stands for a bare HTTP status."""
    code, zh, en = _BARE.get(status, _BARE[400])
    return problem(request, status if status in _BARE else 400, code, (zh, en))


def refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """Return a refusal that a verb raised; one that is `about` one of several says which, and points at its place."""
    words = (refusal.sentence("zh"), refusal.sentence("en"))
    if refusal.about:
        words = (f"{refusal.about}：{words[0]}", f"{refusal.about}: {words[1]}")
    errors: list[dict[str, str]] = []
    place = list(getattr(request, "refused_at", ()))
    if isinstance(refusal, Invalid):
        where = "body" if request.method in ("POST", "PUT", "PATCH") else "query"
        reason = said(str(refusal.details["reason_zh"]), str(refusal.details["reason_en"]))
        pointer = _pointer([*place, *str(refusal.details["field"]).split("/")])
        errors = [{"in": where, "pointer": pointer, "detail": reason}]
    elif place:
        errors = [{"in": "body", "pointer": _pointer(place), "detail": said(*words)}]
    elif isinstance(refusal, BadFilter | BadPage):
        name = refusal.field if isinstance(refusal, BadFilter) else "after"
        errors = [{"in": "query", "pointer": _pointer([name]), "detail": said(*words)}]
    retry = int(str(refusal.details["resets_in"])) if isinstance(refusal, TooManyCalls) else 0
    title = (_general(refusal.zh), _general(refusal.en))
    return problem(request, refusal.status, refusal.code, words, title=title, errors=errors, retry=retry)


def install(api: NinjaAPI) -> None:
    """Let the API answer everything that can be raised below it."""
    handlers: dict[type[Exception], Any] = {
        Refusal: refuse,
        ValidationError: lambda request, error: _invalid(request, error.errors),
        AuthenticationError: lambda request, _: refuse(request, CredentialsMissing()),
        HttpError: _http_error,
        Http404: lambda request, _: by_status(request, 404),
        RequestDataTooBig: lambda request, _: by_status(request, 413),
        UnreadablePostError: lambda request, _: by_status(request, 400),
        Refused: lambda request, error: _provider(request, "wechat_refused", error.operation),
        Unreachable: lambda request, error: _provider(request, "wechat_unreachable", error.operation),
        ConfigError: lambda request, error: _provider(request, "wechat_not_configured", str(error)),
        OperationalError: _database_gone,
        InterfaceError: _database_gone,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def explained(request: HttpRequest, code: str) -> HttpResponse:
    """Explain a problem's type in both languages: JSON, or a page for whoever asks for HTML."""
    found = {known: (status, zh, en) for known, status, zh, en in known_problems()}.get(code)
    if found is None:
        return by_status(request, 404)
    status, zh, en = found
    if "text/html" in request.headers.get("Accept", ""):
        page = (
            '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>{}</title>'
            '<body style="font:16px/1.6 sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem">'
            '<h1><code>{}</code></h1><p>HTTP {}</p><p>{}</p><p lang="en">{}</p></body></html>'
        )
        return HttpResponse(format_html(page, code, code, status, zh, en))
    shown = {"type": BASE + code, "code": code, "status": status, "title": {"zh": zh, "en": en}}
    return JsonResponse(shown, json_dumps_params={"ensure_ascii": False})


def known_problems() -> Iterator[tuple[str, int, str, str]]:
    """Yield every code that this door can answer: code, status, the sentence in Chinese and in English."""
    yield from ((code, status, zh, en) for status, (code, zh, en) in _BARE.items())
    yield from ((code, status, zh, en) for code, (status, zh, en) in _PROVIDER.items())
    waiting: list[type[Refusal]] = [*Refusal.__subclasses__()]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind not in (Invalid, NotFound):
            yield kind.code, kind.status, _general(kind.zh), _general(kind.en)


def _general(sentence: str) -> str:
    """Return a refusal's sentence without what only one case can fill in."""
    return _HOLE.sub("…", sentence)


def _pointer(parts: Sequence[str]) -> str:
    return "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in parts)


def _invalid(request: HttpRequest, found: Sequence[dict[str, Any]]) -> HttpResponse:
    """Name each value that is wrong and why, never what stood in it."""
    if any(error["loc"][:1] == ("path",) for error in found):
        return by_status(request, 404)  # no address of ours looks like this
    errors = []
    for error in found[:20]:
        parts, zh, en = wrong(error)
        where = str(error["loc"][0]) if error["loc"] else "body"
        errors.append({"in": where, "pointer": _pointer(parts), "detail": said(zh, en)})
    code, zh, en = _BARE[422]
    if errors:
        first, (_, zh_why, en_why) = errors[0], wrong(found[0])
        zh, en = f"{first['pointer']}：{zh_why}", f"{first['pointer']} {en_why}."
    return problem(request, 422, code, (zh, en), title=_BARE[422][1:], errors=errors)


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    cause = error.__cause__
    if isinstance(cause, RequestDataTooBig):
        return by_status(request, 413)
    return by_status(request, 415 if isinstance(cause, NotJson) else error.status_code)


def _provider(request: HttpRequest, code: str, about: str) -> HttpResponse:
    log.warning(code, about=about)
    status, zh, en = _PROVIDER[code]
    return problem(request, status, code, (zh, en))


def _database_gone(request: HttpRequest, error: Exception) -> HttpResponse:
    log.error("database_unreachable", error=type(error).__name__)
    return by_status(request, 503)


def _unexpected(request: HttpRequest, error: Exception) -> HttpResponse:
    log.exception("call_failed", error=type(error).__name__)
    return by_status(request, 500)
