"""The product library as a promoter's software sees it: search, a product in full, the rules of each source."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tuike.apps.types import Scope
from tuike.doors.openapi.callers import Needs, acting, party_id
from tuike.doors.openapi.keys import once
from tuike.doors.openapi.kinds import MAX_ID, MOST_A_PAGE, IdempotencyKey, Number, Text, answers
from tuike.doors.web.said import said
from tuike.flows import promote_products
from tuike.insight import shelf
from tuike.kit import clock
from tuike.kit.errors import NotFound
from tuike.library import queries as library
from tuike.library.types import RULES_EDITION, Range, Sort, Wanted
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Source

router = Router(tags=["library"])
_Id = Annotated[int, Field(ge=1, le=MAX_ID)]
_Fen = Annotated[int, Field(ge=0, le=10**13)]
_Rate = Annotated[int, Field(ge=0, le=10_000)]
_SORTS = tuple(sort.value for sort in Sort)


class LibraryQuery(Schema):
    """What is looked for. Categories include all below them; `own` rates are never filtered by, the public ones are."""

    q: Text = Field("", description="商品名称 · Words in the title.")
    shop: Text = Field("", description="商家编号 · A shop's number.")
    source: Literal["mini_store", "mini_program"] | None = None
    category: list[_Id] = Field(default_factory=list, max_length=50)
    without_category: list[_Id] = Field(default_factory=list, max_length=50)
    coupon: bool = Field(False, description="有联盟券 · Only what has an alliance coupon.")
    curated: bool = Field(False, description="精选 · The operator's curated list.")
    price_fen_min: _Fen | None = None
    price_fen_max: _Fen | None = None
    commission_fen_min: _Fen | None = None
    commission_fen_max: _Fen | None = None
    rate_bps_min: _Rate | None = None
    rate_bps_max: _Rate | None = None
    sort: Literal[_SORTS] | None = Field(None, description="`picked` needs `curated`; falling but for `picked`.")
    ascending: bool = Field(False, description="Rising instead of falling.")
    limit: int = Field(20, ge=1, le=MOST_A_PAGE, description="Items a page.")
    after: str = Field("", max_length=80, description="`next` of the page before, unread.")


class ShopShown(Schema):
    """A shop."""

    no: str
    name: str
    source: str


class LibraryProduct(Schema):
    """A product of the library. `rate_bps` and `commission_fen` are the promoter's own, for one piece of the cheapest
    choice; `public_…` what everybody gets, null where the product doesn't stand in the library now; `why_not` says why
    it can't be promoted, null if it can."""

    no: str
    title: str
    subtitle: str
    picture: str
    price_fen: int
    shop: ShopShown
    category_ids: list[int] = Field(description="From the root of the tree to the product's own category.")
    rate_bps: int
    commission_fen: int
    bonus_fen: int
    layer: str
    public_rate_bps: int | None
    public_commission_fen: int | None
    coupons: list[str] = Field(description="Numbers of alliance coupons that can be taken now.")
    sold: int | None
    why_not: str | None


class LibraryPage(Schema):
    """A page of the library."""

    items: list[LibraryProduct]
    next: str = Field(description="Hand it back as `after` for the rows that follow; empty at the end.")


class SkuShown(Schema):
    """A choice of a product."""

    spec: str
    price_fen: int
    free: int
    on_sale: bool


class CategoryShown(Schema):
    """A category."""

    id: int
    name: str
    name_en: str


class TermsShown(Schema):
    """How a source settles and pays (docs/rules.md §8), and whether the promoter has accepted it."""

    source: str
    edition: int
    accepted: bool
    settle_days: int
    withdraw_min_fen: int
    withdraw_fee_fen: int
    tax_bps: int
    platform_fee_bps: int
    material_days: int
    touch_window_days: int


class LibraryProductDetail(LibraryProduct):
    """A product in full."""

    pictures: list[str]
    skus: list[SkuShown]
    categories: list[CategoryShown]
    listed_from: datetime | None
    rules: TermsShown


class Rules(Schema):
    """The rules of each source."""

    items: list[TermsShown]


@router.get("/library", response=answers(LibraryPage), auth=Needs(Scope.LIBRARY_READ, PartyKind.PROMOTER))
def search_library(request: HttpRequest, query: Query[LibraryQuery]) -> object:
    """Search the library."""
    found = shelf.shelf(
        _wanted(query), promoter_id=party_id(request), now=clock.now(), mark=query.after, limit=query.limit
    )
    return {"items": [_shown(one) for one in found.items], "next": found.after}


@router.get("/library/{no}", response=answers(LibraryProductDetail), auth=Needs(Scope.LIBRARY_READ, PartyKind.PROMOTER))
def show_library_product(request: HttpRequest, no: Number) -> object:
    """Show a product that is or was listed, with its choices and the rules of its source."""
    promoter_id = party_id(request)
    told = shelf.preview(product_no=no, promoter_id=promoter_id, now=clock.now())
    return _shown(told.shown) | {
        "pictures": list(told.shown.product.pictures),
        "skus": told.skus,
        "categories": [
            {"id": node.category_id, "name": node.name, "name_en": node.name_en or node.name}
            for node in told.categories
        ],
        "listed_from": told.shown.product.listed_from,
        "rules": _terms(told.terms, library.accepted(promoter_id=promoter_id)),
    }


@router.get("/rules", response=answers(Rules), auth=Needs(Scope.LIBRARY_READ, PartyKind.PROMOTER))
def list_rules(request: HttpRequest) -> object:
    """Show the rules of each source."""
    accepted = library.accepted(promoter_id=party_id(request))
    return {"items": [_terms(shelf.source_terms(source), accepted) for source in Source]}


@router.post(
    "/rules/{source}/acceptance",
    response=answers(TermsShown),
    auth=Needs(Scope.MATERIAL_WRITE, PartyKind.PROMOTER),
)
def accept_rules(request: HttpRequest, source: str, key: IdempotencyKey) -> object:
    """Accept how a source settles and pays: needed once before its products are promoted."""
    if source not in set(Source):
        raise NotFound
    kind, promoter_id = Source(source), party_id(request)

    def work() -> dict[str, Any]:
        promote_products.accept_rules(promoter_id=promoter_id, source=kind, actor=acting(request), now=clock.now())
        return _terms(shelf.source_terms(kind), library.accepted(promoter_id=promoter_id))

    return once(request, key, TermsShown, work)


def _wanted(query: LibraryQuery) -> Wanted:
    curated = query.curated
    sort = Sort(query.sort) if query.sort else Sort.PICKED if curated else Sort.NEWEST
    sort = Sort.NEWEST if sort is Sort.PICKED and not curated else sort
    return Wanted(
        keyword=query.q[:60],
        category_ids=tuple(query.category),
        without_category_ids=tuple(query.without_category),
        coupon=query.coupon,
        merchant_id=parties.shop(query.shop).id if query.shop else None,
        source=query.source or "",
        curated=curated,
        sort=sort,
        descending=not (query.ascending or sort is Sort.PICKED),
        price_fen=Range(query.price_fen_min, query.price_fen_max),
        commission_fen=Range(query.commission_fen_min, query.commission_fen_max),
        rate_bps=Range(query.rate_bps_min, query.rate_bps_max),
    )


def _shown(one: shelf.Shown) -> dict[str, Any]:
    product, card, own = one.product, one.card, one.own
    return {
        "no": product.product_no,
        "title": product.title,
        "subtitle": product.subtitle,
        "picture": product.pictures[0] if product.pictures else "",
        "price_fen": card.price_fen if card else product.min_price_fen,
        "shop": {"no": one.shop.no, "name": one.shop.name, "source": one.shop.source.value},
        "category_ids": list(product.category_path),
        "rate_bps": own.rate_bps,
        "commission_fen": own.commission_fen,
        "bonus_fen": own.bonus_fen,
        "layer": own.layer,
        "public_rate_bps": card.rate_bps if card else None,
        "public_commission_fen": card.commission_fen if card else None,
        "coupons": [coupon.no for coupon in one.coupons],
        "sold": card.sold if card else None,
        "why_not": said(one.why.sentence("zh"), one.why.sentence("en")) if one.why else None,
    }


def _terms(terms: shelf.SourceTerms, accepted: Sequence[Source] | Any) -> dict[str, Any]:
    names = [name for name in TermsShown.model_fields if name not in ("source", "edition", "accepted")]
    return {name: getattr(terms, name) for name in names} | {
        "source": terms.source.value,
        "edition": RULES_EDITION,
        "accepted": terms.source in accepted,
    }
