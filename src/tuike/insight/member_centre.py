"""What a member sees of themselves at one look: level, points, coupons, balance, messages, orders."""

from dataclasses import dataclass
from datetime import datetime

from tuike.marketing import queries as marketing
from tuike.marketing.types import PointsStanding
from tuike.members import queries as members
from tuike.members.types import ConsentShown, LevelTerms, Standing
from tuike.messages import queries as messages
from tuike.orders import queries as orders
from tuike.parties.types import MallFunction
from tuike.people import queries as people
from tuike.people.types import PersonRef


@dataclass(frozen=True, slots=True)
class MemberCentre:
    """A member as the member centre shows them; what the mall has switched off is None."""

    person: PersonRef
    phone: str
    standing: Standing
    ladder: list[LevelTerms]
    points: PointsStanding | None
    coupons: int | None
    balance_fen: int
    unread: int
    orders: dict[str, int]
    consent: ConsentShown


def member_centre(person: PersonRef, *, now: datetime) -> MemberCentre:
    """Return what the member centre shows."""
    phone = people.phone_of(person.id)
    with_points = marketing.mall_offers(MallFunction.POINTS)
    with_coupons = marketing.mall_offers(MallFunction.COUPONS)
    return MemberCentre(
        person=person,
        phone=phone.number if phone else "",
        standing=members.standing_of(person.id),
        ladder=members.ladder(),
        points=marketing.points_standing(person.id, now=now) if with_points else None,
        coupons=marketing.good_voucher_count(person.id, now=now) if with_coupons else None,
        balance_fen=marketing.balance_of(person.id),
        unread=messages.unread_of(person.id),
        orders={tab.value: count for tab, count in orders.tab_counts(buyer_id=person.id).items()},
        consent=members.marketing_consent_of(person.id),
    )
