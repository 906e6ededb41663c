"""A checkout of two shops with everything that lowers and pays it: looked at, placed, paid, closed, given back."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import freight as make_freight
from tests.make import mall, points
from tests.make import marketing as coupons
from tests.make import payments as make_payments
from tests.make import people as make_people
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.db import rows
from tuike.flows import close_unpaid, open_red_packet, packet_money, place_order, send_red_packet, start_payment
from tuike.flows.confirm_payments import confirm_answers
from tuike.flows.place_order import Wanted
from tuike.flows.preview_checkout import Looked, preview_checkout
from tuike.flows.refund_order import approve_refund, ask_refund
from tuike.gateways.types import Channel
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.marketing import queries as marketing
from tuike.marketing import service as marketing_service
from tuike.marketing.types import (
    BalanceShort,
    CouponChannel,
    PointsShort,
    PointsTooMany,
    VoucherNotGood,
    VoucherState,
)
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleAsk, OrderState, PriceChanged
from tuike.parties import service as parties
from tuike.parties.types import FunctionOff, MallFunction
from tuike.payments import queries as payments_of

pytestmark = pytest.mark.usefixtures("db")
NOON = make.NOON
EVERYONE = {"channel": CouponChannel.EVERYONE}


@dataclass
class Scene:
    """Two shops that sell a piece for ¥59.90 and ¥80.00 to one buyer, and take points."""

    one: make.Alliance
    other: make.Alliance
    buyer_id: int
    skus: tuple[int, int]

    @property
    def items(self) -> tuple[tuple[int, int], ...]:
        return ((self.skus[0], 1), (self.skus[1], 2))


@pytest.fixture
def scene(db) -> Scene:
    one = make.alliance()
    other = make.alliance(beside=one, price_fen=8_000)
    for shop in (one.shop, other.shop):
        for function in (MallFunction.POINTS, MallFunction.COUPONS, MallFunction.BARGAINS, MallFunction.POINTS_MALL):
            parties.switch_function(merchant_id=shop.id, function=function, on=True, actor=SYSTEM, now=NOON)
    skus = make_catalog.sku_of(one.product_id), make_catalog.sku_of(other.product_id)
    return Scene(one, other, one.buyer_id, skus)


def voucher(scene: Scene, shop_id: int | None, wanted=None) -> str:
    made = coupons.coupon(shop_id, wanted or coupons.fixed(500, **EVERYONE))  # type: ignore[arg-type]
    return coupons.voucher(made, scene.buyer_id).no


def with_points(scene: Scene, count: int) -> None:
    """Let the buyer have points, from an order of the makers' own."""
    points.earn(points.worth(scene.one.shop.id, count * 100, buyer_id=scene.buyer_id))


def with_balance(scene: Scene, fen: int) -> None:
    """Let a friend's red packet come to the buyer."""
    friend = make_people.person().id
    packet = send_red_packet.send_red_packet(
        buyer_id=friend, packet=mall.lucky(fen, 1), from_balance=False, key="packet", now=NOON
    )
    intent = make_payments.intent(purpose=packet_money.purpose(packet.no), amount_fen=fen, now=NOON)
    fact = make_payments.fact(intent.no, amount_fen=fen, success_at=NOON, payer_openid="friend")
    confirm_answers(facts=[fact], now=NOON)
    open_red_packet.open_red_packet(person_id=scene.buyer_id, code=packet.code, now=NOON)


def place(scene: Scene, key: str = "p1", now=NOON, **changes) -> dict:
    wanted = Wanted(**{"items": scene.items} | changes)
    return place_order.place_order(buyer_id=scene.buyer_id, visitor="", wanted=wanted, key=key, now=now)


def look(scene: Scene, **changes):
    looked = Looked(**{"items": scene.items} | changes)
    return preview_checkout(buyer_id=scene.buyer_id, visitor="", looked=looked, now=NOON)


def pay(scene: Scene, placed: dict) -> None:
    intent = start_payment._open_checkout(scene.buyer_id, placed["checkout_no"], "", Channel.NATIVE, NOON)
    assert intent.amount_fen == placed["to_pay_fen"]
    at = NOON + timedelta(minutes=1)
    fact = make_payments.fact(intent.no, amount_fen=intent.amount_fen, success_at=at, payer_openid="nobody")
    confirm_answers(facts=[fact], now=at)


def balances(*refs) -> list[int]:
    found = ledger.balances(refs=refs)
    return [found[ref.path] for ref in refs]


def test_what_is_seen_is_what_is_placed_paid_and_given_back(scene):
    make_freight.template(scene.other.shop.id)
    shop_voucher = voucher(scene, scene.one.shop.id)
    platform = voucher(scene, None, coupons.percent(1_000, **EVERYONE))
    with_points(scene, 3_000)
    with_balance(scene, 1_000)
    seen = look(scene, vouchers=None, points=None, use_balance=True)
    # 59.90 + 160.00; 5.00 off the first; 10 % of the 214.90 left is 21.49, at 5490 : 16000; half may be points.
    assert [one.goods_fen for one in seen.shops] == [5_990, 16_000]
    assert seen.vouchers == (shop_voucher, platform)
    assert [[(d.kind, d.amount_fen) for d in line.draft.discounts] for s in seen.shops for line in s.lines] == [
        [("coupon", 500), ("coupon", 549), ("points", 766)],
        [("coupon", 1_600), ("points", 2_234)],
    ]
    assert (seen.points.have, seen.points.used, seen.points.worth_fen) == (3_000, 3_000, 3_000)
    assert [one.freight_fen for one in seen.shops] == [0, 1_100]
    assert (seen.payable_fen, seen.balance_fen) == (21_990 - 500 - 2_149 - 3_000 + 1_100, 1_000)
    assert rows.query("SELECT count(*) FROM orders_order") == [(0,)]
    done = place(
        scene, vouchers=seen.vouchers, points=seen.points.used, use_balance=True, expected_fen=seen.payable_fen
    )
    assert (done["payable_fen"], done["to_pay_fen"]) == (17_441, 16_441)
    assert marketing.points_of(scene.buyer_id, now=NOON) == marketing.balance_of(scene.buyer_id) == 0
    books.check()
    pay(scene, done)
    # The platform pays what its coupon took off; the shops pay for theirs and for the points.
    held = balances(chart.merchant(scene.one.shop.id, "held"), chart.merchant(scene.other.shop.id, "held"))
    assert held == [5_990 - 500 - 766, 16_000 - 2_234 + 1_100]
    assert balances(chart.platform("promotion"), chart.clearing(done["checkout_no"])) == [-2_149, 0]
    books.check()


def test_a_refund_goes_to_the_channel_first_then_to_the_balance_and_points_come_back_in_proportion(scene):
    with_points(scene, 1_001)
    with_balance(scene, 2_000)
    platform = voucher(scene, None, coupons.fixed(1_000, **EVERYONE))
    items = ((scene.skus[1], 3),)
    done = place(scene, items=items, vouchers=(platform,), points=1_001, use_balance=True)
    assert (done["payable_fen"], done["to_pay_fen"]) == (24_000 - 1_000 - 1_001, 19_999)
    pay(scene, done)
    order = done["orders"][0]["no"]
    given = []
    for key in ("r1", "r2", "r3"):
        ask = AfterSaleAsk(line_no=1, quantity=1)
        asked = ask_refund(
            buyer_id=scene.buyer_id, order_no=order, lines=[ask], reason="", key=key, now=NOON + timedelta(hours=1)
        )
        approve_refund(
            no=asked["no"], merchant_id=scene.other.shop.id, actor=OPERATOR_SHELL, now=NOON + timedelta(hours=2)
        )
        intent = payments_of.intents_of([f"checkout:{done['checkout_no']}"])[f"checkout:{done['checkout_no']}"]
        given.append(
            (
                asked["amount_fen"],
                intent.refunding_fen,
                marketing.balance_of(scene.buyer_id),
                marketing.points_of(scene.buyer_id, now=NOON),
                -balances(chart.platform("promotion"))[0],
            )
        )
        books.check()
    # 21999 by thirds; the channel gave 19999, the rest is the balance's; 1001 points and the platform's 10.00 alike.
    assert given == [
        (7_333, 7_333, 0, 333, 667),
        (7_333, 14_666, 0, 667, 334),
        (7_333, 19_999, 2_000, 1_001, 0),
    ]


def test_what_the_balance_pays_whole_is_paid_at_once_and_goes_back_whole(scene):
    with_balance(scene, 6_000)
    make.touch(scene.one)
    items = ((scene.skus[0], 1),)
    done = place(scene, items=items, use_balance=True)
    assert (done["payable_fen"], done["balance_fen"], done["to_pay_fen"]) == (5_990, 5_990, 0)
    assert place(scene, items=items, use_balance=True) == done
    order = orders_of.order_of_buyer(buyer_id=scene.buyer_id, no=done["orders"][0]["no"])
    assert order.state is OrderState.PAID and marketing.balance_of(scene.buyer_id) == 10
    # Commission is on what was paid, by whatever way: 12 % of 59.90.
    assert rows.query("SELECT amount_fen FROM commission_accrual WHERE role = 'direct'") == [(718,)]
    books.check()
    asked = ask_refund(buyer_id=scene.buyer_id, order_no=order.no, lines=None, reason="", key="r", now=NOON)
    approve_refund(no=asked["no"], merchant_id=scene.one.shop.id, actor=OPERATOR_SHELL, now=NOON)
    assert marketing.balance_of(scene.buyer_id) == 6_000
    assert rows.query("SELECT state FROM orders_after_sale") == [("refunded",)]
    assert rows.query("SELECT count(*) FROM payments_refund") == [(0,)]
    books.check()


def test_a_good_for_points_alone_is_paid_at_once_and_earns_nobody(scene):
    with_points(scene, 200)
    make.touch(scene.one)
    good = points.good(scene.one.shop.id, money_fen=0, points=80)
    sku = good.sku_id
    seen = look(scene, items=((sku, 2),), points_good=good.no)
    assert (seen.payable_fen, seen.shops[0].lines[0].draft.discounts[0].points) == (0, 160)
    done = place(scene, items=((sku, 2),), points_good=good.no, expected_fen=0)
    assert (done["payable_fen"], done["to_pay_fen"]) == (0, 0)
    order = orders_of.order_of_buyer(buyer_id=scene.buyer_id, no=done["orders"][0]["no"])
    assert order.state is OrderState.PAID
    assert rows.query("SELECT coalesce(sum(amount_fen), 0) FROM commission_accrual") == [(0,)]
    assert marketing.points_of(scene.buyer_id, now=NOON) == 40
    books.check()
    ask = [AfterSaleAsk(line_no=1, quantity=1)]
    asked = ask_refund(buyer_id=scene.buyer_id, order_no=order.no, lines=ask, reason="", key="r", now=NOON)
    approve_refund(no=asked["no"], merchant_id=order.merchant_id, actor=OPERATOR_SHELL, now=NOON)
    assert marketing.points_of(scene.buyer_id, now=NOON) == 120
    books.check()


def test_an_unpaid_checkout_gives_everything_back(scene):
    with_points(scene, 500)
    with_balance(scene, 700)
    used = (voucher(scene, scene.one.shop.id), voucher(scene, None))
    done = place(scene, vouchers=used, points=500, use_balance=True)
    assert balances(chart.clearing(done["checkout_no"])) == [700]
    books.check()
    close_unpaid.cancel_order(buyer_id=scene.buyer_id, checkout_no=done["checkout_no"], now=NOON)
    close_unpaid.cancel_order(buyer_id=scene.buyer_id, checkout_no=done["checkout_no"], now=NOON)
    assert marketing.points_of(scene.buyer_id, now=NOON) == 500
    assert marketing.balance_of(scene.buyer_id) == 700
    states = {one.state(NOON) for one in marketing.vouchers_of(buyer_id=scene.buyer_id)}
    assert states == {VoucherState.GOOD}
    books.check()
    again = place(scene, key="p2", vouchers=used, points=500, use_balance=True)
    assert again["payable_fen"] == done["payable_fen"]


def test_a_bargain_is_bought_at_its_price_and_comes_back_when_unpaid(scene):
    made = mall.offer(scene.one.shop.id)
    bargain = mall.bargain(made, buyer_id=scene.buyer_id)
    mall.cut_down(bargain, to=2)
    sku_id, price = marketing.bargain_for_checkout(buyer_id=scene.buyer_id, no=bargain.no, now=NOON)
    assert look(scene, items=(), bargain=bargain.no).payable_fen == price < 10_000
    done = place(scene, items=((sku_id, 1),), bargain=bargain.no, expected_fen=price)
    assert done["payable_fen"] == price
    assert rows.query("SELECT kind, amount_fen, source FROM orders_discount") == [
        ("bargain", 10_000 - price, bargain.no)
    ]
    close_unpaid.cancel_order(buyer_id=scene.buyer_id, checkout_no=done["checkout_no"], now=NOON)
    assert place(scene, "p2", items=((sku_id, 1),), bargain=bargain.no)["payable_fen"] == price
    books.check()


def test_another_sum_than_the_one_seen_is_refused(scene):
    seen = look(scene)
    rows.run("UPDATE catalog_sku SET price_fen = price_fen + 100 WHERE id = %s", [scene.skus[0]])
    with refused(PriceChanged, "orders_", "catalog_", "marketing_", "ledger_") as info:
        place(scene, expected_fen=seen.payable_fen)
    assert info.value.details == {"expected": "¥219.90", "now": "¥220.90"}
    assert place(scene, key="p2", expected_fen=look(scene).payable_fen)["payable_fen"] == 22_090


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"points": 101}, PointsShort),
        ({"points": 20_000}, PointsTooMany),
        ({"vouchers": ("used",)}, VoucherNotGood),
    ],
)
def test_what_is_refused_changes_nothing(scene, changes, refusal):
    with_points(scene, 100)
    used = voucher(scene, scene.one.shop.id)
    if "vouchers" in changes:
        place(scene, vouchers=(used,))
        changes = {"vouchers": (used,)}
    with refused(refusal, "orders_", "catalog_", "marketing_", "ledger_"):
        place(scene, key="p2", **changes)


def test_where_coupons_are_off_they_are_neither_seen_nor_used(scene):
    used = voucher(scene, scene.one.shop.id)
    platform = voucher(scene, None)
    for shop in (scene.one.shop, scene.other.shop):
        parties.switch_function(merchant_id=shop.id, function=MallFunction.COUPONS, on=False, actor=SYSTEM, now=NOON)
    seen = look(scene, vouchers=None)
    assert (seen.vouchers, seen.offers) == ((), ())
    for no in (used, platform):
        with refused(FunctionOff, "orders_", "catalog_", "marketing_"):
            place(scene, vouchers=(no,))


def test_what_cant_be_bought_is_named_and_left_out(scene):
    rows.run("UPDATE catalog_sku SET free = 1 WHERE id = %s", [scene.skus[1]])
    seen = look(scene)
    assert [(one.sku_id, one.why.code) for one in seen.unbuyable] == [(scene.skus[1], "sold_out")]
    assert seen.payable_fen == 5_990


def test_the_buyers_choice_is_kept_and_offers_say_why_not(scene):
    best = voucher(scene, scene.one.shop.id)
    small = voucher(scene, scene.one.shop.id, coupons.fixed(100, **EVERYONE))
    far = voucher(scene, scene.one.shop.id, coupons.new(threshold_fen=10_000, **EVERYONE))
    assert look(scene, vouchers=None).vouchers == (best,)
    seen = look(scene, vouchers=(small,))
    assert (seen.vouchers, seen.payable_fen) == ((small,), 21_890)
    assert look(scene, vouchers=()).vouchers == ()
    said = {offer.voucher.no: (offer.minus_fen, offer.why_not.code if offer.why_not else "") for offer in seen.offers}
    assert said == {best: (500, ""), small: (100, ""), far: (0, "coupon_below_threshold")}


def test_a_balance_that_is_gone_pays_nothing(scene):
    with_balance(scene, 700)
    place(scene, use_balance=True)
    assert place(scene, key="p2", use_balance=True)["balance_fen"] == 0
    with pytest.raises(BalanceShort):
        marketing_service.hold_balance(buyer_id=scene.buyer_id, amount_fen=1, checkout_no="C0", now=NOON)


def test_a_look_takes_few_questions(scene, django_assert_max_num_queries):
    for shop_id in (scene.one.shop.id, scene.other.shop.id, None):
        voucher(scene, shop_id)
    with_points(scene, 500)
    with django_assert_max_num_queries(12):
        look(scene, vouchers=None, points=None, use_balance=True)
