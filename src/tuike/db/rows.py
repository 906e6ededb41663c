"""Statements over many rows through Django's connection: one round trip, no model objects."""

import itertools
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, connections

from tuike.kit.rows import columns, unnest

__all__ = ["columns", "insert", "insert_all", "planned", "query", "run", "table_of"]

CHUNK = 10_000
"""Rows a statement: large enough to be cheap, small enough for memory and for the statement's time limit."""


SINGLE = 4
"""Up to so many rows are written out one by one: a small request's plan is kept, no arrays are made of its values."""
FEW = 50
"""Up to so many ids a plan for few fits."""
COPIED = 32
"""From this many rows on COPY is cheaper than one statement with arrays (which Python has to write out)."""


Part = tuple[str, Mapping[str, str], Sequence[Sequence[Any]]]
"""A table, its columns' types, and rows."""


def insert(table: str, types: Mapping[str, str], rows: Iterable[Sequence[Any]], *, suffix: str = "") -> list[tuple]:
    """Insert rows of `types` (column → SQL type, in the rows' order); `suffix` adds ON CONFLICT or RETURNING.

    Names come from code, never from outside. Returns the rows of a RETURNING clause, else an empty list.
    """
    rows = list(rows)
    names = ", ".join(types)
    if 0 < len(rows) <= SINGLE:
        few = _written_out(((table, tuple(types.items()), len(rows)),), suffix)
        return _run_kept(psycopg.RawCursor, few, [value for one in rows for value in one])
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


def insert_all(parts: Iterable[Part]) -> None:
    """Insert what belongs together, (table, its types, rows) with parents first: few rows by one statement.

    Foreign keys are looked at when the transaction ends, those of one statement's rows among themselves included.
    """
    parts = [part for part in parts if part[2]]
    if not parts or max(len(rows) for _, _, rows in parts) > SINGLE:
        for table, types, rows in parts:
            insert(table, types, rows)
        return
    statement = _written_out(tuple((table, tuple(types.items()), len(rows)) for table, types, rows in parts), "")
    _run_kept(psycopg.RawCursor, statement, [value for _, _, rows in parts for one in rows for value in one])


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
    if isinstance(params, Mapping):
        return _run_kept(psycopg.Cursor, statement, {name: _numbers(value) for name, value in params.items()})
    return _run_kept(psycopg.Cursor, statement, [_numbers(value) for value in params])


def run(statement: str, params: Sequence[Any] | Mapping[str, Any] = ()) -> int:
    """Run a statement and return how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.rowcount


def table_of(error: IntegrityError) -> str | None:
    """Return the table whose constraint was broken."""
    return error.__cause__.diag.table_name if isinstance(error.__cause__, psycopg.Error) else None


def _numbers(value: Any) -> Any:
    """Return a list of whole numbers as PostgreSQL writes one, which is cheaper than to let psycopg find that out."""
    return "{" + ",".join(map(str, value)) + "}" if type(value) is list and {*map(type, value)} == {int} else value


def _run_kept(
    kind: type[psycopg.Cursor[Any]], statement: str | bytes, params: Sequence[Any] | Mapping[str, Any]
) -> list[tuple]:
    link = connections[DEFAULT_DB_ALIAS]
    link.ensure_connection()
    link.validate_no_broken_transaction()
    with link.wrap_database_errors, kind(link.connection) as cursor:
        cursor.execute(statement, params, prepare=True)
        return [] if cursor.rownumber is None else cursor.fetchall()


@lru_cache(maxsize=1024)
def _written_out(shapes: tuple[tuple[str, tuple[tuple[str, str], ...], int], ...], suffix: str) -> bytes:
    """Return the one statement that inserts (table, its types, how many rows) one after another.

    With PostgreSQL's own numbers for the values: psycopg reads a statement with so many of its own marks every time.
    """
    number = itertools.count(1)
    inserts = []
    for table, types, rows in shapes:
        places = (", ".join(f"${next(number)}::{kind}" for _, kind in types) for _ in range(rows))
        names = ", ".join(name for name, _ in types)
        inserts.append(f"INSERT INTO {table} ({names}) VALUES " + ", ".join(f"({place})" for place in places))
    *others, last = inserts
    before = ", ".join(f"part{i} AS ({one})" for i, one in enumerate(others))
    return f"{f'WITH {before} ' if before else ''}{last} {suffix}".encode()
