"""Charts that break a board's figures down: the best by a dimension, and promoters by the month in which they began."""

from datetime import date
from typing import Any

from tuike.doors.console.boards.asked import Asked, part_url, url_of
from tuike.doors.console.boards.drawn import MEASURES, bars, name
from tuike.doors.console.charts import Cell, Chart, Head
from tuike.doors.console.text import T
from tuike.figures import queries as figures
from tuike.figures.types import CohortOf, Figures
from tuike.insight.boards import behind
from tuike.insight.boards.contribution import ORDERS, Contribution, contributions
from tuike.kit.errors import NotFound

BY = {
    "promoter": T("推客", "Promoters"),
    "merchant": T("商家", "Shops"),
    "product": T("商品", "Products"),
    "category": T("类目", "Categories"),
    "place": T("推广位", "Places"),
    "campaign": T("限时活动", "Campaigns"),
    "leader": T("团长", "Leaders"),
}
_ORDER_WORDS = {
    "paid": T("按成交金额", "by paid"),
    "estimated": T("按佣金", "by commission"),
    "orders": T("按订单", "by orders"),
    "clicks": T("按点击", "by clicks"),
}
_NONE = T("无", "None")
_MEASURE = {"paid": "paid_fen", "estimated": "estimated_fen", "orders": "orders", "clicks": "clicks"}
COHORTS = frozenset({"merchant", "operator"})
"""Kinds of party that see promoters by the month in which they began."""
MONTHS = 6
_HEADS = (
    Head(T("点击", "Clicks"), "count"),
    Head(T("订单", "Orders"), "count"),
    Head(T("成交金额", "Paid"), "money"),
    Head(T("占比", "Part"), "rate"),
    Head(T("退款", "Refunded"), "money"),
    Head(T("预估佣金", "Estimated"), "money"),
    Head(T("已结算", "Settled"), "money"),
)


def best(request: Any, asked: Asked, by: str, order: str) -> Chart:
    """Return the best by a dimension, and all others in one row; each opens its lines.

    Raises:
        NotFound: a dimension that this party doesn't have, or no such order.
    """
    if by not in BY or order not in ORDERS:
        raise NotFound
    found = contributions(
        owner=asked.owner, owner_id=asked.owner_id, by=by, span=asked.span, order=order, now=asked.now
    )
    rows = [
        [
            Cell(_named(one, asked), url_of(request, one.behind), one.no if by != "category" else "", bool(one.no)),
            *_measures(one.figures, one.paid_bps),
        ]
        for one in found.rows
    ]
    if any(_measures(found.rest, None)):
        paid_fen = sum(one.figures.paid_fen for one in found.rows) + found.rest.paid_fen
        part = found.rest.paid_fen * 10_000 // paid_fen if paid_fen else None
        rows.append([Cell(T("其余", "All others")), *_measures(found.rest, part)])
    words, kind = MEASURES[_MEASURE[order]]
    values = [getattr(one.figures, _MEASURE[order]) for one in found.rows]
    option = bars(asked, [str(_said(one, asked)) for one in found.rows], [(words, kind, values)], legend=False)
    title = T("贡献", "Contribution")
    more = {"of": "best", "by": by, "order": order}
    return Chart(
        "best",
        title,
        T("{by}的{words}", "{words} of {by}").fill(by=BY[by], words=words),
        option,
        [Head(BY[by]), *_HEADS],
        rows,
        T("这段时间还没有成交", "Nothing was sold in this time"),
        name(asked, BY[by]),
        part_url(request, asked, part="csv", **more),
        both=True,
        hint=T("点名称看每一行订单", "a name opens its order lines"),
        bars=len(values),
    )


def choices(request: Any, asked: Asked, by: str, order: str) -> dict[str, list[tuple[str, T, bool]]]:
    """Return what the best may be broken down and sorted by, with their addresses."""
    return {
        "by": [
            (part_url(request, asked, part="best", by=one, order=order), BY[one], one == by)
            for one in behind.dimensions(asked.kind)
        ],
        "orders": [
            (part_url(request, asked, part="best", by=by, order=one), _ORDER_WORDS[one], one == order) for one in ORDERS
        ],
    }


def _said(one: Contribution, asked: Asked) -> str:
    if not one.no:
        return _NONE.say(asked.zh)
    return one.name if asked.zh else one.name_en or one.name


def _named(one: Contribution, asked: Asked) -> str | T:
    return _said(one, asked) if one.no else _NONE


def _measures(one: Figures, part: int | None) -> list[Any]:
    return [one.clicks, one.orders, one.paid_fen, part, one.refunded_fen, one.estimated_fen, one.settled_fen]


def cohorts(request: Any, asked: Asked, measure: str) -> Chart:
    """Return promoters by the month of their first order: how many sold in each month since, or what they sold.

    Raises:
        NotFound: no such measure, or a party that doesn't see other promoters.
    """
    if asked.kind not in COHORTS or measure not in ("active", "paid"):
        raise NotFound
    found = figures.cohorts(owner=asked.owner, owner_id=asked.owner_id, months=MONTHS)
    joined = sorted({one.joined_month for one in found})
    cells = {(one.joined_month, _since(one)): one for one in found}
    reach = range(max((since for _, since in cells), default=0) + 1)
    rows = [
        [
            f"{month:%Y-%m}",
            next(one.promoters for one in found if one.joined_month == month),
            *(_cohort(cells.get((month, since)), measure) for since in reach),
        ]
        for month in joined
    ]
    kind = "rate" if measure == "active" else "money"
    unit = "bps" if measure == "active" else "fen"
    later = T("第 {n} 月", "month {n}")
    title = T("推客留存", "Cohorts of promoters")
    option = {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "type": "scroll", "itemWidth": 14, "itemHeight": 8},
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": [later.fill(n=n).say(asked.zh) for n in reach]},
        "yAxis": [{"type": "value", "unit": unit, **({"max": 10_000} if measure == "active" else {})}],
        "series": [
            {"type": "line", "name": row[0], "data": row[2:], "unit": unit, "symbolSize": 6, "connectNulls": False}
            for row in rows
        ],
    }
    said = {"active": T("成交推客占比", "Still selling"), "paid": T("成交金额", "Paid")}
    return Chart(
        "cohorts",
        title,
        T("按首单月份的推客，之后每月的{what}", "Promoters by the month of their first order: {what}").fill(
            what=said[measure]
        ),
        option,
        [
            Head(T("首单月份", "First order in")),
            Head(T("推客", "Promoters"), "count"),
            *(Head(later.fill(n=n), kind) for n in reach),
        ],
        rows,
        T("还没有推客成交", "No promoter has sold anything yet"),
        name(asked, title),
        part_url(request, asked, part="csv", of="cohorts", measure=measure),
        both=True,
        chips=[
            (part_url(request, asked, part="cohorts", measure=key), words, key == measure)
            for key, words in said.items()
        ],
    )


def _since(one: CohortOf) -> int:
    return _number(one.month) - _number(one.joined_month)


def _number(month: date) -> int:
    return month.year * 12 + month.month


def _cohort(one: CohortOf | None, measure: str) -> int | None:
    if one is None:
        return None
    return one.active * 10_000 // one.promoters if measure == "active" else one.paid_fen
