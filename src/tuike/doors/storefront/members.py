"""The member centre: level, points, coupons and orders at one look; consent to hear from shops; closing the account."""

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from tuike.audit.types import Actor
from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Body
from tuike.doors.web.said import said
from tuike.flows import close_account
from tuike.insight import member_centre
from tuike.kit import clock
from tuike.members import service as members
from tuike.members.types import CONSENT_EDITION, ConsentShown, LevelTerms

router = Router(auth=signed_in, tags=["member"])

_WORDS = (
    "我同意平台内的商家通过站内信与订阅消息向我发送优惠券和活动信息，可随时在会员中心关闭。",
    "I agree that shops of this mall send me coupons and news by in-app and subscribe messages; I can switch this off"
    " in the member centre at any time.",
)


class MemberLevel(Schema):
    """A step of the ladder, in the caller's language; `multiplier_bps` is for the points that orders earn."""

    name: str
    growth_needed: int
    multiplier_bps: int
    benefits: str


class MemberPoints(Schema):
    """Points that may be spent, how many end within 30 days and when the first do; what is owed comes off the next."""

    points: int
    expiring: int
    expiring_at: datetime | None
    owed: int


class Consent(Schema):
    """Whether the caller wants to hear from shops; `words` are those in force, of edition `edition`."""

    given: bool
    given_edition: int
    at: datetime | None
    edition: int
    words: str


class MemberSeen(Schema):
    """The member centre. What the mall has switched off is null. `orders` counts the orders under each tab."""

    no: str
    nickname: str
    phone: str
    growth: int
    level: MemberLevel
    next_level: MemberLevel | None
    levels: list[MemberLevel]
    points: MemberPoints | None
    coupons: int | None
    balance_fen: int
    unread: int
    orders: dict[str, int]
    consent: Consent


class ConsentWanted(Body):
    """Switch it on, to the words of the edition in force, or off."""

    given: bool
    edition: Annotated[int, Field(strict=True, ge=0, le=10_000)] = 0


class Closing(Body):
    """`give_up`: the person was told what is left of balance and points, and gives it up."""

    give_up: bool = False


@router.get("/member", response=answers.answers(MemberSeen))
def member(request: HttpRequest) -> object:
    """Show the member centre, all of it."""
    seen = member_centre.member_centre(person(request), now=clock.now())
    standing = seen.standing
    return {
        "no": seen.person.no,
        "nickname": seen.person.nickname,
        "phone": seen.phone,
        "growth": standing.growth,
        "level": _level(standing.level),
        "next_level": _level(standing.next) if standing.next else None,
        "levels": [_level(one) for one in seen.ladder],
        "points": seen.points,
        "coupons": seen.coupons,
        "balance_fen": seen.balance_fen,
        "unread": seen.unread,
        "orders": seen.orders,
        "consent": _consent(seen.consent),
    }


@router.put("/member/consent", response=answers.answers(Consent))
def consent(request: HttpRequest, body: ConsentWanted) -> object:
    """Agree to hear from shops, or take that back."""
    stands = members.set_marketing_consent(
        person_id=person(request).id, given=body.given, edition=body.edition, now=clock.now()
    )
    return _consent(stands)


@router.post("/member/close", response=answers.answers(None, 204))
def close(request: HttpRequest, body: Closing) -> object:
    """Close the caller's account: personal data is erased, orders and bookings stay. It can't be undone."""
    person_id = person(request).id
    actor = Actor("person", person_id, None, "", getattr(request, "request_id", ""))
    close_account.close_account(person_id=person_id, give_up=body.give_up, actor=actor, now=clock.now())
    return Status(204, None)


def _level(one: LevelTerms) -> dict[str, Any]:
    return {
        "name": said(one.name_zh, one.name_en),
        "growth_needed": one.growth_needed,
        "multiplier_bps": one.multiplier_bps,
        "benefits": said(one.benefits_zh, one.benefits_en or one.benefits_zh),
    }


def _consent(one: ConsentShown) -> dict[str, Any]:
    return {
        "given": one.given,
        "given_edition": one.edition,
        "at": one.at,
        "edition": CONSENT_EDITION,
        "words": said(*_WORDS),
    }
