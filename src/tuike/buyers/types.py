"""What crosses the border of buyers: sections, groups, what is shown of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

LEAST = 10
"""People of whom a group has at least so many, or nothing is said of it (docs/rules.md §14)."""
QUARTERS = 5
"""Quarters that are counted, the running one included."""
EVERYBODY = 0
"""The owner that stands for all shops."""
WITHIN = (30, 90, 180, 365)
"""Days since the first order within which a cohort's worth is counted."""


class Section(StrEnum):
    """By what buyers are told apart (docs/rules.md §14)."""

    TOTAL = "total"
    ARRIVAL = "arrival"
    TIMES = "times"
    RFM = "rfm"
    PIECES = "pieces"
    VALUE = "value"
    PRICE = "price"
    TOGETHER = "together"
    PROVINCE = "province"
    CITY = "city"
    HOUR = "hour"
    WEEKDAY = "weekday"
    SAVING = "saving"
    WAY = "way"
    WAY_DAYS = "way_days"
    WAY_TOUCHES = "way_touches"
    COHORT = "cohort"
    WORTH = "worth"


class Rfm(StrEnum):
    """The eight segments: bought lately or not, more orders than usual or not, paid more than usual or not."""

    CHAMPION = "111"
    GROWING = "101"
    KEEP = "011"
    WIN_BACK = "001"
    REGULAR = "110"
    NEWCOMER = "100"
    QUIET = "010"
    LOST = "000"


class Way(StrEnum):
    """By which material a buyer first came, as it was shared last before."""

    SHORT_LINK = "short_link"
    LINK = "link"
    POSTER = "poster"
    CARD = "card"
    OTHER = "other"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted of a group: people, their paid orders, fen paid for their lines and gone back of that."""

    buyers: int
    orders: int
    paid_fen: int
    refunded_fen: int

    @property
    def net_fen(self) -> int:
        """Return what stays paid."""
        return self.paid_fen - self.refunded_fen


@dataclass(frozen=True, slots=True)
class Shown:
    """A group as it may be shown: without figures where it has fewer than ten people, or protects one that has."""

    key: str
    counted: Counted | None


@dataclass(frozen=True, slots=True)
class Cohort:
    """Buyers by the month of their first order: how many, and what one of them was worth on average.

    `buyers` is None where nothing may be said. `worth_yuan`: whole yuan a head that stayed paid within 30, 90, 180 and
    365 days of the own first order (the fraction is dropped); None where the days aren't over, or too few bought.
    """

    month: date
    buyers: int | None
    worth_yuan: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Profile:
    """An owner's buyers in a quarter. `total` is None where there are fewer than ten: then nothing else is there.

    `periods` are the quarters that may be asked for, the latest first; `through` is the last day that was counted.
    """

    through: date
    counted_at: datetime
    periods: Sequence[date]
    period: date
    total: Counted | None
    sections: Mapping[Section, Sequence[Shown]]
    cohorts: Sequence[Cohort]
