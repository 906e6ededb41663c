"""`POST /hooks/wechatpay/{pay|refund|transfer}` (WeChat Pay, 支付通知, 退款结果通知, 商家转账通知)."""

import structlog
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from prometheus_client import Counter

from tuike.doors.web.soon import soon
from tuike.flows.keep_notice import keep_notice
from tuike.gateways.config import ConfigError
from tuike.gateways.types import Forged, ForgedReason, NoticeKind
from tuike.kit import clock

KINDS = frozenset({"pay", "refund", "transfer"})
_JOBS = {
    NoticeKind.PAYMENT: "confirm_payments",
    NoticeKind.REFUND: "confirm_refunds",
    NoticeKind.TRANSFER: "record_payout_notices",
}
NOT_SIGNED = frozenset(
    {
        ForgedReason.MISSING_HEADER,
        ForgedReason.SIGNATURE_TYPE,
        ForgedReason.UNKNOWN_SERIAL,
        ForgedReason.STALE,
        ForgedReason.BAD_SIGNATURE,
    }
)
FORGED = Counter("tuike_hook_forged_total", "Notices that were refused", ["kind", "reason"])
KEPT = Counter("tuike_hook_kept_total", "Notices that were kept, repeated ones too", ["kind"])
security = structlog.get_logger("tuike.security")
log = structlog.get_logger(__name__)


@csrf_exempt
@require_POST
def wechatpay(request: HttpRequest, kind: str) -> HttpResponse:
    """Keep a verified notice and answer 204; anything else isn't answered with success, so that WeChat tries again.

    A notice goes by what it says, not by the address it came to.
    """
    if kind not in KINDS:
        return _answer(404, "没有这个通知地址")
    try:
        body = request.body
    except (RequestDataTooBig, UnreadablePostError):
        return _forged(kind, ForgedReason.TOO_LARGE)
    try:
        kept = keep_notice(headers=request.headers, body=body, now=clock.now())
    except Forged as forged:
        return _forged(kind, forged.reason)
    except (DatabaseError, InterfaceError) as problem:
        log.error("notice_not_kept", kind=kind, error=type(problem).__name__)
        return _answer(503, "暂时无法保存通知，请稍后重试")
    except ConfigError as problem:
        log.error("notice_not_read", kind=kind, error=str(problem))
        return _answer(503, "支付配置不完整")
    KEPT.labels(kind).inc()
    if kept in _JOBS:
        soon(_JOBS[kept])
    return HttpResponse(status=204)


def _forged(kind: str, reason: ForgedReason) -> HttpResponse:
    """Say no, and say so in the security log: by reason and without anything that the stranger wrote."""
    FORGED.labels(kind, str(reason)).inc()
    security.warning("notice_forged", kind=kind, reason=str(reason))
    return _answer(401 if reason in NOT_SIGNED else 400, "通知验证失败")


def _answer(status: int, message: str) -> HttpResponse:
    """Answer in WeChat Pay's own form."""
    body = {"code": "FAIL", "message": message}
    answer = JsonResponse(body, status=status, json_dumps_params={"ensure_ascii": False})
    if status == 503:
        answer.headers["Retry-After"] = "5"
    return answer
