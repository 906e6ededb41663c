"""Targeted plans: a rate for named products that accepted promoters get, and who is in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal


class MemberState(StrEnum):
    """Where a promoter stands in a targeted plan: `accepted` ones get its rates (docs/rules.md §3)."""

    APPLIED = "applied"
    INVITED = "invited"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DECLINED = "declined"
    REMOVED = "removed"

    @property
    def exits(self) -> "frozenset[MemberState]":
        """Where a promoter may go from here; who was turned away may ask, and be asked, again."""
        return _EXITS[self]


_AGAIN = frozenset({MemberState.APPLIED, MemberState.INVITED})
_EXITS = {
    MemberState.APPLIED: frozenset({MemberState.ACCEPTED, MemberState.REJECTED}),
    MemberState.INVITED: frozenset({MemberState.ACCEPTED, MemberState.DECLINED}),
    MemberState.ACCEPTED: frozenset({MemberState.REMOVED}),
    MemberState.REJECTED: _AGAIN,
    MemberState.DECLINED: _AGAIN,
    MemberState.REMOVED: _AGAIN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTargetedPlan:
    """A targeted plan to make: rates by product, from `starts_at` until before `ends_at`."""

    name: str
    starts_at: datetime
    ends_at: datetime
    rates: Mapping[int, int]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetedPlanChange:
    """What a targeted plan shall be: its words and end, and its rates by product for times to come."""

    name: str
    ends_at: datetime
    rates: Mapping[int, int]
    note: str = ""


class PlanPart(StrEnum):
    """What of a targeted plan can change."""

    NAME = "name"
    NOTE = "note"
    END = "ends_at"
    RATES = "rates"


@dataclass(frozen=True, slots=True)
class TargetedTerm:
    """What a targeted plan gives for a product from an instant on; 0: nothing any more."""

    product_id: int
    rate_bps: int
    from_at: datetime


@dataclass(frozen=True, slots=True)
class TargetedPlanShown:
    """A targeted plan as its shop and its promoters see it. Who has the invite code may apply.

    `terms` is what was ever written, in the order in which it counts; `rates` is what the last of it comes to.
    """

    plan_id: int
    no: str
    merchant_id: int
    name: str
    note: str
    starts_at: datetime
    ends_at: datetime
    invite_code: str
    stopped_at: datetime | None
    created_at: datetime
    terms: tuple[TargetedTerm, ...]

    @property
    def rates(self) -> Mapping[int, int]:
        """Return the rates by product when everything that was written is in force."""
        return _given(self.terms)

    def rates_at(self, at: datetime) -> Mapping[int, int]:
        """Return the rates by product at an instant; before the start, those at the start."""
        at = max(at, self.starts_at)
        return _given(term for term in self.terms if term.from_at <= at)

    def changes_at(self, after: datetime) -> datetime | None:
        """Return the first instant after `after` from which other rates hold; None where they stay."""
        later = sorted({term.from_at for term in self.terms if term.from_at > max(after, self.starts_at)})
        return next((at for at in later if self.rates_at(at) != self.rates_at(after)), None)

    def over(self, now: datetime) -> bool:
        """Return whether it gives nothing more: it has ended, or its stop has come into force."""
        return now >= self.ends_at or (self.stopped_at is not None and now >= self.stopped_at)

    def until(self) -> datetime:
        """Return the first instant at which it gives nothing any more."""
        return self.ends_at if self.stopped_at is None else min(self.ends_at, self.stopped_at)


def _given(terms: Iterable[TargetedTerm]) -> dict[int, int]:
    last = {term.product_id: term.rate_bps for term in terms}
    return {product_id: bps for product_id, bps in sorted(last.items()) if bps}


@dataclass(frozen=True, slots=True)
class PlanChanged:
    """What of a plan changed, nothing where it stays as it was, and from when its rates hold."""

    plan: TargetedPlanShown
    parts: tuple[PlanPart, ...]
    from_at: datetime


@dataclass(frozen=True, slots=True)
class MemberShown:
    """Where a promoter stands in a plan, since when, and what was said: the promoter's word, the shop's reason."""

    plan_id: int
    promoter_id: int
    state: MemberState
    since: datetime
    message: str
    reason: str
    applied_at: datetime | None
    """When it asked; None where it was invited."""


class PlanOver(Refusal):
    """The plan has ended, or was stopped."""

    code = "plan_over"
    zh = "定向计划已结束或已停止"
    en = "The targeted plan has ended or was stopped."


class NotOfferedSo(Refusal):
    """A promoter isn't where this step begins."""

    code = "plan_step"
    zh = "推客在该计划中的状态已变化，请刷新后重试"
    en = "The promoter stands elsewhere in this plan by now; reload and try again."


class BelowPublicRate(Refusal):
    """A targeted rate must reach what everybody gets."""

    code = "below_public_rate"
    status = 422
    zh = "定向佣金率不能低于公开佣金率 {floor}（{title}）"
    en = "A targeted rate can't be below the public rate of {floor} ({title})."


class EnrolmentBelowPublic(Refusal):
    """The commission rate of an enrolment in a leader's activity must reach what everybody gets (docs/rules.md §9)."""

    code = "enrolment_below_public_rate"
    status = 422
    zh = "报名的佣金率不能低于公开佣金率 {floor}（{title}）"
    en = "The rate of an enrolment can't be below the public rate of {floor} ({title})."


class TooManyInPlan(Refusal):
    """A plan has as many promoters as one may have."""

    code = "too_many_in_plan"
    zh = "一个定向计划最多 {most} 位推客"
    en = "A targeted plan has at most {most} promoters."
