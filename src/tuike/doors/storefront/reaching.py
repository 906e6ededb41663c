"""A promoter's grade with the way to the next, and the bonuses for targets that are open to it, on the phone."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import seat, signed_in
from tuike.doors.storefront.kinds import Number, PartyNo
from tuike.doors.web.said import chinese
from tuike.insight import offers
from tuike.insight.grade_progress import progress_of
from tuike.insight.offers import Proof, Reaching
from tuike.kit import clock
from tuike.kit.errors import NotFound
from tuike.parties.types import PartyKind
from tuike.plans import queries as plans
from tuike.plans.types import GradeShown
from tuike.settings import service as settings

router = Router(auth=signed_in, tags=["promoter"])


class GradeStep(Schema):
    """A step of the ladder: what it takes (fen of settled sales, or orders) and what it adds to direct commission."""

    name: str
    takes: int
    extra_bps: int


class GradeWay(Schema):
    """A promoter's grade. `measured` is what settled in the last `window_days` days: fen, or orders where `by_orders`;
    `missing` is what the `next` step still takes. `coming` holds from the next midnight on; `falls_at`: one step down
    from then, to `falls_to` (none: off the ladder), unless what the step takes is reached again. `grace_days`: how long
    one may be under a step."""

    grade: GradeStep | None
    coming: GradeStep | None
    next: GradeStep | None
    by_orders: bool
    window_days: int
    measured: int
    missing: int | None
    falls_at: datetime | None
    falls_to: GradeStep | None
    grace_days: int
    ladder: list[GradeStep]


class BonusShown(Schema):
    """A bonus for a target: sell `target` (`pieces`, `orders`, or fen that were `paid`, net of refunds) of what is paid
    from `starts_at` until before `ends_at` and get `reward_fen`. `counted` is the promoter's own. `open`: it can be
    reached now; `stopped`: it was closed before its end; `budget_left`: there is money for one more. `shop`: empty for
    the platform's."""

    no: str
    name: str
    shop: str
    measure: str
    target: int
    counted: int
    reward_fen: int
    starts_at: datetime
    ends_at: datetime
    open: bool
    stopped: bool
    awarded: bool
    budget_left: bool


class Bonuses(Schema):
    """Bonuses that are open, those that end first, then those that the promoter had to do with."""

    items: list[BonusShown]


class ProofSale(Schema):
    """An order's line that was counted, with what of it was given back since."""

    order_no: str
    title: str
    quantity: int
    paid_fen: int
    refunded_quantity: int
    refunded_fen: int


class BonusProof(Schema):
    """An award: what was counted when it was reached; `counted_then`: what was left when it was taken back."""

    no: str
    amount_fen: int
    counted: int
    reached_at: datetime
    taken_back_at: datetime | None
    counted_then: int | None
    lines: list[ProofSale]


class BonusOne(Schema):
    """A bonus with what counts (products, or categories with all below them; none named: everything) and the promoter's
    own awards, the latest first."""

    bonus: BonusShown
    products: list[str]
    categories: list[str]
    proofs: list[BonusProof]


@router.get("/grade", response=answers.answers(GradeWay))
def grade(request: HttpRequest, party: PartyNo = "") -> object:
    """Show the promoter's grade, and what the next one takes."""
    found = progress_of(seat(request, PartyKind.PROMOTER, party).party.id, now=clock.now())

    def step(one: GradeShown | None) -> dict[str, Any] | None:
        if one is None:
            return None
        return {"name": one.name, "takes": one.threshold(by_orders=found.by_orders), "extra_bps": one.extra_bps}

    return {
        "grade": step(found.grade),
        "coming": step(found.coming),
        "next": step(found.next),
        "by_orders": found.by_orders,
        "window_days": found.window_days,
        "measured": found.measured,
        "missing": found.missing,
        "falls_at": found.falls_at,
        "falls_to": step(found.falls_to),
        "grace_days": settings.get("grade_grace_days"),
        "ladder": [step(one) for one in plans.ladder()],
    }


@router.get("/bonuses", response=answers.answers(Bonuses))
def bonuses(request: HttpRequest, party: PartyNo = "") -> object:
    """List the bonuses for targets."""
    now = clock.now()
    found = offers.reaching(promoter_id=seat(request, PartyKind.PROMOTER, party).party.id, now=now)
    return {"items": [_shown(one, now) for one in found]}


@router.get("/bonuses/{no}", response=answers.answers(BonusOne))
def bonus(request: HttpRequest, no: Number, party: PartyNo = "") -> object:
    """Show one bonus with the promoter's own proof."""
    promoter_id, now = seat(request, PartyKind.PROMOTER, party).party.id, clock.now()
    found = offers.reaching_one(promoter_id=promoter_id, no=no, now=now)
    if found is None:
        raise NotFound
    return {
        "bonus": _shown(found, now),
        "products": offers.titles(found.offer.product_ids),
        "categories": [
            one.name if chinese() else one.name_en or one.name for one in offers.categories(found.offer.category_ids)
        ],
        "proofs": [_proof(one) for one in offers.proofs(offer_id=found.offer.offer_id, promoter_id=promoter_id)],
    }


def _shown(one: Reaching, now: datetime) -> dict[str, Any]:
    offer = one.offer
    return {
        "no": offer.no,
        "name": offer.name,
        "shop": one.maker,
        "measure": offer.measure.value,
        "target": offer.target,
        "counted": one.counted,
        "reward_fen": offer.reward_fen,
        "starts_at": offer.starts_at,
        "ends_at": offer.ends_at,
        "open": offer.state.value == "published" and now < offer.ends_at,
        "stopped": offer.stopped,
        "awarded": bool(one.award_no),
        "budget_left": one.budget_left,
    }


def _proof(one: Proof) -> dict[str, Any]:
    return {
        "no": one.no,
        "amount_fen": one.amount_fen,
        "counted": one.counted,
        "reached_at": one.reached_at,
        "taken_back_at": one.taken_back_at,
        "counted_then": one.counted_then,
        "lines": [
            {
                "order_no": line.order_no,
                "title": line.title,
                "quantity": line.quantity,
                "paid_fen": line.paid_fen,
                "refunded_quantity": line.refunded_quantity,
                "refunded_fen": line.refunded_fen,
            }
            for line in one.lines
        ],
    }
