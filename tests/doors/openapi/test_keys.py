"""Writes under keys: the second call is the first call, other content is refused, twins happen once."""

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.test import Client

from tests.doors.openapi.answers import nothing_changes, refused
from tests.make import apps as make_apps
from tests.make import parties as make_parties
from tests.make.racers import Meeting, race
from tuike.attribution.service import places
from tuike.db import rows
from tuike.idempotency import service as idempotency
from tuike.kit import clock

_numbers = itertools.count(1)


def test_the_second_call_is_the_first_call(promoter):
    first = promoter.post("/promoter/places", {"name": "群"}, key="k1")
    with nothing_changes():
        again = promoter.post("/promoter/places", {"name": "群"}, key="k1")
        assert (again.status_code, again.content) == (201, first.content)


def test_the_answer_stays_what_it_was(promoter):
    first = promoter.post("/promoter/places", {"name": "群"}, key="k1").json()
    promoter.put(f"/promoter/places/{first['pid']}", {"name": "新群"}, key="k2")
    assert promoter.post("/promoter/places", {"name": "群"}, key="k1").json() == first
    renamed = promoter.put(f"/promoter/places/{first['pid']}", {"name": "新群"}, key="k2").json()
    assert renamed["name"] == "新群"


def test_a_key_stands_for_one_content_and_one_address(promoter):
    pid = promoter.post("/promoter/places", {"name": "群"}, key="k1").json()["pid"]
    with nothing_changes():
        refused(promoter.post("/promoter/places", {"name": "另一群"}, key="k1"), 422, "idempotency_key_reused")
        refused(promoter.put(f"/promoter/places/{pid}", {"name": "群"}, key="k1"), 422, "idempotency_key_reused")
        refused(promoter.call("DELETE", f"/promoter/places/{pid}", key="k1"), 422, "idempotency_key_reused")


def test_the_same_content_may_be_written_otherwise(promoter):
    said = {"authorization": f"Bearer {promoter.token}", "idempotency-key": "k1"}
    first, again = (
        promoter.client.generic("POST", "/api/v1/promoter/places", data, "application/json", headers=said)
        for data in (b'{"name":"a"}', b' { "name" : "\\u0061" } ')
    )
    assert (again.status_code, again.content) == (first.status_code, first.content)


def test_another_partys_key_is_another_key(promoter, software, one):
    other = software(one.recruiter)
    first = promoter.post("/promoter/places", {"name": "群"}, key="k1").json()
    assert other.post("/promoter/places", {"name": "群二"}, key="k1").json()["pid"] != first["pid"]


def test_what_was_refused_leaves_the_key_free(promoter):
    promoter.post("/promoter/places", {"name": "群"}, key="k1")
    refused(promoter.post("/promoter/places", {"name": "群"}, key="k2"), 409, "place_name_taken")
    assert promoter.post("/promoter/places", {"name": "二群"}, key="k2").status_code == 201


def test_an_answer_that_was_lost_before_it_was_kept_is_given_again(promoter):
    first = promoter.post("/promoter/places", {"name": "群"}, key="k1").json()
    rows.run("UPDATE idempotency_key SET answer = NULL WHERE scope LIKE 'api:%%' AND key = 'k1'", [])
    assert promoter.post("/promoter/places", {"name": "群"}, key="k1").json() == first


@pytest.mark.parametrize("key", ["", "a" * 81, "ключ", " "])
def test_a_write_needs_a_key(promoter, key):
    with nothing_changes():
        said = refused(promoter.post("/promoter/places", {"name": "群"}, key=key), 422, "invalid")
    assert said["errors"][0]["in"] == "header" and said["errors"][0]["pointer"] == "/Idempotency-Key"


def _twins(count: int) -> list[tuple[int, bytes]]:
    """Add a place `count` times at once under one key; return the answers."""
    party = make_parties.promoter(phone=f"1390000{next(_numbers):04d}")
    token = make_apps.token(make_apps.secret(party, now=clock.now()), now=clock.now())
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "twin"}
    answers: list[tuple[int, bytes]] = []

    def add(_: int) -> None:
        answer = Client().post("/api/v1/promoter/places", {"name": "群"}, "application/json", headers=headers)
        answers.append((answer.status_code, answer.content))

    race(count, add)
    return answers


@pytest.mark.usefixtures("committed_db")
def test_twins_happen_once_and_get_one_answer():
    answers = _twins(6)
    assert len(answers) == 6 and {status for status, _ in answers} == {201}
    assert len({body for _, body in answers}) == 1
    assert rows.query("SELECT count(*) FROM attribution_place")[0][0] == 1


@pytest.mark.usefixtures("committed_db")
def test_control_without_the_keys_twins_happen_often(monkeypatch):
    meeting = Meeting(4)

    def at_each(**said: object) -> dict:
        meeting.come()
        work = said["work"]
        return work()  # type: ignore[operator]

    def named(name: str) -> str:
        return f"{name}{next(_numbers)}"

    monkeypatch.setattr(idempotency, "claim", lambda **_: None)
    monkeypatch.setattr(idempotency, "keep", lambda **said: said["answer"])
    monkeypatch.setattr(places.idempotency, "once", at_each)
    monkeypatch.setattr(places, "_name", named)
    answers = _twins(4)
    assert len({body for _, body in answers}) == 4
    assert rows.query("SELECT count(*) FROM attribution_place")[0][0] == 4


@pytest.mark.usefixtures("committed_db")
def test_twins_of_other_content_leave_one_winner():
    """Other content under the same key at the same time: one happens, the other is refused or waits to be."""
    party = make_parties.promoter(phone=f"1391000{next(_numbers):04d}")
    token = make_apps.token(make_apps.secret(party, now=clock.now()), now=clock.now())
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "same"}

    def add(name: str) -> int:
        try:
            answer = Client().post("/api/v1/promoter/places", {"name": name}, "application/json", headers=headers)
            return answer.status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(add, ["一", "二", "三", "四"]))
    assert sorted(found) == [201, 422, 422, 422]
    assert rows.query("SELECT count(*) FROM attribution_place")[0][0] == 1
