"""What the index decides from values alone: how a product stands, which rows to write."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tuike.kit.money import BPS, share
from tuike.library.types import FOREVER, BadPage, ItemRow, Range, Standing, Wanted


def commission(price_fen: int, rate_bps: int) -> int:
    """Return the commission of one piece, rounded down: who pays keeps the fraction (docs/rules.md §6)."""
    return share(price_fen, bps=rate_bps)


def periods(
    product_id: int, now: datetime, midnight: datetime, stands_now: Standing | None, stands_then: Standing | None
) -> list[ItemRow]:
    """Return the rows of a product from `now` on: how it stands until the next midnight, and from then."""
    if stands_now == stands_then:
        return [ItemRow(product_id, now, FOREVER, stands_now)] if stands_now else []
    rows = []
    if stands_now:
        rows.append(ItemRow(product_id, now, midnight, stands_now))
    if stands_then:
        rows.append(ItemRow(product_id, midnight, FOREVER, stands_then))
    return rows


def changes(
    stored: Mapping[int, ItemRow], wanted: Sequence[ItemRow], now: datetime
) -> tuple[list[int], dict[int, datetime], list[ItemRow]]:
    """Return what turns a product's `stored` rows (by id, those that end after `now`) into the `wanted` ones: ids to
    remove, new ends by id, rows to add. A row that says the same stays, whenever it began."""
    left = list(wanted)
    gone: list[int] = []
    ends: dict[int, datetime] = {}
    for id_, row in stored.items():
        same = next((one for one in left if _same(row, one, now)), None)
        if same is None:
            gone.append(id_)
            continue
        left.remove(same)
        if row.ends != same.ends:
            ends[id_] = same.ends
    return gone, ends, left


def implied(wanted: Wanted, rates: Range) -> Wanted:
    """Return the same question with what price, rate and commission say about one another: a walk through the index in
    the order of one of them then begins where the others let it.

    `rates` are the lowest and the highest rate that any product has. Nothing that was wanted is lost.
    """
    low = _highest(wanted.rate_bps.low, rates.low) or 0
    high = _lowest(wanted.rate_bps.high, rates.high) or BPS
    price, earned = wanted.price_fen, wanted.commission_fen
    commission_fen = Range(
        _highest(earned.low, None if price.low is None else commission(price.low, low)),
        _lowest(earned.high, None if price.high is None else commission(price.high, high)),
    )
    # floor(price × rate) ≥ low, and floor(price × rate) ≤ high, turned round.
    price_fen = Range(
        _highest(price.low, None if earned.low is None else -(-earned.low * BPS // high)),
        _lowest(price.high, None if earned.high is None or not low else -(-(earned.high + 1) * BPS // low) - 1),
    )
    return replace(wanted, price_fen=price_fen, commission_fen=commission_fen)


def _highest(*bounds: int | None) -> int | None:
    return max((one for one in bounds if one is not None), default=None)


def _lowest(*bounds: int | None) -> int | None:
    return min((one for one in bounds if one is not None), default=None)


def page_mark(value: int, product_id: int, *, back: bool) -> str:
    """Return the mark of the page that follows (or with `back` precedes) a card with this sort value."""
    return f"{'b' if back else 'a'}{value}_{product_id}"


def read_mark(text: str) -> tuple[int, int, bool]:
    """Return sort value, product id and direction of a page's mark.

    Raises:
        BadPage: none of ours.
    """
    value, _, product = text[1:].partition("_")
    if text[:1] not in ("a", "b") or not product.isdecimal() or not value.removeprefix("-").isdecimal():
        raise BadPage
    if max(len(value), len(product)) > 18:
        raise BadPage
    return int(value), int(product), text[0] == "b"


def _same(row: ItemRow, wanted: ItemRow, now: datetime) -> bool:
    """A row holds from now on if it began; one that is to begin has to begin when it is wanted."""
    begins = row.begins if row.begins > now else now
    return row.stands == wanted.stands and begins == wanted.begins
