"""A buyer's orders: the tabs of the list, and what can be done with an order now."""

from dataclasses import dataclass
from enum import StrEnum

from tuike.orders.types.after_sales import AfterSaleKind


class OrderTab(StrEnum):
    """The tabs of a buyer's orders."""

    ALL = "all"
    UNPAID = "unpaid"
    UNSHIPPED = "unshipped"
    SHIPPED = "shipped"
    COMPLETED = "completed"
    AFTER_SALES = "after_sales"


class Act(StrEnum):
    """What a buyer may do with an order."""

    PAY = "pay"
    CANCEL = "cancel"
    REMIND = "remind"
    CONFIRM = "confirm"
    EXTEND = "extend"
    REFUND = "refund"
    REVIEW = "review"
    BUY_AGAIN = "buy_again"
    HIDE = "hide"


@dataclass(frozen=True, slots=True)
class Offered:
    """An act, and why it can't be done now (a code and a sentence in both languages); without a code it can."""

    act: Act
    code: str = ""
    zh: str = ""
    en: str = ""

    @property
    def allowed(self) -> bool:
        """Whether it can be done now."""
        return not self.code


@dataclass(frozen=True, slots=True)
class LeftOf:
    """What may be asked back of a line: pieces, all that is left of its money, and `amounts`: what 1, 2 … pieces come
    to, for the first hundred."""

    line_no: int
    pieces: int
    fen: int
    amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Refundable:
    """What may be asked back of an order now: by line, and of its freight, with the kinds that fit."""

    kinds: tuple[AfterSaleKind, ...]
    lines: tuple[LeftOf, ...]
    freight_fen: int
