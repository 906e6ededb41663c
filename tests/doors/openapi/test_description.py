"""The description: every operation with its scope, parties and refusals; the page; what it promises is what comes."""

import json

import pytest

from tests.doors.openapi.answers import refused
from tests.make import parties as make_parties
from tuike.apps.types import SCOPES, Scope
from tuike.doors.openapi.api import addresses, api
from tuike.doors.openapi.problems import known_problems
from tuike.parties.types import PartyKind

pytestmark = pytest.mark.usefixtures("db")
OPEN = {("post", "/api/v1/token")}


@pytest.fixture
def schema(client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    return answer.json()


def _operations(schema):
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield method, path, operation


def test_it_is_openapi_3_1_and_names_every_operation_once(schema):
    assert schema["openapi"] == "3.1.0"
    names = [operation["operationId"] for _, _, operation in _operations(schema)]
    assert len(names) == len(set(names)) == len(api.operations())
    assert not any(name.startswith("_") for name in names)


def test_every_operation_says_who_may_call_it(schema):
    for method, path, operation in _operations(schema):
        if (method, path) in OPEN:
            assert operation["security"] == []
            continue
        scope = operation["x-scope"]
        assert Scope(scope) and f"`{scope}`" in operation["description"], path
        for kind in operation["x-parties"]:
            assert Scope(scope) in SCOPES[PartyKind(kind)], (path, kind)
        owner = path.split("/")[3]
        assert owner == "party" or operation["x-parties"] == [owner], path
        assert [set(one.values().__iter__().__next__()) for one in operation["security"]] == [{scope}, {scope}]
        assert {next(iter(one)) for one in operation["security"]} == {"token", "Tuike-App"}


def test_every_operation_says_how_it_refuses(schema):
    for method, path, operation in _operations(schema):
        for status in ("401", "403", "404", "422", "429", "503"):
            answer = operation["responses"][status]
            assert "application/problem+json" in answer["content"], (method, path, status)
        assert operation["summary"] and operation["description"], path


def test_every_write_but_a_preview_takes_a_key(schema):
    for method, path, operation in _operations(schema):
        if method in ("post", "put", "delete") and (method, path) not in OPEN and not path.endswith("/preview"):
            names = {one["name"] for one in operation["parameters"] if one["in"] == "header" and one["required"]}
            assert "Idempotency-Key" in names, (method, path)


def test_every_list_is_paged(schema):
    whole = {"statements", "category-rates", "rules"}
    for method, path, operation in _operations(schema):
        content = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        name = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
        shape = schema["components"]["schemas"].get(name, {})
        listed = "items" in shape.get("properties", {}) and "{" not in path
        if method == "get" and listed and path.rsplit("/", 1)[1] not in whole:
            names = {one["name"] for one in operation["parameters"]}
            assert {"limit", "after"} <= names, path
            limit = next(one for one in operation["parameters"] if one["name"] == "limit")
            assert limit["schema"]["maximum"] == (1000 if path.endswith("/changes") else 200), path


def test_every_address_has_its_frame():
    assert all(getattr(pattern.callback, "csrf_exempt", False) for pattern in addresses())


def test_the_page_is_ours_alone(client):
    page = client.get("/api/v1/docs", headers={"accept-language": "en"})
    assert page.status_code == 200 and 'data-openapi="/api/v1/openapi.json"' in page.content.decode()
    assert "'self'" in page["Content-Security-Policy"]
    for part in ("swagger-ui-bundle.js", "swagger-ui.css", "start.js"):
        assert client.get(f"/api/docs/assets/{part}").status_code == 200
    assert "接口文档" in client.get("/api/v1/docs", headers={"accept-language": "zh-hans"}).content.decode()


def test_every_problem_has_two_languages_and_one_status(client):
    seen: dict[str, set[int]] = {}
    for code, status, zh, en in known_problems():
        assert zh and en and zh != en and not zh.isascii(), code
        seen.setdefault(code, set()).add(status)
    for code in ("scope_missing", "too_many_calls", "idempotency_key_reused", "not_found", "invalid", "not_json"):
        assert code in seen
        assert client.get(f"/api/v1/problems/{code}").json()["code"] == code


# --- every operation with bad input: named, never an error of ours, nothing changed

_PATHS = {"pid": "x" * 16, "no": "NOSUCH", "code": "NOSUCH", "month": "1999-01", "source": "nowhere"}


def _of(kind: str, software, one):
    party = {"promoter": one.promoter, "merchant": one.shop, "leader": one.leader}[kind]
    return software(party)


def _kind(path: str) -> str:
    owner = path.split("/")[3]
    return owner if owner in ("promoter", "merchant", "leader") else "promoter"


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_objects_that_are_not_there_and_bad_input_are_refused_by_every_operation(client, schema, software, one):
    callers = {kind: _of(kind, software, one) for kind in ("promoter", "merchant", "leader")}
    bodies: list[object] = [
        [], "text", 7, None, {}, {"more": 1}, {"name": 7}, {"name": "\x00"}, {"rates": [{}]}, {"rates": "x"},
        {"promoters": ["\x00"]}, {"pid": None}, {"name": "a" * 100_000}, {"rates": [{"category_id": 10**30}]},
    ]  # fmt: skip
    tried = 0
    for method, path, operation in _operations(schema):
        if (method, path) in OPEN:
            continue
        caller = callers[_kind(path)]
        address = path.removeprefix("/api/v1").format(**_PATHS)
        if "{" in path:
            answer = caller.call(method, address, {} if method != "get" else None)
            assert answer.status_code in (404, 422), (method, path, answer.content)
            for weird in ("%00", "%ED%A0%80", "a" * 300, "..%2F..", "%F0%9F%98%80"):
                odd = path.removeprefix("/api/v1").format(**dict.fromkeys(_PATHS, weird))
                answer = caller.call(method, odd, {} if method != "get" else None)
                assert answer.status_code in (400, 404, 422), (method, odd, answer.status_code)
                tried += 1
        if method == "get":
            for query in ("limit=-1", "limit=1001", "nonsense=1", "after=%00", "sort=nothing", "limit=1e9", "a[]=1"):
                answer = caller.get(f"{address}?{query}")
                assert answer.status_code in (404, 422), (path, query, answer.content)
                tried += 1
        elif "requestBody" in operation:
            for body in bodies:
                answer = caller.call(method, address, body if body is not None else "null")
                assert 400 <= answer.status_code < 500, (method, path, body, answer.content)
                refused(answer, answer.status_code, answer.json()["code"])
                tried += 1
    assert tried > 300


def test_forged_cursors_are_refused_or_harmless(promoter, software, one):
    import base64

    for value in (["posted_at", None, 1], ["amount", 5, 10**30], ["posted_at", "x", 1], ["x", 1, 1], 7, {"a": 1}, []):
        after = base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
        answer = promoter.get(f"/promoter/ledger?after={after}")
        assert answer.status_code in (200, 422), (value, answer.content)
        if answer.status_code == 200:
            assert answer.json()["items"] == []


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_every_filter_of_every_list_takes_its_kinds(schema, software, one):
    """Each parameter alone, with a value of its kind and with one that is none."""
    callers = {kind: _of(kind, software, one) for kind in ("promoter", "merchant", "leader")}
    tried = 0
    for method, path, operation in _operations(schema):
        if (
            method != "get"
            or "{" in path
            or not path.startswith(("/api/v1/promoter", "/api/v1/merchant", "/api/v1/leader"))
        ):
            continue
        caller, address = callers[_kind(path)], path.removeprefix("/api/v1")
        required = "".join(f"&{one['name']}=x" for one in operation["parameters"] if one["required"])
        for parameter in operation["parameters"]:
            if parameter["in"] != "query" or parameter["name"] == "after":
                continue
            good, bad = _values(parameter["schema"])
            for value in good:
                answer = caller.get(f"{address}?{parameter['name']}={value}{required}")
                assert answer.status_code in (200, 404, 422), (path, parameter, value, answer.content)
                tried += 1
            for value in bad:
                answer = caller.get(f"{address}?{parameter['name']}={value}{required}")
                assert answer.status_code == 422, (path, parameter, value, answer.content)
                tried += 1
    assert tried > 300


def _values(shape: dict) -> tuple[list[str], list[str]]:
    """Return values of a parameter's kind, and values that are of none."""
    kinds = [one for one in shape.get("anyOf", [shape]) if one.get("type") != "null"]
    kind = kinds[0]
    if "enum" in kind or "const" in kind:
        return [str(value) for value in kind.get("enum", [kind.get("const")])], ["no_such_value"]
    if kind.get("format") == "date":
        return ["2026-03-01", "0001-01-01", "9999-12-31"], ["yesterday", "2026-13-01"]
    if kind["type"] == "integer":
        return [str(kind.get("minimum", 1)), str(kind.get("maximum", 1))], ["x", "1.5", str(10**20), ""]
    if kind["type"] == "boolean":
        return ["true", "false"], ["perhaps"]
    if kind["type"] == "array":
        return ["1"], ["x"]
    return ["x", "%25_%5C", "a" * 200], ["a" * 201] if kind.get("maxLength") == 200 else []


def test_a_stranger_of_the_same_kind_has_empty_lists(schema, software, one):
    stranger = software(make_parties.promoter(name="推客小孙", phone="13900000055"))
    for method, path, _ in _operations(schema):
        if method == "get" and path in (
            "/api/v1/promoter/places", "/api/v1/promoter/orders", "/api/v1/promoter/accruals",
            "/api/v1/promoter/ledger", "/api/v1/promoter/withdrawals", "/api/v1/promoter/targeted-plans",
        ):  # fmt: skip
            assert stranger.get(path.removeprefix("/api/v1")).json()["items"] == [], path


def test_every_scope_is_asked_for_where_it_is_written(schema, software, one):
    """A token with every other scope is turned away from each operation."""
    parties = {"promoter": one.promoter, "merchant": one.shop, "leader": one.leader}
    without: dict[tuple[str, str], object] = {}
    for method, path, operation in _operations(schema):
        if (method, path) in OPEN:
            continue
        kind, scope = _kind(path), operation["x-scope"]
        others = [one_ for one_ in SCOPES[parties[kind].kind] if one_ != scope]
        caller = without.get((kind, scope))
        if caller is None:
            caller = without[kind, scope] = software(parties[kind], *others)
        address = path.removeprefix("/api/v1").format(**_PATHS)
        refused(caller.call(method, address, {} if method != "get" else None), 403, "scope_missing")
