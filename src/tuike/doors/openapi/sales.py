"""A shop's orders: all of them, the lines that promoters brought, how each is paid for; who sold; prepaid money."""

from datetime import datetime, timedelta
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema

from tuike.apps.types import Scope
from tuike.doors.openapi.callers import Needs, app_of, party_id
from tuike.doors.openapi.kinds import Number, answers
from tuike.doors.openapi.rows import Rows
from tuike.doors.web import receipts
from tuike.insight import explain, merchant_standing
from tuike.insight.lists import merchant_orders, merchant_promoters
from tuike.kit import clock, days
from tuike.kit.errors import NotFound
from tuike.orders import queries as orders_of
from tuike.orders.types import LineRef, OrderRef
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, Source

router = Router(tags=["orders and commission"])
ORDERS = Rows(
    name="ShopOrder",
    says="An order of the shop; `commission_fen` is what the shop owes for it.",
    listing=merchant_orders.ORDERS,
    rename={"goods": "title"},
    extra={"external_no": "no__under"},
)
PROMOTED = Rows(
    name="ShopPromotedLine",
    says="An order line that a promoter brought, with what it costs the shop by role.",
    listing=merchant_orders.PROMOTED,
    rename={"goods": "title", "no": "order_no"},
    extra={"external_no": "no__under", "spec": "goods__under"},
)
SOLD = Rows(
    name="SellingPromoter",
    says="A promoter who brought buyers, with figures of the span of days.",
    listing=merchant_promoters.LISTING,
    extra={"no": "name__no"},
)


class ShopLine(Schema):
    """A line of an order."""

    no: int
    title: str
    spec: str
    quantity: int
    price_fen: int
    paid_fen: int
    refunded_fen: int


class ShopOrderDetail(Schema):
    """An order with its lines. Whom it goes to is in the console only."""

    no: str
    external_no: str
    state: str
    source: str
    placed_at: datetime
    paid_at: datetime | None
    received_at: datetime | None
    payable_fen: int
    freight_fen: int
    lines: list[ShopLine]


class TopUpShown(Schema):
    """Money that was paid in."""

    no: str
    amount_fen: int
    state: str
    created_at: datetime
    paid_at: datetime | None


class PrepaidShown(Schema):
    """An external shop's prepaid balance: what is there, what waits for money, and how many days it lasts at the pace
    of the last seven days (null: nothing was taken)."""

    balance_fen: int
    owed_fen: int
    waiting_sales: int
    waiting_fen: int
    spent_fen: int
    days_left: int | None
    top_ups: list[TopUpShown]


class SoldQuery(SOLD.query):
    """A list's query, with the span of days that the figures are of."""

    span: Literal["7", "30", "90", "3650"] = "30"


@router.get("/orders", response=answers(ORDERS.page), auth=Needs(Scope.ORDERS_READ, PartyKind.MERCHANT))
def list_shop_orders(request: HttpRequest, query: Query[ORDERS.query]) -> object:
    """List the shop's orders, the latest first."""
    return ORDERS.read(query, {"merchant": party_id(request)})


@router.get("/orders/{no}", response=answers(ShopOrderDetail), auth=Needs(Scope.ORDERS_READ, PartyKind.MERCHANT))
def show_shop_order(request: HttpRequest, no: Number) -> object:
    """Show one of the shop's orders."""
    return _order(orders_of.order_of_merchant(merchant_id=party_id(request), no=no))


@router.get(
    "/orders/{no}/explain", response=answers(receipts.ReceiptShown), auth=Needs(Scope.ORDERS_READ, PartyKind.MERCHANT)
)
def explain_shop_order(request: HttpRequest, no: Number) -> object:
    """Explain an order's commission: who is owed what, by which rule, and every step."""
    return receipts.shown(explain.explain_shop_order(merchant_id=party_id(request), no=no))


@router.get("/promoted-lines", response=answers(PROMOTED.page), auth=Needs(Scope.ORDERS_READ, PartyKind.MERCHANT))
def list_shop_promoted_lines(request: HttpRequest, query: Query[PROMOTED.query]) -> object:
    """List the lines that promoters brought, the latest first."""
    return PROMOTED.read(query, {"merchant": party_id(request)})


@router.get("/promoters", response=answers(SOLD.page), auth=Needs(Scope.ORDERS_READ, PartyKind.MERCHANT))
def list_selling_promoters(request: HttpRequest, query: Query[SoldQuery]) -> object:
    """List the promoters who brought buyers in the last 7, 30, 90 or 3650 natural days."""
    today = days.day_of(clock.now())
    first = today - timedelta(days=int(query.span) - 1)
    scope = {"merchant": party_id(request), "first": first.isoformat(), "last": today.isoformat()}
    return SOLD.read(query, scope)


@router.get("/prepaid", response=answers(PrepaidShown), auth=Needs(Scope.FUNDS_READ, PartyKind.MERCHANT))
def show_prepaid(request: HttpRequest) -> object:
    """Show an external shop's prepaid balance; a shop of the mall has none."""
    party = app_of(request).party
    if parties.merchant_facts([party.id])[party.id].source is not Source.MINI_PROGRAM:
        raise NotFound
    return merchant_standing.prepaid(merchant_id=party.id, now=clock.now())


def _order(order: OrderRef) -> dict[str, Any]:
    same = ("no", "external_no", "placed_at", "paid_at", "received_at", "payable_fen", "freight_fen")
    shown: dict[str, Any] = {name: getattr(order, name) for name in same}
    return shown | {
        "state": order.state.value,
        "source": order.source.value,
        "lines": [_line(one) for one in order.lines],
    }


def _line(line: LineRef) -> dict[str, Any]:
    return {name: getattr(line, name) for name in ShopLine.model_fields}
