"""docs/user/api.md says what is: the worked example computed anew, every call, every scope, the codes that it names."""

import re
from pathlib import Path

import pytest

from tests.doors.openapi.answers import refused
from tests.make import apps as make_apps
from tuike.apps import rules
from tuike.apps.types import SCOPES, WORDS, Scope
from tuike.doors.openapi.api import api
from tuike.doors.openapi.problems import known_problems
from tuike.kit import clock
from tuike.parties.types import PartyKind

pytestmark = pytest.mark.usefixtures("db")
TEXT = (Path(__file__).parents[3] / "docs" / "user" / "api.md").read_text()


def _block(kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", TEXT, re.DOTALL)
    assert found, kind
    return found[1]


def _example() -> dict[str, str]:
    """Return the parts of the worked example's request."""
    head, _, body = _block("http").partition("\n\n")
    first, *lines = head.splitlines()
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    headers = dict(line.split(": ", 1) for line in lines)
    secret = re.search(r"AppSecret `(\w+)`", TEXT)
    assert secret
    return {
        "method": method, "path": path, "query": query, "body": body.rstrip("\n"), "secret": secret[1],
        "timestamp": headers["Tuike-Timestamp"], "nonce": headers["Tuike-Nonce"],
    }  # fmt: skip


def _signature() -> str:
    found = re.search(r"Tuike-Signature: ([0-9a-f]{64})", TEXT)
    assert found
    return found[1]


def test_the_worked_example_is_what_the_server_computes():
    one = _example()
    parts = {name: one[name] for name in ("method", "path", "query", "timestamp", "nonce")}
    text = rules.signed_text(**parts, body=one["body"].encode())
    assert text.decode() == _block("text")
    assert rules.signature(secret=one["secret"], text=text) == _signature()


def test_its_python_signs_the_same():
    one, names = _example(), {}
    exec(_block("python"), names)
    order = ("secret", "method", "path", "query", "timestamp", "nonce")
    assert names["sign"](*(one[name] for name in order), one["body"].encode()) == _signature()  # type: ignore[operator]


def test_its_python_gets_in(client, one):
    names: dict = {}
    exec(_block("python"), names)
    app = make_apps.secret(one.promoter, now=clock.now())
    query, nonce, timestamp = "q=%E8%8C%B6+%2B&limit=3", "n" * 16, str(int(clock.now().timestamp()))
    path = "/api/v1/promoter/library"
    signature = names["sign"](app.secret, "GET", path, query, timestamp, nonce, b"")
    headers = {
        "Tuike-App": app.appid, "Tuike-Timestamp": timestamp, "Tuike-Nonce": nonce, "Tuike-Signature": signature,
    }  # fmt: skip
    assert client.get(f"{path}?{query}", headers=headers).status_code == 200
    refused(client.get(f"{path}?{query}", headers=headers), 401, "nonce_used")


def test_every_call_stands_in_it_with_its_scope():
    schema = api.get_openapi_schema(path_prefix="api/v1/")
    written = set(re.findall(r"^\| `([A-Z]+) (/\S+)` \| (?:`([a-z:]+)`|–) \|", TEXT, re.MULTILINE))
    there = {
        (method.upper(), path.removeprefix("/api/v1"), operation.get("x-scope", ""))
        for path, operations in schema["paths"].items()
        for method, operation in operations.items()
    }
    assert written == there


def test_every_scope_stands_in_it_for_whom_it_is():
    kinds = (PartyKind.PROMOTER, PartyKind.MERCHANT, PartyKind.LEADER)
    for scope in Scope:
        marks = " | ".join("✓" if scope in SCOPES[kind] else "" for kind in kinds)
        assert f"| `{scope.value}` | {WORDS[scope][0]} · {WORDS[scope][1]} | {marks} |" in TEXT


def test_every_code_that_it_names_is_one():
    table = TEXT[TEXT.index("| status | codes") : TEXT.index("A field or a parameter")]
    named = set(re.findall(r"`([a-z_]{6,})`", table))
    assert named <= {code for code, *_ in known_problems()} and len(named) > 20
