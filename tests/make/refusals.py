"""Refusals that must leave everything as it was."""

import contextlib
from collections.abc import Iterator

import pytest

from tuike.db import rows
from tuike.kit.errors import Refusal

COMMON = ("audit_act", "outbox_event")


@contextlib.contextmanager
def refused(refusal: type[Refusal], *prefixes: str) -> Iterator[pytest.ExceptionInfo[Refusal]]:
    """Expect `refusal`, and nothing changed in the tables that begin with `prefixes`, no act or event added."""
    before = _rows(prefixes)
    with pytest.raises(refusal) as info:
        yield info
    assert info.type is refusal
    assert _rows(prefixes) == before


def _rows(prefixes: tuple[str, ...]) -> dict[str, list[tuple]]:
    tables = [name for (name,) in rows.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    wanted = [name for name in tables if name in COMMON or name.startswith(prefixes)]
    return {name: sorted(rows.query(f"SELECT t::text FROM {name} t")) for name in wanted}
