"""Money and points of the mall where it is late, twice or in between: nothing is revived, wasted, or kept by the wrong
party."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests import books
from tests.flows.test_checkout import EVERYONE, Scene, balances, pay, place, scene, voucher, with_balance, with_points
from tests.make import alliance as make
from tests.make import mall, points
from tests.make import marketing as coupons
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog.types import NotOnSale
from tuike.flows import close_unpaid
from tuike.flows.close_account import close_account
from tuike.flows.preview_checkout import Looked, preview_checkout
from tuike.flows.refund_order import approve_refund, ask_refund
from tuike.flows.reward_buyers import end_points
from tuike.kit.days import end_of_natural_days
from tuike.kit.errors import NotFound, Refusal
from tuike.ledger import chart
from tuike.marketing import queries as marketing
from tuike.marketing import service as marketing_service
from tuike.marketing.types import PointsTooMany
from tuike.parties import service as parties
from tuike.parties.types import FunctionOff, MallFunction
from tuike.settings import service as settings

__all__ = ["scene"]
pytestmark = pytest.mark.usefixtures("db")
NOON = make.NOON
OVER = end_of_natural_days(NOON, points.RULE.days)
"""When points that were earned at noon end."""
IN_TIME = pytest.mark.parametrize("in_time", [True, False], ids=["ended in time", "no run for six days"])


def standing(buyer_id: int) -> list[int]:
    """Return a buyer's points and the debt."""
    return balances(chart.buyer(buyer_id, "points"), chart.buyer(buyer_id, "points_owed"))


@IN_TIME
def test_what_comes_back_to_a_lot_that_is_over_doesnt_revive_the_rest_of_it(scene: Scene, in_time: bool):
    with_points(scene, 1_000)
    place(scene, points=300, now=OVER - timedelta(minutes=10))
    late = OVER + timedelta(days=6)
    if in_time:
        end_points(now=OVER)
    assert close_unpaid.close_unpaid(now=late) == 2
    assert marketing.points_of(scene.buyer_id, now=late) == 300
    end_points(now=late)
    assert standing(scene.buyer_id) == [300, 0]
    assert marketing.points_of(scene.buyer_id, now=late + timedelta(days=7)) == 0
    books.check()


@IN_TIME
def test_a_refund_doesnt_take_points_again_that_are_over(scene: Scene, in_time: bool):
    old, new = (points.worth(scene.one.shop.id, 10_000, buyer_id=scene.buyer_id) for _ in range(2))
    points.earn(old)
    marketing_service.spend_points(buyer_id=scene.buyer_id, points=30, kind="points", source="P1", now=NOON)
    points.earn(new, now=OVER)
    if in_time:
        end_points(now=OVER)
    late = OVER + timedelta(days=6)
    # 70 of the 100 are over. Half of the order goes back: they are enough. All of it: what was spent is missing.
    for refunded, left in ((5_000, [100, 0]), (10_000, [70, 0]), (10_000, [70, 0])):
        back = points.worth(scene.one.shop.id, 10_000, refunded, order_no=old.order_no, buyer_id=scene.buyer_id)
        marketing_service.take_points_back(orders=[back], now=late)
        assert standing(scene.buyer_id) == left
        books.check("points", "balances")


def test_points_that_lower_nothing_stay_the_buyers(scene: Scene):
    settings.change(name="points_ratio", value=1_000, actor=OPERATOR_SHELL, now=NOON)
    with_points(scene, 1_000)
    # Ten points are a fen: of 1 none is taken, of 25 twenty.
    for key, wanted, used in (("p1", 1, 0), ("p2", 25, 20)):
        looked = Looked(items=scene.items, points=wanted)
        seen = preview_checkout(buyer_id=scene.buyer_id, visitor="", looked=looked, now=NOON)
        assert (seen.points.used, seen.points.worth_fen) == (used, used // 10)
        placed = place(scene, key, points=wanted, expected_fen=seen.payable_fen)
        assert placed["payable_fen"] == 21_990 - used // 10
        assert standing(scene.buyer_id) == [1_000 - used, 0]
        close_unpaid.cancel_order(buyer_id=scene.buyer_id, checkout_no=placed["checkout_no"], now=NOON)
        assert standing(scene.buyer_id) == [1_000, 0]
    books.check()


def test_a_balance_that_is_given_up_is_the_platforms_and_the_books_say_so(scene: Scene):
    with_balance(scene, 700)
    close_account(person_id=scene.buyer_id, give_up=True, actor=OPERATOR_SHELL, now=NOON)
    assert balances(chart.buyer(scene.buyer_id, "balance"), chart.platform("fees")) == [0, 700]
    books.check()


def test_a_refund_after_everything_has_settled_finds_every_part_of_what_paid(scene: Scene):
    """Two pieces for a platform's coupon, points, balance and the channel, given back after the 27 days."""
    with_points(scene, 1_001)
    with_balance(scene, 3_000)
    make.touch(scene.other, buyer_id=scene.buyer_id)
    platform = voucher(scene, None, coupons.percent(1_000, **EVERYONE))
    done = place(scene, items=((scene.skus[1], 3),), vouchers=(platform,), points=1_001, use_balance=True)
    pay(scene, done)
    no = done["orders"][0]["no"]
    order = make.orders_of.order_of_buyer(buyer_id=scene.buyer_id, no=no)
    make.received(order, now=NOON + timedelta(days=1))
    late = NOON + timedelta(days=40)
    make.matured(until=late)
    shop = scene.other.shop.id
    assert balances(chart.merchant(shop, "held"), chart.merchant(shop, "owed")) == [0, 0]
    assert balances(chart.platform("promotion")) == [-2_400]
    books.check()
    asked = ask_refund(buyer_id=scene.buyer_id, order_no=no, lines=None, reason="", key="r", now=late)
    approve_refund(no=asked["no"], merchant_id=shop, actor=OPERATOR_SHELL, now=late)
    assert asked["amount_fen"] == 24_000 - 2_400 - 1_001
    assert marketing.balance_of(scene.buyer_id) == 3_000
    assert standing(scene.buyer_id) == [1_001, 0]
    everyone = [chart.promoter(one.id, "available") for one in (scene.other.promoter, scene.other.recruiter)]
    assert [*balances(chart.merchant(shop, "available"), chart.merchant(shop, "owed")), *balances(*everyone)] == [0] * 4
    assert balances(chart.platform("promotion")) == [0]
    books.check()


def off(function: MallFunction) -> Callable[[Scene], None]:
    def switch(scene: Scene) -> None:
        for shop in (scene.one.shop, scene.other.shop):
            parties.switch_function(merchant_id=shop.id, function=function, on=False, actor=OPERATOR_SHELL, now=NOON)

    return switch


def suspended(scene: Scene) -> None:
    parties.suspend(party_id=scene.one.shop.id, reason="x", actor=OPERATOR_SHELL, now=NOON)


@pytest.mark.parametrize(
    ("what", "meanwhile", "refusal"),
    [
        ("voucher", off(MallFunction.COUPONS), FunctionOff),
        ("points", off(MallFunction.POINTS), PointsTooMany),
        ("bargain", off(MallFunction.BARGAINS), FunctionOff),
        ("good", off(MallFunction.POINTS_MALL), NotFound),
        ("bargain", suspended, NotOnSale),
        ("good", suspended, NotOnSale),
    ],
)
def test_what_ends_between_the_look_and_the_order_is_refused_and_nothing_is_taken(
    scene: Scene, what: str, meanwhile: Callable[[Scene], None], refusal: type[Refusal]
):
    with_points(scene, 1_000)
    with_balance(scene, 300)
    bargain = mall.bargain(mall.offer(scene.one.shop.id), buyer_id=scene.buyer_id)
    good = points.good(scene.one.shop.id)
    wanted: dict[str, dict] = {
        "voucher": {"vouchers": (voucher(scene, scene.one.shop.id),)},
        "points": {"points": 100},
        "bargain": {"bargain": bargain.no, "items": ((bargain.sku_id, 1),)},
        "good": {"points_good": good.no, "items": ((good.sku_id, 1),)},
    }
    meanwhile(scene)
    with refused(refusal, "orders_", "catalog_", "marketing_", "ledger_"):
        place(scene, use_balance=True, **wanted[what])
    books.check()


def test_a_voucher_of_a_coupon_that_was_stopped_since_is_good(scene: Scene):
    made = coupons.coupon(scene.one.shop.id, coupons.fixed(500, **EVERYONE))
    used = coupons.voucher(made, scene.buyer_id).no
    marketing_service.stop_coupon(merchant_id=scene.one.shop.id, no=made.no, actor=OPERATOR_SHELL, now=NOON)
    assert place(scene, vouchers=(used,), expected_fen=21_490)["payable_fen"] == 21_490
    books.check()
