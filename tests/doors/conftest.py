"""People at the storefront's door, without processes: sessions opened by the verbs, requests by the test client."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tests.make import people as make_people
from tests.sandbox_process import sandbox_process
from tuike.flows import outside
from tuike.gateways import config
from tuike.gateways.wechat import WeChat
from tuike.gateways.wechatpay import WeChatPay
from tuike.kit import clock
from tuike.people import service as people
from tuike.people.types import SessionKind

_keys = itertools.count(1)


@dataclass
class Caller:
    """A person with a session at the storefront."""

    client: Client
    person_id: int
    token: str

    def call(self, method: str, path: str, body: object = None, *, key: str | None = None, **headers: str) -> Any:
        """Call the storefront; a write gets a fresh key unless one is given ("" sends none)."""
        said = {"authorization": f"Bearer {self.token}"} if self.token else {}
        if method != "get" and key != "":
            said["idempotency-key"] = key or f"key-{next(_keys)}"
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        data = {} if body is None else {"data": body, "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/storefront{path}", headers=said, **data)

    def get(self, path: str, **headers: str) -> Any:
        """GET."""
        return self.call("get", path, **headers)

    def post(self, path: str, body: object = None, **more: str) -> Any:
        """POST."""
        return self.call("post", path, body, **more)


@pytest.fixture
def caller(db, client) -> Callable[..., Caller]:
    """Return `caller(person_id=None)`: a (new) person who is signed in."""

    def make(person_id: int | None = None) -> Caller:
        person_id = person_id or make_people.person().id
        token = people.open_session(person_id=person_id, kind=SessionKind.STOREFRONT, now=clock.now())
        return Caller(client, person_id, token)

    return make


@pytest.fixture
def stranger(db, client) -> Caller:
    """Return somebody without a session."""
    return Caller(client, 0, "")


@pytest.fixture(scope="session")
def wechat_server(tmp_path_factory):
    """One sandbox process for the tests of the doors."""
    with sandbox_process(tmp_path_factory.mktemp("doors") / "sandbox", notify_factor=300) as running:
        yield running


@pytest.fixture
def wechat(wechat_server, monkeypatch, settings):
    """Point the product of this process at the sandbox, which is empty."""
    wechat_server.reset()
    read = config.load(wechat_server.env)
    pay, api = WeChatPay(read), WeChat(read)
    monkeypatch.setattr(outside, "wechatpay", lambda: pay)
    monkeypatch.setattr(outside, "wechat", lambda: api)
    settings.WECHAT_APPID = wechat_server.env["WECHAT_APPID"]
    return wechat_server
