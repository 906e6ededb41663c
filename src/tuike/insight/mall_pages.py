"""The mall's pages as buyers see them, each in one call: the home page, a shop, a product. Reads only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.catalog.types import CategoryNode, MallSort, MallWanted, ProductFacts, ShopSku, WholeProduct
from tuike.content import queries as content
from tuike.content.types import (
    Banner,
    Banners,
    Block,
    CategoryRow,
    CouponStrip,
    PageShown,
    Picks,
    ReviewShown,
    ReviewTotals,
)
from tuike.db import rows
from tuike.freight import queries as freight
from tuike.freight.types import FreightAsk
from tuike.kit.errors import NotFound
from tuike.kit.rich import harmless
from tuike.library import queries as library
from tuike.library.types import OwnRate
from tuike.marketing import queries as marketing
from tuike.marketing.types import BargainOffer, CouponShown
from tuike.members import queries as members
from tuike.members.types import FavouriteKind
from tuike.parties import queries as parties
from tuike.parties.types import MallFunction, MerchantFacts, PartyKind, Source
from tuike.settings import service as settings

PICKED = 10
"""Products of a block that names none itself."""
STRIP = 6
FIRST_REVIEWS = 2
COUNTED = 10_000

Sold = tuple[ProductFacts, int]


@dataclass(frozen=True, slots=True)
class BlockShown:
    """A block filled with what it shows now; `block` says its kind."""

    block: Block
    banners: tuple[Banner, ...] = ()
    categories: tuple[CategoryNode, ...] = ()
    products: tuple[Sold, ...] = ()
    coupons: tuple[CouponShown, ...] = ()


@dataclass(frozen=True, slots=True)
class Home:
    """The mall's home page; `functions` are those that the mall has on."""

    blocks: tuple[BlockShown, ...]
    functions: frozenset[MallFunction]
    hot_words: tuple[str, ...]
    shops: dict[int, MerchantFacts]


@dataclass(frozen=True, slots=True)
class ShopPage:
    """A shop's page. `followers` is how many persons marked it, counted up to 10,000."""

    shop: MerchantFacts
    page: PageShown
    blocks: tuple[BlockShown, ...]
    functions: frozenset[MallFunction]
    followers: int
    favourite: bool


@dataclass(frozen=True, slots=True)
class Ground:
    """What a product's page stands on: its shop, the functions that are on there, and settings by name."""

    shop: MerchantFacts
    on: frozenset[MallFunction]
    said: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ProductPageShown:
    """A product's page. `own` is what the promoter who looks would get, None for others; `detail` is harmless HTML."""

    product: ProductFacts
    sold: int
    detail: str
    skus: tuple[ShopSku, ...]
    axes: tuple[tuple[str, tuple[str, ...]], ...]
    values: dict[int, tuple[str, ...]]
    shop: MerchantFacts
    picture: str
    functions: frozenset[MallFunction]
    coupons: tuple[CouponShown, ...]
    bargains: tuple[BargainOffer, ...]
    totals: ReviewTotals
    reviews: tuple[ReviewShown, ...]
    favourite: bool
    own: OwnRate | None
    freight_fen: int | None
    points: int


def home(*, now: datetime, draft: bool = False) -> Home:
    """Return the mall's home page at `now`; with `draft` as its editors see it before it is published."""
    page = content.page_of(merchant_id=None)
    on = mall_functions()
    blocks = _filled(page.draft if draft else page.published, None, on, now)
    shops = parties.merchant_facts(_merchants(blocks))
    return Home(blocks, on, tuple(content.hot_words()), shops)


def shop_page(*, shop_no: str, person_id: int | None, now: datetime, draft: bool = False) -> ShopPage:
    """Return a shop's page at `now`; with `draft` as its editors see it before it is published.

    Raises:
        NotFound: no such shop in the mall, or it is suspended.
    """
    shop = shop_of(shop_no)
    page = content.page_of(merchant_id=shop.id)
    on = mall_functions() & shop.functions
    blocks = _filled(page.draft if draft else page.published, shop.id, on, now)
    liked = person_id is not None and bool(
        members.marked(person_id=person_id, kind=FavouriteKind.SHOP, object_ids=[shop.id])
    )
    return ShopPage(shop, page, blocks, on, _followers(shop.id), liked)


def ground_of(product: ProductFacts) -> Ground:
    """Return what everything on a product's page depends on, each read once.

    Raises:
        NotFound: of a shop that is suspended.
    """
    shop = parties.merchant_facts([product.merchant_id])[product.merchant_id]
    if shop.suspended:
        raise NotFound
    said = settings.read([*(f"mall_{one.value}" for one in MallFunction), *marketing.EARNING, "touch_window_days"])
    return Ground(shop, _switched_on(said) & shop.functions, said)


def product_page(
    *,
    found: WholeProduct,
    ground: Ground,
    person_id: int | None,
    promoter_id: int | None,
    coupons: Iterable[CouponShown],
    now: datetime,
) -> ProductPageShown:
    """Return a product that was found on sale, and all that its page shows; `coupons` are those that the caller may
    take."""
    product, skus, on, id_ = found.facts, found.skus, ground.on, found.facts.product_id
    axes, values = catalog.choices_of(skus)
    around = content.around_product(merchant_id=ground.shop.id, product_id=id_, limit=FIRST_REVIEWS)
    reviewed = MallFunction.REVIEWS in on
    return ProductPageShown(
        product=product,
        sold=found.sold,
        detail=harmless(found.detail),
        skus=skus,
        axes=axes,
        values=values,
        shop=ground.shop,
        picture=around.picture,
        functions=on,
        coupons=tuple(coupons),
        bargains=tuple(marketing.offers_of_product(product_id=id_, now=now)) if MallFunction.BARGAINS in on else (),
        totals=around.totals if reviewed else ReviewTotals(0, 0),
        reviews=around.reviews if reviewed else (),
        favourite=person_id is not None
        and bool(members.marked(person_id=person_id, kind=FavouriteKind.PRODUCT, object_ids=[id_])),
        own=_own(product, ground.shop, promoter_id, now),
        freight_fen=_freight(product, skus),
        points=marketing.points_to_earn(paid_fen=product.min_price_fen, said=ground.said)
        if MallFunction.POINTS in on
        else 0,
    )


def shop_of(no: str) -> MerchantFacts:
    """Return a shop that sells in the mall.

    Raises:
        NotFound: there is none of this number, it sells elsewhere, or is suspended.
    """
    found = parties.find(no) if no.isalnum() and no.isascii() else None
    if found is None or found.kind is not PartyKind.MERCHANT:
        raise NotFound
    shop = parties.merchant_facts([found.id])[found.id]
    if shop.source is not Source.MINI_STORE or shop.suspended:
        raise NotFound
    return shop


def mall_functions() -> frozenset[MallFunction]:
    """Return the functions that the mall has on (settings `mall_<function>`)."""
    return _switched_on(settings.read([f"mall_{one.value}" for one in MallFunction]))


def _switched_on(said: Mapping[str, int]) -> frozenset[MallFunction]:
    return frozenset(one for one in MallFunction if said[f"mall_{one.value}"] == 1)


def _filled(
    blocks: Sequence[Block], merchant_id: int | None, on: frozenset[MallFunction], now: datetime
) -> tuple[BlockShown, ...]:
    """Return blocks with what they show now; those that have nothing to show are left out."""
    numbers = {no for block in blocks if isinstance(block, Picks) for no in block.product_nos}
    named = catalog.mall_products_by_no(numbers) if numbers else {}
    shown = (_fill(block, merchant_id, named, on, now) for block in blocks)
    return tuple(one for one in shown if one is not None)


def _fill(
    block: Block, merchant_id: int | None, named: dict[str, Sold], on: frozenset[MallFunction], now: datetime
) -> BlockShown | None:
    match block:
        case Banners():
            standing = tuple(one for one in block.banners if one.stands(now))
            return BlockShown(block, banners=standing) if standing else None
        case CategoryRow():
            nodes = _categories(block.category_ids)
            return BlockShown(block, categories=nodes) if nodes else None
        case Picks():
            products = _picked(block, merchant_id, named)
            return BlockShown(block, products=products) if products else None
        case CouponStrip():
            if MallFunction.COUPONS not in on:
                return None
            coupons = marketing.coupons_for_everyone(now=now, merchant_id=merchant_id, limit=STRIP)
            return BlockShown(block, coupons=tuple(coupons)) if coupons else None
        case _:
            return BlockShown(block)


def _categories(ids: Sequence[int]) -> tuple[CategoryNode, ...]:
    if not ids:
        return tuple(node for node in catalog.categories() if len(node.path) == 1)
    found = catalog.category_nodes(ids)
    return tuple(found[id_] for id_ in ids if id_ in found)


def _picked(block: Picks, merchant_id: int | None, named: dict[str, Sold]) -> tuple[Sold, ...]:
    if block.product_nos:
        return tuple(named[no] for no in block.product_nos if no in named)
    sort = MallSort.NEWEST if block.newest else MallSort.SALES
    return catalog.mall_products(wanted=MallWanted(merchant_id=merchant_id, sort=sort), limit=PICKED).products


def _merchants(blocks: Sequence[BlockShown]) -> set[int]:
    ids = {product.merchant_id for one in blocks for product, _ in one.products}
    return ids | {
        coupon.terms.merchant_id for one in blocks for coupon in one.coupons if coupon.terms.merchant_id is not None
    }


def _followers(merchant_id: int) -> int:
    counted = f"SELECT 1 FROM members_favourite WHERE merchant_id = %s AND kind = 'shop' LIMIT {COUNTED}"
    return int(rows.planned(f"SELECT count(*) FROM ({counted}) one", [merchant_id])[0][0])


def _own(product: ProductFacts, shop: MerchantFacts, promoter_id: int | None, now: datetime) -> OwnRate | None:
    """Return what a promoter would get on a product that stands in the library; None where it doesn't."""
    if promoter_id is None or not library.cards_of(product_ids=[product.product_id], now=now):
        return None
    rates = library.own_rates([product], {shop.id: shop}, promoter_id=promoter_id, now=now)
    return rates[product.product_id]


def _freight(product: ProductFacts, skus: Sequence[ShopSku]) -> int | None:
    """Return what sending one piece of the cheapest choice costs to most regions; None where none can be bought."""
    offered = [sku for sku in skus if sku.on_sale]
    if not offered:
        return None
    least = min(offered, key=lambda sku: (sku.price_fen, sku.sku_id))
    ask = FreightAsk(
        merchant_id=product.merchant_id,
        product_id=product.product_id,
        sku_id=least.sku_id,
        quantity=1,
        amount_fen=least.price_fen,
    )
    return freight.quote(asks=[ask], region_code="")[product.merchant_id].fen
