"""Alliance coupons: seen by who came by a promoter's material, taken, and asked what they take off the cart."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from tuike.catalog import queries as catalog
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import anybody, maybe_person, person, signed_in, visitor_of
from tuike.doors.storefront.kinds import MAX_ID, Before, IdempotencyKey, Limit, Number, Visitor
from tuike.doors.web.said import chinese
from tuike.flows import take_coupon
from tuike.kit import clock
from tuike.marketing import queries as coupons_of
from tuike.marketing.types import CouponShown, CouponTerms, Offer, VoucherShown
from tuike.orders import queries as orders
from tuike.parties import queries as parties

router = Router()
SkuIds = Annotated[
    list[Annotated[int, Field(ge=1, le=MAX_ID)]],
    Query(max_length=100, description="Choices of the cart that are bought; none: all of it."),
]


class Coupon(Schema):
    """An alliance coupon that can be taken: `threshold` or `fixed` take `minus_fen` off, `percent` takes `off_bps`, at
    most `most_fen`; from `threshold_fen` on. `held` is how many of it the caller has taken."""

    no: str
    shop: answers.Shop
    name: str
    kind: str
    threshold_fen: int
    minus_fen: int
    off_bps: int
    most_fen: int | None
    scope: str
    starts_at: datetime
    ends_at: datetime
    use_days: int | None
    left: int
    limit_each: int
    held: int


class Coupons(Schema):
    """A product's coupons."""

    items: list[Coupon]


class Voucher(Schema):
    """A coupon that the buyer took; its number goes along with an order (`vouchers`)."""

    no: str
    coupon_no: str
    shop: answers.Shop
    name: str
    kind: str
    threshold_fen: int
    minus_fen: int
    off_bps: int
    most_fen: int | None
    scope: str
    state: str
    taken_at: datetime
    usable_until: datetime


class Vouchers(Schema):
    """A page of the buyer's vouchers, newest first."""

    items: list[Voucher]
    next: str


class OfferShown(Schema):
    """What a voucher takes off the cart; nothing and why where it doesn't."""

    voucher: Voucher
    minus_fen: int
    code: str
    message: str


class Offers(Schema):
    """The buyer's vouchers for what is in the cart, the best first."""

    items: list[OfferShown]


@router.get("/products/{no}/coupons", response=answers.answers(Coupons), auth=anybody, tags=["coupons"])
def of_product(request: HttpRequest, no: Number, visitor: Visitor = "") -> object:
    """List what lowers a product, for who came to it by a promoter's material; for others nothing."""
    facts, _ = catalog.shop_skus(product_id=catalog.id_of(no))
    who, now = maybe_person(request), clock.now()
    seen = take_coupon.coupons_seen(
        product=facts, buyer_id=who.id if who else None, visitor=visitor_of(request, visitor), now=now
    )
    held = coupons_of.held(buyer_id=who.id, coupon_ids=[one.coupon_id for one in seen]) if who and seen else {}
    shops = parties.refs([facts.merchant_id])
    return {"items": [_coupon(one, shops, held.get(one.coupon_id, 0)) for one in seen]}


@router.post("/coupons/{no}/vouchers", response=answers.answers(Voucher, 201), auth=signed_in, tags=["coupons"])
def take(request: HttpRequest, no: Number, key: IdempotencyKey, visitor: Visitor = "") -> object:
    """Take a coupon."""
    now = clock.now()
    taken = take_coupon.take_coupon(
        buyer_id=person(request).id, visitor=visitor_of(request, visitor), coupon_no=no, key=key, now=now
    )
    return Status(201, _voucher(taken, parties.refs([taken.terms.merchant_id]), now))


@router.get("/vouchers", response=answers.answers(Vouchers), auth=signed_in, tags=["coupons"])
def mine(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List the buyer's vouchers."""
    now = clock.now()
    if before:
        coupons_of.voucher_of(buyer_id=person(request).id, no=before)
    found = coupons_of.vouchers_of(buyer_id=person(request).id, before=before, limit=limit)
    shops = parties.refs({one.terms.merchant_id for one in found})
    items = [_voucher(one, shops, now) for one in found]
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
    shops = parties.refs({one.voucher.terms.merchant_id for one in offers})
    return {"items": [_offer(one, shops, now) for one in offers]}


def _coupon(one: CouponShown, shops: dict, held: int) -> dict[str, Any]:
    return {
        "no": one.no,
        **_terms(one.terms, shops),
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "use_days": one.use_days,
        "left": one.stock - one.taken,
        "limit_each": one.limit_each,
        "held": held,
    }


def _voucher(one: VoucherShown, shops: dict, now: datetime) -> dict[str, Any]:
    return {
        "no": one.no,
        "coupon_no": one.coupon_no,
        **_terms(one.terms, shops),
        "state": str(one.state(now)),
        "taken_at": one.taken_at,
        "usable_until": one.usable_until,
    }


def _offer(one: Offer, shops: dict, now: datetime) -> dict[str, Any]:
    return {
        "voucher": _voucher(one.voucher, shops, now),
        "minus_fen": one.minus_fen,
        "code": one.why_not.code if one.why_not else "",
        "message": one.why_not.sentence("zh" if chinese() else "en") if one.why_not else "",
    }


def _terms(terms: CouponTerms, shops: dict) -> dict[str, Any]:
    return {
        "shop": shops[terms.merchant_id],
        "name": terms.name,
        "kind": str(terms.kind),
        "threshold_fen": terms.threshold_fen,
        "minus_fen": terms.minus_fen,
        "off_bps": terms.off_bps,
        "most_fen": terms.most_fen,
        "scope": str(terms.scope),
    }
