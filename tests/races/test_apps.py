"""Tokens, nonces and calls under contention: real threads, real commits, each with a control."""

from datetime import timedelta

import pytest

from tests.make import apps as make_apps
from tests.make import parties as make
from tests.make.people import EARLY
from tests.make.racers import Meeting, race
from tuike.apps import service
from tuike.apps.types import Door
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.parties import queries

pytestmark = pytest.mark.usefixtures("committed_db")
NOW = EARLY + timedelta(hours=1)


def exchanged_at_once(app, count=6):
    assert race(count, lambda _: service.exchange(appid=app.appid, secret=app.secret, now=NOW)) == ["won"] * count
    return rows.query("SELECT count(*) FROM apps_token WHERE expires_at > %s", [NOW])[0][0]


def test_never_more_than_two_tokens_are_alive():
    assert exchanged_at_once(make_apps.secret(make.promoter())) == 2


def test_control_without_the_credentials_kept_more_are_alive(monkeypatch):
    app = make_apps.secret(make.promoter())
    meeting = Meeting(6)

    def unheld(*, party_id):
        known = queries.app_facts(party_id)
        meeting.come()
        return known

    monkeypatch.setattr(service.parties_service, "hold_app", unheld)
    assert exchanged_at_once(app) > 2


def replayed(app, count=8):
    headers = make_apps.signed(app, method="GET", path="/", nonce="0123456789abcdef", now=NOW)
    sent = {
        "appid": app.appid, "signature": headers["Tuike-Signature"], "timestamp": headers["Tuike-Timestamp"],
        "nonce": "0123456789abcdef", "method": "GET", "path": "/", "query": "", "body": b"", "now": NOW,
    }  # fmt: skip
    return race(count, lambda _: service.check_signature(**sent)).count("won")


def test_a_nonce_is_good_once():
    assert replayed(make_apps.secret(make.promoter())) == 1


def test_control_without_the_unique_nonce_it_is_good_often(owner_sql, monkeypatch):
    app = make_apps.secret(make.promoter())
    owner_sql("ALTER TABLE apps_nonce DROP CONSTRAINT apps_nonce_once")
    real = rows.planned
    monkeypatch.setattr(
        rows, "planned", lambda s, p: real(s.replace(" ON CONFLICT (party_id, nonce) DO NOTHING", ""), p)
    )
    try:
        assert replayed(app) == 8
    finally:
        owner_sql("TRUNCATE apps_nonce")
        owner_sql("ALTER TABLE apps_nonce ADD CONSTRAINT apps_nonce_once UNIQUE (party_id, nonce)")


def called(party, count=12):
    service.set_quota(party_id=party.id, per_minute=5, actor=OPERATOR_SHELL, now=NOW)
    return race(count, lambda _: service.count_call(party_id=party.id, door=Door.API, now=NOW)).count("won")


def test_a_minute_has_exactly_so_many_calls():
    assert called(make.promoter()) == 5


def test_control_without_the_limit_in_the_statement_there_are_more(monkeypatch):
    party, real = make.promoter(), rows.planned
    clause = "WHERE apps_minute.calls < (SELECT most FROM may)"
    monkeypatch.setattr(rows, "planned", lambda s, p: real(s.replace(clause, ""), p))
    assert called(party) == 12
