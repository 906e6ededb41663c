"""Asking for a run, taking it on, saying how far it is, and writing down what came of it."""

from datetime import datetime, timedelta

from tuike.db import rows
from tuike.open_data.queries import COLUMNS, shown
from tuike.open_data.types import Outcome, Problem, RunShown

SILENT = timedelta(minutes=2)
"""A writer that hasn't said anything for so long is dead; its run is written again."""

ATTEMPTS = 3
"""How often a run is begun before it is given up."""


def ask(*, everything: bool, person_id: int | None, now: datetime) -> tuple[int, bool]:
    """Ask for a run and return its id and whether it is new; while one of its kind is open it is that one."""
    made = rows.query(
        "INSERT INTO open_data_run (everything, asked_by, asked_at, state, attempts, done, problem, detail)"
        " VALUES (%s, %s, %s, 'asked', 0, 0, '', '') ON CONFLICT DO NOTHING RETURNING id",
        [everything, person_id, now],
    )
    if made:
        return made[0][0], True
    found = "SELECT id FROM open_data_run WHERE everything = %s AND state IN ('asked', 'writing')"
    return rows.query(found, [everything])[0][0], False


def give_up(*, now: datetime) -> int:
    """Let runs fail that `ATTEMPTS` writers died of; return how many."""
    return rows.run(
        "UPDATE open_data_run SET state = 'failed', problem = %s, ended_at = %s"
        " WHERE state = 'writing' AND seen_at < %s AND attempts >= %s",
        [Problem.GIVEN_UP.value, now, now - SILENT, ATTEMPTS],
    )


def take(*, now: datetime) -> RunShown | None:
    """Take the oldest run that nobody writes, or whose writer went silent; None when there is none."""
    taken = rows.query(
        "UPDATE open_data_run SET state = 'writing', attempts = attempts + 1, started_at = %s, seen_at = %s, done = 0,"
        " whole = NULL WHERE id = (SELECT id FROM open_data_run WHERE state = 'asked'"
        " OR (state = 'writing' AND seen_at < %s) ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)"
        f" RETURNING {COLUMNS}",
        [now, now, now - SILENT],
    )
    return shown(taken[0]) if taken else None


def progress(*, run_id: int, done: int, whole: int | None, now: datetime) -> None:
    """Say how many rows are written; also that the writer lives."""
    rows.run(
        "UPDATE open_data_run SET done = %s, whole = %s, seen_at = %s WHERE id = %s AND state = 'writing'",
        [done, whole, now, run_id],
    )


def give_back(*, run_id: int) -> None:
    """Let go of a run that was stopped before its end: the next writer takes it."""
    rows.run(
        "UPDATE open_data_run SET state = 'asked', attempts = greatest(attempts - 1, 0), seen_at = NULL, done = 0"
        " WHERE id = %s AND state = 'writing'",
        [run_id],
    )


def finish(*, run_id: int, outcome: Outcome, now: datetime) -> None:
    """Write down what a run wrote."""
    rows.run(
        "UPDATE open_data_run SET state = 'written', ended_at = %s, edition = %s, days = %s, files = %s, rows = %s,"
        " done = %s, whole = %s, all_files = %s, all_bytes = %s WHERE id = %s AND state = 'writing'",
        [
            now, outcome.edition, outcome.days, outcome.files, outcome.rows, outcome.rows, outcome.rows,
            outcome.all_files, outcome.all_bytes, run_id,
        ],
    )  # fmt: skip


def fail(*, run_id: int, problem: Problem, detail: str, now: datetime) -> None:
    """Write down why a run couldn't end."""
    rows.run(
        "UPDATE open_data_run SET state = 'failed', problem = %s, detail = %s, ended_at = %s"
        " WHERE id = %s AND state = 'writing'",
        [problem.value, detail[:300], now, run_id],
    )
