"""Settings of the product: what each means, its bounds, its value in force, and who changed it when."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console.operator.drawn import Details, Field, Form, asked, details, typed_bps, typed_fen, typed_number
from tuike.doors.console.text import T, count_shown, money_shown, rate_shown
from tuike.flows import govern_alliance as govern
from tuike.kit.errors import Invalid, NotFound
from tuike.people import queries as people
from tuike.settings import queries, service
from tuike.settings.types import Setting

GROUPS = (
    (T("结算与提现", "Settling and withdrawing"), ("settle_days", "withdraw", "tax", "bank_")),
    (T("推广与归因", "Promotion and attribution"), ("material", "touch", "places", "price_floor")),
    (T("佣金", "Commission"), ("max_paid", "platform_fee")),
    (
        T("商城功能与营销", "The mall's functions and marketing"),
        ("mall_", "points_", "bargain", "red_packet", "member"),
    ),
    (T("订单与其他", "Orders and the rest"), ("",)),
)
_LAW = T(
    "《禁止传销条例》：多级佣金只能按卖出的商品计提，不得按拉人头、入门费或团队业绩计提，最多三级。",
    "The law on pyramid selling: pay over tiers only for goods sold, never for heads, entry fees or a team's totals.",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A setting as the page shows it."""

    one: Setting
    words: T
    shown: str
    bounds: str
    default: str
    changed: bool
    at: datetime | None
    by: str


def page(request: Any) -> HttpResponse:
    """Show every setting with its meaning, bounds and value."""
    defined = queries.defined()
    values, changes = service.read(defined), queries.last_changes()
    names = people.refs({who for _, who in changes.values() if who})
    rows = {name: _row(one, values[name], changes.get(name), names) for name, one in defined.items()}
    left, groups = dict(rows), []
    for words, prefixes in GROUPS:
        taken = [name for name in left if name.startswith(prefixes)]
        groups.append((words, [left.pop(name) for name in taken]))
    may = request.asker.may("operator-setting-change", "POST")
    return render(request, "console/operator/settings.html", {"groups": groups, "may": may})


def change(request: Any, *, setting: str) -> HttpResponse:
    """Ask for a value, and put it in force."""
    name = setting
    one = _defined(name)
    value = service.get(name)
    form = Form(
        _meaning(one),
        request.path,
        T("保存", "Save"),
        fields=[
            Field(
                "value",
                T("新的值", "New value"),
                _kind(name),
                value=_plain(name, value),
                hint=T("{low} 至 {high}", "{low} to {high}").fill(
                    low=_shown(name, one.low), high=_shown(name, one.high)
                ),
            )
        ],
        facts=[
            (T("当前值", "In force"), _shown(name, value), "text"),
            (T("默认值", "Default"), _shown(name, one.default), "text"),
        ],
        note=_LAW
        if name == "max_paid_tiers"
        else T("保存后立即生效，并记入审计日志。", "In force at once, and in the audit log."),
    )

    def work() -> T:
        govern.change_setting(name=name, value=_typed(request, name), actor=request.asker.actor, now=request.asker.now)
        return T("已保存", "Saved")

    return asked(request, form, work, refresh="settings-changed")


def history(request: Any, *, setting: str) -> HttpResponse:
    """Show what a setting was before, and who changed it."""
    name = setting
    one = _defined(name)
    changes = queries.history(name)
    names = people.refs({who for _, _, who in changes if who})
    rows = [(_shown(name, value), at, _who(who, names)) for value, at, who in changes]
    return details(
        request,
        Details(
            title=_meaning(one),
            facts=[
                (T("名称", "Name"), name, "mono"),
                (T("默认值", "Default"), _shown(name, one.default), "text"),
                (T("范围", "Bounds"), _bounds(one), "text"),
            ],
            more="console/operator/setting_history.html",
            context={"changes": rows},
        ),
    )


def _row(one: Setting, value: int, last: tuple[datetime, int | None] | None, names: dict) -> Row:
    at, who = last or (None, None)
    shown, default = _shown(one.name, value), _shown(one.name, one.default)
    by = _who(who, names) if last else ""
    return Row(one, _meaning(one), shown, _bounds(one), default, value != one.default, at, by)


def _who(who: int | None, names: dict) -> str:
    return names[who].called if who in names else "—"


def _meaning(one: Setting) -> T:
    """Return what a setting means without the unit it is stored in: the page shows yuan and per cent."""
    zh = re.sub(r"（分，(.+?)）", r"（\1）", re.sub(r"（分）|（万分之一）", "", one.zh))
    return T(zh, re.sub(r", in fen|, in ten-thousandths", "", one.en))


def _defined(name: str) -> Setting:
    found = queries.defined().get(name)
    if found is None:
        raise NotFound
    return found


def _bounds(one: Setting) -> str:
    return f"{_shown(one.name, one.low)} – {_shown(one.name, one.high)}"


def _kind(name: str) -> str:
    return "yuan" if _is(name, "_fen") else "percent" if _is(name, "_bps") else "number"


def _is(name: str, ending: str) -> bool:
    return name.split(".", maxsplit=1)[0].endswith(ending)


def _shown(name: str, value: int) -> str:
    return {"yuan": money_shown, "percent": rate_shown}.get(_kind(name), count_shown)(value)


def _plain(name: str, value: int) -> str:
    return _shown(name, value).removeprefix("¥").removesuffix("%").replace(",", "")


def _typed(request: Any, name: str) -> int:
    kind = _kind(name)
    if kind == "yuan":
        return typed_fen(request, "value")
    if kind == "percent":
        value = typed_bps(request, "value")
        if value is None:
            raise Invalid(field="value", reason_zh="请输入百分比", reason_en="a percentage")
        return value
    return typed_number(request, "value")
