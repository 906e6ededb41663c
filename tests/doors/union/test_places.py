"""Promotion places at WeChat's paths: names, limits, shapes, what is refused."""

import pytest

from tests.doors.union.conftest import refused
from tests.make import parties as make_parties
from tuike.attribution import queries as attribution
from tuike.audit.types import OPERATOR_SHELL
from tuike.kit import clock
from tuike.settings import service as settings

ADD, DELETE, UPDATE, LIST = (f"/promoter/promotion/{verb}" for verb in ("add", "del", "upd", "list"))


@pytest.fixture
def mine(software):
    return software(make_parties.promoter())


def names(mine) -> list[str]:
    return [one["promotionSourceName"] for one in mine.get(LIST)["promotionSourceList"]]


def test_a_place_is_added_and_listed(mine):
    pid = mine.post(ADD, {"promotionSourceName": " 朋友圈 "})["pid"]
    [place] = attribution.places_of(promoter_id=mine.party.id)
    assert pid == place.pid
    assert mine.get(LIST) == {
        "errcode": 0,
        "errmsg": "ok",
        "promotionSourceList": [
            {
                "promotionSourceName": "朋友圈",
                "promotionSourcePid": pid,
                "status": "1",
                "pidId": str(place.place_id),
            }
        ],
        "total": 1,
        "promotionMaxCnt": 100,
    }


def test_start_and_limit(mine):
    for number in range(5):
        mine.post(ADD, {"promotionSourceName": f"位{number}"})
    found = mine.get(LIST, {"start": 1, "limit": 2})
    assert [one["promotionSourceName"] for one in found["promotionSourceList"]] == ["位3", "位2"]
    assert found["total"] == 5
    assert mine.get(LIST, "start=9")["promotionSourceList"] == []


def test_a_name_is_the_promoters_once(mine):
    mine.post(ADD, {"promotionSourceName": "群"})
    refused(mine.post(ADD, {"promotionSourceName": "群"}), 14007, "place_name_taken")
    assert names(mine) == ["群"]


def test_as_many_as_the_setting_says(mine):
    settings.change(name="places_per_promoter", value=1, actor=OPERATOR_SHELL, now=clock.now())
    mine.post(ADD, {"promotionSourceName": "一"})
    refused(mine.post(ADD, {"promotionSourceName": "二"}), 14005, "too_many_places")
    found = mine.get(LIST)
    assert (found["total"], found["promotionMaxCnt"]) == (1, 1)


def test_a_place_is_renamed_and_keeps_its_pid(mine):
    pid = mine.post(ADD, {"promotionSourceName": "旧"})["pid"]
    before = {"promotionSourcePid": pid, "promotionSourceName": "旧"}
    body = {"previousPromotionInfo": before, "promotionInfo": {"promotionSourceName": "新"}}
    assert mine.post(UPDATE, body) == {"errcode": 0, "errmsg": "ok"}
    [listed] = mine.get(LIST)["promotionSourceList"]
    assert (listed["promotionSourcePid"], listed["promotionSourceName"]) == (pid, "新")
    mine.post(ADD, {"promotionSourceName": "旧"})
    back = {"previousPromotionInfo": {"promotionSourcePid": pid}, "promotionInfo": {"promotionSourceName": "旧"}}
    refused(mine.post(UPDATE, back), 14007, "place_name_taken")
    refused(mine.post(UPDATE, body), 9_587_459, "place_not_found")  # it isn't called that any more
    assert sorted(names(mine)) == ["新", "旧"]


def test_a_place_is_deleted_once(mine):
    pid = mine.post(ADD, {"promotionSourceName": "群"})["pid"]
    refused(mine.post(DELETE, {"promotionSourcePid": pid, "promotionSourceName": "别"}), 9_587_459, "place_not_found")
    assert names(mine) == ["群"]
    assert mine.post(DELETE, {"promotionSourcePid": pid, "promotionSourceName": "群"})["errcode"] == 0
    refused(mine.post(DELETE, {"promotionSourcePid": pid}), 9_587_459, "place_not_found")
    assert names(mine) == []


def test_somebody_elses_place_looks_like_none(mine, software):
    pid = mine.post(ADD, {"promotionSourceName": "群"})["pid"]
    other = software(make_parties.promoter(phone="13900000007"))
    refused(other.post(DELETE, {"promotionSourcePid": pid}), 9_587_459, "place_not_found")
    body = {"previousPromotionInfo": {"promotionSourcePid": pid}, "promotionInfo": {"promotionSourceName": "新"}}
    refused(other.post(UPDATE, body), 9_587_459, "place_not_found")
    assert names(mine) == ["群"]


@pytest.mark.parametrize(
    "name", [None, "", "  ", 5, True, ["群"], {"a": 1}, "长" * 21, "长" * 5000, "a\x00b", "a\nb", "\ud800", "a\u200bb"]
)
def test_names_that_are_none(mine, name):
    found = mine.post(ADD, {"promotionSourceName": name})
    assert (found["errcode"], found["errmsg"].split(":")[0] in ("invalid", "place_name_invalid")) == (40097, True)
    assert names(mine) == []


@pytest.mark.parametrize(
    ("raw", "errcode", "code"),
    [
        (b"", 44002, "body_empty"),
        (b"   ", 44002, "body_empty"),
        (b"{", 47001, "body_not_json"),
        (b"[]", 47001, "body_not_json"),
        (b'"text"', 47001, "body_not_json"),
        (b"\xff\xfe\xfd", 47001, "body_not_json"),
        (b'{"promotionSourceName": NaN}', 47001, "body_not_json"),
        (b'{"promotionSourceName": ' + b"[" * 100_000, 47001, "body_not_json"),
        (b'{"promotionSourceName": ' + b"9" * 5_000 + b"}", 47001, "body_not_json"),
        (b'{"promotionSourceName": 1e999}', 40097, "invalid"),
        (b'{"promotionSourceName": "' + b"x" * 1_100_000 + b'"}', 45002, "request_too_large"),
    ],
)
def test_bodies_that_are_none(mine, raw, errcode, code):
    refused(mine.post(ADD, raw=raw), errcode, code)
    assert names(mine) == []


@pytest.mark.parametrize("kind", ["", "application/json", "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_is_json_whatever_its_kind(mine, kind):
    assert mine.post(ADD, raw='{"promotionSourceName": "群"}'.encode(), kind=kind)["errcode"] == 0
    assert names(mine) == ["群"]


@pytest.mark.parametrize("query", ["start=-1", "start=x", "limit=0", "limit=101", f"start={2**70}", "limit=1.5"])
def test_pages_that_are_none(mine, query):
    refused(mine.get(LIST, query), 40097, "invalid")


def test_a_thousand_parameters_are_too_many(mine):
    refused(mine.get(LIST, "&".join(f"a{n}=1" for n in range(1100))), 45002, "request_too_large")


def test_the_sentence_is_in_the_callers_language(mine):
    assert "须在 1 与 100 之间" in mine.get(LIST, "limit=0")["errmsg"]
    assert "is from 1 to 100" in mine.get(LIST, "limit=0", **{"Accept-Language": "en"})["errmsg"]
