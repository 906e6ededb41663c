"""Shapes of leaders' activities and enrolments that shops and leaders share, and how they are filled (§9)."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Schema
from pydantic import Field, StringConstraints

from tuike.catalog import queries as catalog
from tuike.cooperation import queries as cooperation_of
from tuike.cooperation import service as cooperation
from tuike.cooperation.types import ActivityShown, EnrolmentShown, ExtensionState, Floor
from tuike.doors.openapi.callers import acting, party_id
from tuike.doors.openapi.keys import once
from tuike.doors.web.said import said
from tuike.flows.target_promoters import By
from tuike.kit import clock
from tuike.parties import queries as parties

No = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z]+$")]
OfActivity = Annotated[str, StringConstraints(max_length=40, pattern=r"^[0-9A-Za-z]*$")]
"""The number of the activity whose enrolments are wanted, empty for those of all."""
InState = Literal["applied", "active", "rejected", "withdrawn", "ended"]
After = Annotated[
    str, Query(max_length=18, pattern=r"^[0-9]*$", description="`next` of the page before; empty: from the beginning.")
]
Next = Annotated[str, Field(description="Hand it back as `after` for the rows that follow; empty at the end.")]


class CategoryFloor(Schema):
    """The least rates in a category and all below it, where no nearer one says otherwise."""

    category_id: int
    min_rate_bps: int
    min_service_bps: int


class LeaderActivity(Schema):
    """A leader's activity. `promoters` are those that an exclusive one is open to, for its leader to see."""

    no: str
    leader: str
    title: str
    kind: str
    state: str
    starts_at: datetime
    ends_at: datetime
    min_rate_bps: int
    min_service_bps: int
    floors: list[CategoryFloor]
    promoters: list[str]
    sample: str
    contact: str
    note: str
    published_at: datetime | None
    closed_at: datetime | None


class LeaderActivityPage(Schema):
    """A page of activities."""

    items: list[LeaderActivity]
    next: Next


class EnrolmentNote(Schema):
    """A sentence beside an enrolment, in the caller's language; `red` ones say that something was refused."""

    text: str
    red: bool


class ActivityEnrolment(Schema):
    """A product in an activity. `gross_orders` counts paid orders, `net_orders` those not refunded whole;
    `reached`: the gross count has reached the base. `answer_until`: the last instant for the shop's answer to an
    extension.
    """

    no: str
    activity_no: str
    activity: str
    leader: str
    shop: str
    product_no: str
    product: str
    rate_bps: int
    service_bps: int
    starts_at: datetime
    ends_at: datetime
    base_orders: int
    gross_orders: int
    net_orders: int
    reached: bool
    label: str
    notes: list[EnrolmentNote]
    shown_to: str
    contact: str
    state: str
    end_cause: str | None
    reason: str
    applied_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None
    cancel: str | None
    extension: str | None
    extension_ends_at: datetime | None
    answer_until: datetime | None


class EnrolmentPage(Schema):
    """A page of enrolments."""

    items: list[ActivityEnrolment]
    next: Next


class Enrolments(Schema):
    """Several enrolments."""

    items: list[ActivityEnrolment]


def by_of(request: HttpRequest, key: str | None) -> By:
    """Return who calls, for a journey."""
    return By(party_id(request), acting(request), clock.now(), key)


def written(request: HttpRequest, key: str, work: Callable[[By], EnrolmentShown], *, status: int = 200) -> object:
    """Do a write on one enrolment, once per key, and answer with how it stands by it."""
    by = by_of(request, key)
    return once(request, key, ActivityEnrolment, lambda: shown([work(by)])[0], status=status)


def opened(request: HttpRequest) -> int:
    """Return the caller's party, to whom the functions are open.

    Raises:
        CooperationClosed: they aren't.
    """
    cooperation.check_open(party_id(request))
    return party_id(request)


def place(after: str) -> int | None:
    """Return where a page begins."""
    return int(after) if after else None


def activities(found: Sequence[ActivityShown], *, limit: int, own: bool) -> dict[str, Any]:
    """Return a page of activities; `own`: for their leader."""
    full = len(found) == limit
    return {
        "items": [activity(one, own=own) for one in found],
        "next": str(found[-1].activity_id) if full and found else "",
    }


def activity(one: ActivityShown, *, own: bool) -> dict[str, Any]:
    """Return an activity; who it is open to is for its leader (`own`)."""
    same = ("no", "title", "starts_at", "ends_at", "sample", "note", "published_at", "closed_at")
    names = parties.refs([one.leader_id, *(one.promoter_ids if own else ())])
    return {name: getattr(one, name) for name in same} | {
        "leader": names[one.leader_id].name,
        "kind": one.kind.value,
        "state": one.state.value,
        "min_rate_bps": one.floor.min_rate_bps,
        "min_service_bps": one.floor.min_service_bps,
        "floors": [_floor(id_, floor) for id_, floor in one.floors.items()],
        "promoters": [names[id_].no for id_ in one.promoter_ids] if own else [],
        "contact": cooperation_of.contact_of_activity(no=one.no),
    }


def enrolments(found: Sequence[EnrolmentShown], *, limit: int) -> dict[str, Any]:
    """Return a page of enrolments."""
    full = len(found) == limit
    return {"items": shown(found), "next": str(found[-1].enrolment_id) if full and found else ""}


def shown(found: Sequence[EnrolmentShown]) -> list[dict[str, Any]]:
    """Return enrolments for one of their two sides."""
    products = catalog.product_facts({one.product_id for one in found})
    names = parties.refs({id_ for one in found for id_ in (one.merchant_id, one.leader_id)})
    return [_enrolment(one, products, names) for one in found]


def _enrolment(one: EnrolmentShown, products: Mapping[int, Any], names: Mapping[int, Any]) -> dict[str, Any]:
    same = "no activity_no rate_bps service_bps starts_at ends_at base_orders gross_orders net_orders reached reason"
    label, wish = cooperation_of.label(one), one.extension
    waits = wish is not None and wish.state is ExtensionState.OPEN
    times = {"applied_at": one.applied_at, "decided_at": one.decided_at, "ended_at": one.ended_at}
    return (
        {name: getattr(one, name) for name in same.split()}
        | times
        | {
            "activity": one.activity_title,
            "leader": names[one.leader_id].name,
            "shop": names[one.merchant_id].name,
            "product_no": products[one.product_id].product_no,
            "product": products[one.product_id].title,
            "label": said(label.zh, label.en),
            "notes": [{"text": said(note.zh, note.en), "red": note.red} for note in cooperation_of.notes(one)],
            "shown_to": one.shown_to.value,
            "contact": cooperation_of.contact_of_enrolment(no=one.no, promoter=False, now=clock.now()),
            "state": one.state.value,
            "end_cause": one.end_cause.value if one.end_cause else None,
            "cancel": one.cancel.state.value if one.cancel else None,
            "extension": wish.state.value if wish else None,
            "extension_ends_at": wish.new_ends_at if wish else None,
            "answer_until": cooperation_of.lapses_at(wish.asked_at) if wish and waits else None,
        }
    )


def _floor(category_id: int, floor: Floor) -> dict[str, int]:
    rates = {"min_rate_bps": floor.min_rate_bps, "min_service_bps": floor.min_service_bps}
    return {"category_id": category_id} | rates
