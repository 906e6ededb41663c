"""The operator opens the contract's functions: to named shops and leaders first, then to all."""

from typing import Any

from django.http import HttpResponse

from tuike.doors.console import answers, lists
from tuike.doors.console.cooperation import shared
from tuike.doors.console.keys import asker_key
from tuike.doors.console.lists import BulkAct
from tuike.doors.console.operator.drawn import Field, Form, asked
from tuike.doors.console.text import T
from tuike.flows import govern_alliance, open_cooperation
from tuike.insight.lists import pool
from tuike.kit.errors import Invalid, NotFound
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.settings import service as settings

SETTING = "cooperation_open"
MOST = 100


def page(request: Any) -> HttpResponse:
    """List the parties to whom the functions are open by name, and say whether they are open to all."""
    asker = request.asker
    return lists.show(
        request,
        pool.ACCESS,
        scope={},
        title=T("团长招商开放", "Opening leaders' activities"),
        lead=T(
            "先向指定商家与团长开放，再向全部开放。未开放的主体看不到入口，操作时会收到说明。每次变更都记入审计日志。",
            "First to named shops and leaders, then to all. Others see no entry and are told why. Each change is in the"
            " audit log.",
        ),
        acts="console/cooperation/opening_acts.html",
        top="console/cooperation/opening_top.html",
        bulk=(
            BulkAct(
                T("关闭", "Close"),
                "console:operator-cooperation-close",
                danger=True,
                confirm=T(
                    "关闭后所选主体看不到团长招商入口；已有的合作继续有效。确定关闭？",
                    "They lose the entry; what they agreed to goes on. Close it to them?",
                ),
            ),
        )
        if asker.may("operator-cooperation-close", "POST")
        else (),
        empty=(
            T("还没有指定主体", "Nobody is named yet"),
            T("按编号添加商家或团长。", "Add shops or leaders by their numbers."),
        ),
        extra={
            "to_all": bool(settings.get(SETTING)),
            "may": asker.may("operator-cooperation-add", "POST"),
            "may_all": asker.may("operator-cooperation-all", "POST"),
        },
    )


def add(request: Any) -> HttpResponse:
    """Ask for numbers of shops and leaders, and open the functions to them."""
    form = Form(
        T("向指定主体开放", "Open to named parties"),
        answers.url(request, "cooperation-add"),
        T("开放", "Open"),
        fields=[
            Field(
                "numbers",
                T("商家或团长编号", "Numbers of shops or leaders"),
                "area",
                hint=T("每行一个，或以空格、逗号分隔", "one a line, or apart by blanks or commas"),
                most=4000,
            )
        ],
    )

    def work() -> T:
        ids = _parties(request.POST.get("numbers", ""))
        open_cooperation.open_access(
            party_ids=ids, actor=request.asker.actor, now=request.asker.now, key=asker_key(request)
        )
        return T("已开放 {n} 个主体", "Opened to {n}").fill(n=len(ids))

    return asked(request, form, work)


def close(request: Any) -> HttpResponse:
    """Take the functions away from those that were selected."""
    ids = shared.numbers(request.POST.getlist("ids"))
    if not ids:
        raise NotFound
    open_cooperation.close_access(
        party_ids=ids, actor=request.asker.actor, now=request.asker.now, key=asker_key(request)
    )
    return answers.done(T("已关闭 {n} 个主体", "Closed to {n}").fill(n=len(ids)), refresh="list-changed")


def to_all(request: Any) -> HttpResponse:
    """Open the functions to all shops and leaders, or to the named ones alone again."""
    value = 1 if request.POST.get("open") == "1" else 0
    govern_alliance.change_setting(name=SETTING, value=value, actor=request.asker.actor, now=request.asker.now)
    words = T("已向全部商家与团长开放", "Open to all shops and leaders")
    if not value:
        words = T("已改为仅向指定主体开放", "Open to the named ones alone")
    return answers.to(request, answers.url(request, "cooperation"), toast=words)


def _parties(text: str) -> list[int]:
    """Return the shops and leaders of typed numbers.

    Raises:
        Invalid: none, too many, or a number that is neither a shop's nor a leader's.
    """
    wanted = list(dict.fromkeys(text.replace(",", " ").replace("，", " ").split()))
    if not 1 <= len(wanted) <= MOST:
        raise Invalid(field="numbers", reason_zh=f"请填写 1 到 {MOST} 个编号", reason_en=f"from 1 to {MOST} numbers")
    found = {no: parties.find(no) if no.isascii() and no.isalnum() else None for no in wanted}
    for no, one in found.items():
        if one is None or one.kind not in (PartyKind.MERCHANT, PartyKind.LEADER):
            said = no[:24]
            raise Invalid(
                field="numbers", reason_zh=f"不是商家或团长编号：{said}", reason_en=f"no shop's or leader's: {said}"
            )
    return [one.id for one in found.values() if one is not None]
