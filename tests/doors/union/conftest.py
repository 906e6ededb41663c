"""Software of a party at the union door: a token as it gets one, calls as it makes them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client

from tests.make import apps as make_apps
from tuike.doors.union import describe
from tuike.doors.union.registry import CALLS
from tuike.kit import clock
from tuike.parties.types import NewSecret, PartyRef

BY_PATH = {call.path: call for call in CALLS}


@dataclass
class Software:
    """A party's software with a token."""

    client: Client
    party: PartyRef
    app: NewSecret
    token: str

    def get(self, path: str, query: Any = None, **headers: str) -> dict[str, Any]:
        """GET below /union; `query` is a dictionary, or the query's text."""
        text = query if isinstance(query, str) else ""
        data = {} if isinstance(query, str) else dict(query or {})
        url = f"/union{path}?access_token={self.token}" + (f"&{text}" if text else "")
        if data:
            from urllib.parse import urlencode

            url += "&" + urlencode(data, doseq=True)
        return self._read(path, self.client.get(url, headers=headers))

    def post(self, path: str, body: Any = None, *, raw: bytes | None = None, kind: str = "") -> dict[str, Any]:
        """POST below /union, as software does that sends no Content-Type."""
        data = json.dumps(body).encode() if raw is None else raw
        url = f"/union{path}?access_token={self.token}"
        return self._read(path, self.client.generic("POST", url, data, content_type=kind))

    def _read(self, path: str, answer: Any) -> dict[str, Any]:
        return read(answer, f"/union{path}")


def read(answer: Any, path: str) -> dict[str, Any]:
    """Return an answer's object: HTTP 200, JSON, and in its declared shape."""
    assert answer.status_code == 200, (answer.status_code, answer.content[:300])
    assert answer.headers["Content-Type"] == "application/json"
    found = json.loads(answer.content)
    if found["errcode"] == 0:
        jsonschema_rs.validate(describe.answer_schema(BY_PATH[path]), found)
    else:
        assert found.keys() == {"errcode", "errmsg"}
        assert f"rid: {answer.headers['X-Request-ID']}" in found["errmsg"]
    return found


@pytest.fixture
def software(db, client) -> Callable[[PartyRef], Software]:
    """Return `software(party)`: its software, with a fresh token."""

    def make(party: PartyRef) -> Software:
        app = make_apps.secret(party)
        return Software(client, party, app, make_apps.token(app, now=clock.now()))

    return make


def refused(answer: dict[str, Any], errcode: int, code: str) -> None:
    """Assert that an answer is this refusal."""
    assert (answer["errcode"], answer["errmsg"].split(":")[0]) == (errcode, code)
