"""Rates of every layer on the database: what is refused, when it begins, what it lifts, what holds."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.make import catalog
from tests.make import plans as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.parties.types import Source
from tuike.plans import queries, service
from tuike.plans.types import (
    AboveCeiling,
    BelowBenchmark,
    BudgetHeld,
    CampaignOver,
    Layer,
    NewCampaign,
    NotAboveBenchmark,
    NotAboveCategory,
    NotAboveDefault,
    NotAboveNextLayer,
    PublicRate,
    ReleasedTooMuch,
    ReserveAsk,
    SelfScope,
    StartsInPast,
    Terms,
    TierNotAllowed,
    WhyLost,
    WrittenOutOfOrder,
)
from tuike.settings import service as settings

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)  # 11:00 in Shanghai
MIDNIGHT = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)
WHO = {"actor": OPERATOR_SHELL, "now": NOW}


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here works on the database."""


@pytest.fixture
def shop():
    return catalog.shop()


@pytest.fixture
def tree():
    top = catalog.category()
    return top, catalog.category(parent_id=top)


@pytest.fixture
def product(shop, tree):
    return catalog.product(merchant_id=shop, category_id=tree[1])


def table():
    return rows.query("SELECT * FROM plans_rate ORDER BY id")


def refused(refusal, call, **kwargs):
    """The call is refused by name, and no row of rates, campaigns or audit is other than before."""

    def picture():
        acts = rows.query("SELECT count(*) FROM audit_act")
        return table(), rows.query("SELECT * FROM plans_campaign ORDER BY id"), acts

    before = picture()
    with pytest.raises(refusal) as caught, transaction.atomic():
        call(**kwargs)
    assert picture() == before
    assert "{" not in caught.value.sentence() and "{" not in caught.value.sentence("en")
    return caught.value


def layer_at(product, at):
    terms = make.terms(product, at=at)
    return terms.layer, terms.rate_bps


# --- midnights ---------------------------------------------------------------------------------------------------


def test_the_first_benchmark_reaches_back_and_a_change_waits_for_midnight(product):
    make.benchmark(500, now=NOW)
    make.benchmark(800, now=NOW)
    assert layer_at(product, datetime(2001, 1, 1, tzinfo=UTC)) == (Layer.BENCHMARK, 500)
    assert layer_at(product, MIDNIGHT - TICK) == (Layer.BENCHMARK, 500)
    assert layer_at(product, MIDNIGHT) == (Layer.BENCHMARK, 800)


def test_a_later_benchmark_of_a_category_below_does_not_reach_back(product, tree):
    make.benchmark(500)
    make.benchmark(900, category_id=tree[1], now=NOW)
    assert layer_at(product, MIDNIGHT - TICK) == (Layer.BENCHMARK, 500)
    assert layer_at(product, MIDNIGHT) == (Layer.BENCHMARK, 900)


def test_of_several_edits_on_a_day_the_last_wins_with_one_row_a_midnight(shop, product):
    make.benchmark(500)
    for rate in (600, 900, 700):
        make.main_product(shop, product, rate, now=NOW)
    assert layer_at(product, MIDNIGHT - TICK) == (Layer.BENCHMARK, 500)
    assert layer_at(product, MIDNIGHT) == (Layer.MAIN, 700)
    found = rows.query("SELECT rate_bps, isempty(valid) FROM plans_rate WHERE layer = 'main' ORDER BY id")
    assert found == [(600, True), (900, True), (700, False)]


def test_deleting_closes_at_midnight_and_deleting_what_was_to_come_leaves_nothing(shop, product):
    make.benchmark(500)
    make.main_product(shop, product, 900)
    make.main_product(shop, product, None, now=NOW)
    assert layer_at(product, MIDNIGHT - TICK) == (Layer.MAIN, 900)
    assert layer_at(product, MIDNIGHT) == (Layer.BENCHMARK, 500)
    make.main_product(shop, product, 950, now=NOW)
    make.main_product(shop, product, None, now=NOW)
    assert layer_at(product, MIDNIGHT) == (Layer.BENCHMARK, 500)


def test_the_same_rate_again_writes_no_row(shop, product):
    make.benchmark(500)
    make.main_product(shop, product, 900)
    before = table()
    make.main_product(shop, product, 900, now=NOW)
    assert table() == before


def test_what_was_written_for_an_earlier_midnight_comes_too_late(shop, product):
    make.benchmark(500)
    make.main_product(shop, product, 900, now=NOW)
    late = {"merchant_id": shop, "actor": OPERATOR_SHELL, "now": NOW - timedelta(days=1)}
    refused(WrittenOutOfOrder, service.set_main_products, rates={product: 800}, **late)
    make.main_product(shop, product, None, now=NOW + timedelta(days=2))
    refused(WrittenOutOfOrder, service.set_main_products, merchant_id=shop, rates={product: 800}, **WHO)


def test_the_database_refuses_a_rate_that_begins_by_day_or_in_the_past():
    for begins, written in (
        ("2026-03-06 00:00+00", NOW),
        ("2026-03-05 16:00:01+00", NOW),
        ("2026-03-05 16:00+00", MIDNIGHT),
        (None, NOW),
    ):
        with pytest.raises(IntegrityError, match="plans_rate_begins"), transaction.atomic():
            rows.run(
                "INSERT INTO plans_rate (layer, scope, lookup, rate_bps, bonus_fen, service_bps, valid, written_at)"
                " VALUES ('main', 'main:1', 'main:1', 1, 0, 0, tstzrange(%s, NULL), %s)",
                [begins, written],
            )


def test_the_products_role_changes_nothing_of_a_rate_but_its_end(shop, product):
    make.benchmark(500)
    for statement in ("UPDATE plans_rate SET rate_bps = 1", "DELETE FROM plans_rate"):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            rows.run(statement)


# --- layers ------------------------------------------------------------------------------------------------------


def test_the_layer_decides_and_the_losers_are_named(shop, product, tree):
    make.benchmark(500)
    make.distribution(shop, {1: 1500})
    make.category_rate(shop, tree[0], 900)
    make.category_rate(shop, tree[1], 800)
    assert layer_at(product, NOW) == (Layer.CATEGORY, 800)
    make.main_product(shop, product, 1000)
    terms = make.terms(product, at=NOW)
    assert (terms.layer, terms.rate_bps) == (Layer.MAIN, 1000)
    assert [(lost.layer, lost.rate_bps, lost.why) for lost in terms.lost] == [
        (Layer.CATEGORY, 800, WhyLost.LOWER_LAYER),
        (Layer.CATEGORY, 900, WhyLost.FARTHER_CATEGORY),
        (Layer.DEFAULT, 1500, WhyLost.LOWER_LAYER),
        (Layer.BENCHMARK, 500, WhyLost.LOWER_LAYER),
    ]
    question = make.ask(product, at=NOW)
    assert queries.public_rates([question]) == {1: PublicRate(Layer.MAIN, 1000, terms.rate_id)}


def test_nothing_set_earns_nothing(product):
    terms = make.terms(product, at=NOW)
    assert (terms.layer, terms.rate_bps, terms.rate_id, terms.lost) == (Layer.NONE, 0, None, ())


def test_terms_survive_their_json(shop, product):
    make.benchmark(500)
    make.distribution(shop, {1: 800, 2: 300})
    make.campaign(shop, 3000, bonus_fen=50)
    grade = service.add_grade(name="金", rank=1, threshold_fen=100, extra_bps=100, **WHO)
    service.set_grades(grades={77: grade}, **WHO)
    for terms in (
        make.terms(product, at=MIDNIGHT, promoter_id=77),
        make.terms(product, at=MIDNIGHT, promoter_id=77, self_purchase=True),
        make.terms(product, at=NOW - timedelta(days=9999)),
    ):
        told = json.loads(json.dumps(terms.to_json()))
        assert Terms.from_json(told) == terms
    assert len(json.dumps(make.terms(product, at=MIDNIGHT, promoter_id=77).to_json())) < 350


@pytest.mark.parametrize(
    ("rate", "refusal"), [(500, NotAboveBenchmark), (499, NotAboveBenchmark), (0, Invalid), (9001, Invalid)]
)
def test_a_category_rate_stands_above_every_benchmark_under_it(shop, tree, rate, refusal):
    make.benchmark(300)
    make.benchmark(500, category_id=tree[1])
    kwargs = {"merchant_id": shop, **WHO}
    refused(refusal, service.set_category_rates, rates={tree[0]: rate}, **kwargs)
    service.set_category_rates(rates={tree[0]: 501}, **kwargs)


@pytest.mark.parametrize(
    ("below", "refusal"),
    [("category", NotAboveCategory), ("default", NotAboveDefault), ("benchmark", NotAboveBenchmark)],
)
def test_a_main_product_stands_above_the_layer_below(shop, product, tree, below, refusal):
    make.benchmark(500)
    if below == "default":
        make.distribution(shop, {1: 500})
    if below == "category":
        make.distribution(shop, {1: 400 + 500})
        make.category_rate(shop, tree[1], 501)
    floor = 501 if below == "category" else 500
    kwargs = {"merchant_id": shop, **WHO}
    no = refused(refusal, service.set_main_products, rates={product: floor}, **kwargs)
    assert "5" in no.sentence()
    service.set_main_products(rates={product: floor + 1}, **kwargs)


def test_the_default_reaches_the_benchmarks_of_what_is_sold(shop, product, tree):
    make.benchmark(300)
    make.benchmark(700, category_id=catalog.category())
    make.benchmark(500, category_id=tree[1])
    kwargs = {"merchant_id": shop, **WHO}
    refused(BelowBenchmark, service.set_distribution, tier_bps={1: 499}, **kwargs)
    service.set_distribution(tier_bps={1: 500}, **kwargs)


def test_a_shop_outside_has_rates_by_product_without_a_floor(tree):
    shop = catalog.shop(source=Source.MINI_PROGRAM)
    product = catalog.product(merchant_id=shop, category_id=tree[1])
    make.benchmark(500)
    make.category_rate(shop, tree[1], 2000)
    assert make.main_product(shop, product, 100).lifts == ()
    assert make.benchmark(5000, now=NOW).lifts == ()
    assert layer_at(product, MIDNIGHT) == (Layer.MAIN, 100)


def test_foreign_and_missing_things_look_alike(shop, product, tree):
    other = catalog.product()
    own = {"merchant_id": shop, **WHO}
    for call, kwargs in (
        (service.set_main_products, {"rates": {other: 900}, **own}),
        (service.set_main_products, {"rates": {10**9: 900}, **own}),
        (service.set_category_rates, {"rates": {10**9: 900}, **own}),
        (service.set_category_rates, {"rates": {tree[0]: 900}, "merchant_id": 10**9, **WHO}),
        (service.set_benchmarks, {"rates": {(10**9, "other"): 900}, **WHO}),
        (service.set_self_purchase, {"rates": {(SelfScope.PRODUCT, other): 900}, **own}),
        (service.set_self_purchase, {"rates": {(SelfScope.CAMPAIGN, 10**9): 900}, **own}),
        (service.set_grades, {"grades": {1: 10**9}, **WHO}),
        (service.stop_campaign, {"campaign_id": 10**9, **own}),
        (service.lift, {"merchant_ids": [10**9], **WHO}),
    ):
        refused(NotFound, call, **kwargs)


def test_many_main_products_are_all_or_none(shop, tree):
    make.benchmark(500)
    products = [catalog.product(merchant_id=shop, category_id=tree[1]) for _ in range(3)]
    rates = dict(zip(products, (900, 901, 500), strict=True))
    refused(NotAboveBenchmark, service.set_main_products, merchant_id=shop, rates=rates, **WHO)
    written = service.set_main_products(merchant_id=shop, rates=rates | {products[2]: 902}, **WHO)
    assert written.effective_at == MIDNIGHT and len(written.rate_ids) == 3
    acts = rows.query("SELECT object FROM audit_act WHERE action = 'main_product.set' ORDER BY id")
    assert [object_ for (object_,) in acts] == [f"main:{product}" for product in products]


# --- ceiling and tiers -------------------------------------------------------------------------------------------


def test_the_worst_case_stays_under_the_ceiling(shop, product):
    make.benchmark(500)
    own = {"merchant_id": shop, **WHO}
    service.set_distribution(tier_bps={2: 1000}, **own)
    service.add_grade(name="金", rank=1, threshold_fen=1, extra_bps=500, **WHO)
    no = refused(AboveCeiling, service.set_main_products, rates={product: 7501}, **own)
    assert "90.01%" in no.sentence() and "90%" in no.sentence()
    service.set_main_products(rates={product: 7500}, **own)
    refused(AboveCeiling, service.set_distribution, tier_bps={2: 1001}, **own)
    refused(AboveCeiling, service.add_grade, name="钻", rank=2, threshold_fen=2, extra_bps=501, **WHO)
    refused(AboveCeiling, service.set_benchmarks, rates={(0, "other"): 7501}, **WHO)


def test_a_bonus_counts_on_the_cheapest_product_in_scope(shop, tree):
    make.benchmark(500)
    cheap = catalog.product(merchant_id=shop, category_id=tree[1], price_fen=333)
    dear = catalog.product(merchant_id=shop, category_id=tree[1], price_fen=100000)
    new = {"name": "活动", "starts_at": NOW, "ends_at": NOW + timedelta(days=1), "rate_bps": 8000}

    def create(**rest):
        campaign = NewCampaign(**(new | rest))
        return service.create_campaign(merchant_id=shop, campaign=campaign, **WHO)

    refused(AboveCeiling, create, bonus_fen=34)  # 34 / 333 is more than 10 %
    refused(AboveCeiling, create, bonus_fen=34, category_ids=(tree[0],))
    refused(AboveCeiling, create, bonus_fen=34, product_ids=(dear, cheap))
    create(bonus_fen=33)
    create(bonus_fen=34, product_ids=(dear,))
    refused(AboveCeiling, service.set_distribution, merchant_id=shop, tier_bps={2: 10}, **WHO)


def test_tiers_are_paid_as_far_as_the_operator_allows(shop, product):
    make.benchmark(500)
    own = {"merchant_id": shop, **WHO}
    refused(TierNotAllowed, service.set_distribution, tier_bps={2: 300, 3: 100}, **own)
    refused(Invalid, service.set_distribution, tier_bps={4: 100}, **own)
    settings.change(name="max_paid_tiers", value=3, actor=OPERATOR_SHELL, now=NOW)
    service.set_distribution(tier_bps={1: 600, 2: 300, 3: 100}, **own)
    assert {n: t.rate_bps for n, t in make.terms(product, at=MIDNIGHT).tier_bps.items()} == {2: 300, 3: 100}
    assert make.terms(product, at=MIDNIGHT - TICK).tier_bps == {}
    assert make.terms(product, at=MIDNIGHT, self_purchase=True).tier_bps == {}
    tomorrow = NOW + timedelta(days=1)
    service.close_tiers_above(most=2, actor=OPERATOR_SHELL, now=tomorrow)
    after = make.terms(product, at=MIDNIGHT + timedelta(days=1))
    assert set(after.tier_bps) == {2} and after.rate_bps == 600
    service.set_distribution(merchant_id=shop, tier_bps={2: 0}, actor=OPERATOR_SHELL, now=tomorrow)
    assert make.terms(product, at=MIDNIGHT + timedelta(days=1)).tier_bps == {}


# --- lifting -----------------------------------------------------------------------------------------------------


def test_a_risen_benchmark_lifts_what_stands_below_and_lets_it_fall_back(shop, product, tree):
    make.benchmark(500)
    make.distribution(shop, {1: 600})
    make.category_rate(shop, tree[1], 800)
    make.main_product(shop, product, 1000)
    lifts = make.benchmark(900, now=NOW).lifts
    assert [(lift.layer, lift.from_bps, lift.to_bps, lift.own_bps, lift.merchant_id) for lift in lifts] == [
        (Layer.DEFAULT, 600, 900, 600, shop),
        (Layer.CATEGORY, 800, 900, 800, shop),
    ]
    assert all(lift.effective_at == MIDNIGHT for lift in lifts)
    assert layer_at(product, MIDNIGHT) == (Layer.MAIN, 1000)
    lifts = make.benchmark(1100, now=NOW).lifts
    assert [(lift.layer, lift.from_bps, lift.to_bps) for lift in lifts] == [
        (Layer.DEFAULT, 900, 1100),
        (Layer.CATEGORY, 900, 1100),
        (Layer.MAIN, 1000, 1100),
    ]
    assert layer_at(product, MIDNIGHT - TICK) == (Layer.MAIN, 1000)
    assert layer_at(product, MIDNIGHT) == (Layer.MAIN, 1100)
    shown = {r.layer: r for r in queries.merchant_rates(merchant_id=shop, at=MIDNIGHT)}
    assert shown[Layer.MAIN].lifted_from_bps == 1000 and shown[Layer.DEFAULT].lifted_from_bps == 600
    lifts = make.benchmark(550, now=NOW + timedelta(days=1)).lifts
    assert {(lift.layer, lift.to_bps, lift.own_bps) for lift in lifts} == {
        (Layer.DEFAULT, 600, 600),
        (Layer.CATEGORY, 800, 800),
        (Layer.MAIN, 1000, 1000),
    }
    shown = {r.layer: r for r in queries.merchant_rates(merchant_id=shop, at=MIDNIGHT + timedelta(days=1))}
    assert shown[Layer.MAIN].lifted_from_bps is None and shown[Layer.MAIN].rate_bps == 1000


def test_a_merchants_own_category_lifts_its_main_products_too(shop, product, tree):
    make.benchmark(500)
    make.main_product(shop, product, 1000)
    lifts = make.category_rate(shop, tree[0], 1200, now=NOW).lifts
    assert [(lift.layer, lift.product_id, lift.to_bps) for lift in lifts] == [(Layer.MAIN, product, 1200)]
    lifts = make.category_rate(shop, tree[0], None, now=NOW).lifts
    assert [(lift.from_bps, lift.to_bps) for lift in lifts] == [(1200, 1000)]
    assert layer_at(product, MIDNIGHT) == (Layer.MAIN, 1000)


def test_a_shop_of_the_other_kind_is_left_alone(shop, product):
    make.benchmark(500)
    make.main_product(shop, product, 700)
    assert service.set_benchmarks(rates={(0, "individual"): 900}, **WHO).lifts == ()
    assert layer_at(product, MIDNIGHT) == (Layer.MAIN, 700)


def test_a_product_in_a_dearer_category_lifts_the_default(shop, product):
    make.benchmark(500)
    make.distribution(shop, {1: 600})
    dear = catalog.category()
    make.benchmark(1000, category_id=dear)
    catalog.product(merchant_id=shop, category_id=dear)
    lifts = service.lift(merchant_ids=[shop], **WHO).lifts
    assert [(lift.layer, lift.from_bps, lift.to_bps) for lift in lifts] == [(Layer.DEFAULT, 600, 1000)]


# --- campaigns ---------------------------------------------------------------------------------------------------


def test_a_campaign_acts_from_start_to_end_while_above(shop, product):
    make.benchmark(500)
    starts, ends = NOW + timedelta(hours=1), NOW + timedelta(days=3)
    campaign = make.campaign(shop, 900, now=NOW, starts_at=starts, ends_at=ends, bonus_fen=30)
    assert layer_at(product, starts - TICK) == (Layer.BENCHMARK, 500)
    terms = make.terms(product, at=starts)
    assert (terms.layer, terms.rate_bps, terms.bonus_fen, terms.campaign_id) == (Layer.CAMPAIGN, 900, 30, campaign)
    assert terms.funded_by == "merchant"
    assert layer_at(product, ends - TICK) == (Layer.CAMPAIGN, 900)
    assert layer_at(product, ends) == (Layer.BENCHMARK, 500)
    make.main_product(shop, product, 900, now=NOW)
    after = make.terms(product, at=MIDNIGHT)
    assert (after.layer, after.bonus_fen, after.campaign_id) == (Layer.MAIN, 0, None)
    assert after.lost[0].why is WhyLost.NOT_ABOVE_NEXT_LAYER


def test_of_overlapping_campaigns_the_narrower_then_the_later_wins(shop, product, tree):
    make.benchmark(500)
    everything = make.campaign(shop, 4000)
    category = make.campaign(shop, 3000, category_ids=(tree[0],))
    first = make.campaign(shop, 2500, product_ids=(product,))
    second = make.campaign(shop, 2000, product_ids=(product,))
    platform = make.campaign(None, 1000, category_ids=(tree[1],))
    terms = make.terms(product, at=make.EARLY)
    assert (terms.rate_bps, terms.campaign_id) == (2000, second)
    assert [(lost.rate_bps, lost.why) for lost in terms.lost][:4] == [
        (2500, WhyLost.OTHER_CAMPAIGN),
        (1000, WhyLost.OTHER_CAMPAIGN),
        (3000, WhyLost.OTHER_CAMPAIGN),
        (4000, WhyLost.OTHER_CAMPAIGN),
    ]
    for id_ in (second, first):
        service.stop_campaign(merchant_id=shop, campaign_id=id_, actor=OPERATOR_SHELL, now=make.EARLY)
    terms = make.terms(product, at=make.EARLY + timedelta(days=1))
    assert (terms.rate_bps, terms.campaign_id, terms.funded_by) == (1000, platform, "platform")
    assert everything < category


def test_campaigns_are_refused_below_the_next_layer_or_in_the_past(shop, product, tree):
    make.benchmark(500)
    make.main_product(shop, product, 1000)

    def create(by=shop, **rest):
        new = {"name": "活动", "starts_at": NOW, "ends_at": NOW + timedelta(days=1), "rate_bps": 900}
        return service.create_campaign(merchant_id=by, campaign=NewCampaign(**(new | rest)), **WHO)

    refused(NotAboveNextLayer, create, product_ids=(product,))
    refused(NotAboveNextLayer, create, rate_bps=500)
    refused(NotAboveNextLayer, create, rate_bps=500, category_ids=(tree[0],))
    refused(NotAboveNextLayer, create, by=None, rate_bps=500)
    refused(NotAboveNextLayer, create, by=None, rate_bps=1000, product_ids=(product,))
    refused(StartsInPast, create, starts_at=NOW - TICK)
    refused(Invalid, create, ends_at=NOW)
    refused(Invalid, create, name=" ")
    refused(Invalid, create, budget_fen=0)
    refused(Invalid, create, bonus_fen=-1)
    refused(Invalid, create, rate_bps=0)
    refused(Invalid, create, product_ids=(product,), category_ids=(tree[0],))
    refused(NotFound, create, product_ids=(catalog.product(),))
    refused(NotFound, create, category_ids=(10**9,))
    create(product_ids=(product,), rate_bps=1001)
    create(category_ids=(tree[0],), rate_bps=501)


def test_a_stopped_campaign_runs_until_midnight(shop, product):
    make.benchmark(500)
    running = make.campaign(shop, 900, now=NOW)
    coming = make.campaign(shop, 950, now=NOW, starts_at=MIDNIGHT, ends_at=MIDNIGHT + timedelta(days=2))
    for id_ in (running, coming):
        assert service.stop_campaign(merchant_id=shop, campaign_id=id_, **WHO) == MIDNIGHT
    assert layer_at(product, MIDNIGHT - TICK) == (Layer.CAMPAIGN, 900)
    assert layer_at(product, MIDNIGHT) == (Layer.BENCHMARK, 500)
    refused(CampaignOver, service.stop_campaign, merchant_id=shop, campaign_id=running, **WHO)
    short = make.campaign(shop, 900, now=NOW, ends_at=MIDNIGHT)
    refused(CampaignOver, service.stop_campaign, merchant_id=shop, campaign_id=short, **WHO)
    refused(NotFound, service.stop_campaign, merchant_id=catalog.shop(), campaign_id=short, **WHO)
    assert [c.campaign_id for c in queries.campaigns(merchant_id=shop)] == [short, coming, running]


def test_a_capped_campaign_counts_for_lines_that_reserved(shop, product):
    make.benchmark(500)
    campaign = make.campaign(shop, 1000, now=NOW, budget_fen=1500, bonus_fen=100)
    asks = [make.ask(product, at=NOW, line_id=line, quantity=2) for line in (1, 2, 3)]
    wanted = queries.campaigns_for(asks, {1: 5999, 2: 9999, 3: 3000})
    assert [(w.line_id, w.campaign_id, w.amount_fen) for w in wanted] == [
        (1, campaign, 599 + 200),
        (2, campaign, 999 + 200),
        (3, campaign, 300 + 200),
    ]
    assert service.reserve(asks=wanted, now=NOW) == {1, 3}
    assert queries.held_fen([1, 2, 3]) == {1: 799, 3: 500}
    assert queries.campaigns(merchant_id=shop)[0].reserved_fen == 1299
    terms = make.terms(product, at=NOW, campaign_id=campaign)
    assert (terms.layer, terms.bonus_fen) == (Layer.CAMPAIGN, 100)
    without = make.terms(product, at=NOW)
    assert (without.layer, without.lost[0].why) == (Layer.BENCHMARK, WhyLost.NO_RESERVATION)


def test_budgets_are_given_back_in_parts_and_once(shop, product):
    make.benchmark(500)
    campaign = make.campaign(shop, 1000, now=NOW, budget_fen=1000)
    service.reserve(asks=[ReserveAsk(1, campaign, 600), ReserveAsk(2, campaign, 400)], now=NOW)
    assert service.release(releases=[(1, 250), (9, None)]) == {1: 250}
    assert queries.campaigns(merchant_id=shop)[0].reserved_fen == 750
    with pytest.raises(ReleasedTooMuch), transaction.atomic():
        service.release(releases=[(2, 100), (1, 351)])
    assert queries.held_fen([1, 2]) == {1: 350, 2: 400}
    assert service.release(releases=[(1, None), (2, None)]) == {1: 350, 2: 400}
    assert service.release(releases=[(1, None), (2, None)]) == {}
    assert queries.campaigns(merchant_id=shop)[0].reserved_fen == 0


def test_a_budget_is_changed_but_not_below_what_is_held(shop, product):
    make.benchmark(500)
    campaign, free = make.campaign(shop, 1000, now=NOW, budget_fen=1000), make.campaign(shop, 1000, now=NOW)
    service.reserve(asks=[ReserveAsk(1, campaign, 600)], now=NOW)
    own = {"merchant_id": shop, **WHO}
    refused(BudgetHeld, service.change_budget, campaign_id=campaign, budget_fen=599, **own)
    refused(BudgetHeld, service.change_budget, campaign_id=free, budget_fen=599, **own)
    refused(Invalid, service.change_budget, campaign_id=campaign, budget_fen=0, **own)
    service.change_budget(campaign_id=campaign, budget_fen=600, **own)
    assert service.reserve(asks=[ReserveAsk(2, campaign, 1)], now=NOW) == set()


# --- self-purchase and grades ------------------------------------------------------------------------------------


def test_self_purchase_has_its_own_rate_nearest_first(shop, product, tree):
    make.benchmark(500)
    campaign = make.campaign(shop, 900, now=NOW, ends_at=NOW + timedelta(days=9), bonus_fen=10)
    make.distribution(shop, {2: 300})
    at = MIDNIGHT
    assert make.terms(product, at=at, self_purchase=True).self_rate_bps is None
    seen = []
    for scope, id_, rate in (
        (SelfScope.ALL, 0, 10),
        (SelfScope.CATEGORY, tree[0], 20),
        (SelfScope.CATEGORY, tree[1], 30),
        (SelfScope.PRODUCT, product, 40),
        (SelfScope.CAMPAIGN, campaign, 50),
        (SelfScope.PRODUCT, product, None),
        (SelfScope.CAMPAIGN, campaign, None),
    ):
        service.set_self_purchase(merchant_id=shop, rates={(scope, id_): rate}, **WHO)
        terms = make.terms(product, at=at, self_purchase=True, promoter_id=5)
        seen.append(terms.self_rate_bps)
        assert (terms.bonus_fen, terms.tier_bps, terms.grade_bps) == (0, {}, 0)
    assert seen == [10, 20, 30, 40, 50, 50, 30]
    assert make.terms(product, at=at).self_rate_bps is None
    assert make.terms(product, at=at - TICK, self_purchase=True).self_rate_bps is None
    own = {"merchant_id": shop, **WHO}
    refused(Invalid, service.set_self_purchase, rates={(SelfScope.ALL, 1): 10}, **own)
    refused(Invalid, service.set_self_purchase, rates={(SelfScope.ALL, 0): -1}, **own)


def test_grades_add_to_direct_from_midnight(shop, product):
    make.benchmark(500)
    silver = service.add_grade(name="银", rank=1, threshold_fen=100, extra_bps=50, **WHO)
    gold = service.add_grade(name="金", rank=2, threshold_fen=1000, extra_bps=100, **WHO)
    service.set_grades(grades={7: gold, 8: silver}, **WHO)
    terms = make.terms(product, at=MIDNIGHT, promoter_id=7)
    assert (terms.rate_bps, terms.grade_bps) == (500, 100) and terms.grade_rate_id
    assert make.terms(product, at=MIDNIGHT - TICK, promoter_id=7).grade_bps == 0
    assert queries.grade_of(7, at=MIDNIGHT).name == "金" and queries.grade_of(7, at=NOW) is None
    tomorrow = NOW + timedelta(days=1)
    service.change_grade(grade_id=gold, threshold_fen=2000, extra_bps=200, actor=OPERATOR_SHELL, now=tomorrow)
    later = MIDNIGHT + timedelta(days=1)
    assert [make.terms(product, at=later - TICK, promoter_id=p).grade_bps for p in (7, 8)] == [100, 50]
    assert [make.terms(product, at=later, promoter_id=p).grade_bps for p in (7, 8)] == [200, 50]
    service.set_grades(grades={7: None}, actor=OPERATOR_SHELL, now=tomorrow)
    assert queries.grade_of(7, at=later) is None
    assert [(step.name, step.extra_bps) for step in queries.ladder()] == [("银", 50), ("金", 200)]
    refused(NotFound, service.change_grade, grade_id=10**9, threshold_fen=1, extra_bps=1, **WHO)
    for wrong in (
        {"name": "金", "rank": 9, "threshold_fen": 1, "extra_bps": 1},
        {"name": "新", "rank": 2, "threshold_fen": 1, "extra_bps": 1},
        {"name": "新", "rank": 9, "threshold_fen": -1, "extra_bps": 1},
        {"name": "新", "rank": 9, "threshold_fen": 1, "extra_bps": 9001},
    ):
        refused(Invalid, service.add_grade, **wrong, **WHO)


# --- cost --------------------------------------------------------------------------------------------------------


def test_a_list_of_lines_costs_one_query(shop, product, django_assert_num_queries):
    make.benchmark(500)
    asks = [make.ask(product, at=NOW + timedelta(seconds=i), line_id=i, promoter_id=i) for i in range(50)]
    with django_assert_num_queries(1):
        assert len(queries.terms_for(asks)) == 50
    with django_assert_num_queries(0):
        assert queries.terms_for([]) == {}
