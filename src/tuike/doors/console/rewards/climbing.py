"""The run over the promoters' ladder at the operator's desk: its rules, who moves tonight, what runs did."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import lists
from tuike.doors.console.operator.drawn import Field, Form, asked, typed_number
from tuike.doors.console.text import T
from tuike.flows import govern_alliance as govern
from tuike.insight import grade_run
from tuike.insight.lists import grades as listed
from tuike.settings import service as settings

BY = {
    0: T("已结算成交额", "Settled sales"),
    1: T("已结算订单数", "Settled orders"),
}


def rules(request: Any) -> HttpResponse:
    """Ask what the ladder goes by, how far back it looks and how long the grace is; put it in force."""
    said = settings.read(["grade_by_orders", "grade_window_days", "grade_grace_days"])
    form = Form(
        T("升降级规则", "Rules of the ladder"),
        request.path,
        T("保存", "Save"),
        fields=[
            Field(
                "by_orders",
                T("依据", "Goes by"),
                "select",
                value=str(said["grade_by_orders"]),
                choices=[(str(key), words) for key, words in BY.items()],
            ),
            Field(
                "window_days",
                T("统计最近多少天", "Days back that count"),
                "number",
                value=str(said["grade_window_days"]),
                hint=T("整 24 小时，1–3650", "Days of 24 hours, 1 to 3,650"),
                most=4,
            ),
            Field(
                "grace_days",
                T("低于门槛多少天后降一级", "Days under the threshold until a step down"),
                "number",
                value=str(said["grade_grace_days"]),
                hint=T("0–365，每次运行最多降一级", "0 to 365; at most one step a run"),
                most=3,
            ),
        ],
        note=T(
            "保存后从下一次运行起按新规则计算，已有的等级不会立即改变；记入审计日志。",
            "The next run goes by it; nobody moves at once. It goes into the audit log.",
        ),
    )

    def work() -> T:
        govern.change_ladder(
            by_orders=request.POST.get("by_orders") == "1",
            window_days=typed_number(request, "window_days"),
            grace_days=typed_number(request, "grace_days"),
            actor=request.asker.actor,
            now=request.asker.now,
        )
        return T("规则已保存", "The rules are saved")

    return asked(request, form, work, refresh="grades-changed")


def tonight(request: Any) -> HttpResponse:
    """Show whom the next run would move where, as things stand now."""
    found = grade_run.tonight(now=request.asker.now)
    return render(request, "console/rewards/tonight.html", {"found": found, "most": grade_run.MOST_SHOWN})


def moves(request: Any) -> HttpResponse:
    """List the steps that runs made."""
    return lists.show(
        request,
        listed.MOVES,
        scope={"operator": request.asker.party_id},
        title=T("升降级记录", "Steps up and down"),
        lead=T(
            "每天运行一次，次日 0:00 生效；升级可跨级，降级每次最多一级。",
            "A run a day, in force from the next midnight; up over any steps, down one a run.",
        ),
        empty=(
            T("还没有升降级", "Nobody has moved yet"),
            T("达到门槛的推客会在下一次运行时升级。", "Who reaches a threshold goes up with the next run."),
        ),
    )
