"""Ids that are known before their row is, so that a row has its number from the start."""

from tuike.db import rows


def next_id(table: str) -> int:
    """Return a fresh id of a table; its name comes from code."""
    return int(rows.query("SELECT nextval(pg_get_serial_sequence(%s, 'id'))", [table])[0][0])
