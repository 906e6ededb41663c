"""What a line asks, the terms it gets and why, what was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Layer(StrEnum):
    """A layer of rates. The first seven decide direct commission, the highest one first (docs/rules.md §3)."""

    CAMPAIGN = "campaign"
    LEADER = "leader"
    TARGETED = "targeted"
    MAIN = "main"
    CATEGORY = "category"
    DEFAULT = "default"
    BENCHMARK = "benchmark"
    NONE = "none"
    TIER = "tier"
    SELF = "self"
    GRADE = "grade"


class WhyLost(StrEnum):
    """Why a rate that was in force didn't decide."""

    LOWER_LAYER = "lower_layer"
    FARTHER_CATEGORY = "farther_category"
    OTHER_CAMPAIGN = "other_campaign"
    NOT_ABOVE_NEXT_LAYER = "not_above_next_layer"
    NO_RESERVATION = "no_reservation"
    OTHER_PLAN = "other_plan"
    BELOW_PUBLIC = "below_public"

    def sentence(self, language: str = "zh-hans") -> str:
        """Return the reason for the reader's language (`zh…` or anything else for English)."""
        zh, en = _WHY[self]
        return zh if language.lower().startswith("zh") else en


_WHY = {
    WhyLost.LOWER_LAYER: ("有更高层级的佣金率", "a higher layer has a rate"),
    WhyLost.FARTHER_CATEGORY: ("有更近的类目设置了佣金率", "a nearer category has a rate"),
    WhyLost.OTHER_CAMPAIGN: ("有更具体或更新的活动", "a more specific or later campaign applies"),
    WhyLost.NOT_ABOVE_NEXT_LAYER: ("活动佣金率不高于下一层级", "the campaign is not above the next layer"),
    WhyLost.OTHER_PLAN: ("有更晚加入的定向计划", "a targeted plan that was joined later applies"),
    WhyLost.BELOW_PUBLIC: ("低于公开佣金率", "it is below the public rate"),
    WhyLost.NO_RESERVATION: ("下单时活动预算不足", "the campaign's budget had no room when the order was placed"),
}


class SelfScope(StrEnum):
    """What a self-purchase rate is for: a campaign, a product, a category, or everything of the merchant."""

    CAMPAIGN = "g"
    PRODUCT = "p"
    CATEGORY = "c"
    ALL = "a"


@dataclass(frozen=True, slots=True)
class LineAsk:
    """A line that asks which rates were in force when its order was placed (`at`).

    `subject_kind` is the merchant's: "individual" or "other". `campaign_id` is a campaign whose budget was reserved
    for this line at placement. `promoter_id` None: nobody claims the line. `enrolment_id`: the enrolment
    in a leader's activity from which the line's material was made, while it is in force. `order_no`: the order that it
    is a line of; `once_fen`: what of the reserved budget the order brings once.
    """

    line_id: int
    product_id: int
    merchant_id: int
    category_path: tuple[int, ...]
    subject_kind: str
    promoter_id: int | None
    self_purchase: bool
    at: datetime
    campaign_id: int | None = None
    quantity: int = 1
    order_no: str = ""
    once_fen: int = 0
    enrolment_id: int | None = None


@dataclass(frozen=True, slots=True)
class RateRow:
    """A rate as the choice sees it: in force from `begins` (None: always) until before `ends` (None: still). `left_fen`
    is what was left of the budget of a `capped` campaign when the row was read."""

    rate_id: int
    layer: Layer
    lookup: str
    campaign_id: int | None
    rate_bps: int
    bonus_fen: int
    begins: datetime | None
    ends: datetime | None
    capped: bool = False
    by_operator: bool = False
    left_fen: int = 0
    order_bonus_fen: int = 0
    first_order_bonus_fen: int = 0


@dataclass(frozen=True, slots=True)
class TierRate:
    """What a tier gets, and the row that says so."""

    rate_bps: int
    rate_id: int


@dataclass(frozen=True, slots=True)
class Lost:
    """A rate that was in force and didn't decide, and why."""

    layer: Layer
    rate_id: int
    rate_bps: int
    why: WhyLost


@dataclass(frozen=True, slots=True)
class Terms:
    """Which rates hold for a line, the rows they come from, and what lost. Kept with each sale for ever.

    `rate_bps` is the direct rate without the grade, which adds `grade_bps`; `self_rate_bps` takes direct's place on a
    self-purchase (None: it earns nothing; tiers, grade and bonus are then none). `bonus_fen` is for one piece.
    `funded_by` says who pays for a winning campaign: "merchant" or "platform".
    """

    line_id: int
    layer: Layer
    rate_bps: int
    rate_id: int | None
    grade_bps: int
    grade_rate_id: int | None
    tier_bps: Mapping[int, TierRate]
    bonus_fen: int
    campaign_id: int | None
    funded_by: str
    self_rate_bps: int | None
    self_rate_id: int | None
    lost: tuple[Lost, ...]
    order_bonus_fen: int = 0
    first_order_bonus_fen: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return the terms as small plain JSON: empty parts are left out."""
        told: dict[str, Any] = {"line": self.line_id, "layer": self.layer.value, "bps": self.rate_bps}
        parts: dict[str, Any] = {
            "id": self.rate_id,
            "grade": [self.grade_bps, self.grade_rate_id] if self.grade_rate_id is not None else None,
            "tiers": {str(tier): [rate.rate_bps, rate.rate_id] for tier, rate in sorted(self.tier_bps.items())},
            "bonus_fen": self.bonus_fen,
            "once": [self.order_bonus_fen, self.first_order_bonus_fen]
            if self.order_bonus_fen or self.first_order_bonus_fen
            else None,
            "campaign": self.campaign_id,
            "funded_by": self.funded_by if self.campaign_id is not None else None,
            "self": [self.self_rate_bps, self.self_rate_id] if self.self_rate_id is not None else None,
            "lost": [[lost.layer.value, lost.rate_id, lost.rate_bps, lost.why.value] for lost in self.lost],
        }
        return told | {key: part for key, part in parts.items() if part}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Terms":
        """Return the terms that `to_json` told."""
        grade_bps, grade_rate_id = told.get("grade", (0, None))
        self_rate_bps, self_rate_id = told.get("self", (None, None))
        order_bonus_fen, first_order_bonus_fen = told.get("once", (0, 0))
        return cls(
            line_id=told["line"],
            layer=Layer(told["layer"]),
            rate_bps=told["bps"],
            rate_id=told.get("id"),
            grade_bps=grade_bps,
            grade_rate_id=grade_rate_id,
            tier_bps={int(tier): TierRate(*rate) for tier, rate in told.get("tiers", {}).items()},
            bonus_fen=told.get("bonus_fen", 0),
            campaign_id=told.get("campaign"),
            funded_by=told.get("funded_by", "merchant"),
            self_rate_bps=self_rate_bps,
            self_rate_id=self_rate_id,
            lost=tuple(Lost(Layer(y), i, bps, WhyLost(why)) for y, i, bps, why in told.get("lost", ())),
            order_bonus_fen=order_bonus_fen,
            first_order_bonus_fen=first_order_bonus_fen,
        )


@dataclass(frozen=True, slots=True)
class PublicRate:
    """The rate that everybody sees on a product: campaigns, grades and tiers left out."""

    layer: Layer
    rate_bps: int
    rate_id: int | None


@dataclass(frozen=True, slots=True)
class ReserveAsk:
    """How much of a campaign's budget a line wants to hold, in fen; `once_fen` of it is what the order brings once.
    `first_fen` is not in it: what comes to both where the order is the buyer's first one in the shop."""

    line_id: int
    campaign_id: int
    amount_fen: int
    once_fen: int = 0
    first_fen: int = 0


@dataclass(frozen=True, slots=True)
class Reserved:
    """What a line got at placement: of which campaign, and how much of it for what the order brings once."""

    campaign_id: int
    once_fen: int


@dataclass(frozen=True, slots=True)
class Lift:
    """A custom rate that a risen floor lifted (or let fall back) from `effective_at` on: the merchant is to be told."""

    merchant_id: int
    layer: Layer
    category_id: int | None
    product_id: int | None
    from_bps: int
    to_bps: int
    own_bps: int
    effective_at: datetime


@dataclass(frozen=True, slots=True)
class Written:
    """What a change of rates wrote: new rows by scope (closed scopes have none), from when, and what it lifted."""

    effective_at: datetime
    rate_ids: Mapping[str, int]
    lifts: tuple[Lift, ...] = ()


@dataclass(frozen=True, slots=True)
class NewCampaign:
    """A campaign to make. Without products and categories it is for everything that its maker sells.

    `budget_fen` None: no cap. `bonus_fen` is paid for each piece on top of the rate, `order_bonus_fen` once for an
    order, `first_order_bonus_fen` once more for a buyer's first paid order in the shop.
    """

    name: str
    starts_at: datetime
    ends_at: datetime
    rate_bps: int
    bonus_fen: int = 0
    budget_fen: int | None = None
    order_bonus_fen: int = 0
    first_order_bonus_fen: int = 0
    product_ids: tuple[int, ...] = ()
    category_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class CampaignShown:
    """A campaign as its maker sees it; `reserved_fen` is what orders hold of its budget."""

    campaign_id: int
    no: str
    merchant_id: int | None
    name: str
    starts_at: datetime
    ends_at: datetime
    rate_bps: int
    bonus_fen: int
    budget_fen: int | None
    reserved_fen: int
    stopped_at: datetime | None
    order_bonus_fen: int
    first_order_bonus_fen: int


@dataclass(frozen=True, slots=True)
class RateShown:
    """A row of rates as its owner sees it: in force or coming."""

    rate_id: int
    layer: Layer
    scope: str
    category_id: int | None
    product_id: int | None
    campaign_id: int | None
    rate_bps: int
    lifted_from_bps: int | None
    begins: datetime | None
    ends: datetime | None
    written_at: datetime


@dataclass(frozen=True, slots=True)
class GradeShown:
    """A step of the promoters' ladder."""

    grade_id: int
    name: str
    rank: int
    threshold_fen: int
    extra_bps: int
    threshold_orders: int = 0

    def threshold(self, *, by_orders: bool) -> int:
        """Return what the step takes: settled sales in fen, or orders."""
        return self.threshold_orders if by_orders else self.threshold_fen


@dataclass(frozen=True, slots=True)
class GradeMoved:
    """A promoter goes from a step of the ladder to another one, by their ids; None: off the ladder."""

    promoter_id: int
    from_grade_id: int | None
    to_grade_id: int | None


@dataclass(frozen=True, slots=True)
class GradesMoved:
    """What a part of the run over the ladder did: promoters looked at, steps up and down, who is under its step; and
    the moves themselves."""

    seen: int
    up: int
    down: int
    under: int
    moves: tuple[GradeMoved, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class GradeStanding:
    """Where a promoter stands and goes: its step now and the one it has from the next midnight on, and since when it
    has been under what that takes."""

    now: GradeShown | None
    coming: GradeShown | None
    under_since: datetime | None
