"""A list as a file: exactly what is filtered and sorted on the page, every row of it, read in one snapshot.

CSV comes from the database's own COPY (RFC 4180, UTF-8 with a byte order mark, as spreadsheets expect it); XLSX is
written row by row. No text cell begins a formula. Nothing but the table is in the file: how many rows, the sums and
the file's SHA-256 are the answer.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from tuike.insight.lists.asking import Question, read
from tuike.insight.lists.listing import count, totals
from tuike.insight.lists.types import Column, Listing
from tuike.kit import xlsx

LONGEST_SECONDS = 600
_FETCHED = 5_000
_KINDS: dict[str, xlsx.Kind] = {
    "money": "hundredths",
    "rate": "percent",
    "count": "count",
    "time": "instant",
    "day": "day",
}
_NUMBERS = ("money", "rate", "count")

Progress = Callable[[int, int], None]
"""Told how many rows are written, of how many."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a file holds: rows, the sums of the summed columns by key, its SHA-256 in hexadecimal, its size."""

    rows: int
    sums: dict[str, int]
    sha256: str
    size: int


def write_csv(
    path: Path,
    listing: Listing,
    scope: Mapping[str, Any],
    asked: Mapping[str, str],
    *,
    zh: bool = True,
    progress: Progress = lambda _done, _all: None,
) -> Written:
    """Write all rows that `asked` finds to `path`: amounts in yuan, rates in per cent, times of Shanghai.

    Raises:
        BadFilter: a value that can't be one.
    """
    question = _question(listing, scope, asked)
    columns = listing.exported()
    # One at least: without parameters psycopg would leave doubled percent signs as they are.
    params, shown = question.params | {"none": None}, []
    for number, one in enumerate(columns):
        shown.append(_csv_sql(one, number, params, zh=zh))
    digest, done = hashlib.sha256(), 0
    with _snapshot(listing, scope, asked) as (expected, sums), path.open("wb") as file:
        head = _headings(columns, zh=zh)
        file.write(head)
        digest.update(head)
        statement = f"COPY ({_select(question, shown)}) TO STDOUT WITH (FORMAT csv)"
        with connection.cursor() as cursor:
            with cursor.copy(statement, params) as copy:
                lines = 0
                for some in copy:
                    block = bytes(some)
                    file.write(block)
                    digest.update(block)
                    lines += block.count(b"\n")
                    if lines - done >= _FETCHED:
                        done = min(lines, expected)
                        progress(done, expected)
            rows = cursor.rowcount
    assert rows == expected, "one snapshot, two counts"
    progress(rows, expected)
    return Written(rows, sums, digest.hexdigest(), path.stat().st_size)


def write_xlsx(
    path: Path,
    listing: Listing,
    scope: Mapping[str, Any],
    asked: Mapping[str, str],
    *,
    zh: bool = True,
    progress: Progress = lambda _done, _all: None,
) -> Written:
    """Write all rows that `asked` finds to `path` as a spreadsheet: amounts, rates, counts and times are numbers.

    Raises:
        BadFilter: a value that can't be one.
    """
    question = _question(listing, scope, asked)
    columns = listing.exported()
    params = dict(question.params)
    shown = [_words_sql(one, n, params, zh=zh) if one.kind == "tag" else one.sql for n, one in enumerate(columns)]
    with _snapshot(listing, scope, asked) as (expected, sums):
        rows = xlsx.write(
            path,
            name=listing.name,
            headings=[one.heading[not zh] for one in columns],
            kinds=[_KINDS.get(one.kind, "text") for one in columns],
            rows=_fetched(_select(question, shown), params),
            progress=lambda done: progress(done, expected),
        )
    assert rows == expected, "one snapshot, two counts"
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(rows, sums, sha256, path.stat().st_size)


def _question(listing: Listing, scope: Mapping[str, Any], asked: Mapping[str, str]) -> Question:
    return read(listing, scope, {key: value for key, value in asked.items() if key not in ("after", "before")})


@contextmanager
def _snapshot(
    listing: Listing, scope: Mapping[str, Any], asked: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, int]]]:
    """Hold one snapshot in which rows are counted, summed and written; yield count and sums."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        with connection.cursor() as cursor:
            if outermost:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # A large file takes longer than anybody waits for a page; the whole of it is read, so plans are for all.
            cursor.execute(f"SET LOCAL statement_timeout = '{LONGEST_SECONDS}s'")
            cursor.execute(f"SET LOCAL idle_in_transaction_session_timeout = '{LONGEST_SECONDS}s'")
            cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
            cursor.execute("SET LOCAL jit = off")
        yield count(listing, scope, asked, exact=True).n, totals(listing, scope, asked)


def _select(question: Question, shown: list[str]) -> str:
    listing = question.listing
    way = "DESC" if question.descending else "ASC"
    nulls = "" if question.column.filled else " NULLS LAST"
    by = f"{question.column.sql} {way}{nulls}, {listing.id_sql} {way}"
    if question.column.sql == listing.id_sql:
        by = f"{listing.id_sql} {way}"
    said = f"WHERE {question.where} ORDER BY {by}"
    columns = ", ".join(shown)
    return f"SELECT {columns} FROM {listing.needed_from(f'{columns} {said}')} {said}"


def _fetched(statement: str, params: dict[str, Any]) -> Iterator[tuple]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, params)
        while some := cursor.fetchmany(_FETCHED):
            yield from some


def _headings(columns: tuple[Column, ...], *, zh: bool) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow([one.heading[not zh] for one in columns])
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def _csv_sql(one: Column, number: int, params: dict[str, Any], *, zh: bool) -> str:
    """Return the expression that makes a column's text for CSV; words go into `params`."""
    sql = one.sql
    if one.kind in ("money", "rate"):
        # Hundredths with their point put in: whole numbers only, and a sign that survives ¥0.05.
        whole = f"abs({sql})::bigint"
        text = (
            f"CASE WHEN {sql} < 0 THEN '-' ELSE '' END || {whole} / 100 || '.' || lpad(({whole} %% 100)::text, 2, '0')"
        )
        return f"{text} || '%%'" if one.kind == "rate" else text
    if one.kind == "count":
        return f"({sql})::text"
    if one.kind == "time":
        return f"to_char(({sql}) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS')"
    if one.kind == "day":
        return f"to_char({sql}, 'YYYY-MM-DD')"
    if one.kind == "tag":
        sql = _words_sql(one, number, params, zh=zh)
    return _harmless(sql)


def _words_sql(one: Column, number: int, params: dict[str, Any], *, zh: bool) -> str:
    """Return the expression that says a tag's state in words; a state without words stays as it is."""
    cases = []
    for at, (state, words) in enumerate(one.words.items()):
        params |= {f"w_{number}_{at}_state": state, f"w_{number}_{at}": words[not zh]}
        cases.append(f"WHEN %(w_{number}_{at}_state)s THEN %(w_{number}_{at})s")
    return f"CASE ({one.sql})::text {' '.join(cases)} ELSE ({one.sql})::text END" if cases else f"({one.sql})::text"


def _harmless(sql: str) -> str:
    """Put an apostrophe before text that a spreadsheet would run: = + - @, their wide forms, after blanks or none."""
    first = f"ascii(ltrim({sql}))"
    signs = ", ".join(str(ord(sign)) for sign in "=+-@\t\r\n＝＋－＠")
    return f"CASE WHEN {first} IN ({signs}) THEN '''' ELSE '' END || ({sql})"
