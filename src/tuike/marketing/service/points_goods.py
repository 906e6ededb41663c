"""Goods of the points mall: offered and stopped by shops; taken at placement, given back when an order closes."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number
from tuike.marketing.queries import points_goods as queries
from tuike.marketing.rules import points_goods as rules
from tuike.marketing.service import points
from tuike.marketing.types.points_goods import (
    NewPointsGood,
    PointsGoodLimit,
    PointsGoodNotOpen,
    PointsGoodPhase,
    PointsGoodShown,
    PointsGoodTaken,
    PointsGoodTakenUp,
)

# The good's row is locked by what it takes: takers of one come one after the other, so counting theirs is exact.
_TAKE_GOOD = """
    UPDATE marketing_points_good SET taken = taken + %(quantity)s
    WHERE id = %(good)s AND taken + %(quantity)s <= stock AND stopped_at IS NULL AND starts_at <= %(now)s
        AND ends_at > %(now)s RETURNING id
"""
_ADD_TAKING = """
    INSERT INTO marketing_points_good_taking (id, no, good_id, buyer_id, quantity, points, taken_at)
    SELECT %(id)s, %(no)s, %(good)s, %(buyer)s, %(quantity)s, %(points)s, %(now)s FROM marketing_points_good_taking
    WHERE good_id = %(good)s AND buyer_id = %(buyer)s AND back_at IS NULL
    HAVING coalesce(sum(quantity), 0) + %(quantity)s <= %(limit)s RETURNING id
"""
_GIVE_BACK = """
    WITH back AS (
        UPDATE marketing_points_good_taking SET back_at = %s WHERE no = ANY(%s) AND back_at IS NULL
        RETURNING good_id, quantity
    ), summed AS (SELECT good_id, sum(quantity) AS quantity FROM back GROUP BY good_id)
    UPDATE marketing_points_good g SET taken = g.taken - s.quantity FROM summed s WHERE s.good_id = g.id
"""


@transaction.atomic
def offer_points_good(*, merchant_id: int, good: NewPointsGood, actor: Actor, now: datetime) -> PointsGoodShown:
    """Offer pieces of a shop's SKU for points and perhaps money; the terms never change (docs/rules.md §10).

    Raises:
        Invalid: a field that makes no sense.
        NotFound: not a SKU of the shop.
    """
    facts = catalog.sku_facts([good.sku_id]).get(good.sku_id)
    if facts is None or facts.merchant_id != merchant_id:
        raise NotFound
    rules.check_points_good(good, price_fen=facts.price_fen, now=now)
    id_ = _next_id("marketing_points_good")
    no = number("J", id_, now)
    rows.run(
        "INSERT INTO marketing_points_good (id, no, merchant_id, product_id, sku_id, points, money_fen, stock, taken,"
        " limit_each, starts_at, ends_at, created_at) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 0, %s, %s, %s, %s)",
        [
            *(id_, no, merchant_id, facts.product_id, good.sku_id, good.points, good.money_fen),
            *(good.stock, good.limit_each, good.starts_at, good.ends_at, now),
        ],
    )
    told = {"sku_id": good.sku_id, "points": good.points, "money_fen": good.money_fen, "stock": good.stock}
    audit.record(actor=actor, action="points_good.offer", object_=no, facts=told, now=now)
    return queries.points_good_of(merchant_id=merchant_id, no=no)


@transaction.atomic
def stop_points_good(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> PointsGoodShown:
    """Let nobody take any more of it, at once.

    Raises:
        NotFound: not a good of the shop.
        PointsGoodNotOpen: it is over, or was stopped before.
    """
    rows.query("SELECT 1 FROM marketing_points_good WHERE merchant_id = %s AND no = %s FOR UPDATE", [merchant_id, no])
    good = queries.points_good_of(merchant_id=merchant_id, no=no)
    if good.phase(now) in (PointsGoodPhase.STOPPED, PointsGoodPhase.OVER):
        raise PointsGoodNotOpen
    rows.run("UPDATE marketing_points_good SET stopped_at = %s WHERE id = %s", [now, good.good_id])
    audit.record(actor=actor, action="points_good.stop", object_=no, facts={"taken": good.taken}, now=now)
    return queries.points_good_of(merchant_id=merchant_id, no=no)


@transaction.atomic
def take_points_good(*, buyer_id: int, good_no: str, quantity: int, now: datetime) -> PointsGoodTaken:
    """Take pieces of a good and spend their points, for an order that is being placed in the same transaction.

    Stock and window are held by the statement that takes, the limit a person by the one that adds. The points are
    spent for the taking's number, which is the source of the discount `points_good`.

    Raises:
        NotFound: no such good, or the shop has the points mall off.
        PointsGoodTakenUp, PointsGoodNotOpen, PointsGoodLimit: what it isn't given for.
        PointsShort: see `spend_points`.
    """
    if quantity < 1:
        raise Invalid(field="quantity", reason_zh="至少 1 件", reason_en="at least one")
    good = queries.points_good_by_no(good_no)
    asked = {"good": good.good_id, "quantity": quantity, "buyer": buyer_id, "now": now, "limit": good.limit_each}
    if not rows.query(_TAKE_GOOD, asked):
        again = queries.points_good_by_no(good_no).phase(now)
        raise PointsGoodTakenUp if again in (PointsGoodPhase.OPEN, PointsGoodPhase.TAKEN_UP) else PointsGoodNotOpen
    id_ = _next_id("marketing_points_good_taking")
    no, whole = number("H", id_, now), good.points * quantity
    if not rows.query(_ADD_TAKING, asked | {"id": id_, "no": no, "points": whole}):
        raise PointsGoodLimit(limit=good.limit_each)
    points.spend_points(buyer_id=buyer_id, points=whole, kind="points_good", source=no, now=now)
    return PointsGoodTaken(
        no=no,
        merchant_id=good.merchant_id,
        sku_id=good.sku_id,
        quantity=quantity,
        points=whole,
        money_fen=good.money_fen * quantity,
    )


@transaction.atomic
def give_back_points_goods(*, nos: Iterable[str], now: datetime) -> None:
    """Give pieces and their points back whose order came to nothing; again it does nothing."""
    wanted = sorted(set(nos))
    rows.run(_GIVE_BACK, [now, wanted])
    points.return_all_points(sources=wanted, now=now)


def _next_id(table: str) -> int:
    return int(rows.query("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])[0][0])
