"""Keeping views: each verb runs in its caller's transaction and names whose view it is."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.views.queries import COLUMNS, shown
from tuike.views.types import BadViewName, Keeper, TooManyViews, ViewNameTaken, ViewShown

MOST = 20
"""Named views that a seat keeps of a page."""
LONGEST = 30
_LOCK = 7_402
"""Advisory lock (with the person's id) of those who save: two at once can't both be the twentieth."""


def save(*, keeper: Keeper, name: str, asked: Mapping[str, str], now: datetime) -> ViewShown:
    """Keep what an address asks for under a new name.

    Raises:
        BadViewName: not 1 to 30 visible characters.
        ViewNameTaken: the seat has one of that name.
        TooManyViews: it has twenty.
    """
    name = _name(name)
    rows.query("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, keeper.person_id % 2**31])
    [(kept,)] = rows.query(f"SELECT count(*) FROM views_view WHERE {_WHOSE}", _whose(keeper))
    if kept >= MOST:
        raise TooManyViews(most=MOST)
    made = rows.query(
        "INSERT INTO views_view (party_id, person_id, page, name, asked, first, changed_at)"
        " VALUES (%(party)s, %(person)s, %(page)s, %(name)s, %(asked)s::jsonb, false, %(now)s)"
        f" ON CONFLICT DO NOTHING RETURNING {COLUMNS}",
        _whose(keeper) | {"name": name, "asked": json.dumps(dict(asked)), "now": now},
    )
    if not made:
        raise ViewNameTaken
    return shown(made[0])


def replace(*, keeper: Keeper, view_id: int, asked: Mapping[str, str], now: datetime) -> ViewShown:
    """Let a view ask for something else from now on.

    Raises:
        NotFound: the seat has no such view.
    """
    return _changed(keeper, view_id, "asked = %(asked)s::jsonb", asked=json.dumps(dict(asked)), now=now)


def rename(*, keeper: Keeper, view_id: int, name: str, now: datetime) -> ViewShown:
    """Give a view another name.

    Raises:
        BadViewName, ViewNameTaken: as in `save`.
        NotFound: the seat has no such view.
    """
    name = _name(name)
    rows.query("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, keeper.person_id % 2**31])
    taken = rows.query(
        f"SELECT 1 FROM views_view WHERE {_WHOSE} AND lower(name) = lower(%(name)s) AND id <> %(id)s",
        _whose(keeper) | {"name": name, "id": view_id},
    )
    if taken:
        raise ViewNameTaken
    return _changed(keeper, view_id, "name = %(name)s", name=name, now=now)


def delete(*, keeper: Keeper, view_id: int) -> None:
    """Remove a view.

    Raises:
        NotFound: the seat has no such view.
    """
    if not rows.run(f"DELETE FROM views_view WHERE {_WHOSE} AND id = %(id)s", _whose(keeper) | {"id": view_id}):
        raise NotFound


def put_first(*, keeper: Keeper, view_id: int, first: bool, now: datetime) -> ViewShown:
    """Let the page open with a view, and with no other; or (`first` false) with none.

    Raises:
        NotFound: the seat has no such view.
    """
    rows.run(
        f"UPDATE views_view SET first = false WHERE {_WHOSE} AND first AND id <> %(id)s",
        _whose(keeper) | {"id": view_id},
    )
    return _changed(keeper, view_id, "first = %(first)s", first=first, now=now)


def choose_columns(*, keeper: Keeper, names: Sequence[str], now: datetime) -> None:
    """Keep the columns that a seat wants to see of a page; none: the usual ones again."""
    if not names:
        rows.run(f"DELETE FROM views_columns WHERE {_WHOSE}", _whose(keeper))
        return
    rows.run(
        "INSERT INTO views_columns (party_id, person_id, page, names, changed_at)"
        " VALUES (%(party)s, %(person)s, %(page)s, %(names)s, %(now)s) ON CONFLICT (party_id, person_id, page)"
        " DO UPDATE SET names = excluded.names, changed_at = excluded.changed_at",
        _whose(keeper) | {"names": list(names), "now": now},
    )


_WHOSE = "party_id = %(party)s AND person_id = %(person)s AND page = %(page)s"


def _whose(keeper: Keeper) -> dict:
    return {"party": keeper.party_id, "person": keeper.person_id, "page": keeper.page}


def _changed(keeper: Keeper, view_id: int, change: str, **given: object) -> ViewShown:
    found = rows.query(
        f"UPDATE views_view SET {change}, changed_at = %(now)s WHERE {_WHOSE} AND id = %(id)s RETURNING {COLUMNS}",
        _whose(keeper) | {"id": view_id} | given,
    )
    if not found:
        raise NotFound
    return shown(found[0])


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST or not name.isprintable():
        raise BadViewName
    return name
