"""Settings within their bounds, keys used once, events read in order: one thread at a time."""

from datetime import timedelta

import pytest
from django.db import OperationalError, transaction

from tests.make import events as make_events
from tests.make.settlement import FIRST, NOW, everything
from tuike.db import rows
from tuike.idempotency import service as idempotency
from tuike.idempotency.types import KeyMalformed, KeyUsedForOther
from tuike.outbox import service as outbox
from tuike.settings import service as settings
from tuike.settings.registry import DEFINED
from tuike.settings.types import OutOfBounds, UnknownSetting

# Settings


@pytest.mark.parametrize("name", sorted(DEFINED))
def test_a_setting_has_a_default_and_keeps_its_bounds(db, name):
    one = DEFINED[name]
    assert one.low <= one.default <= one.high and one.zh and one.en
    assert settings.get(name) == one.default
    for value in (one.low - 1, one.high + 1, True, str(one.low), float(one.low), None):
        before = everything()
        with pytest.raises(OutOfBounds), transaction.atomic():
            settings.change(name=name, value=value, actor=FIRST, now=NOW)
        assert everything() == before and settings.get(name) == one.default
    for value in (one.low, one.high):
        settings.change(name=name, value=value, actor=FIRST, now=NOW)
        assert settings.get(name) == value
    assert rows.query("SELECT value::text::bigint, person_id FROM settings_value ORDER BY id") == [
        (one.low, 901),
        (one.high, 901),
    ]
    assert rows.query("SELECT object, facts->>'from', facts->>'to' FROM audit_act ORDER BY id") == [
        (name, str(one.default), str(one.low)),
        (name, str(one.low), str(one.high)),
    ]


def test_an_unknown_setting_is_refused(db):
    before = everything()
    for call in (
        lambda: settings.get("nothing"),
        lambda: settings.read(["tax_bps", "nothing"]),
        lambda: settings.change(name="nothing", value=1, actor=FIRST, now=NOW),
    ):
        with pytest.raises(UnknownSetting):
            call()
    assert everything() == before
    assert settings.read([]) == {}


# Keys


def use(key="k1", content=None, scope="party:7:x", *, done):
    def work():
        done.append(1)
        return {"no": f"W{len(done)}"}

    content = {"fen": 5} if content is None else content
    return idempotency.once(scope=scope, key=key, content=content, now=NOW, work=work)


def test_the_second_call_is_the_first_call(db):
    done = []
    assert use(done=done) == use(content={"fen": 5}, done=done) == {"no": "W1"}
    assert use(scope="party:8:x", done=done) == {"no": "W2"}
    assert use(key="k2", done=done) == {"no": "W3"}
    assert len(done) == 3
    assert use(key="k3", content={"b": 1, "a": [1]}, done=done) == use(key="k3", content={"a": [1], "b": 1}, done=done)


def test_other_content_under_the_key_is_refused(db):
    done = []
    use(done=done)
    before = everything()
    for content in ({"fen": 6}, {"fen": "5"}, {}, {"fen": 5, "x": None}):
        with pytest.raises(KeyUsedForOther):
            use(content=content, done=done)
    assert len(done) == 1 and everything() == before


@pytest.mark.parametrize("key", ["", "x" * 81, "a\nb", "a\0b", "a\u200bb"])
def test_a_key_must_be_visible_and_short(db, key):
    before = everything()
    with pytest.raises(KeyMalformed):
        use(key=key, done=[])
    assert everything() == before
    use(key="汉" * 80, done=[])


def test_failed_work_may_be_tried_again(db):
    def fail():
        raise ZeroDivisionError

    before = everything()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        idempotency.once(scope="s", key="k", content={}, now=NOW, work=fail)
    assert everything() == before
    assert idempotency.once(scope="s", key="k", content={}, now=NOW, work=lambda: {"ok": 1}) == {"ok": 1}


def test_old_keys_are_forgotten_after_thirty_days(db):
    done = []
    use(done=done)
    assert idempotency.forget_old(now=NOW + timedelta(days=30)) == 0
    assert idempotency.forget_old(now=NOW + timedelta(days=30, seconds=1)) == 1
    assert use(done=done) == {"no": "W2"}


# Events


def tell(*keys):
    with transaction.atomic():
        outbox.put(topic="order.paid", events=[(key, {"n": key}) for key in keys], now=NOW)
    make_events.readable()


def drain(handle, *, consumer="board", limit=1000):
    return outbox.drain(consumer=consumer, handle=handle, now=NOW, limit=limit)


def test_each_consumer_gets_each_event_once_in_order(committed_db):
    tell("a", "b")
    tell("c")
    got, other = [], []
    assert [drain(lambda es: got.extend(e.key for e in es), limit=2) for _ in range(3)] == [2, 1, 0]
    assert drain(lambda es: other.extend(e.key for e in es), consumer="mail") == 3
    assert got == other == ["a", "b", "c"]
    tell("d")
    assert outbox.age_seconds(now=NOW + timedelta(seconds=90)) == 90
    drain(lambda es: got.extend((e.topic, e.facts) for e in es))
    assert got[3:] == [("order.paid", {"n": "d"})]


def test_what_a_consumer_did_and_how_far_it_came_commit_together(committed_db):
    tell("a")

    def half(events):
        rows.run(
            "INSERT INTO risk_case (no, kind, object, amount_fen, facts, opened_at, note)"
            " VALUES ('C', 'x', 'y', 0, '{}', now(), '')"
        )
        raise ZeroDivisionError

    assert drain(half) == 0
    assert rows.query("SELECT count(*) FROM risk_case") == [(0,)]
    assert rows.query("SELECT event_id, attempts FROM outbox_consumer") == [(0, 1)]


def test_a_poisoned_event_is_set_aside_and_holds_nobody_up(committed_db):
    tell("a", "poison", "c")
    got = []

    def handle(events):
        if any(e.key == "poison" for e in events):
            raise ValueError("坏\0数据")
        got.extend(e.key for e in events)

    passed = [drain(handle) for _ in range(8)]
    assert passed == [1, 0, 0, 0, 0, 1, 1, 0]
    assert got == ["a", "c"]
    ((consumer, key, error),) = rows.query(
        "SELECT q.consumer, e.key, q.error FROM outbox_quarantined q JOIN outbox_event e ON e.id = q.event_id"
    )
    assert (consumer, key, error) == ("board", "poison", "ValueError: 坏数据")
    assert rows.query("SELECT attempts FROM outbox_consumer") == [(0,)]


def test_trouble_with_the_database_sets_no_event_aside(committed_db):
    tell("a")

    def victim(events):
        raise OperationalError("deadlock detected")

    for _ in range(outbox.ATTEMPTS + 1):
        with pytest.raises(OperationalError):
            drain(victim)
    got = []
    assert drain(got.extend) == 1
    assert rows.query("SELECT count(*) FROM outbox_quarantined") == [(0,)]


def test_a_restored_database_is_noticed_and_brought_into_order(committed_db, owner_sql, monkeypatch):
    tell("a", "b")
    got = []
    assert drain(lambda es: got.extend(e.key for e in es), limit=1) == 1
    assert outbox.rebase() == 0
    # As a dump of a cluster that had lived longer leaves it.
    owner_sql("UPDATE outbox_event SET txid = txid + 1000000000")
    owner_sql("UPDATE outbox_consumer SET txid = txid + 1000000000")
    with transaction.atomic():
        outbox.put(topic="order.paid", events=[("c", {})], now=NOW)
    with pytest.raises(outbox.FromAnotherCluster):
        drain(got.append)
    assert rows.query("SELECT count(*) FROM outbox_quarantined") == [(0,)]
    as_owner(owner_sql, monkeypatch, outbox.rebase)
    make_events.readable()
    assert drain(lambda es: got.extend(e.key for e in es)) == 2
    other = []
    drain(lambda es: other.extend(e.key for e in es), consumer="mail")
    assert got == other == ["a", "b", "c"]


def as_owner(owner_sql, monkeypatch, verb):
    """Run a verb whose writes need the owner's rights."""
    with monkeypatch.context() as patch:
        patch.setattr(outbox.rows, "run", owner_sql)
        verb()


# --- rows


@pytest.mark.parametrize("count", [0, 1, 4, 5, 40])
def test_rows_that_belong_together_are_written_whatever_their_number(db, count):
    parts = [
        (
            "outbox_event",
            {"id": "bigint", "topic": "text", "key": "text", "facts": "jsonb", "at": "timestamptz"},
            [(-1 - i, "t", f"a % $1 {i}", "{}", NOW) for i in range(count)],
        ),
        ("risk_case", {}, []),
        (
            "outbox_quarantined",
            {"consumer": "text", "event_id": "bigint", "error": "text", "at": "timestamptz"},
            [(f"c{i}", -1, "", NOW) for i in range(min(count, 3))],
        ),
    ]
    rows.insert_all(parts)
    assert rows.query("SELECT id, key FROM outbox_event ORDER BY id DESC") == [(one[0], one[2]) for one in parts[0][2]]
    assert rows.query("SELECT consumer FROM outbox_quarantined ORDER BY 1") == [(one[0],) for one in parts[2][2]]
    rows.run("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_kept_plan_serves_numbers_of_every_size(db):
    for value in (7, 40_000, 2**40, -1):
        asked = rows.planned("SELECT id + 1 FROM (VALUES (%s::bigint)) v (id) WHERE id = ANY(%s)", [value, [value, 1]])
        assert asked == [(value + 1,)]
    assert rows.planned("SELECT 1 WHERE 1::bigint = ANY(%s)", [[]]) == []
    kept = rows.query("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE 'SELECT id + 1 FROM (VALUES%%'")
    assert kept == [(1,)]
