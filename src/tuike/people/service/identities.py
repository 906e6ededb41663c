"""Who a person is: WeChat identities, phone, erasure."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit import crypto, ids
from tuike.people import rules
from tuike.people.models import Email, EmailClaim, Person, Phone, SecondFactor, WechatIdentity
from tuike.people.queries import edition_agreed, has_phone, phone_index, phone_place
from tuike.people.types import (
    PRIVACY_EDITION,
    ConsentNeeded,
    PersonRef,
    PhoneNeeded,
    PhoneTaken,
    UnknownEdition,
    UnknownPerson,
)

_IDENTITY = {"person_id": "bigint", "appid": "text", "openid": "text", "created_at": "timestamptz"}


@transaction.atomic
def sign_in_by_wechat(*, appid: str, openid: str, unionid: str = "", now: datetime) -> PersonRef:
    """Return the person behind a login that WeChat vouches for; the first login makes the person.

    The same openid, or the same unionid in another app, is the same person. An openid that is known already stays
    with its person, even if it comes later with a unionid that another person has: two accounts are never merged.
    """
    if not appid or not openid:
        raise ValueError("a WeChat login has an appid and an openid")
    for _ in range(3):  # a parallel twin may make the person between our look and our insert
        person = _known(appid, openid, unionid, now)
        if person is not None:
            return PersonRef(person.id, person.no, person.nickname, person.language)
        try:
            with transaction.atomic():
                made = Person.objects.create(
                    no=f"U{ids.random_code(14)}", unionid=unionid, password=make_password(None), created_at=now
                )
                WechatIdentity.objects.create(person=made, appid=appid, openid=openid, created_at=now)
        except IntegrityError:
            continue
        return PersonRef(made.id, made.no, made.nickname, made.language)
    raise RuntimeError("a WeChat identity appears and disappears")


def _known(appid: str, openid: str, unionid: str, now: datetime) -> Person | None:
    identity = WechatIdentity.objects.select_related("person").filter(appid=appid, openid=openid).first()
    if identity is not None:
        if unionid and not identity.person.unionid:
            _learn_unionid(identity.person, unionid)
        return identity.person
    if not unionid:
        return None
    # Locked, so that nobody is erased between this look and the insert.
    person = Person.objects.select_for_update(no_key=True).filter(unionid=unionid, erased_at=None).first()
    if person is not None:
        fresh = rows.insert(
            "people_wechat_identity",
            _IDENTITY,
            [(person.id, appid, openid, now)],
            suffix="ON CONFLICT (appid, openid) DO NOTHING RETURNING id",
        )
        if not fresh:
            return WechatIdentity.objects.select_related("person").get(appid=appid, openid=openid).person
    return person


def _learn_unionid(person: Person, unionid: str) -> None:
    try:
        with transaction.atomic():
            Person.objects.filter(id=person.id, unionid="", erased_at=None).update(unionid=unionid)
    except IntegrityError:
        pass  # another person has it: both stay as they are


@transaction.atomic
def bind_phone(*, person_id: int, phone: str, now: datetime) -> None:
    """Give a person a phone number that WeChat or a code has verified; a number of theirs before is replaced.

    Raises:
        BadPhone: not a phone number.
        PhoneTaken: the number belongs to another person.
        UnknownPerson: no such person.
    """
    number = rules.phone_number(phone)
    person = lock_person(person_id)
    sealed = crypto.seal(number, place=phone_place(person.no), keys=settings.FIELD_KEYS)
    try:
        with transaction.atomic():
            Phone.objects.update_or_create(
                person_id=person_id,
                defaults={"sealed": sealed, "blind_index": phone_index(number), "verified_at": now},
            )
    except IntegrityError as error:
        raise PhoneTaken from error


@transaction.atomic
def agree(*, person_id: int, edition: int, language: str, now: datetime) -> None:
    """Keep that a person agreed to the privacy terms in force; again is no matter (docs/rules.md §11).

    Raises:
        UnknownEdition: another edition is in force now.
        UnknownPerson: no such person.
    """
    if edition != PRIVACY_EDITION:
        raise UnknownEdition
    lock_person(person_id)
    rows.insert(
        "people_consent",
        {"person_id": "bigint", "edition": "int", "language": "text", "at": "timestamptz"},
        [(person_id, edition, "zh-hans" if language.lower().startswith("zh") else "en", now)],
        suffix="ON CONFLICT (person_id, edition) DO NOTHING",
    )


def check_edition(edition: int) -> None:
    """Let pass whoever says yes to the privacy terms in force, before anything is asked or kept (docs/rules.md §11).

    Raises:
        ConsentNeeded: no yes (0), or one to an edition that is in force no more.
        UnknownEdition: an edition that never was.
    """
    if edition > PRIVACY_EDITION:
        raise UnknownEdition
    if edition < PRIVACY_EDITION:
        raise ConsentNeeded


def require_consent(*, person_id: int) -> None:
    """Let pass whoever agreed to the privacy terms in force.

    Raises:
        ConsentNeeded: the person hasn't.
    """
    if edition_agreed(person_id) < PRIVACY_EDITION:
        raise ConsentNeeded


def require_phone(*, person_id: int) -> None:
    """Let pass whoever has given a phone number, where the mall wants one (docs/rules.md §11).

    Raises:
        PhoneNeeded: the person hasn't.
    """
    if not has_phone(person_id):
        raise PhoneNeeded


@transaction.atomic
def rename(*, person_id: int, nickname: str | None = None, language: str | None = None) -> None:
    """Set the nickname (cut to 40 characters) or the language (`zh-hans` or `en`) that a person chose.

    Raises:
        UnknownPerson: no such person.
    """
    person = lock_person(person_id)
    if nickname is not None:
        person.nickname = nickname.strip()[:40]
    if language is not None:
        person.language = "zh-hans" if language.lower().startswith("zh") else "en"
    person.save(update_fields=["nickname", "language"])


@transaction.atomic
def erase_person(*, person_id: int, actor: Actor, now: datetime) -> None:
    """Remove a person's data (docs/rules.md §11): identities, phone, e-mail, names, second factor, password, sessions.

    The row and its number stay, because orders and bookings point to it. A later WeChat login is a new person. Whether
    somebody may be erased who still holds seats or money is for the caller to decide.

    Raises:
        UnknownPerson: no such person, or erased before.
    """
    person = lock_person(person_id)
    WechatIdentity.objects.filter(person_id=person_id).delete()
    Phone.objects.filter(person_id=person_id).delete()
    for kind in (Email, EmailClaim, SecondFactor):
        kind.objects.filter(person_id=person_id).delete()
    rows.run(
        "UPDATE people_session SET revoked_at = coalesce(revoked_at, %s), device = '' WHERE person_id = %s",
        [now, person_id],
    )
    person.nickname, person.unionid, person.password, person.last_login = "", "", make_password(None), None
    person.erased_at = now
    person.save()
    audit.record(actor=actor, action="person.erase", object_=person.no, facts={}, now=now)


def hold_person(*, person_id: int) -> None:
    """Let others who would do something to the same person wait until the caller's transaction ends.

    Raises:
        UnknownPerson: no such person, or erased.
    """
    lock_person(person_id)


def hold_living(*, person_ids: Iterable[int]) -> set[int]:
    """Return who of the persons isn't erased; nobody erases these until the caller's transaction ends."""
    found = rows.query(
        "SELECT id FROM people_person WHERE id = ANY(%s) AND erased_at IS NULL ORDER BY id FOR SHARE",
        [sorted(set(person_ids))],
    )
    return {id_ for (id_,) in found}


def lock_person(person_id: int) -> Person:
    """Lock a person's row until the transaction ends, so that erasing and giving new data queue.

    Raises:
        UnknownPerson: no such person, or erased.
    """
    person = Person.objects.select_for_update(no_key=True).filter(id=person_id, erased_at=None).first()
    if person is None:
        raise UnknownPerson
    return person
