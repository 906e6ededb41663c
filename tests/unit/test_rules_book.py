"""The example of docs/rules.md §6, to the fen."""

from dataclasses import replace

from tuike.commission.rules import shares
from tuike.commission.types import Role, SaleTerms, Tier
from tuike.kit.money import allocate

TERMS = SaleTerms(promoter_id=1, rate_bps=1200, tier2=Tier(promoter_id=2, rate_bps=500))


def amounts(terms: SaleTerms, *, base_fen: int, quantity: int = 1) -> dict[Role, int]:
    return {one.role: one.amount_fen for one in shares(terms, base_fen=base_fen, quantity=quantity)}


def test_the_coupon_falls_evenly_and_each_line_pays_its_shares():
    paid = [5990 - part for part in allocate(2000, [5990, 5990])]
    assert paid == [4990, 4990]
    assert [amounts(TERMS, base_fen=fen) for fen in paid] == [{Role.DIRECT: 598, Role.TIER2: 249}] * 2


def test_the_platforms_part_comes_out_of_direct():
    found = amounts(replace(TERMS, platform_fee_bps=1000), base_fen=4990)
    assert found == {Role.DIRECT: 539, Role.TIER2: 249, Role.PLATFORM: 59}


def test_refunds():
    assert amounts(TERMS, base_fen=0, quantity=0) == {Role.DIRECT: 0, Role.TIER2: 0}
    assert amounts(TERMS, base_fen=4990 - 1663) == {Role.DIRECT: 399, Role.TIER2: 166}


def test_the_order_of_the_cut():
    greedy = replace(TERMS, rate_bps=8000, tier3=Tier(3, 500), leader_id=4, service_bps=1000, bonus_fen=50)
    assert amounts(greedy, base_fen=1000) == {
        Role.DIRECT: 800,
        Role.BONUS: 0,
        Role.TIER2: 50,
        Role.TIER3: 50,
        Role.LEADER: 100,
    }
    assert amounts(replace(greedy, rate_bps=8700), base_fen=1000) == {
        Role.DIRECT: 870,
        Role.BONUS: 0,
        Role.TIER2: 30,
        Role.TIER3: 0,
        Role.LEADER: 100,
    }
