"""Many rows in one statement, for the paths where objects cost too much."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol


class Cursor(Protocol):
    """The part of a psycopg cursor that this file needs."""

    def execute(self, query: Any, params: Any = None) -> Any: ...  # noqa: D102
    def fetchall(self) -> list[Any]: ...  # noqa: D102


def unnest(types: Sequence[str]) -> str:
    """Return `unnest(%s::bigint[], …)` for column `types`; pair it with `columns(rows)` as parameters."""
    return "unnest(" + ", ".join(f"%s::{kind}[]" for kind in types) + ")"


def columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Turn rows into `width` column lists, as `unnest` takes them; no rows give empty columns."""
    turned = [list(column) for column in zip(*rows, strict=True)]
    return turned or [[] for _ in range(width)]
