"""A checkout before it is placed: what it comes to, by shop and line, with all that lowers it."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tuike.doors.storefront import answers, vouchers
from tuike.doors.storefront.callers import person, signed_in, visitor_of
from tuike.doors.storefront.kinds import Body, Id, Quantity, Visitor
from tuike.doors.storefront.problems import Problem
from tuike.doors.web.said import chinese
from tuike.flows import preview_checkout
from tuike.flows.place_order import Wanted
from tuike.flows.preview_checkout import LineSeen, Looked, Preview, ShopSeen, Unbuyable
from tuike.kit import clock, crypto
from tuike.kit.errors import Invalid, Refusal
from tuike.members.types import AddressShown
from tuike.parties import queries as parties

router = Router(auth=signed_in)
VoucherNo = Annotated[str, Field(min_length=1, max_length=24, pattern=r"^[0-9A-Za-z]+$")]
MaybeNo = Annotated[str, Field(max_length=24, pattern=r"^[0-9A-Za-z]*$")]
Region = Annotated[str, Field(pattern=r"^([0-9]{6})?$", description="A district's six digits; empty: not chosen yet.")]
Points = Annotated[int, Field(strict=True, ge=0, le=10**12)]


class ItemLooked(Body):
    """A choice of a product and how many."""

    sku_id: Id
    quantity: Quantity


class CheckoutLooked(Body):
    """What is looked at: choices, each once (none with a bargain). `vouchers` left out: the best are proposed; empty:
    none. `points` left out: as many as may be used. `address_no` or, before one is chosen, `region_code`."""

    items: Annotated[list[ItemLooked], Field(default_factory=list, max_length=100)]
    address_no: MaybeNo = ""
    region_code: Region = ""
    vouchers: Annotated[list[VoucherNo], Field(max_length=100)] | None = None
    points: Points | None = None
    use_balance: bool = False
    bargain: MaybeNo = ""
    points_good: MaybeNo = ""


class DiscountSeen(Schema):
    """What lowers a line. `kind`: bargain, points_good, coupon, points; `name` for the reader; who funds it."""

    kind: str
    name: str
    source: str
    funded_by: str
    amount_fen: int
    points: int


class OwnPurchaseSeen(Schema):
    """The buyer is the promoter: `paid_fen` is charged in full, `earns_fen` of it comes back as commission at
    `rate_bps` once it has settled, so that the line costs `effective_fen` in effect."""

    rate_bps: int
    earns_fen: int
    effective_fen: int


class CheckoutLineSeen(Schema):
    """A line: `price_fen` × `quantity` less its discounts is `paid_fen`. `price_changed`: it costs something else than
    when it was put in the cart (`cart_price_fen`). `own_purchase`: a promoter buys it, and its shop pays on that."""

    sku_id: int
    product_no: str
    title: str
    spec: str
    picture: str
    price_fen: int
    quantity: int
    free: int
    cart_price_fen: int | None
    price_changed: bool
    discounts: list[DiscountSeen]
    paid_fen: int
    own_purchase: OwnPurchaseSeen | None


class CheckoutShop(Schema):
    """A shop's part: goods less discounts plus freight is `payable_fen`. `freight_why`: no_template, free_from or
    charged."""

    shop: answers.Shop
    lines: list[CheckoutLineSeen]
    goods_fen: int
    discount_fen: int
    freight_fen: int
    freight_why: str
    payable_fen: int


class UnbuyableSeen(Schema):
    """What can't be bought, left out of all sums: `code` no_such_sku, not_on_sale, sold_out, not_deliverable."""

    sku_id: int
    quantity: int
    title: str
    spec: str
    picture: str
    code: str
    message: str


class CheckoutOffer(Schema):
    """A voucher of the buyer: what it takes off, whether it is used; nothing and why where it can't be."""

    voucher: vouchers.Voucher
    minus_fen: int
    used: bool
    code: str
    message: str


class PointsUsable(Schema):
    """The buyer's points: `have` of them, at most `most` (worth `most_worth_fen`) may be used here, `used` are."""

    have: int
    most: int
    most_worth_fen: int
    used: int
    worth_fen: int


class DiscountSum(Schema):
    """All discounts of a kind."""

    kind: str
    amount_fen: int


class AddressSeen(Schema):
    """Where it goes: the address that was named, else the buyer's default one; the phone is masked."""

    no: str
    name: str
    phone: str
    region_code: str
    region: str
    detail: str


class CheckoutSeen(Schema):
    """What a checkout comes to. `payable_fen` is goods less discounts plus freight; the balance pays `balance_fen` of
    it, the channel `to_pay_fen`. Hand `expected_fen`, `chosen` and `points.used` back when it is placed."""

    address: AddressSeen | None
    shops: list[CheckoutShop]
    unbuyable: list[UnbuyableSeen]
    offers: list[CheckoutOffer]
    chosen: list[str]
    points: PointsUsable
    discounts: list[DiscountSum]
    goods_fen: int
    discount_fen: int
    freight_fen: int
    payable_fen: int
    has_balance_fen: int
    balance_fen: int
    to_pay_fen: int
    expected_fen: int


class PlacingRefused(Problem):
    """Why nothing was placed; with `price_changed` what the checkout comes to now."""

    preview: CheckoutSeen | None = None


@router.post("/checkouts/preview", response=answers.answers(CheckoutSeen), tags=["payment"])
def preview(request: HttpRequest, body: CheckoutLooked, visitor: Visitor = "") -> object:
    """Show what a checkout comes to now; nothing is taken or kept."""
    now, buyer_id = clock.now(), person(request).id
    seen = preview_checkout.preview_checkout(
        buyer_id=buyer_id, visitor=visitor_of(request, visitor), looked=_looked(body), now=now
    )
    return _seen(seen, now)


def seen_anew(*, buyer_id: int, visitor: str, wanted: Wanted, now: datetime) -> dict[str, Any]:
    """Return what a checkout that wasn't placed comes to now, with what the buyer chose."""
    looked = Looked(
        items=wanted.items,
        address_no=wanted.address_no,
        region_code=wanted.address.region_code if wanted.address else "",
        vouchers=wanted.vouchers,
        points=wanted.points,
        use_balance=wanted.use_balance,
        bargain=wanted.bargain,
        points_good=wanted.points_good,
    )
    return _seen(preview_checkout.preview_checkout(buyer_id=buyer_id, visitor=visitor, looked=looked, now=now), now)


def _looked(body: CheckoutLooked) -> Looked:
    items = tuple((one.sku_id, one.quantity) for one in body.items)
    if len({sku_id for sku_id, _ in items}) < len(items):
        raise Invalid(field="items", reason_zh="同一规格只能出现一次", reason_en="each choice may come once")
    if not items and not body.bargain and not body.points_good:
        raise Invalid(field="items", reason_zh="请选择商品", reason_en="choose something")
    return Looked(
        items=items,
        address_no=body.address_no,
        region_code=body.region_code,
        vouchers=None if body.vouchers is None else tuple(body.vouchers),
        points=body.points,
        use_balance=body.use_balance,
        bargain=body.bargain,
        points_good=body.points_good,
    )


def _seen(seen: Preview, now: datetime) -> dict[str, Any]:
    names = {one.voucher.no: one.voucher.terms.name for one in seen.offers}
    shops = parties.refs({one.voucher.terms.merchant_id for one in seen.offers if one.voucher.terms.merchant_id})
    kinds: dict[str, int] = {}
    for shop in seen.shops:
        for line in shop.lines:
            for fact in line.draft.discounts:
                kinds[fact.kind] = kinds.get(fact.kind, 0) + fact.amount_fen
    return {
        "address": None if seen.address is None else _address(seen.address),
        "shops": [_shop(one, names) for one in seen.shops],
        "unbuyable": [_unbuyable(one) for one in seen.unbuyable],
        "offers": [
            {
                "voucher": vouchers.shown(one.voucher, shops, now),
                "minus_fen": one.minus_fen,
                "used": one.voucher.no in seen.vouchers,
                **_why(one.why_not),
            }
            for one in seen.offers
        ],
        "chosen": list(seen.vouchers),
        "points": seen.points,
        "discounts": [{"kind": kind, "amount_fen": fen} for kind, fen in kinds.items()],
        "goods_fen": sum(one.goods_fen for one in seen.shops),
        "discount_fen": sum(one.discount_fen for one in seen.shops),
        "freight_fen": sum(one.freight_fen for one in seen.shops),
        "payable_fen": seen.payable_fen,
        "has_balance_fen": seen.has_balance_fen,
        "balance_fen": seen.balance_fen,
        "to_pay_fen": seen.payable_fen - seen.balance_fen,
        "expected_fen": seen.payable_fen,
    }


def _address(one: AddressShown) -> dict[str, str]:
    return {
        "no": one.no,
        "name": one.name,
        "phone": crypto.masked(one.phone),
        "region_code": one.region_code,
        "region": one.region,
        "detail": one.detail,
    }


def _shop(one: ShopSeen, names: dict[str, str]) -> dict[str, Any]:
    return {
        "shop": one.shop,
        "lines": [_line(line, names) for line in one.lines],
        "goods_fen": one.goods_fen,
        "discount_fen": one.discount_fen,
        "freight_fen": one.freight_fen,
        "freight_why": str(one.freight.why) if one.freight else "",
        "payable_fen": one.payable_fen,
    }


def _line(one: LineSeen, names: dict[str, str]) -> dict[str, Any]:
    return {
        "sku_id": one.draft.sku_id,
        "product_no": one.product_no,
        "title": one.draft.title,
        "spec": one.draft.spec,
        "picture": one.picture,
        "price_fen": one.draft.price_fen,
        "quantity": one.draft.quantity,
        "free": one.free,
        "cart_price_fen": one.cart_price_fen or None,
        "price_changed": one.price_changed,
        "discounts": [
            {
                "kind": fact.kind,
                "name": names.get(fact.source) or vouchers.kind_word(fact.kind),
                "source": fact.source,
                "funded_by": fact.funded_by,
                "amount_fen": fact.amount_fen,
                "points": fact.points,
            }
            for fact in one.draft.discounts
        ],
        "paid_fen": one.paid_fen,
        "own_purchase": asdict(one.own) if one.own else None,
    }


def _unbuyable(one: Unbuyable) -> dict[str, Any]:
    return {
        "sku_id": one.sku_id,
        "quantity": one.quantity,
        "title": one.title,
        "spec": one.spec,
        "picture": one.picture,
        **_why(one.why),
    }


def _why(refusal: Refusal | None) -> dict[str, str]:
    if refusal is None:
        return {"code": "", "message": ""}
    return {"code": refusal.code, "message": refusal.sentence("zh" if chinese() else "en")}
