"""Every write of the storefront, as its own description lists them, with everything wrong that a caller can send.

Each wrong request is a 4xx with a name, and not one row of any table is another one afterwards.
"""

import importlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.db import rows
from tuike.kit import clock
from tuike.parties.types import Role
from tuike.people import service as people
from tuike.people.types import SessionKind

WRITES = ("post", "put", "patch", "delete")
MEGABYTES = "x" * 2_000_000


@dataclass
class Wrong:
    """A request that must be refused: what is wrong with it, the body as it is sent, and what goes along."""

    what: str
    body: bytes | None
    path: str
    headers: dict[str, str]
    content_type: str = "application/json"


@dataclass
class World:
    """An alliance with an order in it, a token for each seat, and the API's description."""

    one: make.Alliance
    order_no: str
    tokens: dict[str, str]
    description: dict[str, Any]

    def operations(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Every write: method, path, description."""
        for path, methods in self.description["paths"].items():
            for method, said in methods.items():
                if method in WRITES:
                    yield method, path, said

    def token(self, path: str) -> str:
        """The token of the seat that a path is for."""
        return next((token for seat, token in self.tokens.items() if f"/{seat}/" in path), self.tokens["buyer"])

    def resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        """A schema without a reference; of alternatives the one that isn't null."""
        while "$ref" in schema or "anyOf" in schema:
            if "$ref" in schema:
                schema = self.description["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
            else:
                bounds = {name: value for name, value in schema.items() if name != "anyOf"}
                schema = bounds | next(one for one in schema["anyOf"] if one.get("type") != "null")
        return schema


@pytest.fixture
def world(db) -> World:
    one = make.alliance()
    now = clock.now()
    make.touch(one, now=now)
    order = make.bought(one, pieces=(2,), now=now)
    seats = {
        "buyer": one.buyer_id,
        "merchant": make_parties.super_admin_of(one.shop).person_id,
        "promoter": make_parties.super_admin_of(one.promoter).person_id,
        "finance": make_parties.operator_seat(Role.FINANCE).person_id,
    }
    tokens = {
        seat: people.open_session(person_id=person_id, kind=SessionKind.STOREFRONT, now=now)
        for seat, person_id in seats.items()
    }
    return World(one, order.no, tokens, Client().get("/api/openapi.json").json())


def _digest() -> str:
    """Return a digest of all rows; when a session was last used isn't counted."""
    tables = [name for (name,) in rows.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    each = " UNION ALL ".join(
        f"SELECT '{name}' || coalesce(md5(string_agg(r, '' ORDER BY r)), '') AS r"
        f" FROM (SELECT (to_jsonb(t) - 'seen_at')::text AS r FROM {name} t) x"
        for name in sorted(tables)
    )
    return rows.query(f"SELECT md5(string_agg(r, '' ORDER BY r)) FROM ({each}) y")[0][0]


def _good(world: World, schema: dict[str, Any]) -> Any:
    """Return a value that the schema allows, every field filled."""
    schema = world.resolved(schema)
    kind = schema.get("type")
    if kind == "object":
        return {name: _good(world, one) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [_good(world, schema["items"])]
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    pattern = schema.get("pattern", "")
    if "jsapi" in pattern:
        return "native"
    return "13800138000" if "0-9 -" in pattern else "abc"


def _bad(world: World, schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield values that the schema doesn't allow, each with what is wrong."""
    schema = world.resolved(schema)
    kind = schema["type"]
    others = {"string": "x", "integer": 7, "object": {"x": 1}, "array": [1], "boolean": True, "fraction": 1.5}
    yield from ((f"is of type {name}", other) for name, other in others.items() if name != kind)
    if kind == "string":
        yield "has control characters", "a\x07b"
        yield "has a NUL", "a\x00b"
        yield "is half a character", "\ud800"
        yield "is oversized", "x" * 100_000
        if "maxLength" in schema:
            yield "is one too long", "1" * (schema["maxLength"] + 1)
        if schema.get("minLength"):
            yield "is empty", ""
    if kind == "integer":
        yield from (("is enormous", 10**30), ("is negative", -1))
        yield from (("is above its bound", schema["maximum"] + 1), ("is below its bound", schema["minimum"] - 1))
        yield "is a number as text", "1"
    if kind == "array":
        yield "has too many items", [_good(world, schema["items"])] * (schema["maxItems"] + 1)
        if schema.get("minItems"):
            yield "has no items", []
        for what, item in _bad(world, schema["items"]):
            yield f"has an item that {what}", [item]
    if kind == "object":
        yield from _bad_objects(world, schema)


def _bad_objects(world: World, schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    good = _good(world, schema)
    yield "has a foreign field", good | {"state": "paid"}
    yield "has a field that no one may set", good | {"price_fen": 1, "id": 1}
    for name in schema.get("required", ()):
        yield f"has no {name}", {key: value for key, value in good.items() if key != name}
        yield f"has {name} null", good | {name: None}
    for name, one in schema.get("properties", {}).items():
        for what, value in _bad(world, one):
            yield f"has {name} that {what}", good | {name: value}


def _path(world: World, path: str, said: dict[str, Any], numbers: str) -> str:
    for parameter in said.get("parameters", ()):
        if parameter["in"] == "path":
            path = path.replace("{" + parameter["name"] + "}", numbers)
    return path


def _headers(world: World, path: str, said: dict[str, Any]) -> dict[str, str]:
    needs_key = any(one["name"].lower() == "idempotency-key" for one in said.get("parameters", ()))
    headers = {"Idempotency-Key": "fields"} if needs_key else {}
    if any(one["name"] == "Tuike-Browser" for one in said.get("parameters", ())):
        headers["Tuike-Browser"] = "b" * 40
    return headers | ({"Authorization": f"Bearer {world.token(path)}"} if said.get("security") else {})


def _wrongs(world: World, path: str, said: dict[str, Any]) -> Iterator[Wrong]:
    """Yield everything wrong for one operation."""
    whole = any(one["in"] == "path" and one["schema"]["type"] == "integer" for one in said.get("parameters", ()))
    sku = str(make.make_catalog.sku_of(world.one.product_id))
    here = _path(world, path, said, sku if whole else world.order_no)
    headers = _headers(world, path, said)
    content = said.get("requestBody", {}).get("content", {}).get("application/json")
    good = json.dumps(_good(world, content["schema"])).encode() if content else None
    if content:
        for what, body in _bad(world, content["schema"]):
            yield Wrong(f"body {what}", json.dumps(body).encode(), here, headers)
        raw = {"empty": b"", "no JSON": b"{", "no UTF-8": b'{"a": "\xff"}', "null": b"null", "NaN": b'{"a": NaN}'}
        raw |= {"deep": b'{"a":' * 50_000, "oversized": json.dumps({"note": MEGABYTES}).encode()}
        yield from (Wrong(f"body {what}", body, here, headers) for what, body in raw.items())
        yield Wrong("body as a form", b"a=1", here, headers, "application/x-www-form-urlencoded")
    for name in headers:
        left = {key: value for key, value in headers.items() if key != name}
        yield Wrong(f"no {name}", good, here, left)
        yield Wrong(f"empty {name}", good, here, headers | {name: ""})
        yield Wrong(f"oversized {name}", good, here, headers | {name: "x" * 5_000})
        yield Wrong(f"foreign {name}", good, here, headers | {name: "\x01 ünfit"})
    if here != path:
        bad = ("0", "-1", "9" * 30, "abc", "1.5", "%00") if whole else ("NOSUCH", "x" * 65, "a'b", "%00", "..", "甲")
        yield from (Wrong(f"address {one[:9]}", good, _path(world, path, said, one), headers) for one in bad)


def test_whatever_is_wrong_is_refused_by_name_and_changes_nothing(world: World):
    browser = Client(raise_request_exception=False)
    told: list[str] = []
    counts: dict[str, int] = {}
    for method, path, said in world.operations():
        before = _digest()
        name = f"{method.upper()} {path}"
        for wrong in _wrongs(world, path, said):
            counts[name] = counts.get(name, 0) + 1
            more = {"data": wrong.body, "content_type": wrong.content_type} if wrong.body is not None else {}
            answer = getattr(browser, method)(wrong.path, headers=wrong.headers, **more)
            named = "json" in answer.headers.get("Content-Type", "") and answer.json().get("code")
            if not (400 <= answer.status_code < 500 and named and answer.json().get("message")):
                told.append(f"{name}: {wrong.what}: {answer.status_code} {answer.content[:120]!r}")
        if _digest() != before:
            told.append(f"{name}: something changed")
    assert told == []
    writes = sum(1 for _ in world.operations())
    assert writes == len(counts) and writes > 15 and min(counts.values()) >= 3 and sum(counts.values()) > 500


def test_control_a_good_request_is_taken_and_seen_by_the_digest(world: World):
    before = _digest()
    assert _digest() == before
    sku = make.make_catalog.sku_of(world.one.product_id)
    answer = Client().put(
        f"/api/storefront/cart/{sku}",
        json.dumps({"quantity": 1}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {world.tokens['buyer']}", "Idempotency-Key": "fields"},
    )
    assert answer.status_code == 200
    assert _digest() != before


@pytest.mark.parametrize("door", ["storefront", "openapi"])
def test_each_shape_of_the_description_has_a_name_of_its_own(door):
    from ninja import Schema

    from tuike.doors.web.kinds import Body

    importlib.import_module(f"tuike.doors.{door}.api")
    places = (f"tuike.doors.{door}.", "tuike.doors.web.")
    shapes = {one for base in (Body, Schema) for one in _below(base) if one.__module__.startswith(places)}
    names = sorted(one.__name__ for one in shapes)
    assert len(names) > 30
    assert names == sorted(set(names))


def _below(base: type) -> Iterator[type]:
    for one in base.__subclasses__():
        yield one
        yield from _below(one)
