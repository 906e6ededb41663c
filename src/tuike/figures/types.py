"""What crosses the border of figures: measures, days, owners."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from tuike.commission.types import Role

CONSUMER = "figures"
"""The name by which figures read the outbox."""
BEFORE = 28
"""Days that a promoter's day is held against."""


class Owner(StrEnum):
    """Of whom sums are kept."""

    MERCHANT = "merchant"
    PROMOTER = "promoter"
    LEADER = "leader"
    ALL = "all"


class Span(IntEnum):
    """Days that a board shows; today is the last of them. It is compared with as many days before."""

    DAY = 1
    WEEK = 7
    MONTH = 30
    QUARTER = 90

    def of(self, today: date) -> tuple[date, date]:
        """Return the first and the last day."""
        return today - timedelta(days=self - 1), today

    def before(self, today: date) -> tuple[date, date]:
        """Return the first and the last of as many days before."""
        return today - timedelta(days=2 * self - 1), today - timedelta(days=self)


class By(StrEnum):
    """By what an owner's figures are divided."""

    PROMOTER = "promoter"
    PRODUCT = "product"
    CATEGORY = "category"
    PLACE = "place"
    CAMPAIGN = "campaign"
    MERCHANT = "merchant"
    LEADER = "leader"


class Order(StrEnum):
    """By what the best are the best."""

    ESTIMATED = "estimated"
    PAID = "paid"
    ORDERS = "orders"
    CLICKS = "clicks"


class Status(StrEnum):
    """Where commission stands: `held` is what waits for a person, whether its day has come or not."""

    WAITING = "waiting"
    PENDING = "pending"
    HELD = "held"
    SETTLED = "settled"
    CANCELLED = "cancelled"


PAYEES = ("promoter", "leader", "merchant", "platform")
ROLES = tuple(role.value for role in Role)
STATUSES = tuple(status.value for status in Status)
"""Kinds of payee, roles and statuses in the order of the numbers that counted commission is kept under: 123 is the
first payee, the second role, the third status; what the platform funds has 1000 more. What is
kept depends on it: new ones come last."""


class Oddity(StrEnum):
    """What is odd about a promoter's day."""

    CLICKS = "clicks_without_orders"
    CONVERSION = "conversion_off"
    REFUNDS = "refund_rate"
    DROP = "sudden_drop"


@dataclass(frozen=True, slots=True)
class Day:
    """What a promoter's day counts; money in fen."""

    clicks: int = 0
    orders: int = 0
    paid_fen: int = 0
    refunded_fen: int = 0


@dataclass(frozen=True, slots=True)
class Peers:
    """Sums of the other promoters of the grade over the days before, and their clicks of the day itself."""

    clicks: int = 0
    orders: int = 0
    paid_fen: int = 0
    refunded_fen: int = 0
    day_clicks: int = 0


@dataclass(frozen=True, slots=True)
class Finding:
    """What is odd, with the figures that make it so."""

    kind: Oddity
    facts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Totals:
    """A promoter's days before a day, summed up, and the clicks of the day itself."""

    promoter_id: int
    clicks: int
    orders: int
    paid_fen: int
    refunded_fen: int
    day_clicks: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Measures of some days. `orders` are those with a claim; the `all_` ones are of all that was sold.

    All are of the day on which it was paid, received, refunded and settled ones, too (docs/rules.md §11). `visitors`
    are counted once a day for each place and product.
    """

    clicks: int = 0
    orders: int = 0
    all_orders: int = 0
    paid_fen: int = 0
    refunded_fen: int = 0
    all_paid_fen: int = 0
    estimated_fen: int = 0
    settled_fen: int = 0
    visitors: int = 0
    shares: int = 0
    received_orders: int = 0
    settled_orders: int = 0
    all_refunded_fen: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Figures)))

    def __sub__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, f.name) - getattr(other, f.name) for f in fields(Figures)))

    @property
    def conversion_bps(self) -> int | None:
        """Return orders per click in ten-thousandths, rounded down; None without clicks."""
        return self.orders * 10_000 // self.clicks if self.clicks else None


@dataclass(frozen=True, slots=True)
class DayOf:
    """One day with its figures."""

    day: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class Top:
    """One of the best: the id of what it is by, and its figures."""

    id: int
    figures: Figures


@dataclass(frozen=True, slots=True)
class Tops:
    """The best of an owner in a span, the best first; `rest` is what all others and what has none of it make up."""

    rows: list[Top]
    rest: Figures
    counted_at: datetime | None


@dataclass(frozen=True, slots=True)
class CommissionOf:
    """How many accruals of a kind of payee in a role stand there, and how much they are."""

    payee_kind: str
    role: str
    status: Status
    accruals: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class CohortOf:
    """Of the promoters whose first paid order was in a month (its first day): how many had one in another month."""

    joined_month: date
    month: date
    promoters: int
    active: int
    paid_fen: int


@dataclass(frozen=True, slots=True)
class Watermark:
    """Until when the figures equal the books: everything told up to an event is counted."""

    at: datetime | None
    event_id: int
