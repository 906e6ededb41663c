"""What a sale pays, by table and by property."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make.commission import GRAND, LEADER, PROMOTER, RECRUITER, terms
from tuike.commission.rules import Purse, by_merchant, funding, returning, shares, take_back
from tuike.commission.types import SaleTerms, Tier
from tuike.ledger import chart
from tuike.ledger.types import Move


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
        # Without a promoter nobody earns, whatever else the terms hold.
        (terms(promoter_id=None, bonus_fen=50, leader_id=LEADER, service_bps=300), 4990, 1, {}),
        # The smallest rate there is.
        (terms(rate_bps=1, tier2=Tier(RECRUITER, 1)), 10_000, 1, {"direct": 1, "tier2": 1}),
        (terms(), 0, 0, {"direct": 0, "tier2": 0}),
        (terms(), 1, 1, {"direct": 0, "tier2": 0}),
        # What would exceed the base is cut: bonus first, then tier 3, tier 2, leader, direct.
        (
            terms(rate_bps=9000, bonus_fen=500, tier3=Tier(GRAND, 200), leader_id=LEADER, service_bps=300),
            1000,
            1,
            {"direct": 900, "bonus": 0, "tier2": 50, "tier3": 20, "leader": 30},
        ),
        # A single fen too much is cut, too.
        (terms(rate_bps=9000, bonus_fen=51), 1000, 1, {"direct": 900, "bonus": 50, "tier2": 50}),
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


AVAILABLE, OWED, TAKER = chart.promoter(9, "available"), chart.promoter(9, "owed"), chart.merchant(7, "available")
ADVANCE = chart.platform("advance")


def test_what_is_there_pays_first_and_the_rest_is_advanced_and_owed() -> None:
    purse = Purse({AVAILABLE.path: 100, TAKER.path: 5})
    moves, missing = take_back(purse, giver=AVAILABLE, owed=OWED, taker=TAKER, amount_fen=60)
    assert (moves, missing) == ([Move(AVAILABLE, TAKER, 60)], 0)
    moves, missing = take_back(purse, giver=AVAILABLE, owed=OWED, taker=TAKER, amount_fen=60)
    assert (moves, missing) == ([Move(AVAILABLE, TAKER, 40), Move(OWED, ADVANCE, 20), Move(ADVANCE, TAKER, 20)], 20)
    moves, missing = take_back(purse, giver=AVAILABLE, owed=OWED, taker=TAKER, amount_fen=1)
    assert (moves, missing) == ([Move(OWED, ADVANCE, 1), Move(ADVANCE, TAKER, 1)], 1)
    assert purse.fen == {AVAILABLE.path: 0, TAKER.path: 126}


def test_what_the_taker_was_given_can_be_taken_on() -> None:
    purse = Purse({})
    out = chart.clearing("R1")
    take_back(purse, giver=AVAILABLE, owed=OWED, taker=TAKER, amount_fen=7)
    assert take_back(purse, giver=TAKER, owed=chart.merchant(7, "owed"), taker=out, amount_fen=7) == (
        [Move(TAKER, out, 7)],
        0,
    )


def test_a_purse_never_gives_more_than_it_has_nor_less_than_nothing() -> None:
    purse = Purse({OWED.path: -5})
    assert [purse.take(OWED, 1), purse.take(AVAILABLE, 1)] == [0, 0]
    assert purse.fen == {OWED.path: -5, AVAILABLE.path: 0}
    purse.give(AVAILABLE, 1)
    assert [purse.take(AVAILABLE, 1), purse.take(AVAILABLE, 1)] == [1, 0]


def test_the_platform_itself_never_owes() -> None:
    fees = chart.platform("fees")
    assert take_back(Purse({}), giver=fees, owed=fees, taker=TAKER, amount_fen=9) == ([Move(fees, TAKER, 9)], 0)


@pytest.mark.parametrize(
    ("funder", "source", "matured", "fund", "back"),
    [
        ("merchant", "mini_store", False, "merchant:7:held", "merchant:7:held"),
        ("merchant", "mini_store", True, "merchant:7:held", "merchant:7:available"),
        ("merchant", "mini_program", False, "merchant:7:prepaid", "merchant:7:prepaid"),
        ("merchant", "mini_program", True, "merchant:7:prepaid", "merchant:7:prepaid"),
        ("platform", "mini_store", False, "platform:promotion", "platform:promotion"),
        ("platform", "mini_store", True, "platform:promotion", "platform:promotion"),
        ("platform", "mini_program", True, "platform:promotion", "platform:promotion"),
    ],
)
def test_a_share_goes_back_to_where_it_came_from(funder: str, source: str, matured: bool, fund: str, back: str) -> None:
    assert funding(funder, source, 7).path == fund
    assert returning(funder, source, 7, matured=matured).path == back


@pytest.mark.parametrize(("by_platform", "paid_by_platform"), [(False, set()), (True, {"direct", "bonus", "platform"})])
def test_a_campaign_of_the_operator_pays_direct_bonus_and_the_platforms_part(
    by_platform: bool, paid_by_platform: set[str]
) -> None:
    said = terms(bonus_fen=5, platform_fee_bps=1000, leader_id=LEADER, service_bps=300, platform_funded=by_platform)
    found = shares(said, base_fen=4990, quantity=1)
    assert {str(one.role) for one in found} == {"direct", "bonus", "platform", "tier2", "leader"}
    assert {str(one.role) for one in found if one.funder == "platform"} == paid_by_platform
    assert by_merchant(found) == sum(one.amount_fen for one in found if str(one.role) not in paid_by_platform)


def test_a_share_names_who_gets_it_at_which_rate_by_which_row() -> None:
    said = terms(
        grade_bps=100,
        bonus_fen=5,
        campaign_id=4,
        tier3=Tier(GRAND, 200, 3),
        leader_id=LEADER,
        service_bps=300,
        platform_fee_bps=1000,
    )
    assert {
        str(one.role): (one.payee.kind, one.payee.id, one.rate_bps, one.rate_id)
        for one in shares(said, base_fen=4990, quantity=1)
    } == {
        "direct": ("promoter", PROMOTER, 1300, 1),
        "bonus": ("promoter", PROMOTER, 0, 4),
        "tier2": ("promoter", RECRUITER, 500, 2),
        "tier3": ("promoter", GRAND, 200, 3),
        "leader": ("leader", LEADER, 300, None),
        "platform": ("platform", 0, 1000, None),
    }
