"""Promotability, prices and states, from values alone."""

import itertools
from dataclasses import replace

import pytest

from tuike.catalog import rules
from tuike.catalog.types import NewSku, NotPromotable, ProductState, PromotionFacts
from tuike.kit.errors import Invalid

FINE = PromotionFacts(
    opened=True,
    certified=True,
    suspended=False,
    on_sale=True,
    free=1,
    restricted=False,
    has_picture=True,
    min_price_fen=100,
    price_floor_fen=100,
    excluded=False,
    prepaid_short=False,
)
WRONG = {
    NotPromotable.MERCHANT_NOT_OPENED: {"opened": False},
    NotPromotable.MERCHANT_NOT_CERTIFIED: {"certified": False},
    NotPromotable.MERCHANT_SUSPENDED: {"suspended": True},
    NotPromotable.OFF_SALE: {"on_sale": False},
    NotPromotable.OUT_OF_STOCK: {"free": 0},
    NotPromotable.RESTRICTED_CATEGORY: {"restricted": True},
    NotPromotable.NO_PICTURE: {"has_picture": False},
    NotPromotable.BELOW_PRICE_FLOOR: {"min_price_fen": 99},
    NotPromotable.EXCLUDED: {"excluded": True},
    NotPromotable.PREPAID_SHORT: {"prepaid_short": True},
}


def test_a_product_with_nothing_against_it_is_promotable():
    assert rules.why_not_promotable(FINE) is None


@pytest.mark.parametrize("reason", list(NotPromotable))
def test_each_reason_alone(reason):
    assert rules.why_not_promotable(replace(FINE, **WRONG[reason])) is reason
    assert reason.sentence() and reason.sentence("en") and reason.sentence() != reason.sentence("en")


def test_of_two_reasons_the_earlier_is_named():
    for first, second in itertools.combinations(NotPromotable, 2):
        assert rules.why_not_promotable(replace(FINE, **WRONG[first], **WRONG[second])) is first


@pytest.mark.parametrize(
    ("prices", "lowest"),
    [([(500, True), (300, True)], 300), ([(500, True), (300, False)], 500), ([(500, False), (300, False)], 300)],
)
def test_the_lowest_price_is_of_what_is_on_sale(prices, lowest):
    assert rules.lowest_price(prices) == lowest


@pytest.mark.parametrize(
    "sku",
    [
        NewSku(price_fen=0, free=1),
        NewSku(price_fen=-1, free=1),
        NewSku(price_fen=10**13 + 1, free=1),
        NewSku(price_fen=1, free=-1),
        NewSku(price_fen=1, free=2**31),
        NewSku(price_fen=1, free=1, spec="x" * 81),
    ],
)
def test_impossible_skus_are_refused(sku):
    with pytest.raises(Invalid):
        rules.check_sku(sku)


@pytest.mark.parametrize("title", ["", "   ", "x" * 121])
def test_impossible_titles_are_refused(title):
    with pytest.raises(Invalid):
        rules.check_title(title)


def test_states_know_their_exits():
    assert {state: set(state.exits) for state in ProductState} == {
        ProductState.DRAFT: {ProductState.ON_SALE},
        ProductState.ON_SALE: {ProductState.OFF_SALE},
        ProductState.OFF_SALE: {ProductState.ON_SALE},
    }
