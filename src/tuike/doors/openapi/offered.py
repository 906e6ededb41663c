"""What leaders' activities and the curated pool (好物联盟) offer to promoters, and the pool to leaders (§9).

Material for a product of an activity is made as all material is, with the activity's number.
"""

from datetime import datetime

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from tuike.apps.types import Scope
from tuike.catalog import queries as catalog
from tuike.cooperation import queries as cooperation_of
from tuike.doors.openapi import contracts
from tuike.doors.openapi.callers import Needs, party_id
from tuike.doors.openapi.kinds import Number, answers
from tuike.doors.openapi.rows import Rows
from tuike.insight import led_goods
from tuike.insight.lists import contract, pool
from tuike.kit import clock
from tuike.kit.money import share
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

promoter = Router(tags=["leaders' activities"])
leader = Router(tags=["cooperation with leaders"])
PRODUCTS = Rows(
    name="ActivityProduct",
    says="A product of a leader's activity that the promoter may promote. `no` is the enrolment's number.",
    listing=contract.LED_PRODUCTS,
    leave=("new",),
    extra={
        "no": "product__no",
        "product_no": "product__of",
        "shop": "product__under",
        "activity_no": "activity__no",
        "leader": "activity__under",
    },
)
POOL = Rows(
    name="PoolProduct",
    says="A product that the operator took into the curated pool.",
    listing=pool.POOL,
    leave=("new",),
    extra={"no": "product__no", "shop": "product__under"},
)


class ActivityProductDetail(Schema):
    """A product of an activity with its terms. Make material for `product_no` with the activity's number. `contact` is
    the shop's, where it shows it to promoters."""

    no: str
    product_no: str
    product: str
    shop: str
    price_fen: int
    rate_bps: int
    earn_fen: int = Field(description="What one piece at the lowest price earns by the activity's rate.")
    activity_no: str
    activity: str
    kind: str
    leader: str
    sample: str
    note: str
    starts_at: datetime
    ends_at: datetime
    contact: str
    leader_contact: str


@promoter.get("/activity-products", response=answers(PRODUCTS.page), auth=Needs(Scope.LIBRARY_READ, PartyKind.PROMOTER))
def list_activity_products(request: HttpRequest, query: Query[PRODUCTS.query]) -> object:
    """List the products of leaders' activities that are open to the promoter, newest first."""
    scope = {"party": party_id(request), "now": clock.now().isoformat(), "categories": _categories()}
    return PRODUCTS.read(query, scope)


@promoter.get(
    "/activity-products/{no}",
    response=answers(ActivityProductDetail),
    auth=Needs(Scope.LIBRARY_READ, PartyKind.PROMOTER),
)
def show_activity_product(request: HttpRequest, no: Number) -> object:
    """Show a product of a leader's activity with its terms, and how its shop and its leader are reached."""
    promoter_id, now = party_id(request), clock.now()
    one = led_goods.led_product(no=no, promoter_id=promoter_id, now=now)
    product = catalog.product_facts([one.product_id])[one.product_id]
    names = parties.refs([one.merchant_id, one.leader_id])
    activity = cooperation_of.activity(one.activity_id)
    same = ("no", "rate_bps", "activity_no", "starts_at", "ends_at")
    return {name: getattr(one, name) for name in same} | {
        "product_no": product.product_no,
        "product": product.title,
        "shop": names[one.merchant_id].name,
        "price_fen": product.min_price_fen,
        "earn_fen": share(product.min_price_fen, bps=one.rate_bps),
        "activity": one.activity_title,
        "kind": activity.kind.value,
        "leader": names[one.leader_id].name,
        "sample": activity.sample,
        "note": activity.note,
        "contact": cooperation_of.contact_of_enrolment(no=no, promoter=True, now=now),
        "leader_contact": cooperation_of.contact_of_activity(no=one.activity_no),
    }


@promoter.get("/pool", response=answers(POOL.page), auth=Needs(Scope.LIBRARY_READ, PartyKind.PROMOTER))
def list_pool_for_promoters(request: HttpRequest, query: Query[POOL.query]) -> object:
    """List the curated pool (好物联盟), the latest first."""
    return POOL.read(query, {"categories": _categories()})


@leader.get("/pool", response=answers(POOL.page), auth=Needs(Scope.COOPERATION_READ, PartyKind.LEADER))
def list_pool_for_leaders(request: HttpRequest, query: Query[POOL.query]) -> object:
    """List the curated pool (好物联盟), the latest first."""
    contracts.opened(request)
    return POOL.read(query, {"categories": _categories()})


def _categories() -> list[tuple[int, str, str]]:
    """Return the root categories as a list's filter takes them."""
    return [(one.category_id, one.name, one.name_en or one.name) for one in catalog.categories() if len(one.path) == 1]
