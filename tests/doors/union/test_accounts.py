"""Open-platform account and users' infos: what is kept, what is refused."""

from datetime import timedelta

import pytest

from tests.doors.union.conftest import refused
from tests.make import parties as make_parties
from tuike.attribution import queries as attribution
from tuike.attribution import service as attributing
from tuike.attribution.service import users
from tuike.attribution.types import OpenAccountFixed
from tuike.db import rows
from tuike.kit import clock

BIND, GET = "/promoter/open_account/bind", "/promoter/open_account/get"
ADD, DELETE, SHOW = (f"/promoter/open_account/{verb}_customize_info" for verb in ("add", "del", "get"))
OK = {"errcode": 0, "errmsg": "ok"}


@pytest.fixture
def mine(software):
    return software(make_parties.promoter())


def test_the_account_changes_twice_a_year(mine):
    assert mine.get(GET) == OK | {"openAccount": ""}
    for account in ("a@example.com", "b@example.com", "c@example.com"):
        assert mine.post(BIND, {"openAccount": account}) == OK
        assert mine.get(GET) == OK | {"openAccount": account}
    assert mine.post(BIND, {"openAccount": "c@example.com"}) == OK
    found = mine.post(BIND, {"openAccount": "d@example.com"})
    assert found["errmsg"].startswith("open_account_fixed: ")
    assert mine.get(GET)["openAccount"] == "c@example.com"


def test_a_year_later_it_may_change_again(mine):
    now, party = clock.now(), mine.party.id
    for days, account in ((0, "a"), (10, "b"), (20, "c")):
        attributing.bind_open_account(promoter_id=party, account=account, now=now + timedelta(days=days))
    with pytest.raises(OpenAccountFixed):
        attributing.bind_open_account(
            promoter_id=party, account="d", now=now + timedelta(days=375) - timedelta(microseconds=1)
        )
    attributing.bind_open_account(promoter_id=party, account="d", now=now + timedelta(days=375))
    assert attribution.open_account_of(promoter_id=party) == "d"


def test_the_last_word_about_a_user_counts(mine, software):
    assert mine.get(SHOW, {"unionid": "oU1"}) == OK | {"customizeInfo": ""}
    for text in ("会员 1", "会员 2"):
        assert mine.post(ADD, {"unionid": "oU1", "customizeInfo": text}) == OK
        assert mine.get(SHOW, {"unionid": "oU1"}) == OK | {"customizeInfo": text}
    other = software(make_parties.promoter(phone="13900000009"))
    assert other.get(SHOW, {"unionid": "oU1"})["customizeInfo"] == ""
    assert other.post(DELETE, {"unionid": "oU1"})["errmsg"].startswith("user_info_missing: ")
    assert mine.get(SHOW, {"unionid": "oU1"})["customizeInfo"] == "会员 2"
    assert mine.post(DELETE, {"unionid": "oU1"}) == OK
    assert mine.get(SHOW, {"unionid": "oU1"})["customizeInfo"] == ""
    assert mine.post(DELETE, {"unionid": "oU1"})["errmsg"].startswith("user_info_missing: ")


def test_no_unionid_stands_in_the_table(mine):
    mine.post(ADD, {"unionid": "oUnion-in-clear", "customizeInfo": "x"})
    [[kept]] = rows.query("SELECT unionid_index FROM attribution_user_info")
    assert b"oUnion" not in bytes(kept)
    assert len(bytes(kept)) == 32


def test_there_is_a_limit(mine, monkeypatch):
    monkeypatch.setattr(users, "MOST_INFOS", 2)
    for unionid in ("a", "b"):
        mine.post(ADD, {"unionid": unionid, "customizeInfo": "x"})
    refused(mine.post(ADD, {"unionid": "c", "customizeInfo": "x"}), 25509, "too_many_user_infos")
    assert mine.post(ADD, {"unionid": "b", "customizeInfo": "y"}) == OK
    assert rows.query("SELECT count(*) FROM attribution_user_info") == [(2,)]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        *[(BIND, {"openAccount": value}) for value in (None, "", 5, "x" * 65, "a\x00", ["a"], "\ud800")],
        *[(ADD, {"unionid": value, "customizeInfo": "x"}) for value in (None, "", 5, "x" * 65, "a\x00")],
        *[(ADD, {"unionid": "a", "customizeInfo": value}) for value in (None, "", 5, "x" * 81, "a\x00", {})],
        *[(DELETE, {"unionid": value}) for value in (None, "", 5, "x" * 65)],
    ],
)
def test_what_is_none(mine, path, body):
    refused(mine.post(path, body), 40097, "invalid")
    assert rows.query("SELECT count(*) FROM attribution_user_info") == [(0,)]
    assert rows.query("SELECT count(*) FROM attribution_open_account") == [(0,)]


def test_shops_have_no_such_call(software):
    shop = software(make_parties.merchant(name="小店"))
    refused(shop.post(BIND, {"openAccount": "a"}), 48001, "not_your_call")
    refused(shop.get(SHOW, {"unionid": "a"}), 48001, "not_your_call")
