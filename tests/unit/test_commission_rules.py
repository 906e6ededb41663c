"""What a sale pays, by table and by property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make.commission import GRAND, LEADER, PROMOTER, RECRUITER, terms
from tuike.commission.rules import shares
from tuike.commission.types import SaleTerms, Tier


def amounts(said: SaleTerms, base_fen: int, quantity: int = 1) -> dict[str, int]:
    return {str(one.role): one.amount_fen for one in shares(said, base_fen=base_fen, quantity=quantity)}


@pytest.mark.parametrize(
    ("said", "base_fen", "quantity", "expected"),
    [
        # The rule book's own example: each of two lines of ¥49.90.
        (terms(), 4990, 1, {"direct": 598, "tier2": 249}),
        (terms(grade_bps=100), 4990, 1, {"direct": 648, "tier2": 249}),
        (terms(bonus_fen=50), 4990, 3, {"direct": 598, "bonus": 150, "tier2": 249}),
        (terms(tier3=Tier(GRAND, 200)), 4990, 1, {"direct": 598, "tier2": 249, "tier3": 99}),
        (terms(leader_id=LEADER, service_bps=300), 4990, 1, {"direct": 598, "tier2": 249, "leader": 149}),
        # The platform's share comes out of direct: the promoter keeps the fraction.
        (terms(platform_fee_bps=1000), 4990, 1, {"direct": 539, "tier2": 249, "platform": 59}),
        # A self-purchase pays its own rate: no tiers, no grade, no bonus; the leader is paid.
        (
            terms(self_purchase=True, rate_bps=300, grade_bps=100, bonus_fen=50, leader_id=LEADER, service_bps=300),
            4990,
            1,
            {"self": 149, "leader": 149},
        ),
        (terms(rate_bps=0, tier2=None), 4990, 1, {}),
        (SaleTerms(nobody="no_touch"), 4990, 1, {}),
        (terms(), 0, 0, {"direct": 0, "tier2": 0}),
        (terms(), 1, 1, {"direct": 0, "tier2": 0}),
        # What would exceed the base is cut: bonus first, then tier 3, tier 2, leader, direct.
        (
            terms(rate_bps=9000, bonus_fen=500, tier3=Tier(GRAND, 200), leader_id=LEADER, service_bps=300),
            1000,
            1,
            {"direct": 900, "bonus": 0, "tier2": 50, "tier3": 20, "leader": 30},
        ),
        (
            terms(rate_bps=9000, tier2=Tier(RECRUITER, 900), tier3=Tier(GRAND, 200), leader_id=LEADER, service_bps=800),
            1000,
            1,
            {"direct": 900, "tier2": 20, "tier3": 0, "leader": 80},
        ),
        (
            terms(rate_bps=9000, grade_bps=1500, platform_fee_bps=1000, leader_id=LEADER, service_bps=800),
            1000,
            1,
            {"direct": 900, "tier2": 0, "leader": 0, "platform": 100},
        ),
    ],
)
def test_what_a_sale_pays(said: SaleTerms, base_fen: int, quantity: int, expected: dict[str, int]) -> None:
    assert amounts(said, base_fen, quantity) == expected


def test_a_cut_share_says_how_much_was_cut() -> None:
    found = shares(terms(rate_bps=9000, bonus_fen=500), base_fen=1000, quantity=1)
    assert {str(one.role): one.cut_fen for one in found} == {"direct": 0, "bonus": 450, "tier2": 0}


RATES = st.integers(0, 9000)
TERMS = st.builds(
    terms,
    rate_bps=RATES,
    grade_bps=st.integers(0, 1000),
    bonus_fen=st.integers(0, 500),
    self_purchase=st.booleans(),
    tier2=st.none() | st.builds(Tier, st.just(RECRUITER), RATES),
    tier3=st.none() | st.builds(Tier, st.just(GRAND), RATES),
    leader_id=st.none() | st.just(LEADER),
    service_bps=RATES,
    platform_fee_bps=RATES,
)


@given(TERMS, st.integers(0, 10**9), st.integers(0, 100))
def test_never_more_than_what_was_paid_and_never_less_than_nothing(
    said: SaleTerms, base_fen: int, quantity: int
) -> None:
    found = shares(said, base_fen=base_fen, quantity=quantity)
    assert all(one.amount_fen >= 0 and one.cut_fen >= 0 for one in found)
    assert sum(one.amount_fen for one in found) <= base_fen


@given(TERMS, st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 20))
def test_a_smaller_base_never_pays_more_in_all(said: SaleTerms, one: int, other: int, quantity: int) -> None:
    small, large = sorted((one, other))
    paid = [
        sum(share.amount_fen for share in shares(said, base_fen=base, quantity=quantity)) for base in (small, large)
    ]
    assert paid[0] <= paid[1]


@given(TERMS)
def test_terms_survive_being_kept(said: SaleTerms) -> None:
    assert SaleTerms.from_json(said.to_json()) == said


def test_the_promoter_is_the_payee_of_direct_self_and_bonus() -> None:
    found = shares(terms(bonus_fen=50), base_fen=4990, quantity=1)
    assert {one.payee.id for one in found if one.role in ("direct", "bonus")} == {PROMOTER}
