"""Rates are seen before they are published: the preview refuses and shows what publishing does, and changes nothing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.make import catalog
from tests.make import plans as make
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog.types import NewSku
from tuike.commission.types import Role
from tuike.db import rows
from tuike.flows import publish_rates
from tuike.flows.publish_rates import Wanted
from tuike.idempotency.types import KeyUsedForOther
from tuike.kit.errors import NotFound
from tuike.plans import service as plans
from tuike.plans.types import (
    AboveCeiling,
    Layer,
    NewCampaign,
    NotAboveBenchmark,
    NotAboveCategory,
    NotAboveNextLayer,
    SelfScope,
)
from tuike.settings import service as settings

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)  # 11:00 in Shanghai
MIDNIGHT = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
SEEN = ("plans_", "idempotency")

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def shop(db) -> int:
    make.benchmark(500)
    return catalog.shop()


@pytest.fixture
def category(shop) -> int:
    return catalog.category(name="茶具")


@pytest.fixture
def product(shop, category) -> int:
    return catalog.product(merchant_id=shop, category_id=category, skus=(NewSku(price_fen=4990, free=9),))


def _preview(shop: int, **wanted: object) -> publish_rates.Preview:
    before = _plans()
    seen = publish_rates.preview(
        merchant_id=shop,
        wanted=Wanted(**wanted),
        actor=OPERATOR_SHELL,
        now=NOW,  # type: ignore[arg-type]
    )
    assert _plans() == before
    return seen


def _publish(shop: int, *, key: str | None = None, **wanted: object) -> publish_rates.Published:
    made = Wanted(**wanted)  # type: ignore[arg-type]
    return publish_rates.publish(merchant_id=shop, wanted=made, actor=OPERATOR_SHELL, now=NOW, key=key)


def _plans() -> list[tuple]:
    tables = ("plans_rate", "plans_campaign", "audit_act", "outbox_event")
    return [rows.query(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables]


def _owed(shares: tuple) -> dict[str, int]:
    return {share.role.value: share.amount_fen for share in shares}


def test_a_category_rate_is_shown_with_what_it_costs_and_then_holds(shop, category, product):
    seen = _preview(shop, categories={category: 1200})
    assert (seen.effective_at, seen.lifts) == (MIDNIGHT, ())
    [outlook] = seen.outlooks
    assert (outlook.before.layer, outlook.before.rate_bps) == (Layer.BENCHMARK, 500)
    assert (outlook.after.layer, outlook.after.rate_bps) == (Layer.CATEGORY, 1200)
    [sample] = seen.samples
    assert (_owed(sample.before), _owed(sample.usual)) == ({"direct": 249}, {"direct": 598})
    _publish(shop, categories={category: 1200})
    held = make.terms(product, at=MIDNIGHT, promoter_id=1)
    assert (held.layer, held.rate_bps, held.rate_id is not None) == (Layer.CATEGORY, 1200, True)
    assert make.terms(product, at=MIDNIGHT - timedelta(microseconds=1), promoter_id=1).rate_bps == 500


def test_the_worst_case_pays_the_highest_grade_everybody_above_and_the_platform(shop, category, product):
    settings.change(name="max_paid_tiers", value=3, actor=OPERATOR_SHELL, now=NOW)
    settings.change(name="platform_fee_bps", value=1000, actor=OPERATOR_SHELL, now=NOW)
    plans.add_grade(name="金", rank=1, threshold_fen=1, extra_bps=200, actor=OPERATOR_SHELL, now=NOW)
    _publish(shop, tiers={2: 500, 3: 100})
    [sample] = _preview(shop, mains={product: 1200}).samples
    # 4990 × 14 % = 698.6 → 698, of which the platform takes 10 %: 69.8 → 69; tier 2 249.5 → 249; tier 3 49.9 → 49
    assert _owed(sample.worst) == {"direct": 629, "tier2": 249, "tier3": 49, "platform": 69}
    assert _owed(sample.usual) == {"direct": 539, "platform": 59}
    assert sum(share.amount_fen for share in sample.worst) == 996


def test_a_preview_names_the_main_products_that_are_lifted(shop, category, product):
    _publish(shop, mains={product: 1000})
    later = NOW + timedelta(days=1)
    seen = publish_rates.preview(
        merchant_id=shop, wanted=Wanted(categories={category: 1500}), actor=OPERATOR_SHELL, now=later
    )
    [lift] = seen.lifts
    assert (lift.product_id, lift.from_bps, lift.to_bps, lift.own_bps) == (product, 1000, 1500, 1000)
    assert seen.lifted[product].product_id == product
    [outlook] = seen.outlooks
    assert (outlook.before.rate_bps, outlook.after.rate_bps) == (1000, 1500)


def test_a_campaign_with_a_budget_is_shown_as_if_it_had_room(shop, category, product):
    campaign = NewCampaign(
        name="春茶", starts_at=NOW, ends_at=NOW + timedelta(days=3), rate_bps=2000, bonus_fen=200, budget_fen=10_000
    )
    seen = _preview(shop, campaign=replace(campaign, product_ids=(product,)))
    assert seen.effective_at == NOW
    assert _owed(seen.samples[0].worst) == {"direct": 998, "bonus": 200}
    assert (seen.outlooks[0].after.layer, seen.outlooks[0].after.rate_bps) == (Layer.CAMPAIGN, 2000)
    done = _publish(shop, campaign=replace(campaign, category_ids=(category,)), key="c1")
    again = _publish(shop, campaign=replace(campaign, category_ids=(category,)), key="c1")
    assert done.campaign_id == again.campaign_id
    assert rows.query("SELECT count(*) FROM plans_campaign") == [(1,)]


def test_a_self_purchase_rate_is_shown(shop, product):
    assert _preview(shop, self_purchase={(SelfScope.ALL, 0): 300}).samples[0].own_bps == 300
    assert _preview(shop, tiers={2: 100}).samples[0].own_bps is None


def test_what_publishing_refuses_the_preview_refuses(shop, category, product):
    _publish(shop, categories={category: 1200})
    foreign = catalog.product(category_id=category)
    over = NewCampaign(name="春茶", starts_at=NOW, ends_at=NOW + timedelta(days=3), rate_bps=8000, bonus_fen=900)
    for wanted, refusal in (
        ({"categories": {category: 500}}, NotAboveBenchmark),
        ({"mains": {product: 1200}}, NotAboveCategory),
        ({"mains": {foreign: 3000}}, NotFound),
        ({"campaign": replace(over, rate_bps=500, product_ids=(product,))}, NotAboveNextLayer),
        ({"campaign": replace(over, product_ids=(product,))}, AboveCeiling),  # 80 % + 9.00 of 49.90
    ):
        for verb in (_preview, _publish):
            with refused(refusal, *SEEN):
                verb(shop, **wanted)


def test_the_second_call_is_the_first_call(shop, category, product):
    first = _publish(shop, categories={category: 1200}, key="k")
    count = rows.query("SELECT count(*) FROM plans_rate")
    assert _publish(shop, categories={category: 1200}, key="k").effective_at == first.effective_at
    assert rows.query("SELECT count(*) FROM plans_rate") == count
    with refused(KeyUsedForOther, *SEEN):
        _publish(shop, categories={category: 1300}, key="k")


def test_the_arithmetic_of_a_sample_is_the_one_that_books(shop, product):
    """A sample's direct share is what a sale of one piece on the same terms accrues."""
    from tuike.commission import queries as commission
    from tuike.commission.types import SaleTerms

    [sample] = _preview(shop, mains={product: 1234}).samples
    [booked] = commission.shares_of(SaleTerms(promoter_id=7, rate_bps=1234), base_fen=4990, quantity=1)
    assert (booked.role, booked.amount_fen) == (Role.DIRECT, 615)
    assert _owed(sample.usual) == {"direct": 615}
