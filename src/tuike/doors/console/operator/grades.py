"""The promoters' ladder: its steps, and who is put on one."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Field, Form, asked, typed_bps, typed_fen, typed_number
from tuike.doors.console.text import T, day_shown, money_shown, rate_shown
from tuike.flows import govern_alliance as govern
from tuike.insight import grade_run
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.parties.types import UnknownParty
from tuike.plans import queries as plans
from tuike.plans.types import GradeShown
from tuike.settings import service as settings


def page(request: Any) -> HttpResponse:
    """Show the ladder, with how many stand on each step."""
    standing = plans.standing_on_grades(at=request.asker.now)
    steps = [(step, standing.get(step.grade_id, 0)) for step in plans.ladder()]
    context = {
        "steps": steps,
        "may": request.asker.may("operator-grade-add", "POST"),
        "may_rule": request.asker.may("operator-grade-rules", "POST"),
        "said": settings.read(["grade_by_orders", "grade_window_days", "grade_grace_days"]),
        "runs": grade_run.runs(now=request.asker.now),
    }
    return render(request, "console/operator/grades.html", context)


def add(request: Any) -> HttpResponse:
    """Ask for a new step, and add it."""
    form = Form(
        T("新建等级", "Add a grade"),
        request.path,
        T("新建", "Add"),
        fields=[
            Field("name", T("名称", "Name"), most=20),
            Field("rank", T("级别", "Rank"), "number", hint=T("1–100，越大越高", "1 to 100, higher is better"), most=3),
            *_fields(None),
        ],
        note=_NOTE,
    )

    def work() -> T:
        name, rank = request.POST.get("name", ""), typed_number(request, "rank")
        govern.add_grade(name=name, rank=rank, key=asker_key(request), **_given(request), **_by(request))
        return T("等级已新建", "The grade was added")

    return asked(request, form, work, refresh="grades-changed")


def change(request: Any, *, grade_id: int) -> HttpResponse:
    """Ask for a step's threshold and addition, and change them."""
    step = next((one for one in plans.ladder() if one.grade_id == grade_id), None)
    if step is None:
        raise NotFound
    form = Form(
        T("修改等级", "Change the grade"),
        request.path,
        T("保存", "Save"),
        fields=_fields(step),
        facts=[(T("等级", "Grade"), step.name, "text")],
        note=_NOTE,
    )

    def work() -> T:
        written = govern.change_grade(grade_id=grade_id, **_given(request), **_by(request))
        return T("已保存，{day} 0:00 起生效", "Saved, in force from {day} 0:00").fill(
            day=day_shown(written.effective_at)
        )

    return asked(request, form, work, refresh="grades-changed")


def put(request: Any) -> HttpResponse:
    """Ask which promoter stands on which step, from the next midnight on."""
    choices = [("", T("不在任何等级", "On no grade"))]
    choices += [(str(step.grade_id), f"{step.name} · +{rate_shown(step.extra_bps)}") for step in plans.ladder()]
    form = Form(
        T("设置推客等级", "Put a promoter on a grade"),
        request.path,
        T("保存", "Save"),
        fields=[
            Field("promoter_no", T("推客编号", "Promoter's number"), most=24),
            Field("grade", T("等级", "Grade"), "select", choices=choices, required=False),
        ],
        note=T("{day} 0:00 起生效。", "In force from {day} 0:00.").fill(
            day=day_shown(next_midnight(request.asker.now))
        ),
    )

    def work() -> T:
        grade = typed_number(request, "grade") if request.POST.get("grade") else None
        try:
            govern.set_grade(promoter_no=request.POST.get("promoter_no", "").strip(), grade_id=grade, **_by(request))
        except UnknownParty as error:
            raise Invalid(
                field="promoter_no", reason_zh="没有这位推客", reason_en="there is no such promoter"
            ) from error
        return T("已保存", "Saved")

    return asked(request, form, work, refresh="grades-changed")


_NOTE = T(
    "加成加在直推佣金率上，次日 0:00 生效；与商家最高佣金率合计不得超过 90%。",
    "It is added to direct commission from the next midnight; with the shops' highest rates at most 90 %.",
)


def _fields(step: GradeShown | None) -> list[Field]:
    threshold = money_shown(step.threshold_fen).removeprefix("¥").replace(",", "") if step else ""
    extra = rate_shown(step.extra_bps).removesuffix("%") if step else ""
    return [
        Field(
            "threshold_fen",
            T("所需已结算成交额", "Settled sales it takes"),
            "yuan",
            value=threshold,
        ),
        Field(
            "threshold_orders",
            T("所需已结算订单数", "Settled orders it takes"),
            "number",
            value=str(step.threshold_orders) if step else "0",
            hint=T("按订单数升级时使用", "Where the ladder goes by orders"),
            most=10,
        ),
        Field("extra_bps", T("佣金加成", "Addition to the rate"), "percent", value=extra),
    ]


def _given(request: Any) -> dict[str, int]:
    return {
        "threshold_fen": typed_fen(request, "threshold_fen"),
        "threshold_orders": typed_number(request, "threshold_orders"),
        "extra_bps": typed_bps(request, "extra_bps") or 0,
    }


def _by(request: Any) -> dict[str, Any]:
    return {"actor": request.asker.actor, "now": request.asker.now}
