"""A seat's own views."""

import json
from typing import Any

from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.views.types import Keeper, ViewShown

COLUMNS = "id, name, asked::text, first"


def mine(*, keeper: Keeper) -> list[ViewShown]:
    """Return a seat's views of a page, by name."""
    found = rows.query(
        f"SELECT {COLUMNS} FROM views_view WHERE party_id = %s AND person_id = %s AND page = %s ORDER BY lower(name)",
        [keeper.party_id, keeper.person_id, keeper.page],
    )
    return [shown(row) for row in found]


def one(*, keeper: Keeper, view_id: int) -> ViewShown:
    """Return a seat's own view.

    Raises:
        NotFound: the seat has no such view of the page.
    """
    for view in mine(keeper=keeper):
        if view.id == view_id:
            return view
    raise NotFound


def columns(*, keeper: Keeper) -> tuple[str, ...]:
    """Return the columns that a seat chose for a page, none where it hasn't chosen."""
    found = rows.query(
        "SELECT names FROM views_columns WHERE party_id = %s AND person_id = %s AND page = %s",
        [keeper.party_id, keeper.person_id, keeper.page],
    )
    return tuple(found[0][0]) if found else ()


def shown(row: tuple[Any, ...]) -> ViewShown:
    """Return a row of `COLUMNS` as a shape."""
    id_, name, asked, first = row
    return ViewShown(id_, name, json.loads(asked), first)
