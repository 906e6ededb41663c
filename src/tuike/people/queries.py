"""Reading persons. Numbers come masked unless the caller says otherwise, and then the caller audits it."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings

from tuike.db import rows
from tuike.kit import crypto
from tuike.people import rules
from tuike.people.types import BadPhone, EmailShown, PersonRef, PhoneShown, SessionKind, SessionShown


def refs(person_ids: Iterable[int]) -> dict[int, PersonRef]:
    """Return persons by id; unknown and erased ones are not in the answer."""
    found = rows.query(
        "SELECT id, no, nickname, language FROM people_person WHERE id = ANY(%s) AND erased_at IS NULL",
        [list(person_ids)],
    )
    return {row[0]: PersonRef(*row) for row in found}


def phone_of(person_id: int, *, unmasked: bool = False) -> PhoneShown | None:
    """Return a person's phone, masked; in clear with `unmasked`, which the caller records in the audit log."""
    return phones_of([person_id], unmasked=unmasked).get(person_id)


def phones_of(person_ids: Iterable[int], *, unmasked: bool = False) -> dict[int, PhoneShown]:
    """Return phones by person id, masked; in clear with `unmasked`, which the caller records in the audit log."""
    found = rows.query(
        "SELECT p.id, p.no, f.sealed, f.verified_at FROM people_phone f JOIN people_person p ON p.id = f.person_id"
        " WHERE p.id = ANY(%s)",
        [list(person_ids)],
    )
    shown = {}
    for person_id, no, sealed, verified_at in found:
        number = open_phone(no, sealed)
        shown[person_id] = PhoneShown(number if unmasked else crypto.masked(number), verified_at)
    return shown


def email_of(person_id: int, *, now: datetime) -> EmailShown | None:
    """Return a person's e-mail address, and the one that waits for its code, masked; None for neither."""
    found = rows.query(
        "SELECT p.no, e.sealed, e.verified_at, c.sealed, c.expires_at FROM people_person p"
        " LEFT JOIN people_email e ON e.person_id = p.id"
        " LEFT JOIN people_email_claim c ON c.person_id = p.id AND c.expires_at >= %s"
        " WHERE p.id = %s AND (e.person_id IS NOT NULL OR c.person_id IS NOT NULL)",
        [now, person_id],
    )
    if not found:
        return None
    no, sealed, verified_at, claimed, until = found[0]
    address = rules.email_masked(open_email(no, sealed)) if sealed is not None else ""
    waiting = rules.email_masked(open_email(no, claimed, claim=True)) if claimed is not None else ""
    return EmailShown(address, verified_at, waiting, until)


def addresses_of(person_ids: Iterable[int]) -> dict[int, str]:
    """Return confirmed e-mail addresses in clear by person id: for sending a person what they asked for, never to be
    shown."""
    found = rows.query(
        "SELECT p.id, p.no, e.sealed FROM people_email e JOIN people_person p ON p.id = e.person_id"
        " WHERE p.id = ANY(%s) AND p.erased_at IS NULL",
        [list(person_ids)],
    )
    return {person_id: open_email(no, sealed) for person_id, no, sealed in found}


def find_by_phone(phone: str) -> PersonRef | None:
    """Return the person whose phone this is, by its blind index; None for nobody and for what is no phone number."""
    try:
        index = phone_index(phone)
    except BadPhone:
        return None
    person_id = person_ids_by_phone_index([index]).get(index)
    return None if person_id is None else refs([person_id]).get(person_id)


def person_ids_by_phone_index(indexes: Iterable[bytes]) -> dict[bytes, int]:
    """Return who has which phone, by blind index."""
    wanted = list(indexes)
    if not wanted:
        return {}
    found = rows.query("SELECT blind_index, person_id FROM people_phone WHERE blind_index = ANY(%s)", [wanted])
    return {bytes(index): person_id for index, person_id in found}


def phone_indexes_of(person_ids: Iterable[int]) -> dict[int, bytes]:
    """Return the blind indexes of persons' phones, by person; who has none is missing."""
    found = rows.query(
        "SELECT person_id, blind_index FROM people_phone WHERE person_id = ANY(%s)", [sorted(set(person_ids))]
    )
    return {person_id: bytes(index) for person_id, index in found}


def openids_of(person_ids: Iterable[int], *, appid: str) -> dict[int, str]:
    """Return the openids of persons in one WeChat app, the latest where somebody has two."""
    found = rows.query(
        "SELECT person_id, openid FROM people_wechat_identity WHERE person_id = ANY(%s) AND appid = %s ORDER BY id",
        [list(person_ids), appid],
    )
    return dict(found)


def persons_of_openids(openids: Iterable[str], *, appid: str) -> dict[str, int]:
    """Return person ids by openid in one WeChat app: who paid."""
    found = rows.query(
        "SELECT openid, person_id FROM people_wechat_identity WHERE openid = ANY(%s) AND appid = %s",
        [list(openids), appid],
    )
    return dict(found)


def has_second_factor(person_id: int) -> bool:
    """Whether a confirmed second factor guards a person's console."""
    return bool(
        rows.query("SELECT 1 FROM people_second_factor WHERE person_id = %s AND confirmed_at IS NOT NULL", [person_id])
    )


def has_password(person_id: int) -> bool:
    """Whether a person has set a password (Django marks one that can't be used by `!`)."""
    return bool(
        rows.query(
            "SELECT 1 FROM people_person WHERE id = %s AND password <> '' AND password NOT LIKE '!%%'", [person_id]
        )
    )


def edition_agreed(person_id: int) -> int:
    """Return the latest edition of the privacy terms that a person agreed to, 0 for none."""
    found = rows.planned("SELECT coalesce(max(edition), 0) FROM people_consent WHERE person_id = %s", [person_id])
    return int(found[0][0])


def has_phone(person_id: int) -> bool:
    """Whether a person has given a phone number."""
    return bool(rows.planned("SELECT 1 FROM people_phone WHERE person_id = %s", [person_id]))


def session_of(token: str) -> int | None:
    """Return the id of the running session of a token, for marking it in its owner's list."""
    found = rows.query(
        "SELECT id FROM people_session WHERE token_digest = %s AND revoked_at IS NULL", [crypto.digest(token)]
    )
    return found[0][0] if found else None


def sessions_of(person_id: int, *, now: datetime) -> list[SessionShown]:
    """Return a person's own running sessions, the latest used first."""
    found = rows.query(
        "SELECT id, kind, device, created_at, seen_at, expires_at FROM people_session"
        " WHERE person_id = %s AND revoked_at IS NULL AND expires_at >= %s ORDER BY seen_at DESC, id DESC",
        [person_id, now],
    )
    shown = [SessionShown(row[0], SessionKind(row[1]), *row[2:]) for row in found]
    return [s for s in shown if rules.session_alive(kind=s.kind, seen_at=s.seen_at, expires_at=s.expires_at, now=now)]


def phone_index(phone: str) -> bytes:
    """Return the blind index of a phone number, however it is spelled.

    Raises:
        BadPhone: not a phone number.
    """
    return crypto.blind_index(rules.phone_number(phone), purpose="phone", keys=settings.FIELD_KEYS)


def phone_place(person_no: str) -> str:
    """Return the place that a person's sealed phone is bound to."""
    return f"people_phone|sealed|{person_no}"


def open_phone(person_no: str, sealed: bytes | memoryview) -> str:
    """Return a sealed phone in clear."""
    return crypto.open_sealed(bytes(sealed), place=phone_place(person_no), keys=settings.FIELD_KEYS)


def email_place(person_no: str, *, claim: bool = False) -> str:
    """Return the place that a person's sealed e-mail address is bound to."""
    return f"people_email{'_claim' if claim else ''}|sealed|{person_no}"


def open_email(person_no: str, sealed: bytes | memoryview, *, claim: bool = False) -> str:
    """Return a sealed e-mail address in clear."""
    return crypto.open_sealed(bytes(sealed), place=email_place(person_no, claim=claim), keys=settings.FIELD_KEYS)
