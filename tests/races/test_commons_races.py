"""Keys, events and the chain under contention: real threads, real commits, each with a control."""

import threading

import pytest
from django.db import connection, transaction

from tests.make import events as make_events
from tests.make.racers import Meeting, at_once
from tests.make.settlement import FIRST, NOW
from tuike.audit import service as audit
from tuike.db import rows
from tuike.flows.seal_audit import seal_audit
from tuike.idempotency import service as idempotency
from tuike.insight import verify
from tuike.outbox import service as outbox

pytestmark = pytest.mark.usefixtures("committed_db")


# Keys


def twins(contents, *, fails=()):
    """Use one key in as many threads as there are contents; return the answers and who did the work."""
    done = []

    def use(i, content):
        def work():
            done.append(i)
            rows.query("SELECT pg_sleep(0.02)")
            if i in fails:
                raise ZeroDivisionError
            return {"by": i}

        with transaction.atomic(durable=True):
            return idempotency.once(scope="s", key="k", content=content, now=NOW, work=work)

    return at_once([lambda i=i, c=c: use(i, c) for i, c in enumerate(contents)]), done


def test_twins_are_one_execution():
    said, done = twins([{"fen": 5}] * 12)
    assert len(done) == 1
    assert said == [{"by": done[0]}] * 12


def test_twins_with_other_content_are_refused():
    said, done = twins([{"fen": n} for n in range(8)])
    assert len(done) == 1
    assert sorted(map(str, said)) == sorted([str({"by": done[0]})] + ["idempotency_key_reused"] * 7)


def test_when_the_first_fails_a_waiting_twin_does_the_work():
    said, done = twins([{"fen": 5}] * 4, fails=(0, 1, 2, 3))
    assert said == ["ZeroDivisionError"] * 4 and sorted(done) == [0, 1, 2, 3]
    said, done = twins([{"fen": 5}] * 4)
    assert len(done) == 1 and said == [{"by": done[0]}] * 4


def test_control_without_the_unique_key_the_work_is_done_often(owner_sql, monkeypatch):
    owner_sql("ALTER TABLE idempotency_key DROP CONSTRAINT idempotency_key_once")
    real = rows.planned
    clause = " ON CONFLICT (scope, key) DO NOTHING"
    monkeypatch.setattr(rows, "planned", lambda s, p: real(s.replace(clause, ""), p))
    try:
        _, done = twins([{"fen": 5}] * 6)
        assert len(done) > 1
    finally:
        owner_sql("TRUNCATE idempotency_key")
        owner_sql("ALTER TABLE idempotency_key ADD CONSTRAINT idempotency_key_once UNIQUE (scope, key)")


# Events


def interleaved(drain):
    """A transaction that begins first commits last; return the keys that a reader got on the way and at the end."""
    told, may_commit = threading.Event(), threading.Event()

    def slow():
        try:
            with transaction.atomic(durable=True):
                outbox.put(topic="t", events=[("slow", {})], now=NOW)
                told.set()
                may_commit.wait(timeout=60)
        finally:
            connection.close()

    got = []
    thread = threading.Thread(target=slow)
    thread.start()
    assert told.wait(timeout=60)
    with transaction.atomic(durable=True):
        outbox.put(topic="t", events=[("quick", {})], now=NOW)
    drain(got)
    midway = list(got)
    may_commit.set()
    thread.join()
    make_events.readable()
    drain(got)
    drain(got)
    return midway, got


def read(got):
    outbox.drain(consumer="c", handle=lambda es: got.extend(e.key for e in es), now=NOW)


def test_a_late_commit_is_not_skipped():
    assert interleaved(read) == ([], ["slow", "quick"])


def test_control_ordering_by_id_alone_loses_one():
    stand = [0]

    def by_id(got):
        for id_, key in rows.query("SELECT id, key FROM outbox_event WHERE id > %s ORDER BY id", stand):
            got.append(key)
            stand[0] = id_

    assert interleaved(by_id) == (["quick"], ["quick"])


def test_control_without_the_horizon_one_is_lost(monkeypatch):
    real = rows.query
    horizon = " AND (NOT %s OR txid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint)"
    seen = []

    def blind(statement, params=()):
        seen.append(horizon in statement)
        return real(statement.replace(horizon, " AND %s IS NOT NULL"), params)

    monkeypatch.setattr(rows, "query", blind)
    assert interleaved(read) == (["quick"], ["quick"]) and any(seen)


def test_writers_and_readers_at_once_each_event_exactly_once_per_consumer():
    writers, each = 6, 15
    got = {"a": [], "b": []}
    finished = threading.Event()

    def write(i):
        for n in range(each):
            with transaction.atomic(durable=True):
                outbox.put(topic="t", events=[(f"{i}.{n}", {}), (f"{i}.{n}'", {})], now=NOW)
                if n % 3 == 0:
                    rows.query("SELECT pg_sleep(0.002)")

    def consume(consumer):
        quiet = 0
        while quiet < 2:
            over = finished.is_set() and make_events.readable()
            passed = outbox.drain(
                consumer=consumer, handle=lambda es: got[consumer].extend(e.key for e in es), now=NOW, limit=7
            )
            quiet = quiet + 1 if over and not passed else 0

    def writing():
        said = at_once([lambda i=i: write(i) for i in range(writers)])
        finished.set()
        return said

    said = at_once([writing, *[lambda c=c: consume(c) for c in ("a", "a", "b")]])
    assert said == [[None] * writers, None, None, None]
    wanted = sorted(f"{i}.{n}{mark}" for i in range(writers) for n in range(each) for mark in ("", "'"))
    assert sorted(got["a"]) == sorted(got["b"]) == wanted
    for keys in got.values():
        for i in range(writers):
            mine = [key for key in keys if key.startswith(f"{i}.")]
            assert mine == [f"{i}.{n}{mark}" for n in range(each) for mark in ("", "'")]


# The chain


def acts(i):
    for n in range(10):
        with transaction.atomic(durable=True):
            audit.record(actor=FIRST, action="x.y", object_=f"{i}.{n}", facts={}, now=NOW)


def test_acts_and_sealers_at_once_make_one_chain():
    said = at_once([*[lambda i=i: acts(i) for i in range(4)], *[seal_audit] * 4])
    assert [one for one in said if isinstance(one, str)] == []
    seal_audit()
    assert rows.query("SELECT count(*), min(id), max(id) FROM audit_link") == [(40, 1, 40)]
    assert [f for r in verify.run(names=["audit"]) for f in r.findings] == []


def test_control_without_the_lock_sealers_collide(monkeypatch):
    acts(0)
    real = rows.query

    all_have_read = Meeting(4)

    def unlocked(statement, params=()):
        found = real("SELECT 1" if "advisory" in statement else statement, () if "advisory" in statement else params)
        if "FROM audit_act a LEFT JOIN audit_link" in statement:
            all_have_read.come()
        return found

    monkeypatch.setattr(rows, "query", unlocked)
    assert at_once([seal_audit] * 4).count("IntegrityError") == 3
