"""Makers of targeted plans and requests through the flows: what a test doesn't care about has a default."""

import itertools
from datetime import datetime, timedelta

from tests.make import alliance as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.flows import target_promoters
from tuike.flows.target_promoters import By
from tuike.matching.types import NewRequest, RequestShown
from tuike.plans.types import NewTargetedPlan, TargetedPlanShown

_keys = itertools.count(1)


def by(party_id: int, now: datetime = make.NOON) -> By:
    """Somebody of the party, with a fresh key."""
    return By(party_id, OPERATOR_SHELL, now, f"match-{next(_keys)}")


def plan(
    one: make.Alliance, *, now: datetime = make.NOON, rate_bps: int = 2000, name: str = "头部推客"
) -> TargetedPlanShown:
    """A plan for the alliance's product, for 30 days from now."""
    wanted = NewTargetedPlan(
        name=name, starts_at=now, ends_at=now + timedelta(days=30), rates={one.product_id: rate_bps}
    )
    return target_promoters.create_plan(plan=wanted, by=by(one.shop.id, now))


def request(
    one: make.Alliance, made: TargetedPlanShown, *, now: datetime = make.NOON, **changes: object
) -> RequestShown:
    """A published request for a plan, open for ten days."""
    facts: dict = {"title": "诚招茶具推客", "text": "每月上新", "open_until": now + timedelta(days=10)}
    wanted = NewRequest(**facts | changes)
    return target_promoters.publish_request(plan_no=made.no, request=wanted, by=by(one.shop.id, now))


def card(promoter_id: int, category_id: int, *, now: datetime = make.NOON, **changes: object) -> None:
    """A promoter's listed card."""
    facts: dict = {"listed": True, "words": ("茶友会", "专注茶具三年"), "category_ids": (category_id,)}
    target_promoters.write_card(**facts | changes, by=by(promoter_id, now))
