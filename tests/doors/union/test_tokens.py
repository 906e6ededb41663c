"""Tokens for AppID and AppSecret at WeChat's paths, and what a token is refused for."""

import json
from datetime import timedelta

import pytest

from tests.doors.union.conftest import read, refused
from tests.make import apps as make_apps
from tests.make import parties as make_parties
from tuike.apps import service as apps
from tuike.apps.types import Scope
from tuike.db import rows
from tuike.kit import clock
from tuike.parties import service as parties

LIST = "/promoter/promotion/list"


@pytest.fixture
def promoter(db):
    return make_parties.promoter()


def token(client, **query):
    return read(client.get("/cgi-bin/token", query), "/cgi-bin/token")


def stable(client, **body):
    answer = client.generic("POST", "/cgi-bin/stable_token", json.dumps(body).encode(), content_type="")
    return read(answer, "/cgi-bin/stable_token")


def proof(app, **more):
    return {"grant_type": "client_credential", "appid": app.appid, "secret": app.secret} | more


def test_a_token_is_given_for_7200_seconds_and_good_at_once(client, promoter):
    found = token(client, **proof(make_apps.secret(promoter)))
    assert found.keys() == {"errcode", "errmsg", "access_token", "expires_in"}
    assert found["expires_in"] == 7200
    assert 32 <= len(found["access_token"]) <= 512
    listed = client.get(f"/union{LIST}?access_token={found['access_token']}")
    assert read(listed, f"/union{LIST}")["total"] == 0


def test_the_stable_token_stays_until_a_fresh_one_is_forced(client, promoter):
    app = make_apps.secret(promoter)
    first = stable(client, **proof(app))
    again = stable(client, **proof(app, force_refresh=False))
    assert again["access_token"] == first["access_token"]
    assert 7190 <= again["expires_in"] <= 7200
    forced = stable(client, **proof(app, force_refresh=True))
    assert forced["access_token"] != first["access_token"]
    refused(read(client.get(f"/union{LIST}?access_token={first['access_token']}"), ""), 42001, "token_over")


@pytest.mark.parametrize(
    ("change", "errcode", "code"),
    [
        ({"grant_type": "authorization_code"}, 40002, "grant_type_invalid"),
        ({"grant_type": ""}, 40097, "invalid"),
        ({"appid": "tk0000000000000000"}, 40013, "appid_unknown"),
        ({"appid": ""}, 40097, "invalid"),
        ({"appid": "a\x00b"}, 40097, "invalid"),
        ({"appid": "x" * 200}, 40097, "invalid"),
        ({"secret": "wrong"}, 40001, "secret_wrong"),
        ({"secret": "密钥"}, 40001, "secret_wrong"),
    ],
)
def test_no_token_without_proof(client, promoter, change, errcode, code):
    app = make_apps.secret(promoter)
    refused(token(client, **proof(app, **change)), errcode, code)
    refused(stable(client, **proof(app, **change)), errcode, code)
    assert rows.query("SELECT count(*) FROM apps_token") == [(0,)]


def test_types_of_the_stable_tokens_body(client, promoter):
    app = make_apps.secret(promoter)
    for change in ({"secret": 5}, {"secret": "\ud800"}, {"force_refresh": "soon"}, {"appid": ["x"]}):
        refused(stable(client, **proof(app, **change)), 40097, "invalid")
    assert rows.query("SELECT count(*) FROM apps_token") == [(0,)]


def test_methods_are_as_documented(client, promoter):
    app = make_apps.secret(promoter)
    refused(read(client.post("/cgi-bin/token", proof(app)), ""), 43001, "get_required")
    refused(read(client.get("/cgi-bin/stable_token", proof(app)), ""), 43002, "post_required")
    refused(read(client.delete("/union/promoter/promotion/add"), ""), 43002, "post_required")


def test_what_is_no_call(client, db):
    for path in ("/union/promoter/nothing", "/cgi-bin/user/info", "/union/", "/union/promoter/promotion/add/x"):
        refused(read(client.get(path), path), 40066, "call_unknown")
        refused(read(client.post(path, b"{}", content_type=""), path), 40066, "call_unknown")


@pytest.mark.parametrize(
    ("given", "errcode", "code"),
    [
        ("", 41001, "access_token_missing"),
        ("access_token=", 41001, "access_token_missing"),
        ("access_token=nobodys", 40001, "token_unknown"),
        ("access_token=%00", 40014, "token_malformed"),
        ("access_token=%ff%fe", 40014, "token_malformed"),
        (f"access_token={'x' * 513}", 40014, "token_malformed"),
        ("access_token=a&access_token=b", 40001, "token_unknown"),
    ],
)
def test_tokens_that_are_none(client, db, given, errcode, code):
    refused(read(client.get(f"/union{LIST}?{given}"), ""), errcode, code)


def test_the_token_stands_anywhere_in_the_query(client, promoter, software):
    mine = software(promoter)
    answer = client.get(f"/union{LIST}?start=0&access_token={mine.token}&limit=5")
    assert read(answer, f"/union{LIST}")["errcode"] == 0


def test_an_expired_token_says_so_and_one_of_an_old_secret_is_invalid(client, promoter):
    app = make_apps.secret(promoter)
    old = make_apps.token(app, now=clock.now() - timedelta(seconds=7201))
    refused(read(client.get(f"/union{LIST}?access_token={old}"), ""), 42001, "token_over")
    living = make_apps.token(app, now=clock.now())
    make_apps.secret(promoter, now=clock.now())
    refused(read(client.get(f"/union{LIST}?access_token={living}"), ""), 40001, "token_unknown")


def test_a_suspended_partys_software_is_out(client, promoter, software):
    mine = software(promoter)
    parties.suspend(
        party_id=promoter.id, reason="测试", actor=make_parties.operator_seat(), now=clock.now()
    )  # fmt: skip
    refused(mine.get(LIST), 48004, "party_suspended")
    refused(token(client, **proof(mine.app)), 48004, "party_suspended")


def test_a_promoters_call_is_no_merchants(software, db):
    refused(software(make_parties.merchant()).get(LIST), 48001, "not_your_call")


def test_a_personal_token_needs_the_scope(client, promoter, software):
    mine, actor = software(promoter), make_parties.super_admin_of(promoter)
    made = apps.make_token(
        party_id=promoter.id, name="只读", scopes=[Scope.PLACES_READ], days=1, actor=actor, now=clock.now()
    )
    mine.token = made.token
    assert mine.get(LIST)["errcode"] == 0
    refused(mine.post("/promoter/promotion/add", {"promotionSourceName": "新位"}), 48001, "scope_missing")
    assert mine.get(LIST)["total"] == 0


def test_calls_are_counted_and_noted(promoter, software):
    mine = software(promoter)
    apps.set_quota(party_id=promoter.id, per_minute=2, actor=make_parties.operator_seat(), now=clock.now())
    assert mine.get(LIST)["errcode"] == 0
    mine.post("/promoter/promotion/add", {})
    refused(mine.get(LIST), 45009, "too_many_calls")
    noted = rows.query("SELECT door, method, path, status, code, token_tail FROM apps_call ORDER BY id")
    tail = mine.token[-4:]
    assert noted == [
        ("union", "GET", f"/union{LIST}", 200, "", tail),
        ("union", "POST", "/union/promoter/promotion/add", 200, "invalid", tail),
        ("union", "GET", f"/union{LIST}", 200, "too_many_calls", tail),
    ]
