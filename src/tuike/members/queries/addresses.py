"""Reads of a person's own addresses."""

import json

from django.conf import settings

from tuike.db import rows
from tuike.kit import crypto
from tuike.kit.errors import NotFound
from tuike.members.types.facts import AddressShown


def saved_address_place(no: str) -> str:
    """Return the place that a sealed address is bound to."""
    return f"members_address|sealed|{no}"


def addresses_of(buyer_id: int) -> list[AddressShown]:
    """Return a person's addresses, the default first, then those changed last."""
    return _where("a.person_id = %s", [buyer_id])


def address_of(*, buyer_id: int, no: str) -> AddressShown:
    """Return a person's own address.

    Raises:
        NotFound: no such address, or somebody else's.
    """
    found = _where("a.person_id = %s AND a.no = %s", [buyer_id, no])
    if not found:
        raise NotFound
    return found[0]


def _where(condition: str, params: list) -> list[AddressShown]:
    found = rows.query(
        f"SELECT a.no, a.sealed, a.is_default FROM members_address a WHERE {condition}"
        " ORDER BY a.is_default DESC, a.changed_at DESC, a.id DESC",
        params,
    )
    return [AddressShown(no=no, is_default=default, **_opened(no, sealed)) for no, sealed, default in found]


def _opened(no: str, sealed: bytes | memoryview) -> dict[str, str]:
    plain = crypto.open_sealed(bytes(sealed), place=saved_address_place(no), keys=settings.FIELD_KEYS)
    return dict(json.loads(plain))
