"""Telling what happened, and reading it in order, each event exactly once per consumer.

An event becomes readable when every transaction that is older than its own has ended, so a late commit can't be
skipped: consumers order by (transaction id, event id) and stop before the oldest running transaction.
"""

import json
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import OperationalError, transaction

from tuike.db import rows
from tuike.db.state import one_state
from tuike.outbox.types import Event

ATTEMPTS = 5
"""Failures on one event before it is set aside."""


_BEGIN = -(2**63)
"""Where a new consumer stands: before every event, those of an earlier cluster included."""


class FromAnotherCluster(Exception):
    """Positions and events carry transaction ids of the cluster that this database was restored from; see `rebase`."""


class Kept(Exception):
    """A consumer is being read for, or kept in its place, by somebody else just now: the next time it goes on."""


def put(*, topic: str, events: Iterable[tuple[str, dict]], now: datetime) -> None:
    """Add one event per (key, facts) in the caller's transaction."""
    types = {"topic": "text", "key": "text", "facts": "jsonb", "at": "timestamptz"}
    rows.insert("outbox_event", types, [(topic, key, json.dumps(facts), now) for key, facts in events])


def drain(
    *,
    consumer: str,
    handle: Callable[[list[Event]], None],
    now: datetime,
    limit: int = 1000,
    portion: Callable[[list[Event]], int] = len,
) -> int:
    """Hand `consumer` the next events in order and remember how far it came, in one transaction with what it does.

    At most `limit` at a time; of those that were read `portion` may say that only the first so many are handled now
    (at least one), where events weigh differently.

    When handling a batch fails, the events are tried one by one; one that fails `ATTEMPTS` times is quarantined and
    the others go on. A database that can't be reached, or a deadlock, is no event's fault: it is raised and not
    counted. Returns how many events were passed.

    Raises:
        FromAnotherCluster: the database was restored from a dump and `rebase` has not been run.
    """
    try:
        return _pass_on(consumer, handle, now, limit, portion)
    except (OperationalError, FromAnotherCluster):
        raise  # the database's trouble, not the event's
    except Exception:
        return _pass_one(consumer, handle, now)


def follow(*, consumer: str, handle: Callable[[list[Event]], None], now: datetime, limit: int = 20_000) -> bool:
    """Let `consumer` bring something up to the books, in one transaction that sees one state of them from end to end.

    Handed is everything that can be seen from where it stands on, up to `limit` events (none is fine, too), also what
    isn't readable yet because an older transaction still runs: that is handed once more later. So whatever the events
    lead to is looked at as it stands, not added up, and is then equal to the books of that moment. There is no
    quarantine: `handle` takes any facts. Returns whether more waits.

    Raises:
        FromAnotherCluster: the database was restored from a dump and `rebase` has not been run.
        Kept: somebody else has the consumer just now; nothing waits for it.
    """
    with one_state():
        events = _next(consumer, limit, follows=True)
        handle(events)
        running = horizon()
        read = [event for event in events if event.txid < running]
        if read:
            _stand(consumer, read[-1], attempts=0, now=now)
        elif len(events) < limit:
            rows.run("UPDATE outbox_consumer SET read_at = %s WHERE name = %s", [now, consumer])
        return len(events) == limit and bool(read)


def keep_place(*, consumer: str) -> None:
    """Keep a consumer from going on until the caller's transaction ends; others may keep it there, too.

    Waits for whoever reads for it now, however long that takes.
    """
    rows.run("SET LOCAL lock_timeout = 0")
    _enter(consumer)
    rows.query("SELECT 1 FROM outbox_consumer WHERE name = %s FOR SHARE", [consumer])


def horizon() -> int:
    """Return the transaction before which all have ended: what they told, whoever begins now sees."""
    return int(rows.query("SELECT (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint")[0][0])


def pass_over(*, consumer: str, before: int, now: datetime) -> None:
    """Let a consumer stand behind all that transactions before `before` told; one that stands further stays.

    It doesn't go on until the caller's transaction ends. Waits for whoever reads for it now.
    """
    rows.run("SET LOCAL lock_timeout = 0")
    _enter(consumer)
    rows.query("SELECT 1 FROM outbox_consumer WHERE name = %s FOR UPDATE", [consumer])
    last = rows.query("SELECT txid, id FROM outbox_event WHERE txid < %s ORDER BY txid DESC, id DESC LIMIT 1", [before])
    if last:
        rows.run(
            "UPDATE outbox_consumer SET txid = %s, event_id = %s, read_at = %s"
            " WHERE name = %s AND (txid, event_id) < (%s, %s)",
            [*last[0], now, consumer, *last[0]],
        )


def rebase() -> int:
    """Move what an earlier cluster wrote before all that this one writes, in the same order; return how far.

    Transaction ids begin anew in the cluster that a dump is restored into, event ids go on: they tell old from new.
    Run as the owner after a restore; where nothing was restored it changes nothing.
    """
    with transaction.atomic(durable=True):
        highest, last_id = rows.query(
            """
            SELECT max(txid), max(id) FROM (
                SELECT txid, id FROM outbox_event UNION ALL SELECT txid, event_id FROM outbox_consumer
            ) AS told WHERE txid >= (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint
            """
        )[0]
        if highest is None:
            return 0
        shift = highest + 1
        rows.run("UPDATE outbox_event SET txid = txid - %s WHERE id <= %s", [shift, last_id])
        rows.run("UPDATE outbox_consumer SET txid = greatest(txid, %s) - %s", [_BEGIN + shift, shift])
        return int(shift)


def standing(*, consumer: str) -> tuple[datetime | None, int]:
    """Return when a consumer had read all there was, and the last event that it read; None and 0 before the first."""
    found = rows.planned("SELECT read_at, event_id FROM outbox_consumer WHERE name = %s", [consumer])
    return found[0] if found else (None, 0)


def snapshot() -> str:
    """Return which transactions the caller's snapshot sees, as `since` takes it."""
    return str(rows.query("SELECT pg_current_snapshot()::text")[0][0])


def since(*, snapshot: str, limit: int) -> list[Event]:
    """Return what was told by transactions that `snapshot` did not see and the caller's own snapshot does.

    For a reader that keeps no place and answers for what it sees now: within one repeatable-read transaction with
    `snapshot()` nothing is missed, nothing waits for an older transaction that still runs, and nothing comes twice
    (but what the caller's own transaction told). In no particular order; `limit` bounds how many.
    """
    found = rows.query(
        """
        SELECT id, txid, topic, key, facts, at FROM outbox_event
        WHERE txid >= (pg_snapshot_xmin(%(seen)s::pg_snapshot)::text)::bigint
            AND NOT pg_visible_in_snapshot((txid::text)::xid8, %(seen)s::pg_snapshot)
        LIMIT %(limit)s
        """,
        {"seen": snapshot, "limit": limit},
    )
    return [_event(row) for row in found]


def age_seconds(*, now: datetime) -> int:
    """Return how old the oldest event is that some consumer has not read, in whole seconds; 0 when all is read."""
    found = rows.query(
        "SELECT min(e.at) FROM outbox_consumer c JOIN outbox_event e ON (e.txid, e.id) > (c.txid, c.event_id)"
    )
    oldest = found[0][0]
    return 0 if oldest is None else max(0, int((now - oldest).total_seconds()))


def _pass_on(
    consumer: str,
    handle: Callable[[list[Event]], None],
    now: datetime,
    limit: int,
    portion: Callable[[list[Event]], int] = len,
) -> int:
    with transaction.atomic(durable=True):
        events = _next(consumer, limit)
        if events:
            events = events[: max(1, portion(events))]
            handle(events)
            _stand(consumer, events[-1], attempts=0, now=now)
        return len(events)


def _pass_one(consumer: str, handle: Callable[[list[Event]], None], now: datetime) -> int:
    failed: list[Event] = []

    def watched(events: list[Event]) -> None:
        failed[:] = events
        handle(events)

    try:
        return _pass_on(consumer, watched, now, 1)
    except OperationalError:
        raise
    except Exception as error:
        if not failed:
            raise
        return _count_failure(consumer, failed[0], error, now)


def _count_failure(consumer: str, failed: Event, error: Exception, now: datetime) -> int:
    """Count a failure on the event that stands next, and set it aside after `ATTEMPTS`; return how many were passed."""
    with transaction.atomic(durable=True):
        events = _next(consumer, 1)
        if not events or events[0].id != failed.id:
            return 0  # another reader of this consumer has passed it meanwhile
        tried = rows.query(
            "UPDATE outbox_consumer SET attempts = attempts + 1 WHERE name = %s RETURNING attempts", [consumer]
        )[0][0]
        if tried < ATTEMPTS:
            return 0
        said = f"{type(error).__name__}: {error}".replace("\0", "")[:2000]
        rows.run(
            "INSERT INTO outbox_quarantined (consumer, event_id, error, at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [consumer, failed.id, said, now],
        )
        _stand(consumer, failed, attempts=0, now=now)
        return 1


def _enter(consumer: str) -> None:
    rows.run(
        "INSERT INTO outbox_consumer (name, txid, event_id, attempts) VALUES (%s, %s, 0, 0) ON CONFLICT DO NOTHING",
        [consumer, _BEGIN],
    )


def _next(consumer: str, limit: int, *, follows: bool = False) -> list[Event]:
    """Return what a consumer reads next; one that `follows` reads what isn't readable, too, and waits for nobody."""
    _enter(consumer)
    # Locked by a statement of its own: one that waited for another run would compare what that run left behind with a
    # snapshot from before it.
    waits = " SKIP LOCKED" if follows else ""
    if not rows.query(f"SELECT 1 FROM outbox_consumer WHERE name = %s FOR UPDATE{waits}", [consumer]):
        raise Kept
    *stand, foreign = rows.query(
        "SELECT txid, event_id, txid >= (pg_snapshot_xmax(pg_current_snapshot())::text)::bigint"
        " FROM outbox_consumer WHERE name = %s",
        [consumer],
    )[0]
    if foreign:
        raise FromAnotherCluster(f"consumer {consumer} stands at transaction {stand[0]}, which this cluster never had")
    found = rows.query(
        """
        SELECT id, txid, topic, key, facts, at FROM outbox_event
        WHERE (txid, id) > (%s, %s) AND (NOT %s OR txid < (pg_snapshot_xmin(pg_current_snapshot())::text)::bigint)
        ORDER BY txid, id LIMIT %s
        """,
        [*stand, not follows, limit],
    )
    return [_event(row) for row in found]


def _event(row: tuple) -> Event:
    id_, txid, topic, key, facts, at = row
    return Event(id_, txid, topic, key, json.loads(facts) if isinstance(facts, str) else facts, at)


def _stand(consumer: str, event: Event, *, attempts: int, now: datetime) -> None:
    rows.run(
        "UPDATE outbox_consumer SET txid = %s, event_id = %s, attempts = %s, read_at = %s WHERE name = %s",
        [event.txid, event.id, attempts, now, consumer],
    )
