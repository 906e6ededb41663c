"""Addresses of a member: added, changed, made the default, removed."""

import json
from dataclasses import asdict
from datetime import datetime

from django.conf import settings
from django.db import transaction

from tuike.db import rows
from tuike.kit import crypto
from tuike.kit.errors import NotFound
from tuike.kit.ids import number
from tuike.members import rules
from tuike.members.queries import addresses as queries
from tuike.members.types.facts import MAX_ADDRESSES, AddressShown, AddressWanted
from tuike.members.types.refusals import TooManyAddresses
from tuike.people import service as people


@transaction.atomic
def add_address(*, person_id: int, wanted: AddressWanted, default: bool = False, now: datetime) -> AddressShown:
    """Keep an address of a person, sealed; the first one is the default (docs/rules.md §10).

    Raises:
        Invalid: a field that makes no sense.
        TooManyAddresses: the person has 20.
        UnknownPerson: erased.
    """
    checked = rules.check_address(wanted)
    people.hold_person(person_id=person_id)
    has = rows.query("SELECT count(*) FROM members_address WHERE person_id = %s", [person_id])[0][0]
    if has >= MAX_ADDRESSES:
        raise TooManyAddresses(most=MAX_ADDRESSES)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('members_address', 'id'))")[0][0]
    no = number("D", id_, now)
    if default:
        _no_default(person_id)
    rows.run(
        "INSERT INTO members_address (id, no, person_id, sealed, is_default, changed_at)"
        " VALUES (%s, %s, %s, %s, %s, %s)",
        [id_, no, person_id, _sealed(no, checked), default or not has, now],
    )
    return queries.address_of(buyer_id=person_id, no=no)


@transaction.atomic
def change_address(
    *, person_id: int, no: str, wanted: AddressWanted, default: bool = False, now: datetime
) -> AddressShown:
    """Put other words into an address; orders that were placed keep theirs. `default` makes it the default.

    Raises:
        NotFound: not the person's.
        Invalid: a field that makes no sense.
    """
    checked = rules.check_address(wanted)
    people.hold_person(person_id=person_id)
    queries.address_of(buyer_id=person_id, no=no)
    if default:
        _no_default(person_id)
    rows.run(
        "UPDATE members_address SET sealed = %s, is_default = is_default OR %s, changed_at = %s"
        " WHERE person_id = %s AND no = %s",
        [_sealed(no, checked), default, now, person_id, no],
    )
    return queries.address_of(buyer_id=person_id, no=no)


@transaction.atomic
def remove_address(*, person_id: int, no: str) -> None:
    """Forget an address; where it was the default the one changed last is.

    Raises:
        NotFound: not the person's.
    """
    people.hold_person(person_id=person_id)
    gone = rows.query(
        "DELETE FROM members_address WHERE person_id = %s AND no = %s RETURNING is_default", [person_id, no]
    )
    if not gone:
        raise NotFound
    if gone[0][0]:
        rows.run(
            "UPDATE members_address SET is_default = true WHERE id = (SELECT id FROM members_address"
            " WHERE person_id = %s ORDER BY changed_at DESC, id DESC LIMIT 1)",
            [person_id],
        )


def _no_default(person_id: int) -> None:
    rows.run("UPDATE members_address SET is_default = false WHERE person_id = %s AND is_default", [person_id])


def _sealed(no: str, wanted: AddressWanted) -> bytes:
    plain = json.dumps(asdict(wanted), ensure_ascii=False)
    return crypto.seal(plain, place=queries.saved_address_place(no), keys=settings.FIELD_KEYS)
