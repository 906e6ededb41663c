"""The live page, its wall for a big screen, and what both ask for while no stream reaches them."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.live import shown
from tuike.doors.console.live.provinces import TILES
from tuike.doors.console.text import T
from tuike.insight.live.following import today
from tuike.insight.live.types import Room

_PAID = {
    "operator": T("今日成交额", "Paid today"),
    "merchant": T("今日成交额", "Paid today"),
    "promoter": T("今日推广成交额", "Paid through you today"),
    "leader": T("今日活动成交额", "Paid for led goods today"),
}
_EARNED = {
    "operator": T("预估佣金", "Estimated commission"),
    "merchant": T("预估佣金支出", "Estimated commission to pay"),
    "promoter": T("预估收入", "Estimated earnings"),
    "leader": T("预估服务费", "Estimated service fees"),
}
_ROLES = {
    "direct": T("直推", "Direct"),
    "self": T("自购", "Own purchases"),
    "bonus": T("奖励", "Bonuses"),
    "tier2": T("二级", "Tier 2"),
    "tier3": T("三级", "Tier 3"),
    "leader": T("团长服务费", "Leaders' fees"),
}
"""Roles by which commission is shown; a leader has one only, which its figure says already."""


def page(request: HttpRequest) -> HttpResponse:
    """Show the day of the asker's party; it goes on by itself."""
    return _drawn(request, "console/live/page.html")


def wall(request: HttpRequest) -> HttpResponse:
    """Show the same for a big screen: nothing but the board, dark, as large as the screen is."""
    return _drawn(request, "console/live/wall.html")


def data(request: HttpRequest) -> HttpResponse:
    """Return the day as it stands now, as a stream would tell it."""
    return JsonResponse(_told(request.asker), json_dumps_params={"ensure_ascii": False})  # type: ignore[attr-defined]


def _drawn(request: HttpRequest, template: str) -> HttpResponse:
    asker = request.asker  # type: ignore[attr-defined]
    kind, base = asker.party.kind.value, _base(request)
    context = {
        "told": _told(asker),
        "kind": kind,
        "with_buyers": kind in shown.WITH_BUYERS,
        "paid_words": _PAID[kind],
        "earned_words": _EARNED[kind],
        "roles": list(_ROLES.items()) if kind != "leader" else [],
        "tiles": TILES,
        "page": answers.url(request, "live"),
        "wall": answers.url(request, "live-wall"),
        "poll": answers.url(request, "live-data"),
        "stream": f"{base}/live/{kind}/{asker.party.no}" if base else "",
    }
    answer = render(request, template, context)
    answer.headers["Content-Security-Policy"] = answers.policy(connect=base)
    return answer


def _told(asker: Any) -> dict[str, Any]:
    room = Room(asker.party.kind.value, asker.party_id)
    return shown.told(today(room, now=asker.now), room=room, party_no=asker.party.no) | shown.watermark(asker.now)


def _base(request: HttpRequest) -> str:
    """Return the streams' address as this browser reaches it, empty where their process doesn't run."""
    if not settings.LIVE_ON:
        return ""
    if settings.LIVE_BASE:
        return settings.LIVE_BASE
    host = request.get_host().rpartition(":")[0] if _has_port(request.get_host()) else request.get_host()
    return f"{request.scheme}://{host}:{settings.LIVE_PORT}"


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdigit() and not host.endswith("]")
