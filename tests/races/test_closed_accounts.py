"""Who closes the account while an order of theirs is counted: no points are left with an erased person."""

import threading

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import events as make_events
from tests.make.racers import at_once, wait_till_waited_for
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import close_account, reward_buyers
from tuike.members.types import GoodsLeft
from tuike.parties import service as parties
from tuike.parties.types import MallFunction
from tuike.people import service as people

pytestmark = pytest.mark.usefixtures("committed_db")
NOON = make.NOON
SKIPPED = [(0, "account_closed")]


def completed():
    one = make.alliance(price_fen=6_000)
    parties.switch_function(
        merchant_id=one.shop.id, function=MallFunction.POINTS, on=True, actor=OPERATOR_SHELL, now=NOON
    )
    make.received(make.bought(one), now=NOON)
    make_events.readable()
    return one


def close(person_id: int, *, give_up: bool) -> None:
    close_account.close_account(person_id=person_id, give_up=give_up, actor=OPERATOR_SHELL, now=NOON)


def closed_while_counting(monkeypatch, one, *, give_up: bool) -> list:
    """Let the order be counted, and the account be closed when it has been looked up who is there."""
    looked, hold = threading.Event(), people.hold_living

    def hold_and_wait(**whom) -> set[int]:
        living = hold(**whom)
        looked.set()
        wait_till_waited_for(closed)
        return living

    closed = threading.Event()

    def close_then() -> str:
        looked.wait(60)
        try:
            close(one.buyer_id, give_up=give_up)
        finally:
            closed.set()
        return "closed"

    monkeypatch.setattr(people, "hold_living", hold_and_wait)
    return at_once([lambda: reward_buyers.reward_buyers(now=NOON) and "counted", close_then])


def earnings() -> list[tuple]:
    return rows.query("SELECT points, skipped FROM marketing_points_earning")


def left(one) -> int:
    return sum(
        n for (n,) in rows.query("SELECT points_left FROM marketing_points_lot WHERE buyer_id = %s", [one.buyer_id])
    )


def test_who_closes_while_it_is_counted_waits_and_gives_the_points_up(monkeypatch):
    one = completed()
    assert closed_while_counting(monkeypatch, one, give_up=True) == ["counted", "closed"]
    assert (earnings(), left(one)) == ([(60, "")], 0)
    books.check("points", "balances")


def test_who_closes_while_it_is_counted_is_told_of_the_points(monkeypatch):
    one = completed()
    assert closed_while_counting(monkeypatch, one, give_up=False) == ["counted", GoodsLeft.code]
    assert (earnings(), left(one)) == ([(60, "")], 60)


def test_what_is_counted_while_the_account_is_closed_waits_and_is_skipped(monkeypatch):
    one = completed()
    gone, erase = threading.Event(), people.erase_person

    def erase_and_wait(**whom) -> None:
        erase(**whom)
        gone.set()
        wait_till_waited_for()

    def count_then() -> str:
        gone.wait(60)
        reward_buyers.reward_buyers(now=NOON)
        return "counted"

    monkeypatch.setattr(people, "erase_person", erase_and_wait)
    said = at_once([lambda: close(one.buyer_id, give_up=False) or "closed", count_then])
    assert said == ["closed", "counted"]
    assert (earnings(), left(one)) == (SKIPPED, 0)


def test_control_without_the_hold_an_erased_person_has_points(monkeypatch):
    one = completed()

    def look(*, person_ids) -> set[int]:
        return {
            i
            for (i,) in rows.query(
                "SELECT id FROM people_person WHERE id = ANY(%s) AND erased_at IS NULL", [list(person_ids)]
            )
        }

    monkeypatch.setattr(people, "hold_living", look)
    assert closed_while_counting(monkeypatch, one, give_up=False) == ["counted", "closed"]
    assert left(one) == 60
