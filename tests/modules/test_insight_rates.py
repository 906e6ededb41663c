"""A merchant's rates as its console shows them: the tree, the history, and "as of" any instant."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.make import catalog
from tests.make import parties as make_parties
from tests.make import plans as make
from tuike.audit.types import OPERATOR_SHELL, Actor
from tuike.insight import rates
from tuike.parties.types import Source
from tuike.plans import service as plans
from tuike.plans.types import Layer, SelfScope

NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)  # 11:00 in Shanghai
MIDNIGHT = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
TICK = timedelta(microseconds=1)

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def tree(db) -> tuple[int, int, int]:
    make.benchmark(500)
    top = catalog.category(name="家居")
    return top, catalog.category(parent_id=top, name="茶具"), catalog.category(parent_id=top, name="床品")


@pytest.fixture
def shop(tree) -> int:
    return catalog.shop()


def _tree(shop: int, at: datetime = NOW) -> dict[int, rates.CategoryRate]:
    return {row.category_id: row for row in rates.category_rates(merchant_id=shop, now=at)}


def test_the_tree_says_what_holds_now_and_from_midnight(shop, tree):
    top, tea, bed = tree
    catalog.product(merchant_id=shop, category_id=tea)
    make.category_rate(shop, top, 1000)
    make.category_rate(shop, tea, 1500, now=NOW)
    make.benchmark(900, category_id=bed, now=NOW)
    found = _tree(shop)
    assert list(found) == [top, tea, bed]
    assert (found[tea].own_bps, found[tea].coming_bps, found[tea].sold, found[tea].changing) == (None, 1500, True, True)
    assert found[tea].holds == rates.Holding(1000, Layer.CATEGORY, here=False)
    assert found[tea].will_hold == rates.Holding(1500, Layer.CATEGORY, here=True)
    assert (found[bed].benchmark_bps, found[bed].coming_benchmark_bps, found[bed].sold) == (500, 900, False)
    assert (found[top].floor_bps, found[tea].floor_bps) == (900, 500)  # above every benchmark below it
    assert _tree(shop, MIDNIGHT)[tea].holds == rates.Holding(1500, Layer.CATEGORY, here=True)


def test_what_the_tree_says_is_what_a_line_gets(shop, tree):
    _, tea, bed = tree
    product = catalog.product(merchant_id=shop, category_id=bed)
    for at in (NOW, MIDNIGHT):
        assert _tree(shop, at)[bed].holds.rate_bps == make.terms(product, at=at).rate_bps
    make.distribution(shop, {1: 700}, now=NOW)
    make.category_rate(shop, tree[0], 1100, now=NOW + timedelta(days=1))
    for at in (NOW, MIDNIGHT - TICK, MIDNIGHT, MIDNIGHT + timedelta(days=1)):
        assert _tree(shop, at)[bed].holds.rate_bps == make.terms(product, at=at).rate_bps
    assert _tree(shop, MIDNIGHT)[tea].holds == rates.Holding(700, Layer.DEFAULT, here=False)


def test_a_lifted_rate_shows_what_the_merchant_wrote(shop, tree):
    _, tea, _ = tree
    make.category_rate(shop, tea, 800)
    make.benchmark(1000, category_id=tea, now=NOW)
    found = _tree(shop)[tea]
    assert (found.own_bps, found.coming_bps, found.lifted_from_bps) == (800, 1000, 800)


def test_an_external_shop_has_the_tree_of_its_kind(tree):
    shop = catalog.shop(source=Source.MINI_PROGRAM)
    assert _tree(shop)[tree[1]].holds == rates.Holding(500, Layer.BENCHMARK, here=False)


def test_the_history_keeps_what_was_replaced_and_says_who_wrote(tree):
    party = make_parties.merchant()
    person = make_parties.super_admin_of(party)
    _, tea, _ = tree
    for rate, by in ((1200, person), (1300, person), (1400, OPERATOR_SHELL)):
        plans.set_category_rates(merchant_id=party.id, rates={tea: rate}, actor=by, now=NOW)
    last, middle, first = rates.history(merchant_id=party.id)
    assert [row.rate_bps for row in (first, middle, last)] == [1200, 1300, 1400]
    assert [row.replaced for row in (first, middle, last)] == [True, True, False]
    assert (last.begins, last.ends, last.category) == (MIDNIGHT, None, ("茶具", "茶具"))
    assert last.by == ""
    assert isinstance(person, Actor)
    [again] = rates.history(merchant_id=party.id, before_id=middle.rate_id)
    assert again == first


def test_as_of_any_instant(shop, tree):
    _, tea, _ = tree
    product = catalog.product(merchant_id=shop, category_id=tea)
    make.category_rate(shop, tea, 1000)
    make.main_product(shop, product, 1600, now=NOW)
    plans.set_self_purchase(merchant_id=shop, rates={(SelfScope.ALL, 0): 300}, actor=OPERATOR_SHELL, now=NOW)
    make.campaign(shop, 3000, now=NOW, product_ids=(product,), ends_at=NOW + timedelta(hours=1))

    def held(at: datetime) -> list[tuple[str, int]]:
        return [(row.layer.value, row.rate_bps) for row in rates.held_at(merchant_id=shop, at=at)]

    assert held(NOW - TICK) == [("category", 1000)]
    assert held(NOW) == [("category", 1000), ("campaign", 3000)]
    assert held(NOW + timedelta(hours=1)) == [("category", 1000)]
    assert held(MIDNIGHT) == [("category", 1000), ("main", 1600), ("self", 300)]
    assert [row.layer for row in rates.history(merchant_id=shop, product_id=product)] == [Layer.CAMPAIGN, Layer.MAIN]
    assert [row.rate_bps for row in rates.history(merchant_id=shop, category_id=tea)] == [1000]


def test_nobody_sees_anothers_rates(shop, tree):
    make.category_rate(shop, tree[1], 1000)
    other = catalog.shop()
    assert rates.history(merchant_id=other) == []
    assert rates.held_at(merchant_id=other, at=NOW) == []
    assert _tree(other)[tree[1]].own_bps is None
