"""A shop's targeted plans: made and changed after a look, promoters invited, taken in, turned away, removed."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field, StringConstraints

from tuike.apps.types import Scope
from tuike.catalog import queries as catalog
from tuike.doors.openapi.callers import Needs, acting, party_id
from tuike.doors.openapi.keys import once
from tuike.doors.openapi.kinds import PLAIN, Body, Bps, IdempotencyKey, Number, answers
from tuike.doors.openapi.opportunities import PlanProduct, phase_of, products_of
from tuike.doors.openapi.rows import Rows
from tuike.flows import preview_plan, target_promoters
from tuike.flows.preview_plan import Owed
from tuike.flows.target_promoters import By
from tuike.insight.lists.cooperation import MEMBERS, PLANS
from tuike.kit import clock
from tuike.kit.errors import Invalid, NotFound
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.plans import queries as plans_of
from tuike.plans.types import NewTargetedPlan, TargetedPlanChange, TargetedPlanShown

router = Router(tags=["targeted plans"])
MOST_PROMOTERS = 50
_No = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[0-9A-Za-z]+$")]
_Promoters = Annotated[list[_No], Field(min_length=1, max_length=MOST_PROMOTERS)]
_Words = Annotated[str, StringConstraints(max_length=500, pattern=PLAIN)]
Instant = Annotated[
    AwareDatetime,
    Field(
        strict=False,
        ge=datetime(2000, 1, 1, tzinfo=UTC),
        le=datetime(2200, 1, 1, tzinfo=UTC),
        description="With its offset: `2026-03-02T04:00:00Z`.",
    ),
]
LIST = Rows(
    name="TargetedPlan",
    says="A targeted plan of the shop.",
    listing=PLANS,
    leave=("new",),
    extra={"no": "name__no"},
)
MEMBER = Rows(
    name="PlanMember",
    says="A promoter in a plan, or on the way into or out of it.",
    listing=MEMBERS,
    extra={"no": "name__under"},
)


class ProductRate(Body):
    """A product's rate in the plan."""

    product_no: _No
    rate_bps: Bps


_Rates = Annotated[list[ProductRate], Field(min_length=1, max_length=200)]


class NewPlan(Body):
    """A plan to make; without a start it starts now."""

    name: _Words
    note: _Words = ""
    starts_at: Instant | None = None
    ends_at: Instant
    rates: _Rates


class ChangedPlan(Body):
    """What a plan shall be. Changed rates hold from the next midnight on."""

    name: _Words
    note: _Words = ""
    ends_at: Instant
    rates: _Rates


class Invitation(Body):
    """Promoters to invite, by number."""

    promoters: _Promoters
    message: _Words = ""


class Decision(Body):
    """Applicants to take in, or to turn away with a reason."""

    promoters: _Promoters
    accept: bool
    reason: _Words = ""


class Removal(Body):
    """A promoter to take out, with a reason."""

    promoter: _No
    reason: _Words


class PlanDetail(Schema):
    """A plan with its products and invite link."""

    no: str
    name: str
    note: str
    phase: str
    starts_at: datetime
    ends_at: datetime
    stopped_at: datetime | None
    invite_link: str
    products: list[PlanProduct]


class OwedShown(Schema):
    """What one piece at the product's lowest price would owe, and what is left to the shop at worst."""

    product_no: str
    public_bps: int
    public_fen: int
    bps: int
    direct_fen: int
    highest_fen: int
    tiers_fen: int
    left_fen: int


class PlanPreview(Schema):
    """What a plan would owe from `from_at` on. Nothing of it has happened."""

    from_at: datetime
    products: list[OwedShown]


_READ = (Scope.PLANS_READ, PartyKind.MERCHANT)
_WRITE = (Scope.PLANS_WRITE, PartyKind.MERCHANT)


@router.get("/targeted-plans", response=answers(LIST.page), auth=Needs(*_READ))
def list_targeted_plans(request: HttpRequest, query: Query[LIST.query]) -> object:
    """List the shop's targeted plans, newest first."""
    return LIST.read(query, {"merchant": party_id(request), "now": clock.now().isoformat()})


@router.post("/targeted-plans", response=answers(PlanDetail, 201), auth=Needs(*_WRITE))
def add_targeted_plan(request: HttpRequest, body: NewPlan, key: IdempotencyKey) -> object:
    """Make a targeted plan."""
    by = _by(request, key)

    def work() -> dict[str, Any]:
        return _plan(target_promoters.create_plan(plan=_new(body, by), by=by), by.now)

    return once(request, key, PlanDetail, work, status=201)


@router.post("/targeted-plans/preview", response=answers(PlanPreview), auth=Needs(*_WRITE))
def preview_targeted_plan(request: HttpRequest, body: NewPlan) -> object:
    """Show what a plan would owe, without making it."""
    by = _by(request, None)
    wanted = _new(body, by)
    return {"from_at": wanted.starts_at, "products": _owed(preview_plan.preview_plan(plan=wanted, by=by))}


@router.get("/targeted-plans/{no}", response=answers(PlanDetail), auth=Needs(*_READ))
def show_targeted_plan(request: HttpRequest, no: Number) -> object:
    """Show one plan."""
    return _plan(plans_of.targeted_plan(merchant_id=party_id(request), no=no), clock.now())


@router.put("/targeted-plans/{no}", response=answers(PlanDetail), auth=Needs(*_WRITE))
def update_targeted_plan(request: HttpRequest, no: Number, body: ChangedPlan, key: IdempotencyKey) -> object:
    """Change a plan; who is in it is told."""
    by = _by(request, key)

    def work() -> dict[str, Any]:
        target_promoters.change_plan(no=no, change=_change(body, by), by=by)
        return _plan(plans_of.targeted_plan(merchant_id=by.party_id, no=no), by.now)

    return once(request, key, PlanDetail, work)


@router.post("/targeted-plans/{no}/preview", response=answers(PlanPreview), auth=Needs(*_WRITE))
def preview_targeted_plan_change(request: HttpRequest, no: Number, body: ChangedPlan) -> object:
    """Show what a changed plan would owe, without changing it."""
    by = _by(request, None)
    from_at, owed = preview_plan.preview_change(no=no, change=_change(body, by), by=by)
    return {"from_at": from_at, "products": _owed(owed)}


@router.post("/targeted-plans/{no}/stop", response=answers(PlanDetail), auth=Needs(*_WRITE))
def stop_targeted_plan(request: HttpRequest, no: Number, key: IdempotencyKey) -> object:
    """Stop a plan from the next midnight on."""
    by = _by(request, key)
    return once(request, key, PlanDetail, lambda: _done(target_promoters.stop_plan(no=no, by=by), no, by))


@router.get("/targeted-plans/{no}/promoters", response=answers(MEMBER.page), auth=Needs(*_READ))
def list_plan_promoters(request: HttpRequest, no: Number, query: Query[MEMBER.query]) -> object:
    """List who is in a plan, who asks, who is invited."""
    plan = plans_of.targeted_plan(merchant_id=party_id(request), no=no)
    return MEMBER.read(query, {"plan": plan.plan_id})


@router.post("/targeted-plans/{no}/invitations", response=answers(PlanDetail, 201), auth=Needs(*_WRITE))
def invite_promoters(request: HttpRequest, no: Number, body: Invitation, key: IdempotencyKey) -> object:
    """Invite promoters; those who are new to the plan are told."""
    by = _by(request, key)

    def work() -> dict[str, Any]:
        target_promoters.invite(no=no, promoter_ids=_promoters(body.promoters), message=body.message, by=by)
        return _done(None, no, by)

    return once(request, key, PlanDetail, work, status=201)


@router.post("/targeted-plans/{no}/decisions", response=answers(PlanDetail), auth=Needs(*_WRITE))
def decide_applications(request: HttpRequest, no: Number, body: Decision, key: IdempotencyKey) -> object:
    """Take applicants in, or turn them away; they are told."""
    by = _by(request, key)

    def work() -> dict[str, Any]:
        who = _promoters(body.promoters)
        target_promoters.decide(no=no, promoter_ids=who, accept=body.accept, reason=body.reason, by=by)
        return _done(None, no, by)

    return once(request, key, PlanDetail, work)


@router.post("/targeted-plans/{no}/removals", response=answers(PlanDetail), auth=Needs(*_WRITE))
def remove_promoter(request: HttpRequest, no: Number, body: Removal, key: IdempotencyKey) -> object:
    """Take a promoter out of a plan from the next midnight on; it is told."""
    by = _by(request, key)

    def work() -> dict[str, Any]:
        [who] = _promoters([body.promoter])
        target_promoters.remove_member(no=no, promoter_id=who, reason=body.reason, by=by)
        return _done(None, no, by)

    return once(request, key, PlanDetail, work)


def _by(request: HttpRequest, key: str | None) -> By:
    return By(party_id(request), acting(request), clock.now(), key)


def _done(_: None, no: str, by: By) -> dict[str, Any]:
    return _plan(plans_of.targeted_plan(merchant_id=by.party_id, no=no), by.now)


def _new(body: NewPlan, by: By) -> NewTargetedPlan:
    """Return the plan that is wanted; a start that has passed is now."""
    starts_at = max(body.starts_at or by.now, by.now)
    rates = _rates(body.rates, by)
    return NewTargetedPlan(name=body.name, note=body.note, starts_at=starts_at, ends_at=body.ends_at, rates=rates)


def _change(body: ChangedPlan, by: By) -> TargetedPlanChange:
    return TargetedPlanChange(name=body.name, note=body.note, ends_at=body.ends_at, rates=_rates(body.rates, by))


def _rates(rates: Sequence[ProductRate], by: By) -> dict[int, int]:
    """Return the rates by product.

    Raises:
        NotFound: one of the numbers is no product of the shop's. Invalid: one comes twice.
    """
    ids = catalog.own_ids(merchant_id=by.party_id, product_nos=[one.product_no for one in rates])
    if {one.product_no for one in rates} - set(ids):
        raise NotFound
    found = {ids[one.product_no]: one.rate_bps for one in rates}
    if len(found) < len(rates):
        raise Invalid(field="rates", reason_zh="同一项出现多次", reason_en="names something twice")
    return found


def _promoters(nos: Sequence[str]) -> list[int]:
    """Return the promoters of these numbers.

    Raises:
        NotFound: a number that is no promoter's.
    """
    found = [parties.find(no) for no in dict.fromkeys(nos)]
    if any(one is None or one.kind is not PartyKind.PROMOTER for one in found):
        raise NotFound
    return [one.id for one in found if one is not None]


def _plan(plan: TargetedPlanShown, now: datetime) -> dict[str, Any]:
    same = ("no", "name", "note", "starts_at", "ends_at", "stopped_at")
    shown: dict[str, Any] = {name: getattr(plan, name) for name in same}
    return shown | {
        "phase": phase_of(plan, now),
        "invite_link": settings.PUBLIC_BASE.rstrip("/") + reverse("console:join", kwargs={"code": plan.invite_code}),
        "products": products_of(plan, now),
    }


def _owed(owed: Sequence[Owed]) -> list[dict[str, Any]]:
    names = [name for name in OwedShown.model_fields if name != "product_no"]
    return [{name: getattr(one, name) for name in names} | {"product_no": one.product.product_no} for one in owed]
