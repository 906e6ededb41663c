"""The proposed vouchers take most off: no combination of one a shop and one of the platform takes more."""

from collections.abc import Iterator, Sequence
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tuike.kit.errors import Refusal
from tuike.marketing import rules
from tuike.marketing.types import CouponChannel, CouponKind, CouponScope, CouponTerms, Item

SHOPS = (1, 2, 3)
items = st.lists(
    st.builds(
        Item,
        merchant_id=st.sampled_from(SHOPS),
        product_id=st.integers(1, 4),
        category_path=st.just((1,)),
        amount_fen=st.integers(0, 400),
        coupons=st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@st.composite
def terms(draw: st.DrawFn) -> CouponTerms:
    """Return any terms that a coupon may have, small enough to meet every edge."""
    shop = draw(st.none() | st.sampled_from(SHOPS))
    kind = draw(st.sampled_from(CouponKind))
    minus = draw(st.integers(1, 300)) if kind is not CouponKind.PERCENT else 0
    threshold = 0 if kind is CouponKind.FIXED else minus + draw(st.integers(1, 500))
    scope = CouponScope.SHOP if shop is None else draw(st.sampled_from([CouponScope.SHOP, CouponScope.PRODUCT]))
    return CouponTerms(
        merchant_id=shop,
        name="券",
        kind=kind,
        threshold_fen=threshold,
        minus_fen=minus,
        off_bps=draw(st.integers(1, 9_999)) if kind is CouponKind.PERCENT else 0,
        most_fen=draw(st.none() | st.integers(1, 200)) if kind is CouponKind.PERCENT else None,
        scope=scope,
        target_ids=(1, 2) if scope is CouponScope.PRODUCT else (),
        channel=CouponChannel.EVERYONE if shop is None else draw(st.sampled_from(CouponChannel)),
    )


def combinations(held: Sequence[tuple[str, CouponTerms]]) -> Iterator[list[tuple[str, CouponTerms]]]:
    """Every choice of at most one voucher a shop and one of the platform."""
    by_owner = [[None, *(one for one in held if one[1].merchant_id == owner)] for owner in (*SHOPS, None)]
    for chosen in product(*by_owner):
        yield [one for one in chosen if one is not None]


def total(chosen: Sequence[tuple[str, CouponTerms]], on: Sequence[Item], ticketed: Sequence[bool]) -> int:
    """What a choice takes off; nothing where one of it can't be used."""
    try:
        for _, one in chosen:
            rules.check_ticket(one, on, ticketed)
        return sum(one.minus_fen for one in rules.lower_all(chosen, on))
    except Refusal:
        return 0


@given(items, st.lists(terms(), max_size=7), st.data())
def test_no_choice_takes_more(on, made, data):
    ticketed = data.draw(st.lists(st.booleans(), min_size=len(on), max_size=len(on)))
    held = [(f"V{i}", one) for i, one in enumerate(made)]
    best = rules.best_vouchers(held, on, ticketed)
    taken = sum(one.minus_fen for one in best)
    assert taken == max(total(chosen, on, ticketed) for chosen in combinations(held))
    # It is a choice that may be made, and it comes to the same when it is.
    assert total([(one.voucher_no, one.terms) for one in best], on, ticketed) == taken
    left = [item.amount_fen - rules.taken_before(best).get(i, 0) for i, item in enumerate(on)]
    assert all(fen >= 0 for fen in left)
