"""A person's e-mail address: said, confirmed by a code that was sent there, removed (docs/rules.md §11)."""

import hmac
import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.kit import crypto
from tuike.people import rules
from tuike.people.models import Email, EmailClaim
from tuike.people.queries import email_place, open_email
from tuike.people.service.identities import lock_person
from tuike.people.service.sign_in import take_try
from tuike.people.types import WrongEmailCode


def allow_email_code(*, person_id: int, address: str, now: datetime) -> None:
    """Count a code that a person lets be sent, for them and for the address, in transactions of their own.

    Raises:
        BadEmail: not an e-mail address.
        LockedOut: more than either may have in 15 minutes.
    """
    clear = rules.email_address(address)
    index = crypto.blind_index(clear.lower(), purpose="email", keys=settings.FIELD_KEYS)
    take_try(f"mailed:{person_id}", rules.CODES_PER_PERSON, now)
    take_try(f"mailed-to:{index.hex()}"[:80], rules.CODES_PER_EMAIL, now)


@transaction.atomic
def claim_email(*, person_id: int, address: str, now: datetime) -> tuple[str, str]:
    """Keep the address that a person says is theirs, and return it in its one spelling with the code to send there.

    A claim before is forgotten, a confirmed address stays until the new one is. The code is good for 15 minutes.

    Raises:
        BadEmail: not an e-mail address.
        UnknownPerson: no such person.
    """
    clear, code = rules.email_address(address), f"{secrets.randbelow(10**6):06d}"
    person = lock_person(person_id)
    EmailClaim.objects.update_or_create(
        person_id=person_id,
        defaults={
            "sealed": crypto.seal(clear, place=email_place(person.no, claim=True), keys=settings.FIELD_KEYS),
            "code_digest": _digest(person.no, code),
            "expires_at": now + rules.EMAIL_CODE_LIFE,
        },
    )
    return clear, code


def allow_email_try(*, person_id: int, now: datetime) -> None:
    """Count a try at a code before it is checked, in a transaction of its own.

    Raises:
        LockedOut: more than five in 15 minutes.
    """
    take_try(f"mail-code:{person_id}", rules.TRIES_PER_ACCOUNT, now)


@transaction.atomic
def confirm_email(*, person_id: int, code: str, actor: Actor, now: datetime) -> None:
    """Make the claimed address the person's, by the code that was sent there; the code is used up.

    Raises:
        WrongEmailCode: it is wrong or too old, or none was sent.
        UnknownPerson: no such person.
    """
    person = lock_person(person_id)
    claim = EmailClaim.objects.filter(person_id=person_id, expires_at__gte=now).first()
    digits = "".join(code.split())
    if claim is None or not hmac.compare_digest(bytes(claim.code_digest), _digest(person.no, digits)):
        raise WrongEmailCode
    clear = open_email(person.no, claim.sealed, claim=True)
    sealed = crypto.seal(clear, place=email_place(person.no), keys=settings.FIELD_KEYS)
    Email.objects.update_or_create(person_id=person_id, defaults={"sealed": sealed, "verified_at": now})
    claim.delete()
    audit.record(actor=actor, action="email.confirm", object_=person.no, facts={}, now=now)


@transaction.atomic
def remove_email(*, person_id: int, actor: Actor, now: datetime) -> None:
    """Forget a person's address and what was claimed; without one nothing happens.

    Raises:
        UnknownPerson: no such person.
    """
    person = lock_person(person_id)
    if sum(kind.objects.filter(person_id=person_id).delete()[0] for kind in (Email, EmailClaim)):
        audit.record(actor=actor, action="email.remove", object_=person.no, facts={}, now=now)


def _digest(person_no: str, code: str) -> bytes:
    """Return a code's digest: six digits are guessed in no time without the key."""
    return crypto.blind_index(f"{person_no}|{code}", purpose="email_code", keys=settings.FIELD_KEYS)
