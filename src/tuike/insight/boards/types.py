"""What a board is made of: tiles with their values, and which rows stand behind them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tuike.figures.types import CommissionOf, Figures
from tuike.insight.lists.types import Words

PROMOTER, MERCHANT, LEADER, OPERATOR = "promoter", "merchant", "leader", "operator"
EVERYBODY = frozenset({PROMOTER, MERCHANT, LEADER, OPERATOR})
"""Kinds of party that have a board."""


class Unit(StrEnum):
    """What a tile's value is: fen, a whole number, or ten-thousandths."""

    FEN = "fen"
    COUNT = "count"
    BPS = "bps"


class Part(StrEnum):
    """Under which heading a tile stands."""

    PROMOTION = "promotion"
    SALES = "sales"
    COMMISSION = "commission"


@dataclass(frozen=True, slots=True)
class Sums:
    """What some days of an owner come to."""

    figures: Figures
    commission: tuple[CommissionOf, ...] = ()


@dataclass(frozen=True, slots=True)
class Behind:
    """The rows behind a figure: a page of the party's console by its name without the kind, and what is asked of it."""

    page: str
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure of a board. `value` takes the sums of a period; None is for a rate of nothing. `kinds` have it.

    `behind` takes the kind of party and the first and the last day; what its rows add up to is the value.
    """

    key: str
    words: Words
    hint: Words
    unit: Unit
    part: Part
    value: Callable[[Sums], int | None]
    behind: Callable[[str, date, date], Behind]
    kinds: frozenset[str] = EVERYBODY


@dataclass(frozen=True, slots=True)
class Shown:
    """A tile's value in a span, in as many days before it, and up to when it is counted."""

    value: int | None
    before: int | None
    watermark: datetime | None

    @property
    def change_bps(self) -> int | None:
        """Return how much more (or less) it is than before in ten-thousandths, rounded down; None where that was 0."""
        if self.value is None or not self.before or self.before < 0:
            return None
        return (self.value - self.before) * 10_000 // self.before
