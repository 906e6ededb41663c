"""What thresholds and reports are made of: figures of the boards, read as of an instant, and the content of a report.

A report's figures are those that the board shows of the same days; written down as plain JSON they stay as they were
(docs/rules.md §11).
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from tuike.alerts import queries as alerts_of
from tuike.alerts.types import Measured, Rhythm, Unit, Wish
from tuike.figures import queries as figures
from tuike.insight.boards import contribution, tiles
from tuike.insight.boards.types import LEADER, MERCHANT, OPERATOR, PROMOTER, Shown, Tile
from tuike.kit import days, money
from tuike.kit.errors import NotFound
from tuike.parties.types import PartyRef

TOPS = {
    PROMOTER: ("product", "place"),
    MERCHANT: ("product", "promoter"),
    LEADER: ("product", "merchant"),
    OPERATOR: ("merchant", "promoter", "product"),
}
"""What a report lists the best of, by the kind of party."""
BEST = 5
SAID = ("orders", "paid", "estimated", "settled")
"""The figures that the sentence of a report says, three of them: those that the kind of party has."""
DRAWN = {Rhythm.DAILY: 14, Rhythm.WEEKLY: 28}
"""Days that a report's picture shows, the last of them its own last one."""


def measured(party: PartyRef, tile: str, span: int, until: datetime) -> Measured | None:
    """Return a figure of a party's board over the `span` days that end with the day of `until`, and over as many
    before; None where its board has no such figure."""
    owner, owner_id = tiles.owner_of(party.kind.value, party.id)
    try:
        found = tiles.tile_value(tile, owner=owner, owner_id=owner_id, span=span, now=until)
    except NotFound:
        return None
    shown = tiles.TILES[tile]
    first, last = tiles.span_days(span, until)
    zh, en = shown.words
    return Measured(found.value, found.before, Unit(shown.unit.value), zh, en, first, last, found.watermark or until)


def offered(kind: str) -> tuple[Tile, ...]:
    """Return the figures on which a kind of party may set a threshold: all of its board."""
    return tiles.of(kind)


def unit_of(tile: str) -> Unit:
    """Return in what a figure is counted.

    Raises:
        NotFound: there is no such figure.
    """
    if tile not in tiles.TILES:
        raise NotFound
    return Unit(tiles.TILES[tile].unit.value)


def content(party: PartyRef, rhythm: Rhythm, first: date, last: date) -> Mapping[str, Any]:
    """Return a report of the days from `first` to `last` (both included) as plain JSON: figures with those of as many
    days before, the best by name, days for the picture, and up to when all of it was counted."""
    kind = party.kind.value
    owner, owner_id = tiles.owner_of(kind, party.id)
    span = (last - first).days + 1
    until = days.start_of(last + timedelta(days=1)) - timedelta(seconds=1)
    before = tiles.days_before(span, until)
    now_sums = tiles.sums(owner=owner, owner_id=owner_id, first=first, last=last)
    before_sums = tiles.sums(owner=owner, owner_id=owner_id, first=before[0], last=before[1])
    watermark = figures.watermark().at
    shown = tiles.shown(kind, now_sums, before_sums, watermark)
    drawn = _drawn(owner, owner_id, shown.keys(), first=last - timedelta(days=DRAWN[rhythm] - 1), last=last)
    zh, en = _said(shown)
    return {
        "party": party.name,
        "tiles": [_tile(one, shown[one.key]) for one in tiles.of(kind)],
        "tops": [_top(owner, owner_id, by, span, until) for by in TOPS[kind]] if "paid" in shown else [],
        "days": drawn,
        "watermark": watermark.isoformat() if watermark else None,
        "said_zh": zh,
        "said_en": en,
    }


def behind(party_kind: str, wish: Wish, first: date, last: date) -> tuple[str, Mapping[str, str]] | None:
    """Return the page (without the kind) and the address's query of the rows behind a figure, None for one that the
    board no longer has."""
    tile = tiles.TILES.get(wish.tile)
    if tile is None:
        return None
    found = tile.behind(party_kind, first, last)
    return found.page, found.asked


def _tile(tile: Tile, shown: Shown) -> dict[str, Any]:
    zh, en = tile.words
    return {
        "key": tile.key, "zh": zh, "en": en, "unit": tile.unit.value, "value": shown.value, "before": shown.before,
        "change_bps": shown.change_bps,
    }  # fmt: skip


def _drawn(owner: Any, owner_id: int, keys: Collection[str], *, first: date, last: date) -> list[dict[str, Any]]:
    """Return each day's money and number for the picture: what was paid for how many orders; of whoever has no such
    figures, the estimated commission of how many accruals."""
    if "paid" in keys:
        return [
            {"day": one.day.isoformat(), "paid_fen": one.figures.paid_fen, "orders": one.figures.orders}
            for one in figures.days(owner=owner, owner_id=owner_id, first=first, last=last)
        ]
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    sums = [tiles.sums(owner=owner, owner_id=owner_id, first=day, last=day) for day in every]
    estimated = tiles.TILES["estimated"].value
    return [
        {
            "day": day.isoformat(),
            "estimated_fen": estimated(one),
            "accruals": sum(part.accruals for part in one.commission if part.status != "cancelled"),
        }
        for day, one in zip(every, sums, strict=True)
    ]


def _top(owner: Any, owner_id: int, by: str, span: int, until: datetime) -> dict[str, Any]:
    found = contribution.contributions(owner=owner, owner_id=owner_id, by=by, span=span, order="paid", now=until)
    return {
        "by": by,
        "rows": [
            {
                "name": one.name or one.no, "name_en": one.name_en or one.name or one.no,
                "paid_fen": one.figures.paid_fen, "orders": one.figures.orders,
            }
            for one in found.rows[:BEST]
            if one.figures.paid_fen or one.figures.orders
        ],
    }  # fmt: skip


def _said(shown: Mapping[str, Shown]) -> tuple[str, str]:
    """Return the report in one sentence of each language."""
    zh, en = [], []
    for key in [each for each in SAID if each in shown][:3]:
        tile, one = tiles.TILES[key], shown[key]
        value = alerts_of.shown(one.value, Unit(tile.unit.value))
        change = one.change_bps
        moved = f"（{'+' if change >= 0 else '−'}{money.percent(abs(change))}）" if change is not None else ""
        zh.append(f"{tile.words[0]} {value}{moved}")
        en.append(f"{tile.words[1].lower()} {value}{moved.replace('（', ' (').replace('）', ')')}")
    return "，".join(zh), ", ".join(en)
