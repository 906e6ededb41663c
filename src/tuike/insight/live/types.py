"""What a live board shows, and of whom."""

from dataclasses import dataclass, field
from datetime import date, datetime

NEWEST = 30
"""Orders that are shown as they came in."""
BEST = 10
"""Products that are shown."""
ALERTS = 8
"""Alerts that are shown."""


@dataclass(frozen=True, slots=True)
class Room:
    """Whose business is shown: the kind of party (`operator`: everybody's) and the party."""

    kind: str
    party_id: int


@dataclass(frozen=True, slots=True)
class Sum:
    """Orders (of a product: pieces), what was paid for them, and what of that was given back, in fen."""

    count: int = 0
    paid_fen: int = 0
    refunded_fen: int = 0

    def __add__(self, other: "Sum") -> "Sum":
        return Sum(self.count + other.count, self.paid_fen + other.paid_fen, self.refunded_fen + other.refunded_fen)

    def __sub__(self, other: "Sum") -> "Sum":
        return Sum(self.count - other.count, self.paid_fen - other.paid_fen, self.refunded_fen - other.refunded_fen)


@dataclass(frozen=True, slots=True)
class Sold:
    """An order as it came in: nothing of who bought it. `place` is a province's two digits, empty where unknown."""

    no: str
    at: datetime
    title: str
    lines: int
    sum: Sum
    place: str


@dataclass(frozen=True, slots=True)
class Best:
    """One of the best products of today."""

    no: str
    title: str
    sum: Sum


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that needs somebody: a sentence, since when, and the console's page that it leads to."""

    kind: str
    zh: str
    en: str
    at: datetime
    page: str = ""
    path_args: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alerts:
    """The newest alerts, and how many there are."""

    count: int = 0
    newest: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Today:
    """A party's day. `buyers` are those who are known; commission is what isn't cancelled, in fen by role."""

    day: date
    sum: Sum
    buyers: int
    commission: dict[str, int]
    places: dict[str, Sum]
    best: tuple[Best, ...]
    newest: tuple[Sold, ...]
    alerts: Alerts
