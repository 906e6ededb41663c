"""What a targeted plan would owe, seen before it is made or changed (docs/rules.md §3, §6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.flows.claiming import rate_subject
from tuike.flows.target_promoters import By
from tuike.kit.money import share
from tuike.parties import queries as parties
from tuike.plans import queries as rates_of
from tuike.plans import service as plans
from tuike.plans.types import LineAsk, NewTargetedPlan, TargetedPlanChange
from tuike.settings import service as settings


@dataclass(frozen=True, slots=True)
class Owed:
    """What one piece at the product's lowest price would owe: to a promoter by the public rate and by the plan's, to
    one on the highest step of the ladder, to the tiers above; and what would be left to the shop at worst, in fen."""

    product: ProductFacts
    public_bps: int
    public_fen: int
    bps: int
    direct_fen: int
    highest_fen: int
    tiers_fen: int

    @property
    def left_fen(self) -> int:
        """Return what is left to the shop at worst."""
        return self.product.min_price_fen - self.highest_fen - self.tiers_fen


def preview_plan(*, plan: NewTargetedPlan, by: By) -> list[Owed]:
    """Return what a plan would owe for each product, the most first: it is made by the verb itself, looked at, and
    undone again.

    Raises:
        what plans.create_plan raises: a preview refuses what making it would refuse.
    """
    with transaction.atomic(durable=True):
        plans.create_plan(merchant_id=by.party_id, plan=plan, actor=by.actor, now=by.now)
        transaction.set_rollback(True)
    return owed_for(plan.rates, at=plan.starts_at, by=by)


def preview_change(*, no: str, change: TargetedPlanChange, by: By) -> tuple[datetime, list[Owed]]:
    """Return from when on a changed plan would owe what for each product, the most first; made, looked at and undone.

    Raises:
        what plans.change_plan raises.
    """
    with transaction.atomic(durable=True):
        done = plans.change_plan(merchant_id=by.party_id, no=no, change=change, actor=by.actor, now=by.now)
        transaction.set_rollback(True)
    return done.from_at, owed_for(change.rates, at=done.from_at, by=by)


def owed_for(rates: Mapping[int, int], *, at: datetime, by: By) -> list[Owed]:
    """Return what rates by product would owe at an instant, the most first; the products are the shop's own."""
    products = catalog.product_facts(rates)
    kind = rate_subject(parties.merchant_facts([by.party_id])[by.party_id])
    asks = [
        LineAsk(
            line_id=one.product_id,
            product_id=one.product_id,
            merchant_id=by.party_id,
            category_path=one.category_path,
            subject_kind=kind,
            promoter_id=None,
            self_purchase=False,
            at=at,
        )
        for one in products.values()
    ]
    terms, public = rates_of.terms_for(asks), rates_of.public_rates(asks)
    most = settings.get("max_paid_tiers")
    grade_bps = max((step.extra_bps for step in rates_of.ladder()), default=0)
    owed = []
    for id_, one in products.items():
        tiers = [rate.rate_bps for tier, rate in terms[id_].tier_bps.items() if tier <= most]
        price, bps = one.min_price_fen, rates[id_]
        owed.append(
            Owed(
                product=one,
                public_bps=public[id_].rate_bps,
                public_fen=share(price, bps=public[id_].rate_bps),
                bps=bps,
                direct_fen=share(price, bps=bps),
                highest_fen=share(price, bps=bps + grade_bps),
                tiers_fen=sum(share(price, bps=tier) for tier in tiers),
            )
        )
    return sorted(owed, key=lambda one: (-one.bps, one.product.product_id))
