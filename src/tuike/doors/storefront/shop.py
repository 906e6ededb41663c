"""Products, touches and the cart."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router

from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import anybody, maybe_person, person, signed_in, visitor_of
from tuike.doors.storefront.kinds import (
    MAX_ID,
    Body,
    IdempotencyKey,
    Limit,
    Number,
    Quantity,
    SkuId,
    TicketText,
    Visitor,
)
from tuike.doors.storefront.paging import decoded, encoded
from tuike.flows.change_cart import set_quantity, take_out
from tuike.flows.record_touch import record_touch
from tuike.kit import clock
from tuike.kit.errors import NotFound
from tuike.orders import queries as orders
from tuike.orders.types import CartEntry
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts, PartyKind

router = Router()
ShopNo = Annotated[str, Query(max_length=40, description="Number of a shop.")]
CategoryId = Annotated[int | None, Query(ge=1, le=MAX_ID, description="A category, with all below it.")]
After = Annotated[str, Query(max_length=40, description="`next` of the page before.")]


class Seen(Body):
    """The ticket of a landing page, or a short code."""

    ticket: TicketText


class Wanted(Body):
    """How many."""

    quantity: Quantity


@router.get("/products", response=answers.answers(answers.Products), auth=None, tags=["shop"])
def products(
    request: HttpRequest, shop: ShopNo = "", category: CategoryId = None, after: After = "", limit: Limit = 20
) -> object:
    """List what is on sale, newest first."""
    page = catalog.shop_products(
        merchant_id=_shop_id(shop), category_id=category, after=decoded(after) if after else None, limit=limit
    )
    shops = parties.merchant_facts({one.merchant_id for one in page.products})
    return {"items": [_product(one, shops) for one in page.products], "next": encoded(page.after)}


@router.get("/products/{no}", response=answers.answers(answers.ProductDetail), auth=None, tags=["shop"])
def product(request: HttpRequest, no: Number) -> object:
    """Show a product on sale with its choices."""
    facts, skus = catalog.shop_skus(product_id=catalog.id_of(no))
    return {**_product(facts, parties.merchant_facts([facts.merchant_id])), "skus": skus}


@router.post("/touches", response=answers.answers(answers.Touch), auth=anybody, tags=["shop"])
def touch(request: HttpRequest, body: Seen, key: IdempotencyKey, visitor: Visitor = "") -> object:
    """Record that material was seen by who is signed in, else by the visitor: it may earn what is bought later."""
    now = clock.now()
    who = maybe_person(request)
    link = record_touch(
        ticket_or_code=body.ticket,
        visitor="" if who else visitor_of(request, visitor),
        buyer_id=who.id if who else None,
        key=key,
        now=now,
    )
    found = catalog.product_facts([link.product_id] if link.product_id else [])
    return {
        "shop": parties.refs([link.merchant_id])[link.merchant_id],
        "product_no": next((one.product_no for one in found.values()), None),
        "expires_at": link.expires_at,
        "good": link.good_at(now),
    }


@router.get("/cart", response=answers.answers(answers.Cart), auth=signed_in, tags=["cart"])
def cart(request: HttpRequest) -> object:
    """Show the cart at today's prices."""
    return _cart(orders.cart_of(buyer_id=person(request).id))


@router.put("/cart/{sku_id}", response=answers.answers(answers.Cart), auth=signed_in, tags=["cart"])
def put_in_cart(request: HttpRequest, sku_id: SkuId, body: Wanted, key: IdempotencyKey) -> object:
    """Let the cart hold this many of a choice, whatever it held before."""
    entries = set_quantity(buyer_id=person(request).id, sku_id=sku_id, quantity=body.quantity, key=key, now=clock.now())
    return _cart(entries)


@router.delete("/cart/{sku_id}", response=answers.answers(answers.Cart), auth=signed_in, tags=["cart"])
def take_out_of_cart(request: HttpRequest, sku_id: SkuId, key: IdempotencyKey) -> object:
    """Take a choice out of the cart; what isn't in it is no error."""
    return _cart(take_out(buyer_id=person(request).id, sku_id=sku_id, key=key, now=clock.now()))


def _shop_id(no: str) -> int | None:
    if not no:
        return None
    found = parties.find(no) if no.isalnum() and no.isascii() else None
    if found is None or found.kind is not PartyKind.MERCHANT:
        raise NotFound
    return found.id


def _product(one: ProductFacts, shops: dict[int, MerchantFacts]) -> dict[str, Any]:
    return {
        "no": one.product_no,
        "title": one.title,
        "subtitle": one.subtitle,
        "pictures": one.pictures,
        "price_fen": one.min_price_fen,
        "free": one.free,
        "category_id": one.category_id,
        "shop": shops[one.merchant_id],
    }


def _cart(entries: Sequence[CartEntry]) -> dict[str, Any]:
    skus = catalog.sku_facts(one.sku_id for one in entries)
    shops = parties.merchant_facts({one.merchant_id for one in skus.values()})
    return {"items": list(_items(entries, skus, shops))}


def _items(entries: Sequence[CartEntry], skus: dict, shops: dict[int, MerchantFacts]) -> Iterable[dict[str, Any]]:
    for entry in entries:
        sku = skus[entry.sku_id]
        yield {
            "sku_id": entry.sku_id,
            "quantity": entry.quantity,
            "added_at": entry.added_at,
            "title": sku.title,
            "spec": sku.spec,
            "picture": sku.picture,
            "price_fen": sku.price_fen,
            "on_sale": sku.on_sale,
            "product_no": sku.product_no,
            "shop": shops[sku.merchant_id],
        }
