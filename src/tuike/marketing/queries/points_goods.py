"""Reads of the points mall: a shop's own goods, and what buyers see of those whose shops have it on."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.marketing.queries import switches
from tuike.marketing.types.points_goods import PointsGoodShown
from tuike.parties.types import MallFunction

_COLUMNS = (
    "g.id, g.no, g.merchant_id, g.product_id, g.sku_id, g.points, g.money_fen, g.stock, g.taken, g.limit_each,"
    " g.starts_at, g.ends_at, g.stopped_at"
)


def points_good_by_no(no: str) -> PointsGoodShown:
    """Return a good of the points mall.

    Raises:
        NotFound: no such good, or its shop has the points mall off.
    """
    found = _one("g.no = %s", [no])
    if not switches.shops_offering(MallFunction.POINTS_MALL, [found.merchant_id]):
        raise NotFound
    return found


def points_good_of(*, merchant_id: int, no: str) -> PointsGoodShown:
    """Return a shop's own good.

    Raises:
        NotFound: not the shop's.
    """
    return _one("g.merchant_id = %s AND g.no = %s", [merchant_id, no])


def open_points_goods(*, now: datetime, before: int | None = None, limit: int = 20) -> list[PointsGoodShown]:
    """Return a page of what can be taken now in shops that have the points mall on, newest first, after `before`."""
    if not switches.mall_offers(MallFunction.POINTS_MALL):
        return []
    return _where(
        "g.stopped_at IS NULL AND g.starts_at <= %s AND g.ends_at > %s AND g.taken < g.stock"
        " AND 'points_mall' = ANY(m.functions) AND p.suspended_at IS NULL AND (%s::bigint IS NULL OR g.id < %s)",
        [now, now, before, before],
        limit,
    )


def points_goods_of(*, merchant_id: int, before: int | None = None, limit: int = 20) -> list[PointsGoodShown]:
    """Return a page of a shop's goods, newest first, after `before`."""
    return _where("g.merchant_id = %s AND (%s::bigint IS NULL OR g.id < %s)", [merchant_id, before, before], limit)


def points_goods_held(*, buyer_id: int, good_ids: Iterable[int]) -> dict[int, int]:
    """Return how many pieces of which goods a buyer has taken."""
    found = rows.query(
        "SELECT good_id, sum(quantity) FROM marketing_points_good_taking"
        " WHERE good_id = ANY(%s) AND buyer_id = %s AND back_at IS NULL GROUP BY good_id",
        [sorted(set(good_ids)), buyer_id],
    )
    return {good_id: int(quantity) for good_id, quantity in found}


def _one(condition: str, params: Sequence[Any]) -> PointsGoodShown:
    found = _where(condition, params, 1)
    if not found:
        raise NotFound
    return found[0]


def _where(condition: str, params: Sequence[Any], limit: int) -> list[PointsGoodShown]:
    found = rows.query(
        f"SELECT {_COLUMNS} FROM marketing_points_good g JOIN parties_merchant m ON m.party_id = g.merchant_id"
        " JOIN parties_party p ON p.id = m.party_id"
        f" WHERE {condition} ORDER BY g.id DESC LIMIT %s",
        [*params, limit],
    )
    names = (
        "good_id",
        "no",
        "merchant_id",
        "product_id",
        "sku_id",
        "points",
        "money_fen",
        "stock",
        "taken",
        "limit_each",
        "starts_at",
        "ends_at",
        "stopped_at",
    )
    return [PointsGoodShown(**dict(zip(names, row, strict=True))) for row in found]
