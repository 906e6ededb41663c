"""Drafts, orders, lines and after-sales as facts; states and their exits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tuike.orders.types.after_sales import AfterSaleKind, AfterSaleState
from tuike.parties.types import Source


class OrderState(StrEnum):
    """States of an order (docs/rules.md §5): unpaid → paid → shipped → completed; closed when unpaid, or refunded
    in full before shipping. An external order may be completed without a parcel of ours."""

    UNPAID = "unpaid"
    PAID = "paid"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    CLOSED = "closed"

    @property
    def exits(self) -> "frozenset[OrderState]":
        """Where it may go from here."""
        return _ORDER_EXITS[self]


_ORDER_EXITS = {
    OrderState.UNPAID: frozenset({OrderState.PAID, OrderState.CLOSED}),
    OrderState.PAID: frozenset({OrderState.SHIPPED, OrderState.COMPLETED, OrderState.CLOSED}),
    OrderState.SHIPPED: frozenset({OrderState.COMPLETED}),
    OrderState.COMPLETED: frozenset[OrderState](),
    OrderState.CLOSED: frozenset[OrderState](),
}


class ReceivedBy(StrEnum):
    """Who said that the goods arrived."""

    BUYER = "buyer"
    TIME = "time"
    MERCHANT = "merchant"
    REPORT = "report"


class CloseReason(StrEnum):
    """Why an order was closed."""

    UNPAID_IN_TIME = "unpaid_in_time"
    CANCELLED_BY_BUYER = "cancelled_by_buyer"
    CANCELLED_BY_REPORT = "cancelled_by_report"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a parcel goes; `region_code` is a district's six digits, empty where none was chosen. Sealed whole, kept
    out of `repr`."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    region: str = field(repr=False)
    detail: str = field(repr=False)
    region_code: str = field(default="", repr=False)

    @property
    def city_code(self) -> str:
        """Return the code of the city: all of an address that is kept beside its seal, to count groups of buyers."""
        return f"{self.region_code[:4]}00" if self.region_code else ""


COUPON = "coupon"
"""The kind of a discount that a coupon makes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscountFact:
    """What lowers a price: `kind` (coupon, points, bargain …), its `source` by number, who funds it, and how many
    points were spent for it."""

    kind: str
    source: str
    amount_fen: int
    funded_by: str = "merchant"
    points: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDraft:
    """A line to place: what the catalog says of the SKU now, the quantity, discounts of this line alone."""

    product_id: int
    sku_id: int
    category_id: int
    title: str
    spec: str
    price_fen: int
    quantity: int
    discounts: Sequence[DiscountFact] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraft:
    """One merchant's part of a checkout. `order_discounts` are allocated over the lines by what is left to pay."""

    merchant_id: int
    source: Source
    lines: Sequence[LineDraft]
    freight_fen: int = 0
    order_discounts: Sequence[DiscountFact] = ()
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalReport:
    """An order that an external shop reports: the sale, and how far it has got.

    The same number is the same sale for ever: numbers, amounts, lines and `placed_at` can't change; the later instants
    (and only they) may come with a later report.
    """

    external_no: str
    placed_at: datetime
    lines: Sequence[LineDraft]
    freight_fen: int = 0
    order_discounts: Sequence[DiscountFact] = ()
    buyer_id: int | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    received_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRef:
    """A line as others see it. `paid_fen` is net of all discounts, without freight; `unsent_quantity` of the refunded
    pieces never left the house."""

    id: int
    order_id: int
    no: int
    merchant_id: int
    product_id: int
    sku_id: int
    category_id: int
    title: str
    spec: str
    quantity: int
    price_fen: int
    discount_fen: int
    paid_fen: int
    refunded_fen: int
    refunded_quantity: int
    shipped_quantity: int = 0
    unsent_quantity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRef:
    """An order as others see it, with its lines. `freight_id` is an id beside those of lines, None without freight."""

    id: int
    no: str
    checkout_no: str | None = None
    merchant_id: int
    buyer_id: int | None
    source: Source
    external_no: str = ""
    state: OrderState
    goods_fen: int
    discount_fen: int
    freight_fen: int
    freight_id: int | None
    freight_refunded_fen: int = 0
    payable_fen: int
    placed_at: datetime
    pay_by: datetime | None = None
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    receive_by: datetime | None = None
    receive_extended: bool = False
    received_at: datetime | None = None
    received_by: str = ""
    closed_at: datetime | None = None
    close_reason: str = ""
    note: str = field(default="", repr=False)
    reminded_at: datetime | None = None
    lines: Sequence[LineRef] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A checkout that was placed: `balance_fen` of `payable_fen` comes out of the buyer's balance. With no rest nothing
    is to be paid by the channel, the caller marks it paid at once."""

    checkout_no: str
    payable_fen: int
    balance_fen: int = 0
    pay_by: datetime
    orders: Sequence[OrderRef]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPlaced:
    """What became of a report: the order, and whether this report made it (`fresh`)."""

    order: OrderRef
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPaid:
    """What `mark_paid` did: `moved` orders with their lines; numbers of those paid before, of closed ones, of none."""

    moved: Sequence[OrderRef]
    repeated: Sequence[str]
    closed: Sequence[str]
    unknown: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleAsk:
    """How much of which line (by its number in the order) to give back; no amount means: by quantity."""

    line_no: int
    quantity: int
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleDraft:
    """An after-sale to open. `lines` None means everything that is left, `freight_fen` None: by the rule.

    The rule for freight: what is left of it when this empties an order that wasn't shipped, else nothing. Without a
    `kind` it is money alone, before or after shipping as the order stands. `pictures` are names below /media/.
    """

    order_id: int
    lines: Sequence[AfterSaleAsk] | None = None
    freight_fen: int | None = None
    reason: str = ""
    kind: AfterSaleKind | None = None
    reason_code: str = ""
    pictures: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleLineRef:
    """A line of an after-sale; `refunded_*` are the line's totals now, `unsent_quantity` of its pieces never left (0
    until it is approved)."""

    line_id: int
    line_no: int
    product_id: int
    sku_id: int
    quantity: int
    amount_fen: int
    paid_fen: int
    refunded_fen: int
    refunded_quantity: int
    unsent_quantity: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class AfterSaleRef:
    """An after-sale as others see it. `amount_fen` is what the buyer gets: lines and freight. It may be 0.

    `reason` is the buyer's, `answer` what the merchant (or the operator) said to a request that it rejected; `due_at`
    is until when the one whose turn it is must act; `final`: the operator has decided.
    """

    id: int
    no: str
    order_id: int
    order_no: str
    order_state: OrderState
    checkout_no: str | None
    merchant_id: int
    buyer_id: int | None
    source: Source
    freight_id: int | None
    kind: AfterSaleKind
    state: AfterSaleState
    reason: str = field(repr=False)
    answer: str = field(repr=False)
    freight_fen: int
    amount_fen: int
    opened_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None
    reason_code: str = ""
    due_at: datetime | None = None
    carrier: str = ""
    tracking_no: str = ""
    restocked: bool = False
    final: bool = False
    lines: Sequence[AfterSaleLineRef] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CartEntry:
    """What a buyer put aside, and its price when the buyer set how many (0: not known)."""

    sku_id: int
    quantity: int
    added_at: datetime
    price_fen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """A parcel of an order: its `no` in the order; `pieces` of its lines, by their numbers in the order."""

    no: int
    carrier: str
    tracking_no: str
    shipped_at: datetime
    pieces: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelSent:
    """What became of a parcel: the order, and whether the parcel is new (`fresh`)."""

    order: OrderRef
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptProof:
    """What a merchant gave as the carrier's proof; `picture` is an address below /media/, "" for none."""

    text: str
    picture: str
