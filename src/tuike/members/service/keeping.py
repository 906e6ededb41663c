"""What a member keeps or is kept of them: favourites, products seen, consent to hear from shops; and its erasure."""

from datetime import datetime

from django.db import transaction

from tuike.db import rows
from tuike.members.queries import keeping as queries
from tuike.members.types.facts import (
    CONSENT_EDITION,
    MAX_FAVOURITES,
    MAX_FOOTPRINTS,
    ConsentShown,
    FavouriteKind,
)
from tuike.members.types.refusals import EditionNotInForce, TooManyFavourites
from tuike.people import service as people

_SEE = """
    INSERT INTO members_footprint (person_id, product_id, seen_at) VALUES (%s, %s, %s)
    ON CONFLICT (person_id, product_id) DO UPDATE SET seen_at = greatest(members_footprint.seen_at, EXCLUDED.seen_at)
"""
_TRIM = """
    DELETE FROM members_footprint WHERE id IN (
        SELECT id FROM members_footprint WHERE person_id = %s ORDER BY seen_at DESC, id DESC OFFSET %s
    )
"""


@transaction.atomic
def add_favourite(*, person_id: int, kind: FavouriteKind, object_id: int, merchant_id: int, now: datetime) -> None:
    """Mark a product or a shop; marked twice it is marked once.

    Raises:
        TooManyFavourites: the person has marked 1,000 of the kind.
        UnknownPerson: erased.
    """
    people.hold_person(person_id=person_id)
    has = rows.query(
        "SELECT count(*) FROM members_favourite WHERE person_id = %s AND kind = %s AND object_id <> %s",
        [person_id, kind.value, object_id],
    )[0][0]
    if has >= MAX_FAVOURITES:
        raise TooManyFavourites(most=MAX_FAVOURITES)
    types = {"person_id": "bigint", "kind": "text", "merchant_id": "bigint", "object_id": "bigint", "at": "timestamptz"}
    values = [(person_id, kind.value, merchant_id, object_id, now)]
    rows.insert("members_favourite", types, values, suffix="ON CONFLICT (person_id, kind, object_id) DO NOTHING")


def remove_favourite(*, person_id: int, kind: FavouriteKind, object_id: int) -> None:
    """Take a mark away; one that isn't there is no matter."""
    rows.run(
        "DELETE FROM members_favourite WHERE person_id = %s AND kind = %s AND object_id = %s",
        [person_id, kind.value, object_id],
    )


@transaction.atomic
def see_product(*, person_id: int, product_id: int, now: datetime) -> None:
    """Note that a person looks at a product: each once, the last 200 of them."""
    rows.run(_SEE, [person_id, product_id, now])
    rows.run(_TRIM, [person_id, MAX_FOOTPRINTS])


def clear_footprints(*, person_id: int, product_id: int | None = None) -> None:
    """Forget that a person has seen a product, or any."""
    rows.run(
        "DELETE FROM members_footprint WHERE person_id = %s AND (%s::bigint IS NULL OR product_id = %s)",
        [person_id, product_id, product_id],
    )


@transaction.atomic
def set_marketing_consent(*, person_id: int, given: bool, edition: int, now: datetime) -> ConsentShown:
    """Keep whether a person wants to hear from shops, by the edition of the words that they read (docs/rules.md §11).

    Off until it is given; the same again adds nothing. It can always be taken back, whatever the edition.

    Raises:
        EditionNotInForce: given to words that aren't in force.
        UnknownPerson: erased.
    """
    if given and edition != CONSENT_EDITION:
        raise EditionNotInForce
    people.hold_person(person_id=person_id)
    before = queries.marketing_consent_of(person_id)
    if (before.given, given and before.edition) != (given, given and edition):
        rows.run(
            "INSERT INTO members_consent (person_id, given, edition, at) VALUES (%s, %s, %s, %s)",
            [person_id, given, edition, now],
        )
    return queries.marketing_consent_of(person_id)


@transaction.atomic
def erase_member(*, person_id: int) -> None:
    """Remove what is kept of a person besides books: addresses, favourites, products seen, tags (docs/rules.md §11).

    Purchases and growth stay: they are sums of orders, and name nobody. Nothing more is sent.
    """
    for table in ("members_address", "members_favourite", "members_footprint", "members_tagging"):
        rows.run(f"DELETE FROM {table} WHERE person_id = %s", [person_id])
    rows.run("UPDATE members_sending_to SET outcome = 'gone' WHERE person_id = %s AND outcome = ''", [person_id])
