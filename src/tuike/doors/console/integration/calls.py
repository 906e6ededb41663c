"""The calls that a party's software made in the last seven days, and how many it may make."""

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.apps import queries, service
from tuike.apps.types import Door
from tuike.doors.console import answers, lists
from tuike.doors.console.text import T, Tag
from tuike.insight.lists.apps import CALLS, CLASSES, DOORS
from tuike.kit.days import SHANGHAI

HOUR = timedelta(hours=1)


def page(request: Any) -> HttpResponse:
    """List the calls, the latest first."""
    asker = request.asker
    return lists.show(
        request,
        CALLS,
        scope={"party": asker.party_id},
        title=T("调用日志", "Call log"),
        lead=T(
            "保留 7 天，不含请求与响应内容。向我们反馈问题时请提供请求编号。",
            "Kept for 7 days, without what was sent or answered. Tell us the request id when you ask about one.",
        ),
        row=lambda data: answers.url(request, "call", call_id=data["path__id"]),
        empty=(
            T("还没有调用记录", "No calls yet"),
            T(
                "您的系统首次成功通过身份校验后，调用会出现在这里。",
                "Calls stand here once your software has proved who it is for the first time.",
            ),
        ),
    )


def one(request: Any, *, call_id: int) -> HttpResponse:
    """Show one call."""
    found = queries.call(party_id=request.asker.party_id, call_id=call_id)
    words = CLASSES[_class(found.status, found.code)]
    context = {
        "one": found,
        "tag": Tag(T(*words[:2]), words[2]),
        "door": T(*DOORS[found.door.value][:2]),
        "problem": f"/api/v1/problems/{found.code}" if found.door is Door.API and found.code else "",
    }
    return answers.drawer(request, "console/integration/call.html", context)


def limits(request: Any) -> HttpResponse:
    """Show how many calls a minute are allowed, and how many were made hour by hour in the last day."""
    asker = request.asker
    most = service.calls_a_minute(party_id=asker.party_id)
    busiest_at, busiest = queries.busiest_minute(asker.party_id, now=asker.now)
    hours = _hours(queries.calls_by_hour(asker.party_id, now=asker.now), asker.now)
    context = {
        "most": most,
        "own": queries.own_quota(asker.party_id) is not None,
        "total": sum(sum(calls.values()) for _, calls in hours),
        "busiest": busiest,
        "busiest_at": busiest_at,
        "tight": busiest * 5 >= most * 4,
        "hours": [(hour, calls[Door.API], calls[Door.UNION]) for hour, calls in hours],
        "chart": _chart(hours, zh=asker.zh),
    }
    return render(request, "console/integration/limits.html", context)


def _class(status: int, code: str) -> str:
    if status >= 500:
        return "failed"
    if status == 429 or code == "too_many_calls":
        return "limited"
    return "refused" if status >= 400 or code else "done"


def _hours(counted: list[tuple[datetime, Door, int]], now: datetime) -> list[tuple[datetime, dict[Door, int]]]:
    """Return every hour of the last day with its calls at each door, the empty ones too."""
    this = now.replace(minute=0, second=0, microsecond=0)
    hours = {this - n * HOUR: dict.fromkeys(Door, 0) for n in range(24, -1, -1)}
    for hour, door, calls in counted:
        if hour in hours:
            hours[hour][door] += calls
    return list(hours.items())


def _chart(hours: list[tuple[datetime, dict[Door, int]]], *, zh: bool) -> dict[str, Any]:
    """Return the chart: a column an hour, the doors on top of each other."""
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "itemWidth": 14, "itemHeight": 8},
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": [f"{hour.astimezone(SHANGHAI):%H:00}" for hour, _ in hours]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {
                "name": T(*DOORS[door.value][:2]).say(zh),
                "type": "bar",
                "stack": "calls",
                "data": [calls[door] for _, calls in hours],
            }
            for door in Door
        ],
    }
