"""What crosses the border of alerts: thresholds, firings, reports, mails, and the refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from tuike.kit.errors import Refusal

SPANS = (1, 7, 30, 90)
"""Days that a threshold may look over (docs/rules.md §11)."""


class Compare(StrEnum):
    """How a figure is held against a threshold's bound.

    `above` and `below` compare the figure itself, in its unit; `rises` and `falls` its change against as many days
    before, in ten-thousandths.
    """

    ABOVE = "above"
    BELOW = "below"
    RISES = "rises"
    FALLS = "falls"

    @property
    def relative(self) -> bool:
        """Whether it looks at the change against the period before."""
        return self in (Compare.RISES, Compare.FALLS)

    @property
    def whole(self) -> bool:
        """Whether it looks at days that are over: a day that has just begun is always low."""
        return self in (Compare.BELOW, Compare.FALLS)


class Unit(StrEnum):
    """In what a figure is counted."""

    FEN = "fen"
    COUNT = "count"
    BPS = "bps"


class Rhythm(StrEnum):
    """How often a report is written: of the day before, or of the last week from Monday to Sunday."""

    DAILY = "daily"
    WEEKLY = "weekly"


class SendingState(StrEnum):
    """Where a mail stands. Exits: waiting → sending → sent | waiting | failed | unknown; failed and unknown ones may
    be sent again by hand.

    `unknown`: it was handed over, and no answer came; it may have arrived, so that it isn't sent again by itself.
    """

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def exits(self) -> "frozenset[SendingState]":
        """Return the states that may follow."""
        return _SENDING_EXITS[self]


_SENDING_EXITS = {
    SendingState.WAITING: frozenset({SendingState.SENDING, SendingState.FAILED}),
    SendingState.SENDING: frozenset(
        {SendingState.SENT, SendingState.WAITING, SendingState.FAILED, SendingState.UNKNOWN}
    ),
    SendingState.SENT: frozenset(),
    SendingState.FAILED: frozenset({SendingState.WAITING}),
    SendingState.UNKNOWN: frozenset({SendingState.WAITING}),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What a threshold watches for: a figure over a span of days, held against a bound; nothing is looked at in the
    quiet hours (Shanghai), from one up to the other, over midnight where that is the smaller one."""

    tile: str
    span: int
    compare: Compare
    bound: int
    quiet_from: int | None = None
    quiet_until: int | None = None


@dataclass(frozen=True, slots=True)
class ThresholdShown:
    """A threshold as its party sees it; `value`, `before` and `watermark` are of the last look."""

    id: int
    no: str
    party_id: int
    wish: Wish
    on: bool
    over: bool
    value: int | None
    before: int | None
    watermark: datetime | None
    looked_at: datetime | None
    changed_at: datetime
    followers: frozenset[int]


@dataclass(frozen=True, slots=True)
class Watched:
    """A threshold that is to be looked at now."""

    id: int
    party_id: int
    wish: Wish
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure of a party over some days (both included) and over as many before; `watermark`: counted up to then."""

    value: int | None
    before: int | None
    unit: Unit
    zh: str
    en: str
    first: date
    last: date
    watermark: datetime


@dataclass(frozen=True, slots=True)
class Look:
    """What a threshold was seen to be."""

    threshold: Watched
    measured: Measured
    over: bool


@dataclass(frozen=True, slots=True)
class Fired:
    """A threshold that was just crossed, with who follows it by mail."""

    firing_id: int
    threshold_id: int
    no: str
    followers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FiringShown:
    """One crossing: what was seen, of which days, counted up to when; `back_at` when the figure was back."""

    id: int
    threshold_no: str
    party_id: int
    wish: Wish
    first: date
    last: date
    value: int
    before: int | None
    watermark: datetime
    at: datetime
    back_at: datetime | None
    back_value: int | None


@dataclass(frozen=True, slots=True)
class SubscriptionShown:
    """That a person gets a party's report: on which weekday (1 is Monday; weekly ones only), at which hour."""

    id: int
    no: str
    party_id: int
    person_id: int
    rhythm: Rhythm
    weekday: int | None
    hour: int
    mail: bool
    next_at: datetime


@dataclass(frozen=True, slots=True)
class EditionShown:
    """A report as it was written: of which days, with its content as plain JSON."""

    id: int
    no: str
    party_id: int
    person_id: int
    rhythm: Rhythm
    first: date
    last: date
    content: Mapping[str, Any]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class SendingShown:
    """A mail about an edition or a firing; `why` is the reason of its last failure, by name."""

    id: int
    person_id: int
    party_id: int
    edition_no: str
    firing_id: int | None
    state: SendingState
    tries: int
    next_at: datetime
    why: str
    made_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Leaving:
    """A mail that was taken to be sent now: about an edition, or a firing."""

    id: int
    person_id: int
    party_id: int
    tries: int
    edition: EditionShown | None
    firing: FiringShown | None


class UnknownThreshold(Refusal):
    """The party has no such threshold."""

    code = "unknown_threshold"
    status = 404
    zh = "没有找到该预警"
    en = "There is no such alert."


class TooManyThresholds(Refusal):
    """The party has as many as it may have."""

    code = "too_many_thresholds"
    zh = "最多可设置 {most} 个预警，请先删除不用的"
    en = "There may be {most} alerts; delete one first."


class UnknownSubscription(Refusal):
    """The person has no such report of the party."""

    code = "unknown_report_subscription"
    status = 404
    zh = "没有订阅该报告"
    en = "There is no such report to stop."


class UnknownEdition(Refusal):
    """The person has no such report."""

    code = "unknown_report_edition"
    status = 404
    zh = "没有找到该报告"
    en = "There is no such report."


class SendingNotOver(Refusal):
    """The mail is still on its way, or has arrived."""

    code = "sending_not_over"
    zh = "该邮件正在发送或已送达，无需重发"
    en = "This mail is on its way or has arrived; it isn't sent again."
