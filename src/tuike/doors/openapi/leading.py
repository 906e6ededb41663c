"""A leader's activities and what is enrolled in them: run, passed, rejected, decided on, extended (§9)."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from tuike.apps.types import Scope
from tuike.cooperation import queries as cooperation_of
from tuike.cooperation.types import (
    ActivityChange,
    ActivityKind,
    ActivityShown,
    ActivityState,
    EnrolmentState,
    Floor,
    NewActivity,
)
from tuike.doors.openapi import contracts
from tuike.doors.openapi.callers import Needs
from tuike.doors.openapi.contracts import (
    ActivityEnrolment,
    After,
    EnrolmentPage,
    Enrolments,
    InState,
    LeaderActivity,
    LeaderActivityPage,
    No,
    OfActivity,
)
from tuike.doors.openapi.keys import once
from tuike.doors.openapi.kinds import PLAIN, Body, Bps, Id, IdempotencyKey, Limit, Number, answers
from tuike.doors.openapi.targeting import Instant
from tuike.flows import cancel_cooperation, enrol_products, extend_cooperation, run_activity
from tuike.flows.target_promoters import By
from tuike.kit.errors import Invalid, NotFound
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

router = Router(tags=["cooperation with leaders"])
_READ = (Scope.COOPERATION_READ, PartyKind.LEADER)
_WRITE = (Scope.COOPERATION_WRITE, PartyKind.LEADER)
_Words = Annotated[str, StringConstraints(max_length=500, pattern=PLAIN)]
_Short = Annotated[str, StringConstraints(max_length=100, pattern=PLAIN)]


class NewCategoryFloor(Body):
    """The least rates in a category and all below it."""

    category_id: Id
    min_rate_bps: Bps
    min_service_bps: Bps


class ActivityText(Body):
    """An activity as it shall be; without a start it starts now. `promoters`: numbers, for an exclusive one."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=PLAIN)]
    kind: Literal["ordinary", "exclusive"] = "ordinary"
    starts_at: Instant | None = None
    ends_at: Instant
    min_rate_bps: Bps
    min_service_bps: Bps
    floors: Annotated[list[NewCategoryFloor], Field(max_length=200)] = Field(default_factory=list)
    promoters: Annotated[list[No], Field(max_length=500)] = Field(default_factory=list)
    sample: _Words = ""
    contact: _Short = ""
    note: _Words = ""


class EnrolmentDecision(Body):
    """Applications to pass, or to turn away with a reason; all or none."""

    enrolments: Annotated[list[No], Field(min_length=1, max_length=100)]
    accept: bool
    reason: Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)] = ""


class CancelDecision(Body):
    """Whether the leader agrees to the end."""

    agree: bool


class LaterEnd(Body):
    """The end that the leader asks for."""

    ends_at: Instant


class Deleted(Schema):
    """The number of what was deleted."""

    no: str


_ActivityState = Literal["draft", "published", "closed"]


@router.get("/activities", response=answers(LeaderActivityPage), auth=Needs(*_READ))
def list_own_activities(
    request: HttpRequest, state: _ActivityState | None = None, limit: Limit = 50, after: After = ""
) -> object:
    """List the leader's activities, newest first."""
    found = cooperation_of.activities_of(
        leader_id=contracts.opened(request),
        states=[ActivityState(state)] if state else [],
        before_id=contracts.place(after),
        limit=limit,
    )
    return contracts.activities(found, limit=limit, own=True)


@router.post("/activities", response=answers(LeaderActivity, 201), auth=Needs(*_WRITE))
def add_activity(request: HttpRequest, body: ActivityText, key: IdempotencyKey) -> object:
    """Write a draft of an activity."""
    return _written(request, key, lambda by: run_activity.create_activity(activity=_new(body, by), by=by), status=201)


@router.get("/activities/{no}", response=answers(LeaderActivity), auth=Needs(*_READ))
def show_own_activity(request: HttpRequest, no: Number) -> object:
    """Show one of the leader's activities."""
    found = cooperation_of.activity_of(leader_id=contracts.opened(request), no=no)
    return contracts.activity(found, own=True)


@router.put("/activities/{no}", response=answers(LeaderActivity), auth=Needs(*_WRITE))
def update_activity(request: HttpRequest, no: Number, body: ActivityText, key: IdempotencyKey) -> object:
    """Write a draft anew, or change a published activity: its kind and start stay, its end may be later."""

    def work(by: By) -> ActivityShown:
        had = cooperation_of.activity_of(leader_id=by.party_id, no=no)
        if had.state is ActivityState.DRAFT:
            return run_activity.change_draft(no=no, activity=_new(body, by), by=by)
        return run_activity.change_activity(no=no, change=ActivityChange(**_said(body)), by=by)

    return _written(request, key, work)


@router.post("/activities/{no}/publish", response=answers(LeaderActivity), auth=Needs(*_WRITE))
def publish_own_activity(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Open a draft for shops' products."""
    return _written(request, key, lambda by: run_activity.publish_activity(no=no, by=by))


@router.post("/activities/{no}/close", response=answers(LeaderActivity), auth=Needs(*_WRITE))
def close_own_activity(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Close an activity at once, with every cooperation in it."""
    return _written(request, key, lambda by: run_activity.close_activity(no=no, by=by))


@router.delete("/activities/{no}", response=answers(Deleted), auth=Needs(*_WRITE))
def delete_own_activity(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Take a draft or a closed activity off the list."""
    by = contracts.by_of(request, key)

    def work() -> dict[str, Any]:
        run_activity.delete_activity(no=no, by=by)
        return {"no": no}

    return once(request, key, Deleted, work)


@router.get("/enrolments", response=answers(EnrolmentPage), auth=Needs(*_READ))
def list_enrolled(
    request: HttpRequest,
    activity: OfActivity = "",
    state: InState | None = None,
    limit: Limit = 50,
    after: After = "",
) -> object:
    """List what is enrolled in the leader's activities, newest first."""
    found = cooperation_of.enrolments_in(
        leader_id=contracts.opened(request),
        activity_no=activity,
        states=[EnrolmentState(state)] if state else [],
        before_id=contracts.place(after),
        limit=limit,
    )
    return contracts.enrolments(found, limit=limit)


@router.post("/enrolments/decisions", response=answers(Enrolments), auth=Needs(*_WRITE))
def decide_enrolments(request: HttpRequest, body: EnrolmentDecision, key: IdempotencyKey) -> object:
    """Pass products, or turn them away with a reason; the shops are told."""
    by = contracts.by_of(request, key)

    def work() -> dict[str, Any]:
        if body.accept:
            done = enrol_products.pass_enrolments(nos=body.enrolments, by=by)
        else:
            done = enrol_products.reject_enrolments(nos=body.enrolments, reason=body.reason, by=by)
        return {"items": contracts.shown(done)}

    return once(request, key, Enrolments, work)


@router.get("/enrolments/{no}", response=answers(ActivityEnrolment), auth=Needs(*_READ))
def show_enrolled(request: HttpRequest, no: Number) -> object:
    """Show a product that is enrolled with the leader."""
    return contracts.shown([cooperation_of.enrolment_of_leader(leader_id=contracts.opened(request), no=no)])[0]


@router.post("/enrolments/{no}/cancel-decision", response=answers(ActivityEnrolment), auth=Needs(*_WRITE))
def decide_cancel(request: HttpRequest, no: Number, body: CancelDecision, key: IdempotencyKey) -> object:
    """Agree to the end of a cooperation, or refuse: then it goes on, and the shop may file again."""
    return contracts.written(request, key, lambda by: cancel_cooperation.decide_cancel(no=no, agree=body.agree, by=by))


@router.post("/enrolments/{no}/extension", response=answers(ActivityEnrolment, 201), auth=Needs(*_WRITE))
def ask_extension(request: HttpRequest, no: Number, body: LaterEnd, key: IdempotencyKey) -> object:
    """Ask the shop for a later end; no answer within three days is a refusal."""
    return contracts.written(
        request, key, lambda by: extend_cooperation.ask_extension(no=no, ends_at=body.ends_at, by=by), status=201
    )


def _written(request: HttpRequest, key: str, work: Callable[[By], ActivityShown], *, status: int = 200) -> object:
    by = contracts.by_of(request, key)
    return once(request, key, LeaderActivity, lambda: contracts.activity(work(by), own=True), status=status)


def _new(body: ActivityText, by: By) -> NewActivity:
    return NewActivity(kind=ActivityKind(body.kind), starts_at=body.starts_at or by.now, **_said(body))


def _said(body: ActivityText) -> dict[str, Any]:
    """Return what can be changed of an activity, as `ActivityChange` has it."""
    same = ("title", "ends_at", "sample", "contact", "note")
    return {name: getattr(body, name) for name in same} | {
        "floor": Floor(body.min_rate_bps, body.min_service_bps),
        "floors": _floors(body),
        "promoter_ids": _promoters(body),
    }


def _floors(body: ActivityText) -> dict[int, Floor]:
    """Return the floors by category.

    Raises:
        Invalid: a category comes twice.
    """
    found = {one.category_id: Floor(one.min_rate_bps, one.min_service_bps) for one in body.floors}
    if len(found) < len(body.floors):
        raise Invalid(field="floors", reason_zh="同一项出现多次", reason_en="names something twice")
    return found


def _promoters(body: ActivityText) -> tuple[int, ...]:
    """Return the promoters of these numbers.

    Raises:
        NotFound: a number that is no promoter's.
    """
    found = [parties.find(no) for no in dict.fromkeys(body.promoters)]
    if any(one is None or one.kind is not PartyKind.PROMOTER for one in found):
        raise NotFound
    return tuple(one.id for one in found if one is not None)
