"""Reading what is kept, without its bytes."""

from collections.abc import Iterable

from tuike.db import rows
from tuike.files.types import FileShown

_FILE = "SELECT no, party_id, purpose, name, media_type, size, width, height, put_at FROM files_file"


def files(nos: Iterable[str]) -> dict[str, FileShown]:
    """Return files by number; unknown ones are not in the answer."""
    return {row[0]: FileShown(*row) for row in rows.query(f"{_FILE} WHERE no = ANY(%s)", [list(nos)])}


def own_file(no: str, *, party_id: int) -> FileShown | None:
    """Return a party's own file, None for a number that isn't one of its own."""
    found = rows.query(f"{_FILE} WHERE no = %s AND party_id = %s", [no, party_id])
    return FileShown(*found[0]) if found else None


def unused_of(party_id: int, *, purpose: str) -> list[FileShown]:
    """Return what a party has handed in and nothing uses yet, the oldest first."""
    return [
        FileShown(*row)
        for row in rows.query(
            f"{_FILE} WHERE party_id = %s AND purpose = %s AND used_at IS NULL ORDER BY id", [party_id, purpose]
        )
    ]
