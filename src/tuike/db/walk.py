"""A page out of a large table in a wanted order, whatever narrows it."""

from collections.abc import Mapping
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

from tuike.db import rows

PATIENCE_MS = 800
"""How long a walk in the wanted order may take before what matches is gathered instead."""


def in_order(
    statement: str, column: str, params: Mapping[str, Any], *, gather: bool = False, instant: bool = False
) -> list[tuple]:
    """Run a page's statement (with `{by}` where it orders) as the planner would: mostly a walk through the index of
    the wanted order. Where it guessed wrong and walks for too long, what matches is gathered first and sorted then;
    with `gather` at once. `instant`: the column holds instants, not numbers."""
    nothing = "interval '0'" if instant else "0"
    gathered = statement.format(by=f"({column} + {nothing})")
    if gather:
        return rows.query(gathered, params)
    if connection.in_atomic_block:
        return rows.query(statement.format(by=column), params)
    try:
        with transaction.atomic():
            rows.run(f"SET LOCAL statement_timeout = {PATIENCE_MS}")
            return rows.query(statement.format(by=column), params)
    except OperationalError as error:
        if not isinstance(error.__cause__, QueryCanceled):
            raise
    return rows.query(gathered, params)
