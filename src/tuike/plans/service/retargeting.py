"""Changing a targeted plan: its words, its end, and what it gives from the next midnight on (docs/rules.md §3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid
from tuike.plans import queries
from tuike.plans.models import TargetedPlan
from tuike.plans.service import targeting, writing
from tuike.plans.types import MemberState, PlanChanged, PlanOver, PlanPart, TargetedPlanChange, TargetedPlanShown


@transaction.atomic
def change_plan(*, merchant_id: int, no: str, change: TargetedPlanChange, actor: Actor, now: datetime) -> PlanChanged:
    """Change a plan. Its words hold at once; products and rates, and an earlier end, from the next midnight on or from
    its start, whichever is later: what promoters counted on today holds today. Of several changes on one day the last
    one counts. Rates that are written anew reach the public rate from when they hold; so do all where the end is later.

    Raises:
        NotFound: not a plan of the merchant, or a product that isn't the merchant's.
        PlanOver: it has ended, or was stopped.
        Invalid: name, note, ends_at, rates. BelowPublicRate, AboveCeiling: see `create_plan`.
    """
    targeting.check_words(change)
    before = targeting.locked(merchant_id, no)
    targeting.check_open(before, now)
    if before.stopped_at is not None:
        raise PlanOver
    from_at = max(next_midnight(now), before.starts_at)
    parts = _parts(before, change)
    if not parts:
        return PlanChanged(before, (), from_at)
    writing.lock_merchant(merchant_id)
    if PlanPart.END in parts:
        _move_end(before, change, from_at, (actor, now))
    TargetedPlan.objects.filter(id=before.plan_id).update(
        name=change.name.strip(), note=change.note.strip(), ends_at=change.ends_at
    )
    if PlanPart.RATES in parts:
        _rewrite(before, change, from_at, (actor, now))
    after = queries.targeted_plan(merchant_id=merchant_id, no=no)
    facts = _facts(before, after, from_at, parts)
    audit.record(actor=actor, action="targeted.change", object_=no, facts=facts, now=now)
    targeting.tell(after, None, now)
    return PlanChanged(after, parts, from_at)


def _parts(plan: TargetedPlanShown, change: TargetedPlanChange) -> tuple[PlanPart, ...]:
    stands = {
        PlanPart.NAME: plan.name == change.name.strip(),
        PlanPart.NOTE: plan.note == change.note.strip(),
        PlanPart.END: plan.ends_at == change.ends_at,
        PlanPart.RATES: plan.rates == change.rates,
    }
    return tuple(part for part, same in stands.items() if not same)


def _move_end(
    plan: TargetedPlanShown, change: TargetedPlanChange, from_at: datetime, by: tuple[Actor, datetime]
) -> None:
    """Let what is given end earlier, or go on as new rows from the old end."""
    if change.ends_at <= plan.starts_at or change.ends_at < from_at:
        raise Invalid(
            field="ends_at",
            reason_zh="结束须晚于开始，且不早于次日 0 点",
            reason_en="the end must be after the start, and not before the next midnight",
        )
    if change.ends_at < plan.ends_at:
        rows.run(targeting.STOP, {"from": change.ends_at, "plan": plan.plan_id})
        return
    going_on = {
        product: bps
        for product, bps in plan.rates.items()
        if plan.ends_at < from_at or change.rates.get(product) == bps
    }
    if going_on:
        targeting.check_floor(plan.merchant_id, going_on, plan.ends_at)
        targeting.check_worst(plan.merchant_id, going_on, plan.ends_at)
    _insert(plan, going_on, (plan.ends_at, change.ends_at), by)


def _rewrite(
    plan: TargetedPlanShown, change: TargetedPlanChange, from_at: datetime, by: tuple[Actor, datetime]
) -> None:
    """Write what changes for products, end the members' rows of these, and write theirs anew."""
    if from_at >= change.ends_at:
        raise Invalid(
            field="rates",
            reason_zh="计划在修改生效前已结束，请先延长结束时间",
            reason_en="the plan ends before the change would hold; let it end later",
        )
    fresh = {product: bps for product, bps in change.rates.items() if plan.rates.get(product) != bps}
    gone = [product for product in plan.rates if product not in change.rates]
    if fresh:
        targeting.check_floor(plan.merchant_id, fresh, from_at)
        targeting.check_worst(plan.merchant_id, fresh, from_at)
    targeting.write_terms(plan.plan_id, fresh | dict.fromkeys(gone, 0), from_at)
    rows.run(
        f"{targeting.STOP} AND product_id = ANY(%(products)s)",
        {"from": from_at, "plan": plan.plan_id, "products": [*fresh, *gone]},
    )
    _insert(plan, fresh, (from_at, change.ends_at), by)


def _insert(
    plan: TargetedPlanShown,
    rates: Mapping[int, int],
    span: tuple[datetime, datetime],
    by: tuple[Actor, datetime],
) -> None:
    """Write rows for everybody who is in the plan: their earlier ones began by the next midnight at the latest."""
    members = queries.members_of(plan_id=plan.plan_id, states=[MemberState.ACCEPTED])
    changes = [
        targeting.row_for(plan, promoter_id, product, bps)
        for promoter_id in sorted(member.promoter_id for member in members)
        for product, bps in sorted(rates.items())
    ]
    if changes:
        writing.insert(changes, from_=span[0], until=span[1], actor=by[0], now=by[1])


def _facts(
    before: TargetedPlanShown, after: TargetedPlanShown, from_at: datetime, parts: tuple[PlanPart, ...]
) -> dict[str, Any]:
    def said(plan: TargetedPlanShown) -> dict[str, Any]:
        every = {
            PlanPart.NAME: plan.name,
            PlanPart.NOTE: plan.note,
            PlanPart.END: plan.ends_at.isoformat(),
            PlanPart.RATES: {str(product): bps for product, bps in plan.rates.items()},
        }
        return {part.value: every[part] for part in parts}

    return {"before": said(before), "after": said(after), "from": from_at.isoformat()}
