"""What a receipt writes out is what was computed: against the arithmetic of commission, for any terms."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.commission import rules
from tuike.commission.types import SaleTerms, Tier
from tuike.insight.explain import arithmetic
from tuike.insight.explain.arithmetic import Rates
from tuike.insight.explain.types import Words

SHOP = Words("商家", "the shop")
RATE = st.integers(0, 9_000)


@pytest.mark.parametrize(
    ("numerator", "said"),
    [
        (5_988_000, "598.80"),
        (0, "0"),
        (10_000, "1"),
        (10_001, "1.0001"),
        (9_999, "0.9999"),
        (12_500, "1.25"),
        (1_000, "0.10"),
    ],
)
def test_fractions_of_a_fen(numerator, said):
    assert arithmetic.fraction(numerator) == said


def test_the_rule_books_example():
    said = arithmetic.part_of(4990, (1200,), SHOP)
    assert said.zh == "4990 × 12% = 598.80 → 598 分，不足一分的 0.80 分归商家"
    assert said.en == "4990 × 12% = 598.80 → 598 fen; the shop keeps the 0.80 fen"
    assert arithmetic.part_of(4990, (1000,), SHOP).zh == "4990 × 10% = 499 分"


@given(
    st.tuples(st.integers(0, 10**9), st.integers(1, 50), RATE, RATE, st.integers(0, 5_000), RATE, RATE), st.booleans()
)
def test_it_ends_with_what_was_computed(drawn, own):
    """The last amount that a computation names is the share, whatever the ceiling and the platform took."""
    base, pieces, rate, grade, bonus, tier, fee = drawn
    terms = SaleTerms(
        promoter_id=9,
        rate_bps=rate,
        grade_bps=0 if own else grade,
        self_purchase=own,
        bonus_fen=0 if own else bonus,
        tier2=None if own else Tier(10, tier),
        platform_fee_bps=0 if own else fee,
    )
    rates = Rates(
        by_role={"direct": tuple(one for one in (rate, grade) if one) or (0,), "self": (rate,), "tier2": (tier,)},
        payer=SHOP,
        bonus_fen=bonus,
        fee_bps=fee,
    )
    found = rules.shares(terms, base_fen=base, quantity=pieces)
    direct = sum(one.amount_fen for one in found if one.role in ("direct", "platform"))
    for one in found:
        if one.role == "platform":
            said = arithmetic.platform(direct, fee)
        else:
            said = arithmetic.share(one.role, rates, base_fen=base, pieces=pieces, got_fen=one.amount_fen)
        assert _last(said.zh) == _last(said.en) == one.amount_fen
        if one.cut_fen and not fee:
            assert f"封顶扣减 {one.cut_fen}" in said.zh


def _last(said: str) -> int:
    """Return the last whole amount, leaving out who keeps a fraction."""
    told = re.sub(r"，不足一分的 [\d.]+ 分归\S*|; (?:the shop|the promoter) keeps the [\d.]+ fen", "", said)
    return int(re.findall(r"(\d+)(?: 分| fen|$)", told)[-1])
