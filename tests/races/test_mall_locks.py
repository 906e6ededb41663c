"""Who places and who gives back lock points and shops' accounts in one order: they wait, and nobody waits in a ring."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import mall, points
from tests.make import people as make_people
from tests.make import plans as make_plans
from tests.make.racers import at_once, wait_till_waited_for
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.db import retry as retrying
from tuike.db import rows
from tuike.flows import place_order as placing
from tuike.flows import refund_order, repaying
from tuike.flows.place_order import Wanted
from tuike.marketing import queries as marketing
from tuike.marketing import service as marketing_service
from tuike.parties import service as parties
from tuike.parties.types import MallFunction
from tuike.plans import service as plans

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


def met_at(monkeypatch, service, verb: str, *, same_buyer: bool) -> tuple[list, list[float]]:
    """Let an order under a campaign be paid at once out of a balance while an earlier one goes back to its buyer's
    balance: the refund comes when `verb` of the order is done, and the order goes on when the refund waits."""
    one = make.alliance(price_fen=5_000)
    make_plans.campaign(one.shop.id, now=NOON - timedelta(days=1), budget_fen=100_000)
    parties.switch_function(merchant_id=one.shop.id, function=MallFunction.RED_PACKETS, on=True, actor=SYSTEM, now=NOON)
    sku, other = make_catalog.sku_of(one.product_id), make_people.person().id
    buyers = [one.buyer_id, one.buyer_id if same_buyer else other]
    for buyer in set(buyers):
        mall.rich(buyer, 15_000)
        make.touch(one, buyer_id=buyer)

    def place(key: str, buyer_id: int) -> str:
        wanted = Wanted(items=((sku, 1),), use_balance=True)
        placed = placing.place_order(buyer_id=buyer_id, visitor="", wanted=wanted, key=key, now=NOON)
        return placed["orders"][0]["no"]

    first = place("p1", buyers[0])
    asked = refund_order.ask_refund(buyer_id=buyers[0], order_no=first, lines=None, reason="", key="r", now=NOON)
    taken, pauses, done = threading.Event(), [], getattr(service, verb)

    def do_and_wait(**what) -> object:
        answer = done(**what)
        taken.set()
        wait_till_waited_for()
        return answer

    def give_back() -> str:
        taken.wait(60)
        approved = refund_order.approve_refund(no=asked["no"], merchant_id=one.shop.id, actor=OPERATOR_SHELL, now=NOON)
        return approved.state

    # No stock lets one wait for the other: what is given back isn't what is taken.
    monkeypatch.setattr(refund_order, "_restock", lambda approved, now: None)
    monkeypatch.setattr(service, verb, do_and_wait)
    monkeypatch.setattr(retrying, "time", SimpleNamespace(sleep=pauses.append))
    said = at_once([lambda: place("p2", buyers[1]), give_back])
    held = rows.query("SELECT sum(amount_fen - released_fen) FROM plans_reservation")[0][0]
    assert held == rows.query("SELECT reserved_fen FROM plans_campaign")[0][0] > 0
    assert marketing.balance_of(buyers[1]) == 10_000
    books.check("balances", "floors", "clearing", "buyer_balances")
    return said, pauses


MEETINGS = pytest.mark.parametrize(
    ("service", "verb", "same_buyer"),
    [(plans, "reserve", False), (marketing_service, "hold_balance", True)],
    ids=["campaign", "balance"],
)


@MEETINGS
def test_an_order_under_a_campaign_and_a_refund_dont_wait_in_a_ring(monkeypatch, service, verb, same_buyer):
    said, pauses = met_at(monkeypatch, service, verb, same_buyer=same_buyer)
    assert said[1] == "approved" and said[0].startswith("O")
    assert pauses == []


@MEETINGS
def test_control_what_is_locked_after_the_shops_accounts_is_a_ring(monkeypatch, service, verb, same_buyer):
    monkeypatch.setattr(plans, "hold", lambda line_ids: None)
    monkeypatch.setattr(repaying, "hold_balances", lambda approved, repaid: None)
    said, pauses = met_at(monkeypatch, service, verb, same_buyer=same_buyer)
    assert said[1] == "approved"
    assert len(pauses) == 1
