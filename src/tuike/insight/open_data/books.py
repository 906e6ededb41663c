"""The database's side of the open data: one snapshot, what each day of a table adds up to in it, its rows in order.

Everything is read in one read-only REPEATABLE READ transaction, so that all tables say the same instant. What changed
since an earlier snapshot is seen by the rows' own versions (`xmin`): a version that the earlier snapshot couldn't see
was written by a transaction no older than its oldest running one.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction

from tuike.db import rows
from tuike.insight.open_data.shapes import Table

_SETTINGS = (
    "statement_timeout = 0",
    "idle_in_transaction_session_timeout = 0",
    "work_mem = '64MB'",
    "jit = off",
    "timezone = 'UTC'",
)
"""Whole tables are read, for as long as it takes; instants are written in UTC."""

_FAR = 1 << 30
"""After so many transactions the age of a row's version says nothing certain any more."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which state of which database was read: `cluster` names it, `oldest` and `newest` bound its transactions."""

    cluster: str
    oldest: int
    newest: int


@dataclass(frozen=True, slots=True)
class DayBooks:
    """What a day of a table adds up to: rows, sums by the measures' names, and whether any row is newer than asked."""

    rows: int
    sums: dict[str, int]
    newer: bool


@contextmanager
def reading() -> Iterator[Snapshot]:
    """Hold one snapshot of everything while the caller reads."""
    with transaction.atomic():
        if not connection.savepoint_ids:
            rows.run("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for setting in _SETTINGS:
            rows.run(f"SET LOCAL {setting}")
        yield _snapshot()


def _snapshot() -> Snapshot:
    """Return the current snapshot. A copy of a database that went another way has another timeline or identifier."""
    found = rows.query(
        "SELECT system_identifier || '/' || timeline_id || '/' || (SELECT oid FROM pg_database"
        " WHERE datname = current_database()), pg_snapshot_xmin(pg_current_snapshot())::text,"
        " pg_snapshot_xmax(pg_current_snapshot())::text FROM pg_control_system(), pg_control_checkpoint()"
    )[0]
    return Snapshot(found[0], int(found[1]), int(found[2]))


def since(*, now: Snapshot, before: Snapshot | None) -> int | None:
    """Return from which transaction on versions are newer than `before`; None where that can't be told."""
    if before is None or before.cluster != now.cluster:
        return None
    return before.oldest if 0 <= now.newest - before.oldest < _FAR else None


def days(table: Table, *, newer_than: int | None) -> dict[date, DayBooks]:
    """Return what each day of a table adds up to, and whether it has a row of a version since `newer_than`."""
    measures = table.measures
    sums = "".join(f", coalesce(sum({sql}), 0)::bigint" for _, sql in measures)
    newer = "true"
    if newer_than is not None:
        limit = f"age('{newer_than % (1 << 32)}'::xid)"
        newer = " OR ".join(f"coalesce(age({alias}.xmin) <= {limit}, false)" for alias in table.watched)
    found = rows.query(f"SELECT {table.day}, count(*){sums}, bool_or({newer}) FROM {table.base} GROUP BY 1 ORDER BY 1")
    names = [name for name, _ in measures]
    return {
        day: DayBooks(count, dict(zip(names, measured, strict=True)), changed)
        for day, count, *measured, changed in found
    }


@contextmanager
def copied(table: Table, *, wanted: Sequence[date] | None) -> Iterator[Iterator[Any]]:
    """Let a table's rows of some days (None: all) come as pieces of CSV, in the order of days, while they are read."""
    columns = "".join(f", {one.sql}" for one in table.columns)
    where = ""
    if wanted is not None:
        listed = ",".join(day.isoformat() for day in wanted)
        where = f" WHERE {table.day} = ANY('{{{listed}}}'::date[])"
    select = f"SELECT {table.day}{columns} FROM {table.base} {table.more}{where} ORDER BY 1, {table.key}"
    with connection.cursor() as cursor, cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT csv)") as copy:
        yield iter(copy)


def ledger() -> dict[str, Any]:
    """Return the state of the ledger in this snapshot: entries, the last ids, balances by unit and kind of owner."""
    entries, last_entry, transfers, last_transfer = rows.query(
        "SELECT * FROM (SELECT count(*), max(id) FROM ledger_entry) e,"
        " (SELECT count(*), max(id) FROM ledger_transfer) t"
    )[0]
    balances: dict[str, dict[str, int]] = {}
    for unit, kind, fen in rows.query(
        "SELECT unit, split_part(owner, ':', 1), sum(balance_fen)::bigint FROM ledger_account"
        " GROUP BY 1, 2 HAVING sum(balance_fen) <> 0 ORDER BY 1, 2"
    ):
        balances.setdefault(unit, {})[kind] = fen
    return {
        "entries": entries,
        "last_entry": last_entry,
        "transfers": transfers,
        "last_transfer": last_transfer,
        "balances": balances,
    }


def as_json(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as a manifest keeps it."""
    return {"cluster": snapshot.cluster, "oldest": snapshot.oldest, "newest": snapshot.newest}


def from_json(said: dict[str, Any]) -> Snapshot:
    """Return a snapshot that a manifest kept."""
    return Snapshot(said["cluster"], said["oldest"], said["newest"])


def text_of(facts: dict[str, Any]) -> str:
    """Return a manifest's text: one order of names, readable."""
    return json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
