"""A promoter's phone: how things stand, material that was made, posters and wording, why an earning is what it is."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Schema
from pydantic import StringConstraints

from tuike.attribution import queries as attribution
from tuike.commission.types import Payee
from tuike.doors.storefront import answers
from tuike.doors.storefront.answers import REFUSED
from tuike.doors.storefront.callers import promoting, seat
from tuike.doors.storefront.kinds import Before, Body, Limit, Number, PartyNo
from tuike.doors.storefront.paging import decoded, encoded
from tuike.doors.storefront.promoting import router
from tuike.doors.web import receipts
from tuike.doors.web.said import chinese
from tuike.figures.types import Owner
from tuike.flows import draw_poster, make_material, word_material
from tuike.insight import home
from tuike.insight import team as below
from tuike.insight.explain.own import own_accrual
from tuike.kit import clock
from tuike.kit.poster import kind_of
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

Span = Annotated[int, Query(ge=1, le=90, description="Days, today included.")]


class SpanFigures(Schema):
    """What came of the promotion in a span of natural days. Estimated commission is by the day of payment."""

    clicks: int
    orders: int
    estimated_fen: int
    settled_fen: int


class DayShown(Schema):
    """A day of the trend."""

    day: date
    clicks: int
    orders: int
    estimated_fen: int


class PromoterWaiting(Schema):
    """What waits for the promoter or is missing: places, accepted sources, a payout account, confirmations, reviews."""

    places: int
    accepted_sources: int
    bank_account: bool
    to_confirm: int
    held: int


class PromoterHome(Schema):
    """How a promoter stands: the span's figures, those before, the trend, money, what waits, and who may promote."""

    no: str
    name: str
    certified: bool
    suspended: bool
    span: int
    now: SpanFigures
    before: SpanFigures
    trend: list[DayShown]
    balance: answers.Balance
    waits: PromoterWaiting
    team: int


class MadeMaterial(Schema):
    """Material that was made before."""

    code: str
    title: str
    shop: str
    price_fen: int | None
    picture: str
    short_link: str
    wording: str
    own_wording: bool
    place: str
    made_at: datetime
    expires_at: datetime
    good: bool


class MadeMaterials(Schema):
    """A page of material, newest first."""

    items: list[MadeMaterial]
    next: str


class WordingWish(Body):
    """The promoter's own words, 500 characters at most; the short link is put at the end where it is missing."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=2000)]


class Worded(Schema):
    """The wording as it goes out now."""

    wording: str
    own: bool


class TeamMember(Schema):
    """A promoter below, at which level, since when, what was paid through them in the last 90 days, their grade, and
    how many they brought in themselves."""

    no: str
    name: str
    level: int
    joined_at: datetime
    sales_fen: int
    orders: int
    grade: str
    recruits: int


class Team(Schema):
    """The promoters below, the nearest first; `total` counts all (`counts` on each of three levels), of whom 200 are
    shown; all are shown page by page as the members of the team."""

    recruiter: str
    invite_no: str
    total: int
    counts: list[int]
    items: list[TeamMember]


class EarningExplained(receipts.ReceiptShown):
    """How an earning came about. `holds`: everything was recomputed and is what is stored."""


@router.get("/home", response=answers.answers(PromoterHome))
def promoter_home(request: HttpRequest, span: Span = 1, party: PartyNo = "") -> object:
    """Show in one call how the promoter stands."""
    sits, now = seat(request, PartyKind.PROMOTER, party), clock.now()
    promoter_id = sits.party.id
    facts = parties.promoter_facts([promoter_id])[promoter_id]
    found = home.home(owner=Owner.PROMOTER, owner_id=promoter_id, span=span, now=now)
    settled, settled_before = home.settled_fen(payee_kind="promoter", payee_id=promoter_id, span=span, now=now)
    waits = home.promoter_waits(promoter_id)
    return {
        "no": sits.party.no,
        "name": sits.party.name,
        "certified": facts.certified,
        "suspended": facts.suspended,
        "span": span,
        "now": _span(found.now, settled),
        "before": _span(found.before, settled_before),
        "trend": [_day(one) for one in found.trend],
        "balance": _balance(promoter_id),
        "waits": {
            "places": waits.places,
            "accepted_sources": waits.accepted,
            "bank_account": waits.bank_account,
            "to_confirm": waits.to_confirm,
            "held": waits.held,
        },
        "team": sum(parties.count_below(promoter_id)),
    }


@router.get("/materials", response=answers.answers(MadeMaterials))
def made(request: HttpRequest, before: Before = "", limit: Limit = 20, party: PartyNo = "") -> object:
    """List the material that was made, newest first."""
    promoter_id, now = seat(request, PartyKind.PROMOTER, party).party.id, clock.now()
    kept = make_material.made_before(
        promoter_id=promoter_id, before_id=decoded(before) if before else None, limit=limit
    )
    places = {one.place_id: one.name for one in attribution.places_of(promoter_id=promoter_id)}
    return {
        "items": [_made(one, places, now) for one in kept],
        "next": encoded(kept[-1].link.link_id if len(kept) == limit else None),
    }


@router.get(
    "/materials/{code}/poster",
    response=REFUSED,
    openapi_extra={
        "responses": {
            200: {"description": "The poster, in the smaller form", "content": {"image/jpeg": {}, "image/png": {}}}
        }
    },
)
def poster(request: HttpRequest, code: Number, party: PartyNo = "") -> HttpResponse:
    """Return the poster of material: product, price and WeChat's code, or the link's QR code where it gives none."""
    promoter_id = promoting(request, party).party.id
    data = draw_poster.draw_poster(promoter_id=promoter_id, code=code, zh=chinese())
    answer = HttpResponse(data, content_type=f"image/{kind_of(data)}")
    answer.headers["Cache-Control"] = "private, max-age=600"
    return answer


@router.put("/materials/{code}/wording", response=answers.answers(Worded))
def word(request: HttpRequest, code: Number, body: WordingWish, party: PartyNo = "") -> object:
    """Keep the promoter's own wording for what the material is for; material made later has it, too."""
    promoter_id = promoting(request, party).party.id
    text = body.text.replace("\r\n", "\n")
    told = word_material.save_wording(promoter_id=promoter_id, code=code, text=text, now=clock.now())
    return {"wording": told, "own": True}


@router.delete("/materials/{code}/wording", response=answers.answers(Worded))
def unword(request: HttpRequest, code: Number, party: PartyNo = "") -> object:
    """Bring the generated wording back."""
    promoter_id = promoting(request, party).party.id
    return {"wording": word_material.reset_wording(promoter_id=promoter_id, code=code), "own": False}


@router.get("/earnings/{int:accrual_id}", response=answers.answers(EarningExplained))
def explained(request: HttpRequest, accrual_id: int, party: PartyNo = "") -> object:
    """Explain one earning: which rate won and why, the base, what refunds took, when it becomes available."""
    sits = seat(request, PartyKind.PROMOTER, party)
    return receipts.shown(own_accrual(accrual_id, Payee("promoter", sits.party.id)))


@router.get("/team", response=answers.answers(Team))
def team(request: HttpRequest, party: PartyNo = "") -> object:
    """Show who stands below the promoter, at most three levels down, and by which number others join."""
    sits = seat(request, PartyKind.PROMOTER, party)
    found = below.team(promoter_id=sits.party.id, now=clock.now())
    return {
        "recruiter": found.recruiter,
        "invite_no": sits.party.no,
        "total": found.total,
        "counts": list(found.counts),
        "items": found.members,
    }


def _balance(promoter_id: int) -> dict[str, int]:
    stands = home.money(owner=f"promoter:{promoter_id}")
    shown = {f"{name}_fen": stands.get(name, 0) for name in ("pending", "available", "leaving")}
    return shown | {"owed_fen": -stands.get("owed", 0)}


def _span(figures: Any, settled_fen: int) -> dict[str, int]:
    return {
        "clicks": figures.clicks,
        "orders": figures.orders,
        "estimated_fen": figures.estimated_fen,
        "settled_fen": settled_fen,
    }


def _day(one: Any) -> dict[str, Any]:
    found = one.figures
    return {
        "day": one.day,
        "clicks": found.clicks,
        "orders": found.orders,
        "estimated_fen": found.estimated_fen,
    }


def _made(one: make_material.Material, places: dict[int, str], now: datetime) -> dict[str, Any]:
    return {
        "code": one.link.code,
        "title": one.title,
        "shop": one.shop,
        "price_fen": one.price_fen,
        "picture": one.picture,
        "short_link": one.short_link,
        "wording": one.wording,
        "own_wording": one.own_wording,
        "place": places.get(one.link.place_id, ""),
        "made_at": one.link.issued_at,
        "expires_at": one.link.expires_at,
        "good": one.link.good_at(now),
    }
