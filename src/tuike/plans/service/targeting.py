"""What making, changing and joining targeted plans share (docs/rules.md §3)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.money import percent
from tuike.outbox import service as outbox
from tuike.parties import queries as parties
from tuike.plans import queries, rules
from tuike.plans.service import books
from tuike.plans.service.writing import Change
from tuike.plans.types import (
    BelowPublicRate,
    EnrolmentBelowPublic,
    Layer,
    LineAsk,
    NewTargetedPlan,
    PlanOver,
    TargetedPlanChange,
    TargetedPlanShown,
)

MAX_PRODUCTS = 100
STOP = """
    UPDATE plans_rate
    SET valid = CASE WHEN lower(valid) >= %(from)s THEN 'empty'::tstzrange ELSE tstzrange(lower(valid), %(from)s) END
    WHERE plan_id = %(plan)s AND NOT isempty(valid) AND upper(valid) > %(from)s
"""
"""Ends rows of a plan at `from`; what had not begun by then keeps the empty range."""


def write_terms(plan_id: int, rates: Mapping[int, int], from_at: datetime) -> None:
    """Write what a plan gives for products from an instant on; 0 is nothing any more."""
    types = {"plan_id": "bigint", "product_id": "bigint", "rate_bps": "int", "from_at": "timestamptz"}
    found = [(plan_id, product, bps, from_at) for product, bps in sorted(rates.items())]
    rows.insert("plans_targeted_product", types, found)


def check_words(plan: NewTargetedPlan | TargetedPlanChange) -> None:
    """Refuse what can't be read as a plan: its words and its rates.

    Raises:
        Invalid: name, note, rates.
    """
    if not 1 <= len(plan.name.strip()) <= 40:
        raise Invalid(field="name", reason_zh="名称须为 1 到 40 个字符", reason_en="a name has 1 to 40 characters")
    text_of("note", plan.note)
    if not 1 <= len(plan.rates) <= MAX_PRODUCTS:
        raise Invalid(field="rates", reason_zh="请选择 1 到 100 个商品", reason_en="name 1 to 100 products")
    if any(not 0 < bps <= rules.CEILING_BPS for bps in plan.rates.values()):
        raise Invalid(field="rates", reason_zh="佣金率须大于 0 且不超过 90%", reason_en="a rate is up to 90%")


def text_of(field: str, text: str) -> str:
    """Return a word that goes with a plan.

    Raises:
        Invalid: it is too long.
    """
    if len(text.strip()) > 200:
        raise Invalid(field=field, reason_zh="最多 200 个字符", reason_en="at most 200 characters")
    return text.strip()


def check_floor(
    merchant_id: int,
    rates: Mapping[int, int],
    at: datetime,
    *,
    below: type[BelowPublicRate] | type[EnrolmentBelowPublic] = BelowPublicRate,
) -> None:
    """Refuse rates that don't reach what everybody gets at `at`, and products that aren't the merchant's.

    Raises:
        NotFound: a product that isn't the merchant's. `below`: carries the floor and the product's title.
    """
    products = catalog.product_facts(rates)
    if any(product not in products or products[product].merchant_id != merchant_id for product in rates):
        raise NotFound
    kind = rules.subject_of(parties.merchant_facts([merchant_id])[merchant_id].subject_kind.value)
    asks = [
        LineAsk(
            line_id=one.product_id,
            product_id=one.product_id,
            merchant_id=merchant_id,
            category_path=one.category_path,
            subject_kind=kind,
            promoter_id=None,
            self_purchase=False,
            at=at,
        )
        for one in products.values()
    ]
    for product_id, public in sorted(queries.public_rates(asks).items()):
        if rates[product_id] < public.rate_bps:
            raise below(floor=percent(public.rate_bps), title=products[product_id].title)


def check_worst(merchant_id: int, rates: Mapping[int, int], at: datetime) -> None:
    """Hold each of the rates, with tiers, the highest grade and the product's leaders, against the ceiling.

    Raises:
        AboveCeiling: more than 90 % would be paid out.
    """
    book = books.books([merchant_id], at)[merchant_id]
    tiers_bps, grade_bps = sum(book.tiers.values()), books.highest_grade_bps()
    for product, rate_bps in rates.items():
        books.check_ceiling(
            rate_bps=rate_bps,
            tiers_bps=tiers_bps,
            grade_bps=grade_bps,
            leader_bps=rules.service_bps(book, [product]),
        )


def locked(merchant_id: int, no: str) -> TargetedPlanShown:
    """Return the plan with its row locked: who is in it, and what it gives, is changed by one at a time.

    Raises:
        NotFound: not a plan of the merchant.
    """
    rows.query("SELECT id FROM plans_targeted WHERE merchant_id = %s AND no = %s FOR UPDATE", [merchant_id, no])
    return queries.targeted_plan(merchant_id=merchant_id, no=no)


def tell(plan: TargetedPlanShown, promoter_ids: Iterable[int] | None, now: datetime) -> None:
    """Tell that a plan changed for its merchant and for `promoter_ids` (None: for everybody who stands in it)."""
    if promoter_ids is None:
        found = rows.query("SELECT promoter_id FROM plans_targeted_member WHERE plan_id = %s", [plan.plan_id])
        promoter_ids = [promoter for (promoter,) in found]
    facts = {"merchant": plan.merchant_id, "promoters": sorted(set(promoter_ids))}
    outbox.put(topic="targeted.changed", events=[(plan.no, facts)], now=now)


def check_open(plan: TargetedPlanShown, now: datetime) -> None:
    """Refuse what has no sense any more.

    Raises:
        PlanOver: it has ended, or was stopped.
    """
    if now >= plan.until():
        raise PlanOver


def row_for(plan: TargetedPlanShown, promoter_id: int, product_id: int, rate_bps: int) -> Change:
    """Return a promoter's rate row for a product of a plan."""
    return Change(
        layer=Layer.TARGETED,
        scope=f"targeted:{plan.plan_id}:{promoter_id}:{product_id}",
        lookup=f"targeted:{promoter_id}:{product_id}",
        rate_bps=rate_bps,
        merchant_id=plan.merchant_id,
        product_id=product_id,
        plan_id=plan.plan_id,
    )
