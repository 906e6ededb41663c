"""Webhooks by several workers: each take is one worker's; killed before its record, it is sent again, once more."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import datetime, timedelta

import pytest
from django.db import transaction

from tests.make import parties as make_parties
from tests.make import webhooks as make
from tests.make.racers import Meeting, at_once, wait_till_waited_for
from tuike.db import rows
from tuike.flows import deliver_webhooks as flow
from tuike.gateways.webhook import Heard
from tuike.kit import clock
from tuike.webhooks import service
from tuike.webhooks.service import deliveries

pytestmark = pytest.mark.usefixtures("committed_db")
REAL = datetime.fromisoformat("2026-11-22T12:00:00+00:00")


def raced(monkeypatch, take, *, guarded=True):
    """Let four workers take and send the same forty deliveries; return how often each was sent, and their answers.

    Everybody has taken before anybody commits; where they aren't `guarded`, somebody waits to take the same.
    """
    shop = make_parties.merchant()
    for n in range(4):
        make.endpoint(shop, url=f"https://h{n}.example.com/")
    now = clock.now()
    for n in range(10):
        make.told(shop, no=f"O{n}", now=now)
    monkeypatch.setattr(deliveries, "TAKE", take)
    meeting, first, really = Meeting(4), threading.Semaphore(1), deliveries._with_content

    def met(ids, **more):
        if guarded:
            meeting.come()
        elif first.acquire(blocking=False):
            assert wait_till_waited_for()
        return really(ids, **more)

    monkeypatch.setattr(deliveries, "_with_content", met)
    sent: Counter[str] = Counter()
    guard = threading.Lock()

    def send(one, _):
        with guard:
            sent[f"{one.event_no} {one.host}"] += 1
        return Heard(200, "", "", 1)

    def work():
        return flow.deliver_webhooks(clock=lambda: now, real_clock=lambda: REAL, send=send)

    monkeypatch.setattr(flow, "collect_webhooks", lambda **_: 0)
    return sent, at_once([work] * 4)


def test_each_delivery_is_sent_by_one_worker(monkeypatch):
    sent, said = raced(monkeypatch, deliveries.TAKE)
    assert sum(one["delivered"] for one in said) == 40
    assert len(sent) == 40
    assert set(sent.values()) == {1}
    assert rows.query("SELECT state, tries, takes, count(*) FROM webhooks_delivery GROUP BY 1, 2, 3") == [
        ("delivered", 1, 1, 40)
    ]


def test_without_the_lock_two_workers_send_the_same(monkeypatch):
    """The control of the test above: who waited for the first one's commit takes what that one has."""
    unguarded = deliveries.TAKE.replace("FOR UPDATE SKIP LOCKED", "")
    assert unguarded != deliveries.TAKE
    sent, _ = raced(monkeypatch, unguarded, guarded=False)
    assert max(sent.values()) > 1


RUN = """
import os, sys
from datetime import datetime

import django

django.setup()
from django.conf import settings

settings.WEBHOOK_PRIVATE = True
from tuike.flows import deliver_webhooks as flow

now, stop = datetime.fromisoformat(sys.argv[1]), sys.argv[2]
if stop == "before":
    flow.webhook.post = lambda **_: os.kill(os.getpid(), 9)
if stop == "after":
    flow.record_tries = lambda **_: os.kill(os.getpid(), 9)
flow.collect_webhooks = lambda **_: 0
done = flow.deliver_webhooks(clock=lambda: now, real_clock=lambda: now)
print(done["sent"], done["delivered"])
"""


def run(db_env, now, stop):
    """Run the flow in a process of its own; return its end and what it said."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN, now.isoformat(), stop],
        env={**os.environ, **db_env, "DJANGO_SETTINGS_MODULE": "tuike.config.settings"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return ran.returncode, ran.stdout.strip().splitlines()[-1:]


@pytest.mark.parametrize(("stop", "calls"), [("before", 0), ("after", 1)])
def test_killed_before_its_record_it_is_sent_again_under_the_same_id(db_env, settings, stop, calls):
    settings.WEBHOOK_PRIVATE = True
    shop = make_parties.merchant()
    with make.receiver() as receiver:
        make.endpoint(shop, url=receiver.url)
        now = clock.now()
        make.told(shop, now=now)
        assert run(db_env, now, stop)[0] == -signal.SIGKILL
        assert len(receiver.heard) == calls
        # Whoever comes within the minute leaves it to the one that has it; afterwards it is due again.
        assert run(db_env, now + timedelta(seconds=59), "") == (0, ["0 0"])
        assert run(db_env, now + timedelta(seconds=60), "") == (0, ["1 1"])
        assert run(db_env, now + timedelta(seconds=120), "") == (0, ["0 0"])
        assert len(receiver.heard) == calls + 1
        assert len({(call.id, call.body) for call in receiver.heard}) == 1
    assert rows.query("SELECT state, tries, takes FROM webhooks_delivery") == [("delivered", 1, 2)]


def test_switched_off_while_told_nothing_waits_for_an_endpoint_that_is_off():
    """Telling holds the endpoint: a switch that comes meanwhile waits, and gives up what was told."""
    shop = make_parties.merchant()
    boss = make_parties.super_admin_of(shop)
    no = make.endpoint(shop).endpoint.no
    now = clock.now()
    told, go = threading.Event(), threading.Event()

    def tell():
        with transaction.atomic():
            make.told(shop, now=now)
            told.set()
            go.wait(1)

    def switch():
        told.wait(10)
        service.switch(party_id=shop.id, no=no, on=False, actor=boss, now=now)

    at_once([tell, switch])
    assert rows.query("SELECT state FROM webhooks_delivery") == [("given_up",)]
