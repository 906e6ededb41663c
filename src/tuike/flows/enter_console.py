"""A person enters a console: by phone, password and code, or by a scan that they confirmed on their phone."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from tuike.db.retry import retry
from tuike.people import queries as people
from tuike.people import service
from tuike.people.types import PersonRef, SessionKind, UnknownPerson

SIGN_IN = "sign_in"
"""The purpose of the scan that opens a console."""


@dataclass(frozen=True, slots=True)
class Entered:
    """Who came in, and the token of the new session, shown this once."""

    person: PersonRef
    token: str = field(repr=False)


def by_password(
    *, phone: str, password: str, code: str, address: str, device: str, real_now: datetime, now: datetime
) -> Entered:
    """Open a console for whoever knows a phone's password and, where there is one, the second factor's code.

    Tries and codes are counted by the real time, sessions by the product's clock (docs/rules.md §1).

    Raises:
        LockedOut, WrongSignIn, CodeNeeded: see people.check_password_and_factor.
    """
    person = service.check_password_and_factor(phone=phone, password=password, code=code, address=address, now=real_now)
    return _open(person, device, now)


@retry
def by_scan(*, ticket: str, asker: str, device: str, now: datetime) -> Entered:
    """Open a console in the browser whose scan challenge was confirmed, once (docs/rules.md §1).

    Raises:
        UnknownScan, ScanExpired, ScanNotOpen: see people.use_scan.
        UnknownPerson: whoever confirmed was erased since.
    """
    with transaction.atomic(durable=True):
        person_id = service.use_scan(ticket=ticket, asker=asker, purpose=SIGN_IN, now=now)
        person = people.refs([person_id]).get(person_id)
        if person is None:
            raise UnknownPerson
        token = service.open_session(person_id=person_id, kind=SessionKind.CONSOLE, device=device, now=now)
        return Entered(person, token)


@retry
def _open(person: PersonRef, device: str, now: datetime) -> Entered:
    with transaction.atomic(durable=True):
        token = service.open_session(person_id=person.id, kind=SessionKind.CONSOLE, device=device, now=now)
        return Entered(person, token)
