"""Reading what settings were, and who changed them."""

from datetime import datetime

from tuike.db import rows
from tuike.settings.registry import DEFINED
from tuike.settings.types import Setting


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
