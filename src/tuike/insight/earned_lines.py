"""The lines of orders on which promoters earn, with all that programs show of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.attribution import queries as attribution
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.insight.earned_orders import EARNING, OF_PROMOTER, OF_SHOP, STAND, TURN, Stand
from tuike.orders.types import OrderState
from tuike.parties import queries as parties
from tuike.parties.types import Source


@dataclass(frozen=True, slots=True)
class EarnedLine:
    """A paid line and what is earned of it, as it stands. `rate_bps` is what the commission was computed at.

    `pid`, `place` and `customize_info` are empty where another promoter brought the line (recruiters see that only they
    earn). `commission_fen` is what the asking promoter earns; of a shop's line what it pays to all.
    """

    line_id: int
    product_id: int
    external_no: str
    sku_id: int
    title: str
    spec: str
    picture: str
    categories: tuple[str, ...]
    price_fen: int
    quantity: int
    paid_fen: int
    rate_bps: int
    commission_fen: int
    stand: Stand
    turned_at: datetime
    settled_at: datetime | None
    pid: str
    place: str
    customize_info: str
    brought_by: int | None


@dataclass(frozen=True, slots=True)
class EarnedOrder:
    """A paid order with the lines on which the asker earns, or whose promoter the asking shop pays.

    `shop_appid` is what programs know the shop by, `user_info` what the promoter knows the buyer by.
    """

    order_no: str
    external_no: str
    source: Source
    state: OrderState
    placed_at: datetime
    paid_at: datetime
    received_at: datetime | None
    stepped_at: datetime
    payable_fen: int
    freight_fen: int
    discount_fen: int
    merchant_id: int
    shop: str
    shop_appid: str
    user_info: str
    lines: tuple[EarnedLine, ...]


_ORDERS = """
    SELECT o.no, o.external_no, o.source, o.state, o.placed_at, o.paid_at, o.received_at,
           greatest(o.placed_at, o.paid_at, o.shipped_at, o.received_at, o.closed_at), o.payable_fen, o.freight_fen,
           o.discount_fen, o.merchant_id, m.name, coalesce(b.unionid, '')
    FROM orders_order o JOIN parties_party m ON m.id = o.merchant_id LEFT JOIN people_person b ON b.id = o.buyer_id
    WHERE o.no = ANY(%(order_nos)s)
"""
_LINES = """
    SELECT s.order_no, l.id, l.product_id, g.external_no, l.sku_id, l.title, l.spec, coalesce(g.pictures[1], ''),
           l.category_id, l.price_fen, l.quantity, l.paid_fen, f.rate_bps, {paid}, {stand}, {turn}, f.settled_at,
           {place}, k.promoter_id
    FROM commission_sale s JOIN orders_line l ON l.id = s.id
    CROSS JOIN LATERAL (
        SELECT {earning}, max(a.rate_bps) FILTER (WHERE a.role <> 'bonus') AS rate_bps,
            sum(a.amount_fen)::bigint AS fen, max(a.settled_at) AS settled_at
        FROM commission_accrual a WHERE a.sale_id = s.id AND {whose}
    ) AS f
    LEFT JOIN catalog_product g ON g.id = l.product_id
    LEFT JOIN attribution_claim k ON k.id = l.id LEFT JOIN attribution_place p ON p.id = k.place_id
    WHERE f.made_at IS NOT NULL AND s.order_no = ANY(%(order_nos)s) ORDER BY l.order_id, l.no
"""
_ALL_PAID = (
    "(SELECT sum(t.amount_fen)::bigint FROM commission_accrual t WHERE t.sale_id = s.id AND t.funder = 'merchant')"
)
_OWN_PLACE = (
    "CASE WHEN k.promoter_id = %(promoter)s THEN p.pid ELSE '' END,"
    " CASE WHEN k.promoter_id = %(promoter)s THEN p.name ELSE '' END,"
    " CASE WHEN k.promoter_id = %(promoter)s THEN k.customize_info ELSE '' END"
)
_NO_PLACE = "'', '', ''"


def of_promoter(*, promoter_id: int, order_nos: Sequence[str]) -> list[EarnedOrder]:
    """Return the orders on which a promoter earns, in the given order; others, and unknown ones, are left out."""
    lines = _LINES.format(paid="f.fen", stand=STAND, turn=TURN, place=_OWN_PLACE, earning=EARNING, whose=OF_PROMOTER)
    return _orders(lines, {"order_nos": list(order_nos), "promoter": promoter_id}, promoter_id=promoter_id)


def of_merchant(*, merchant_id: int, order_nos: Sequence[str]) -> list[EarnedOrder]:
    """Return a shop's orders whose promoter it pays, in the given order; others, and unknown ones, are left out."""
    lines = _LINES.format(paid=_ALL_PAID, stand=STAND, turn=TURN, place=_NO_PLACE, earning=EARNING, whose=OF_SHOP)
    return _orders(lines, {"order_nos": list(order_nos), "merchant": merchant_id}, promoter_id=None)


def _orders(lines: str, params: dict, *, promoter_id: int | None) -> list[EarnedOrder]:
    names = {node.category_id: node for node in catalog.categories()}
    paths = {id_: tuple(names[one].name for one in node.path if one in names) for id_, node in names.items()}
    by_order: dict[str, list[EarnedLine]] = {}
    for order_no, *row in rows.query(lines, params):
        by_order.setdefault(order_no, []).append(_line(row, paths))
    found = {row[0]: row for row in rows.query(_ORDERS, {"order_nos": list(by_order)})}
    shops = parties.merchant_facts({row[11] for row in found.values()})
    appids = parties.appids_of(shops)
    infos = _infos(promoter_id, {row[13] for row in found.values()})
    return [
        EarnedOrder(
            *row[:2],
            Source(row[2]),
            OrderState(row[3]),
            *row[4:12],
            row[12],
            shops[row[11]].appid or appids.get(row[11], ""),
            infos.get(row[13], ""),
            tuple(by_order[no]),
        )
        for no, row in ((no, found[no]) for no in params["order_nos"] if no in found)
    ]


def _line(row: list, paths: dict[int, tuple[str, ...]]) -> EarnedLine:
    return EarnedLine(
        row[0],
        row[1],
        row[2] or "",
        row[3],
        row[4],
        row[5],
        row[6],
        paths.get(row[7], ()),
        *row[8:11],
        row[11] or 0,
        row[12] or 0,
        Stand(row[13]),
        *row[14:16],
        *row[16:19],
        row[19],
    )


def _infos(promoter_id: int | None, unionids: set[str]) -> dict[str, str]:
    """Return what a promoter whose software is bound to an open-platform account knows these people by."""
    if promoter_id is None or not attribution.open_account_of(promoter_id=promoter_id):
        return {}
    return attribution.user_infos(promoter_id=promoter_id, unionids=unionids)
