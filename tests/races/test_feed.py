"""Following the update feed while everything is being written: nothing is skipped, nothing comes out of order."""

import contextlib
import os
import random
import threading
import time
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.make import alliance as make
from tests.make import events as make_events
from tests.make import feed as make_feed
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.races import test_money_stress as stress
from tuike.db import rows
from tuike.feed import queries
from tuike.feed import service as feed
from tuike.feed.types import Moved
from tuike.flows import concerned
from tuike.flows.follow_events import follow_events
from tuike.insight import verify
from tuike.kit.errors import Refusal
from tuike.outbox import service as outbox

pytestmark = pytest.mark.usefixtures("committed_db")
SECONDS = float(os.environ.get("TUIKE_STRESS_SECONDS", "3"))
WRITERS = 4


def place(w, dice):
    """Place an order and tell of it, as the flow does."""
    with transaction.atomic():
        order = make.placed(w.mall, pieces=dice.choice([(1,), (2,), (1, 1)]), freight_fen=800, now=w.now())
        outbox.put(topic="order.placed", events=[(order.no, {"merchant_id": order.merchant_id})], now=w.now())
    w.unpaid.append(order)


NEEDED = {stress.confirm, stress.mature, stress.refund, stress.withdraw, stress.top_up, stress.report}
DEEDS = [(place if deed is stress.place else deed, weight) for deed, weight in stress.DEEDS]


def threads(works):
    """Start a thread for each work and return what brings them to their end and raises what one of them raised."""
    broken = []

    def run(work):
        try:
            work()
        except Exception as error:
            broken.append(error)
        finally:
            connection.close()

    started = [threading.Thread(target=run, args=(work,)) for work in works]
    for one in started:
        one.start()

    def join():
        for one in started:
            one.join()
        if broken:
            raise broken[0]

    return join


def followed(reader):
    """Write for some seconds with several threads while one follows the outbox and `reader` follows the feed."""
    w = stress.world()
    reader.parties = [w.mall.shop.id, w.external.shop.id, w.mall.promoter.id, w.mall.recruiter.id]
    written, begun = threading.Event(), time.monotonic()
    done: set[object] = set()

    def over():
        lasted = time.monotonic() - begun
        return lasted > SECONDS and (done >= NEEDED or lasted > 20 * SECONDS)

    def write(seed):
        dice = random.Random(seed)
        deeds, weights = zip(*DEEDS, strict=True)
        while not over():
            (deed,) = dice.choices(deeds, weights)
            with contextlib.suppress(Refusal, IndexError):  # not now, or nothing there yet to choose from
                deed(w, dice)
                done.add(deed)

    def follow():
        while not written.is_set():
            follow_events(now=w.now())

    def read():
        while not written.is_set():
            reader.read()

    following = threads([follow, read])
    try:
        threads([lambda seed=seed: write(seed) for seed in range(WRITERS)])()
    finally:
        written.set()
        following()
    make_events.readable()
    follow_events(now=w.now())
    while reader.read():
        pass


def test_who_follows_has_everything_in_its_last_state():
    reader = make_feed.Reader([])
    followed(reader)
    there = make_feed.everything()
    assert len(there) > 50 and {kind for _, kind, _ in there} >= {"order", "accrual", "withdrawal", "settlement"}
    mine = {name: state for name, state in there.items() if name[0] in reader.parties}
    assert {name: reader.seen.get(name) for name in mine} == mine
    for places in reader.places.values():
        assert places == sorted(set(places))
    assert [result.findings for result in verify.run(names=["feed"])] == [()]


def interleaved():
    """Two transactions move an object each; the first one commits last. Return what a reader has in the end."""
    party = make_parties.promoter()
    moved, may_commit, second_done = threading.Event(), threading.Event(), threading.Event()

    def first():
        with transaction.atomic(durable=True):
            feed.move(moved=[Moved(party.id, "order", "FIRST", NOON)])
            moved.set()
            assert may_commit.wait(30)

    def second():
        assert moved.wait(30)
        try:
            with transaction.atomic(durable=True):
                feed.move(moved=[Moved(party.id, "order", "SECOND", NOON)])
        finally:
            second_done.set()

    join = threads([first, second])
    got, cursor = [], 0
    assert moved.wait(30)
    # Either the second one has to wait for the first, or it is through before it.
    _waited_or_done(second_done)
    for come_to_their_end in (lambda: (may_commit.set(), join()), lambda: None):
        for one in queries.after(party_id=party.id, kinds=["order"], seq=cursor, limit=10):
            got.append(one.object)
            cursor = one.seq
        come_to_their_end()
    return got


def _waited_or_done(done):
    until = time.monotonic() + 30
    while time.monotonic() < until and not done.is_set():
        held = (
            "SELECT EXISTS (SELECT FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database())"
        )
        if rows.query(held)[0][0]:
            return
        time.sleep(0.005)


def test_places_are_seen_in_the_order_of_commits():
    assert interleaved() == ["FIRST", "SECOND"]


def test_control_without_the_lock_a_reader_skips_what_commits_late(monkeypatch):
    real = rows.query
    monkeypatch.setattr(rows, "query", lambda s, p=(): [] if "pg_advisory_xact_lock" in s else real(s, p))
    assert interleaved() == ["SECOND"]


def missed_after_settling():
    """Follow an order up to its receipt, settle it, follow on; return what the reader has not in its last state."""
    one = make.alliance()
    make.touch(one)
    reader = make_feed.Reader([one.shop.id, one.promoter.id, one.recruiter.id])
    order = make.received(make.bought(one, now=NOON), now=NOON)
    for settle in (False, True):
        if settle:
            assert make.matured(until=order.received_at + timedelta(days=40)).accruals == 2
        make_events.readable()
        follow_events(now=NOON)
        while reader.read():
            pass
    there = make_feed.everything()
    return {(kind, party) for party, kind, _ in there if there[party, kind, _] != reader.seen.get((party, kind, _))}


def test_what_settles_is_followed():
    assert missed_after_settling() == set()


def test_control_what_is_not_told_is_missed(monkeypatch):
    monkeypatch.setattr(concerned, "ACCRUAL_TOPICS", {})
    assert {kind for kind, _ in missed_after_settling()} == {"order", "accrual"}
