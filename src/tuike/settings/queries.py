"""Reading what settings were, who changed them, and what may be read of the mall's access to WeChat."""

import json
from datetime import datetime

from tuike.db import rows
from tuike.settings.registry import DEFINED
from tuike.settings.types import AccessShown, Setting


def defined() -> dict[str, Setting]:
    """Return every setting by name."""
    return dict(DEFINED)


def history(name: str, *, limit: int = 50) -> list[tuple[int, datetime, int | None]]:
    """Return the values that somebody set, the latest first: value, when, by whom."""
    found = rows.query(
        "SELECT value::text, at, person_id FROM settings_value WHERE name = %s ORDER BY id DESC LIMIT %s", [name, limit]
    )
    return [(int(value), at, person_id) for value, at, person_id in found]


def last_changes() -> dict[str, tuple[datetime, int | None]]:
    """Return when each setting was changed last and by whom; those that never were are missing."""
    found = rows.query("SELECT DISTINCT ON (name) name, at, person_id FROM settings_value ORDER BY name, id DESC")
    return {name: (at, person_id) for name, at, person_id in found}


def access_version() -> int:
    """Return the number of the access in force; it grows with every change, 0 where none was ever kept."""
    return int(rows.planned("SELECT coalesce(max(id), 0) FROM settings_access", [])[0][0])


def access_shown() -> AccessShown | None:
    """Return what may be read of the access in force, None where none was ever kept."""
    found = rows.query("SELECT id, shown::text, at, person_id FROM settings_access ORDER BY id DESC LIMIT 1")
    return AccessShown(found[0][0], json.loads(found[0][1]), found[0][2], found[0][3]) if found else None
