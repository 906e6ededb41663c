"""A person's own files."""

import json
from typing import Any

from tuike.db import rows
from tuike.exports.types import ExportShown, ExportState
from tuike.kit.errors import NotFound

COLUMNS = (
    "no, party_id, person_id, kind, title_zh, title_en, what::text, state, done, whole, rows, sums::text, sha256, size,"
    " asked_at, ended_at, kept_until"
)


def mine(*, party_id: int, person_id: int, limit: int = 50) -> list[ExportShown]:
    """Return the latest files that a person asked for in a party's seat, the newest first."""
    found = rows.query(
        f"SELECT {COLUMNS} FROM exports_export WHERE party_id = %s AND person_id = %s ORDER BY id DESC LIMIT %s",
        [party_id, person_id, limit],
    )
    return [shown(row) for row in found]


def one(*, no: str, party_id: int, person_id: int) -> ExportShown:
    """Return a person's own file.

    Raises:
        NotFound: no such file of theirs in this seat.
    """
    found = rows.query(
        f"SELECT {COLUMNS} FROM exports_export WHERE no = %s AND party_id = %s AND person_id = %s",
        [no, party_id, person_id],
    )
    if not found:
        raise NotFound
    return shown(found[0])


def shown(row: tuple[Any, ...]) -> ExportShown:
    """Return a row of `COLUMNS` as a shape."""
    no, party_id, person_id, kind, zh, en, what, state, done, whole, made, sums, *rest = row
    return ExportShown(
        no, party_id, person_id, kind, zh, en, json.loads(what), ExportState(state), done, whole, made,
        json.loads(sums), *rest,
    )  # fmt: skip
