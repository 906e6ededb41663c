"""Asking for a file, taking the next one to make, saying how far it is and what came of it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tuike.db import rows
from tuike.exports.queries import COLUMNS, shown
from tuike.exports.types import ExportShown, Made, TooManyExports
from tuike.kit import ids

MOST_OPEN = 5
"""Files of a person that may be still to come."""

KEPT = timedelta(days=3)
"""How long a file is kept."""

SILENT = timedelta(minutes=2)
"""A maker that hasn't said anything for so long is dead; its file is made anew."""

ATTEMPTS = 3
_LOCK = 7_401
"""Advisory lock (with the person's id) of those who ask: two at once can't both be the fifth."""


def ask(
    *,
    party_id: int,
    person_id: int,
    kind: str,
    title: tuple[str, str],
    what: Mapping[str, Any],
    now: datetime,
    at_once: bool = False,
) -> ExportShown:
    """Note a file to be made, in the caller's transaction; `at_once`: the caller makes it now, no job is to take it.

    `kind` is the file's ending and says who makes it; `what` is plain JSON for its maker.

    Raises:
        TooManyExports: five of the person's are still to come.
    """
    rows.query("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, person_id % 2**31])
    waiting = rows.query(
        "SELECT count(*) FROM exports_export WHERE person_id = %s AND state IN ('asked', 'making')", [person_id]
    )
    if waiting[0][0] >= MOST_OPEN:
        raise TooManyExports(most=MOST_OPEN)
    zh, en = title
    begun = ("making", 1, now) if at_once else ("asked", 0, None)
    return shown(
        rows.query(
            "INSERT INTO exports_export (no, party_id, person_id, kind, title_zh, title_en, what, state, attempts,"
            " seen_at, asked_at, done, sums, sha256, problem)"
            f" VALUES (%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, 0, '{{}}', '', '') RETURNING {COLUMNS}",
            [ids.random_code(20), party_id, person_id, kind, zh[:60], en[:80], json.dumps(what), *begun, now],
        )[0]
    )


def take(*, now: datetime) -> ExportShown | None:
    """Take the next file to make: the oldest that nobody makes, or whose maker went silent; None when there is none.

    One that three makers died of has failed.
    """
    rows.run(
        "UPDATE exports_export SET state = 'failed', problem = 'given up', ended_at = %s"
        " WHERE state = 'making' AND seen_at < %s AND attempts >= %s",
        [now, now - SILENT, ATTEMPTS],
    )
    taken = rows.query(
        f"""
        UPDATE exports_export SET state = 'making', attempts = attempts + 1, seen_at = %s, done = 0
        WHERE id = (
            SELECT id FROM exports_export WHERE state = 'asked' OR (state = 'making' AND seen_at < %s)
            ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
        ) RETURNING {COLUMNS}
        """,
        [now, now - SILENT],
    )
    return shown(taken[0]) if taken else None


def progress(*, no: str, done: int, whole: int, now: datetime) -> None:
    """Say how far the making is; also that its maker lives."""
    rows.run(
        "UPDATE exports_export SET done = %s, whole = %s, seen_at = %s WHERE no = %s AND state = 'making'",
        [done, whole, now, no],
    )


def finish(*, no: str, made: Made, now: datetime) -> None:
    """Record what was made; it is kept for three days."""
    rows.run(
        "UPDATE exports_export SET state = 'ready', done = %s, whole = %s, rows = %s, sums = %s::jsonb, sha256 = %s,"
        " size = %s, ended_at = %s, kept_until = %s WHERE no = %s AND state = 'making'",
        [made.rows, made.rows, made.rows, json.dumps(dict(made.sums)), made.sha256, made.size, now, now + KEPT, no],
    )


def fail(*, no: str, problem: str, now: datetime) -> None:
    """Record that it could not be made, and why (for the log's reader; a person sees that it failed)."""
    rows.run(
        "UPDATE exports_export SET state = 'failed', problem = %s, ended_at = %s WHERE no = %s AND state = 'making'",
        [problem[:200], now, no],
    )


def forget_old(*, now: datetime) -> Sequence[str]:
    """Let go of files that were kept long enough; return their names on the disk, for the caller to remove."""
    gone = rows.query(
        "UPDATE exports_export SET state = 'gone' WHERE state = 'ready' AND kept_until <= %s RETURNING no, kind", [now]
    )
    return [f"{no}.{kind}" for no, kind in gone]
