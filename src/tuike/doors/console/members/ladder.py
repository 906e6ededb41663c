"""The operator's members, and the ladder of levels."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import lists
from tuike.doors.console.members.finding import phone_searched
from tuike.doors.console.operator.drawn import Field, Form, asked, typed_number
from tuike.doors.console.text import T
from tuike.insight.lists.members import MALL_MEMBERS
from tuike.kit.errors import NotFound
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import LevelTerms

_EMPTY = LevelTerms(name_zh="", name_en="", growth_needed=0)


def page(request: Any) -> HttpResponse:
    """List the mall's members."""
    return lists.show(
        request,
        MALL_MEMBERS,
        scope={"phone_of": phone_searched(request)},
        title=T("会员", "Members"),
        lead=T("有成长值的会员；个人信息不在此显示。", "Members who have grown; personal data isn't shown here."),
        export=False,
        empty=(
            T("还没有会员", "No members yet"),
            T("订单完成后会员会出现在这里。", "They appear when orders are completed."),
        ),
    )


def levels(request: Any) -> HttpResponse:
    """Show the ladder."""
    context = {"steps": members_of.ladder(), "may": request.asker.may("operator-level-add", "POST")}
    return render(request, "console/members/levels.html", context)


def add(request: Any) -> HttpResponse:
    """Ask for a new step, and add it."""
    return _asked(request, T("新建会员等级", "Add a level"), _EMPTY, members_of.ladder())


def change(request: Any, *, growth: int) -> HttpResponse:
    """Ask for what a step should be, and change it."""
    steps = members_of.ladder()
    one = _step(steps, growth)
    return _asked(request, T("修改会员等级", "Change the level"), one, [step for step in steps if step != one])


def remove(request: Any, *, growth: int) -> HttpResponse:
    """Ask, and take a step out of the ladder."""
    steps = members_of.ladder()
    one = _step(steps, growth)
    form = Form(
        T("删除会员等级", "Remove the level"),
        request.path,
        T("删除", "Remove"),
        facts=[(T("等级", "Level"), T(one.name_zh, one.name_en), "text")],
        note=T("会员立即按剩余等级计算。", "Members stand on what is left at once."),
        danger=True,
    )

    def work() -> T:
        kept = [step for step in steps if step != one]
        members.set_ladder(levels=kept, actor=request.asker.actor, now=request.asker.now)
        return T("等级已删除", "The level was removed")

    return asked(request, form, work, refresh="levels-changed")


def _asked(request: Any, title: T, one: LevelTerms, others: list[LevelTerms]) -> HttpResponse:
    form = Form(
        title,
        request.path,
        T("保存", "Save"),
        fields=[
            Field("name_zh", T("名称（中文）", "Name (Chinese)"), value=one.name_zh, most=20),
            Field("name_en", T("名称（英文）", "Name (English)"), value=one.name_en, most=40),
            Field("growth_needed", T("所需成长值", "Growth it takes"), "number", value=str(one.growth_needed), most=12),
            Field(
                "multiplier_bps",
                T("积分倍率（万分之一，10000 为 1 倍）", "Points multiplier (ten-thousandths; 10000 is once)"),
                "number",
                value=str(one.multiplier_bps),
                most=6,
            ),
            Field(
                "benefits_zh",
                T("权益（中文）", "Benefits (Chinese)"),
                "area",
                value=one.benefits_zh,
                required=False,
                most=400,
            ),
            Field(
                "benefits_en",
                T("权益（英文）", "Benefits (English)"),
                "area",
                value=one.benefits_en,
                required=False,
                most=400,
            ),
        ],
        note=T(
            "每实付 1 元（订单完成、扣除退款）得 1 成长值；立即生效。",
            "One growth for each yuan that stays paid of completed orders; in force at once.",
        ),
    )

    def work() -> T:
        texts = {name: request.POST.get(name, "") for name in ("name_zh", "name_en", "benefits_zh", "benefits_en")}
        numbers = {name: typed_number(request, name) for name in ("growth_needed", "multiplier_bps")}
        wanted = replace(one, **texts, **numbers)
        members.set_ladder(levels=[*others, wanted], actor=request.asker.actor, now=request.asker.now)
        return T("等级已保存", "The level was saved")

    return asked(request, form, work, refresh="levels-changed")


def _step(steps: list[LevelTerms], growth: int) -> LevelTerms:
    found = next((step for step in steps if step.growth_needed == growth), None)
    if found is None:
        raise NotFound
    return found
