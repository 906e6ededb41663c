"""Points: what there is, what ends when, the history; and what shops give for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from tuike.catalog import queries as catalog
from tuike.doors.storefront import answers, paging
from tuike.doors.storefront.callers import anybody, maybe_person, person, signed_in
from tuike.doors.storefront.kinds import Limit, Number
from tuike.doors.storefront.members import MemberPoints
from tuike.kit import clock
from tuike.marketing import queries as marketing
from tuike.marketing.types import PointsGoodShown
from tuike.parties import queries as parties
from tuike.parties.types import FunctionOff, MallFunction

router = Router(tags=["points"])
Before = Annotated[str, Query(max_length=64, pattern=r"^[0-9a-z]*$", description="`next` of the page before.")]


class PointsMove(Schema):
    """A change of the caller's points: `points` > 0, negative `change` for those that went.

    `kind`: earned, taken_back, spent, returned, expired, given_up; `source` is the number of what it is about."""

    kind: str
    change: int
    source: str
    at: datetime


class PointsMoves(Schema):
    """A page of the history, newest first."""

    items: list[PointsMove]
    next: str


class PointsGood(Schema):
    """A piece of a product's choice for points and `money_fen`; `price_fen` is what it costs otherwise."""

    no: str
    shop: answers.Shop
    product_no: str
    title: str
    spec: str
    picture: str
    sku_id: int
    points: int
    money_fen: int
    price_fen: int
    left: int
    limit_each: int
    held: int
    starts_at: datetime
    ends_at: datetime
    phase: str


class PointsGoods(Schema):
    """A page of what can be taken now, newest first."""

    items: list[PointsGood]
    next: str


@router.get("/points", response=answers.answers(MemberPoints), auth=signed_in)
def points(request: HttpRequest) -> object:
    """Tell how many points the caller may spend, and what of them ends soon."""
    _on(MallFunction.POINTS)
    return marketing.points_standing(person(request).id, now=clock.now())


@router.get("/points/history", response=answers.answers(PointsMoves), auth=signed_in)
def history(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List what came and went of the caller's points."""
    _on(MallFunction.POINTS)
    last = paging.decoded(before) if before else None
    found = marketing.points_history(buyer_id=person(request).id, before=last, limit=limit)
    items = [
        {
            "kind": one.kind.value,
            "change": -one.points if one.kind.outgoing else one.points,
            "source": one.source,
            "at": one.at,
        }
        for one in found
    ]
    return {"items": items, "next": paging.encoded(found[-1].id if len(found) == limit else None)}


@router.get("/points/goods", response=answers.answers(PointsGoods), auth=anybody)
def goods(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List what shops give for points."""
    _on(MallFunction.POINTS_MALL)
    found = marketing.open_points_goods(now=clock.now(), before=paging.decoded(before) if before else None, limit=limit)
    return {
        "items": _goods(request, found),
        "next": paging.encoded(found[-1].good_id if len(found) == limit else None),
    }


@router.get("/points/goods/{no}", response=answers.answers(PointsGood), auth=anybody)
def good(request: HttpRequest, no: Number) -> object:
    """Show one of them; it is bought by its number (`points_good`) at checkout."""
    return _goods(request, [marketing.points_good_by_no(no)])[0]


def _on(function: MallFunction) -> None:
    if not marketing.mall_offers(function):
        raise FunctionOff


def _goods(request: HttpRequest, found: Sequence[PointsGoodShown]) -> list[dict[str, Any]]:
    who, now = maybe_person(request), clock.now()
    held = marketing.points_goods_held(buyer_id=who.id, good_ids=[one.good_id for one in found]) if who else {}
    skus = catalog.sku_facts({one.sku_id for one in found})
    products = catalog.product_facts({one.product_id for one in found})
    shops = parties.refs({one.merchant_id for one in found})
    return [
        {
            "no": one.no,
            "shop": shops[one.merchant_id],
            "product_no": products[one.product_id].product_no,
            "title": products[one.product_id].title,
            "spec": skus[one.sku_id].spec,
            "picture": next(iter(products[one.product_id].pictures), ""),
            "sku_id": one.sku_id,
            "points": one.points,
            "money_fen": one.money_fen,
            "price_fen": skus[one.sku_id].price_fen,
            "left": one.stock - one.taken,
            "limit_each": one.limit_each,
            "held": held.get(one.good_id, 0),
            "starts_at": one.starts_at,
            "ends_at": one.ends_at,
            "phase": one.phase(now).value,
        }
        for one in found
    ]
