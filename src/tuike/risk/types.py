"""What crosses the case queue's border."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tuike.kit.errors import Refusal


class CaseKind(StrEnum):
    """Why a person must look."""

    AMOUNT_MISMATCH = "amount_mismatch"
    """A payment's amount differs from what was asked for."""
    LATE_PAYMENT = "late_payment"
    """A payment arrived for an order that was closed before."""
    UNKNOWN_PAYMENT = "unknown_payment"
    """A verified notice about a number that isn't ours."""
    UNKNOWN_PAYOUT = "unknown_payout"
    """Nobody knows whether a payout arrived."""
    PAYOUT_CONFLICT = "payout_conflict"
    """A rail said one thing first and the opposite later."""
    STUCK_NOTICE = "stuck_notice"
    """A verified notice, or an answer of the provider, that can't be taken."""
    REFUND_FAILED = "refund_failed"
    """The provider couldn't give a refund back."""
    LEADER_COUNT = "leader_count"
    """Orders that were refunded again make an enrolment reach its base (docs/rules.md §9)."""
    CLICKS_WITHOUT_ORDERS = "clicks_without_orders"
    """A promoter has many more clicks than ever, and next to no orders (docs/rules.md §11)."""
    CONVERSION_OFF = "conversion_off"
    """A promoter has many more orders than its clicks ever brought."""
    REFUND_RATE = "refund_rate"
    """Of what a promoter brought in a week, much more is refunded than before."""
    SUDDEN_DROP = "sudden_drop"
    """A promoter who has clicks daily has hardly any."""
    ORDER_SCORE = "order_score"
    """An order that earns commission has a high risk score (docs/rules.md §11)."""
    RATE_CUT = "rate_cut"
    """A shop lowered what it pays just before it sold much more."""
    DEPOSIT_TO_RETURN = "deposit_to_return"
    """A deposit has to go back that its payment channel doesn't give back any more."""
    OPEN_DATA = "open_data"
    """The open data couldn't be written; the files of the run before stay in force."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What a flow hands in: the object's number, the amount at stake, and what was seen."""

    kind: CaseKind
    object: str
    amount_fen: int = 0
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseShown:
    """A case as the operator sees it."""

    no: str
    kind: CaseKind
    object: str
    amount_fen: int
    facts: dict[str, Any]
    opened_at: datetime
    closed_at: datetime | None
    closed_by: int | None
    note: str


class NoOpenCase(Refusal):
    """The case doesn't exist or was closed before."""

    code = "no_open_case"
    status = 404
    zh = "没有该待处理事项，或已处理完毕"
    en = "There is no such open case."
