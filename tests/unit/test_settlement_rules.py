"""Settlement's arithmetic by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.settlement import rules
from tuike.settlement.types import EXITS, Rail, WithdrawalState


@pytest.mark.parametrize(
    ("amount", "needed"), [(1, 0), (1_000, 0), (1_001, 1), (5_000_000, 1), (5_000_001, 2), (10**12, 2)]
)
def test_how_many_say_yes(amount, needed):
    assert rules.approvals_needed(amount, two_above_fen=5_000_000, none_to_fen=1_000) == needed


def test_the_stricter_threshold_holds_and_zero_switches_off():
    assert rules.approvals_needed(10, two_above_fen=5, none_to_fen=100) == 2
    assert rules.approvals_needed(1, two_above_fen=5, none_to_fen=0) == 1


@pytest.mark.parametrize(
    ("amount", "bps", "tax"), [(9_999, 800, 799), (1, 9_999, 0), (10_000, 0, 0), (12_345, 2_000, 2_469)]
)
def test_tax_is_rounded_down(amount, bps, tax):
    assert rules.withheld_fen(amount, tax_bps=bps) == tax


@given(
    amount=st.integers(1, 10**13),
    parts=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
    rail=st.sampled_from(Rail),
)
def test_a_payout_moves_all_that_had_left(amount, parts, rail):
    fee, tax = parts
    moves = rules.pay_out("promoter", 9, rail, amount_fen=amount + fee + tax, fee_fen=fee, tax_fen=tax)
    assert {m.giver.path for m in moves} == {"promoter:9:leaving"}
    assert sum(m.amount_fen for m in moves) == amount + fee + tax
    assert all(m.amount_fen > 0 for m in moves)
    assert moves[0].amount_fen == amount and moves[0].taker.path.startswith("outside:")


def test_every_state_has_its_exits_and_four_are_ends():
    assert set(EXITS) == set(WithdrawalState)
    assert {s for s, exits in EXITS.items() if not exits} == {
        WithdrawalState.PAID,
        WithdrawalState.RETURNED,
        WithdrawalState.REJECTED,
        WithdrawalState.CANCELLED,
    }
