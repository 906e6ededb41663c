"""A person sets or changes the password of their consoles, and stays signed in where they did it."""

from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.people import service
from tuike.people.types import SessionKind


def change_password(
    *, person_id: int, current: str, password: str, device: str, actor: Actor, real_now: datetime, now: datetime
) -> str:
    """Set the password, end every console session, and return the token of a new one for this browser, shown once.

    Whoever has a password proves it; the first one is set by whoever signed in by a scan (docs/rules.md §1).

    Raises:
        LockedOut, WrongPassword: the current password; tries are counted by the real time.
        WeakPassword, UnknownPerson: see people.set_password.
    """
    service.check_own_password(person_id=person_id, password=current, now=real_now)
    with transaction.atomic(durable=True):
        service.set_password(person_id=person_id, password=password, actor=actor, now=now)
        return service.open_session(person_id=person_id, kind=SessionKind.CONSOLE, device=device, now=now)
