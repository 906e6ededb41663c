"""Coupons: seen beside a product and in the coupon centre, taken, the buyer's own, what they take off the cart."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from tuike.catalog import queries as catalog
from tuike.doors.storefront import answers, vouchers
from tuike.doors.storefront.callers import anybody, maybe_person, person, signed_in, visitor_of
from tuike.doors.storefront.kinds import MAX_ID, Before, IdempotencyKey, Limit, Number, Visitor
from tuike.doors.web.said import chinese
from tuike.flows import take_coupon
from tuike.kit import clock
from tuike.marketing import queries as coupons_of
from tuike.marketing.types import CouponShown, CouponTerms, Offer, VoucherState
from tuike.orders import queries as orders
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef

router = Router()
SkuIds = Annotated[
    list[Annotated[int, Field(ge=1, le=MAX_ID)]],
    Query(max_length=100, description="Choices of the cart that are bought; none: all of it."),
]


ShopNo = Annotated[str, Query(max_length=40, pattern=r"^[0-9A-Za-z]*$", description="Number of a shop.")]
CategoryId = Annotated[int | None, Query(ge=1, le=MAX_ID, description="Those for a category.")]
State = Annotated[str, Query(pattern="^(good|used|expired)?$", description="Only those that stand so.")]


class Coupons(Schema):
    """A product's coupons."""

    items: list[vouchers.Coupon]


class CouponCentre(Schema):
    """A page of what everyone may take, newest first."""

    items: list[vouchers.Coupon]
    next: str


class Vouchers(Schema):
    """A page of the buyer's vouchers, newest first."""

    items: list[vouchers.Voucher]
    next: str


class OfferShown(Schema):
    """What a voucher takes off the cart; nothing and why where it doesn't."""

    voucher: vouchers.Voucher
    minus_fen: int
    code: str
    message: str


class Offers(Schema):
    """The buyer's vouchers for what is in the cart, the best first."""

    items: list[OfferShown]


@router.get("/products/{no}/coupons", response=answers.answers(Coupons), auth=anybody, tags=["coupons"])
def of_product(request: HttpRequest, no: Number, visitor: Visitor = "") -> object:
    """List what lowers a product: what everyone may take, and alliance coupons for who came by a promoter's link."""
    facts, _ = catalog.shop_skus(product_id=catalog.id_of(no))
    who, now = maybe_person(request), clock.now()
    seen = take_coupon.coupons_seen(
        product=facts, buyer_id=who.id if who else None, visitor=visitor_of(request, visitor), now=now
    )
    return {"items": _offered(seen, who.id if who else None, now)}


@router.get("/coupons", response=answers.answers(CouponCentre), auth=anybody, tags=["coupons"])
def centre(
    request: HttpRequest, shop: ShopNo = "", category: CategoryId = None, before: Before = "", limit: Limit = 20
) -> object:
    """List the coupons that everyone may take now or within a week: of all shops and the platform, of one shop, or
    for a category."""
    who, now = maybe_person(request), clock.now()
    seen = take_coupon.coupon_centre(shop_no=shop, category_id=category, before=before, limit=limit, now=now)
    items = _offered(seen, who.id if who else None, now)
    return {"items": items, "next": seen[-1].no if len(seen) == limit else ""}


@router.post(
    "/coupons/{no}/vouchers", response=answers.answers(vouchers.Voucher, 201), auth=signed_in, tags=["coupons"]
)
def take(request: HttpRequest, no: Number, key: IdempotencyKey, visitor: Visitor = "") -> object:
    """Take a coupon."""
    now = clock.now()
    taken = take_coupon.take_coupon(
        buyer_id=person(request).id, visitor=visitor_of(request, visitor), coupon_no=no, key=key, now=now
    )
    return Status(201, vouchers.shown(taken, _shops([taken.terms]), now))


@router.get("/vouchers", response=answers.answers(Vouchers), auth=signed_in, tags=["coupons"])
def mine(request: HttpRequest, state: State = "", before: Before = "", limit: Limit = 20) -> object:
    """List the buyer's vouchers."""
    now = clock.now()
    if before:
        coupons_of.voucher_of(buyer_id=person(request).id, no=before)
    found = coupons_of.vouchers_of(
        buyer_id=person(request).id, state=VoucherState(state) if state else None, now=now, before=before, limit=limit
    )
    shops = _shops(one.terms for one in found)
    items = [vouchers.shown(one, shops, now) for one in found]
    return {"items": items, "next": found[-1].no if len(found) == limit else ""}


@router.get("/vouchers/offers", response=answers.answers(Offers), auth=signed_in, tags=["coupons"])
def quote(request: HttpRequest, sku_id: SkuIds = [], visitor: Visitor = "") -> object:  # noqa: B006 pydantic copies it
    """Tell what each voucher would take off the cart now."""
    now, buyer_id = clock.now(), person(request).id
    wanted = set(sku_id)
    items = [
        (one.sku_id, one.quantity) for one in orders.cart_of(buyer_id=buyer_id) if not wanted or one.sku_id in wanted
    ]
    offers = take_coupon.quote(buyer_id=buyer_id, visitor=visitor_of(request, visitor), items=items, now=now)
    shops = _shops(one.voucher.terms for one in offers)
    return {"items": [_offer(one, shops, now) for one in offers]}


def _shops(terms: Iterable[CouponTerms]) -> dict[int, PartyRef]:
    """Return the shops whose coupons these are; the platform's have none."""
    return parties.refs({one.merchant_id for one in terms if one.merchant_id is not None})


def _offered(seen: Sequence[CouponShown], buyer_id: int | None, now: datetime) -> list[dict[str, Any]]:
    held = coupons_of.held(buyer_id=buyer_id, coupon_ids=[one.coupon_id for one in seen]) if buyer_id and seen else {}
    shops = _shops(one.terms for one in seen)
    return [vouchers.offered(one, shops, held.get(one.coupon_id, 0), now) for one in seen]


def _offer(one: Offer, shops: dict, now: datetime) -> dict[str, Any]:
    return {
        "voucher": vouchers.shown(one.voucher, shops, now),
        "minus_fen": one.minus_fen,
        "code": one.why_not.code if one.why_not else "",
        "message": one.why_not.sentence("zh" if chinese() else "en") if one.why_not else "",
    }
