"""What a coupon takes off, to the fen, and which coupons make no sense."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.kit.errors import Invalid
from tuike.marketing import rules
from tuike.marketing.types import (
    CouponBelowThreshold,
    CouponKind,
    CouponLowersNothing,
    CouponNeedsTicket,
    CouponScope,
    CouponTerms,
    Item,
    NewCoupon,
)

NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
SHOP = 7


def terms(kind: CouponKind = CouponKind.FIXED, **changes: object) -> CouponTerms:
    facts: dict = {
        "merchant_id": SHOP,
        "name": "券",
        "kind": kind,
        "threshold_fen": 0,
        "minus_fen": 0,
        "off_bps": 0,
        "most_fen": None,
        "scope": CouponScope.SHOP,
        "target_ids": (),
    }
    return CouponTerms(**facts | changes)


def item(amount_fen: int, *, product: int = 1, path: tuple[int, ...] = (1, 2), shop: int = SHOP) -> Item:
    return Item(shop, product, path, amount_fen)


def test_an_amount_falls_on_the_items_by_largest_remainder():
    taken = rules.lowered("V1", terms(minus_fen=2_000), [item(5_990), item(5_990)])
    assert (taken.parts, taken.minus_fen) == ({0: 1_000, 1: 1_000}, 2_000)
    taken = rules.lowered("V1", terms(minus_fen=100), [item(1), item(2), item(4)])
    assert taken.minus_fen == 6  # one fen stays to be paid
    assert rules.lowered("V1", terms(minus_fen=10), [item(100), item(200)]).parts == {0: 3, 1: 7}


def test_a_percentage_is_rounded_down_and_capped():
    percent = terms(CouponKind.PERCENT, off_bps=1_250)
    assert rules.lowered("V1", percent, [item(999)]).minus_fen == 124  # 124.875
    capped = terms(CouponKind.PERCENT, off_bps=1_250, most_fen=100)
    assert rules.lowered("V1", capped, [item(999)]).minus_fen == 100


def test_only_what_is_in_scope_counts_and_is_lowered():
    items = [item(3_000, product=1, path=(1, 2)), item(3_000, product=2, path=(1, 3)), item(9_000, shop=8)]
    of_product = terms(minus_fen=500, scope=CouponScope.PRODUCT, target_ids=(2,))
    assert rules.lowered("V1", of_product, items).parts == {1: 500}
    of_root = terms(minus_fen=500, scope=CouponScope.CATEGORY, target_ids=(1,))
    assert rules.lowered("V1", of_root, items).parts == {0: 250, 1: 250}
    threshold = terms(CouponKind.THRESHOLD, threshold_fen=3_001, minus_fen=500, scope=CouponScope.CATEGORY)
    with pytest.raises(CouponLowersNothing):
        rules.lowered("V1", threshold, items)


def test_the_threshold_is_inclusive():
    wanted = terms(CouponKind.THRESHOLD, threshold_fen=5_000, minus_fen=500)
    assert rules.lowered("V1", wanted, [item(5_000)]).minus_fen == 500
    with pytest.raises(CouponBelowThreshold) as refused:
        rules.lowered("V1", wanted, [item(4_999)])
    assert "¥50.00" in refused.value.sentence("zh")


def test_a_single_fen_cant_be_lowered():
    with pytest.raises(CouponLowersNothing):
        rules.lowered("V1", terms(minus_fen=500), [item(1)])
    with pytest.raises(CouponLowersNothing):
        rules.lowered("V1", terms(CouponKind.PERCENT, off_bps=100), [item(99)])  # 0.99 fen


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=20), st.integers(1, 10**8))
def test_what_is_taken_adds_up_and_leaves_each_item_something_or_nothing(amounts: list[int], minus_fen: int):
    items = [item(amount) for amount in amounts]
    if sum(amounts) == 1:
        return
    taken = rules.lowered("V1", terms(minus_fen=minus_fen), items)
    assert taken.minus_fen == min(minus_fen, sum(amounts) - 1)
    assert all(0 < part <= amounts[i] for i, part in taken.parts.items())


def test_a_ticket_must_have_brought_something_in_scope():
    wanted = terms(minus_fen=1, scope=CouponScope.PRODUCT, target_ids=(2,))
    items = [item(10, product=1), item(10, product=2)]
    rules.check_ticket(wanted, items, [False, True])
    with pytest.raises(CouponNeedsTicket):
        rules.check_ticket(wanted, items, [True, False])


def test_a_voucher_is_good_until_the_end_or_for_days():
    ends = NOW + timedelta(days=7)
    assert rules.usable_until(taken_at=NOW, ends_at=ends, use_days=None) == ends
    assert rules.usable_until(taken_at=NOW, ends_at=ends, use_days=30) == NOW + timedelta(days=30)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "名" * 21}, "name"),
        ({"ends_at": NOW - timedelta(days=1)}, "ends_at"),
        ({"starts_at": NOW - timedelta(days=2), "ends_at": NOW}, "ends_at"),
        ({"stock": 0}, "stock"),
        ({"limit_each": 0}, "limit_each"),
        ({"use_days": 0}, "use_days"),
        ({"minus_fen": 0}, "minus_fen"),
        ({"threshold_fen": 500}, "threshold_fen"),
        ({"off_bps": 10}, "off_bps"),
        ({"most_fen": 10}, "off_bps"),
        ({"kind": CouponKind.FIXED}, "threshold_fen"),
        ({"kind": CouponKind.PERCENT, "off_bps": 1_000}, "minus_fen"),
        ({"kind": CouponKind.PERCENT, "minus_fen": 0}, "off_bps"),
        ({"kind": CouponKind.PERCENT, "minus_fen": 0, "off_bps": 10_000}, "off_bps"),
        ({"kind": CouponKind.PERCENT, "minus_fen": 0, "off_bps": 100, "most_fen": 0}, "most_fen"),
        ({"target_ids": (1,)}, "target_ids"),
        ({"scope": CouponScope.PRODUCT}, "target_ids"),
        ({"scope": CouponScope.PRODUCT, "target_ids": tuple(range(201))}, "target_ids"),
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused_by_field(changes: dict, field: str):
    facts: dict = {
        "name": "满减",
        "kind": CouponKind.THRESHOLD,
        "threshold_fen": 5_000,
        "minus_fen": 500,
        "starts_at": NOW,
        "ends_at": NOW + timedelta(days=1),
        "stock": 1,
    }
    rules.check(NewCoupon(**facts), NOW)
    with pytest.raises(Invalid) as refused:
        rules.check(NewCoupon(**facts | changes), NOW)
    assert refused.value.details["field"] == field
