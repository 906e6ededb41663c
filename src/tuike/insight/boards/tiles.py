"""Every tile of the boards, once for all who have one, and its value (docs/rules.md §8).

A tile is found by its key: thresholds and reports name it so.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from tuike.figures import queries as figures
from tuike.figures.types import Owner
from tuike.insight.boards import behind
from tuike.insight.boards.types import (
    LEADER,
    MERCHANT,
    OPERATOR,
    PROMOTER,
    Part,
    Shown,
    Sums,
    Tile,
    Unit,
)
from tuike.kit import days
from tuike.kit.errors import NotFound

SPANS = (1, 7, 30, 90)
"""Days that may be asked for; today is the last of them."""
KINDS = {Owner.PROMOTER: PROMOTER, Owner.MERCHANT: MERCHANT, Owner.LEADER: LEADER, Owner.ALL: OPERATOR}
"""Whose figures → the kind of party that sees them."""
OPEN = ("waiting", "pending", "held")
"""Statuses of commission that hasn't settled."""
_SELLERS = frozenset({MERCHANT, OPERATOR})


def owner_of(kind: str, party_id: int) -> tuple[Owner, int]:
    """Return whose figures a party's board shows: its own, the operator's everybody's."""
    owner = next(one for one, name in KINDS.items() if name == kind)
    return owner, 0 if owner is Owner.ALL else party_id


def _fen(*statuses: str) -> Callable[[Sums], int]:
    return lambda sums: sum(one.amount_fen for one in sums.commission if one.status in statuses)


def _accruals(*statuses: str) -> Callable[[Sums], int]:
    return lambda sums: sum(one.accruals for one in sums.commission if one.status in statuses)


def _refund_bps(sums: Sums) -> int | None:
    """Return what was refunded of what was paid, rounded down."""
    paid = sums.figures.paid_fen
    return sums.figures.refunded_fen * 10_000 // paid if paid else None


_PROMOTION = (
    Tile(
        "shares", ("分享", "Shares"), ("素材被复制、下载或发出的次数", "material copied, downloaded or posted"),
        Unit.COUNT, Part.PROMOTION, lambda sums: sums.figures.shares, behind.traffic,
    ),
    Tile(
        "clicks", ("点击", "Clicks"), ("推广素材被打开的次数", "how often material was opened"),
        Unit.COUNT, Part.PROMOTION, lambda sums: sums.figures.clicks, behind.traffic,
    ),
    Tile(
        "visitors", ("访客", "Visitors"), ("每天每个推广位和商品计一次", "once a day for a place and a product"),
        Unit.COUNT, Part.PROMOTION, lambda sums: sums.figures.visitors, behind.traffic,
    ),
    Tile(
        "conversion", ("转化率", "Conversion"), ("订单数 ÷ 点击数", "orders ÷ clicks"),
        Unit.BPS, Part.PROMOTION, lambda sums: sums.figures.conversion_bps, behind.lines(),
    ),
)  # fmt: skip
_SALES = (
    Tile(
        "orders", ("推广订单", "Promoted orders"), ("按付款日期", "by the day of payment"),
        Unit.COUNT, Part.SALES, lambda sums: sums.figures.orders, behind.lines(),
    ),
    Tile(
        "paid", ("成交金额", "Paid"), ("推广订单实付", "what promoted orders paid"),
        Unit.FEN, Part.SALES, lambda sums: sums.figures.paid_fen, behind.lines(),
    ),
    Tile(
        "refunded", ("退款金额", "Refunded"), ("计入付款当日", "on the day of payment"),
        Unit.FEN, Part.SALES, lambda sums: sums.figures.refunded_fen, behind.lines(refunded="yes"),
    ),
    Tile(
        "refund_rate", ("退款率", "Refund rate"), ("退款金额 ÷ 成交金额", "refunded ÷ paid"),
        Unit.BPS, Part.SALES, _refund_bps, behind.lines(refunded="yes"),
    ),
    Tile(
        "received_orders", ("已收货订单", "Received orders"), ("其中买家已收货", "of them received"),
        Unit.COUNT, Part.SALES, lambda sums: sums.figures.received_orders, behind.lines(received="yes"),
    ),
    Tile(
        "settled_orders", ("已结算订单", "Settled orders"), ("其中佣金已结算", "of them settled"),
        Unit.COUNT, Part.SALES, lambda sums: sums.figures.settled_orders, behind.lines(settled="yes"),
    ),
    Tile(
        "all_orders", ("全部订单", "All orders"), ("含自然订单", "promoted or not"),
        Unit.COUNT, Part.SALES, lambda sums: sums.figures.all_orders, behind.all_lines, _SELLERS,
    ),
    Tile(
        "all_paid", ("全部成交", "All paid"), ("含自然订单", "promoted or not"),
        Unit.FEN, Part.SALES, lambda sums: sums.figures.all_paid_fen, behind.all_lines, _SELLERS,
    ),
)  # fmt: skip
_COMMISSION = (
    Tile(
        "estimated", ("预估佣金", "Estimated"), ("未取消的全部佣金", "all that isn't cancelled"),
        Unit.FEN, Part.COMMISSION, _fen(*OPEN, "settled"), behind.accruals(state="waiting,pending,settled"),
    ),
    Tile(
        "pending", ("待结算", "Pending"), ("不含审核中", "without what is held"),
        Unit.FEN, Part.COMMISSION, _fen("waiting", "pending"),
        behind.accruals(state="waiting,pending", review="clear,approved,rejected"),
    ),
    Tile(
        "held", ("审核中", "Held"), ("暂不结算，等待复核", "waits for a review"),
        Unit.FEN, Part.COMMISSION, _fen("held"), behind.accruals(state="waiting,pending", review="held"),
    ),
    Tile(
        "settled", ("已结算", "Settled"), ("这段时间付款的订单中", "of what was paid in the span"),
        Unit.FEN, Part.COMMISSION, _fen("settled"), behind.accruals(state="settled"),
    ),
    Tile(
        "cancelled", ("已取消笔数", "Cancelled"), ("退款或审核不通过", "refunded, or rejected"),
        Unit.COUNT, Part.COMMISSION, _accruals("cancelled"), behind.accruals(state="cancelled"),
    ),
)  # fmt: skip
TILES: Mapping[str, Tile] = {one.key: one for one in (*_PROMOTION, *_SALES, *_COMMISSION)}
"""All of them by key, in the order in which they stand."""


def of(kind: str) -> tuple[Tile, ...]:
    """Return the tiles that a kind of party has."""
    return tuple(one for one in TILES.values() if kind in one.kinds)


def span_days(span: int, now: datetime) -> tuple[date, date]:
    """Return the first and the last day of a span that ends today."""
    today = days.day_of(now)
    return today - timedelta(days=span - 1), today


def days_before(span: int, now: datetime) -> tuple[date, date]:
    """Return the first and the last of as many days before the span."""
    first, _ = span_days(span, now)
    return first - timedelta(days=span), first - timedelta(days=1)


def sums(*, owner: Owner, owner_id: int, first: date, last: date) -> Sums:
    """Return what the days from `first` to `last` (both included) of an owner come to."""
    asked = {"owner": owner, "owner_id": owner_id, "first": first, "last": last}
    return Sums(figures.total(**asked), tuple(figures.commission(**asked)))


def shown(kind: str, now: Sums, before: Sums, watermark: datetime | None) -> dict[str, Shown]:
    """Return the value of each tile that a kind of party has, by its key."""
    return {one.key: Shown(one.value(now), one.value(before), watermark) for one in of(kind)}


def tile_value(key: str, *, owner: Owner, owner_id: int, span: int, now: datetime) -> Shown:
    """Return the value of one tile in the last `span` days (today included) and in as many before; fen, a number or
    ten-thousandths by its unit (docs/rules.md §8).

    Raises:
        NotFound: there is no such tile for this owner, or no such span.
    """
    tile = TILES.get(key)
    if tile is None or KINDS[owner] not in tile.kinds or span not in SPANS:
        raise NotFound
    (first, last), (first_before, last_before) = span_days(span, now), days_before(span, now)
    current = sums(owner=owner, owner_id=owner_id, first=first, last=last)
    before = sums(owner=owner, owner_id=owner_id, first=first_before, last=last_before)
    return Shown(tile.value(current), tile.value(before), figures.watermark().at)
