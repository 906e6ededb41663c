"""What activities and enrolments may say (docs/rules.md §9)."""

from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.cooperation import rules
from tuike.cooperation.service.texts import text_of
from tuike.cooperation.types import (
    ActivityKind,
    ActivityShown,
    BelowActivityFloor,
    Floor,
    NewActivity,
    NewEnrolment,
    PeriodInPast,
    PeriodOutsideActivity,
)
from tuike.kit.days import shown
from tuike.kit.errors import Invalid
from tuike.kit.money import percent
from tuike.parties import queries as parties
from tuike.parties.types import NotCertified, Suspended

MOST_PROMOTERS = 500
MOST_FLOORS = 200
MOST_BPS = 9_000
MOST_ORDERS = 1_000_000_000


def check_leader(leader_id: int) -> None:
    """Refuse a leader who may not lead now.

    Raises:
        NotCertified, Suspended: so it is.
    """
    facts = parties.leader_facts([leader_id]).get(leader_id)
    if facts is None or not facts.certified:
        raise NotCertified
    if facts.suspended:
        raise Suspended(reason="—")


def check_activity(activity: NewActivity, now: datetime) -> None:
    """Refuse a draft that couldn't be published as it stands.

    Raises:
        PeriodInPast: it begins before now. Invalid: see `check_content`.
    """
    if activity.starts_at < now:
        raise PeriodInPast
    check_content(activity)


def check_content(activity: NewActivity) -> None:
    """Refuse what an activity can't say.

    Raises:
        Invalid: title, sample, note, ends_at, rates, floors, promoters.
    """
    text_of("title", activity.title, most=40, least=1)
    text_of("sample", activity.sample, most=500)
    text_of("note", activity.note, most=500)
    if activity.ends_at <= activity.starts_at:
        raise Invalid(field="ends_at", reason_zh="结束须晚于开始", reason_en="the end must be after the start")
    for floor in (activity.floor, *activity.floors.values()):
        _check_floor(floor)
    if len(activity.floors) > MOST_FLOORS or len(catalog.category_nodes(activity.floors)) < len(activity.floors):
        raise Invalid(field="floors", reason_zh="类目不存在或过多", reason_en="names no category, or too many")
    _check_promoters(activity)


def _check_floor(floor: Floor) -> None:
    rates = (floor.min_rate_bps, floor.min_service_bps)
    if any(not 0 <= rate <= MOST_BPS for rate in rates) or sum(rates) > MOST_BPS:
        zh, en = "最低佣金率与最低服务费率合计须为 0 到 90%", "the least rates together are from 0 to 90%"
        raise Invalid(field="floors", reason_zh=zh, reason_en=en)


def _check_promoters(activity: NewActivity) -> None:
    named = set(activity.promoter_ids)
    if activity.kind is ActivityKind.ORDINARY and named:
        raise Invalid(
            field="promoters", reason_zh="普通活动不指定推客", reason_en="an ordinary activity names no promoters"
        )
    if activity.kind is ActivityKind.EXCLUSIVE and not 1 <= len(named) <= MOST_PROMOTERS:
        zh, en = (
            f"专属活动须指定 1 到 {MOST_PROMOTERS} 名推客",
            f"an exclusive one names 1 to {MOST_PROMOTERS} promoters",
        )
        raise Invalid(field="promoters", reason_zh=zh, reason_en=en)
    if len(parties.promoter_facts(named)) < len(named):
        raise Invalid(field="promoters", reason_zh="推客不存在", reason_en="names somebody who is no promoter")


def check_enrolment(one: NewEnrolment, *, product: ProductFacts, activity: ActivityShown, now: datetime) -> datetime:
    """Refuse terms that an activity doesn't take; return when the cooperation would start.

    Raises:
        PeriodInPast: it begins or ends before now. PeriodOutsideActivity: so it is. BelowActivityFloor: a rate.
        Invalid: ends_at, rate_bps, service_bps, base_orders.
    """
    starts_at = one.starts_at or max(now, activity.starts_at)
    if starts_at < now or one.ends_at <= now:
        raise PeriodInPast
    if one.ends_at <= starts_at:
        raise Invalid(field="ends_at", reason_zh="结束须晚于开始", reason_en="the end must be after the start")
    if starts_at < activity.starts_at or one.ends_at > activity.ends_at:
        raise PeriodOutsideActivity(from_=shown(activity.starts_at), until=shown(activity.ends_at))
    if not 1 <= one.rate_bps <= MOST_BPS:
        raise Invalid(field="rate_bps", reason_zh="佣金率须大于 0 且不超过 90%", reason_en="a rate is up to 90%")
    if not 0 <= one.service_bps <= MOST_BPS:
        raise Invalid(field="service_bps", reason_zh="服务费率须为 0 到 90%", reason_en="a service rate is up to 90%")
    if not 0 <= one.base_orders <= MOST_ORDERS:
        raise Invalid(field="base_orders", reason_zh="须为不小于 0 的整数", reason_en="a whole number from 0 on")
    floor = rules.floor_for(product.category_path, floors=activity.floors, overall=activity.floor)
    if rules.below(floor, rate_bps=one.rate_bps, service_bps=one.service_bps):
        least = {"rate": percent(floor.min_rate_bps), "service": percent(floor.min_service_bps)}
        raise BelowActivityFloor(title=product.title, **least)
    return starts_at
