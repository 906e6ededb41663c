"""A shop in leaders' activities: what is open, enrolling, "can I cancel now?", cancelling, answering (§9)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from tuike.apps.types import Scope
from tuike.catalog import queries as catalog
from tuike.cooperation import queries as cooperation_of
from tuike.cooperation.types import ActivityKind, EnrolmentState, NewEnrolment, OpenWanted, ShownTo
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
from tuike.doors.openapi.kinds import PLAIN, Body, Bps, IdempotencyKey, Limit, Number, Text, answers
from tuike.doors.openapi.targeting import Instant
from tuike.doors.web.said import said
from tuike.flows import cancel_cooperation, enrol_products, extend_cooperation
from tuike.flows.enrol_products import EnrolmentOwed
from tuike.flows.target_promoters import By
from tuike.kit import clock
from tuike.kit.errors import Invalid, NotFound, Refusal, about
from tuike.parties.types import PartyKind

router = Router(tags=["cooperation with leaders"])
_READ = (Scope.COOPERATION_READ, PartyKind.MERCHANT)
_WRITE = (Scope.COOPERATION_WRITE, PartyKind.MERCHANT)


class EnrolmentTerms(Body):
    """A product to enrol and its terms; without a start it starts now, or with the activity."""

    product_no: No
    rate_bps: Bps
    service_bps: Bps
    starts_at: Instant | None = None
    ends_at: Instant
    base_orders: Annotated[int, Field(strict=True, ge=0, le=1_000_000_000)] = 0


class NewEnrolments(Body):
    """Products to enrol, all or none. `contact` is shown to the leader, or to promoters of the activity, too."""

    products: Annotated[list[EnrolmentTerms], Field(min_length=1, max_length=100)]
    shown_to: Literal["leader", "leader_and_promoters"] = "leader"
    contact: Annotated[str, StringConstraints(max_length=100, pattern=PLAIN)] = ""


class ExtensionAnswer(Body):
    """Whether the shop agrees to the later end."""

    agree: bool


class EnrolmentOwedShown(Schema):
    """What one piece at the product's lowest price would owe through the activity, and what is left to the shop at
    worst."""

    product_no: str
    public_bps: int
    public_fen: int
    bps: int
    direct_fen: int
    highest_fen: int
    tiers_fen: int
    service_bps: int
    service_fen: int
    left_fen: int


class EnrolmentPreview(Schema):
    """What enrolling would owe. Nothing of it has happened."""

    products: list[EnrolmentOwedShown]


class CanCancelNow(Schema):
    """Whether the shop can cancel now: `answer` is `at_once`, `leader_for_now`, `leader`, `under_review`, `withdraw` or
    `over`; `text` says it in words. `after`: behind this instant it could be at once, as counts stand."""

    answer: str
    text: str
    leader_decides: bool
    after: datetime | None


class CancelFiled(Schema):
    """What filing a cancel did, and how the enrolment stands by it."""

    text: str
    at_once: bool
    enrolment: ActivityEnrolment


@router.get("/activities", response=answers(LeaderActivityPage), auth=Needs(*_READ))
def list_open_activities(
    request: HttpRequest,
    words: Text = "",
    kind: Literal["ordinary", "exclusive"] | None = None,
    limit: Limit = 50,
    after: After = "",
) -> object:
    """List the activities that take products now, newest first; `words`: in the title, or the number."""
    contracts.opened(request)
    found = cooperation_of.open_activities(
        now=clock.now(),
        wanted=OpenWanted(words=words, kind=ActivityKind(kind) if kind else None),
        before_id=contracts.place(after),
        limit=limit,
    )
    return contracts.activities(found, limit=limit, own=False)


@router.get("/activities/{no}", response=answers(LeaderActivity), auth=Needs(*_READ))
def show_open_activity(request: HttpRequest, no: Number) -> object:
    """Show an activity that takes products now."""
    contracts.opened(request)
    return contracts.activity(cooperation_of.open_activity(no=no, now=clock.now()), own=False)


@router.post("/activities/{no}/enrolments", response=answers(Enrolments, 201), auth=Needs(*_WRITE))
def enrol_in_activity(request: HttpRequest, no: Number, body: NewEnrolments, key: IdempotencyKey) -> object:
    """Enrol products, each at its own terms, all or none; the leader decides. A no points at the product."""
    by = contracts.by_of(request, key)

    def work() -> dict[str, Any]:
        made = enrol_products.enrol_products(activity_no=no, wanted=_wanted(body, by), by=by)
        return {"items": contracts.shown(made)}

    with _pointing(request, body):
        return once(request, key, Enrolments, work, status=201)


@router.post("/activities/{no}/enrolments/preview", response=answers(EnrolmentPreview), auth=Needs(*_WRITE))
def preview_enrolments(request: HttpRequest, no: Number, body: NewEnrolments) -> object:
    """Show what enrolling would owe, without doing it."""
    by = contracts.by_of(request, None)
    with _pointing(request, body):
        owed = enrol_products.preview_enrolments(activity_no=no, wanted=_wanted(body, by), by=by)
    return {"products": _owed(owed)}


@router.get("/enrolments", response=answers(EnrolmentPage), auth=Needs(*_READ))
def list_enrolments(
    request: HttpRequest,
    activity: OfActivity = "",
    state: InState | None = None,
    limit: Limit = 50,
    after: After = "",
) -> object:
    """List the shop's enrolled products, newest first."""
    found = cooperation_of.enrolments_of_merchant(
        merchant_id=contracts.opened(request),
        activity_no=activity,
        states=[EnrolmentState(state)] if state else [],
        before_id=contracts.place(after),
        limit=limit,
    )
    return contracts.enrolments(found, limit=limit)


@router.get("/enrolments/{no}", response=answers(ActivityEnrolment), auth=Needs(*_READ))
def show_enrolment(request: HttpRequest, no: Number) -> object:
    """Show one of the shop's enrolled products."""
    return contracts.shown([cooperation_of.enrolment_of_merchant(merchant_id=contracts.opened(request), no=no)])[0]


@router.get("/enrolments/{no}/can-cancel", response=answers(CanCancelNow), auth=Needs(*_READ))
def can_cancel_now(request: HttpRequest, no: Number) -> object:
    """Say whether the shop can cancel now; if not, from when on, or who decides."""
    one = cooperation_of.enrolment_of_merchant(merchant_id=contracts.opened(request), no=no)
    found = cooperation_of.can_cancel(one, clock.now())
    return {
        "answer": found.answer.value,
        "text": said(found.zh, found.en),
        "leader_decides": found.leader_decides,
        "after": found.after,
    }


@router.post("/enrolments/{no}/withdrawal", response=answers(ActivityEnrolment), auth=Needs(*_WRITE))
def withdraw_enrolment(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Take an application back that the leader hasn't decided on."""
    return contracts.written(request, key, lambda by: enrol_products.withdraw_enrolment(no=no, by=by))


@router.post("/enrolments/{no}/cancel", response=answers(CancelFiled), auth=Needs(*_WRITE))
def cancel_enrolment(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """File a cancel: it takes effect at once, or the leader decides."""
    by = contracts.by_of(request, key)

    def work() -> dict[str, Any]:
        done = cancel_cooperation.ask_cancel(no=no, by=by)
        note = cooperation_of.filed(done)
        at_once = done.state is EnrolmentState.ENDED
        return {"text": said(note.zh, note.en), "at_once": at_once, "enrolment": contracts.shown([done])[0]}

    return once(request, key, CancelFiled, work)


@router.post("/enrolments/{no}/extension-answer", response=answers(ActivityEnrolment), auth=Needs(*_WRITE))
def answer_extension(request: HttpRequest, no: Number, body: ExtensionAnswer, key: IdempotencyKey) -> object:
    """Agree to the later end that the leader asks for, or refuse it."""
    return contracts.written(
        request, key, lambda by: extend_cooperation.answer_extension(no=no, agree=body.agree, by=by)
    )


@contextmanager
def _pointing(request: Any, body: NewEnrolments) -> Iterator[None]:
    """Let a no that is about one of the products point at its place in the request."""
    try:
        yield
    except Refusal as refusal:
        nos = [one.product_no for one in body.products]
        if refusal.about in nos:
            request.refused_at = ("products", str(nos.index(refusal.about)))
        raise


def _wanted(body: NewEnrolments, by: By) -> list[NewEnrolment]:
    """Return what is to be enrolled.

    Raises:
        NotFound: a number that is no product of the shop's. Invalid: one comes twice.
    """
    ids = catalog.own_ids(merchant_id=by.party_id, product_nos=[one.product_no for one in body.products])
    for one in body.products:
        if one.product_no not in ids:
            with about(one.product_no):
                raise NotFound
    if len({one.product_no for one in body.products}) < len(body.products):
        raise Invalid(field="products", reason_zh="同一项出现多次", reason_en="names something twice")
    return [
        NewEnrolment(
            product_id=ids[one.product_no],
            rate_bps=one.rate_bps,
            service_bps=one.service_bps,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            base_orders=one.base_orders,
            shown_to=ShownTo(body.shown_to),
            contact=body.contact,
        )
        for one in body.products
    ]


def _owed(owed: Sequence[EnrolmentOwed]) -> list[dict[str, Any]]:
    same = ("public_bps", "public_fen", "bps", "direct_fen", "highest_fen", "tiers_fen")
    return [
        {name: getattr(one.owed, name) for name in same}
        | {"product_no": one.owed.product.product_no, "left_fen": one.left_fen}
        | {"service_bps": one.service_bps, "service_fen": one.service_fen}
        for one in owed
    ]
