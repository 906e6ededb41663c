"""A shop's products: the list with why one can't be promoted, and one product in full. Changed in the console."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema

from tuike.apps.types import Scope
from tuike.catalog import queries as catalog
from tuike.doors.openapi.callers import Needs, party_id
from tuike.doors.openapi.kinds import Number, answers
from tuike.doors.openapi.rows import Rows
from tuike.doors.web.said import said
from tuike.insight import plan_goods
from tuike.insight.lists.merchant_products import LISTING
from tuike.kit import clock, days
from tuike.kit.money import share
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.settings import service as settings

router = Router(tags=["products"])
LIST = Rows(
    name="ShopProduct",
    says="A product of the shop; `promotion` is `promotable`, or why it can't be promoted.",
    listing=LISTING,
    leave=("new",),
    extra={"no": "title__no"},
)


class ShopSkuShown(Schema):
    """A choice of a product; order reports name it by `sku_id`."""

    sku_id: int
    spec: str
    price_fen: int
    free: int
    on_sale: bool


class ShopProductDetail(Schema):
    """A product in full: `why_not` is the stable name of what is in the way of promoting it, null if nothing is;
    `rate_bps` and `commission_fen` are what everybody gets now, `coming_rate_bps` from the next midnight on."""

    no: str
    external_no: str
    title: str
    subtitle: str
    pictures: list[str]
    category_ids: list[int]
    state: str
    excluded: bool
    price_fen: int
    free: int
    skus: list[ShopSkuShown]
    listed_from: datetime | None
    why_not: str | None
    why_not_said: str
    rate_bps: int
    coming_rate_bps: int
    commission_fen: int


@router.get("/products", response=answers(LIST.page), auth=Needs(Scope.PRODUCTS_READ, PartyKind.MERCHANT))
def list_shop_products(request: HttpRequest, query: Query[LIST.query]) -> object:
    """List the shop's products, newest first."""
    merchant_id = party_id(request)
    sold = catalog.categories_sold([merchant_id]).get(merchant_id, frozenset())
    names = [(n.category_id, n.name, n.name_en or n.name) for n in catalog.categories() if n.category_id in sold]
    floor = settings.get("price_floor_fen")
    scope = {"merchant": merchant_id, "now": clock.now().isoformat(), "floor": floor, "categories": names}
    return LIST.read(query, scope)


@router.get("/products/{no}", response=answers(ShopProductDetail), auth=Needs(Scope.PRODUCTS_READ, PartyKind.MERCHANT))
def show_shop_product(request: HttpRequest, no: Number) -> object:
    """Show one of the shop's products."""
    merchant_id, now = party_id(request), clock.now()
    own = catalog.own_product(merchant_id=merchant_id, product_no=no)
    facts, shops = own.facts, parties.merchant_facts([merchant_id])
    reason = catalog.promotability([facts], shops, settings.get("price_floor_fen"), now)[facts.product_id]
    rate = plan_goods.public_rates(merchant_id, [facts.product_id], now)[facts.product_id]
    then = plan_goods.public_rates(merchant_id, [facts.product_id], days.next_midnight(now))[facts.product_id]
    shown: dict[str, Any] = {
        "no": facts.product_no,
        "category_ids": list(facts.category_path),
        "pictures": list(facts.pictures),
        "price_fen": facts.min_price_fen,
        "state": facts.state.value,
        "skus": own.skus,
        "why_not": reason.value if reason else None,
        "why_not_said": said(reason.sentence("zh"), reason.sentence("en")) if reason else "",
        "rate_bps": rate,
        "coming_rate_bps": then,
        "commission_fen": share(facts.min_price_fen, bps=rate),
    }
    same = ("external_no", "title", "subtitle", "excluded", "free", "listed_from")
    return shown | {name: getattr(facts, name) for name in same}
