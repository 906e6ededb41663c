"""What crosses the border of figures: measures, days, owners."""

from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum

BEFORE = 28
"""Days that a promoter's day is held against."""


class Owner(StrEnum):
    """Of whom sums are kept."""

    MERCHANT = "merchant"
    PROMOTER = "promoter"
    ALL = "all"


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
    """Measures of some days. `orders` are those with a claim; the `all_` ones are of all that was sold."""

    clicks: int = 0
    orders: int = 0
    all_orders: int = 0
    paid_fen: int = 0
    refunded_fen: int = 0
    all_paid_fen: int = 0
    estimated_fen: int = 0
    settled_fen: int = 0

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Figures)))

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
    """One of the best: the id of a product, place or promoter, and its figures."""

    id: int
    figures: Figures
