"""Integration pages: credentials and tokens, the log of calls, limits; the operator's quota of a party."""

import html
import re
from datetime import timedelta

import pytest

from tests.make import apps as make_apps
from tests.make import parties as make_parties
from tuike.apps import queries, service
from tuike.apps.types import CallFacts, Door, Scope, UnknownToken
from tuike.db import rows
from tuike.kit import clock
from tuike.parties.types import Role

FORM = {"name": "订单同步", "scopes": ["orders:read", "party:read"], "days": "90"}


@pytest.fixture
def shop(db):
    return make_parties.merchant()


def text(answer):
    return html.unescape(answer.content.decode())


def plain_in(answer):
    return re.search(r'id="token-plain" value="([\w-]{64})"', text(answer))[1]


@pytest.mark.parametrize("make_party", [make_parties.merchant, make_parties.promoter, make_parties.leader])
def test_a_token_is_made_shown_once_and_revoked(db, sit, make_party):
    party = make_party()
    one = sit(party)
    page = text(one.get("credentials"))
    assert "还没有个人令牌" in page and "尚未生成" in page and "生成 AppSecret" in page
    form = text(one.get("token-add", htmx=True))
    offered = {"orders:read", "funds:read", "party:read"}
    assert all(f'value="{scope}"' in form for scope in offered)
    assert ('value="orders:report"' in form) is (party.kind == "merchant")
    shown = one.post("token-add", FORM)
    token = plain_in(shown)
    assert "list-changed" in shown.headers["HX-Trigger"]
    app = service.check_token(token=token, now=clock.now())
    assert app.party.id == party.id and app.scopes == {Scope.ORDERS_READ, Scope.PARTY_READ}
    [kept] = queries.tokens_of(party.id)
    page = text(one.get("credentials"))
    assert "订单同步" in page and kept.tail in page and token not in page
    drawer = text(one.get("token", token_id=kept.id, htmx=True))
    assert "查看订单与佣金" in drawer and "orders:read" in drawer and token not in drawer
    one.post("token-revoke", token_id=kept.id)
    with pytest.raises(UnknownToken):
        service.check_token(token=token, now=clock.now())
    drawer = text(one.get("token", token_id=kept.id, htmx=True))
    assert "已撤销" in drawer and one.url("token-revoke", token_id=kept.id) not in drawer


def test_a_form_sent_twice_makes_one_token(shop, sit):
    one = sit(shop)
    tokens = {plain_in(one.post("token-add", FORM | {"key": "same"})) for _ in range(2)}
    assert len(tokens) == 1 == len(queries.tokens_of(shop.id))
    assert service.check_token(token=tokens.pop(), now=clock.now()).party.id == shop.id
    stored = str(rows.query("SELECT t::text FROM idempotency_key t") + rows.query("SELECT t::text FROM apps_token t"))
    assert not any(token in stored for token in tokens)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"name": " "}, "1 至 40"),
        ({"scopes": []}, "至少选择一项"),
        ({"scopes": ["places:write"]}, "不可用"),
        ({"days": "0"}, "1 至 365"),
        ({"days": "x"}, "1 至 365"),
        ({"days": "366"}, "1 至 365"),
    ],
)
def test_a_wrong_form_keeps_what_was_typed(shop, sit, wrong, said):
    answer = sit(shop).post("token-add", FORM | wrong)
    assert answer.status_code == 422 and said in text(answer)
    assert queries.tokens_of(shop.id) == []
    if "name" not in wrong:
        assert 'value="订单同步"' in text(answer)


def test_somebody_elses_token_and_call_are_not_there(shop, sit):
    other = make_parties.merchant(name="别家")
    made = service.make_token(
        party_id=other.id, name="t", scopes=[Scope.PARTY_READ], days=1, now=clock.now(),
        actor=make_parties.super_admin_of(other),
    )  # fmt: skip
    called(other)
    call_id = rows.query("SELECT id FROM apps_call")[0][0]
    one = sit(shop)
    assert one.get("token", token_id=made.id).status_code == 404
    assert one.post("token-revoke", token_id=made.id).status_code == 404
    assert one.get("call", call_id=call_id).status_code == 404
    assert queries.token(party_id=other.id, token_id=made.id).revoked_at is None
    assert "/api/v1/merchant/orders" not in text(one.get("calls"))


def test_who_may_reset_the_secret_finds_it_here_alone(shop, sit):
    make_apps.secret(shop, now=clock.now())
    boss, clerk = sit(shop), sit(shop, Role.ADMIN)
    assert "重置 AppSecret" in text(boss.get("credentials"))
    page = text(clerk.get("credentials"))
    assert "重置 AppSecret" not in page and "仅超级管理员可以重置" in page
    account = text(boss.get("account"))
    assert "重置 AppSecret" not in account and boss.url("credentials") in account


def called(party, *, path="/api/v1/merchant/orders", status=200, code="", door=Door.API, method="GET", ago=0, no="r"):
    at = clock.now() - timedelta(hours=ago)
    service.record_calls([CallFacts(party.id, at, door, method, path, status, code, 12, f"request-{no}", "ab12")])


def test_the_log_is_searched_and_opened(shop, sit):
    called(shop, no="1")
    called(shop, path="/api/v1/merchant/reports", method="POST", status=422, code="invalid", no="2")
    called(shop, path="/union/shop/order", door=Door.UNION, code="40001", no="3")
    called(shop, path="/api/v1/party", status=429, code="too_many_calls", no="4")
    called(shop, path="/api/v1/merchant/funds", status=500, code="internal", no="5")
    one = sit(shop)

    def paths(**query):
        return set(re.findall(r"(?:/api/v1|/union)/[a-z/_]+", text(one.get("calls", query)).split('id="list"')[1]))

    assert len(paths()) == 5
    assert paths(q="/orders") == {"/api/v1/merchant/orders"}
    assert paths(q="request-2") == {"/api/v1/merchant/reports"}
    assert paths(door="union") == {"/union/shop/order"}
    assert paths(method="POST") == {"/api/v1/merchant/reports"}
    assert paths(code="internal") == {"/api/v1/merchant/funds"}
    assert paths(**{"class": "done"}) == {"/api/v1/merchant/orders"}
    assert paths(**{"class": "refused"}) == {"/api/v1/merchant/reports", "/union/shop/order"}
    assert paths(**{"class": "limited"}) == {"/api/v1/party"}
    assert paths(**{"class": "failed"}) == {"/api/v1/merchant/funds"}
    assert paths(at_to="2020-01-01") == set()
    call_id = rows.query("SELECT id FROM apps_call WHERE code = 'invalid'")[0][0]
    drawer = text(one.get("call", call_id=call_id, htmx=True))
    assert "request-2" in drawer and "••••ab12" in drawer and "/api/v1/problems/invalid" in drawer
    dialog = text(one.get("calls", {"part": "export", "class": "limited"}, htmx=True))
    signed = re.search(r'name="ask" value="([^"]+)"', dialog)[1]
    done = text(one.post("exports-start", {"ask": signed, "format": "csv"}))
    file = b"".join(one.get(re.search(r'href="([^"]+/file)"', done)[1]).streaming_content).decode("utf-8-sig")
    assert "request-4" in file and "request-1" not in file


def test_limits_show_what_was_used(shop, sit):
    one = sit(shop)
    assert "还没有调用" in text(one.get("limits"))
    now = clock.now().replace(second=0, microsecond=0)
    for door, calls in ((Door.API, 3), (Door.UNION, 2)):
        for _ in range(calls):
            service.count_call(party_id=shop.id, door=door, now=now)
    page = text(one.get("limits"))
    assert "<b>5</b>" in page and "<b>3</b>" in page and "<b>3,000</b>" in page and "默认限额" in page
    assert "接近或达到限额" not in page
    service.set_quota(party_id=shop.id, per_minute=3, actor=make_parties.super_admin_of(shop), now=now)
    page = text(one.get("limits"))
    assert "平台为您设置" in page and "接近或达到限额" in page
    assert "Beyond" not in page and "Calls by hour" in text(sit(shop, english=True).get("limits"))


def test_the_operator_sets_and_lifts_a_partys_limit(shop, sit):
    desk = sit(make_parties.operator(), Role.OPERATOR)
    assert "调用限额" in text(desk.get("party", no=shop.no, htmx=True))
    for wrong, said in (
        ({"per_minute": "0", "reason": "x"}, "1 至 1000000"),
        ({"per_minute": "-1", "reason": "x"}, "整数"),
        ({"per_minute": "５", "reason": "x"}, "整数"),
        ({"per_minute": "5", "reason": " "}, "原因"),
    ):
        answer = desk.post("party-quota", wrong, no=shop.no)
        assert answer.status_code == 422 and said in text(answer), wrong
        assert queries.own_quota(shop.id) is None
    desk.post("party-quota", {"per_minute": "50", "reason": "大促"}, no=shop.no)
    assert service.calls_a_minute(party_id=shop.id) == 50
    assert 'value="50"' in text(desk.get("party-quota", no=shop.no, htmx=True))
    desk.post("party-quota", {"per_minute": "", "reason": "结束"}, no=shop.no)
    assert queries.own_quota(shop.id) is None
    reasons = rows.query("SELECT facts->>'reason' FROM audit_act WHERE action = 'quota.set' ORDER BY id")
    assert reasons == [("大促",), ("结束",)]
