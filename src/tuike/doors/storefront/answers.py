"""What this door answers: the shapes in the API's description, filled from the modules' facts by attribute."""

from datetime import datetime
from typing import Any

from ninja import Schema

from tuike.doors.storefront.problems import Problem

REFUSED = dict.fromkeys((400, 401, 403, 404, 405, 409, 410, 413, 422, 429, 503), Problem)
"""Every operation may refuse; what with, its codes say."""


def answers(shape: Any, status: int = 200) -> dict[int, Any]:
    """Return the responses of an operation: its own shape, and the refusals."""
    return {status: shape, **REFUSED}


class Shop(Schema):
    """A shop."""

    no: str
    name: str


class Person(Schema):
    """The person who is signed in."""

    no: str
    nickname: str
    language: str


class Session(Schema):
    """A new session. The token is shown this once; send it as `Authorization: Bearer …`.

    `agreed_edition` is the edition of the privacy terms that the person agreed to, 0 for none."""

    token: str
    person: Person
    touches: int
    agreed_edition: int
    has_phone: bool


class Phone(Schema):
    """A bound phone number, masked."""

    phone: str


class Sku(Schema):
    """A choice of a product."""

    sku_id: int
    spec: str
    price_fen: int
    free: int
    on_sale: bool


class Product(Schema):
    """A product on sale. `price_fen` is that of its cheapest choice, `free` how many pieces are left of all."""

    no: str
    title: str
    subtitle: str
    pictures: list[str]
    price_fen: int
    free: int
    category_id: int
    shop: Shop


class Touch(Schema):
    """Material that was seen: what it is for (a product or a whole shop), and whether it may still earn."""

    shop: Shop
    product_no: str | None
    expires_at: datetime
    good: bool


class PlacedLine(Schema):
    """A line as it was placed."""

    no: int
    product_id: int
    sku_id: int
    title: str
    spec: str
    quantity: int
    price_fen: int
    paid_fen: int


class PlacedOrder(Schema):
    """One shop's order of a checkout."""

    no: str
    merchant_id: int
    payable_fen: int
    lines: list[PlacedLine]


class Placed(Schema):
    """A placed checkout: one payment for all its orders. The balance pays `balance_fen` of `payable_fen`, the channel
    `to_pay_fen`; with 0 it is paid already."""

    checkout_no: str
    payable_fen: int
    balance_fen: int
    to_pay_fen: int
    pay_by: datetime
    orders: list[PlacedOrder]


class Line(Schema):
    """A line of an order; `paid_fen` is net of discounts."""

    no: int
    sku_id: int
    title: str
    spec: str
    quantity: int
    price_fen: int
    discount_fen: int
    paid_fen: int
    refunded_fen: int
    refunded_quantity: int


class Order(Schema):
    """An order. `state`: unpaid, paid, shipped, completed, closed."""

    no: str
    checkout_no: str | None
    state: str
    goods_fen: int
    discount_fen: int
    freight_fen: int
    payable_fen: int
    placed_at: datetime
    pay_by: datetime | None
    paid_at: datetime | None
    shipped_at: datetime | None
    receive_by: datetime | None
    receive_extended: bool
    received_at: datetime | None
    closed_at: datetime | None
    close_reason: str
    lines: list[Line]


class Piece(Schema):
    """How many of which line are in a parcel."""

    line_no: int
    quantity: int


class Parcel(Schema):
    """A parcel, the order's first, second …; `carrier_code` is empty for one that the list of carriers hasn't."""

    no: int
    carrier: str
    carrier_code: str
    tracking_no: str
    shipped_at: datetime
    pieces: list[Piece]


class RefundLine(Schema):
    """What a refund gives back of a line."""

    line_no: int
    quantity: int
    amount_fen: int


class Refund(Schema):
    """A refund request. `kind`: unshipped, shipped, return; `state`: requested, returning, sent, disputed, approved,
    refunded, rejected, cancelled."""

    no: str
    order_no: str
    kind: str
    state: str
    reason: str
    answer: str
    freight_fen: int
    amount_fen: int
    opened_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None
    lines: list[RefundLine]


class Receiver(Schema):
    """Where the parcel goes; the phone is masked."""

    name: str
    phone: str
    region: str
    detail: str


class AskedRefund(Schema):
    """A refund that was asked for."""

    no: str
    amount_fen: int
    state: str


class Payment(Schema):
    """A payment that can be made now: `client` for `wx.requestPayment`, `code_url` for a QR code, `h5_url` a page."""

    payment_no: str
    amount_fen: int
    mode: str
    client: dict[str, str] | None
    code_url: str | None
    h5_url: str | None


class Checkout(Schema):
    """Where a checkout stands. `state`: unpaid, paid, closed; `payment`: none, open, paid, closed, mismatched, late."""

    no: str
    state: str
    payment: str
    payable_fen: int
    balance_fen: int
    to_pay_fen: int
    pay_by: datetime | None
    orders: list[str]


class Place(Schema):
    """A promotion place."""

    pid: str
    name: str
    created_at: datetime


class Places(Schema):
    """The places, newest first."""

    items: list[Place]


class MaterialItem(Schema):
    """Material for a product or shop. `url_link` and `tag` (#小程序://…) are WeChat's; empty until it has made them."""

    code: str
    ticket: str
    title: str
    shop: str
    price_fen: int | None
    short_link: str
    path: str
    wording: str
    url_link: str
    tag: str
    expires_at: datetime


class Materials(Schema):
    """Made material. `missing` names what WeChat couldn't give now; asking again later gets it."""

    items: list[MaterialItem]
    missing: list[str]


class Earning(Schema):
    """One accrual. `due_at`: when it becomes available, known after receipt."""

    id: int
    order_no: str
    title: str
    role: str
    base_fen: int
    rate_bps: int
    amount_fen: int
    state: str
    review: str
    accrued_at: datetime
    due_at: datetime | None
    settled_at: datetime | None


class Earnings(Schema):
    """A page of accruals, newest first."""

    items: list[Earning]
    next: str


class Balance(Schema):
    """What a promoter has: booked and not due, to withdraw, on its way out, owed."""

    pending_fen: int
    available_fen: int
    leaving_fen: int
    owed_fen: int


class Withdrawal(Schema):
    """A withdrawal. `net_fen` arrives; `tail` ends the account's number."""

    no: str
    rail: str
    tail: str
    amount_fen: int
    fee_fen: int
    tax_fen: int
    net_fen: int
    state: str
    reason: str
    asked_at: datetime
    approvals: int
    approvals_needed: int
    ended_at: datetime | None


class Withdrawals(Schema):
    """A page of withdrawals, newest first."""

    items: list[Withdrawal]
    next: str


class WithdrawalNo(Schema):
    """The number of a withdrawal."""

    no: str


class WithdrawalStands(Schema):
    """Where a withdrawal stands."""

    no: str
    state: str


class Confirmation(Schema):
    """What goes to `wx.requestMerchantTransfer`."""

    parameters: dict[str, str]


class Queue(Schema):
    """The withdrawals that wait for the operator's finance, oldest first."""

    items: list["WithdrawalAsked"]


class WithdrawalAsked(Withdrawal):
    """A withdrawal with who asks."""

    party: Shop
