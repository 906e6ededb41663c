"""Rates of enrolments in leaders' activities: written when a leader passes one, ended with the cooperation (§3, §9)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.plans import rules
from tuike.plans.service import books, targeting, writing
from tuike.plans.service.writing import Change
from tuike.plans.types import EnrolmentBelowPublic, Layer

_END = """
    UPDATE plans_rate
    SET valid = CASE WHEN lower(valid) >= %(at)s THEN 'empty'::tstzrange ELSE tstzrange(lower(valid), %(at)s) END
    WHERE lookup = ANY(%(lookups)s) AND NOT isempty(valid) AND upper(valid) > %(at)s
"""
_LAST = """
    SELECT merchant_id, product_id, rate_bps, service_bps, upper(valid) FROM plans_rate
    WHERE lookup = %s AND NOT isempty(valid) ORDER BY upper(valid) DESC LIMIT 1
"""


@transaction.atomic
def open_enrolment(
    *,
    enrolment_id: int,
    merchant_id: int,
    product_id: int,
    rate_bps: int,
    service_bps: int,
    starts_at: datetime,
    ends_at: datetime,
    actor: Actor,
    now: datetime,
) -> datetime:
    """Put the rate of an enrolment into force until before `ends_at`, and return from when on: its start, or now.

    Raises:
        Invalid: a rate that isn't in 1…9000, a service rate that isn't in 0…9000, a period that is over.
        NotFound: not a product of the merchant. EnrolmentBelowPublic: less than everybody gets.
        AboveCeiling: with the leader's fee, tiers and the highest grade more than 90 % could be paid out.
    """
    writing.lock_merchant(merchant_id)
    check_enrolment(
        merchant_id=merchant_id,
        product_id=product_id,
        rate_bps=rate_bps,
        service_bps=service_bps,
        starts_at=(begins := max(starts_at, now)),
        ends_at=ends_at,
    )
    change = _change(enrolment_id, merchant_id, product_id, rate_bps, service_bps)
    writing.insert([change], from_=begins, until=ends_at, actor=actor, now=now)
    return begins


def check_enrolment(
    *, merchant_id: int, product_id: int, rate_bps: int, service_bps: int, starts_at: datetime, ends_at: datetime
) -> None:
    """Refuse what `open_enrolment` would refuse at `starts_at`, writing nothing.

    Raises:
        Invalid, NotFound, EnrolmentBelowPublic, AboveCeiling: see there.
    """
    if not 0 < rate_bps <= rules.CEILING_BPS:
        raise Invalid(field="rate_bps", reason_zh="佣金率须大于 0 且不超过 90%", reason_en="a rate is up to 90%")
    if not 0 <= service_bps <= rules.CEILING_BPS:
        raise Invalid(
            field="service_bps", reason_zh="服务费率须为 0 到 90%", reason_en="a service rate is from 0 to 90%"
        )
    if starts_at >= ends_at:
        raise Invalid(field="ends_at", reason_zh="合作期已结束", reason_en="the period is over")
    targeting.check_floor(merchant_id, {product_id: rate_bps}, starts_at, below=EnrolmentBelowPublic)
    book = books.books([merchant_id], starts_at)[merchant_id]
    books.check_ceiling(
        rate_bps=rate_bps,
        tiers_bps=sum(book.tiers.values()),
        grade_bps=books.highest_grade_bps(),
        leader_bps=max(service_bps, rules.service_bps(book, [product_id])),
    )


@transaction.atomic
def extend_enrolment(*, enrolment_id: int, ends_at: datetime, actor: Actor, now: datetime) -> None:
    """Let the rate of an enrolment that is in force go on until before `ends_at`; it stays what it was.

    Raises:
        Invalid: not later than the end that it has, or nothing is in force any more.
    """
    found = rows.query(_LAST, [_name(enrolment_id)])
    if not found or not now < found[0][4] < ends_at:
        raise Invalid(field="ends_at", reason_zh="须晚于现在的结束时间", reason_en="must be after the present end")
    *what, end = found[0]
    writing.insert([_change(enrolment_id, *what)], from_=end, until=ends_at, actor=actor, now=now)


@transaction.atomic
def end_enrolment(*, enrolment_ids: Iterable[int], at: datetime) -> None:
    """End the rates of enrolments at `at`: orders of that instant no longer have them. Claims made before keep them."""
    rows.run(_END, {"at": at, "lookups": [_name(one) for one in sorted(set(enrolment_ids))]})


def _change(enrolment_id: int, merchant_id: int, product_id: int, rate_bps: int, service_bps: int) -> Change:
    return Change(
        layer=Layer.LEADER,
        scope=_name(enrolment_id),
        rate_bps=rate_bps,
        merchant_id=merchant_id,
        product_id=product_id,
        service_bps=service_bps,
    )


def _name(enrolment_id: int) -> str:
    return f"leader:{enrolment_id}"
