"""Apps: tokens exchanged and made, signatures, calls a minute, the log."""

from datetime import timedelta

import pytest

from tests.make import apps as make_apps
from tests.make import parties as make
from tests.make.people import EARLY
from tests.make.refusals import refused
from tuike.apps import queries, service
from tuike.apps.types import (
    CallFacts,
    Door,
    NonceUsed,
    Scope,
    TimestampOff,
    TokenOver,
    TooManyCalls,
    TooManyTokens,
    UnknownApp,
    UnknownToken,
    WrongSecret,
    WrongSignature,
)
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.parties import service as parties
from tuike.parties.types import NotCertified, Suspended

pytestmark = pytest.mark.django_db
NOW = EARLY + timedelta(hours=1)
NONCE = "0123456789abcdef"


@pytest.fixture
def party():
    return make.promoter()


@pytest.fixture
def app(party):
    return make_apps.secret(party, now=EARLY)


def exchange(app, now=NOW, **more):
    return service.exchange(appid=app.appid, secret=app.secret, now=now, **more)


def test_a_token_is_given_for_the_secret_and_lives_two_hours(app, party):
    issued = exchange(app)
    known = service.check_token(token=issued.token, now=NOW + timedelta(seconds=7199))
    assert (known.party, known.appid, known.token_tail) == (party, app.appid, issued.token[-4:])
    assert Scope.PLACES_WRITE in known.scopes and Scope.ORDERS_REPORT not in known.scopes
    with refused(TokenOver, "apps"):
        service.check_token(token=issued.token, now=NOW + timedelta(seconds=7200))
    assert issued.token.encode() not in bytes(rows.query("SELECT sealed FROM apps_token")[0][0])


def test_two_tokens_are_alive_while_callers_change_over(app):
    first, second = exchange(app), exchange(app)
    assert service.check_token(token=first.token, now=NOW) and service.check_token(token=second.token, now=NOW)
    third = exchange(app)
    with refused(TokenOver, "apps"):
        service.check_token(token=first.token, now=NOW)
    later = NOW + timedelta(seconds=299)
    assert service.check_token(token=second.token, now=later) and service.check_token(token=third.token, now=later)
    with refused(TokenOver, "apps"):
        service.check_token(token=second.token, now=NOW + timedelta(seconds=300))


def test_a_stable_token_is_the_same_until_it_is_nearly_over_or_a_fresh_one_is_asked_for(app):
    first = exchange(app, stable=True)
    assert exchange(app, stable=True, now=NOW + timedelta(seconds=6899)).token == first.token
    renewed = exchange(app, stable=True, now=NOW + timedelta(seconds=6900))
    assert renewed.token != first.token
    at = NOW + timedelta(seconds=6901)
    assert service.check_token(token=first.token, now=at)
    fresh = exchange(app, stable=True, fresh=True, now=at)
    with refused(TokenOver, "apps"):
        service.check_token(token=renewed.token, now=at)
    assert service.check_token(token=fresh.token, now=at)


def test_resetting_the_secret_kills_every_exchanged_token_at_once_and_no_personal_one(app, party):
    issued = exchange(app)
    own = service.make_token(
        party_id=party.id, name="ERP", scopes=[Scope.ORDERS_READ], days=30, actor=OPERATOR_SHELL, now=NOW
    )
    make_apps.secret(party, now=NOW)
    with refused(UnknownToken, "apps"):
        service.check_token(token=issued.token, now=NOW)
    with refused(WrongSecret, "apps"):
        exchange(app)
    assert service.check_token(token=own.token, now=NOW).scopes == {Scope.ORDERS_READ}


def test_who_has_no_secret_or_no_such_appid_gets_none(app):
    bare = make.merchant()
    for appid, secret, refusal in (
        ("tk0000000000000000", "x", UnknownApp),
        ("", "", UnknownApp),
        ("\0", "x", UnknownApp),
        (app.appid, "", WrongSecret),
        (app.appid, app.secret[:-1] + ("0" if app.secret[-1] != "0" else "1"), WrongSecret),
        (rows.query("SELECT appid FROM parties_credential WHERE party_id = %s", [bare.id])[0][0], "", WrongSecret),
    ):
        with refused(refusal, "apps"):
            service.exchange(appid=appid, secret=secret, now=NOW)
    for token in ("", "x", "\udcff", "a" * 10_000):
        with refused(UnknownToken, "apps"):
            service.check_token(token=token, now=NOW)


def test_a_suspended_party_is_out_at_once(app, party):
    token = exchange(app).token
    parties.suspend(party_id=party.id, reason="刷单", actor=OPERATOR_SHELL, now=NOW)
    with refused(Suspended, "apps"):
        service.check_token(token=token, now=NOW)
    with refused(Suspended, "apps"):
        exchange(app)


def test_personal_tokens_carry_their_scopes_and_end(app, party):
    make_it = {"party_id": party.id, "actor": OPERATOR_SHELL, "now": NOW}
    made = service.make_token(name=" ERP ", scopes={Scope.PLACES_READ, Scope.ORDERS_READ}, days=1, **make_it)
    known = service.check_token(token=made.token, now=NOW)
    assert known.scopes == {Scope.ORDERS_READ, Scope.PLACES_READ}
    (shown,) = queries.tokens_of(party.id)
    assert (shown.name, shown.tail, shown.revoked_at) == ("ERP", made.token[-4:], None)
    with refused(TokenOver, "apps"):
        service.check_token(token=made.token, now=NOW + timedelta(days=1))
    for wrong in (
        {"name": "", "scopes": [Scope.PLACES_READ], "days": 1},
        {"name": "x" * 41, "scopes": [Scope.PLACES_READ], "days": 1},
        {"name": "a\nb", "scopes": [Scope.PLACES_READ], "days": 1},
        {"name": "x", "scopes": [], "days": 1},
        {"name": "x", "scopes": [Scope.ORDERS_REPORT], "days": 1},
        {"name": "x", "scopes": [Scope.PLACES_READ], "days": 0},
        {"name": "x", "scopes": [Scope.PLACES_READ], "days": 366},
    ):
        with refused(Invalid, "apps", "audit"):
            service.make_token(**wrong, **make_it)
    bare = make.promoter(name="未认证", certified=False)
    with refused(NotCertified, "apps"):
        service.make_token(name="x", scopes=[Scope.PLACES_READ], days=1, **make_it | {"party_id": bare.id})


def test_a_revoked_token_is_dead_at_once_and_only_its_party_revokes(app, party):
    make_it = {"party_id": party.id, "actor": OPERATOR_SHELL, "now": NOW}
    made = service.make_token(name="ERP", scopes=[Scope.PLACES_READ], days=1, **make_it)
    other = make.promoter(name="别人")
    with refused(NotFound, "apps"):
        service.revoke_token(token_id=made.id, **make_it | {"party_id": other.id})
    service.revoke_token(token_id=made.id, **make_it)
    service.revoke_token(token_id=made.id, **make_it)
    with refused(UnknownToken, "apps"):
        service.check_token(token=made.token, now=NOW)
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'token.revoke'") == [(1,)]


def test_a_party_has_at_most_twenty_living_tokens(app, party):
    make_it = {"party_id": party.id, "actor": OPERATOR_SHELL, "now": NOW, "scopes": [Scope.PLACES_READ], "days": 1}
    last = [service.make_token(name=f"{n}", **make_it) for n in range(20)][-1]
    with refused(TooManyTokens, "apps", "audit"):
        service.make_token(name="21", **make_it)
    service.revoke_token(party_id=party.id, token_id=last.id, actor=OPERATOR_SHELL, now=NOW)
    assert service.make_token(name="21", **make_it)


# --- signed calls


def call(app, **other):
    """Check a call that is signed as it should be, but for what `other` says was changed on the way."""
    sent = {"method": "POST", "path": "/api/v1/orders", "query": "b=2&a=1", "body": b"{}", **other.pop("sent", {})}
    headers = make_apps.signed(app, nonce=NONCE, now=NOW, **sent)
    got = {
        "appid": app.appid, "signature": headers["Tuike-Signature"], "timestamp": headers["Tuike-Timestamp"],
        "nonce": NONCE, "now": NOW, **sent, **other,
    }  # fmt: skip
    return service.check_signature(**got)


def test_a_signed_call_is_its_partys_once(app, party):
    known = call(app, query="a=1&b=2", method="post")  # the order of the query and the case of the verb say nothing
    assert (known.party, known.appid) == (party, app.appid)
    with refused(NonceUsed, "apps"):
        call(app)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"appid": "tk0000000000000000"}, UnknownApp),
        ({"appid": "\0"}, UnknownApp),
        ({"method": "PUT"}, WrongSignature),
        ({"path": "/api/v1/order"}, WrongSignature),
        ({"query": "a=1&b=3"}, WrongSignature),
        ({"query": "a=1"}, WrongSignature),
        ({"body": b"{} "}, WrongSignature),
        ({"nonce": "0123456789abcdeg"}, WrongSignature),
        ({"signature": ""}, WrongSignature),
        ({"signature": "é"}, WrongSignature),
        ({"timestamp": "12x"}, TimestampOff),
        ({"timestamp": "٣"}, TimestampOff),
        ({"timestamp": "9" * 400}, TimestampOff),
        ({"now": NOW + timedelta(seconds=301)}, TimestampOff),
        ({"now": NOW - timedelta(seconds=301)}, TimestampOff),
    ],
)
def test_what_was_changed_on_the_way_is_refused_and_uses_no_nonce(app, changed, refusal):
    with refused(refusal, "apps"):
        call(app, **changed)
    assert call(app, now=NOW + timedelta(seconds=300))


def test_a_signature_under_the_old_secret_is_wrong(app, party):
    make_apps.secret(party, now=NOW)
    with refused(WrongSignature, "apps"):
        call(app)


def test_a_nonce_is_sixteen_to_sixty_four_visible_characters(app, party):
    for nonce in ("", "short", "x" * 65, "0123456789abcde\n"):
        headers = make_apps.signed(app, method="GET", path="/", nonce=nonce or " ", now=NOW)
        with refused(NonceUsed, "apps"):
            service.check_signature(
                appid=app.appid, signature=headers["Tuike-Signature"], timestamp=headers["Tuike-Timestamp"],
                nonce=nonce or " ", method="GET", path="/", query="", body=b"", now=NOW,
            )  # fmt: skip


def test_a_callers_clock_follows_no_development_offset(app):
    headers = make_apps.signed(app, method="GET", path="/", now=NOW)
    asked = {
        "appid": app.appid, "signature": headers["Tuike-Signature"], "timestamp": headers["Tuike-Timestamp"],
        "nonce": headers["Tuike-Nonce"], "method": "GET", "path": "/", "query": "", "body": b"",
    }  # fmt: skip
    later = NOW + timedelta(days=27)
    for real_now in (None, NOW + timedelta(seconds=301), NOW - timedelta(seconds=301)):
        with refused(TimestampOff, "apps"):
            service.check_signature(**asked, now=later, real_now=real_now)
    assert service.check_signature(**asked, now=later, real_now=NOW).appid == app.appid
    with refused(NonceUsed, "apps"):
        service.check_signature(**asked, now=later, real_now=NOW)


# --- calls


def test_a_minute_has_so_many_calls(app, party):
    service.set_quota(party_id=party.id, per_minute=2, actor=OPERATOR_SHELL, now=NOW)
    counted = [service.count_call(party_id=party.id, door=Door.API, now=NOW).left for _ in range(2)]
    assert counted == [1, 0]
    with refused(TooManyCalls, "apps"):
        service.count_call(party_id=party.id, door=Door.API, now=NOW)
    assert service.count_call(party_id=party.id, door=Door.UNION, now=NOW).left == 1
    assert service.count_call(party_id=party.id, door=Door.API, now=NOW + timedelta(minutes=1)).limit == 2
    assert queries.busiest_minute(party.id, now=NOW) == (NOW.replace(second=0, microsecond=0), 2)
    service.set_quota(party_id=party.id, per_minute=None, actor=OPERATOR_SHELL, now=NOW)
    assert service.count_call(party_id=party.id, door=Door.API, now=NOW).limit == 3000
    for wrong in (0, 1_000_001):
        with refused(Invalid, "apps", "audit"):
            service.set_quota(party_id=party.id, per_minute=wrong, actor=OPERATOR_SHELL, now=NOW)


def test_the_log_takes_what_the_database_couldnt_keep(party):
    facts = {"door": Door.API, "method": "GET", "status": 404, "code": "not_found", "took_ms": 3}
    service.record_calls([CallFacts(party.id, NOW, path="/a\x00b/\ud800", request_id="r\x00", **facts)])
    assert rows.query("SELECT path, request_id FROM apps_call") == [("/ab/?", "r")]


def test_old_calls_nonces_and_tokens_are_forgotten(app, party):
    exchange(app)
    call(app)
    service.count_call(party_id=party.id, door=Door.API, now=NOW)
    facts = {"door": Door.API, "method": "GET", "path": "/" + "x" * 300, "status": 200, "code": "", "took_ms": 3}
    service.record_calls([CallFacts(party.id, NOW, **facts)])
    assert rows.query("SELECT length(path) FROM apps_call") == [(200,)]
    assert service.forget_old(now=NOW + timedelta(minutes=14)) == 0
    assert service.forget_old(now=NOW + timedelta(days=8)) == 4
