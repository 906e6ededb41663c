"""Makers of points and of goods of the points mall."""

import itertools
from datetime import datetime, timedelta

from tests.make import catalog as make_catalog
from tests.make.alliance import NOON
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.marketing import service
from tuike.marketing.types import NewPointsGood, OrderWorth, PointsEarned, PointsGoodShown, PointsRule
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

BUYER = 501
RULE = PointsRule(by_count=False, per_yuan=1, per_order=10, days=365)
_numbers = itertools.count(1)


def worth(
    merchant_id: int,
    paid_fen: int = 10_000,
    refunded_fen: int = 0,
    *,
    order_no: str | None = None,
    buyer_id: int = BUYER,
) -> OrderWorth:
    """Return a completed order of ¥100."""
    return OrderWorth(
        order_no=order_no or f"M2603020000{next(_numbers):04d}",
        buyer_id=buyer_id,
        merchant_id=merchant_id,
        paid_fen=paid_fen,
        refunded_fen=refunded_fen,
    )


def earn(*orders: OrderWorth, rule: PointsRule = RULE, now: datetime = NOON, multiplier_bps: int = 10_000) -> int:
    """Let orders earn."""
    earnings = [PointsEarned(order=one, rule=rule, multiplier_bps=multiplier_bps, at=now) for one in orders]
    return service.earn_points(earnings=earnings, now=now)


def good(merchant_id: int | None = None, *, now: datetime = NOON, **changes: object) -> PointsGoodShown:
    """Return a good for 50 points and ¥1, ten of them, two a person, in a shop that has the points mall on."""
    sku_id = make_catalog.sku() if merchant_id is None else make_catalog.sku(merchant_id=merchant_id)
    return offered(catalog.sku_facts([sku_id])[sku_id].merchant_id, sku_id, now=now, **changes)


def offered(merchant_id: int, sku_id: int, *, now: datetime = NOON, **changes: object) -> PointsGoodShown:
    """Return a good as `good` does, of a choice that there is."""
    parties.switch_function(
        merchant_id=merchant_id, function=MallFunction.POINTS_MALL, on=True, actor=OPERATOR_SHELL, now=now
    )
    facts: dict = {"points": 50, "money_fen": 100, "stock": 10, "limit_each": 2}
    wanted = NewPointsGood(sku_id=sku_id, starts_at=now, ends_at=now + timedelta(days=7), **facts | changes)
    return service.offer_points_good(merchant_id=merchant_id, good=wanted, actor=OPERATOR_SHELL, now=now)
