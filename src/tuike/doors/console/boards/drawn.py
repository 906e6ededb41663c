"""The charts of a board, each with the table of its figures."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tuike.doors.console import text
from tuike.doors.console.boards.asked import AGAINST, SPANS, Asked, part_url, url_of
from tuike.doors.console.charts import Cell, Chart, Head, Kind
from tuike.doors.console.text import T
from tuike.figures import queries as figures
from tuike.figures.types import DayOf, Figures
from tuike.insight.boards import behind, tiles
from tuike.insight.boards.types import Shown, Sums, Unit
from tuike.insight.explorer.states import ROLES
from tuike.kit.errors import NotFound

MEASURES: dict[str, tuple[T, Kind]] = {
    "paid_fen": (T("成交金额", "Paid"), "money"),
    "orders": (T("推广订单", "Promoted orders"), "count"),
    "clicks": (T("点击", "Clicks"), "count"),
    "visitors": (T("访客", "Visitors"), "count"),
    "shares": (T("分享", "Shares"), "count"),
    "estimated_fen": (T("预估佣金", "Estimated commission"), "money"),
}
"""What the trend shows, the usual one first."""
LEAST = 7
"""Days that a trend shows at least: one day alone is no line."""
NOTHING = T("这段时间还没有数据", "Nothing happened in this time")
_GRID = {"left": 8, "right": 16, "top": 36, "bottom": 4, "containLabel": True}
_UNITS = {"money": "fen", "rate": "bps"}
_KINDS: dict[Unit, Kind] = {Unit.FEN: "money", Unit.COUNT: "count", Unit.BPS: "rate"}


def name(asked: Asked, what: T) -> str:
    """Return what an image or a file is called: the figure and its days."""
    first, last = asked.days
    return f"{what.say(asked.zh)} {first} {last}"


def tile_table(request: Any, asked: Asked, shown: dict[str, Shown]) -> Chart:
    """Return the tiles as a table (no chart), for a file of them."""
    heads = [Head(T("指标", "Figure")), Head(T("单位", "Unit")), Head(SPANS[asked.span]), Head(T("上期", "Before"))]
    units = {Unit.FEN: T("元", "CNY"), Unit.COUNT: T("个", "number"), Unit.BPS: T("%", "%")}
    rows = []
    for one in tiles.of(asked.kind):
        kind, value = _KINDS[one.unit], shown[one.key]
        rows.append([T(*one.words), units[one.unit], _typed(kind, value.value), _typed(kind, value.before)])
    title = T("数据看板", "Board")
    return Chart("tiles", title, title, {}, heads, rows, NOTHING, name(asked, title))


def trend(request: Any, asked: Asked, measure: str) -> Chart:
    """Return one measure day by day, beside the same days of the span before.

    Raises:
        NotFound: there is no such measure.
    """
    if measure not in MEASURES:
        raise NotFound
    words, kind = MEASURES[measure]
    span = max(asked.span, LEAST)
    first, last = tiles.span_days(span, asked.now)
    every = figures.days(owner=asked.owner, owner_id=asked.owner_id, first=first - timedelta(days=span), last=last)
    before, now = every[:span], every[span:]
    earlier = T("前 {n} 天", "{n} days before").fill(n=span)
    title = T("趋势", "Trend")
    return Chart(
        "trend",
        title,
        T("每日{words}，与前 {n} 天对比", "{words} by day, beside the {n} days before").fill(words=words, n=span),
        _lines(asked, measure, kind, (words, now), (earlier, before)),
        [
            Head(T("日期", "Day")),
            Head(words, kind),
            Head(T("对比日期", "Day before")),
            Head(earlier, kind),
        ],
        [
            [one.day.isoformat(), _of(one, measure), then.day.isoformat(), _of(then, measure)]
            for one, then in zip(now, before, strict=True)
        ],
        NOTHING,
        name(asked, words),
        part_url(request, asked, part="csv", of="trend", measure=measure),
        chips=[
            (part_url(request, asked, part="trend", measure=key), said, key == measure)
            for key, (said, _) in MEASURES.items()
        ],
    )


def _lines(
    asked: Asked, measure: str, kind: Kind, now: tuple[T, Sequence[DayOf]], before: tuple[T, Sequence[DayOf]]
) -> dict[str, Any]:
    unit = {"unit": _UNITS[kind]} if kind in _UNITS else {}

    def series(words: T, some: Sequence[DayOf], **more: Any) -> dict[str, Any]:
        values = [_of(one, measure) for one in some]
        return {"type": "line", "name": words.say(asked.zh), "data": values, "symbolSize": 5, **unit, **more}

    return {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "itemWidth": 14, "itemHeight": 8},
        "grid": _GRID,
        "xAxis": {"type": "category", "boundaryGap": False, "data": [f"{one.day:%m-%d}" for one in now[1]]},
        "yAxis": [{"type": "value", "minInterval": 1, **unit}],
        "series": [
            series(*now, areaStyle={"opacity": 0.12}, lineStyle={"width": 2.5}, z=3),
            series(*before, lineStyle={"width": 1.5, "type": "dashed"}, showSymbol=False),
        ],
    }


def _of(one: DayOf, measure: str) -> int:
    return int(getattr(one.figures, measure))


def funnel(request: Any, asked: Asked, sums: Sums) -> Chart:
    """Return the way from sharing to settling: how many reach each step, and what part of the step before."""
    one, steps = sums.figures, ("shares", "clicks", "visitors", "orders", "received_orders", "settled_orders")
    values = [(tiles.TILES[key], int(getattr(one, key))) for key in steps]
    rows, above = [], None
    for tile, value in values:
        rate = value * 10_000 // above if above else None
        rows.append([Cell(T(*tile.words)), Cell(value, _behind(request, asked, tile.key)), rate])
        above = value
    title = T("转化漏斗", "Funnel")
    label = T("从分享到结算，每一步的数量", "From sharing to settling, step by step")
    names = [T(*tile.words).say(asked.zh) for tile, _ in values]
    option = bars(asked, names, [(title, "count", [value for _, value in values])], legend=False)
    heads = [
        Head(T("步骤", "Step")),
        Head(T("数量", "Number"), "count"),
        Head(T("占上一步", "Of the step before"), "rate"),
    ]
    rows = rows if any(value for _, value in values) else []
    file = part_url(request, asked, part="csv", of="funnel")
    return Chart("funnel", title, label, option, heads, rows, NOTHING, name(asked, title), file, bars=len(values))


def commission(request: Any, asked: Asked, sums: Sums) -> Chart:
    """Return commission by role and status; each cell opens its accruals."""
    columns = [tiles.TILES[key] for key in ("estimated", "pending", "held", "settled", "cancelled")]
    found = {one.role for one in sums.commission}
    rows, parts = [], {one.key: [] for one in columns}
    roles = [role for role in ROLES if role in found]
    for role in roles:
        of_role = Sums(Figures(), tuple(one for one in sums.commission if one.role == role))
        cells = [Cell(T(*ROLES[role][:2]))]
        for tile in columns:
            value = tile.value(of_role)
            parts[tile.key].append(value)
            cells.append(Cell(value, _behind(request, asked, tile.key, role=role)))
        rows.append(cells)
    title = T("佣金构成", "Commission")
    option = bars(
        asked,
        [T(*ROLES[role][:2]).say(asked.zh) for role in roles],
        [(T(*tile.words), "money", parts[tile.key]) for tile in columns[1:4]],
        stacked=True,
    )
    heads = [Head(T("角色", "Role")), *(Head(T(*tile.words), _KINDS[tile.unit]) for tile in columns)]
    label = T("各角色的佣金，按状态", "Commission of each role, by status")
    file = part_url(request, asked, part="csv", of="commission")
    hint = T("按付款日期；点数字看每一笔", "by the day of payment; a figure opens its accruals")
    return Chart(
        "commission", title, label, option, heads, rows, T("这段时间还没有佣金", "No commission in this time"),
        name(asked, title), file, both=True, hint=hint, bars=len(roles),
    )  # fmt: skip


def _behind(request: Any, asked: Asked, key: str, **more: str) -> str:
    found = tiles.TILES[key].behind(asked.kind, *asked.days)
    return url_of(request, behind.Behind(found.page, {**found.asked, **more}))


def bars(
    asked: Asked,
    names: Sequence[str],
    series: Sequence[tuple[T, Kind, Sequence[Any]]],
    *,
    stacked: bool = False,
    legend: bool = True,
) -> dict[str, Any]:
    """Return bars that lie, the first on top."""
    unit = next(({"unit": _UNITS[kind]} for _, kind, _ in series if kind in _UNITS), {})
    label = {} if stacked else {"label": {"show": True, "position": "right"}}
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        **({"legend": {"top": 0, "itemWidth": 14, "itemHeight": 8}} if legend else {}),
        "grid": {**_GRID, "right": 16 if stacked else 72, "top": 36 if legend else 8},
        "xAxis": {"type": "value", "minInterval": 1, "splitNumber": 3, **unit},
        "yAxis": [
            {
                "type": "category",
                "inverse": True,
                "data": list(names),
                "axisLabel": {"width": 110, "overflow": "truncate"},
                "axisTick": {"show": False},
            }
        ],
        "series": [
            {
                "type": "bar",
                "name": words.say(asked.zh),
                "data": list(values),
                "barMaxWidth": 22,
                "itemStyle": {} if stacked else {"borderRadius": [0, 4, 4, 0]},
                **({"stack": "all"} if stacked else {}),
                **({"unit": _UNITS[kind]} if kind in _UNITS else {}),
                **label,
            }
            for words, kind, values in series
        ],
    }


def against(asked: Asked) -> T:
    """Return what a change is held against, in words."""
    return AGAINST[asked.span]


def _typed(kind: Kind, value: int | None) -> str:
    """Return a value as a file has it, whatever its unit."""
    if value is None:
        return ""
    if kind == "money":
        return text.money_shown(value).replace("¥", "").replace(",", "").replace("−", "-")
    return text.rate_shown(value).removesuffix("%").replace("−", "-") if kind == "rate" else str(value)
