"""People who sit before a console, by Django's test client: signed in by the verbs, without processes."""

import itertools
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.make import parties as make_parties
from tests.make import people as make_people
from tuike.doors.console import sessions
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef, Role
from tuike.people import service as people
from tuike.people.types import SessionKind

_keys = itertools.count(1)


class Sitting:
    """A person before a console; `party` is where they sit, if they sit anywhere.

    `url("orders")` is the address of `console:<kind>-orders` of their own party; `of` names another party.
    """

    def __init__(self, person_id: int, party: PartyRef | None, *, english: bool = False) -> None:
        self.person_id, self.party = person_id, party
        people.rename(person_id=person_id, language="en" if english else "zh-hans")
        self.client = Client()
        token = people.open_session(person_id=person_id, kind=SessionKind.CONSOLE, now=clock.now())
        self.client.cookies[sessions.COOKIE] = token

    def url(self, name: str, *, of: PartyRef | None = None, kind: str = "", **path_args: Any) -> str:
        """Return the address of a page of the party."""
        party = of or self.party
        assert party is not None
        return reverse(f"console:{kind or party.kind}-{name}", kwargs={"party_no": party.no, **path_args})

    def get(self, name: str, query: Mapping[str, Any] | None = None, *, htmx: bool = False, **where: Any) -> Any:
        """GET a page of the party by its name, or any address that begins with a slash."""
        url = name if name.startswith("/") else self.url(name, **where)
        return self.client.get(url, query or {}, headers={"hx-request": "true"} if htmx else {})

    def post(self, name: str, form: Mapping[str, Any] | None = None, *, htmx: bool = True, **where: Any) -> Any:
        """POST a form, with a fresh key unless one is among its fields."""
        url = name if name.startswith("/") else self.url(name, **where)
        filled = {"key": f"key-{next(_keys)}", **(form or {})}
        return self.client.post(url, filled, headers={"hx-request": "true"} if htmx else {})


@pytest.fixture
def sit(db) -> Callable[..., Sitting]:
    """Return `sit(party, role=super_admin, english=False)`: somebody of the party in a role, signed in.

    `sit(None)` is a person without a seat, `sit(party, person_id=…)` somebody in particular.
    """

    def make(
        party: PartyRef | None,
        role: Role = Role.SUPER_ADMIN,
        *,
        english: bool = False,
        person_id: int | None = None,
    ) -> Sitting:
        if person_id is None and party is None:
            person_id = make_people.person().id
        elif person_id is None and party is not None:
            if role is Role.SUPER_ADMIN:
                person_id = parties.administrators_of([party.id])[party.id][0].person_id
            else:
                person_id = make_parties.seated(party, role).person_id
        assert person_id is not None
        return Sitting(person_id, party, english=english)

    return make


@pytest.fixture
def nobody(db) -> Client:
    """Return a browser of nobody."""
    return Client()


def toast_of(answer: Any) -> str:
    """Return the message that an answer to htmx shows."""
    import json

    return json.loads(answer.headers.get("HX-Trigger", "{}")).get("toast", {}).get("text", "")
