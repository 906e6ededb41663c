"""What the three home pages share: figures of a span beside the one before, the trend, the best, what waits."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch

from tuike.doors.console import answers, text
from tuike.doors.console.text import T
from tuike.figures.types import DayOf, Owner
from tuike.insight import home
from tuike.insight.home import Home

GO = T("去处理", "Go")
SPANS = {1: T("今日", "Today"), 7: T("近 7 天", "7 days"), 30: T("近 30 天", "30 days")}
_AGAINST = {
    1: T("较昨日", "vs yesterday"),
    7: T("较前 7 天", "vs 7 days before"),
    30: T("较前 30 天", "vs 30 days before"),
}


@dataclass(frozen=True, slots=True)
class Number:
    """A figure as a card shows it; `change` is how it moved (`↑ 12.4%`), `rises` whether upwards, None for no news."""

    words: T
    shown: str
    change: str = ""
    rises: bool | None = None
    hint: T | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Wait:
    """Something that waits for the person: a sentence, where to go, how much it matters (warn, bad, info)."""

    words: T
    url: str = ""
    kind: str = "info"
    act: T = field(default_factory=lambda: GO)


@dataclass(frozen=True, slots=True)
class Best:
    """A table of the best, loaded after the page."""

    by: str
    words: T
    empty: T


def show(
    request: Any,
    *,
    owner: Owner,
    owner_id: int,
    numbers: Callable[[Home], Sequence[Number]],
    waits: Sequence[Wait],
    money: Sequence[Number],
    money_words: T,
    best: Sequence[Best],
) -> HttpResponse:
    """Return a home page, or (`part=best`) one of its tables of the best."""
    span = home.span_of(request.GET.get("days", ""))
    by = next((one for one in best if one.by == request.GET.get("by")), None)
    if by is not None:
        return _best(request, by, owner=owner, owner_id=owner_id, span=span)
    found = home.home(owner=owner, owner_id=owner_id, span=span, now=request.asker.now)
    context = {
        "spans": [(value, words, value == span) for value, words in SPANS.items()],
        "span": span,
        "against": _AGAINST[span],
        "numbers": numbers(found),
        "waits": waits,
        "money": money,
        "money_words": money_words,
        "best": best,
        "trend": trend(found.trend, zh=request.asker.zh),
        "days": found.trend,
    }
    return render(request, "console/home/page.html", context)


def number(words: T, now: int, before: int, *, money: bool = False, hint: T | None = None) -> Number:
    """Return a figure with how it moved against the span before."""
    shown = text.money_shown(now) if money else text.count_shown(now)
    change = home.change_bps(now, before)
    if change is None:
        return Number(words, shown, hint=hint)
    arrow = "↑" if change > 0 else "↓" if change < 0 else "→"
    return Number(words, shown, f"{arrow} {text.rate_shown(abs(change))}", change > 0 if change else None, hint)


def conversion(found: Home) -> Number:
    """Return orders per click, with the points by which it moved."""
    now, before = found.now.conversion_bps, found.before.conversion_bps
    words = T("转化率", "Conversion")
    if now is None or before is None or now == before:
        return Number(words, text.rate_shown(now), hint=T("订单数 ÷ 点击数", "orders ÷ clicks"))
    moved = f"{'↑' if now > before else '↓'} {text.rate_shown(abs(now - before))}"
    return Number(words, text.rate_shown(now), moved, now > before, T("订单数 ÷ 点击数", "orders ÷ clicks"))


def trend(days: Sequence[DayOf], *, zh: bool) -> dict[str, Any]:
    """Return the chart of a trend: clicks and orders as lines, estimated commission as columns (in fen)."""
    clicks, orders, earned = T("点击", "Clicks"), T("订单", "Orders"), T("预估佣金", "Estimated commission")

    def series(words: T, values: list[int], **more: Any) -> dict[str, Any]:
        return {"name": words.say(zh), "data": values, **more}

    line = {"type": "line", "showSymbol": False, "yAxisIndex": 0}
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "itemWidth": 14, "itemHeight": 8},
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": [f"{one.day:%m-%d}" for one in days]},
        "yAxis": [
            {"type": "value", "minInterval": 1},
            {"type": "value", "unit": "fen", "splitLine": {"show": False}, "axisLabel": {}},
        ],
        "series": [
            series(clicks, [one.figures.clicks for one in days], **line),
            series(orders, [one.figures.orders for one in days], **line),
            series(
                earned,
                [one.figures.estimated_fen for one in days],
                type="bar",
                yAxisIndex=1,
                unit="fen",
                barMaxWidth=14,
                itemStyle={"borderRadius": [3, 3, 0, 0], "opacity": 0.75},
            ),
        ],
    }


def waiting(request: Any, words: T, name: str, *, kind: str = "info", act: T | None = None, query: str = "") -> Wait:
    """Return something that waits, leading to the page `name` where that is there for this seat."""
    url = link(request, name)
    return Wait(words, url + query if url else "", kind, act or GO)


def link(request: Any, name: str, **path_args: Any) -> str:
    """Return the address of a page of the asker's party, empty where there is none for this seat."""
    if not request.asker.may(f"{request.asker.party.kind.value}-{name}"):
        return ""
    try:
        return answers.url(request, name, **path_args)
    except NoReverseMatch:
        return ""


def _best(request: HttpRequest, by: Best, *, owner: Owner, owner_id: int, span: int) -> HttpResponse:
    asker = request.asker  # type: ignore[attr-defined]
    found = home.best(by=by.by, owner=owner, owner_id=owner_id, span=span, now=asker.now)
    most = max((one.figures.estimated_fen for one in found), default=0)
    rows = [(one, one.figures.estimated_fen * 100 // most if most else 0) for one in found]
    return render(request, "console/home/best.html", {"best": by, "rows": rows, "span": span})


def settled(words: T, now_fen: int, before_fen: int) -> Number:
    """Return what was settled, by the day on which it was."""
    return number(words, now_fen, before_fen, money=True, hint=T("按结算日期", "by the day of settling"))
