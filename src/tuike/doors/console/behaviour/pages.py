"""Figures of promoters' behaviour: today live, a span in a table, the trend, the best; from a promoter to its places
and from a place to its products."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers, lists, text
from tuike.doors.console.home import SPANS, Number
from tuike.doors.console.text import T
from tuike.insight import behaviour
from tuike.insight.behaviour import Behaviour, OfDay
from tuike.insight.lists.behaviour import LISTINGS
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

BY = {
    "promoter": T("按推客", "By promoter"),
    "place": T("按推广位", "By place"),
    "product": T("按商品", "By product"),
}
_LEADS = {
    "operator": T("所有推客的分享、点击、访客与成交。", "Shares, clicks, visitors and sales of all promoters."),
    "merchant": T("推客为本店带来的分享、点击、访客与成交。", "What promoters share of yours, and what comes of it."),
    "leader": T(
        "合作期内，您招商的商品由哪些推客推广、效果如何。",
        "Who promotes the products that cooperate with you, and how well.",
    ),
    "promoter": T("您的分享带来了多少点击、访客与成交。", "What your sharing brings: clicks, visitors and sales."),
}
_EMPTY = (
    T("这段时间还没有数据", "Nothing happened in this time"),
    T(
        "素材被分享或点击、有订单付款后，数据几秒内出现在这里。",
        "Shares, clicks and paid orders show up here in seconds.",
    ),
)
_BEST = {"promoter": T("成交最多的推客", "Top promoters"), "product": T("成交最多的商品", "Top products")}
_REFRESH = "list-changed"


def page(request: Any) -> HttpResponse:
    """Show everything that the party may see, by promoter (a promoter's own: by place) or by product."""
    kind = request.asker.party.kind.value
    first = "place" if kind == "promoter" else "promoter"
    by = request.GET.get("by", first)
    if by not in (first, "product"):
        raise NotFound
    return _shown(request, by=by, choices=(first, "product"), title=T("推广行为", "Behaviour"), lead=_LEADS[kind])


def of_promoter(request: Any, *, promoter_no: str) -> HttpResponse:
    """Show one promoter's places."""
    found = parties.find(promoter_no)
    if found is None or found.kind is not PartyKind.PROMOTER:
        raise NotFound
    _require(request, found.id)
    return _shown(
        request,
        by="place",
        title=T("推客的推广位", "A promoter's places"),
        about=found.name,
        lead=T("各推广位的分享、点击、访客与成交。", "Shares, clicks, visitors and sales of each place."),
        promoter_id=found.id,
        back=answers.url(request, "behaviour"),
    )


def of_place(request: Any, *, pid: str) -> HttpResponse:
    """Show what was promoted at one place, product by product."""
    found = behaviour.place(pid)
    if found is None:
        raise NotFound
    place_id, promoter_id, name = found
    kind = request.asker.party.kind.value
    if kind == "promoter":
        if promoter_id != request.asker.party_id:
            raise NotFound
        back = answers.url(request, "behaviour")
    else:
        _require(request, promoter_id)
        promoter = parties.refs([promoter_id])[promoter_id]
        back = answers.url(request, "behaviour-promoter", promoter_no=promoter.no)
    shown = name if kind in ("promoter", "operator") else pid
    return _shown(
        request,
        by="product",
        title=T("推广位的商品", "A place's products"),
        about=shown,
        lead=T("各商品的分享、点击、访客与成交。", "Shares, clicks, visitors and sales of each product."),
        promoter_id=promoter_id,
        place_id=place_id,
        back=back,
    )


def _require(request: Any, promoter_id: int) -> None:
    """Refuse promoters that a shop or a leader has nothing to do with: of these it learns nothing.

    Raises:
        NotFound: as if there were none.
    """
    asker = request.asker
    kind = asker.party.kind.value
    if not behaviour.has_worked(kind, owner_id=asker.party_id, promoter_id=promoter_id, now=asker.now):
        raise NotFound


def _shown(
    request: Any,
    *,
    by: str,
    title: T,
    lead: T,
    choices: tuple[str, ...] = (),
    promoter_id: int = 0,
    place_id: int = 0,
    about: str = "",
    back: str = "",
) -> HttpResponse:
    kind, asker = request.asker.party.kind.value, request.asker
    span = request.GET.get("span", "7")
    if span not in {str(one) for one in SPANS}:
        raise NotFound

    def asked(of_days: int) -> Mapping[str, Any]:
        return behaviour.scope(
            owner_id=asker.party_id, span=of_days, now=asker.now, promoter_id=promoter_id, place_id=place_id
        )

    part = request.GET.get("part", "")
    if part == "live":
        return _live(request, kind, asked(1))
    if part == "sums":
        return render(request, "console/behaviour/sums.html", _sums(kind, by, int(span), asked))
    whole = not (part or request.headers.get("HX-Target") == "list")
    extra = _whole(kind, by, int(span), asked, zh=asker.zh) if whole else {}
    return lists.show(
        request,
        LISTINGS[kind, by],
        scope=asked(int(span)),
        title=title,
        lead=lead,
        top="console/behaviour/top.html",
        template="console/behaviour/page.html",
        row=_leads_to(request, by),
        row_open="page",
        empty=_EMPTY,
        extra=extra
        | {
            "spans": [(value, words, str(value) == span) for value, words in SPANS.items()],
            "span": span,
            "by": by,
            "choices": [(one, BY[one], one == by) for one in choices],
            "about": about,
            "back": back,
        },
    )


def _leads_to(request: Any, by: str) -> Callable[[Mapping[str, Any]], str] | None:
    """Return what a row opens: a promoter its places, a place its products."""
    span = request.GET.get("span", "7")
    if by == "promoter":
        return lambda row: f"{answers.url(request, 'behaviour-promoter', promoter_no=row['name__no'])}?span={span}"
    if by == "place":
        return lambda row: f"{answers.url(request, 'behaviour-place', pid=row['name__pid'])}?span={span}"
    return None


def _whole(kind: str, by: str, span: int, asked: Callable[[int], Mapping[str, Any]], *, zh: bool) -> dict[str, Any]:
    every = behaviour.trend(kind, asked(behaviour.TREND))
    today = every[-1].figures
    return _sums(kind, by, span, asked) | {
        "days": every,
        "trend": _chart(every, zh=zh),
        "today": _numbers(today),
        "seen": _digest(today),
    }


def _sums(kind: str, by: str, span: int, asked: Callable[[int], Mapping[str, Any]]) -> dict[str, Any]:
    scope = asked(span)
    best_by = "product" if kind == "promoter" or scope["promoter"] else "promoter"
    best = behaviour.board(kind, best_by, scope)
    most = max((one.figures.orders for one in best), default=0)
    return {
        "numbers": _numbers(behaviour.sums(kind, scope)),
        "best": [(one, one.figures.orders * 100 // most) for one in best],
        "best_words": _BEST[best_by],
        "span": span,
        "span_words": SPANS[span],
        "by": by,
    }


def _live(request: Any, kind: str, scope: Mapping[str, Any]) -> HttpResponse:
    """Return today's figures as they are now; where they moved, what stands below is told to reload."""
    today = behaviour.sums(kind, scope)
    seen = _digest(today)
    by, span = request.GET.get("by", ""), request.GET.get("span", "7")
    answer = render(
        request, "console/behaviour/live.html", {"today": _numbers(today), "seen": seen, "span": span, "by": by}
    )
    if seen != request.GET.get("seen"):
        answer.headers["HX-Trigger"] = json.dumps({_REFRESH: True})
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _digest(one: Behaviour) -> str:
    return "-".join(str(getattr(one, name)) for name in behaviour.MEASURES)


def _numbers(one: Behaviour) -> list[Number]:
    return [
        Number(T("分享", "Shares"), text.count_shown(one.shares)),
        Number(T("点击", "Clicks"), text.count_shown(one.clicks)),
        Number(T("访客", "Visitors"), text.count_shown(one.visitors)),
        Number(T("付款订单", "Paid orders"), text.count_shown(one.orders)),
        Number(T("转化率", "Conversion"), text.rate_shown(one.conversion_bps)),
        Number(T("退款率", "Refund rate"), text.rate_shown(one.refund_bps)),
    ]


def _chart(every: list[OfDay], *, zh: bool) -> dict[str, Any]:
    """Return the chart of a trend: clicks and visitors as lines, shares and orders as columns."""

    def series(words: T, name: str, **more: Any) -> dict[str, Any]:
        return {"name": words.say(zh), "data": [getattr(one.figures, name) for one in every], **more}

    line = {"type": "line", "showSymbol": False, "yAxisIndex": 0}
    bar = {"type": "bar", "yAxisIndex": 1, "barMaxWidth": 10, "itemStyle": {"borderRadius": [3, 3, 0, 0]}}
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "itemWidth": 14, "itemHeight": 8},
        "grid": {"left": 8, "right": 8, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": [f"{one.day:%m-%d}" for one in every]},
        "yAxis": [
            {"type": "value", "minInterval": 1},
            {"type": "value", "minInterval": 1, "splitLine": {"show": False}},
        ],
        "series": [
            series(T("点击", "Clicks"), "clicks", **line),
            series(T("访客", "Visitors"), "visitors", **line),
            series(T("分享", "Shares"), "shares", **bar),
            series(T("订单", "Orders"), "orders", **bar),
        ],
    }
