"""Promotion places: add, rename, delete. The row of a promoter's count is the lock over its places."""

from datetime import datetime

from django.db import transaction

from tuike.attribution import rules
from tuike.attribution.types import BadPlaceName, PlaceFacts, PlaceNameTaken, PlaceNotFound, TooManyPlaces
from tuike.db import rows
from tuike.idempotency import service as idempotency
from tuike.kit import ids
from tuike.settings import service as settings

PID_LENGTH = 16

_OPEN = "INSERT INTO attribution_place_count (promoter_id, places) VALUES (%s, 0) ON CONFLICT DO NOTHING"
_TAKE = "UPDATE attribution_place_count SET places = places + 1 WHERE promoter_id = %s AND places < %s"
_LOCK = "SELECT 1 FROM attribution_place_count WHERE promoter_id = %s FOR UPDATE"
_GIVE_BACK = "UPDATE attribution_place_count SET places = places - 1 WHERE promoter_id = %s"
_COLUMNS = "id, promoter_id, pid, name, created_at, deleted_at"


@transaction.atomic
def add_place(*, promoter_id: int, name: str, key: str, now: datetime) -> PlaceFacts:
    """Add a promotion place and return it; the same `key` again returns the same place (docs/rules.md §4).

    Raises:
        BadPlaceName: not 1 to 20 visible characters.
        PlaceNameTaken: the promoter has a place of this name.
        TooManyPlaces: the setting `places_per_promoter` is reached.
        KeyUsedForOther: the key was used for another name.
    """
    name = _name(name)

    def work() -> dict:
        limit = settings.get("places_per_promoter")
        rows.run(_OPEN, [promoter_id])
        if not rows.run(_TAKE, [promoter_id, limit]):
            raise TooManyPlaces(limit=limit)
        added = rows.query(
            "INSERT INTO attribution_place (promoter_id, pid, name, created_at) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (promoter_id, name) WHERE deleted_at IS NULL DO NOTHING RETURNING id",
            [promoter_id, ids.random_code(PID_LENGTH), name, now],
        )
        if not added:
            raise PlaceNameTaken
        return {"place": added[0][0]}

    answer = idempotency.once(
        scope=f"promoter:{promoter_id}:add_place", key=key, content={"name": name}, now=now, work=work
    )
    return _read(answer["place"])


@transaction.atomic
def rename_place(
    *, promoter_id: int, pid: str, name: str, key: str, now: datetime, named: str | None = None
) -> PlaceFacts:
    """Give a place another name and return it; its `pid` and its material stay. `named`: the name that it has to have.

    Raises:
        BadPlaceName: not 1 to 20 visible characters.
        PlaceNameTaken: another place of the promoter has this name.
        PlaceNotFound: no such place of this promoter (of that name), or it was deleted.
        KeyUsedForOther: the key was used for something else.
    """
    name = _name(name)

    def work() -> dict:
        rows.query(_LOCK, [promoter_id])
        place = _find(promoter_id, pid, named)
        taken = rows.query(
            "SELECT 1 FROM attribution_place WHERE promoter_id = %s AND name = %s AND deleted_at IS NULL AND id <> %s",
            [promoter_id, name, place.place_id],
        )
        if taken:
            raise PlaceNameTaken
        rows.run("UPDATE attribution_place SET name = %s WHERE id = %s", [name, place.place_id])
        return {"place": place.place_id}

    answer = idempotency.once(
        scope=f"promoter:{promoter_id}:rename_place", key=key, content={"pid": pid, "name": name}, now=now, work=work
    )
    return _read(answer["place"])


@transaction.atomic
def delete_place(*, promoter_id: int, pid: str, key: str, now: datetime, named: str | None = None) -> PlaceFacts:
    """Delete a place: no new material for it, its name is free again; its old material still earns. `named`: the name
    that it has to have.

    Raises:
        PlaceNotFound: no such place of this promoter (of that name), or it was deleted.
        KeyUsedForOther: the key was used for another place.
    """

    def work() -> dict:
        rows.query(_LOCK, [promoter_id])
        place = _find(promoter_id, pid, named)
        rows.run("UPDATE attribution_place SET deleted_at = %s WHERE id = %s", [now, place.place_id])
        rows.run(_GIVE_BACK, [promoter_id])
        return {"place": place.place_id}

    answer = idempotency.once(
        scope=f"promoter:{promoter_id}:delete_place", key=key, content={"pid": pid}, now=now, work=work
    )
    return _read(answer["place"])


def _name(name: str) -> str:
    name = name.strip()
    if not rules.is_place_name(name):
        raise BadPlaceName
    return name


def _find(promoter_id: int, pid: str, named: str | None) -> PlaceFacts:
    found = rows.query(
        f"SELECT {_COLUMNS} FROM attribution_place WHERE pid = %s AND promoter_id = %s AND deleted_at IS NULL",
        [pid, promoter_id],
    )
    if not found or named not in (None, found[0][3]):
        raise PlaceNotFound
    return PlaceFacts(*found[0])


def _read(place_id: int) -> PlaceFacts:
    return PlaceFacts(*rows.query(f"SELECT {_COLUMNS} FROM attribution_place WHERE id = %s", [place_id])[0])
