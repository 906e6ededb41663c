"""What a targeted plan gives for its products, beside the rate that everybody gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.kit.money import share
from tuike.parties import queries as parties
from tuike.plans import queries as rates_of
from tuike.plans.types import LineAsk, TargetedPlanShown


@dataclass(frozen=True, slots=True)
class PlanGood:
    """A product of a plan: its rate (`bps`, None before the first one holds), the public one, what a piece at the
    lowest price earns; `next_bps` and `next_at` where another rate comes, 0 for none any more."""

    product: ProductFacts
    bps: int | None
    public_bps: int
    fen: int
    next_bps: int
    next_at: datetime | None


def goods(plan: TargetedPlanShown, *, now: datetime) -> list[PlanGood]:
    """Return a plan's products with the rate it gives (at its start, where that is to come), the highest first."""
    public = public_rates(plan.merchant_id, [*{term.product_id for term in plan.terms}], now)
    next_at = plan.changes_at(now)
    given, later = plan.rates_at(now), plan.rates_at(next_at) if next_at else {}
    products = catalog.product_facts({*given, *later})
    return [
        PlanGood(
            product=products[id_],
            bps=given.get(id_),
            public_bps=public.get(id_, 0),
            fen=share(products[id_].min_price_fen, bps=given.get(id_, later.get(id_, 0))),
            next_bps=later.get(id_, 0),
            next_at=next_at if next_at and later.get(id_) != given.get(id_) else None,
        )
        for id_ in sorted({*given, *later}, key=lambda one: (-given.get(one, later.get(one, 0)), one))
        if id_ in products
    ]


def public_rates(merchant_id: int, product_ids: Sequence[int], at: datetime) -> dict[int, int]:
    """Return by product the rate that everybody gets at `at`, in ten-thousandths."""
    paths = catalog.category_paths(product_ids)
    kind = parties.merchant_facts([merchant_id])[merchant_id].subject_kind.value if paths else ""
    asks = [
        LineAsk(
            line_id=product_id,
            product_id=product_id,
            merchant_id=merchant_id,
            category_path=path,
            subject_kind="individual" if kind == "individual" else "other",
            promoter_id=None,
            self_purchase=False,
            at=at,
        )
        for product_id, path in paths.items()
    ]
    return {product_id: rate.rate_bps for product_id, rate in rates_of.public_rates(asks).items()}
