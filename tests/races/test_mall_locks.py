"""Who places and who gives back lock points and shops' accounts in one order: they wait, and nobody waits in a ring."""

import threading
from types import SimpleNamespace

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import mall, points
from tests.make import people as make_people
from tests.make.racers import at_once, wait_till_waited_for
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.db import retry as retrying
from tuike.flows import place_order as placing
from tuike.flows import refund_order, repaying
from tuike.flows.place_order import Wanted
from tuike.marketing import queries as marketing
from tuike.marketing import service as marketing_service
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

pytestmark = pytest.mark.usefixtures("committed_db")
NOON = make.NOON


def met(monkeypatch) -> tuple[list, list[float]]:
    """Let an order be paid at once with points while a refund of the shop gives points back: the refund comes when the
    points of the order are taken, and the order goes on when the refund waits. Return what both said, and the pauses
    of whoever was a deadlock's victim."""
    one = make.alliance(price_fen=10_000)
    for function in (MallFunction.POINTS, MallFunction.RED_PACKETS):
        parties.switch_function(merchant_id=one.shop.id, function=function, on=True, actor=SYSTEM, now=NOON)
    skus = [make_catalog.sku(merchant_id=one.shop.id, price_fen=10_000) for _ in range(2)]
    friend = make_people.person().id
    for buyer in (one.buyer_id, friend):
        points.earn(points.worth(one.shop.id, 100_000, buyer_id=buyer))
        mall.rich(buyer, 20_000)

    def place(buyer_id: int) -> str:
        sku = skus[buyer_id == friend]  # no stock lets one wait for the other
        wanted = Wanted(items=((sku, 1),), points=500, use_balance=True)
        placed = placing.place_order(buyer_id=buyer_id, visitor="", wanted=wanted, key="p", now=NOON)
        return placed["orders"][0]["no"]

    asked = refund_order.ask_refund(buyer_id=friend, order_no=place(friend), lines=None, reason="", key="r", now=NOON)
    taken, pauses = threading.Event(), []
    spend = marketing_service.spend_points

    def spend_and_wait(**what) -> None:
        spend(**what)
        taken.set()
        wait_till_waited_for()

    def give_back() -> str:
        taken.wait(60)
        return refund_order.approve_refund(
            no=asked["no"], merchant_id=one.shop.id, actor=OPERATOR_SHELL, now=NOON
        ).state

    monkeypatch.setattr(marketing_service, "spend_points", spend_and_wait)
    monkeypatch.setattr(retrying, "time", SimpleNamespace(sleep=pauses.append))
    said = at_once([lambda: place(one.buyer_id), give_back])
    assert marketing.points_of(friend, now=NOON) == 1_000
    assert marketing.points_of(one.buyer_id, now=NOON) == 500
    assert (marketing.balance_of(friend), marketing.balance_of(one.buyer_id)) == (20_000, 10_500)
    books.check("points", "balances", "floors", "clearing", "buyer_balances")
    return said, pauses


def test_an_order_that_is_paid_at_once_and_a_refund_dont_wait_in_a_ring(monkeypatch):
    said, pauses = met(monkeypatch)
    assert said[1] == "approved" and said[0].startswith("O")
    assert pauses == []


def test_control_points_after_the_shops_accounts_are_a_ring_that_the_database_cuts(monkeypatch):
    points_back, balances_back = repaying.give_points_back, repaying.give_balances_back

    def late(approved, repaid, now) -> None:
        balances_back(approved, repaid, now)
        points_back(approved, now)

    monkeypatch.setattr(repaying, "give_points_back", lambda approved, now: None)
    monkeypatch.setattr(repaying, "give_balances_back", late)
    said, pauses = met(monkeypatch)
    assert said[1] == "approved"
    assert len(pauses) == 1
