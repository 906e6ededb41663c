"""Makers of leaders' activities and enrolments: what a test doesn't care about has a default."""

import itertools
from datetime import datetime, timedelta

from tests.make import alliance as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.cooperation import service
from tuike.cooperation.types import ActivityKind, ActivityShown, EnrolmentShown, Floor, NewActivity, NewEnrolment
from tuike.flows import enrol_products
from tuike.flows.target_promoters import By
from tuike.settings import service as settings

NOON = make.NOON
PERIOD = timedelta(days=90)


def open_to_all(*, now: datetime = NOON) -> None:
    """Open the contract's functions to everybody."""
    settings.change(name="cooperation_open", value=1, actor=OPERATOR_SHELL, now=now)


def draft(*, now: datetime = NOON, **changes: object) -> NewActivity:
    """An ordinary activity for 90 days from now: 10 % commission and 1 % service fee at least."""
    values: dict = {
        "title": "春茶季招商",
        "kind": ActivityKind.ORDINARY,
        "starts_at": now,
        "ends_at": now + PERIOD,
        "floor": Floor(1000, 100),
        "floors": {},
        "contact": "微信 afang888",
    }
    return NewActivity(**values | changes)


def activity(leader_id: int, *, published: bool = True, now: datetime = NOON, **changes: object) -> ActivityShown:
    """A published activity of a leader."""
    made = service.create_activity(
        leader_id=leader_id, activity=draft(now=now, **changes), actor=OPERATOR_SHELL, now=now
    )
    if not published:
        return made
    return service.publish_activity(leader_id=leader_id, no=made.no, actor=OPERATOR_SHELL, now=now)


def wanted(product_id: int, *, now: datetime = NOON, **changes: object) -> NewEnrolment:
    """A product to enrol from now for 60 days: 15 % commission, 3 % service fee, base of 2 paid orders."""
    values: dict = {
        "product_id": product_id,
        "rate_bps": 1500,
        "service_bps": 300,
        "ends_at": now + timedelta(days=60),
        "base_orders": 2,
    }
    return NewEnrolment(**values | changes)


def applied(one: make.Alliance, where: ActivityShown, *, now: datetime = NOON, **changes: object) -> EnrolmentShown:
    """The alliance's product, enrolled in an activity and waiting for the leader."""
    terms = [wanted(one.product_id, now=now, **changes)]
    return service.enrol(merchant_id=one.shop.id, activity_no=where.no, wanted=terms, actor=OPERATOR_SHELL, now=now)[0]


def active(one: make.Alliance, where: ActivityShown, *, now: datetime = NOON, **changes: object) -> EnrolmentShown:
    """The alliance's product, enrolled and passed at once."""
    waiting = applied(one, where, now=now, **changes)
    return service.pass_enrolments(leader_id=where.leader_id, nos=[waiting.no], actor=OPERATOR_SHELL, now=now)[0]


def sell(enrolment: EnrolmentShown, count: int, *, first: int = 1, now: datetime = NOON) -> list[str]:
    """Count so many orders as paid through an enrolment, and return their numbers."""
    nos = [f"O{enrolment.enrolment_id}X{number}" for number in range(first, first + count)]
    service.count_paid(orders=[(enrolment.enrolment_id, no, now) for no in nos], now=now)
    return nos


_keys = itertools.count(1)


def by(party_id: int, now: datetime = NOON) -> By:
    """Somebody of the party, with a fresh key."""
    return By(party_id, OPERATOR_SHELL, now, f"coop-{next(_keys)}")


def agreed(one: make.Alliance, *, now: datetime = NOON, **changes: object) -> EnrolmentShown:
    """The alliance's product in an activity of its leader, enrolled and passed through the flows."""
    where = activity(one.leader.id, now=now)
    terms = [wanted(one.product_id, now=now, **changes)]
    [waiting] = enrol_products.enrol_products(activity_no=where.no, wanted=terms, by=by(one.shop.id, now))
    return enrol_products.pass_enrolments(nos=[waiting.no], by=by(one.leader.id, now))[0]
