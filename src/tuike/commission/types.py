"""What crosses commission's border: sale facts, terms, shares, and the refusals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tuike.kit.errors import Refusal


class Role(StrEnum):
    """For what somebody is paid (docs/rules.md §6)."""

    DIRECT = "direct"
    """The promoter whose claim won, net of the platform's share."""
    SELF = "self"
    """The promoter bought it themselves: the self-purchase rate instead of direct."""
    BONUS = "bonus"
    """Fixed amounts: of a campaign for each piece and for the order, or of an offer whose target was reached."""
    TIER2 = "tier2"
    """The recruiter of the promoter."""
    TIER3 = "tier3"
    """The recruiter's recruiter."""
    LEADER = "leader"
    """The service fee of the leader whose activity the claim carries."""
    PLATFORM = "platform"
    """The platform's share, taken out of direct."""


class AccrualState(StrEnum):
    """Where an accrual stands."""

    WAITING = "waiting"
    """The merchant's prepaid balance can't pay it yet."""
    PENDING = "pending"
    """Booked, not yet due."""
    SETTLED = "settled"
    """The payee's to withdraw."""
    CANCELLED = "cancelled"
    """Nothing is left of it: all refunded, or rejected."""


EXITS: dict[AccrualState, set[AccrualState]] = {
    AccrualState.WAITING: {AccrualState.PENDING, AccrualState.CANCELLED},
    AccrualState.PENDING: {AccrualState.SETTLED, AccrualState.CANCELLED},
    AccrualState.SETTLED: {AccrualState.CANCELLED},
    AccrualState.CANCELLED: set(),
}


class Review(StrEnum):
    """What checking says of an accrual; only clear and approved ones settle."""

    CLEAR = "clear"
    HELD = "held"
    APPROVED = "approved"
    REJECTED = "rejected"


class Source(StrEnum):
    """Where the order was made, which decides from what commission is paid."""

    MINI_STORE = "mini_store"
    """Our mall: the buyer's money is held here and pays."""
    MINI_PROGRAM = "mini_program"
    """The merchant's own mini-program: its prepaid balance pays."""
    REWARD = "reward"
    """No order: a target that was reached, paid from the offer's own account."""


class Funder(StrEnum):
    """Who pays a share."""

    MERCHANT = "merchant"
    PLATFORM = "platform"
    """The operator's own campaign: `platform:promotion` pays direct and bonus."""
    REWARD = "reward"
    """An offer's own account pays what a reached target brings."""


@dataclass(frozen=True, slots=True)
class Payee:
    """Who is paid: kind promoter, leader or platform (id 0)."""

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Tier:
    """A recruiter's part: who, at which rate, by which rate row."""

    promoter_id: int
    rate_bps: int
    rate_id: int | None = None


@dataclass(frozen=True, slots=True)
class SaleTerms:
    """Everything that decides what a sale pays, frozen when the order was placed.

    `nobody` is the named reason when no promoter earns; then nothing else matters. `platform_funded`: a campaign of the
    operator won, so the platform pays direct and bonus. `order_bonus_fen` and `first_order_bonus_fen` stand on one line
    of an order only and are kept while anything of the order is left; all its lines then mature `together`, which
    booking says. `reward_id` names the offer whose account pays.
    `why` is kept for the explanation (layer, lost candidates, evidence of a self-purchase, proof of a target); the
    arithmetic doesn't read it.
    """

    nobody: str = ""
    promoter_id: int | None = None
    rate_bps: int = 0
    rate_id: int | None = None
    grade_bps: int = 0
    grade_id: int | None = None
    self_purchase: bool = False
    bonus_fen: int = 0
    campaign_id: int | None = None
    tier2: Tier | None = None
    tier3: Tier | None = None
    leader_id: int | None = None
    service_bps: int = 0
    platform_fee_bps: int = 0
    platform_funded: bool = False
    order_bonus_fen: int = 0
    first_order_bonus_fen: int = 0
    together: bool = False
    reward_id: int | None = None
    why: dict[str, Any] = field(default_factory=dict)

    @property
    def order_fen(self) -> int:
        """Return what the whole order brings once, whatever its pieces are: both bonuses together."""
        return (
            0 if self.self_purchase or self.promoter_id is None else self.order_bonus_fen + self.first_order_bonus_fen
        )

    def to_json(self) -> dict[str, Any]:
        """Return the terms as plain JSON, leaving out what is empty."""
        said: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if isinstance(value, Tier):
                said[name] = [value.promoter_id, value.rate_bps, value.rate_id]
            elif value or (name == "rate_bps" and self.promoter_id is not None):
                said[name] = value
        return said

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "SaleTerms":
        """Return the terms that `to_json` wrote."""
        tiers: dict[str, Any] = {name: Tier(*said[name]) for name in ("tier2", "tier3") if name in said}
        return cls(**{**said, **tiers})


@dataclass(frozen=True, slots=True)
class SaleFacts:
    """A paid order line (or an order's freight, `kind="freight"`) as flows hand it in. `sale_id` is the line's id.

    A sale that was received already comes with its instant and with `settle_days`, which start its clock. A reached
    target is a sale of `kind="target"` whose amount is what it brings; the offer stands in for the merchant's money.
    `subsidy_fen` is what the platform pays the shop on top of `paid_fen`: what its coupons took off.
    """

    sale_id: int
    order_no: str
    merchant_id: int
    source: Source
    quantity: int
    paid_fen: int
    placed_at: datetime
    paid_at: datetime
    terms: SaleTerms
    product_id: int | None = None
    kind: str = "goods"
    received_at: datetime | None = None
    settle_days: int = 0
    subsidy_fen: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """What one payee earns in one role from a base: the amount, and how much of it the ceiling of the base cut off."""

    role: Role
    payee: Payee
    rate_bps: int
    rate_id: int | None
    amount_fen: int
    cut_fen: int = 0
    funder: Funder = Funder.MERCHANT


@dataclass(frozen=True, slots=True)
class Due:
    """An accrual that is being made: its id, of which sale, what it brings."""

    accrual_id: int
    sale: SaleFacts
    share: Share


@dataclass(frozen=True, slots=True)
class Unheld:
    """An accrual that nobody has held and that hasn't settled, as it was booked, and when that was."""

    due: Due
    accrued_at: datetime


Judge = Callable[[Sequence[Due]], Sequence[tuple[Review, int | None]]]
"""Says for each accrual that is being made how it is reviewed, and by which version of a rule (None: no rule held)."""


@dataclass(frozen=True, slots=True)
class RefundFacts:
    """What an after-sale takes from one sale."""

    sale_id: int
    amount_fen: int
    quantity: int


@dataclass(frozen=True, slots=True)
class Refund:
    """One after-sale: `no` names it for ever; its parts are sales of one merchant. `at` is when it happened, where
    that isn't the instant of all the others."""

    no: str
    merchant_id: int
    parts: tuple[RefundFacts, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """What a call accrued: rows and fen, and how many sales wait for prepaid money."""

    sales: int
    accruals: int
    amount_fen: int
    waiting: int


@dataclass(frozen=True, slots=True)
class MaturedPart:
    """What one payee (or the merchant itself) got from one merchant in a batch, with its transfer."""

    payee: Payee
    merchant_id: int
    items: int
    amount_fen: int
    transfer_id: int


@dataclass(frozen=True, slots=True)
class Matured:
    """One batch of maturity; `sales` is 0 when nothing was due."""

    sales: int
    accruals: int
    parts: tuple[MaturedPart, ...]


@dataclass(frozen=True, slots=True)
class Touched:
    """A sale and one of its accruals, by whom they concern; no accrual and no payee where it earns nobody, no order
    number where a reached target is no order's."""

    order_no: str
    merchant_id: int
    sale_id: int
    accrual_id: int | None
    payee: Payee | None


@dataclass(frozen=True, slots=True)
class OrderStanding:
    """How an order's goods stand: paid and refunded, when they settle, whether all of them have; and the commission
    that hangs on them."""

    paid_fen: int
    refunded_fen: int
    due_at: datetime | None
    settled: bool
    commission_fen: int


@dataclass(frozen=True, slots=True)
class AccrualShown:
    """An accrual as it stands: whose, for what, how much of it is left."""

    accrual_id: int
    sale_id: int
    payee: Payee
    role: Role
    amount_fen: int
    state: AccrualState
    review: Review


@dataclass(frozen=True, slots=True)
class Reviewed:
    """How an accrual's review stands: since when it was held, when it was rejected and what that took from it, in
    fen."""

    accrual_id: int
    sale_id: int
    order_no: str
    merchant_id: int
    payee: Payee
    amount_fen: int
    state: AccrualState
    review: Review
    held_at: datetime | None
    rejected_at: datetime | None
    rejected_fen: int


@dataclass(frozen=True, slots=True)
class AdjustmentShown:
    """A correction as the operator sees it. `state` is `asked`, `approved` or `rejected`."""

    no: str
    payee: Payee
    sale_id: int | None
    amount_fen: int
    reason: str
    state: str
    author_id: int
    approver_id: int | None
    asked_at: datetime
    decided_at: datetime | None


class UnknownSale(Refusal):
    """A refund or receipt of something that commission never saw."""

    code = "unknown_sale"
    status = 404
    zh = "没有这笔销售记录"
    en = "There is no such sale."


class RefundTooLarge(Refusal):
    """More than what is left of the sale."""

    code = "refund_too_large"
    status = 409
    zh = "退款超过该商品的剩余实付金额或数量"
    en = "The refund exceeds what is left of this line."


class NotHeld(Refusal):
    """Release or reject of an accrual that isn't held, or hold of one that has settled."""

    code = "accrual_not_reviewable"
    status = 409
    zh = "该佣金当前状态不能进行此操作"
    en = "This accrual can't be reviewed in its current state."


class SamePerson(Refusal):
    """The author of an adjustment can't approve it."""

    code = "adjustment_same_person"
    status = 403
    zh = "调整必须由另一位同事审批"
    en = "An adjustment needs another person's approval."


class AdjustmentDecided(Refusal):
    """The adjustment was decided before, or there is none."""

    code = "adjustment_decided"
    status = 409
    zh = "该调整不存在或已处理"
    en = "This adjustment does not exist or was decided."
