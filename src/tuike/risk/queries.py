"""Reading the case queue, for the operator."""

import json

from tuike.db import rows
from tuike.risk.types import CaseKind, CaseShown

_CASE = "SELECT no, kind, object, amount_fen, facts::text, opened_at, closed_at, closed_by, note FROM risk_case"


def open_cases(*, limit: int = 100) -> list[CaseShown]:
    """Return what a person must look at, the oldest first."""
    return [
        _case(row) for row in rows.query(f"{_CASE} WHERE closed_at IS NULL ORDER BY opened_at, id LIMIT %s", [limit])
    ]


def newest_open(*, limit: int) -> tuple[int, list[CaseShown]]:
    """Return how many cases are open, and the newest of them."""
    [(count,)] = rows.query("SELECT count(*) FROM risk_case WHERE closed_at IS NULL")
    found = rows.query(f"{_CASE} WHERE closed_at IS NULL ORDER BY opened_at DESC, id DESC LIMIT %s", [limit])
    return count, [_case(row) for row in found]


def case(no: str) -> CaseShown | None:
    """Return one case."""
    found = rows.query(f"{_CASE} WHERE no = %s", [no])
    return _case(found[0]) if found else None


def cases_about(object_: str) -> list[CaseShown]:
    """Return every case of an object's number, the latest first, closed ones included."""
    return [_case(row) for row in rows.query(f"{_CASE} WHERE object = %s ORDER BY id DESC", [object_])]


def _case(row: tuple) -> CaseShown:
    return CaseShown(row[0], CaseKind(row[1]), row[2], row[3], json.loads(row[4]), *row[5:])
