"""Ids of the big tables, taken in blocks from a sequence before the insert (docs/decisions/0003)."""

import os
import threading

from django.db import connection, migrations

from tuike.kit.ids import BLOCK, Blocks

_blocks: dict[str, Blocks] = {}
_lock = threading.Lock()


def take(table: str, count: int) -> list[int]:
    """Return `count` fresh ids for `table` (a name that a migration gave a `sequence`)."""
    with _lock:
        blocks = _blocks.setdefault(table, Blocks(lambda: _take_block(table)))
    return blocks.take(count)


def take_one(table: str) -> int:
    """Return one fresh id for `table`."""
    return take(table, 1)[0]


def sequence(table: str) -> migrations.RunSQL:
    """Return the migration operation that makes the sequence behind `take(table, …)`."""
    return migrations.RunSQL(
        f"CREATE SEQUENCE {table}_ids AS bigint INCREMENT BY {BLOCK} START WITH 1",
        f"DROP SEQUENCE {table}_ids",
    )


def _take_block(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(%s)", [f"{table}_ids"])
        return int(cursor.fetchone()[0])


# A forked child must not hand out the rest of its parent's block.
os.register_at_fork(after_in_child=_blocks.clear)
