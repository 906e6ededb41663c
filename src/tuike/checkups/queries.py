"""Reading checkups."""

import json
from collections.abc import Sequence

from tuike.checkups.types import CheckupShown
from tuike.db import rows

_CHECKUP = """
    SELECT id, names, asked_by, asked_at, started_at, ended_at, took_ms, findings, results::text, problem
    FROM checkups_checkup
"""


def latest(*, limit: int = 20) -> list[CheckupShown]:
    """Return runs, the latest first, without those of single checks that nobody asked for."""
    return _checkups("WHERE names = '{}' OR asked_by IS NOT NULL ORDER BY id DESC LIMIT %s", [limit])


def checkup(checkup_id: int) -> CheckupShown | None:
    """Return one run."""
    found = _checkups("WHERE id = %s", [checkup_id])
    return found[0] if found else None


def last_of(names: Sequence[str] = ()) -> CheckupShown | None:
    """Return the latest run of exactly these checks (none: all of them)."""
    found = _checkups("WHERE names = %s::varchar[] ORDER BY id DESC LIMIT 1", [sorted(set(names))])
    return found[0] if found else None


def last_with(name: str) -> CheckupShown | None:
    """Return the latest ended run in which a check took part."""
    found = _checkups(
        "WHERE ended_at IS NOT NULL AND (names = '{}' OR %s = ANY(names)) ORDER BY id DESC LIMIT 1", [name]
    )
    return found[0] if found else None


def _checkups(where: str, params: Sequence) -> list[CheckupShown]:
    return [
        CheckupShown(row[0], tuple(row[1]), *row[2:8], json.loads(row[8]), row[9])
        for row in rows.query(_CHECKUP + where, params)
    ]
