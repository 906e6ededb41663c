"""A shop's rates: by category, of main products, each seen before it is published; and its campaigns (read)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field, StringConstraints

from tuike.apps.types import Scope
from tuike.catalog import queries as catalog
from tuike.commission.types import Share
from tuike.doors.openapi.callers import Needs, acting, party_id
from tuike.doors.openapi.keys import once
from tuike.doors.openapi.kinds import Body, Bps, Id, IdempotencyKey, answers
from tuike.doors.openapi.rows import Rows
from tuike.flows import publish_rates
from tuike.flows.publish_rates import Preview, Wanted
from tuike.insight import rates
from tuike.insight.lists.merchant_plans import CAMPAIGNS, MAINS
from tuike.kit import clock, days
from tuike.kit.errors import Invalid, NotFound
from tuike.parties.types import PartyKind

router = Router(tags=["rates"])
MOST_AT_ONCE = 100
_No = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z]+$")]
MAIN = Rows(
    name="MainProduct",
    says="A main product: its rate in force, the one from the next midnight on, what the shop wrote if it was lifted.",
    listing=MAINS,
    leave=("new",),
    extra={"no": "title__no"},
)
CAMPAIGN = Rows(
    name="Campaign",
    says="A campaign of the shop.",
    listing=CAMPAIGNS,
    leave=("new",),
    extra={"no": "name__no"},
)


class CategoryRateShown(Schema):
    """A category as the shop prices it. `own_bps`: the shop's own rate here; `rate_bps`, `layer`: what holds now, and
    `coming_…` from the next midnight on; `floor_bps`: what a new rate must be above."""

    category_id: int
    name: str
    name_en: str
    level: int
    restricted: bool
    sold: bool
    benchmark_bps: int
    floor_bps: int
    own_bps: int | None
    rate_bps: int
    layer: str
    coming_own_bps: int | None
    coming_rate_bps: int
    coming_layer: str
    lifted_from_bps: int | None


class CategoryRates(Schema):
    """The whole tree, parents before children."""

    items: list[CategoryRateShown]


class CategoryRateWish(Body):
    """A category's rate; null takes the shop's own rate away."""

    category_id: Id
    rate_bps: Bps | None


class CategoryRatesWish(Body):
    """Rates of categories; they hold from the next midnight on."""

    rates: Annotated[list[CategoryRateWish], Field(min_length=1, max_length=MOST_AT_ONCE)]


class MainRateWish(Body):
    """A main product's rate; null removes it from the main products."""

    product_no: _No
    rate_bps: Bps | None


class MainRatesWish(Body):
    """Rates of main products; they hold from the next midnight on."""

    rates: Annotated[list[MainRateWish], Field(min_length=1, max_length=MOST_AT_ONCE)]


class LiftShown(Schema):
    """A rate that a risen floor lifts."""

    layer: str
    category_id: int | None
    product_no: str | None
    from_bps: int
    to_bps: int


class PublishedShown(Schema):
    """What was published: from when it holds, and what it lifted."""

    effective_at: datetime
    lifts: list[LiftShown]


class OutlookShown(Schema):
    """A product's direct rate at that instant, without and with the change."""

    product_no: str
    title: str
    before_bps: int
    after_bps: int


class ShareShown(Schema):
    """What somebody would be owed."""

    role: str
    rate_bps: int
    amount_fen: int


class SampleShown(Schema):
    """One piece of a product sold: who would be owed what before and after, and at worst (highest grade, all tiers)."""

    product_no: str
    price_fen: int
    before: list[ShareShown]
    usual: list[ShareShown]
    worst: list[ShareShown]


class PreviewShown(PublishedShown):
    """What publishing would do. Nothing of it has happened."""

    outlooks: list[OutlookShown]
    samples: list[SampleShown]


@router.get("/category-rates", response=answers(CategoryRates), auth=Needs(Scope.PLANS_READ, PartyKind.MERCHANT))
def list_category_rates(request: HttpRequest, sold: bool = False) -> object:
    """Show the tree of categories with the shop's rates; `sold`: only categories that the shop has products in."""
    found = rates.category_rates(merchant_id=party_id(request), now=clock.now())
    return {"items": [_category(one) for one in found if one.sold or not sold]}


@router.post(
    "/category-rates/preview", response=answers(PreviewShown), auth=Needs(Scope.PLANS_WRITE, PartyKind.MERCHANT)
)
def preview_category_rates(request: HttpRequest, body: CategoryRatesWish) -> object:
    """Show what publishing these rates would do."""
    return _previewed(request, _categories(body))


@router.put("/category-rates", response=answers(PublishedShown), auth=Needs(Scope.PLANS_WRITE, PartyKind.MERCHANT))
def publish_category_rates(request: HttpRequest, body: CategoryRatesWish, key: IdempotencyKey) -> object:
    """Publish rates of categories, or take own ones away."""
    return _published(request, _categories(body), key)


@router.get("/main-products", response=answers(MAIN.page), auth=Needs(Scope.PLANS_READ, PartyKind.MERCHANT))
def list_main_products(request: HttpRequest, query: Query[MAIN.query]) -> object:
    """List the main products, in force or coming."""
    return MAIN.read(query, _scope(request))


@router.post(
    "/main-products/preview", response=answers(PreviewShown), auth=Needs(Scope.PLANS_WRITE, PartyKind.MERCHANT)
)
def preview_main_products(request: HttpRequest, body: MainRatesWish) -> object:
    """Show what publishing these rates would do."""
    return _previewed(request, _mains(request, body))


@router.put("/main-products", response=answers(PublishedShown), auth=Needs(Scope.PLANS_WRITE, PartyKind.MERCHANT))
def publish_main_products(request: HttpRequest, body: MainRatesWish, key: IdempotencyKey) -> object:
    """Set rates of main products, or remove them."""
    return _published(request, _mains(request, body), key)


@router.get("/campaigns", response=answers(CAMPAIGN.page), auth=Needs(Scope.PLANS_READ, PartyKind.MERCHANT))
def list_campaigns(request: HttpRequest, query: Query[CAMPAIGN.query]) -> object:
    """List the shop's campaigns, newest first."""
    return CAMPAIGN.read(query, _scope(request))


def _scope(request: HttpRequest) -> dict[str, Any]:
    now = clock.now()
    return {"merchant": party_id(request), "now": now.isoformat(), "midnight": days.next_midnight(now).isoformat()}


def _category(one: rates.CategoryRate) -> dict[str, Any]:
    same = ("category_id", "name", "name_en", "level", "restricted", "sold", "benchmark_bps", "floor_bps", "own_bps")
    shown: dict[str, Any] = {name: getattr(one, name) for name in same}
    return shown | {
        "rate_bps": one.holds.rate_bps,
        "layer": one.holds.layer.value,
        "coming_own_bps": one.coming_bps,
        "coming_rate_bps": one.will_hold.rate_bps,
        "coming_layer": one.will_hold.layer.value,
        "lifted_from_bps": one.lifted_from_bps,
    }


def _categories(body: CategoryRatesWish) -> Wanted:
    wanted = {one.category_id: one.rate_bps for one in body.rates}
    _each_once(len(wanted), len(body.rates))
    return Wanted(categories=wanted)


def _mains(request: HttpRequest, body: MainRatesWish) -> Wanted:
    """Return the wish with the ids of the shop's own products.

    Raises:
        NotFound: one of the numbers is no product of the shop's.
    """
    nos = [one.product_no for one in body.rates]
    ids = catalog.own_ids(merchant_id=party_id(request), product_nos=nos)
    if set(nos) - set(ids):
        raise NotFound
    wanted = {ids[one.product_no]: one.rate_bps for one in body.rates}
    _each_once(len(wanted), len(body.rates))
    return Wanted(mains=wanted)


def _each_once(found: int, sent: int) -> None:
    if found < sent:
        raise Invalid(field="rates", reason_zh="同一项出现多次", reason_en="names something twice")


def _previewed(request: HttpRequest, wanted: Wanted) -> dict[str, Any]:
    seen = publish_rates.preview(merchant_id=party_id(request), wanted=wanted, actor=acting(request), now=clock.now())
    return _lifted(seen.effective_at, seen.lifts) | _outlook(seen)


def _published(request: HttpRequest, wanted: Wanted, key: str) -> object:
    def work() -> dict[str, Any]:
        done = publish_rates.publish(
            merchant_id=party_id(request), wanted=wanted, actor=acting(request), now=clock.now(), key=key
        )
        return _lifted(done.effective_at, done.lifts)

    return once(request, key, PublishedShown, work)


def _lifted(effective_at: datetime, lifts: Any) -> dict[str, Any]:
    facts: Mapping[int, Any] = catalog.product_facts([one.product_id for one in lifts if one.product_id is not None])
    shown = [
        {
            "layer": one.layer.value,
            "category_id": one.category_id,
            "product_no": facts[one.product_id].product_no if one.product_id in facts else None,
            "from_bps": one.from_bps,
            "to_bps": one.to_bps,
        }
        for one in lifts
    ]
    return {"effective_at": effective_at, "lifts": shown}


def _outlook(seen: Preview) -> dict[str, Any]:
    outlooks = [
        {
            "product_no": one.product.product_no,
            "title": one.product.title,
            "before_bps": one.before.rate_bps,
            "after_bps": one.after.rate_bps,
        }
        for one in seen.outlooks
    ]
    samples = [
        {
            "product_no": one.product.product_no,
            "price_fen": one.product.min_price_fen,
            "before": _shares(one.before),
            "usual": _shares(one.usual),
            "worst": _shares(one.worst),
        }
        for one in seen.samples
    ]
    return {"outlooks": outlooks, "samples": samples}


def _shares(shares: tuple[Share, ...]) -> list[dict[str, Any]]:
    return [{"role": one.role.value, "rate_bps": one.rate_bps, "amount_fen": one.amount_fen} for one in shares]
