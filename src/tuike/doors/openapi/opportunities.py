"""Targeted plans as a promoter's software sees them: what shops offer, an invite link, applying, answering."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import StringConstraints

from tuike.apps.types import Scope
from tuike.catalog import queries as catalog
from tuike.doors.openapi.callers import Needs, acting, party_id
from tuike.doors.openapi.keys import once
from tuike.doors.openapi.kinds import PLAIN, Body, IdempotencyKey, Number, answers
from tuike.doors.openapi.rows import Rows
from tuike.flows import target_promoters
from tuike.flows.target_promoters import By
from tuike.insight import plan_goods
from tuike.insight.lists import cooperation
from tuike.kit import clock
from tuike.matching import queries as matching
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.plans import queries as plans_of
from tuike.plans.types import TargetedPlanShown

router = Router(tags=["targeted plans"])
OPEN = Rows(
    name="Opportunity",
    says="A shop's request for promoters, as long as it takes applications.",
    listing=cooperation.OPEN_REQUESTS,
    extra={"no": "title__no", "shop": "title__under"},
    leave=("new",),
)
MINE = Rows(
    name="MyTargetedPlan",
    says="A targeted plan that the promoter has to do with, and where it stands in it.",
    listing=cooperation.MINE,
    extra={"no": "name__no", "shop": "name__under"},
)


class PlanProduct(Schema):
    """A product of a plan: its rate in the plan, what everybody gets, and the rate that comes next (0: none)."""

    no: str
    title: str
    price_fen: int
    rate_bps: int | None
    public_rate_bps: int
    commission_fen: int
    next_rate_bps: int | None
    next_at: datetime | None


class PlanForPromoter(Schema):
    """A targeted plan, its products, where the promoter stands; `state` is null where it has nothing to do with it."""

    no: str
    name: str
    note: str
    shop: str
    phase: str
    starts_at: datetime
    ends_at: datetime
    products: list[PlanProduct]
    state: str | None
    since: datetime | None
    message: str
    reason: str


class OpportunityDetail(Schema):
    """A request for promoters with its plan. `level` is the promoter's own."""

    no: str
    title: str
    text: str
    open: bool
    open_until: datetime
    min_level: int
    level: int
    category_ids: list[int]
    plan: PlanForPromoter


class Application(Body):
    """What the promoter says to the shop."""

    message: Annotated[str, StringConstraints(max_length=200, pattern=PLAIN)] = ""


class Answer(Body):
    """The answer to an invitation."""

    accept: bool


@router.get("/opportunities", response=answers(OPEN.page), auth=Needs(Scope.PLANS_READ, PartyKind.PROMOTER))
def list_opportunities(request: HttpRequest, query: Query[OPEN.query]) -> object:
    """List the requests that take applications."""
    tops = [(n.category_id, n.name, n.name_en or n.name) for n in catalog.categories() if len(n.path) == 1]
    return OPEN.read(query, _scope(request) | {"categories": tops})


@router.get(
    "/opportunities/{no}", response=answers(OpportunityDetail), auth=Needs(Scope.PLANS_READ, PartyKind.PROMOTER)
)
def show_opportunity(request: HttpRequest, no: Number) -> object:
    """Show a request: its plan, what it asks for, where the promoter stands."""
    now, promoter_id = clock.now(), party_id(request)
    found = matching.request_by_no(no)
    plan = plans_of.plans_by_id([found.plan_id])[0]
    level, _ = matching.standing(promoter_id=promoter_id, now=now)
    return {
        "no": found.no,
        "title": found.title,
        "text": found.text,
        "open": found.open(now) and not plan.over(now),
        "open_until": found.open_until,
        "min_level": found.min_level,
        "level": level,
        "category_ids": list(found.category_ids),
        "plan": _plan(plan, promoter_id, now),
    }


@router.post(
    "/opportunities/{no}/application",
    response=answers(PlanForPromoter, 201),
    auth=Needs(Scope.PLANS_WRITE, PartyKind.PROMOTER),
)
def apply_to_opportunity(request: HttpRequest, no: Number, body: Application, key: IdempotencyKey) -> object:
    """Apply to a request; the shop decides."""
    by = _by(request, key)

    def work() -> dict[str, Any]:
        target_promoters.apply_to_request(request_no=no, message=body.message, by=by)
        plan = plans_of.plans_by_id([matching.request_by_no(no).plan_id])[0]
        return _plan(plan, by.party_id, by.now)

    return once(request, key, PlanForPromoter, work, status=201)


@router.get("/invite-links/{code}", response=answers(PlanForPromoter), auth=Needs(Scope.PLANS_READ, PartyKind.PROMOTER))
def show_invite_link(request: HttpRequest, code: Number) -> object:
    """Show the plan behind a shop's invite link (the last part of its address)."""
    return _plan(plans_of.plan_by_code(code), party_id(request), clock.now())


@router.post(
    "/invite-links/{code}/application",
    response=answers(PlanForPromoter, 201),
    auth=Needs(Scope.PLANS_WRITE, PartyKind.PROMOTER),
)
def apply_by_invite_link(request: HttpRequest, code: Number, body: Application, key: IdempotencyKey) -> object:
    """Apply by a shop's invite link; the shop decides."""
    by = _by(request, key)

    def work() -> dict[str, Any]:
        plan = target_promoters.apply_by_code(code=code, message=body.message, by=by)
        return _plan(plan, by.party_id, by.now)

    return once(request, key, PlanForPromoter, work, status=201)


@router.get("/targeted-plans", response=answers(MINE.page), auth=Needs(Scope.PLANS_READ, PartyKind.PROMOTER))
def list_my_targeted_plans(request: HttpRequest, query: Query[MINE.query]) -> object:
    """List the plans that the promoter has to do with."""
    return MINE.read(query, _scope(request))


@router.get("/targeted-plans/{no}", response=answers(PlanForPromoter), auth=Needs(Scope.PLANS_READ, PartyKind.PROMOTER))
def show_my_targeted_plan(request: HttpRequest, no: Number) -> object:
    """Show a plan that the promoter has to do with."""
    plan, _ = plans_of.plan_of_promoter(promoter_id=party_id(request), no=no)
    return _plan(plan, party_id(request), clock.now())


@router.post(
    "/targeted-plans/{no}/answer", response=answers(PlanForPromoter), auth=Needs(Scope.PLANS_WRITE, PartyKind.PROMOTER)
)
def answer_invitation(request: HttpRequest, no: Number, body: Answer, key: IdempotencyKey) -> object:
    """Come in, or decline an invitation."""
    by = _by(request, key)

    def work() -> dict[str, Any]:
        target_promoters.answer_invitation(no=no, accept=body.accept, by=by)
        plan, _ = plans_of.plan_of_promoter(promoter_id=by.party_id, no=no)
        return _plan(plan, by.party_id, by.now)

    return once(request, key, PlanForPromoter, work)


def phase_of(plan: TargetedPlanShown, now: datetime) -> str:
    """Return where a plan stands, in the words of the lists."""
    if plan.over(now):
        return "over" if plan.stopped_at is None else "stopped"
    if plan.stopped_at is not None:
        return "stopping"
    return "coming" if now < plan.starts_at else "running"


def products_of(plan: TargetedPlanShown, now: datetime) -> list[dict[str, Any]]:
    """Return a plan's products as `PlanProduct` has them."""
    return [
        {
            "no": one.product.product_no,
            "title": one.product.title,
            "price_fen": one.product.min_price_fen,
            "rate_bps": one.bps,
            "public_rate_bps": one.public_bps,
            "commission_fen": one.fen,
            "next_rate_bps": one.next_bps if one.next_at else None,
            "next_at": one.next_at,
        }
        for one in plan_goods.goods(plan, now=now)
    ]


def _plan(plan: TargetedPlanShown, promoter_id: int, now: datetime) -> dict[str, Any]:
    mine = plans_of.member_of(plan_id=plan.plan_id, promoter_id=promoter_id)
    return {
        "no": plan.no,
        "name": plan.name,
        "note": plan.note,
        "shop": parties.refs([plan.merchant_id])[plan.merchant_id].name,
        "phase": phase_of(plan, now),
        "starts_at": plan.starts_at,
        "ends_at": plan.until(),
        "products": products_of(plan, now),
        "state": mine.state.value if mine else None,
        "since": mine.since if mine else None,
        "message": mine.message if mine else "",
        "reason": mine.reason if mine else "",
    }


def _scope(request: HttpRequest) -> dict[str, Any]:
    return {"party": party_id(request), "now": clock.now().isoformat()}


def _by(request: HttpRequest, key: str) -> By:
    return By(party_id(request), acting(request), clock.now(), key)


__all__ = ["PlanForPromoter", "PlanProduct", "phase_of", "products_of", "router"]
