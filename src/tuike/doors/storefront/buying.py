"""A buyer places a checkout and pays it."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from tuike.doors.storefront import answers, checkouts
from tuike.doors.storefront.callers import person, signed_in, visitor_of
from tuike.doors.storefront.kinds import (
    Body,
    Id,
    IdempotencyKey,
    Name,
    Note,
    Number,
    Quantity,
    Visitor,
)
from tuike.doors.web.said import chinese
from tuike.doors.web.soon import soon
from tuike.flows import close_unpaid, start_payment
from tuike.flows import place_order as placing
from tuike.gateways.types import Channel
from tuike.kit import clock
from tuike.kit.errors import Invalid
from tuike.orders import queries as orders
from tuike.orders.types import Address, OrderRef, PriceChanged
from tuike.payments import queries as payments

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


ShopNo = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z]+$")]
MaybeNo = Annotated[str, Field(max_length=24, pattern=r"^[0-9A-Za-z]*$")]
VoucherNo = Annotated[str, Field(min_length=1, max_length=24, pattern=r"^[0-9A-Za-z]+$")]


class CheckoutWish(Body):
    """What is bought: 1 to 100 choices, each once; `vouchers` are used on it, one for each shop and one of the platform
    at most, then `points`; the balance pays first with `use_balance`. `expected_fen` is what the preview said: another
    sum now is refused (`price_changed`). `notes` by the number of a shop."""

    items: Annotated[list[Item], Field(min_length=1, max_length=100)]
    address: ReceiverGiven | None = None
    address_no: MaybeNo = ""
    note: Note = ""
    notes: Annotated[dict[ShopNo, Note], Field(default_factory=dict, max_length=100)]
    vouchers: Annotated[list[VoucherNo], Field(default_factory=list, max_length=100)]
    points: Annotated[int, Field(strict=True, ge=0, le=10**12)] = 0
    use_balance: bool = False
    bargain: MaybeNo = ""
    points_good: MaybeNo = ""
    expected_fen: Annotated[int, Field(strict=True, ge=0, le=10**13)] | None = None


class PaymentMode(Body):
    """How it is paid: inside WeChat, by a code to scan, or in a phone's browser; and inside WeChat, in which app: the
    mini-program, or a page in WeChat's browser."""

    mode: Annotated[str, Field(pattern="^(jsapi|native|h5)$")]
    app: Literal["mini", "web"] = "mini"


@router.post(
    "/orders", response=answers.answers(answers.Placed, 201) | {409: checkouts.PlacingRefused}, tags=["orders"]
)
def place(request: HttpRequest, body: CheckoutWish, key: IdempotencyKey, visitor: Visitor = "") -> object:
    """Place a checkout: one payment, one order per shop. Stock is taken, and who earns is decided; what the channel has
    nothing to pay for is paid at once."""
    wanted, now = _wanted(body), clock.now()
    who = {"buyer_id": person(request).id, "visitor": visitor_of(request, visitor)}
    try:
        return Status(201, placing.place_order(**who, wanted=wanted, key=key, now=now))
    except PriceChanged as refusal:
        said = {"code": refusal.code, "message": refusal.sentence("zh" if chinese() else "en")}
        return Status(409, said | {"preview": checkouts.seen_anew(**who, wanted=wanted, now=now)})


def _wanted(body: CheckoutWish) -> placing.Wanted:
    items = [(one.sku_id, one.quantity) for one in body.items]
    if len({sku_id for sku_id, _ in items}) < len(items):
        raise Invalid(field="items", reason_zh="同一规格只能出现一次", reason_en="each choice may come once")
    return placing.Wanted(
        tuple(items),
        Address(**body.address.model_dump()) if body.address else None,
        body.note,
        tuple(body.vouchers),
        notes=tuple(sorted(body.notes.items())),
        address_no=body.address_no,
        points=body.points,
        use_balance=body.use_balance,
        bargain=body.bargain,
        points_good=body.points_good,
        expected_fen=body.expected_fen,
    )


@router.post("/checkouts/{no}/payment", response=answers.answers(answers.Payment), tags=["payment"])
def pay(request: HttpRequest, no: Number, body: PaymentMode, key: IdempotencyKey) -> object:
    """Prepare the payment at WeChat Pay. Asked again it is the same payment, whatever the key."""
    who = person(request)
    mode = Channel(body.mode)
    payer = start_payment.payer_of(person_id=who.id, mode=mode, app=start_payment.PayerApp(body.app))
    started = start_payment.start_payment(
        buyer_id=who.id, checkout_no=no, payer=payer, mode=mode, client_ip=_address(request), now=clock.now()
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
    state, balance = str(found[0].state), orders.balance_parts([no]).get(no, 0)
    return {
        "no": no,
        "state": state if state in ("unpaid", "closed") else "paid",
        "payment": str(intent.state) if intent else "none",
        "payable_fen": sum(order.payable_fen for order in found),
        "balance_fen": balance,
        "to_pay_fen": sum(order.payable_fen for order in found) - balance,
        "pay_by": found[0].pay_by,
        "orders": [order.no for order in found],
    }
