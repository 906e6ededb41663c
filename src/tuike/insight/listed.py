"""Products of the library as programs list them: with choices, coupons, categories, and the shop's AppID."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.catalog.types import CategoryNode, ProductFacts, ShopSku
from tuike.library import queries as library
from tuike.library.types import Card, Wanted
from tuike.marketing import queries as marketing
from tuike.marketing.types import CouponShown
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts, Source


@dataclass(frozen=True, slots=True)
class Listed:
    """A product with its shop. `appid` is that of the shop's own mini-program, for a shop of the mall its AppID of the
    open API; `coupon` is the one that takes most off one piece, `minus_fen`. `card` is None outside the library."""

    product: ProductFacts
    shop: MerchantFacts
    appid: str
    skus: tuple[ShopSku, ...]
    categories: tuple[CategoryNode, ...]
    coupon: CouponShown | None
    minus_fen: int
    card: Card | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of the library, and how many products it has in all (an estimate beyond 10,000)."""

    items: tuple[Listed, ...]
    total: int


def stretch(wanted: Wanted, *, start: int, limit: int, now: datetime) -> Stretch:
    """Return a stretch of the library from a position on.

    Raises:
        TooFar: see library.at_position.
    """
    cards = library.at_position(wanted, start=start, limit=limit, now=now)
    found = listed([card.product_id for card in cards], cards=cards, now=now)
    return Stretch(tuple(found), library.total(wanted, now=now))


def listed(ids: Sequence[int], *, cards: Iterable[Card] = (), now: datetime) -> list[Listed]:
    """Return products by id in the given order; ids that don't exist are left out. Six questions for any number."""
    by_id = {card.product_id: card for card in cards}
    products = catalog.product_facts(ids)
    shops = parties.merchant_facts({one.merchant_id for one in products.values()})
    appids = appids_of(shops.values())
    skus = catalog.skus_of(products)
    coupons = marketing.coupons_of_products(products.values(), now)
    nodes = catalog.category_nodes(category for one in products.values() for category in one.category_path)
    found = []
    for id_ in ids:
        if id_ not in products:
            continue
        product = products[id_]
        coupon, minus_fen = _best(product, coupons.get(id_, ()))
        found.append(
            Listed(
                product=product,
                shop=shops[product.merchant_id],
                appid=appids[product.merchant_id],
                skus=skus.get(id_, ()),
                categories=tuple(nodes[category] for category in product.category_path),
                coupon=coupon,
                minus_fen=minus_fen,
                card=by_id.get(id_),
            )
        )
    return found


def appids_of(shops: Iterable[MerchantFacts]) -> dict[int, str]:
    """Return by merchant the AppID that a program knows a shop by."""
    shops = list(shops)
    ours = [shop.id for shop in shops if shop.source is Source.MINI_STORE]
    found = parties.appids_of(ours) if ours else {}
    return {shop.id: found.get(shop.id, "") if shop.source is Source.MINI_STORE else shop.appid for shop in shops}


def _best(product: ProductFacts, coupons: Sequence[CouponShown]) -> tuple[CouponShown | None, int]:
    """Return the coupon that takes most off one piece, the newest of equal ones, and how much."""
    taken_off = [(marketing.minus_of(coupon, product), coupon) for coupon in coupons]
    if not taken_off:
        return None, 0
    most, coupon = max(taken_off, key=lambda pair: pair[0])
    return coupon, most
