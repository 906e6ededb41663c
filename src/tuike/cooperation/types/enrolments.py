"""Enrolments with their cancels and extensions: what is written, how it is shown, what is counted."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EnrolmentState(StrEnum):
    """Where a product in an activity stands; `exits` says what may follow (docs/rules.md §9)."""

    APPLIED = "applied"
    ACTIVE = "active"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"

    @property
    def exits(self) -> "frozenset[EnrolmentState]":
        """Return the states that may follow this one."""
        return _EXITS[self]


_EXITS = {
    EnrolmentState.APPLIED: frozenset({EnrolmentState.ACTIVE, EnrolmentState.REJECTED, EnrolmentState.WITHDRAWN}),
    EnrolmentState.ACTIVE: frozenset({EnrolmentState.ENDED}),
    EnrolmentState.REJECTED: frozenset(),
    EnrolmentState.WITHDRAWN: frozenset(),
    EnrolmentState.ENDED: frozenset(),
}


class EndCause(StrEnum):
    """What ended a cooperation, or an application that nobody decided on."""

    AT_ONCE = "at_once"
    AGREED = "agreed"
    PERIOD = "period"
    ACTIVITY_CLOSED = "activity_closed"


class ShownTo(StrEnum):
    """Who sees the shop's contact: the leader, or the leader and promoters."""

    LEADER = "leader"
    LEADER_AND_PROMOTERS = "leader_and_promoters"


class CancelState(StrEnum):
    """What became of a wish to cancel; `at_once` ones needed no decision, `closed` ones were overtaken by the end."""

    OPEN = "open"
    AGREED = "agreed"
    REFUSED = "refused"
    CLOSED = "closed"
    AT_ONCE = "at_once"


class ExtensionState(StrEnum):
    """What became of a wish to extend; `lapsed` ones had no answer in three days."""

    OPEN = "open"
    AGREED = "agreed"
    REFUSED = "refused"
    LAPSED = "lapsed"
    CLOSED = "closed"


class Outcome(StrEnum):
    """What filing a cancel does (docs/rules.md §9)."""

    AT_ONCE = "at_once"
    REVIEW = "review"


class CancelAnswer(StrEnum):
    """The answer to "can I cancel now?": at once; only with the leader's consent, for now or whatever comes; the leader
    is deciding already; not decided on yet, so it is withdrawn; it is over."""

    AT_ONCE = "at_once"
    LEADER_FOR_NOW = "leader_for_now"
    LEADER = "leader"
    UNDER_REVIEW = "under_review"
    WITHDRAW = "withdraw"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class CanCancel:
    """Whether a shop can cancel now, in words. `after`: from behind which instant on it could be at once, as counts
    stand; `leader_decides` whether it takes the leader's consent now."""

    answer: CancelAnswer
    zh: str
    en: str
    leader_decides: bool
    after: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEnrolment:
    """A product to enrol. Without a start it starts now, or with the activity."""

    product_id: int
    rate_bps: int
    service_bps: int
    ends_at: datetime
    starts_at: datetime | None = None
    base_orders: int = 0
    shown_to: ShownTo = ShownTo.LEADER
    contact: str = ""


@dataclass(frozen=True, slots=True)
class CancelShown:
    """A wish to cancel."""

    asked_at: datetime
    gross_orders: int
    base_orders: int
    state: CancelState
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class ExtensionShown:
    """A wish for a later end."""

    asked_at: datetime
    old_ends_at: datetime
    new_ends_at: datetime
    state: ExtensionState
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class EnrolmentShown:
    """A product in an activity as both sides see it, with the last wish to cancel and the last one to extend."""

    enrolment_id: int
    no: str
    activity_id: int
    activity_no: str
    activity_title: str
    leader_id: int
    merchant_id: int
    product_id: int
    rate_bps: int
    service_bps: int
    starts_at: datetime
    ends_at: datetime
    base_orders: int
    shown_to: ShownTo
    state: EnrolmentState
    applied_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None
    end_cause: EndCause | None
    gross_orders: int
    net_orders: int
    reason: str
    cancel: CancelShown | None = None
    extension: ExtensionShown | None = None

    @property
    def reached(self) -> bool:
        """Return whether the base was reached: 团长已达成. The paid (gross) count decides."""
        return self.gross_orders >= self.base_orders

    def over(self, now: datetime) -> bool:
        """Return whether nothing of it is open any more at `now`, whether or not that was noted yet."""
        return self.state not in (EnrolmentState.APPLIED, EnrolmentState.ACTIVE) or now >= self.ends_at


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence beside an enrolment; `red` ones say that something was refused, or isn't reached."""

    zh: str
    en: str
    red: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """What a verb did to an enrolment: how it stands now, and whether it has ended by that at an instant."""

    enrolment: EnrolmentShown
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Led:
    """The enrolment that was in force for a product of an activity at an instant."""

    enrolment_id: int
    leader_id: int
    activity_no: str
    rate_bps: int
    service_bps: int


@dataclass(frozen=True, slots=True)
class ShortCount:
    """An enrolment whose base is reached by paid orders, but not any more by those that weren't refunded."""

    enrolment_id: int
    no: str
    leader_id: int
    merchant_id: int
    base_orders: int
    gross_orders: int
    net_orders: int
