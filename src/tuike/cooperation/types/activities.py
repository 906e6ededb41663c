"""Leaders' activities: what is written, and how it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ActivityKind(StrEnum):
    """Who may promote an activity's products: everybody, or the promoters whom the leader names."""

    ORDINARY = "ordinary"
    EXCLUSIVE = "exclusive"


class ActivityState(StrEnum):
    """Where an activity stands; `exits` says what may follow (docs/rules.md §9)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    DELETED = "deleted"

    @property
    def exits(self) -> "frozenset[ActivityState]":
        """Return the states that may follow this one."""
        return _EXITS[self]


_EXITS = {
    ActivityState.DRAFT: frozenset({ActivityState.PUBLISHED, ActivityState.DELETED}),
    ActivityState.PUBLISHED: frozenset({ActivityState.CLOSED}),
    ActivityState.CLOSED: frozenset({ActivityState.DELETED}),
    ActivityState.DELETED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class Floor:
    """The least commission rate and the least service rate."""

    min_rate_bps: int
    min_service_bps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityChange:
    """What a published activity shall be: its words, a later end, and for enrolments to come its floors, `floors` those
    of categories; `promoter_ids` are those to whom an exclusive one is open."""

    title: str
    ends_at: datetime
    floor: Floor
    floors: Mapping[int, Floor]
    promoter_ids: tuple[int, ...] = ()
    sample: str = ""
    contact: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewActivity(ActivityChange):
    """An activity to write: what may be changed later, and what stays from its publishing on."""

    kind: ActivityKind
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class ActivityShown:
    """An activity. Its contact is read by `queries.contact_of_activity`; `promoter_ids` are an exclusive one's."""

    activity_id: int
    no: str
    leader_id: int
    title: str
    kind: ActivityKind
    starts_at: datetime
    ends_at: datetime
    floor: Floor
    floors: Mapping[int, Floor]
    promoter_ids: tuple[int, ...]
    sample: str
    note: str
    state: ActivityState
    created_at: datetime
    published_at: datetime | None
    closed_at: datetime | None

    def open_at(self, now: datetime) -> bool:
        """Return whether products may be enrolled at `now`."""
        return self.state is ActivityState.PUBLISHED and now < self.ends_at


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenWanted:
    """What is asked of the list of open activities: nothing set is all. Rates are the most that it may ask for."""

    words: str = ""
    kind: ActivityKind | None = None
    leader_id: int | None = None
    most_rate_bps: int | None = None
    most_service_bps: int | None = None
