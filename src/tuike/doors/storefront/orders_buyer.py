"""A buyer's orders after placing: the list by tab, one order in one call, and everything that can be done with it.

They stand on the router of placing: what is asked at one address belongs to one router.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Schema

from tuike.catalog import queries as catalog
from tuike.doors.storefront import answers
from tuike.doors.storefront.buying import router
from tuike.doors.storefront.callers import person
from tuike.doors.storefront.kinds import Before, IdempotencyKey, Limit, Number
from tuike.doors.storefront.sending import shown_parcels
from tuike.doors.web.said import said
from tuike.doors.web.soon import soon
from tuike.flows import close_unpaid, follow_order, receive_orders
from tuike.kit import clock, crypto
from tuike.kit.errors import NotFound
from tuike.marketing import queries as marketing
from tuike.orders import queries as orders
from tuike.orders import service
from tuike.orders.types import Address, AfterSaleRef, DiscountFact, LineRef, Offered, OrderRef, OrderTab
from tuike.parties import queries as parties
from tuike.parties.types import MallFunction, MerchantFacts
from tuike.payments import queries as payments
from tuike.payments.types import IntentState

Tab = Annotated[OrderTab, Query(description="Which tab of the list.")]
Words = Annotated[
    str,
    Query(max_length=60, pattern=r"^[^\x00-\x1f\x7f]*$", description="An order's number, or part of a title."),
]
_DISCOUNTS = {
    "coupon": ("优惠券", "Coupon"),
    "points": ("积分抵扣", "Points"),
    "bargain": ("砍价优惠", "Bargain"),
    "level": ("会员优惠", "Member discount"),
    "rounding": ("抹零", "Rounding"),
}


class OfferedAct(Schema):
    """What can be done with an order. Where `allowed` is false, `code` and `reason` say why not."""

    act: str
    allowed: bool
    code: str
    reason: str


class BoughtLine(answers.Line):
    """A line with its picture and its product."""

    picture: str
    product_no: str
    on_sale: bool


class BoughtOrder(answers.Order):
    """An order in the list. `state`: unpaid, paid, shipped, completed, closed; `after_sale`: one is open."""

    shop: answers.Shop
    lines: list[BoughtLine]  # type: ignore[assignment]
    after_sale: bool
    acts: list[OfferedAct]


class TabCounts(Schema):
    """How many orders stand under each tab; `after_sales` those with an open after-sale."""

    all: int
    unpaid: int
    unshipped: int
    shipped: int
    completed: int
    after_sales: int


class BoughtOrders(Schema):
    """A page of orders, newest first, with the counts of all tabs."""

    items: list[BoughtOrder]
    next: str
    counts: TabCounts


class LoweredBy(Schema):
    """A discount on a line, by name. `funded_by`: merchant or platform."""

    line_no: int
    kind: str
    name: str
    source: str
    amount_fen: int
    funded_by: str


class PaidWith(Schema):
    """A part of the checkout's payment: `way` is wechat or balance."""

    way: str
    mode: str
    amount_fen: int
    paid_at: datetime | None


class OrderStep(Schema):
    """A step of an order's timeline: placed, paid, shipped, received, closed, refund_asked, refunded."""

    what: str
    text: str
    at: datetime


class BoughtOrderDetail(BoughtOrder):
    """An order whole. `checkout_orders`: all orders of its checkout, which are paid and cancelled together."""

    note: str
    address: answers.Receiver | None
    parcels: list[answers.Parcel]
    refunds: list[answers.Refund]
    discounts: list[LoweredBy]
    payments: list[PaidWith]
    timeline: list[OrderStep]
    checkout_orders: list[str]


class CancelledOrders(Schema):
    """The orders that were cancelled: all of the checkout, for they are one payment."""

    checkout_no: str
    orders: list[str]


class NotAgain(Schema):
    """What could not be put into the cart again. `why`: off_sale, sold_out."""

    title: str
    spec: str
    why: str


class BoughtAgain(Schema):
    """How many kinds went into the cart, and what is missing."""

    added: int
    missing: list[NotAgain]


class Done(Schema):
    """It is done."""

    done: bool


@router.get("/orders", response=answers.answers(BoughtOrders), tags=["orders"])
def my_orders(
    request: HttpRequest, tab: Tab = OrderTab.ALL, q: Words = "", before: Before = "", limit: Limit = 20
) -> object:
    """List the buyer's orders by tab, newest first, with what can be done with each and the counts of all tabs."""
    buyer_id = person(request).id
    last = orders.order_of_buyer(buyer_id=buyer_id, no=before) if before else None
    found = orders.orders_of_buyer(
        buyer_id=buyer_id, tab=tab, words=q, before=(last.placed_at, last.id) if last else None, limit=limit
    )
    counts = orders.tab_counts(buyer_id=buyer_id)
    return {
        "items": _shown(found),
        "next": found[-1].no if len(found) == limit else "",
        "counts": {str(one): count for one, count in counts.items()},
    }


@router.get("/orders/{no}", response=answers.answers(BoughtOrderDetail), tags=["orders"])
def my_order(request: HttpRequest, no: Number) -> object:
    """Show an order of the buyer: lines, discounts, payments, parcels, after-sales, timeline, what can be done."""
    return _detail(orders.order_of_buyer(buyer_id=person(request).id, no=no))


@router.post("/orders/{no}/cancel", response=answers.answers(CancelledOrders), tags=["orders"])
def cancel(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Cancel an unpaid order, and with it all orders of its checkout; cancelled twice it is cancelled once."""
    buyer_id = person(request).id
    checkout_no = orders.order_of_buyer(buyer_id=buyer_id, no=no).checkout_no
    if checkout_no is None:
        raise NotFound
    close_unpaid.cancel_order(buyer_id=buyer_id, checkout_no=checkout_no, now=clock.now())
    soon("send_refunds")
    found = orders.checkout_of_buyer(buyer_id=buyer_id, checkout_no=checkout_no)
    return {"checkout_no": checkout_no, "orders": [one.no for one in found]}


@router.post("/orders/{no}/reminder", response=answers.answers(answers.Order), tags=["orders"])
def remind(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Ask the shop to ship; once a day for an order."""
    return follow_order.remind_shop(buyer_id=person(request).id, order_no=no, key=key, now=clock.now())


@router.post("/orders/{no}/receipt", response=answers.answers(answers.Order), tags=["orders"])
def receive(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Confirm that the goods arrived."""
    done = receive_orders.receive_order(buyer_id=person(request).id, order_no=no, key=key, now=clock.now())
    soon("score_orders")
    return done


@router.post("/orders/{no}/receipt-extension", response=answers.answers(answers.Order), tags=["orders"])
def extend_receipt(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Put off, once, the receipt that confirms itself."""
    return receive_orders.extend_receipt(buyer_id=person(request).id, order_no=no, key=key, now=clock.now())


@router.post("/orders/{no}/buy-again", response=answers.answers(BoughtAgain), tags=["orders"])
def buy_again(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Put what is still on sale of the order into the cart, and name what isn't."""
    return follow_order.buy_again(buyer_id=person(request).id, order_no=no, key=key, now=clock.now())


@router.post("/orders/{no}/removal", response=answers.answers(Done), tags=["orders"])
def remove(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Take a closed or completed order out of the buyer's list; nothing is erased."""
    service.hide(buyer_id=person(request).id, order_no=no, now=clock.now())
    return {"done": True}


def bought_lines(lines: Sequence[LineRef]) -> dict[int, dict[str, Any]]:
    """Return lines as they are shown, by line id, with pictures and products, in two queries."""
    skus = catalog.sku_facts({line.sku_id for line in lines})
    products = catalog.product_facts({line.product_id for line in lines})
    shown = {}
    for line in lines:
        sku, product = skus.get(line.sku_id), products.get(line.product_id)
        shown[line.id] = {name: getattr(line, name) for name in answers.Line.model_fields} | {
            "picture": sku.picture if sku else "",
            "product_no": product.product_no if product else "",
            "on_sale": bool(sku and sku.on_sale),
        }
    return shown


def _shown(found: Sequence[OrderRef]) -> list[dict[str, Any]]:
    shops = parties.merchant_facts({order.merchant_id for order in found})
    lines = bought_lines([line for order in found for line in order.lines])
    offers = orders.offers(found, now=clock.now())
    is_open = orders.open_after_sales_of([order.id for order in found])
    return [
        {name: getattr(order, name) for name in answers.Order.model_fields}
        | {
            "shop": shops[order.merchant_id],
            "lines": [lines[line.id] for line in order.lines],
            "after_sale": order.id in is_open,
            "acts": _acts(offers[order.id], shops[order.merchant_id]),
        }
        for order in found
    ]


def _acts(offered: Sequence[Offered], shop: MerchantFacts) -> list[dict[str, Any]]:
    """Return the acts in the reader's language; a function that the shop has switched off is absent."""
    reviews = MallFunction.REVIEWS in shop.functions
    return [
        {"act": one.act.value, "allowed": one.allowed, "code": one.code, "reason": said(one.zh, one.en)}
        for one in offered
        if reviews or one.act.value != "review"
    ]


def _detail(order: OrderRef) -> dict[str, Any]:
    address = orders.address_of(order)
    after_sales = orders.after_sales_of([order.id]).get(order.id, [])
    together = [order.no]
    if order.checkout_no and order.buyer_id is not None:
        found = orders.checkout_of_buyer(buyer_id=order.buyer_id, checkout_no=order.checkout_no)
        together = [one.no for one in found]
    return _shown([order])[0] | {
        "note": order.note,
        "address": None if address is None else masked(address),
        "parcels": shown_parcels(orders.parcels_of(order.id)),
        "refunds": after_sales,
        "discounts": _discounts(order),
        "payments": _payments(order.checkout_no) if order.checkout_no else [],
        "timeline": _timeline(order, after_sales),
        "checkout_orders": together,
    }


def _discounts(order: OrderRef) -> list[dict[str, Any]]:
    found = orders.discounts_of(line.id for line in order.lines)
    names: dict[str, str] = {}
    return [
        {"line_no": line.no, "kind": one.kind, "name": _named(one, order.buyer_id, names), "source": one.source}
        | {"amount_fen": one.amount_fen, "funded_by": one.funded_by}
        for line in order.lines
        for one in found.get(line.id, [])
    ]


def _named(one: DiscountFact, buyer_id: int | None, names: dict[str, str]) -> str:
    """Return a discount's name: the coupon's own where there is one, else its kind's."""
    kind = said(*_DISCOUNTS.get(one.kind, (one.kind, one.kind)))
    if one.kind != "coupon" or buyer_id is None:
        return kind
    if one.source not in names:
        try:
            names[one.source] = marketing.voucher_of(buyer_id=buyer_id, no=one.source).terms.name
        except NotFound:
            names[one.source] = kind
    return names[one.source]


def _payments(checkout_no: str) -> list[dict[str, Any]]:
    """Return what paid the checkout: the channel's payment, and what came out of the buyer's balance."""
    purpose = f"checkout:{checkout_no}"
    intent = payments.intents_of([purpose]).get(purpose)
    ways: list[dict[str, Any]] = []
    if intent is not None and intent.state is IntentState.PAID:
        way = {"way": "wechat", "mode": intent.mode, "amount_fen": intent.paid_fen, "paid_at": intent.paid_at}
        ways.append(way)
    if balance := orders.balance_parts([checkout_no]).get(checkout_no, 0):
        ways.append({"way": "balance", "mode": "", "amount_fen": balance, "paid_at": None})
    return ways


def _timeline(order: OrderRef, after_sales: Sequence[AfterSaleRef]) -> list[dict[str, Any]]:
    steps = [
        ("placed", said("提交订单", "Placed"), order.placed_at),
        ("paid", said("付款成功", "Paid"), order.paid_at),
        ("shipped", said("商家发货", "Shipped"), order.shipped_at),
        ("received", said("确认收货", "Received"), order.received_at),
        ("closed", said("订单关闭", "Closed"), order.closed_at),
    ]
    for one in after_sales:
        steps.append(("refund_asked", said(f"申请售后 {one.no}", f"Asked for a refund, {one.no}"), one.opened_at))
        if one.state == "refunded":
            steps.append(("refunded", said(f"退款完成 {one.no}", f"Refunded, {one.no}"), one.ended_at))
    known = [{"what": what, "text": text, "at": at} for what, text, at in steps if at is not None]
    return sorted(known, key=lambda step: str(step["at"]))


def masked(address: Address) -> dict[str, str]:
    """Return an address as its buyer sees it: the phone masked."""
    return {
        "name": address.name,
        "phone": crypto.masked(address.phone),
        "region": address.region,
        "detail": address.detail,
    }
