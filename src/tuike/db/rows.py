"""Statements over many rows through Django's connection: one round trip, no model objects."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections

from tuike.kit.rows import columns, unnest

__all__ = ["columns", "insert", "insert_all", "planned", "query", "run"]

CHUNK = 10_000
"""Rows a statement: large enough to be cheap, small enough for memory and for the statement's time limit."""


SINGLE = 4
"""Up to so many rows are written out one by one: a small request's plan is kept, no arrays are made of its values."""
FEW = 50
"""Up to so many ids a plan for few fits."""
COPIED = 32
"""From this many rows on COPY is cheaper than one statement with arrays (which Python has to write out)."""


def insert(table: str, types: Mapping[str, str], rows: Iterable[Sequence[Any]], *, suffix: str = "") -> list[tuple]:
    """Insert rows of `types` (column → SQL type, in the rows' order); `suffix` adds ON CONFLICT or RETURNING.

    Names come from code, never from outside. Returns the rows of a RETURNING clause, else an empty list.
    """
    rows = list(rows)
    names = ", ".join(types)
    if 0 < len(rows) <= SINGLE:
        values = [value for one in rows for value in one]
        return planned(f"{_written_out(table, types, len(rows))} {suffix}", values)
    if not suffix and len(rows) >= COPIED:
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return []
    statement = f"INSERT INTO {table} ({names}) SELECT * FROM {unnest(list(types.values()))} {suffix}"
    returned: list[tuple] = []
    with connection.cursor() as cursor:
        for start in range(0, len(rows), CHUNK):
            cursor.execute(statement, columns(rows[start : start + CHUNK], len(types)))
            if "RETURNING" in suffix:
                returned.extend(cursor.fetchall())
    return returned


def insert_all(parts: Iterable[tuple[str, Mapping[str, str], Sequence[Sequence[Any]]]]) -> None:
    """Insert what belongs together, (table, its types, rows) with parents first: few rows by one statement.

    Foreign keys are looked at when the transaction ends, those of one statement's rows among themselves included.
    """
    parts = [part for part in parts if part[2]]
    if not parts or max(len(rows) for _, _, rows in parts) > SINGLE:
        for table, types, rows in parts:
            insert(table, types, rows)
        return
    *others, last = [_written_out(table, types, len(rows)) for table, types, rows in parts]
    before = ", ".join(f"part{i} AS ({one})" for i, one in enumerate(others))
    values = [value for _, _, rows in parts for one in rows for value in one]
    planned(f"WITH {before} {last}" if before else last, values)


def query(statement: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple]:
    """Return all rows of a SELECT (or of a statement with RETURNING)."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def planned(statement: str, params: Sequence[Any] | Mapping[str, Any]) -> list[tuple]:
    """Return what `query` does, for a statement that small requests run over and over: a connection plans it once.

    Its text never changes and its parameters have a type by where they stand. Not for many ids at once: the plan is
    one for few.
    """
    link = connections[DEFAULT_DB_ALIAS]
    link.ensure_connection()
    link.validate_no_broken_transaction()
    with link.wrap_database_errors, psycopg.Cursor(link.connection) as cursor:
        cursor.execute(statement, params, prepare=True)
        return [] if cursor.rownumber is None else cursor.fetchall()


def run(statement: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Run a statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


def _written_out(table: str, types: Mapping[str, str], count: int) -> str:
    """Return the statement that inserts `count` rows, each value in its place."""
    place = "(" + ", ".join(f"%s::{kind}" for kind in types.values()) + ")"
    return f"INSERT INTO {table} ({', '.join(types)}) VALUES {', '.join([place] * count)}"
