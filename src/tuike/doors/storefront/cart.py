"""The cart: by shop, at today's prices, with what has changed since and what can't be bought any more."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from tuike.catalog import queries as catalog
from tuike.catalog.types import SkuFacts
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Body, Id, IdempotencyKey, Quantity, SkuId
from tuike.flows import change_cart
from tuike.kit import clock
from tuike.kit.errors import Invalid
from tuike.orders import queries as orders
from tuike.orders.types import CartEntry
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts, Source

router = Router(auth=signed_in)


class CartItem(Schema):
    """Goods in the cart, at today's price. `price_changed`: it isn't `cart_price_fen`, the price when the buyer set how
    many. `invalid`: off_sale, or sold_out where fewer than `quantity` are `free`; empty while it can be bought."""

    sku_id: int
    quantity: int
    added_at: datetime
    title: str
    spec: str
    picture: str
    price_fen: int
    cart_price_fen: int | None
    price_changed: bool
    free: int
    on_sale: bool
    invalid: str
    product_no: str
    shop: answers.Shop


class CartShop(Schema):
    """A shop of the cart and its choices in it, the newest first."""

    shop: answers.Shop
    sku_ids: list[int]


class Cart(Schema):
    """The cart, newest first; `shops` are in the order of their newest choice."""

    items: list[CartItem]
    shops: list[CartShop]


class Wanted(Body):
    """How many."""

    quantity: Quantity


class CartLine(Body):
    """A choice and how many of it the cart is to hold; 0 takes it out."""

    sku_id: Id
    quantity: Annotated[int, Field(strict=True, ge=0, le=9999)]


class CartWanted(Body):
    """Choices, each once; others of the cart stay as they are."""

    items: Annotated[list[CartLine], Field(min_length=1, max_length=100)]


@router.get("/cart", response=answers.answers(Cart), tags=["cart"])
def cart(request: HttpRequest) -> object:
    """Show the cart at today's prices."""
    return _cart(orders.cart_of(buyer_id=person(request).id))


@router.put("/cart", response=answers.answers(Cart), tags=["cart"])
def change_many(request: HttpRequest, body: CartWanted, key: IdempotencyKey) -> object:
    """Let the cart hold so many of several choices, whatever it held before; all or none."""
    items = tuple((one.sku_id, one.quantity) for one in body.items)
    if len({sku_id for sku_id, _ in items}) < len(items):
        raise Invalid(field="items", reason_zh="同一规格只能出现一次", reason_en="each choice may come once")
    return _cart(change_cart.set_quantities(buyer_id=person(request).id, items=items, key=key, now=clock.now()))


@router.put("/cart/{sku_id}", response=answers.answers(Cart), tags=["cart"])
def put_in_cart(request: HttpRequest, sku_id: SkuId, body: Wanted, key: IdempotencyKey) -> object:
    """Let the cart hold this many of a choice, whatever it held before."""
    entries = change_cart.set_quantity(
        buyer_id=person(request).id, sku_id=sku_id, quantity=body.quantity, key=key, now=clock.now()
    )
    return _cart(entries)


@router.delete("/cart/{sku_id}", response=answers.answers(Cart), tags=["cart"])
def take_out_of_cart(request: HttpRequest, sku_id: SkuId, key: IdempotencyKey) -> object:
    """Take a choice out of the cart; what isn't in it is no error."""
    return _cart(change_cart.take_out(buyer_id=person(request).id, sku_id=sku_id, key=key, now=clock.now()))


def _cart(entries: Sequence[CartEntry]) -> dict[str, Any]:
    skus, _ = catalog.sale_facts([one.sku_id for one in entries])
    shops = parties.merchant_facts({one.merchant_id for one in skus.values()})
    by_shop: dict[int, list[int]] = {}
    for entry in entries:
        by_shop.setdefault(skus[entry.sku_id].merchant_id, []).append(entry.sku_id)
    return {
        "items": list(_items(entries, skus, shops)),
        "shops": [{"shop": shops[shop], "sku_ids": sku_ids} for shop, sku_ids in by_shop.items()],
    }


def _items(
    entries: Sequence[CartEntry], skus: dict[int, SkuFacts], shops: dict[int, MerchantFacts]
) -> Iterable[dict[str, Any]]:
    for entry in entries:
        sku = skus[entry.sku_id]
        shop = shops[sku.merchant_id]
        on_sale = sku.on_sale and not shop.suspended and shop.source is Source.MINI_STORE
        yield {
            "sku_id": entry.sku_id,
            "quantity": entry.quantity,
            "added_at": entry.added_at,
            "title": sku.title,
            "spec": sku.spec,
            "picture": sku.picture,
            "price_fen": sku.price_fen,
            "cart_price_fen": entry.price_fen or None,
            "price_changed": entry.price_fen not in (0, sku.price_fen),
            "free": sku.free,
            "on_sale": on_sale,
            "invalid": "off_sale" if not on_sale else "sold_out" if sku.free < entry.quantity else "",
            "product_no": sku.product_no,
            "shop": shop,
        }
