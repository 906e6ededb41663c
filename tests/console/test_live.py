"""Live boards at their door: pages, what they ask for, and the streams; who may listen, until when, and what of."""

import asyncio
import contextlib
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from tests.console.conftest import Sitting
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.make.orders import ADDRESS
from tests.waiting import LONGEST_SECONDS
from tuike.audit.types import OPERATOR_SHELL
from tuike.doors.console import looking, sessions
from tuike.doors.console.live import stream
from tuike.doors.console.live.provinces import TILES
from tuike.doors.console.live.stream import Streams
from tuike.freight.queries import regions_tree
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties import service as seats
from tuike.parties.types import PartyRef, Role
from tuike.people import service as people

KINDS = ("operator", "merchant", "promoter", "leader")


class Listener:
    """A browser that listens: its headers, what it was told, and whether it still takes anything."""

    def __init__(self, cookie: str, path: str, **headers: str) -> None:
        self.status, self.body, self.ended, self.stuck, self.left = 0, "", False, False, asyncio.Event()
        named = {"host": "127.0.0.1:8002", "cookie": cookie, **headers}
        self.scope = {
            "type": "http",
            "method": "GET",
            "path": path,
            "query_string": b"",
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in named.items()],
        }
        self.answer_headers: dict[str, str] = {}

    @property
    def events(self) -> list[tuple[str, dict]]:
        """What was told: (event, data), comments left out."""
        found = []
        for part in self.body.split("\n\n"):
            lines = dict(line.split(": ", 1) for line in part.splitlines() if not line.startswith(":"))
            if "data" in lines:
                found.append((lines["event"], json.loads(lines["data"]) | {"id": lines.get("id", "")}))
        return found

    @property
    def states(self) -> list[dict]:
        return [data for event, data in self.events if event == "state"]

    async def send(self, message: dict) -> None:
        if self.stuck:
            await asyncio.Event().wait()
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.answer_headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            self.body += message["body"].decode()
            self.ended = not message["more_body"]

    async def receive(self) -> dict:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def until(self, condition) -> None:
        async with asyncio.timeout(LONGEST_SECONDS):
            while not condition():
                await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def listening(streams: Streams, *listeners: Listener):
    tasks = [asyncio.create_task(streams(one.scope, one.receive, one.send)) for one in listeners]
    try:
        yield
    finally:
        for one in listeners:
            one.left.set()
        await asyncio.wait_for(asyncio.gather(*tasks), LONGEST_SECONDS)
        if streams._turning:
            await streams._turning
        for pool in (streams._reader, streams._guard):
            pool.submit(_close).result()
            pool.shutdown()


def _close() -> None:
    connection.close()  # looked up here: each thread has its own


@pytest.fixture
def told(committed_db, monkeypatch):
    """An alliance, the desk, and time that stands at noon; turns follow quickly."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    monkeypatch.setattr(stream, "TURN_SECONDS", 0.02)
    monkeypatch.setattr(stream, "MARK_SECONDS", 0.05)
    one = make.alliance()
    make.touch(one, leader=True)
    one.desk = make_parties.operator()
    return one


def party_of(one, kind: str) -> PartyRef:
    return {"operator": one.desk, "merchant": one.shop, "promoter": one.promoter, "leader": one.leader}[kind]


def sitting(party: PartyRef) -> Sitting:
    return Sitting(parties.administrators_of([party.id])[party.id][0].person_id, party)


def _played(story: Coroutine) -> None:
    """Play a story in a thread of its own: where a browser has been at work, this one keeps a loop running."""

    def work() -> None:
        try:
            asyncio.run(story)
        finally:
            connections.close_all()  # the thread's own

    with ThreadPoolExecutor(1) as pool:
        pool.submit(work).result()


def cookie_of(one: Sitting) -> str:
    return f"{sessions.COOKIE}={one.client.cookies[sessions.COOKIE].value}"


def listener(party: PartyRef, *, sits: Sitting | None = None, **headers: str) -> Listener:
    return Listener(cookie_of(sits or sitting(party)), f"/live/{party.kind}/{party.no}", **headers)


def test_each_party_hears_its_own_and_asking_tells_the_same(told):
    other = make_parties.merchant(name="隔壁小店")
    everybody = {kind: listener(party_of(told, kind)) for kind in KINDS} | {"other": listener(other)}

    async def story() -> None:
        async with listening(Streams(), *everybody.values()):
            for one in everybody.values():
                await one.until(lambda one=one: one.states)
            await asyncio.to_thread(_sold, told)
            for kind in KINDS:
                await everybody[kind].until(lambda kind=kind: everybody[kind].states[-1]["orders"])

    _played(story())
    for kind in KINDS:
        state = everybody[kind].states[-1]
        assert (state["figures"]["paid_fen"], state["figures"]["orders"]) == (11_980, 1)
        assert state["places"] == {"31": {"count": 1, "paid_fen": 11_980, "refunded_fen": 0}}
        assert [one["title"] for one in state["orders"]] == ["手绘青瓷盖碗"]
        asked = sitting(party_of(told, kind)).get("live-data").json()
        assert {**asked, "id": state["id"]} == state
        assert ("buyers" in state["figures"]) == (kind in {"operator", "merchant"})
        for personal in (ADDRESS.name, ADDRESS.phone, ADDRESS.detail):
            assert personal not in everybody[kind].body
    leader, promoter = everybody["leader"].states[-1], everybody["promoter"].states[-1]
    assert set(leader["commission"]) == {"leader"} and set(promoter["commission"]) == {"direct"}
    both = leader["commission"]["leader"] + promoter["commission"]["direct"]
    assert everybody["merchant"].states[-1]["figures"]["commission_fen"] > both  # the recruiter's share, too
    assert everybody["other"].states[-1]["figures"]["orders"] == 0


def _sold(one) -> None:
    try:
        make.bought(one, pieces=(2,), now=NOON)
    finally:
        connection.close()


WRONG = [
    ("/live/merchant/{shop}", {"cookie": ""}, 401),
    ("/live/merchant/{shop}", {"cookie": f"{sessions.COOKIE}=wrong"}, 401),
    ("/live/promoter/{shop}", {}, 404),
    ("/live/merchant/{other}", {}, 404),
    ("/live/nobody/{shop}", {}, 404),
    ("/live/merchant", {}, 404),
    ("/else", {}, 404),
    ("/live/merchant/{shop}", {"origin": "https://evil.example"}, 403),
    ("/live/merchant/{shop}", {"origin": "http://127.0.0.1:9999"}, 403),
]


def test_who_may_not_listen_is_told_nothing_and_a_page_of_ours_may_read(told, settings):
    settings.WEB_PORT = 8000
    other, cookie = make_parties.merchant(name="隔壁小店"), cookie_of(sitting(told.shop))
    refused = [
        Listener(path=path.format(shop=told.shop.no, other=other.no), **({"cookie": cookie} | headers))
        for path, headers, _ in WRONG
    ]
    ours = listener(told.shop, origin="http://127.0.0.1:8000")

    async def story() -> None:
        async with listening(Streams(), ours, *refused):
            await ours.until(lambda: ours.states and all(one.ended for one in refused))

    _played(story())
    assert [one.status for one in refused] == [status for _, _, status in WRONG]
    for one in refused:
        assert set(json.loads(one.body)) == {"code"}
        assert "access-control-allow-origin" not in one.answer_headers
    assert ours.answer_headers["access-control-allow-origin"] == "http://127.0.0.1:8000"
    assert ours.answer_headers["access-control-allow-credentials"] == "true"
    assert ours.answer_headers["content-type"].startswith("text/event-stream")


def test_whoever_comes_back_hears_only_what_is_new(told):
    first, same = listener(told.shop), listener(told.shop)

    async def story() -> None:
        streams = Streams()
        async with listening(streams, first):
            await first.until(lambda: first.states)
            same.scope["headers"].append((b"last-event-id", first.states[-1]["id"].encode()))
            coming = asyncio.create_task(streams(same.scope, same.receive, same.send))
            await same.until(lambda: same.events)
            await asyncio.to_thread(_sold, told)
            await same.until(lambda: same.states)
            same.left.set()
            await coming

    _played(story())
    assert same.events[0][0] == "mark"  # it had the state already
    assert [one["figures"]["orders"] for one in same.states] == [1]


@pytest.mark.parametrize("gone", ["seat", "session"])
def test_a_stream_ends_when_the_seat_or_the_session_is_gone(told, monkeypatch, gone):
    monkeypatch.setattr(stream, "ASK_SECONDS", 0.1)
    member = make_parties.seated(told.shop, Role.FINANCE)
    sits = Sitting(member.person_id, told.shop)
    one = listener(told.shop, sits=sits)

    def take() -> None:
        try:
            _take_away(gone, told.shop, sits)
        finally:
            connection.close()

    async def story() -> None:
        async with listening(Streams(), one):
            await one.until(lambda: one.states)
            await asyncio.to_thread(take)
            await one.until(lambda: one.ended)

    _played(story())
    event, data = one.events[-1]
    assert (event, data["why"]) == ("end", {"seat": "not_found", "session": "signed_out"}[gone])


def _take_away(gone: str, party: PartyRef, sits: Sitting) -> None:
    if gone == "session":
        people.revoke_token(token=sits.client.cookies[sessions.COOKIE].value, now=NOON)
    else:
        seats.remove_seat(party_id=party.id, person_id=sits.person_id, actor=OPERATOR_SHELL, now=NOON)


def test_a_browser_that_takes_nothing_is_dropped(told, monkeypatch):
    monkeypatch.setattr(stream, "PATIENCE_SECONDS", 0.1)
    streams, one = Streams(), listener(told.shop)
    before = stream._ENDED.labels("slow")._value.get()

    async def story() -> None:
        async with listening(streams, one):
            await one.until(lambda: one.states)
            one.stuck = True
            await one.until(lambda: not streams._halls)
            one.stuck = False

    _played(story())
    assert stream._ENDED.labels("slow")._value.get() == before + 1


@pytest.mark.parametrize(("limit", "status"), [("MOST", 503), ("MOST_OF_ONE", 429)])
def test_no_more_streams_than_there_is_room_for(told, monkeypatch, limit, status):
    monkeypatch.setattr(stream, limit, 1)
    sits = sitting(told.shop)
    first, second = listener(told.shop, sits=sits), listener(told.shop, sits=sits)
    streams = Streams()

    async def story() -> None:
        async with listening(streams, first):
            await first.until(lambda: first.states)
            await streams(second.scope, second.receive, second.send)

    _played(story())
    assert (second.status, first.status) == (status, 200)
    assert streams._open == 0 and not streams._of_person


def test_streams_go_on_when_a_turn_failed(told, monkeypatch):
    streams, one = Streams(), listener(told.shop)
    real, failed = streams._read, []

    def broken(rooms):
        if not failed:
            failed.append(1)
            raise OSError("the database is away")
        return real(rooms)

    monkeypatch.setattr(streams, "_read", broken)

    async def story() -> None:
        async with listening(streams, one):
            await one.until(lambda: one.states)

    _played(story())
    assert failed


def test_the_page_has_what_it_draws_from_and_where_it_listens(told, settings):
    settings.LIVE_ON, settings.LIVE_BASE, settings.LIVE_PORT = True, "", 8123
    sits = sitting(told.promoter)
    answer = sits.get("live")
    page = answer.content.decode()
    assert f'data-stream="http://testserver:8123/live/promoter/{told.promoter.no}"' in page
    assert "connect-src 'self' http://testserver:8123;" in answer.headers["Content-Security-Policy"]
    assert 'data-count="buyers"' not in page
    assert page.count('class="tile"') == 34
    settings.LIVE_BASE = "https://tuike.example"
    assert f'data-stream="https://tuike.example/live/promoter/{told.promoter.no}"' in sits.get("live").content.decode()
    settings.LIVE_ON = False
    assert 'data-stream=""' in sits.get("live-wall").content.decode()


def test_somebody_else_s_board_looks_absent_and_looking_reads_it(told):
    desk = sitting(told.desk)
    other = make_parties.promoter(name="旁人", phone="13900000077")
    assert sitting(other).get("live", of=told.promoter).status_code == 404
    assert sitting(other).get("live-data", of=told.promoter).status_code == 404
    from django.http import HttpResponse

    looked = looking.begin(HttpResponse(), person_id=desk.person_id, party=told.promoter, now=NOON)
    desk.client.cookies[looking.COOKIE] = looked.cookies[looking.COOKIE].value
    assert desk.get("live", of=told.promoter).status_code == 200
    one = Listener(
        f"{cookie_of(desk)}; {looking.COOKIE}={desk.client.cookies[looking.COOKIE].value}",
        f"/live/promoter/{told.promoter.no}",
    )

    async def story() -> None:
        async with listening(Streams(), one):
            await one.until(lambda: one.states)

    _played(story())


def test_every_province_has_its_tile():
    assert {tile.code for tile in TILES} == {province.code[:2] for province in regions_tree()}
    assert len({(tile.column, tile.row) for tile in TILES}) == len(TILES) == 34
