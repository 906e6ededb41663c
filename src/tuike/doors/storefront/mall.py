"""The mall's pages: home, a shop, categories, lists, search, a product, a share card. Each screen is one call."""

import hashlib
import json
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema

from tuike.catalog import queries as catalog
from tuike.catalog.types import CategoryNode, MallSort, MallWanted
from tuike.content import queries as content
from tuike.content.types import Banners, CategoryRow, CouponStrip, Picks
from tuike.doors.storefront import answers, vouchers
from tuike.doors.storefront.callers import anybody, maybe_person, visitor_of
from tuike.doors.storefront.kinds import MAX_ID, Limit, Number, Visitor
from tuike.doors.storefront.mall_shapes import (
    HomePage,
    MallCategories,
    MallProductPage,
    MallProducts,
    ShareCard,
    ShopPageShown,
    Suggestions,
)
from tuike.doors.storefront.reviews import review_shown
from tuike.doors.web.said import said
from tuike.flows import share_product as sharing
from tuike.flows import take_coupon
from tuike.insight import mall_pages
from tuike.insight.mall_pages import BlockShown, Sold
from tuike.kit import clock
from tuike.marketing import queries as coupons_of
from tuike.parties import queries as parties
from tuike.parties.types import MallFunction, MerchantFacts, PartyKind

router = Router()
SUGGESTED = 6
Words = Annotated[str, Query(max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$", description="What the buyer typed.")]


class ListQuery(Schema):
    """How a list is narrowed and ordered; prices are of the cheapest choice, both bounds included."""

    shop: Annotated[str, Query(max_length=40, description="Number of a shop.")] = ""
    category: Annotated[int | None, Query(ge=1, le=MAX_ID, description="A category, with all below it.")] = None
    price_from_fen: Annotated[int | None, Query(ge=0, le=10**13)] = None
    price_to_fen: Annotated[int | None, Query(ge=0, le=10**13)] = None
    in_stock: bool = False
    sort: Literal["sales", "newest", "price_up", "price_down"] = "sales"
    after: Annotated[str, Query(max_length=40, description="`next` of the page before.")] = ""
    limit: Limit = 20


@router.get("/home", response=answers.answers(HomePage), auth=None, tags=["mall"])
def home(request: HttpRequest) -> object:
    """Show the mall's home page."""
    now = clock.now()
    page = mall_pages.home(now=now)
    return {
        "blocks": [_block(one, page.shops, now) for one in page.blocks],
        "functions": sorted(page.functions),
        "hot_words": page.hot_words,
    }


@router.get("/shops/{no}", response=answers.answers(ShopPageShown), auth=anybody, tags=["mall"])
def shop(request: HttpRequest, no: Number) -> object:
    """Show a shop's page."""
    who, now = maybe_person(request), clock.now()
    page = mall_pages.shop_page(shop_no=no, person_id=who.id if who else None, now=now)
    shops = {page.shop.id: page.shop}
    return {
        "shop": page.shop,
        "picture": page.page.picture,
        "description": page.page.description,
        "functions": sorted(page.functions),
        "followers": page.followers,
        "favourite": page.favourite,
        "blocks": [_block(one, shops, now) for one in page.blocks],
    }


@router.get("/categories", response=answers.answers(MallCategories), auth=None, tags=["mall"])
def categories(request: HttpRequest, response: HttpResponse) -> object:
    """Show the tree of categories; with `If-None-Match` of the version that the caller has, 304."""
    nodes = catalog.categories()
    language = said("zh", "en")
    told = [(n.category_id, n.path, n.name, n.name_en, n.picture) for n in nodes]
    version = hashlib.sha256(json.dumps([language, told]).encode()).hexdigest()[:20]
    if request.headers.get("If-None-Match", "").strip('W/"') == version:
        return HttpResponse(status=304, headers={"ETag": f'"{version}"'})
    response["ETag"] = f'"{version}"'
    response["Cache-Control"] = "private, max-age=60"
    return {"version": version, "items": _tree(nodes)}


@router.get("/products", response=answers.answers(MallProducts), auth=None, tags=["mall"])
def products(request: HttpRequest, query: Query[ListQuery]) -> object:
    """List what is on sale."""
    return _listed(query, "")


@router.get("/search", response=answers.answers(MallProducts), auth=None, tags=["mall"])
def search(request: HttpRequest, query: Query[ListQuery], words: Words) -> object:
    """Find what is on sale by words: each must stand in the title or subtitle."""
    return _listed(query, words)


@router.get("/search/suggestions", response=answers.answers(Suggestions), auth=None, tags=["mall"])
def suggestions(request: HttpRequest, words: Words = "") -> object:
    """Propose what a beginning of a search may mean; without words, what the operator proposes."""
    hot, typed = content.hot_words(), words.strip().casefold()
    if not typed:
        return {"hot": hot, "categories": [], "titles": []}
    nodes = [n for n in catalog.categories() if typed in f"{n.name} {n.name_en}".casefold()]
    return {
        "hot": [word for word in hot if word.casefold().startswith(typed)],
        "categories": [_category(node) for node in nodes[:SUGGESTED]],
        "titles": catalog.titles_found(words, limit=SUGGESTED),
    }


@router.get("/products/{no}", response=answers.answers(MallProductPage), auth=anybody, tags=["mall"])
def product(request: HttpRequest, no: Number, visitor: Visitor = "") -> object:
    """Show a product on sale with all that its page needs."""
    who, now = maybe_person(request), clock.now()
    person_id = who.id if who else None
    seats = parties.seats_of(person_id) if person_id else []
    promoter = next((seat.party.id for seat in seats if seat.party.kind is PartyKind.PROMOTER), None)
    found = catalog.whole_product(no)
    ground = mall_pages.ground_of(found.facts)
    coupons = take_coupon.coupons_seen(
        product=found.facts,
        buyer_id=person_id,
        visitor=visitor_of(request, visitor),
        now=now,
        offered=MallFunction.COUPONS in ground.on,
        window_days=ground.said["touch_window_days"],
    )
    page = mall_pages.product_page(
        found=found, ground=ground, person_id=person_id, promoter_id=promoter, coupons=coupons, now=now
    )
    held = coupons_of.held(buyer_id=person_id, coupon_ids=[c.coupon_id for c in coupons]) if who and coupons else {}
    shops = {page.shop.id: page.shop}
    return {
        **_product((page.product, page.sold), shops),
        "shop": {"no": page.shop.no, "name": page.shop.name, "picture": page.picture},
        "detail": page.detail,
        "skus": [
            {
                "sku_id": sku.sku_id,
                "spec": sku.spec,
                "price_fen": sku.price_fen,
                "free": sku.free,
                "on_sale": sku.on_sale,
                "values": page.values[sku.sku_id],
            }
            for sku in page.skus
        ],
        "axes": [{"name": name, "values": values} for name, values in page.axes],
        "functions": sorted(page.functions),
        "coupons": [vouchers.offered(one, shops, held.get(one.coupon_id, 0), now) for one in page.coupons],
        "bargains": [
            {
                "no": one.no,
                "sku_id": one.sku_id,
                "floor_fen": one.floor_fen,
                "cuts_needed": one.cuts_needed,
                "left": one.stock - one.taken,
                "ends_at": one.ends_at,
            }
            for one in page.bargains
        ],
        "reviews": {
            "count": page.totals.reviews,
            "average_tenths": page.totals.average_tenths,
            "first": [review_shown(one) for one in page.reviews],
        },
        "favourite": page.favourite,
        "earning": page.own,
        "freight_fen": page.freight_fen,
        "points": page.points,
    }


@router.get("/products/{no}/share", response=answers.answers(ShareCard), auth=anybody, tags=["mall"])
def share(request: HttpRequest, no: Number) -> object:
    """Show what a share of a product carries: a promoter's own ticket, or none."""
    who = maybe_person(request)
    return sharing.share_product(product_no=no, person_id=who.id if who else None, now=clock.now())


def _listed(query: ListQuery, words: str) -> dict[str, Any]:
    wanted = MallWanted(
        words=words,
        merchant_id=parties.shop(query.shop).id if query.shop else None,
        category_id=query.category,
        price_from_fen=query.price_from_fen,
        price_to_fen=query.price_to_fen,
        in_stock=query.in_stock,
        sort=MallSort(query.sort),
    )
    page = catalog.mall_products(wanted=wanted, mark=query.after, limit=query.limit)
    shops = parties.merchant_facts({one.merchant_id for one, _ in page.products})
    return {"items": [_product(one, shops) for one in page.products], "next": page.next}


def _product(sold: Sold, shops: dict[int, MerchantFacts]) -> dict[str, Any]:
    one, pieces = sold
    return {
        "no": one.product_no,
        "title": one.title,
        "subtitle": one.subtitle,
        "pictures": one.pictures,
        "price_fen": one.min_price_fen,
        "free": one.free,
        "sold": pieces,
        "category_id": one.category_id,
        "shop": shops[one.merchant_id],
    }


def _block(one: BlockShown, shops: dict[int, MerchantFacts], now: datetime) -> dict[str, Any]:
    block = one.block
    match block:
        case Banners():
            kind, title = "banners", ""
        case CategoryRow():
            kind, title = "categories", ""
        case Picks():
            kind, title = "picks", said(block.title, block.title_en or block.title)
        case CouponStrip():
            kind, title = "coupons", ""
        case _:
            kind, title = "notice", said(block.text, block.text_en or block.text)
    return {
        "kind": kind,
        "title": title,
        "banners": [{"picture": b.picture, "link": str(b.link), "to": b.to} for b in one.banners],
        "categories": [_category(node) for node in one.categories],
        "products": [_product(product, shops) for product in one.products],
        "coupons": [vouchers.offered(coupon, shops, 0, now) for coupon in one.coupons],
    }


def _category(node: CategoryNode) -> dict[str, Any]:
    return {"id": node.category_id, "name": said(node.name, node.name_en or node.name), "picture": node.picture}


def _tree(nodes: list[CategoryNode]) -> list[dict[str, Any]]:
    """Return the tree: parents come before their children."""
    top: list[dict[str, Any]] = []
    by_id: dict[int, dict[str, Any]] = {}
    for node in nodes:
        made = {**_category(node), "name_zh": node.name, "name_en": node.name_en, "children": []}
        by_id[node.category_id] = made
        (by_id[node.path[-2]]["children"] if len(node.path) > 1 else top).append(made)
    return top
