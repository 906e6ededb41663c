"""A member keeps addresses and favourites, and what they look at is kept (docs/rules.md §10)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.catalog import queries as catalog
from tuike.db.retry import retry
from tuike.freight import queries as freight
from tuike.idempotency import service as idempotency
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import AddressShown, AddressWanted, FavouriteKind
from tuike.parties import queries as parties


@retry
def add_address(*, person_id: int, wanted: AddressWanted, default: bool, key: str, now: datetime) -> AddressShown:
    """Keep an address; the same key again gives the same one.

    Raises:
        Invalid, TooManyAddresses: see members.add_address. UnknownRegion: no district of that number.
        KeyMalformed, KeyUsedForOther: the key.
    """
    content = [wanted.name, wanted.phone, wanted.region_code, wanted.detail, default]

    def work() -> dict[str, Any]:
        added = members.add_address(person_id=person_id, wanted=_named(wanted), default=default, now=now)
        return {"no": added.no}

    with transaction.atomic(durable=True):
        scope = f"buyer:{person_id}:add_address"
        done = idempotency.once(scope=scope, key=key, content=content, now=now, work=work)
        return members_of.address_of(buyer_id=person_id, no=done["no"])


@retry
def change_address(*, person_id: int, no: str, wanted: AddressWanted, default: bool, now: datetime) -> AddressShown:
    """Put other words into an address; orders that were placed keep theirs.

    Raises:
        NotFound, Invalid: see members.change_address. UnknownRegion: no district of that number.
    """
    with transaction.atomic(durable=True):
        return members.change_address(person_id=person_id, no=no, wanted=_named(wanted), default=default, now=now)


@retry
def mark(*, person_id: int, kind: FavouriteKind, object_no: str, now: datetime) -> None:
    """Mark a product or a shop by its number; again is no matter.

    Raises:
        NotFound: no such product or shop. TooManyFavourites: see members.add_favourite.
    """
    object_id, merchant_id = marked_object(kind, object_no)
    with transaction.atomic(durable=True):
        members.add_favourite(person_id=person_id, kind=kind, object_id=object_id, merchant_id=merchant_id, now=now)


@retry
def saw_product(*, person_id: int, product_id: int, now: datetime) -> None:
    """Note that a person looks at a product."""
    with transaction.atomic(durable=True):
        members.see_product(person_id=person_id, product_id=product_id, now=now)


def marked_object(kind: FavouriteKind, object_no: str) -> tuple[int, int]:
    """Return (id, its shop's id) of a product or shop by its number.

    Raises:
        NotFound: no such product or shop.
    """
    return _OBJECTS[kind](object_no)


def _product(no: str) -> tuple[int, int]:
    facts, _ = catalog.shop_skus(product_id=catalog.id_of(no))
    return facts.product_id, facts.merchant_id


def _shop(no: str) -> tuple[int, int]:
    party = parties.shop(no)
    return party.id, party.id


_OBJECTS: dict[FavouriteKind, Callable[[str], tuple[int, int]]] = {
    FavouriteKind.PRODUCT: _product,
    FavouriteKind.SHOP: _shop,
}


def _named(wanted: AddressWanted) -> AddressWanted:
    """Return an address whose region is called by the names of its district."""
    names = freight.region_path(wanted.region_code.strip())
    return AddressWanted(
        name=wanted.name,
        phone=wanted.phone,
        region_code=wanted.region_code,
        region=" ".join(dict.fromkeys(name for name in names if name)),
        detail=wanted.detail,
    )
