"""Makers of rates and campaigns: what a test doesn't care about has a default."""

from datetime import UTC, datetime, timedelta

from tuike.audit.types import OPERATOR_SHELL
from tuike.plans import queries, service
from tuike.plans.types import LineAsk, NewCampaign, Terms, Written

EARLY = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)


def benchmark(rate_bps: int = 500, *, category_id: int = 0, now: datetime = EARLY) -> Written:
    """Set the benchmark of both subject kinds for a category (0: for all); the first one holds for ever back."""
    rates = {(category_id, kind): rate_bps for kind in ("individual", "other")}
    return service.set_benchmarks(rates=rates, actor=OPERATOR_SHELL, now=now)


def category_rate(merchant_id: int, category_id: int, rate_bps: int | None, *, now: datetime = EARLY) -> Written:
    """Set a merchant's rate for a category."""
    rates = {category_id: rate_bps}
    return service.set_category_rates(merchant_id=merchant_id, rates=rates, actor=OPERATOR_SHELL, now=now)


def main_product(merchant_id: int, product_id: int, rate_bps: int | None, *, now: datetime = EARLY) -> Written:
    """Make a product a main product."""
    rates = {product_id: rate_bps}
    return service.set_main_products(merchant_id=merchant_id, rates=rates, actor=OPERATOR_SHELL, now=now)


def distribution(merchant_id: int, tier_bps: dict[int, int | None], *, now: datetime = EARLY) -> Written:
    """Set a merchant's default rate (1) and tiers (2, 3)."""
    return service.set_distribution(merchant_id=merchant_id, tier_bps=tier_bps, actor=OPERATOR_SHELL, now=now)


def campaign(merchant_id: int | None, rate_bps: int = 3000, *, now: datetime = EARLY, **rest: object) -> int:
    """Make a campaign over everything, by default for ten days from now, and return its id."""
    values: dict = {"name": "活动", "starts_at": now, "ends_at": now + timedelta(days=10), "rate_bps": rate_bps} | rest
    new = NewCampaign(**values)
    return service.create_campaign(merchant_id=merchant_id, campaign=new, actor=OPERATOR_SHELL, now=now)


def ask(product_id: int, *, at: datetime, line_id: int = 1, **rest: object) -> LineAsk:
    """Return the question of a line over a product that exists."""
    from tuike.catalog.queries import product_facts
    from tuike.parties.queries import merchant_facts

    product = product_facts([product_id])[product_id]
    merchant = merchant_facts([product.merchant_id])[product.merchant_id]
    values: dict = {
        "line_id": line_id,
        "product_id": product_id,
        "merchant_id": product.merchant_id,
        "category_path": product.category_path,
        "subject_kind": "individual" if merchant.subject_kind.value == "individual" else "other",
        "promoter_id": None,
        "self_purchase": False,
        "at": at,
    }
    return LineAsk(**(values | rest))


def terms(product_id: int, *, at: datetime, **rest: object) -> Terms:
    """Return the terms of one line over a product."""
    question = ask(product_id, at=at, **rest)
    return queries.terms_for([question])[question.line_id]
