"""Makers of persons: through the front door, as WeChat would bring them."""

import itertools
from datetime import UTC, datetime

from tuike.audit.types import Actor
from tuike.people import service
from tuike.people.types import PersonRef

EARLY = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
"""1 January 2026, noon in Shanghai."""
APPID = "wxtuikemall000001"
_counter = itertools.count(1)


def person(*, phone: str | None = None, unionid: str = "", now: datetime = EARLY) -> PersonRef:
    """Return a new person who signed in by WeChat, with a phone number if one is given."""
    openid = f"openid-{next(_counter):08d}"
    made = service.sign_in_by_wechat(appid=APPID, openid=openid, unionid=unionid, now=now)
    if phone is not None:
        service.bind_phone(person_id=made.id, phone=phone, now=now)
    return made


def phone() -> str:
    """Return a phone number that nobody has."""
    return f"138{next(_counter):08d}"


def acting(person_id: int, *, party_id: int | None = None, role: str = "") -> Actor:
    """Return the actor that a door would hand down for a person."""
    return Actor(kind="person", person_id=person_id, party_id=party_id, role=role, request_id="test")
