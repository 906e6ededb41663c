"""An alliance coupon from the shop's offer to the paid order and its commission, and all that refuses it."""

from datetime import datetime, timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import attribution as make_attribution
from tests.make import catalog as make_catalog
from tests.make import marketing as coupons
from tests.make.refusals import refused
from tuike.attribution import service as attribution
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.flows import offer_coupon, take_coupon
from tuike.flows.close_unpaid import cancel_order
from tuike.flows.place_order import Wanted, place_order
from tuike.idempotency.types import KeyUsedForOther
from tuike.kit.errors import NotFound
from tuike.marketing import queries
from tuike.marketing.types import (
    CouponBelowThreshold,
    CouponNeedsTicket,
    CouponScope,
    CouponShown,
    NewCoupon,
    VoucherNotGood,
    VoucherState,
)
from tuike.orders import queries as orders_of
from tuike.parties import service as parties

pytestmark = pytest.mark.usefixtures("db")
NOON = make.NOON


def offered(one: make.Alliance, wanted: NewCoupon | None = None, *, key: str = "k1") -> CouponShown:
    return offer_coupon.create_coupon(
        merchant_id=one.shop.id, coupon=wanted or coupons.new(), actor=OPERATOR_SHELL, key=key, now=NOON
    )


def taken(one: make.Alliance, coupon: CouponShown, *, key: str = "t1", now: datetime = NOON) -> str:
    return take_coupon.take_coupon(buyer_id=one.buyer_id, visitor="", coupon_no=coupon.no, key=key, now=now).no


def placed(one: make.Alliance, *vouchers: str, quantity: int = 1, key: str = "p1", now: datetime = NOON) -> dict:
    sku = make_catalog.sku_of(one.product_id)
    wanted = Wanted(((sku, quantity),), make.make_orders.ADDRESS, "", vouchers)
    return place_order(buyer_id=one.buyer_id, visitor="", wanted=wanted, key=key, now=now)


def test_the_whole_way(db):
    one = make.alliance()
    make.touch(one)
    coupon = offered(one)
    assert offered(one) == coupon
    voucher = taken(one, coupon)
    assert taken(one, coupon) == voucher
    done = placed(one, voucher)
    assert (done["payable_fen"], done["orders"][0]["lines"][0]["paid_fen"]) == (5_490, 5_490)
    order = make.pay(orders_of.order_of_buyer(buyer_id=one.buyer_id, no=done["orders"][0]["no"]), now=NOON)
    assert rows.query("SELECT kind, source, funded_by, amount_fen FROM orders_discount") == [
        ("coupon", voucher, "merchant", 500)
    ]
    # 12 % of what was paid, rounded down.
    direct = rows.query("SELECT amount_fen FROM commission_accrual WHERE role = 'direct'")
    assert (order.payable_fen, direct) == (5_490, [(658,)])
    assert placed(one, voucher) == done
    with refused(VoucherNotGood, "marketing_", "orders_", "catalog_"):
        placed(one, voucher, key="p2")
    assert rows.query("SELECT DISTINCT key FROM outbox_event WHERE topic = 'coupon.changed'") == [(coupon.no,)]
    books.check()


def test_without_a_ticket_there_is_no_coupon_to_see_take_or_use(db):
    one = make.alliance()
    coupon = offered(one)
    product = catalog.product_facts([one.product_id])[one.product_id]
    asked = {"product": product, "buyer_id": one.buyer_id, "visitor": "", "now": NOON}
    assert take_coupon.coupons_seen(**asked) == ()
    with refused(NotFound, "marketing_"):
        taken(one, coupon)
    make.touch(one)
    assert [shown.no for shown in take_coupon.coupons_seen(**asked)] == [coupon.no]
    voucher = taken(one, coupon)
    # Fifteen days later the touch counts no more: neither for a claim nor for the coupon.
    rows.run("UPDATE marketing_voucher SET usable_until = %s", [NOON + timedelta(days=60)])
    later = NOON + timedelta(days=15, microseconds=1)
    with refused(CouponNeedsTicket, "marketing_", "orders_", "catalog_", "attribution_claim"):
        placed(one, voucher, now=later)
    assert take_coupon.coupons_seen(**asked | {"now": later}) == ()
    assert placed(one, voucher, now=NOON + timedelta(days=15))["payable_fen"] == 5_490


def test_a_ticket_of_another_product_brings_no_coupon(db):
    one = make.alliance()
    other = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id)
    coupon = offered(one, coupons.fixed(scope=CouponScope.PRODUCT, target_ids=(one.product_id,)))
    link = make.link(one, product_id=other)
    make_attribution.touch(link_=link, buyer_id=one.buyer_id, now=NOON)
    with refused(NotFound, "marketing_"):
        taken(one, coupon)


def test_a_promoter_whose_own_purchase_earns_nothing_came_by_a_ticket(db):
    """The gift is the shop's to the buyer; who earns is another question."""
    one = make.alliance()
    make.touch(one)
    voucher = taken(one, offered(one))
    make.plans.set_self_purchase(
        merchant_id=one.shop.id, rates={(make.SelfScope.ALL, 0): None}, actor=OPERATOR_SHELL, now=NOON
    )
    later = make.next_day()
    parties.add_seat(party_id=one.promoter.id, person_id=one.buyer_id, role="admin", actor=OPERATOR_SHELL, now=NOON)
    placed(one, voucher, now=later)
    reasons = rows.query("SELECT reason FROM attribution_claim")
    assert reasons == [("self_purchase_off",)]


def test_a_promoter_whom_the_shop_blocked_brings_no_coupon(db):
    one = make.alliance()
    make.touch(one)
    voucher = taken(one, offered(one))
    attribution.block_promoter(
        merchant_id=one.shop.id, promoter_id=one.promoter.id, reason="刷单", actor=OPERATOR_SHELL, now=NOON
    )
    with refused(CouponNeedsTicket, "marketing_", "orders_", "catalog_", "attribution_claim"):
        placed(one, voucher)
    product = catalog.product_facts([one.product_id])[one.product_id]
    assert take_coupon.coupons_seen(product=product, buyer_id=one.buyer_id, visitor="", now=NOON) == ()


def test_a_threshold_counts_what_is_placed(db):
    one = make.alliance()
    make.touch(one)
    voucher = taken(one, offered(one, coupons.new(threshold_fen=11_980, minus_fen=1_980)))
    with refused(CouponBelowThreshold, "marketing_", "orders_", "catalog_"):
        placed(one, voucher)
    assert placed(one, voucher, quantity=2)["payable_fen"] == 10_000


def test_an_order_that_closes_gives_its_voucher_back(db):
    one = make.alliance()
    make.touch(one)
    voucher = taken(one, offered(one))
    done = placed(one, voucher)
    cancel_order(buyer_id=one.buyer_id, checkout_no=done["checkout_no"], now=NOON)
    assert queries.voucher_of(buyer_id=one.buyer_id, no=voucher).state(NOON) is VoucherState.GOOD
    again = placed(one, voucher, key="p2")
    assert again["payable_fen"] == 5_490
    books.check()


def test_a_refund_gives_back_what_was_paid_and_no_voucher(db):
    one = make.alliance()
    make.touch(one)
    voucher = taken(one, offered(one))
    done = placed(one, voucher, quantity=2)
    order = make.pay(orders_of.order_of_buyer(buyer_id=one.buyer_id, no=done["orders"][0]["no"]), now=NOON)
    make.refunded(order, (1, 1), now=NOON + timedelta(hours=1))
    make.refunded(order, now=NOON + timedelta(hours=2))
    assert rows.query("SELECT sum(amount_fen) FROM orders_after_sale_line") == [(11_480,)]
    assert queries.voucher_of(buyer_id=one.buyer_id, no=voucher).state(NOON) is VoucherState.USED
    books.check()


def test_a_quote_over_what_is_in_the_cart(db):
    one = make.alliance()
    sku = make_catalog.sku_of(one.product_id)
    make.touch(one)
    voucher = taken(one, offered(one))
    quoted = take_coupon.quote(buyer_id=one.buyer_id, visitor="", items=[(sku, 2)], now=NOON)
    assert [(offer.voucher.no, offer.minus_fen) for offer in quoted] == [(voucher, 500)]
    later = NOON + timedelta(days=6)
    assert take_coupon.quote(buyer_id=one.buyer_id, visitor="", items=[(sku, 2)], now=later)[0].minus_fen == 500


def test_a_key_is_for_one_coupon(db):
    one = make.alliance()
    make.touch(one)
    first, second = offered(one), offered(one, coupons.fixed(), key="k2")
    taken(one, first)
    with refused(KeyUsedForOther, "marketing_"):
        taken(one, second)


def test_nothing_is_asked_for_a_checkout_without_a_voucher(db, django_assert_max_num_queries):
    """Vouchers cost an order that has none no statement at all."""
    one = make.alliance()
    statements: list[str] = []

    def watch(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    from django.db import connection

    with connection.execute_wrapper(watch):
        placed(one)
    assert [sql for sql in statements if "marketing_" in sql] == []
