"""Coupons and vouchers in the database: stock, limits, windows, using once, coming back."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import marketing as coupons
from tests.make import parties as make_parties
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.marketing import queries, service
from tuike.marketing.types import (
    CouponLimit,
    CouponNotOpen,
    CouponPhase,
    CouponScope,
    CouponTakenUp,
    Item,
    OneVoucherAShop,
    StockOnlyGrows,
    VoucherNotGood,
    VoucherState,
)

pytestmark = pytest.mark.usefixtures("db")
NOON = make.NOON
BUYER, OTHER = 501, 502


@pytest.fixture
def shop() -> int:
    return make_parties.merchant(name="青瓷小铺").id


def item(shop: int, amount_fen: int = 6_000, product_id: int = 1) -> Item:
    return Item(shop, product_id, (1,), amount_fen)


def test_a_coupon_is_as_it_was_made_and_audited(shop):
    made = coupons.coupon(shop, coupons.percent(most_fen=900, use_days=3, limit_each=2))
    assert queries.coupon_of(merchant_id=shop, no=made.no) == made
    assert (made.terms.off_bps, made.terms.most_fen, made.use_days, made.limit_each) == (1_000, 900, 3, 2)
    assert rows.query("SELECT object, facts ->> 'kind' FROM audit_act WHERE action = 'coupon.create'") == [
        (made.no, "percent")
    ]


def test_nobody_makes_a_coupon_for_what_isnt_theirs(shop):
    other = make_parties.merchant(name="山间茶铺").id
    theirs = make_catalog.product(merchant_id=other)
    wanted = coupons.new(scope=CouponScope.PRODUCT, target_ids=(theirs,))
    with refused(NotFound, "marketing_"):
        coupons.coupon(shop, wanted)
    with refused(NotFound, "marketing_"):
        coupons.coupon(shop, coupons.new(scope=CouponScope.CATEGORY, target_ids=(10**9,)))
    with refused(Invalid, "marketing_"):
        coupons.coupon(shop, coupons.new(stock=0))
    made = coupons.coupon(shop)
    with refused(NotFound, "marketing_"):
        service.stop_coupon(merchant_id=other, no=made.no, actor=OPERATOR_SHELL, now=NOON)


def test_it_goes_through_its_phases(shop):
    made = coupons.coupon(shop, coupons.new(starts_at=NOON + timedelta(hours=1), stock=1))
    assert made.phase(NOON) is CouponPhase.COMING
    assert made.phase(NOON + timedelta(hours=1)) is CouponPhase.OPEN
    assert made.phase(made.ends_at) is CouponPhase.OVER
    coupons.voucher(made, BUYER, now=NOON + timedelta(hours=1))
    again = queries.coupon_of(merchant_id=shop, no=made.no)
    assert again.phase(NOON + timedelta(hours=1)) is CouponPhase.TAKEN_UP
    stopped = service.stop_coupon(merchant_id=shop, no=made.no, actor=OPERATOR_SHELL, now=NOON)
    assert stopped.phase(NOON + timedelta(hours=1)) is CouponPhase.STOPPED


def test_it_is_taken_in_its_window_while_there_is_stock_up_to_the_limit(shop):
    made = coupons.coupon(shop, coupons.new(starts_at=NOON + timedelta(hours=1), stock=3, limit_each=2))
    begun = NOON + timedelta(hours=1)
    with refused(CouponNotOpen, "marketing_"):
        coupons.voucher(made, BUYER, now=begun - timedelta(microseconds=1))
    assert coupons.voucher(made, BUYER, now=begun).usable_until == made.ends_at
    coupons.voucher(made, BUYER, now=begun)
    with refused(CouponLimit, "marketing_"):
        coupons.voucher(made, BUYER, now=begun)
    coupons.voucher(made, OTHER, now=begun)
    with refused(CouponTakenUp, "marketing_"):
        coupons.voucher(made, 503, now=begun)
    told = rows.query("SELECT object FROM messages_message WHERE kind = 'coupon_out'")
    assert told == rows.query("SELECT key FROM outbox_event WHERE topic = 'coupon.changed'") == [(made.no,)]
    with refused(CouponNotOpen, "marketing_"):
        coupons.voucher(made, 503, now=made.ends_at)
    assert queries.held(buyer_id=BUYER, coupon_ids=[made.coupon_id]) == {made.coupon_id: 2}


def test_more_of_it_may_be_given_and_it_may_be_stopped(shop):
    made = coupons.coupon(shop, coupons.new(stock=1))
    coupons.voucher(made, BUYER)
    with refused(StockOnlyGrows, "marketing_"):
        service.raise_stock(merchant_id=shop, no=made.no, stock=0, actor=OPERATOR_SHELL, now=NOON)
    service.raise_stock(merchant_id=shop, no=made.no, stock=2, actor=OPERATOR_SHELL, now=NOON)
    coupons.voucher(made, OTHER)
    service.stop_coupon(merchant_id=shop, no=made.no, actor=OPERATOR_SHELL, now=NOON)
    with refused(CouponNotOpen, "marketing_"):
        coupons.voucher(made, 503)
    with refused(CouponNotOpen, "marketing_"):
        service.stop_coupon(merchant_id=shop, no=made.no, actor=OPERATOR_SHELL, now=NOON)
    with refused(CouponNotOpen, "marketing_"):
        service.raise_stock(merchant_id=shop, no=made.no, stock=9, actor=OPERATOR_SHELL, now=NOON)


def test_a_voucher_lowers_once_and_comes_back(shop):
    had = coupons.voucher(coupons.coupon(shop), BUYER)
    wanted = {"vouchers": [had.no], "buyer_id": BUYER, "items": [item(shop)], "now": NOON}
    assert [one.minus_fen for one in service.use(**wanted)] == [500]
    assert queries.voucher_of(buyer_id=BUYER, no=had.no).state(NOON) is VoucherState.USED
    with refused(VoucherNotGood, "marketing_"):
        service.use(**wanted)
    assert service.give_back(vouchers=[had.no]) == 1
    assert service.give_back(vouchers=[had.no]) == 0
    assert queries.voucher_of(buyer_id=BUYER, no=had.no).state(NOON) is VoucherState.GOOD
    with refused(VoucherNotGood, "marketing_"):
        service.use(**wanted | {"now": had.usable_until})
    assert service.use(**wanted)[0].minus_fen == 500


def test_a_voucher_is_its_buyers_and_one_a_shop(shop):
    made = coupons.coupon(shop, coupons.new(limit_each=2))
    first, second = coupons.voucher(made, BUYER), coupons.voucher(made, BUYER)
    with refused(NotFound, "marketing_"):
        service.use(vouchers=[first.no], buyer_id=OTHER, items=[item(shop)], now=NOON)
    # What is refused below has marked vouchers before it looked: the transaction of the placement takes that back.
    for vouchers in ([first.no, first.no], [first.no, second.no]):
        with pytest.raises(OneVoucherAShop):
            service.use(vouchers=vouchers, buyer_id=BUYER, items=[item(shop)], now=NOON)


def test_a_quote_tells_the_best_first_and_why_others_dont_lower(shop):
    small = coupons.voucher(coupons.coupon(shop), BUYER)
    large = coupons.voucher(coupons.coupon(shop, coupons.fixed(700)), BUYER)
    dear = coupons.voucher(coupons.coupon(shop, coupons.new(threshold_fen=9_000)), BUYER)
    quoted = queries.quote(buyer_id=BUYER, items=[item(shop)], ticketed=[True], now=NOON)
    told = [(one.voucher.no, one.minus_fen, one.why_not.code if one.why_not else "") for one in quoted]
    assert told == [(large.no, 700, ""), (small.no, 500, ""), (dear.no, 0, "coupon_below_threshold")]
    quoted = queries.quote(buyer_id=BUYER, items=[item(shop)], ticketed=[False], now=NOON)
    assert {one.why_not.code for one in quoted if one.why_not} == {"coupon_needs_ticket", "coupon_below_threshold"}
    assert queries.quote(buyer_id=OTHER, items=[item(shop)], ticketed=[True], now=NOON) == []


def test_promoters_see_what_lowers_a_product(shop, django_assert_num_queries):
    cups, pots = make_catalog.product(merchant_id=shop), make_catalog.product(merchant_id=shop)
    everything = coupons.coupon(shop)
    for_pots = coupons.coupon(shop, coupons.new(scope=CouponScope.PRODUCT, target_ids=(pots,)))
    coupons.coupon(shop, coupons.new(starts_at=NOON + timedelta(hours=1)))
    with django_assert_num_queries(1):
        found = queries.coupons_for([cups, pots, 10**9], NOON)
    told = {product: [one.no for one in shown] for product, shown in found.items()}
    assert told == {cups: [everything.no], pots: [for_pots.no, everything.no]}
    assert queries.coupons_for([cups], everything.ends_at) == {}
