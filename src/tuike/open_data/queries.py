"""Reading runs."""

from collections.abc import Sequence
from typing import Any

from tuike.db import rows
from tuike.open_data.types import Outcome, Problem, RunShown, RunState

COLUMNS = (
    "id, everything, asked_by, asked_at, state, started_at, ended_at, done, whole, problem, detail, edition, days,"
    " files, rows, all_files, all_bytes"
)


def latest(*, limit: int = 20) -> list[RunShown]:
    """Return runs, the latest first."""
    return [shown(row) for row in rows.query(f"SELECT {COLUMNS} FROM open_data_run ORDER BY id DESC LIMIT %s", [limit])]


def waiting() -> bool:
    """Return whether a run is to be written."""
    return bool(rows.query("SELECT 1 FROM open_data_run WHERE state IN ('asked', 'writing') LIMIT 1"))


def shown(row: Sequence[Any]) -> RunShown:
    """Return a row of `COLUMNS` as a shape."""
    run_id, everything, by, asked_at, state, started, ended, done, whole, problem, detail, *outcome = row
    return RunShown(
        run_id, everything, by, asked_at, RunState(state), started, ended, done, whole,
        Outcome(*outcome) if outcome[0] is not None else None, Problem(problem) if problem else None, detail,
    )  # fmt: skip
