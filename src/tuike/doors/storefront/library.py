"""The product library as a promoter sees it on the phone: search with the own rate, a product in full, the set."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tuike.catalog import queries as catalog
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import promoting, seat, signed_in
from tuike.doors.storefront.kinds import MAX_ID, Number, PartyNo
from tuike.doors.web.said import chinese, said
from tuike.flows import change_selection
from tuike.insight import shelf
from tuike.kit import clock
from tuike.library import queries as library
from tuike.library.types import MOST_CHOSEN, Range, Sort, Wanted
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

router = Router(auth=signed_in, tags=["promoter"])
_Fen = Annotated[int, Field(ge=0, le=10**13)]
_Rate = Annotated[int, Field(ge=0, le=10_000)]
_PLAIN = r"^[^\x00-\x1f\x7f]*$"


class PhoneLibraryQuery(Schema):
    """What is looked for; a category includes all below it. Rates and commission are the public ones, which cards say
    beside the promoter's own; bounds belong to what is found."""

    q: str = Field("", max_length=60, pattern=_PLAIN, description="Words in the title.")
    shop: str = Field("", max_length=40, pattern=r"^[0-9A-Za-z]*$", description="A shop's number.")
    source: Literal["mini_store", "mini_program"] | None = None
    category: int | None = Field(None, ge=1, le=MAX_ID)
    coupon: bool = Field(False, description="Only what has an alliance coupon.")
    curated: bool = Field(False, description="The operator's curated list.")
    price_fen_min: _Fen | None = None
    price_fen_max: _Fen | None = None
    rate_bps_min: _Rate | None = None
    rate_bps_max: _Rate | None = None
    commission_fen_min: _Fen | None = None
    commission_fen_max: _Fen | None = None
    sort: Literal["newest", "price", "commission", "rate", "sales", "picked"] | None = None
    ascending: bool = False
    limit: int = Field(20, ge=1, le=50)
    after: str = Field("", max_length=80, description="`next` of the page before, unread.")


class PhoneCard(Schema):
    """A product to promote. `rate_bps` and `commission_fen` are the promoter's own, for a piece of the cheapest choice;
    `public_rate_bps` is everybody's; `why_not` says why it can't be promoted, empty if it can."""

    no: str
    title: str
    subtitle: str
    picture: str
    price_fen: int
    shop: answers.Shop
    source: str
    rate_bps: int
    commission_fen: int
    bonus_fen: int
    public_rate_bps: int | None
    better: bool
    coupons: list[str]
    sold: int | None
    chosen: bool
    why_not: str


class PhoneLibrary(Schema):
    """A page of the library."""

    items: list[PhoneCard]
    next: str


class PhoneTerms(Schema):
    """How the product's source settles and pays; it has to be accepted before its products are promoted."""

    source: str
    accepted: bool
    settle_days: int
    withdraw_min_fen: int
    withdraw_fee_fen: int
    tax_bps: int
    material_days: int
    touch_window_days: int


class PhoneLibraryProduct(PhoneCard):
    """A product to promote in full."""

    pictures: list[str]
    skus: list[answers.Sku]
    categories: list[str]
    terms: PhoneTerms


class PhoneSelection(Schema):
    """What the promoter put aside, the latest first; `most` is how many the set holds."""

    items: list[PhoneCard]
    most: int


@router.get("/library", response=answers.answers(PhoneLibrary))
def search(request: HttpRequest, query: Query[PhoneLibraryQuery], party: PartyNo = "") -> object:
    """Search the library; every card says what the promoter itself would get."""
    sits = seat(request, PartyKind.PROMOTER, party)
    found = shelf.shelf(_wanted(query), promoter_id=sits.party.id, now=clock.now(), mark=query.after, limit=query.limit)
    return {"items": [_card(one) for one in found.items], "next": found.after}


@router.get("/library/{no}", response=answers.answers(PhoneLibraryProduct))
def product(request: HttpRequest, no: Number, party: PartyNo = "") -> object:
    """Show a product that is or was listed, with its choices and how its source pays."""
    sits = seat(request, PartyKind.PROMOTER, party)
    told = shelf.preview(product_no=no, promoter_id=sits.party.id, now=clock.now())
    accepted = library.accepted(promoter_id=sits.party.id)
    names = [name for name in PhoneTerms.model_fields if name not in ("source", "accepted")]
    return _card(told.shown) | {
        "pictures": list(told.shown.product.pictures),
        "skus": told.skus,
        "categories": [node.name if chinese() else node.name_en or node.name for node in told.categories],
        "terms": {name: getattr(told.terms, name) for name in names}
        | {"source": told.terms.source.value, "accepted": told.terms.source in accepted},
    }


@router.get("/selection", response=answers.answers(PhoneSelection))
def selection(request: HttpRequest, party: PartyNo = "") -> object:
    """Show what the promoter put aside."""
    return _selection(seat(request, PartyKind.PROMOTER, party).party.id)


@router.put("/selection/{no}", response=answers.answers(PhoneSelection))
def choose(request: HttpRequest, no: Number, party: PartyNo = "") -> object:
    """Put a product aside; twice is once."""
    promoter_id = promoting(request, party).party.id
    change_selection.change_selection(
        promoter_id=promoter_id, product_ids=[catalog.id_of(no)], into=True, now=clock.now()
    )
    return _selection(promoter_id)


@router.delete("/selection/{no}", response=answers.answers(PhoneSelection))
def drop(request: HttpRequest, no: Number, party: PartyNo = "") -> object:
    """Take a product out again; what isn't in it is no error."""
    promoter_id = seat(request, PartyKind.PROMOTER, party).party.id
    change_selection.change_selection(
        promoter_id=promoter_id, product_ids=[catalog.id_of(no)], into=False, now=clock.now()
    )
    return _selection(promoter_id)


def _selection(promoter_id: int) -> dict[str, Any]:
    found = shelf.selection(promoter_id=promoter_id, now=clock.now())
    return {"items": [_card(one) for one in found], "most": MOST_CHOSEN}


def _wanted(query: PhoneLibraryQuery) -> Wanted:
    sort = Sort(query.sort) if query.sort else Sort.PICKED if query.curated else Sort.NEWEST
    sort = Sort.NEWEST if sort is Sort.PICKED and not query.curated else sort
    return Wanted(
        keyword=query.q,
        category_ids=() if query.category is None else (query.category,),
        coupon=query.coupon,
        merchant_id=parties.shop(query.shop).id if query.shop else None,
        source=query.source or "",
        curated=query.curated,
        sort=sort,
        descending=not (query.ascending or sort is Sort.PICKED),
        price_fen=Range(query.price_fen_min, query.price_fen_max),
        commission_fen=Range(query.commission_fen_min, query.commission_fen_max),
        rate_bps=Range(query.rate_bps_min, query.rate_bps_max),
    )


def _card(one: shelf.Shown) -> dict[str, Any]:
    product, card, own = one.product, one.card, one.own
    return {
        "no": product.product_no,
        "title": product.title,
        "subtitle": product.subtitle,
        "picture": product.pictures[0] if product.pictures else "",
        "price_fen": card.price_fen if card else product.min_price_fen,
        "shop": {"no": one.shop.no, "name": one.shop.name},
        "source": one.shop.source.value,
        "rate_bps": own.rate_bps,
        "commission_fen": own.commission_fen,
        "bonus_fen": own.bonus_fen,
        "public_rate_bps": card.rate_bps if card else None,
        "better": one.better,
        "coupons": [coupon.no for coupon in one.coupons],
        "sold": card.sold if card else None,
        "chosen": one.chosen,
        "why_not": said(one.why.sentence("zh"), one.why.sentence("en")) if one.why else "",
    }
