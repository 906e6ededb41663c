"""Software of parties at the API's door: tokens and signatures got as parties get them, calls by the test client."""

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tests.make import alliance as make
from tests.make import apps as make_apps
from tests.make import cooperation as make_cooperation
from tests.make import parties as make_parties
from tuike.apps import service as apps
from tuike.apps.types import Scope
from tuike.kit import clock
from tuike.parties.types import NewSecret, PartyRef

_keys = itertools.count(1)
BASE = "/api/v1"


@dataclass
class Software:
    """A party's software with a token of its own."""

    client: Client
    party: PartyRef
    token: str
    app: NewSecret | None = None

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None, **headers: str) -> Any:
        """Call the API with the token; a write gets a fresh key unless one is given ("" sends none)."""
        said = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if method.upper() not in ("GET", "HEAD", "OPTIONS") and key != "":
            said["idempotency-key"] = key or f"key-{next(_keys)}"
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = b"" if body is None else json.dumps(body).encode()
        return self.client.generic(method.upper(), f"{BASE}{path}", data, content_type="application/json", headers=said)

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.call("GET", path, **headers)

    def post(self, path: str, body: object = None, **more: Any) -> Any:
        """POST."""
        return self.call("POST", path, body, **more)

    def put(self, path: str, body: object = None, **more: Any) -> Any:
        """PUT."""
        return self.call("PUT", path, body, **more)


@pytest.fixture
def software(db, client) -> Callable[..., Software]:
    """Return `software(party, *scopes)`: its app with an exchanged token, or a personal one with these scopes."""

    def made(party: PartyRef, *scopes: Scope) -> Software:
        now = clock.now()
        if not scopes:
            app = make_apps.secret(party, now=now)
            return Software(client, party, make_apps.token(app, now=now), app)
        actor = make_parties.super_admin_of(party)
        issued = apps.make_token(party_id=party.id, name="t", scopes=scopes, days=1, actor=actor, now=now)
        return Software(client, party, issued.token)

    return made


@pytest.fixture
def one(db):
    """Return an alliance that lives: a shop with a product, a promoter with a place, a buyer; everything is open."""
    make_cooperation.open_to_all(now=clock.now())
    return make.alliance(price_fen=10_000)


@pytest.fixture
def promoter(software, one) -> Software:
    """Return the promoter's software."""
    return software(one.promoter)


@pytest.fixture
def shop(software, one) -> Software:
    """Return the shop's software."""
    return software(one.shop)
