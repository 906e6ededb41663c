"""The job that stays to send webhooks: it looks again every second, ends with its stay, and at once when asked to."""

import threading
import time

import pytest

from tuike.doors.jobs import sending

DONE = {"events": 1, "sent": 2, "delivered": 1}


@pytest.fixture
def turns(monkeypatch):
    """Return how often the flow ran, with a fresh flag for stopping."""
    ran = []

    def deliver(**given):
        ran.append(given["stopping"]())
        return dict(DONE)

    monkeypatch.setattr(sending.deliver_webhooks, "deliver_webhooks", deliver)
    monkeypatch.setattr(sending, "STOPPING", threading.Event())
    return ran


def test_it_looks_again_until_its_stay_is_over(turns, monkeypatch):
    monkeypatch.setattr(sending, "STAYS_SECONDS", 0.3)
    monkeypatch.setattr(sending, "LOOKS_EVERY_SECONDS", 0.02)
    done = sending.send_for_a_while()
    assert len(turns) > 2
    assert turns[0] is False
    assert done == {name: count * len(turns) for name, count in DONE.items()}


def test_it_ends_when_the_worker_is_asked_to_stop(turns, monkeypatch):
    monkeypatch.setattr(sending, "LOOKS_EVERY_SECONDS", 30.0)
    stop = threading.Timer(0.1, sending.STOPPING.set)
    stop.start()
    began = time.monotonic()
    assert sending.send_for_a_while() == DONE
    assert time.monotonic() - began < 20
    assert turns == [False]
    stop.join()


def test_a_worker_that_stops_takes_nothing_more(turns):
    sending.STOPPING.set()
    sending.send_for_a_while()
    assert turns == [True]
