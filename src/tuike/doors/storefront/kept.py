"""Favourites and products seen."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts, ProductState
from tuike.doors.storefront import answers, paging
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Limit, Number
from tuike.flows import keep_for_member
from tuike.kit import clock
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import FavouriteKind, FavouriteShown
from tuike.parties import queries as parties

router = Router(auth=signed_in, tags=["member"])
Before = Annotated[str, Query(max_length=64, pattern=r"^[0-9a-z]*$", description="`next` of the page before.")]


class KeptProduct(Schema):
    """A product that the caller marked or saw; `price_fen` is that of its cheapest choice, `on_sale`: it can be bought
    now."""

    no: str
    title: str
    subtitle: str
    picture: str
    price_fen: int
    shop: answers.Shop
    on_sale: bool
    at: datetime


class KeptProducts(Schema):
    """A page of products, the last marked or seen first."""

    items: list[KeptProduct]
    next: str


class KeptShop(answers.Shop):
    """A shop that the caller marked."""

    at: datetime


class KeptShops(Schema):
    """A page of shops, the last marked first."""

    items: list[KeptShop]
    next: str


class Marked(Schema):
    """Whether the caller has marked it."""

    marked: bool


@router.get("/favourites/products", response=answers.answers(KeptProducts))
def favourite_products(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List the products that the caller marked."""
    found = _page(request, FavouriteKind.PRODUCT, before, limit)
    return {"items": _products((one.object_id, one.at) for one in found), "next": _next(found, limit)}


@router.get("/favourites/shops", response=answers.answers(KeptShops))
def favourite_shops(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List the shops that the caller marked."""
    found = _page(request, FavouriteKind.SHOP, before, limit)
    shops = parties.refs({one.object_id for one in found})
    items = [{"no": shops[one.object_id].no, "name": shops[one.object_id].name, "at": one.at} for one in found]
    return {"items": items, "next": _next(found, limit)}


@router.get("/favourites/{kind}/{no}", response=answers.answers(Marked))
def favourite(request: HttpRequest, kind: FavouriteKind, no: Number) -> object:
    """Tell whether the caller has marked a product or shop."""
    return _marked(request, kind, no)


@router.put("/favourites/{kind}/{no}", response=answers.answers(Marked))
def mark(request: HttpRequest, kind: FavouriteKind, no: Number) -> object:
    """Mark a product or a shop; again is no matter."""
    keep_for_member.mark(person_id=person(request).id, kind=kind, object_no=no, now=clock.now())
    return _marked(request, kind, no)


@router.delete("/favourites/{kind}/{no}", response=answers.answers(Marked))
def unmark(request: HttpRequest, kind: FavouriteKind, no: Number) -> object:
    """Take a mark away; again is no matter."""
    object_id, _ = keep_for_member.marked_object(kind, no)
    members.remove_favourite(person_id=person(request).id, kind=kind, object_id=object_id)
    return _marked(request, kind, no)


@router.get("/footprints", response=answers.answers(KeptProducts))
def footprints(request: HttpRequest) -> object:
    """List the last 200 products that the caller looked at."""
    found = members_of.footprints_of(person_id=person(request).id)
    return {"items": _products((one.product_id, one.seen_at) for one in found), "next": ""}


@router.put("/footprints/{no}", response=answers.answers(None, 204))
def saw(request: HttpRequest, no: Number) -> object:
    """Note that the caller looks at a product."""
    product_id, _ = keep_for_member.marked_object(FavouriteKind.PRODUCT, no)
    keep_for_member.saw_product(person_id=person(request).id, product_id=product_id, now=clock.now())
    return Status(204, None)


@router.delete("/footprints", response=answers.answers(None, 204))
def clear_footprints(request: HttpRequest) -> object:
    """Forget all products that the caller looked at."""
    members.clear_footprints(person_id=person(request).id)
    return Status(204, None)


@router.delete("/footprints/{no}", response=answers.answers(None, 204))
def clear_footprint(request: HttpRequest, no: Number) -> object:
    """Forget that the caller looked at a product."""
    members.clear_footprints(person_id=person(request).id, product_id=catalog.id_of(no))
    return Status(204, None)


def _page(request: HttpRequest, kind: FavouriteKind, before: str, limit: int) -> list[FavouriteShown]:
    last = paging.decoded(before) if before else None
    return members_of.favourites_of(person_id=person(request).id, kind=kind, before=last, limit=limit)


def _next(found: list[FavouriteShown], limit: int) -> str:
    return paging.encoded(found[-1].id if len(found) == limit else None)


def _marked(request: HttpRequest, kind: FavouriteKind, no: str) -> dict[str, bool]:
    object_id, _ = keep_for_member.marked_object(kind, no)
    return {"marked": bool(members_of.marked(person_id=person(request).id, kind=kind, object_ids=[object_id]))}


def _products(kept: Iterable[tuple[int, datetime]]) -> list[dict[str, Any]]:
    at = dict(kept)
    facts = catalog.product_facts(at)
    shops = parties.refs({one.merchant_id for one in facts.values()})
    return [_product(facts[id_], shops) | {"at": when} for id_, when in at.items() if id_ in facts]


def _product(one: ProductFacts, shops: dict) -> dict[str, Any]:
    return {
        "no": one.product_no,
        "title": one.title,
        "subtitle": one.subtitle,
        "picture": next(iter(one.pictures), ""),
        "price_fen": one.min_price_fen,
        "shop": shops[one.merchant_id],
        "on_sale": one.state is ProductState.ON_SALE and one.free > 0,
    }
