"""Passwords, second factors, and the way in with both."""

from datetime import datetime

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator, NumericPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit import crypto
from tuike.people import rules
from tuike.people.models import Person, Phone, SecondFactor
from tuike.people.queries import open_phone, phone_index
from tuike.people.service.identities import lock_person
from tuike.people.types import (
    BadPhone,
    CodeNeeded,
    Enrolment,
    FactorExists,
    FactorNeeded,
    LockedOut,
    PersonRef,
    SessionKind,
    UnknownPerson,
    WeakPassword,
    WrongCode,
    WrongPassword,
    WrongSignIn,
)

ISSUER = "推客 Tuike"

TAKE_TRY = """
    INSERT INTO people_attempt AS a (key, tried, since) VALUES (%(key)s, 1, %(now)s)
    ON CONFLICT (key) DO UPDATE SET
        tried = CASE WHEN a.since <= %(old)s THEN 1 ELSE a.tried + 1 END,
        since = CASE WHEN a.since <= %(old)s THEN %(now)s ELSE a.since END
    WHERE a.since <= %(old)s OR a.tried < %(limit)s
    RETURNING tried
"""
"""Counts a try before it is checked: parallel guesses can't all pass under one reading of the counter."""

TAKE_STEP = "UPDATE people_second_factor SET last_step = %s WHERE person_id = %s AND last_step < %s"
"""Makes a code good once: the step must be later than the last one that was used."""


@transaction.atomic
def set_password(*, person_id: int, password: str, actor: Actor, now: datetime) -> None:
    """Set a person's password (argon2) and end their console sessions: whoever knew the old one is out.

    Raises:
        WeakPassword: 10–128 characters, not digits alone, not a common one, not the own phone number.
        UnknownPerson: no such person.
    """
    person = lock_person(person_id)
    if not 10 <= len(password) <= 128:
        raise WeakPassword
    try:
        CommonPasswordValidator().validate(password)
        NumericPasswordValidator().validate(password)
    except ValidationError as error:
        raise WeakPassword from error
    phone = Phone.objects.filter(person_id=person_id).first()
    if phone is not None and open_phone(person.no, phone.sealed) in password:
        raise WeakPassword
    Person.objects.filter(id=person_id).update(password=make_password(password))
    rows.run(
        "UPDATE people_session SET revoked_at = %s WHERE person_id = %s AND kind = %s AND revoked_at IS NULL",
        [now, person_id, SessionKind.CONSOLE],
    )
    audit.record(actor=actor, action="password.set", object_=person.no, facts={}, now=now)


def check_password_and_factor(*, phone: str, password: str, code: str, address: str, now: datetime) -> PersonRef:
    """Return the person who knows the password of a phone number and, if there is one, the second factor's code.

    Each try is counted for the account and for the network `address`, before it is checked and in a transaction of its
    own, so that a refusal doesn't take the count back: 5 an account and 50 an address in 15 minutes. Success clears
    the account's count. An unknown number is counted and takes as long as a known one.
    Codes come from clocks outside, so a door hands the real time as `now`, not the development clock's.

    Raises:
        LockedOut: too many tries.
        WrongSignIn: phone, password or code is wrong.
        CodeNeeded: the password is right and `code` is empty, but there is a second factor.
    """
    try:
        index = phone_index(phone)
    except BadPhone:
        index = b""
    account_key = f"account:{index.hex()}"
    take_try(_address_key(address), rules.TRIES_PER_ADDRESS, now)
    take_try(account_key, rules.TRIES_PER_ACCOUNT, now)
    found = Phone.objects.select_related("person").filter(blind_index=index).first() if index else None
    if found is None:
        make_password(password)  # takes the time that checking would
        raise WrongSignIn
    person = found.person
    if not check_password(password, person.password):
        raise WrongSignIn
    _check_factor(person, code, now)
    with transaction.atomic():
        rows.run("DELETE FROM people_attempt WHERE key = %s", [account_key])
    return PersonRef(person.id, person.no, person.nickname, person.language)


def allow_scan(*, address: str, now: datetime) -> None:
    """Count a code that somebody who isn't signed in asks for, by network address: each one is a row.

    Raises:
        LockedOut: more than an address may ask for in 15 minutes.
    """
    take_try(f"scan:{_address_key(address)}"[:80], rules.SCANS_PER_ADDRESS, now)


def check_own_password(*, person_id: int, password: str, now: datetime) -> None:
    """Refuse whoever is signed in but doesn't know the person's password: before it is changed, for one.

    Tries are counted as at the sign-in, in a transaction of their own; by the real time. Who has set none, passes.

    Raises:
        LockedOut: too many tries.
        WrongPassword: it is wrong.
        UnknownPerson: no such person.
    """
    person = Person.objects.filter(id=person_id, erased_at=None).first()
    if person is None:
        raise UnknownPerson
    if not person.has_usable_password():
        return
    key = f"person:{person_id}"
    take_try(key, rules.TRIES_PER_ACCOUNT, now)
    if not check_password(password, person.password):
        raise WrongPassword
    with transaction.atomic():
        rows.run("DELETE FROM people_attempt WHERE key = %s", [key])


def check_second_factor(*, person_id: int, code: str, now: datetime) -> None:
    """Let pass who has a second factor and one of its codes, which is used up; before something that can't be undone.

    Tries are counted as at the sign-in, in a transaction of their own; by the real time.

    Raises:
        FactorNeeded: the person has no second factor.
        LockedOut: too many tries. WrongCode: it is wrong or was used.
        UnknownPerson: no such person.
    """
    person = Person.objects.filter(id=person_id, erased_at=None).first()
    if person is None:
        raise UnknownPerson
    factor = SecondFactor.objects.filter(person_id=person_id).exclude(confirmed_at=None).first()
    if factor is None:
        raise FactorNeeded
    key = f"factor:{person_id}"
    take_try(key, rules.TRIES_PER_ACCOUNT, now)
    if not _use_code(person, factor, code, now):
        raise WrongCode
    with transaction.atomic():
        rows.run("DELETE FROM people_attempt WHERE key = %s", [key])


def _check_factor(person: Person, code: str, now: datetime) -> None:
    factor = SecondFactor.objects.filter(person_id=person.id).exclude(confirmed_at=None).first()
    if factor is None:
        return
    if not code:
        raise CodeNeeded
    if not _use_code(person, factor, code, now):
        raise WrongSignIn


@transaction.atomic
def start_second_factor(*, person_id: int, now: datetime) -> Enrolment:
    """Make a TOTP secret and show it once; it counts only after `confirm_second_factor`. Starting again replaces it.

    Raises:
        FactorExists: a confirmed one is in use.
        UnknownPerson: no such person.
    """
    person = lock_person(person_id)
    if SecondFactor.objects.filter(person_id=person_id).exclude(confirmed_at=None).exists():
        raise FactorExists
    secret = pyotp.random_base32()
    sealed = crypto.seal(secret, place=_factor_place(person), keys=settings.FIELD_KEYS)
    SecondFactor.objects.update_or_create(
        person_id=person_id, defaults={"sealed": sealed, "confirmed_at": None, "last_step": 0}
    )
    return Enrolment(secret=secret, uri=pyotp.TOTP(secret).provisioning_uri(name=person.no, issuer_name=ISSUER))


@transaction.atomic
def confirm_second_factor(*, person_id: int, code: str, actor: Actor, now: datetime) -> None:
    """Put the started second factor in force with a first code, which is used up by it.

    Raises:
        FactorExists: it is confirmed already.
        WrongCode: nothing was started, or the code is wrong.
        UnknownPerson: no such person.
    """
    person = lock_person(person_id)
    factor = SecondFactor.objects.filter(person_id=person_id).first()
    if factor is not None and factor.confirmed_at is not None:
        raise FactorExists
    if factor is None or not _use_code(person, factor, code, now):
        raise WrongCode
    SecondFactor.objects.filter(person_id=person_id).update(confirmed_at=now)
    audit.record(actor=actor, action="second_factor.confirm", object_=person.no, facts={}, now=now)


@transaction.atomic
def remove_second_factor(*, person_id: int, code: str, actor: Actor, now: datetime) -> None:
    """Take the second factor away with one of its codes.

    Raises:
        WrongCode: there is none, or the code is wrong or used.
        UnknownPerson: no such person.
    """
    person = lock_person(person_id)
    factor = SecondFactor.objects.filter(person_id=person_id).exclude(confirmed_at=None).first()
    if factor is None or not _use_code(person, factor, code, now):
        raise WrongCode
    factor.delete()
    audit.record(actor=actor, action="second_factor.remove", object_=person.no, facts={}, now=now)


def _use_code(person: Person, factor: SecondFactor, code: str, now: datetime) -> bool:
    """Whether the code is right and was not used; using it is one compare-and-set on the last step."""
    totp = pyotp.TOTP(crypto.open_sealed(bytes(factor.sealed), place=_factor_place(person), keys=settings.FIELD_KEYS))
    digits = "".join(code.split())
    for step in rules.totp_steps(now):
        if digits.isascii() and pyotp.utils.strings_equal(digits, totp.generate_otp(step)):
            return rows.run(TAKE_STEP, [step, person.id, step]) == 1
    return False


def take_try(key: str, limit: int, now: datetime) -> None:
    """Count a try before it is checked, in a transaction of its own.

    Raises:
        LockedOut: more than `limit` in the window.
    """
    with transaction.atomic(durable=True):
        old = now - rules.ATTEMPT_WINDOW
        if rows.query(TAKE_TRY, {"key": key, "now": now, "old": old, "limit": limit}):
            return
        since = rows.query("SELECT since FROM people_attempt WHERE key = %s", [key])
    began = since[0][0] if since else now
    raise LockedOut(minutes=rules.minutes_left(since=began, now=now), until=began + rules.ATTEMPT_WINDOW)


def _address_key(address: str) -> str:
    return f"address:{crypto.blind_index(address, purpose='address', keys=settings.FIELD_KEYS).hex()}"


def _factor_place(person: Person) -> str:
    return f"people_second_factor|sealed|{person.no}"
