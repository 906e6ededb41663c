"""What a scanned code or a shared link leads to."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from tuike.attribution import queries as attribution
from tuike.attribution.types import BadTicket, LinkFacts, LinkNotFound
from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductState
from tuike.doors.storefront import answers
from tuike.doors.storefront.kinds import Number
from tuike.kit import clock
from tuike.kit.errors import NotFound
from tuike.marketing import queries as marketing
from tuike.parties import queries as parties

router = Router(tags=["start"], auth=None)


class Landing(Schema):
    """Where a code leads. `kind`: product, shop, bargain, red_packet. `code` goes to `POST /touches` where `touch` is
    true, else it is what the bargain or red packet is opened by. `good`: it still works; `on_sale`: the product can be
    bought (a product that can't leads to its shop)."""

    kind: Literal["product", "shop", "bargain", "red_packet"]
    code: str
    touch: bool
    shop: answers.Shop | None
    product_no: str | None
    title: str
    on_sale: bool
    good: bool
    until: datetime | None


@router.get("/landing/{code}", response=answers.answers(Landing))
def landing(request: HttpRequest, code: Number) -> object:
    """Say what a code is for: a promoter's material, a bargain that a friend shared, a red packet."""
    now = clock.now()
    try:
        return _material(attribution.link_of(code, now=now), now)
    except (LinkNotFound, BadTicket):
        pass
    try:
        return _bargain(code, now)
    except NotFound:
        return _packet(code, now)


def _material(link: LinkFacts, now: datetime) -> dict[str, Any]:
    shop = parties.refs([link.merchant_id])[link.merchant_id]
    product = catalog.product_facts([link.product_id]).get(link.product_id) if link.product_id else None
    return {
        "kind": "product" if product else "shop",
        "code": link.code,
        "touch": True,
        "shop": shop,
        "product_no": product.product_no if product else None,
        "title": product.title if product else shop.name,
        "on_sale": product is not None and product.state is ProductState.ON_SALE,
        "good": link.good_at(now),
        "until": link.expires_at,
    }


def _bargain(code: str, now: datetime) -> dict[str, Any]:
    found = marketing.bargain_by_code(code)
    product = catalog.product_facts([found.product_id])[found.product_id]
    return {
        "kind": "bargain",
        "code": found.code,
        "touch": False,
        "shop": parties.refs([found.merchant_id])[found.merchant_id],
        "product_no": product.product_no,
        "title": product.title,
        "on_sale": product.state is ProductState.ON_SALE,
        "good": now < found.ends_at and found.used_at is None,
        "until": found.ends_at,
    }


def _packet(code: str, now: datetime) -> dict[str, Any]:
    found = marketing.packet_by_code(code)
    shop = parties.refs([found.merchant_id])[found.merchant_id] if found.merchant_id else None
    return {
        "kind": "red_packet",
        "code": found.code,
        "touch": False,
        "shop": shop,
        "product_no": None,
        "title": found.greeting,
        "on_sale": False,
        "good": now < found.ends_at and found.ended_at is None,
        "until": found.ends_at,
    }
