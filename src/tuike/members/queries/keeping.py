"""Reads of what a person keeps: favourites, products seen, consent."""

from collections.abc import Iterable

from tuike.db import rows
from tuike.members.types.facts import ConsentShown, FavouriteKind, FavouriteShown, FootprintShown


def favourites_of(
    *, person_id: int, kind: FavouriteKind, before: int | None = None, limit: int = 20
) -> list[FavouriteShown]:
    """Return a page of what a person marked, newest first, after the row `before`."""
    found = rows.query(
        "SELECT id, kind, object_id, merchant_id, at FROM members_favourite"
        " WHERE person_id = %s AND kind = %s AND (%s::bigint IS NULL OR id < %s) ORDER BY id DESC LIMIT %s",
        [person_id, kind.value, before, before, limit],
    )
    return [FavouriteShown(row[0], FavouriteKind(row[1]), *row[2:]) for row in found]


def marked(*, person_id: int, kind: FavouriteKind, object_ids: Iterable[int]) -> set[int]:
    """Return which of these a person has marked."""
    found = rows.query(
        "SELECT object_id FROM members_favourite WHERE person_id = %s AND kind = %s AND object_id = ANY(%s)",
        [person_id, kind.value, sorted(set(object_ids))],
    )
    return {row[0] for row in found}


def footprints_of(*, person_id: int, limit: int = 200) -> list[FootprintShown]:
    """Return the products that a person looked at, the last one first; 200 are kept."""
    found = rows.query(
        "SELECT product_id, seen_at FROM members_footprint WHERE person_id = %s"
        " ORDER BY seen_at DESC, id DESC LIMIT %s",
        [person_id, limit],
    )
    return [FootprintShown(*row) for row in found]


def marketing_consent_of(person_id: int) -> ConsentShown:
    """Return whether a person wants to hear from shops; who never said so doesn't."""
    found = rows.query(
        "SELECT given, edition, at FROM members_consent WHERE person_id = %s ORDER BY id DESC LIMIT 1", [person_id]
    )
    return ConsentShown(*found[0]) if found else ConsentShown(False, 0, None)
