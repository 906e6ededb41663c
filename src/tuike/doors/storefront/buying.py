"""A buyer's orders, payments and refunds."""

from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in, visitor_of
from tuike.doors.storefront.kinds import (
    Before,
    Body,
    Fen,
    Id,
    IdempotencyKey,
    Limit,
    Name,
    Note,
    Number,
    Quantity,
    Visitor,
)
from tuike.doors.web.soon import soon
from tuike.flows import close_unpaid, receive_orders, refund_order, start_payment
from tuike.flows import place_order as placing
from tuike.gateways.types import Channel
from tuike.kit import clock, crypto
from tuike.kit.errors import Invalid
from tuike.orders import queries as orders
from tuike.orders.types import Address, AfterSaleAsk, OrderRef
from tuike.parties import queries as parties
from tuike.payments import queries as payments
from tuike.people import queries as people

router = Router(auth=signed_in)


class Item(Body):
    """A choice of a product and how many."""

    sku_id: Id
    quantity: Quantity


class ReceiverGiven(Body):
    """Where the parcel goes."""

    name: Name
    phone: Annotated[str, Field(min_length=5, max_length=20, pattern=r"^\+?[0-9 -]+$")]
    region: Name
    detail: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]


VoucherNo = Annotated[str, Field(min_length=1, max_length=24, pattern=r"^[0-9A-Za-z]+$")]


class CheckoutWish(Body):
    """What is bought: 1 to 100 choices, each once; `vouchers` are used on it, one for each shop at most."""

    items: Annotated[list[Item], Field(min_length=1, max_length=100)]
    address: ReceiverGiven | None = None
    note: Note = ""
    vouchers: Annotated[list[VoucherNo], Field(default_factory=list, max_length=100)]


class PaymentMode(Body):
    """How it is paid: in the mini-program, by a code to scan, or in a phone's browser."""

    mode: Annotated[str, Field(pattern="^(jsapi|native|h5)$")]


class RefundLineWish(Body):
    """A line by its number in the order: how many pieces, or how much money, or both."""

    line_no: Annotated[int, Field(ge=1, le=1000)]
    quantity: Annotated[int, Field(ge=0, le=9999)]
    amount_fen: Fen | None = None


class RefundWish(Body):
    """What is asked back; no lines: everything that is left."""

    lines: Annotated[list[RefundLineWish], Field(min_length=1, max_length=100)] | None = None
    reason: Note = ""


@router.post("/orders", response=answers.answers(answers.Placed, 201), tags=["orders"])
def place(request: HttpRequest, body: CheckoutWish, key: IdempotencyKey, visitor: Visitor = "") -> object:
    """Place a checkout: one payment, one order per shop. Stock is taken, and who earns is decided."""
    items = [(one.sku_id, one.quantity) for one in body.items]
    if len({sku_id for sku_id, _ in items}) < len(items):
        raise Invalid(field="items", reason_zh="同一规格只能出现一次", reason_en="each choice may come once")
    address = Address(**body.address.model_dump()) if body.address else None
    placed = placing.place_order(
        buyer_id=person(request).id,
        visitor=visitor_of(request, visitor),
        wanted=placing.Wanted(tuple(items), address, body.note, tuple(body.vouchers)),
        key=key,
        now=clock.now(),
    )
    return Status(201, placed)


@router.get("/orders", response=answers.answers(answers.Orders), tags=["orders"])
def my_orders(request: HttpRequest, before: Before = "", limit: Limit = 20) -> object:
    """List the buyer's orders, newest first."""
    buyer_id = person(request).id
    last = orders.order_of_buyer(buyer_id=buyer_id, no=before) if before else None
    found = orders.orders_of_buyer(buyer_id=buyer_id, before=(last.placed_at, last.id) if last else None, limit=limit)
    return {"items": found, "next": found[-1].no if len(found) == limit else ""}


@router.get("/orders/{no}", response=answers.answers(answers.OrderDetail), tags=["orders"])
def my_order(request: HttpRequest, no: Number) -> object:
    """Show an order of the buyer."""
    return _detail(orders.order_of_buyer(buyer_id=person(request).id, no=no))


@router.post("/orders/{no}/receipt", response=answers.answers(answers.Order), tags=["orders"])
def receive(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Confirm that the goods arrived."""
    return receive_orders.receive_order(buyer_id=person(request).id, order_no=no, key=key, now=clock.now())


@router.post("/orders/{no}/receipt-extension", response=answers.answers(answers.Order), tags=["orders"])
def extend_receipt(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Put off, once, the receipt that confirms itself."""
    return receive_orders.extend_receipt(buyer_id=person(request).id, order_no=no, key=key, now=clock.now())


@router.post("/orders/{no}/refunds", response=answers.answers(answers.AskedRefund, 201), tags=["refunds"])
def ask_refund(request: HttpRequest, no: Number, body: RefundWish, key: IdempotencyKey) -> object:
    """Ask money back by line and quantity, or for everything that is left."""
    lines = None if body.lines is None else [AfterSaleAsk(**one.model_dump()) for one in body.lines]
    asked = refund_order.ask_refund(
        buyer_id=person(request).id, order_no=no, lines=lines, reason=body.reason, key=key, now=clock.now()
    )
    return Status(201, asked)


@router.post("/refunds/{no}/cancel", response=answers.answers(answers.Refund), tags=["refunds"])
def cancel_refund(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Take a request back before it is decided."""
    return refund_order.cancel_refund(buyer_id=person(request).id, no=no, key=key, now=clock.now())


@router.post("/checkouts/{no}/payment", response=answers.answers(answers.Payment), tags=["payment"])
def pay(request: HttpRequest, no: Number, body: PaymentMode, key: IdempotencyKey) -> object:
    """Prepare the payment at WeChat Pay. Asked again it is the same payment, whatever the key."""
    who = person(request)
    mode = Channel(body.mode)
    openid = people.openids_of([who.id], appid=settings.WECHAT_APPID).get(who.id, "") if mode is Channel.JSAPI else ""
    started = start_payment.start_payment(
        buyer_id=who.id, checkout_no=no, openid=openid, mode=mode, client_ip=_address(request), now=clock.now()
    )
    prepared = {"client": None, "code_url": None, "h5_url": None} | dict(started.prepared)
    return {"payment_no": started.intent_no, "amount_fen": started.amount_fen, **prepared}


@router.get("/checkouts/{no}", response=answers.answers(answers.Checkout), tags=["payment"])
def checkout(request: HttpRequest, no: Number) -> object:
    """Show where a checkout stands; ask until it is paid or closed."""
    found = orders.checkout_of_buyer(buyer_id=person(request).id, checkout_no=no)
    return _checkout(no, found)


@router.post("/checkouts/{no}/cancel", response=answers.answers(answers.Checkout), tags=["payment"])
def cancel_checkout(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Cancel an unpaid checkout; cancelled twice it is cancelled once."""
    buyer_id = person(request).id
    close_unpaid.cancel_order(buyer_id=buyer_id, checkout_no=no, now=clock.now())
    soon("send_refunds")
    return _checkout(no, orders.checkout_of_buyer(buyer_id=buyer_id, checkout_no=no))


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR") or "127.0.0.1")


def _checkout(no: str, found: list[OrderRef]) -> dict[str, Any]:
    purpose = f"checkout:{no}"
    intent = payments.intents_of([purpose]).get(purpose)
    state = str(found[0].state)
    return {
        "no": no,
        "state": state if state in ("unpaid", "closed") else "paid",
        "payment": str(intent.state) if intent else "none",
        "payable_fen": sum(order.payable_fen for order in found),
        "pay_by": found[0].pay_by,
        "orders": [order.no for order in found],
    }


def _detail(order: OrderRef) -> dict[str, Any]:
    address = orders.address_of(order)
    shown = {name: getattr(order, name) for name in answers.Order.model_fields}
    return shown | {
        "shop": parties.refs([order.merchant_id])[order.merchant_id],
        "note": order.note,
        "address": None if address is None else _masked(address),
        "parcels": orders.parcels_of(order.id),
        "refunds": orders.after_sales_of([order.id]).get(order.id, []),
    }


def _masked(address: Address) -> dict[str, str]:
    return {
        "name": address.name,
        "phone": crypto.masked(address.phone),
        "region": address.region,
        "detail": address.detail,
    }
