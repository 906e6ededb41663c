"""Every no of this door in one form, and the way from what was raised to it."""

from collections.abc import Sequence
from typing import Any

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import BaseModel

from tuike.doors.web.said import chinese, said, wrong
from tuike.gateways.config import ConfigError
from tuike.gateways.types import BadCode, Refused, RiskyUser, TooOften, Unreachable
from tuike.kit.errors import Refusal

log = structlog.get_logger(__name__)
RETRY_SECONDS = 5


class Problem(BaseModel):
    """A refusal: `code` is stable, `message` a sentence for the reader."""

    code: str
    message: str


class NotSignedIn(Refusal):
    """No bearer token came with the request."""

    code = "not_signed_in"
    status = 401
    zh = "请先登录"
    en = "Sign in first."


class PartyNeeded(Refusal):
    """The person sits in several parties of the kind and named none."""

    code = "party_needed"
    status = 422
    zh = "您在多个主体中有席位，请用 Tuike-Party 指明其中一个"
    en = "You have seats in several parties; name one in Tuike-Party."


class CodeNotTaken(Refusal):
    """WeChat doesn't take the code."""

    code = "wechat_code_invalid"
    status = 422
    zh = "微信授权码无效或已使用，请重新获取"
    en = "WeChat does not take this code; get a new one."


class WeChatBlocks(Refusal):
    """WeChat blocks this user."""

    code = "wechat_user_blocked"
    status = 403
    zh = "微信限制了该用户登录"
    en = "WeChat blocks this user's login."


class WeChatRefuses(Refusal):
    """WeChat said a definite no to something else."""

    code = "wechat_refused"
    status = 409
    zh = "微信拒绝了该请求（{provider_code}），请刷新后重试"
    en = "WeChat refused this ({provider_code}); reload and try again."


_STATUS = {
    400: ("malformed", "请求格式不正确", "The request can't be read."),
    404: ("not_found", "没有找到", "Not found."),
    405: ("method_not_allowed", "该地址不支持此方法", "This address does not take this method."),
    413: ("too_large", "请求内容超过 1 MB", "The request is larger than 1 MB."),
    415: ("not_json", "请以 application/json 发送", "Send application/json."),
}


def problem(status: int, code: str, message: str, *, retry: bool = False) -> HttpResponse:
    """Return a refusal as this door says it; `retry`: the caller may try again in a few seconds."""
    answer = JsonResponse({"code": code, "message": message}, status=status, json_dumps_params={"ensure_ascii": False})
    answer.headers["Cache-Control"] = "no-store"
    if retry:
        answer.headers["Retry-After"] = str(RETRY_SECONDS)
    if status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def by_status(status: int) -> HttpResponse:
    """Return the refusal that stands for a bare HTTP status."""
    code, zh, en = _STATUS.get(status, _STATUS[400])
    return problem(status, code, said(zh, en))


def refuse(refusal: Refusal) -> HttpResponse:
    """Return a refusal that a verb raised."""
    return problem(refusal.status, refusal.code, refusal.sentence("zh" if chinese() else "en"))


def install(api: NinjaAPI) -> None:
    """Let the API answer everything that can be raised below it."""
    handlers: dict[type[Exception], Any] = {
        Refusal: lambda _, error: refuse(error),
        ValidationError: lambda _, error: _invalid(error.errors),
        AuthenticationError: lambda *_: refuse(NotSignedIn()),
        HttpError: lambda _, error: by_status(error.status_code),
        Http404: lambda *_: by_status(404),
        RequestDataTooBig: lambda *_: by_status(413),
        UnreadablePostError: lambda *_: by_status(400),
        Refused: _wechat_said_no,
        Unreachable: _wechat_silent,
        ConfigError: _not_configured,
        OperationalError: _database_gone,
        InterfaceError: _database_gone,
    }
    for kind, handler in handlers.items():
        api.add_exception_handler(kind, handler)


def _invalid(errors: Sequence[dict[str, Any]]) -> HttpResponse:
    """Name the first field that is wrong and why, never what stood in it."""
    first: dict[str, Any] = errors[0] if errors else {"loc": (), "type": ""}
    if first["loc"][:1] == ("path",):
        return by_status(404)  # no address of ours looks like this
    parts, zh, en = wrong(first)
    shown = ".".join(parts)
    return problem(422, "invalid", said(f"{shown}：{zh}", f"{shown} {en}."))


def _wechat_said_no(request: HttpRequest, error: Refused) -> HttpResponse:
    log.warning("wechat_refused", operation=error.operation, code=error.provider_code)
    if isinstance(error, BadCode):
        return refuse(CodeNotTaken())
    if isinstance(error, RiskyUser):
        return refuse(WeChatBlocks())
    if isinstance(error, TooOften):
        return _wechat_silent(request, error)
    return refuse(WeChatRefuses(provider_code=error.provider_code[:40]))


def _wechat_silent(_: HttpRequest, error: Unreachable | Refused) -> HttpResponse:
    log.warning("wechat_unreachable", operation=error.operation)
    return problem(
        503,
        "wechat_unreachable",
        said("微信暂时没有响应，请稍后再试", "WeChat does not answer now; try again soon."),
        retry=True,
    )


def _not_configured(_: HttpRequest, error: ConfigError) -> HttpResponse:
    log.error("wechat_not_configured", error=str(error))
    message = said("微信接入尚未配置完整", "The connection with WeChat is not configured.")
    return problem(503, "wechat_not_configured", message, retry=True)


def _database_gone(_: HttpRequest, error: Exception) -> HttpResponse:
    log.error("database_unreachable", error=type(error).__name__)
    message = said("服务暂时不可用，请稍后再试", "The service is not available now; try again soon.")
    return problem(503, "unavailable", message, retry=True)
