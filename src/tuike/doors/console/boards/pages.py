"""The board itself, its pieces that come after the page, and its figures as files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import checked, text
from tuike.doors.console.boards import broken_down, drawn
from tuike.doors.console.boards.asked import SPANS, Asked, part_url, read, url_of
from tuike.doors.console.charts import Chart, as_csv
from tuike.doors.console.text import T
from tuike.figures import queries as figures
from tuike.insight.boards import tiles
from tuike.insight.boards.behind import dimensions
from tuike.insight.boards.types import Part, Shown, Sums, Tile, Unit
from tuike.insight.home import change_bps
from tuike.kit import days
from tuike.kit.errors import NotFound

TITLE = T("数据看板", "Boards")
PARTS = {
    Part.PROMOTION: T("推广", "Promotion"),
    Part.SALES: T("成交", "Sales"),
    Part.COMMISSION: T("佣金", "Commission"),
}
LEADS = {
    "promoter": T(
        "您的推广带来了什么，每个数字都能点开看明细。", "What your promotion brings; each figure opens its rows."
    ),
    "merchant": T(
        "推客为本店带来了什么，每个数字都能点开看明细。", "What promoters bring; each figure opens its rows."
    ),
    "leader": T(
        "您招商的商品表现如何，每个数字都能点开看明细。", "How the products you lead do; each figure opens its rows."
    ),
    "operator": T("全联盟的经营情况，每个数字都能点开看明细。", "How the alliance does; each figure opens its rows."),
}
CHECKS = ("figures", "figures_earned", "figures_clicks", "figures_shares", "explorer")
"""The checks of `verify` that hold these figures against the books."""
_SHOWN: dict[Unit, Callable[[int | None], str]] = {
    Unit.FEN: text.money_shown,
    Unit.COUNT: text.count_shown,
    Unit.BPS: text.rate_shown,
}


@dataclass(frozen=True, slots=True)
class Card:
    """A tile as a page shows it."""

    key: str
    words: T
    hint: T
    shown: str
    change: str
    rises: bool | None
    url: str


def page(request: Any) -> HttpResponse:
    """Show the board of a span, or one piece of it (`part`), or its figures as a file (`part=csv`).

    Raises:
        NotFound: a span, a piece or a figure that there isn't, or not for this party.
    """
    asked, part = read(request), request.GET.get("part", "")
    if part == "csv":
        return as_csv(_chart(request, asked, request.GET.get("of", "")), zh=asked.zh)
    if part == "best":
        by, order = _best(request, asked)
        context = {"chart": broken_down.best(request, asked, by, order)}
        return render(request, "console/boards/best.html", context | broken_down.choices(request, asked, by, order))
    if part:
        if part not in ("trend", "cohorts"):
            raise NotFound
        return render(request, "console/parts/chart.html", {"chart": _chart(request, asked, part)})
    return render(request, "console/boards/page.html", _whole(request, asked))


def _whole(request: Any, asked: Asked) -> Mapping[str, Any]:
    now, before = _sums(asked)
    mark = figures.watermark().at
    shown = tiles.shown(asked.kind, now, before, mark)
    cards = [(part, words, _cards(request, asked, part, shown)) for part, words in PARTS.items()]
    return {
        "title": TITLE,
        "lead": LEADS[asked.kind],
        "spans": [(value, words, value == asked.span) for value, words in SPANS.items()],
        "span_words": SPANS[asked.span],
        "first": asked.days[0],
        "last": asked.days[1],
        "against": drawn.against(asked),
        "cards": cards,
        "nothing": not any(one.value or one.before for one in shown.values()),
        "watermark": days.shown(mark)[5:19] if mark else "",
        "checked": checked.said(asked.now, *CHECKS),
        "may_check": asked.kind == "operator" and request.asker.may("operator-checkups"),
        "trend": drawn.trend(request, asked, next(iter(drawn.MEASURES))),
        "funnel": drawn.funnel(request, asked, now),
        "commission": drawn.commission(request, asked, now),
        "best_url": part_url(request, asked, part="best"),
        "cohorts_url": part_url(request, asked, part="cohorts") if asked.kind in broken_down.COHORTS else "",
        "file_url": part_url(request, asked, part="csv", of="tiles"),
    }


def _sums(asked: Asked) -> tuple[Sums, Sums]:
    """Return what the span and as many days before it come to."""
    owner = {"owner": asked.owner, "owner_id": asked.owner_id}
    (first, last), (first_before, last_before) = asked.days, tiles.days_before(asked.span, asked.now)
    return tiles.sums(**owner, first=first, last=last), tiles.sums(**owner, first=first_before, last=last_before)


def _cards(request: Any, asked: Asked, part: Part, shown: Mapping[str, Shown]) -> list[Card]:
    return [_card(request, asked, one, shown[one.key]) for one in tiles.of(asked.kind) if one.part is part]


def _card(request: Any, asked: Asked, tile: Tile, shown: Shown) -> Card:
    moved, rises = "", None
    # Of a rate it is told by how many points it moved.
    if tile.unit is Unit.BPS:
        by = None if shown.value is None or shown.before is None else shown.value - shown.before
    else:
        by = change_bps(shown.value or 0, shown.before or 0)
    if by is not None:
        arrow = "↑" if by > 0 else "↓" if by < 0 else "→"
        moved, rises = f"{arrow} {text.rate_shown(abs(by))}", by > 0 if by else None
    url = url_of(request, tile.behind(asked.kind, *asked.days))
    return Card(tile.key, T(*tile.words), T(*tile.hint), _SHOWN[tile.unit](shown.value), moved, rises, url)


def _best(request: Any, asked: Asked) -> tuple[str, str]:
    """Return by what the address breaks the figures down, and by what the best are the best."""
    return request.GET.get("by", dimensions(asked.kind)[0]), request.GET.get("order", "paid")


def _chart(request: Any, asked: Asked, of: str) -> Chart:
    if of == "trend":
        return drawn.trend(request, asked, request.GET.get("measure", next(iter(drawn.MEASURES))))
    if of == "cohorts":
        return broken_down.cohorts(request, asked, request.GET.get("measure", "active"))
    if of == "best":
        return broken_down.best(request, asked, *_best(request, asked))
    now, before = _sums(asked)
    if of == "tiles":
        shown = tiles.shown(asked.kind, now, before, None)
        return drawn.tile_table(request, asked, shown)
    if of == "funnel":
        return drawn.funnel(request, asked, now)
    if of == "commission":
        return drawn.commission(request, asked, now)
    raise NotFound
