"""Who gets in: tokens, signatures, scopes; forged, replayed, stale, swapped; what every answer carries."""

from datetime import timedelta

import pytest
from django.db import OperationalError

from tests.doors.openapi.answers import nothing_changes, refused
from tests.make import apps as make_apps
from tuike.apps import service as apps
from tuike.apps.types import Scope
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit import clock
from tuike.parties import service as parties

pytestmark = pytest.mark.usefixtures("db")
PARTY = "/api/v1/party"


def test_a_token_is_exchanged_and_says_who_calls(client, one):
    app = make_apps.secret(one.promoter, now=clock.now())
    body = {"appid": app.appid, "secret": app.secret}
    answer = client.post("/api/v1/token", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    given = answer.json()
    assert given["token_type"] == "Bearer" and 7190 <= given["expires_in"] <= 7200
    who = client.get(PARTY, headers={"authorization": f"Bearer {given['access_token']}"})
    shown = who.json()
    assert (shown["no"], shown["kind"], shown["appid"]) == (one.promoter.no, "promoter", app.appid)
    assert shown["scopes"] == given["scopes"] and "places:write" in shown["scopes"]
    assert shown["quota"]["left"] == int(who["RateLimit-Remaining"]) == shown["quota"]["limit"] - 2
    assert answer["RateLimit-Limit"] == who["RateLimit-Limit"] and 0 < int(who["RateLimit-Reset"]) <= 60


def test_a_token_isnt_exchanged_for_what_isnt_an_apps(client, one):
    app = make_apps.secret(one.promoter, now=clock.now())
    with nothing_changes():
        for body, status, code in (
            ({"appid": app.appid, "secret": "x" * 64}, 401, "secret_wrong"),
            ({"appid": "tk0000000000000000", "secret": app.secret}, 401, "appid_unknown"),
            ({"appid": app.appid}, 422, "invalid"),
            ({"appid": app.appid, "secret": app.secret, "more": 1}, 422, "invalid"),
            ({"appid": 7, "secret": app.secret}, 422, "invalid"),
            ({"appid": "a\x00b", "secret": app.secret}, 422, "invalid"),
        ):
            refused(client.post("/api/v1/token", body, content_type="application/json"), status, code)


def test_a_signed_call_is_good_once(client, one):
    now = clock.now()
    app = make_apps.secret(one.promoter, now=now)
    signed = make_apps.signed(app, method="GET", path=PARTY, now=now)
    assert client.get(PARTY, headers=signed).json()["no"] == one.promoter.no
    refused(client.get(PARTY, headers=signed), 401, "nonce_used")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Tuike-Signature": "0" * 64}, "signature_wrong"),
        ({"Tuike-Signature": "é"}, "signature_wrong"),
        ({"Tuike-App": "tk0000000000000000"}, "appid_unknown"),
        ({"Tuike-App": ""}, "appid_unknown"),
        ({"Tuike-Timestamp": "1000"}, "timestamp_off"),
        ({"Tuike-Timestamp": "soon"}, "timestamp_off"),
        ({"Tuike-Nonce": "0123456789abcdef0"}, "signature_wrong"),
    ],
)
def test_a_forged_call_stays_outside(client, one, changes, code):
    now = clock.now()
    app = make_apps.secret(one.promoter, now=now)
    signed = make_apps.signed(app, method="GET", path=PARTY, now=now)
    refused(client.get(PARTY, headers=signed | changes), 401, code)
    assert client.get(PARTY, headers=signed).status_code == 200, "what was refused uses no nonce"


def test_a_stale_call_stays_outside(client, one):
    now = clock.now()
    app = make_apps.secret(one.promoter, now=now)
    for off in (-310, 310):
        signed = make_apps.signed(app, method="GET", path=PARTY, now=now + timedelta(seconds=off))
        refused(client.get(PARTY, headers=signed), 401, "timestamp_off")
    near = make_apps.signed(app, method="GET", path=PARTY, now=now - timedelta(seconds=290))
    assert client.get(PARTY, headers=near).status_code == 200


def test_a_signature_covers_method_path_query_and_body(client, one):
    now = clock.now()
    app = make_apps.secret(one.promoter, now=now)
    places, body = "/api/v1/promoter/places", b'{"name":"Group"}'
    signed = make_apps.signed(app, method="POST", path=places, body=body, now=now) | {"Idempotency-Key": "k1"}

    def post(path: str, data: bytes) -> object:
        return client.generic("POST", path, data, content_type="application/json", headers=signed)

    with nothing_changes():
        refused(post(places, b'{"name":"Other"}'), 401, "signature_wrong")
        refused(post(f"{places}?a=1", body), 401, "signature_wrong")
        refused(post("/api/v1/promoter/materials", body), 401, "signature_wrong")
        refused(client.generic("GET", places, body, headers=signed), 401, "signature_wrong")
    assert post(places, body).status_code == 201


def test_the_query_is_signed_in_its_own_order(client, one):
    now = clock.now()
    app = make_apps.secret(one.promoter, now=now)
    path = "/api/v1/promoter/places"
    signed = make_apps.signed(app, method="GET", path=path, query="limit=5&name=%E7%BE%A4", now=now)
    assert client.get(f"{path}?name=%E7%BE%A4&limit=5", headers=signed).status_code == 200


def test_nobody_calls_without_proof(client, one):
    said = refused(client.get(PARTY), 401, "credentials_missing")
    assert said["detail"].startswith("请提供")
    assert (
        "token" in refused(client.get(PARTY, headers={"accept-language": "en"}), 401, "credentials_missing")["detail"]
    )
    for header in ("Bearer", "Bearer ", "Basic abc"):
        answer = client.get(PARTY, headers={"authorization": header})
        refused(answer, 401, "credentials_missing")
        assert answer["WWW-Authenticate"].startswith("Bearer")
    for token in ("nonsense", "é" * 20):
        refused(client.get(PARTY, headers={"authorization": f"Bearer {token}"}), 401, "token_unknown")


def test_a_suspended_partys_software_is_out_at_once(promoter, one, client):
    assert promoter.get("/party").status_code == 200
    parties.suspend(party_id=one.promoter.id, reason="drill", actor=OPERATOR_SHELL, now=clock.now())
    refused(promoter.get("/party"), 403, "party_suspended")
    signed = make_apps.signed(promoter.app, method="GET", path=PARTY, now=clock.now())
    refused(client.get(PARTY, headers=signed), 403, "party_suspended")


def test_a_reset_secret_ends_tokens_and_signatures_but_no_personal_token(promoter, software, one, client):
    personal = software(one.promoter, Scope.PARTY_READ)
    old = promoter.app
    make_apps.secret(one.promoter, now=clock.now())
    refused(promoter.get("/party"), 401, "token_unknown")
    signed = make_apps.signed(old, method="GET", path=PARTY, now=clock.now())
    refused(client.get(PARTY, headers=signed), 401, "signature_wrong")
    assert personal.get("/party").status_code == 200


def test_a_personal_token_reaches_as_far_as_its_scopes(software, one):
    reader = software(one.promoter, Scope.PLACES_READ)
    assert reader.get("/promoter/places").status_code == 200
    with nothing_changes():
        said = refused(reader.post("/promoter/places", {"name": "群"}), 403, "scope_missing")
    assert "places:write" in said["detail"]
    refused(reader.get("/party"), 403, "scope_missing")


def test_another_kind_of_party_is_turned_away(shop, promoter, software, one):
    refused(shop.get("/promoter/places"), 403, "wrong_party")
    refused(promoter.get("/merchant/products"), 403, "wrong_party")
    refused(software(one.leader).get("/promoter/funds"), 403, "wrong_party")


def test_calls_of_a_minute_run_out(promoter, one, monkeypatch):
    moment = clock.now().replace(second=30)
    monkeypatch.setattr(clock, "now", lambda: moment)
    apps.set_quota(party_id=one.promoter.id, per_minute=3, actor=OPERATOR_SHELL, now=moment)
    left = [promoter.get("/party")["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    answer = promoter.get("/party")
    refused(answer, 429, "too_many_calls")
    assert (answer["Retry-After"], answer["RateLimit-Limit"], answer["RateLimit-Remaining"]) == ("30", "3", "0")


def test_every_call_stands_in_the_log(promoter, one):
    promoter.get("/party", X_Request_ID="caller-0001")
    promoter.get("/promoter/library/NOSUCH")
    promoter.post("/promoter/places", {"name": ""})
    found = rows.query(
        "SELECT method, path, status, code, request_id, token_tail FROM apps_call WHERE party_id = %s ORDER BY id",
        [one.promoter.id],
    )
    tail = promoter.token[-4:]
    assert found[0] == ("GET", PARTY, 200, "", "caller-0001", tail)
    assert [row[:4] for row in found[1:]] == [
        ("GET", "/api/v1/promoter/library/NOSUCH", 404, "not_found"),
        ("POST", "/api/v1/promoter/places", 422, "invalid"),
    ]


def test_head_and_options(promoter, client):
    head = promoter.call("HEAD", "/party")
    assert (head.status_code, head.content) == (200, b"") and head["RateLimit-Remaining"]
    options = client.options("/api/v1/promoter/places")
    assert (options.status_code, options["Allow"]) == (204, "GET, HEAD, OPTIONS, POST")
    answer = promoter.call("PATCH", "/promoter/places", {})
    refused(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_a_signed_head_is_signed_as_head(client, one):
    app = make_apps.secret(one.promoter, now=clock.now())
    signed = make_apps.signed(app, method="HEAD", path=PARTY, now=clock.now())
    assert client.head(PARTY, headers=signed).status_code == 200


def test_unknown_addresses_and_parameters_are_named(promoter):
    refused(promoter.get("/nowhere"), 404, "not_found")
    refused(promoter.get("/party/"), 404, "not_found")
    said = refused(promoter.get("/promoter/places?limt=5"), 422, "invalid")
    assert said["errors"] == [{"in": "query", "pointer": "/limt", "detail": "没有这个查询参数"}]


def test_bodies_that_are_none(promoter):
    places = "/api/v1/promoter/places"
    said = {"authorization": f"Bearer {promoter.token}", "idempotency-key": "k"}

    def post(data: bytes, kind: str = "application/json") -> object:
        return promoter.client.generic("POST", places, data, content_type=kind, headers=said)

    with nothing_changes():
        refused(post(b"name=a", "application/x-www-form-urlencoded"), 415, "not_json")
        refused(post(b'{"name":"a"}', "text/plain"), 415, "not_json")
        for bad in (b"{", b"\xff", b"[1]", b'{"name":"a","name":"b"}', b'{"name":NaN}', b"[" * 100_000, b"1" * 5_000):
            refused(post(bad), 400, "malformed")
        refused(post(b""), 422, "invalid")
        refused(post(b'{"name":"\\ud800"}'), 422, "invalid")
        refused(post(b'{"\\ud800":1,"name":"a"}'), 422, "invalid")
        refused(post(b'{"name":"' + b"a" * 10_000_000 + b'"}'), 413, "too_large")


def test_when_the_database_is_away_it_says_try_again(promoter, monkeypatch):
    def away(**_: object) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(apps, "count_call", away)
    answer = promoter.get("/party")
    refused(answer, 503, "unavailable")
    assert answer["Retry-After"] == "5"


def test_what_nobody_expected_is_recorded_and_has_the_same_form(promoter, monkeypatch):
    def broken(**_: object) -> None:
        raise ValueError("secret words")

    monkeypatch.setattr(apps, "count_call", broken)
    said = refused(promoter.get("/party"), 500, "internal")
    assert "secret words" not in str(said)


def test_each_problem_explains_itself_in_both_languages(client, db):
    shown = client.get("/api/v1/problems/scope_missing").json()
    assert shown["status"] == 403 and "…" in shown["title"]["zh"] and "scope" in shown["title"]["en"]
    page = client.get("/api/v1/problems/nonce_used", headers={"accept": "text/html"}).content.decode()
    assert "随机串已使用过" in page and "This nonce was used before" in page
    refused(client.get("/api/v1/problems/no_such_code"), 404, "not_found")


def test_a_body_of_unknown_length_isnt_taken_for_none(promoter):
    said = {"Transfer-Encoding": "chunked", "authorization": f"Bearer {promoter.token}", "idempotency-key": "k"}
    refused(promoter.client.generic("POST", "/api/v1/promoter/places", headers=said), 411, "length_required")
