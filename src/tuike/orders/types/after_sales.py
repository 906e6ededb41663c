"""After-sales: their states and exits, the steps of their timeline, the reasons that a buyer may choose from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class AfterSaleState(StrEnum):
    """States of an after-sale (docs/rules.md §5).

    `requested`: the merchant's turn; `returning`: the buyer is to send the goods; `sent`: the merchant is to look at
    what arrives; `disputed`: the operator decides. Everything but an end is open and keeps its lines from settling.
    """

    REQUESTED = "requested"
    RETURNING = "returning"
    SENT = "sent"
    DISPUTED = "disputed"
    APPROVED = "approved"
    REFUNDED = "refunded"
    REJECTED = "rejected"
    CANCELLED = "cancelled"

    @property
    def exits(self) -> "frozenset[AfterSaleState]":
        """Where it may go from here; what was approved can only be refunded."""
        return _EXITS[self]


_EXITS = {
    AfterSaleState.REQUESTED: frozenset(
        {
            AfterSaleState.APPROVED,
            AfterSaleState.RETURNING,
            AfterSaleState.REJECTED,
            AfterSaleState.CANCELLED,
            AfterSaleState.DISPUTED,
        }
    ),
    AfterSaleState.RETURNING: frozenset({AfterSaleState.SENT, AfterSaleState.CANCELLED}),
    AfterSaleState.SENT: frozenset({AfterSaleState.APPROVED, AfterSaleState.REJECTED, AfterSaleState.DISPUTED}),
    AfterSaleState.DISPUTED: frozenset(
        {AfterSaleState.APPROVED, AfterSaleState.RETURNING, AfterSaleState.REJECTED, AfterSaleState.CANCELLED}
    ),
    AfterSaleState.APPROVED: frozenset({AfterSaleState.REFUNDED}),
    AfterSaleState.REFUNDED: frozenset[AfterSaleState](),
    AfterSaleState.REJECTED: frozenset({AfterSaleState.DISPUTED}),
    AfterSaleState.CANCELLED: frozenset[AfterSaleState](),
}

UNDECIDED = (AfterSaleState.REQUESTED, AfterSaleState.RETURNING, AfterSaleState.SENT, AfterSaleState.DISPUTED)
"""Asked for and not decided: what they ask counts as given back."""

OPEN = (*UNDECIDED, AfterSaleState.APPROVED)
"""Those that keep the lines of their order from settling."""


class AfterSaleKind(StrEnum):
    """Money for goods that never left (they go back to stock), for goods that stay with the buyer, or for goods that
    come back."""

    UNSHIPPED = "unshipped"
    SHIPPED = "shipped"
    RETURN = "return"


class Who(StrEnum):
    """Who took a step."""

    BUYER = "buyer"
    MERCHANT = "merchant"
    OPERATOR = "operator"
    TIME = "time"


class StepKind(StrEnum):
    """What happened to an after-sale."""

    ASKED = "asked"
    AGREED = "agreed"
    SENT = "sent"
    DISPUTED = "disputed"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason that a buyer may choose, in both languages."""

    code: str
    zh: str
    en: str


_OTHER = Reason("other", "其他原因", "Another reason")
_DAMAGED = Reason("damaged", "商品破损", "It arrived damaged")
_DEFECTIVE = Reason("defective", "质量问题", "It is defective")
_DIFFERENT = Reason("not_as_described", "与描述不符", "It is not as described")
_AGREED = Reason("agreed", "已与商家协商一致", "Agreed with the shop")
REASONS = {
    AfterSaleKind.UNSHIPPED: (
        Reason("changed_mind", "不想要了", "I changed my mind"),
        Reason("ordered_wrongly", "拍错或多拍", "I ordered the wrong thing"),
        Reason("wrong_address", "地址填写错误", "The address is wrong"),
        Reason("too_slow", "商家迟迟未发货", "It takes too long to ship"),
        _AGREED,
        _OTHER,
    ),
    AfterSaleKind.SHIPPED: (
        Reason("not_received", "未收到货", "It did not arrive"),
        Reason("missing", "少件或漏发", "Something is missing"),
        _DAMAGED,
        _DEFECTIVE,
        _DIFFERENT,
        _AGREED,
        _OTHER,
    ),
    AfterSaleKind.RETURN: (
        Reason("seven_days", "七天无理由退货", "Seven-day return without a reason"),
        _DEFECTIVE,
        _DAMAGED,
        Reason("wrong_goods", "商家发错货", "The shop sent the wrong goods"),
        _DIFFERENT,
        _AGREED,
        _OTHER,
    ),
}
"""What a buyer may choose from, by kind."""

AT_FAULT = frozenset({_DAMAGED.code, _DEFECTIVE.code, _DIFFERENT.code})
"""Reasons of whoever has the goods in hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step to take: what, by whom, with which words and pictures (names below /media/), and whose turn ends when."""

    kind: StepKind
    by: Who
    note: str = field(default="", repr=False)
    pictures: Sequence[str] = ()
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepShown:
    """A step of an after-sale's timeline, and how it stood after it."""

    kind: StepKind
    state: AfterSaleState
    by: Who
    note: str = field(repr=False)
    pictures: Sequence[str]
    at: datetime
