"""What crosses the border of review rules: features, conditions, effects, judgements, and the refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tuike.kit.errors import Refusal


class Subject(StrEnum):
    """What a rule judges."""

    COMMISSION = "commission"
    """Each accrual, when it is booked."""
    WITHDRAWAL = "withdrawal"
    """Each withdrawal, when it is asked for."""


class Effect(StrEnum):
    """What a rule does with what it holds of."""

    CLEAR = "clear"
    """Nothing more is asked: rules below it aren't looked at."""
    HOLD = "hold"
    """It doesn't settle until a person decides."""
    REJECT = "reject"
    """It is held, and cancelled when nobody has released it in so many days."""


class Feature(StrEnum):
    """What a condition may be about (docs/rules.md §6)."""

    COMMISSION = "commission_fen"
    """What this accrual brings, in fen."""
    PAID = "paid_fen"
    """What the buyer paid for the line, in fen."""
    ROLE = "role"
    SOURCE = "source"
    CATEGORY = "category"
    """The product's category or one above it."""
    AGE = "promoter_days"
    """Whole days since the promoter's certification passed."""
    GRADE = "grade"
    """The step that the promoter stands on; 0 for none."""
    REFUND_RATE = "refund_bps"
    """Of what the promoter brought in 90 days, how much was refunded; unknown under ten orders."""
    LINES_HOUR = "lines_hour"
    """Lines that the promoter brought in the hour before, this one among them."""
    LINES_DAY = "lines_day"
    SCORE = "score"
    """The order's risk score in thousandths; unknown before it was scored."""
    AMOUNT = "amount_fen"
    """What is withdrawn, in fen."""
    KIND = "party_kind"
    """Who withdraws: promoter, leader, merchant."""
    PARTY_DAYS = "party_days"
    """Whole days since the party's certification passed."""
    ACCOUNT_DAYS = "account_days"
    """Whole days since the payout account was bound or changed."""
    PAID_BEFORE = "paid_before"
    """Withdrawals that were paid to the party before."""
    OWED = "owed_fen"
    """What became the party's debt in 90 days, repaid or not, in fen."""
    HELD = "held_fen"
    """Commission of the party that is held for review, in fen."""
    PARTY_SCORE = "party_score"
    """The highest risk score of the party's orders of 45 days in thousandths; unknown where none was scored."""


MEASURES = frozenset(
    {
        Feature.COMMISSION,
        Feature.PAID,
        Feature.AGE,
        Feature.REFUND_RATE,
        Feature.LINES_HOUR,
        Feature.LINES_DAY,
        Feature.SCORE,
        Feature.AMOUNT,
        Feature.PARTY_DAYS,
        Feature.ACCOUNT_DAYS,
        Feature.PAID_BEFORE,
        Feature.OWED,
        Feature.HELD,
        Feature.PARTY_SCORE,
    }
)
"""Features that are compared by size; of the others a condition lists values."""

BOUNDS = {
    Feature.COMMISSION: (0, 10**12),
    Feature.PAID: (0, 10**12),
    Feature.AGE: (0, 36_500),
    Feature.REFUND_RATE: (0, 10_000),
    Feature.LINES_HOUR: (1, 10**6),
    Feature.LINES_DAY: (1, 10**6),
    Feature.SCORE: (0, 1000),
    Feature.AMOUNT: (0, 10**13),
    Feature.PARTY_DAYS: (0, 36_500),
    Feature.ACCOUNT_DAYS: (0, 36_500),
    Feature.PAID_BEFORE: (0, 10**6),
    Feature.OWED: (0, 10**12),
    Feature.HELD: (0, 10**12),
    Feature.PARTY_SCORE: (0, 1000),
}
"""The least and the most that a condition may name."""

_OF_WITHDRAWALS = (
    Feature.AMOUNT,
    Feature.KIND,
    Feature.PARTY_DAYS,
    Feature.ACCOUNT_DAYS,
    Feature.PAID_BEFORE,
    Feature.OWED,
    Feature.HELD,
    Feature.PARTY_SCORE,
)
FEATURES = {
    Subject.COMMISSION: tuple(one for one in Feature if one not in _OF_WITHDRAWALS),
    Subject.WITHDRAWAL: _OF_WITHDRAWALS,
}
"""What is known of each subject."""

OF_ACCRUAL = frozenset({Feature.COMMISSION, Feature.ROLE})
"""What differs among the accruals of one sale."""

REFUND_RATE_DAYS = 90
REFUND_RATE_ORDERS = 10
"""Under so many orders a refund rate says nothing."""
MOST_RULES = 50
"""Rules that the operator, or a shop, may have."""
MOST_VALUES = 100
"""Values that one condition may list."""


@dataclass(frozen=True, slots=True)
class Condition:
    """At least, at most (both count), or one of a list; an unknown feature fulfils none."""

    least: int | None = None
    most: int | None = None
    among: frozenset[str] = frozenset()

    def to_json(self) -> dict[str, Any]:
        """Return it as plain JSON, leaving out what is open."""
        said: dict[str, Any] = {}
        if self.least is not None:
            said["least"] = self.least
        if self.most is not None:
            said["most"] = self.most
        if self.among:
            said["among"] = sorted(self.among)
        return said

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Condition":
        """Return the condition that `to_json` wrote."""
        return cls(said.get("least"), said.get("most"), frozenset(said.get("among", ())))


Conditions = Mapping[Feature, Condition]
"""All of them must hold."""


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as its maker says it. `first` and `last` are natural days on which it holds, both included; open ends
    are None. `reject_days` belongs to the effect `reject`."""

    name: str
    effect: Effect
    conditions: Conditions
    reject_days: int | None = None
    first: date | None = None
    last: date | None = None
    enabled: bool = True
    subject: Subject = Subject.COMMISSION


@dataclass(frozen=True, slots=True)
class RuleShown:
    """A rule as its newest version says it. `position` orders the rules of its owner, the lowest first."""

    rule_id: int
    no: str
    merchant_id: int | None
    version_id: int
    version: int
    position: int
    rule: NewRule
    changed_at: datetime
    changed_by: int | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one accrual or withdrawal when it is judged.

    A value of `features` is a number, a word, or words of which one must fit.
    """

    merchant_id: int
    features: Mapping[Feature, int | str | frozenset[str] | None]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules said: the effect, and the version that said so (None: no rule held)."""

    effect: Effect = Effect.CLEAR
    version_id: int | None = None
    reject_days: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule judged: how much was at stake, and what was known of it. `object_id` is the accrual's, or that of the
    withdrawal."""

    object_id: int
    merchant_id: int
    amount_fen: int
    judgement: Judgement
    facts: Facts
    subject: Subject = Subject.COMMISSION


@dataclass(frozen=True, slots=True)
class HitShown:
    """A kept hit: what was held, by which version, what was known then, when it is rejected if nobody decides."""

    object_id: int
    version_id: int
    version: int
    effect: Effect
    amount_fen: int
    at: datetime
    reject_at: datetime | None
    name: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HitsOfDay:
    """How often a rule held on a natural day, and for how many fen."""

    day: date
    hits: int
    amount_fen: int


class TooManyRules(Refusal):
    """An owner has as many rules as it may have."""

    code = "too_many_review_rules"
    status = 409
    zh = f"审核规则最多 {MOST_RULES} 条，请先删除不用的规则"
    en = f"There may be {MOST_RULES} review rules at most; delete one first."


class OnlyHolds(Refusal):
    """A shop's rule may hold, and nothing else."""

    code = "review_rule_only_holds"
    status = 403
    zh = "商家的审核规则只能冻结佣金，放行和驳回由平台决定"
    en = "A shop's rule may only hold commission; releasing and rejecting are the operator's."


class RuleChanged(Refusal):
    """Somebody changed the rule meanwhile."""

    code = "review_rule_changed"
    status = 409
    zh = "这条规则刚被修改过，请刷新后再改"
    en = "Somebody has changed this rule meanwhile; load it again."
