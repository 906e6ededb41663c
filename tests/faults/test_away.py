"""The database gone or hanging, the worker standing still: bounded answers meanwhile, nobody has to be restarted."""

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.faults.living import Answer, Living
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
BOUND = 5.0
SLACK = 3.0
"""Seconds that a loaded machine may add of its own."""


@contextlib.contextmanager
def _hanging(living: Living) -> Iterator[None]:
    with living.stopped("postgres"):
        yield


@contextlib.contextmanager
def _gone(living: Living) -> Iterator[None]:
    with living.without_database():
        yield


@pytest.fixture(autouse=True)
def well(living: Living) -> None:
    """Begin with everything up."""
    _well(living)


def _well(living: Living) -> None:
    until(living.all_well, what="all well")
    # A web process that was refused a moment ago tries again after half a second.
    until(lambda: living.call("GET", "/api/storefront/products").status == 200, what="the storefront answers")


def _asked(living: Living, count: int) -> tuple[list[Answer], list[Answer]]:
    """Ask the storefront from all sides at once, and meanwhile whether the process is alive."""
    token = living.seed["tokens"][0]
    asks = [
        lambda: living.call("GET", "/api/storefront/products"),
        lambda: living.call("GET", "/api/storefront/cart", token=token),
        lambda: living.place(0, "while-away"),
        lambda: living.call("GET", f"/l/{living.seed['code']}"),
        lambda: living.call("GET", f"/s/{living.seed['code']}"),
    ]
    with ThreadPoolExecutor(count + 1) as pool:
        waiting = [pool.submit(asks[i % len(asks)]) for i in range(count)]
        alive = []
        for _ in range(6):
            alive.append(living.call("GET", "/healthz"))
            time.sleep(0.2)
        return [one.result() for one in waiting], alive


@pytest.mark.parametrize("trouble", [_gone, _hanging], ids=["gone", "hanging"])
def test_without_the_database_answers_are_bounded_and_it_recovers_by_itself(living: Living, trouble):
    web, worker = living.all_of("web"), living.pid("worker")
    for _ in range(2):  # connections of the web's threads are open
        _asked(living, 10)
    with trouble(living):
        first, alive = _asked(living, 10)
        later, alive_later = _asked(living, 10)
    for answer in (*first, *later):
        assert answer.status == 503, answer
        assert answer.seconds <= BOUND + SLACK, answer
        assert int(answer.headers["retry-after"]) > 0
    for answer in (*alive, *alive_later):
        assert answer.status == 200 and answer.seconds <= BOUND
    assert max(answer.seconds for answer in later) <= 3 + SLACK  # who comes later waits for the next attempt at most
    _well(living)
    assert living.place(0, "while-away").status == 201
    fresh, _ = living.bought()
    until(lambda: living.state(0, fresh) == "paid", what="the worker goes on")
    assert living.all_of("web") == web and living.pid("worker") == worker  # nobody was restarted


@pytest.mark.parametrize("trouble", [_gone, _hanging], ids=["gone", "hanging"])
def test_a_notice_that_cant_be_kept_is_refused_and_comes_again(living: Living, trouble):
    placed = living.place(1, f"notice-{trouble.__name__}")
    assert placed.status == 201
    prepared = living.prepare(1, placed.body["checkout_no"], "k")
    number = prepared.body["payment_no"]
    with trouble(living):
        living.control("pay", out_trade_no=number, openid=living.openid)
        until(lambda: _sent(living, number), what="a refused notice")
        refused = _sent(living, number)
    assert set(refused) <= {"503"}, refused
    until(lambda: "204" in _sent(living, number), what="a kept notice")
    until(lambda: living.state(1, placed.body["checkout_no"]) == "paid", what="it is paid")


def test_while_the_worker_stands_still_the_journey_waits_and_then_goes_on(living: Living):
    worker = living.pid("worker")
    with living.stopped("worker"):
        number, payment = living.bought(2)
        until(lambda: "204" in _sent(living, payment), what="the notice is kept")
        kept = living.sql("SELECT processed_at FROM payments_notice WHERE object_no = %s", payment)
        time.sleep(3)
        assert kept == living.sql("SELECT processed_at FROM payments_notice WHERE object_no = %s", payment) == [(None,)]
        assert living.state(2, number) == "unpaid"
        assert living.get("/readyz")[0] == 200  # clicks and orders need no worker
    until(lambda: living.state(2, number) == "paid", what="it goes on")
    assert living.pid("worker") == worker
    assert living.tuike("verify").returncode == 0


def _sent(living: Living, number: str) -> list[str]:
    """Return the statuses with which notices about a number were answered so far."""
    notices = living.control("notices", about=number)["notices"]
    return [one["last_status"] for one in notices if one["last_status"]]
