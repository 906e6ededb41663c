"""What crosses the border of points: what an order is worth, the rule of earning, what stands, and refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal


class PointsMoveKind(StrEnum):
    """Why a buyer's points changed (docs/rules.md §10); `spent`, `taken_back`, `expired`, `given_up` go out."""

    EARNED = "earned"
    TAKEN_BACK = "taken_back"
    SPENT = "spent"
    RETURNED = "returned"
    EXPIRED = "expired"
    GIVEN_UP = "given_up"

    @property
    def outgoing(self) -> bool:
        """Whether the buyer has fewer points after it."""
        return self not in (PointsMoveKind.EARNED, PointsMoveKind.RETURNED)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsRule:
    """How completed orders earn: `per_yuan` points for each yuan paid for lines or, `by_count`, `per_order` points.

    What is earned is good until the end of the `days`-th natural day after.
    """

    by_count: bool
    per_yuan: int
    per_order: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderWorth:
    """A completed order as points and growth see it: what was paid for its lines, and what of that went back (fen)."""

    order_no: str
    buyer_id: int
    merchant_id: int
    paid_fen: int
    refunded_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsEarned:
    """How an order earns: by the rule and its buyer's multiplier (ten-thousandths) as they were when it was completed,
    at `at`. `skipped`: why it earns nothing, by name; empty where it earns."""

    order: OrderWorth
    rule: PointsRule
    multiplier_bps: int
    at: datetime
    skipped: str = ""


@dataclass(frozen=True, slots=True)
class PointsStanding:
    """What a buyer may spend, what of that ends within 30 days, and what is owed from orders that went back."""

    points: int
    expiring: int
    expiring_at: datetime | None
    owed: int


@dataclass(frozen=True, slots=True)
class PointsMoveShown:
    """A row of a buyer's history: `points` > 0, `kind` says whether they came or went."""

    id: int
    kind: PointsMoveKind
    source: str
    points: int
    at: datetime


@dataclass(frozen=True, slots=True)
class PointsExpiring:
    """Points of a buyer that end soon, for the one that tells of it."""

    buyer_id: int
    points: int
    expires_at: datetime


class PointsShort(Refusal):
    """A buyer wants to spend more points than there are."""

    code = "points_short"
    status = 409
    zh = "积分不足：可用 {points} 积分"
    en = "Not enough points: {points} can be used."


class PointsTooMany(Refusal):
    """More points than this purchase may be lowered by."""

    code = "points_too_many"
    status = 409
    zh = "本单最多可用 {points} 积分"
    en = "At most {points} points may be used on this purchase."


class PointsReturnedBefore(Refusal):
    """More points are to go back than were spent and have not gone back yet."""

    code = "points_returned_before"
    status = 409
    zh = "这笔积分已全部退回"
    en = "These points have all been returned."
