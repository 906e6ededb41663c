"""The short link's door: what it answers, what it writes before it answers, and what it does without the database."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.make import attribution as make
from tests.waiting import until
from tuike.attribution.models import Click
from tuike.attribution.types import LinkFacts
from tuike.db.wire import Wire, WireBroken, WireRefused
from tuike.doors.go import desk as desks
from tuike.doors.go.app import Go, address_of, beside, clean, hash_ip
from tuike.doors.go.desk import Desk
from tuike.doors.web import visitor

pytestmark = pytest.mark.usefixtures("committed_db")
AGENT = "Mozilla/5.0 (iPhone) MicroMessenger/8.0"
KEY = b"k" * 32
SLACK = 2.0
"""Seconds that a loaded machine may add of its own."""


class Answer:
    """A WSGI answer."""

    def __init__(self, app: Callable, path: str, method: str = "GET", **headers: str) -> None:
        environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "REMOTE_ADDR": "203.0.113.9", "QUERY_STRING": ""}
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        began = time.monotonic()
        self.body = b"".join(app(environ, self._start))
        self.seconds = time.monotonic() - began

    def _start(self, status: str, headers: list[tuple[str, str]]) -> None:
        self.status, self.headers = int(status.split(maxsplit=1)[0]), dict(headers)


def _django(environ: dict, start_response: Callable) -> list[bytes]:
    start_response("200 OK", [])
    return [b"django"]


@pytest.fixture
def conninfo(test_database) -> str:
    return test_database.server.url(test_database.name)


@pytest.fixture
def open_door(committed_db) -> Iterator[Callable[..., Go]]:
    """Return `open_door(make_wire)`; the desks are closed afterwards."""
    opened: list[Desk] = []

    def make_door(wire: Callable[[], Any]) -> Go:
        opened.append(Desk(wire, address=lambda code, ticket: f"https://m.example/l/{code}?t={ticket}"))
        return Go(_django, desk=opened[-1], now=lambda: make.NOON, ip_key=KEY, secure=False)

    yield make_door
    for desk in opened:
        desk.stop()


@pytest.fixture
def door(open_door, conninfo) -> Go:
    return open_door(lambda: Wire(conninfo))


@pytest.fixture
def link(committed_db) -> LinkFacts:
    return make.link(promoter_id=make.bare_promoter(), merchant_id=make.bare_merchant(), product_id=7)


def test_a_click_is_on_disk_when_it_is_answered_and_the_ticket_goes_along(door, link):
    answer = Answer(door, f"/s/{link.code}", user_agent=AGENT)
    assert (answer.status, answer.body) == (302, b"")
    assert answer.headers["Location"] == f"https://m.example/l/{link.code}?t={link.ticket}"
    assert answer.headers["Cache-Control"] == "private, no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "; HttpOnly; SameSite=Lax" in cookie and "Secure" not in cookie
    click = Click.objects.get()
    assert (click.link_id, click.merchant_id, click.promoter_id) == (link.link_id, link.merchant_id, link.promoter_id)
    assert (click.at, click.agent, click.visitor) == (make.NOON, AGENT, visitor.found(cookie.split(";")[0]))
    assert bytes(click.ip_hash) == hash_ip("203.0.113.9", KEY) and b"203" not in bytes(click.ip_hash)


def test_a_known_visitor_keeps_the_mark_and_gets_no_second_cookie(door, link):
    answer = Answer(door, f"/s/{link.code}", cookie=f"a=b; {visitor.COOKIE}={make.VISITOR}; c=d")
    assert answer.status == 302 and "Set-Cookie" not in answer.headers
    assert Click.objects.get().visitor == make.VISITOR


def test_a_mark_that_isnt_ours_is_replaced(door, link):
    for value in ("short", "x" * 33, "quote'0123456789ab", "{0123456789abcdef}", "0123456789,abcdef"):
        answer = Answer(door, f"/s/{link.code}", cookie=f"{visitor.COOKIE}={value}")
        assert "Set-Cookie" in answer.headers
        assert not Click.objects.filter(visitor=value).exists()


def test_an_expired_link_still_leads_to_the_page_that_explains(open_door, conninfo, committed_db):
    old = make.link(
        promoter_id=make.bare_promoter(), merchant_id=make.bare_merchant(), now=make.NOON - timedelta(days=90)
    )
    assert Answer(open_door(lambda: Wire(conninfo)), f"/s/{old.code}").status == 302


def test_head_is_answered_alike_and_is_no_click(door, link):
    answer = Answer(door, f"/s/{link.code}", "HEAD")
    assert (answer.status, answer.body) == (302, b"") and link.ticket in answer.headers["Location"]
    assert Answer(door, "/s/nothinghere1", "HEAD").status == 404
    assert Click.objects.count() == 0


def test_other_methods_are_refused_and_change_nothing(door, link):
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"):
        answer = Answer(door, f"/s/{link.code}", method)
        assert (answer.status, answer.headers["Allow"]) == (405, "GET, HEAD")
    assert Click.objects.count() == 0


NO_CODES = [
    *("/s/", "/s/short", "/s/a/b/c/d/e/f", "/s/../../etc/passwd", "/s/ABCDEFGHJKLM/", "/s/" + "a" * 17),
    *("/s/码码码码码码码码码码码", "/s/';DROP TABLE--", "/s/ab{cd},efghi", "/s/abc\x00defghij", "/s/nothinghere1"),
]


def test_what_is_no_code_is_404_in_both_languages(door):
    for path in NO_CODES:
        answer = Answer(door, path)
        assert answer.status == 404 and "链接不存在".encode() in answer.body
        assert answer.headers["Content-Length"] == str(len(answer.body))
        assert b"does not exist" in Answer(door, path, accept_language="en-GB,zh;q=0.5").body
        assert "链接不存在".encode() in Answer(door, path, accept_language="zh-CN,en;q=0.5").body
    assert Click.objects.count() == 0


def test_other_paths_go_on_to_django(door):
    for path in ("/", "/s", "/shop", "/l/abc"):
        assert Answer(door, path).body == b"django"


def test_a_code_made_after_it_was_unknown_is_found_within_seconds(door, link, monkeypatch):
    monkeypatch.setattr(desks, "_UNKNOWN_SECONDS", 0.0)
    assert Answer(door, "/s/nothinghere1").status == 404
    from tuike.attribution.models import Link

    Link.objects.filter(pk=link.link_id).update(code="nothinghere1")
    assert Answer(door, "/s/nothinghere1").status == 302


def test_what_is_unknown_is_asked_for_once_and_doesnt_pile_up(open_door, link, conninfo, monkeypatch):
    monkeypatch.setattr(desks, "_UNKNOWN_MOST", 3)
    asked: list[str] = []

    class Counting(Wire):
        def run(self, name, statement, params):
            asked.append(name)
            return super().run(name, statement, params)

    door = open_door(lambda: Counting(conninfo))
    for n in [0, 0, 0, 1, 2, 3, 4]:
        assert Answer(door, f"/s/nothinghere{n}").status == 404
    assert asked.count("tuike_links") == 5 and len(door._desk._unknown) <= 3
    for _ in range(3):
        Answer(door, f"/s/{link.code}")
    assert asked.count("tuike_links") == 6 and asked.count("tuike_clicks") == 3


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("", ""),
        ("\"\\{},'; DROP", "\"\\{},'; DROP"),
        ("a\x00b\r\nc\x7f", "a b  c"),
        ("微信".encode().decode("latin-1"), "微信"),
        ("\xff\xfe", "\ufffd\ufffd"),
        ("x" * 5000, "x" * 160),
    ],
)
def test_an_agent_is_kept_clean_whatever_was_sent(door, link, sent, kept):
    assert clean(sent[:640]) == kept
    assert Answer(door, f"/s/{link.code}", user_agent=sent).status == 302
    assert Click.objects.get().agent == kept


def test_a_proxy_is_believed_on_this_machine_alone():
    assert address_of({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "6.6.6.6, 198.51.100.7"}) == "198.51.100.7"
    assert address_of({"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "6.6.6.6"}) == "203.0.113.9"
    assert address_of({}) == ""


def test_many_at_once_are_each_written_once(door, link):
    statuses: list[int] = []

    def click() -> None:
        statuses.extend(Answer(door, f"/s/{link.code}").status for _ in range(25))

    threads = [threading.Thread(target=click) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert statuses == [302] * 400 and Click.objects.count() == 400


class Cut(Wire):
    """A wire whose connection breaks once, before or after the clicks were committed."""

    def __init__(self, conninfo: str, *, after: bool) -> None:
        super().__init__(conninfo)
        self.after, self.cuts = after, 0

    def run(self, name: str, statement: bytes, params: list[bytes]) -> list:
        if name != "tuike_clicks" or self.cuts:
            return super().run(name, statement, params)
        self.cuts += 1
        if self.after:
            super().run(name, statement, params)
        self.close()
        raise WireBroken("cut")


@pytest.mark.parametrize("after", [False, True])
def test_a_connection_cut_at_the_commit_gives_one_click(open_door, conninfo, link, after):
    wire = Cut(conninfo, after=after)
    assert Answer(open_door(lambda: wire), f"/s/{link.code}").status == 302
    assert wire.cuts == 1 and Click.objects.count() == 1


def test_without_the_clicks_own_id_the_cut_gives_two(open_door, conninfo, link, monkeypatch):
    """The negative control: ids taken anew at each attempt."""
    made = desks._click
    fresh = iter(range(10**15, 10**15 + 100))
    monkeypatch.setattr(desks, "_click", lambda slip, _: made(slip, 0))
    record = desks.service.record_clicks
    monkeypatch.setattr(
        desks.service,
        "record_clicks",
        lambda wire, clicks: record(wire=wire, clicks=[_with_id(click, next(fresh)) for click in clicks]),
    )
    assert Answer(open_door(lambda: Cut(conninfo, after=True)), f"/s/{link.code}").status == 302
    assert Click.objects.count() == 2


def _with_id(click: Any, id_: int) -> Any:
    import dataclasses

    return dataclasses.replace(click, click_id=id_)


def test_without_a_database_503_comes_soon_and_it_recovers_by_itself(open_door, conninfo, link):
    wire = Wire("host=/nonexistent dbname=none")
    door = open_door(lambda: wire)
    first = Answer(door, f"/s/{link.code}")
    assert (first.status, first.headers["Retry-After"]) == (503, "2") and first.seconds <= desks.LONGEST_WAIT + SLACK
    assert "系统繁忙".encode() in first.body
    later = Answer(door, f"/s/{link.code}")
    assert later.status == 503 and later.seconds < desks.LONGEST_WAIT  # known to be away: nobody is kept waiting
    wire._conninfo = conninfo
    until(lambda: Answer(door, f"/s/{link.code}").status == 302, what="it is back")
    assert Click.objects.count() == 1


def test_a_database_that_hangs_holds_nobody(open_door, conninfo, link):
    hang, going = threading.Event(), threading.Event()

    class Hanging(Wire):
        def run(self, name, statement, params):
            if hang.is_set():
                going.wait(60)
            return super().run(name, statement, params)

    door = open_door(lambda: Hanging(conninfo))
    assert Answer(door, f"/s/{link.code}").status == 302
    hang.set()
    first = Answer(door, f"/s/{link.code}")
    assert first.status == 503 and first.seconds <= desks.LONGEST_WAIT + SLACK
    later = Answer(door, f"/s/{link.code}")
    assert later.status == 503 and later.seconds < desks.LONGEST_WAIT
    hang.clear()
    going.set()
    until(lambda: Answer(door, f"/s/{link.code}").status == 302, what="it is back")


def test_one_click_that_the_database_refuses_takes_no_other_with_it(open_door, conninfo, link, monkeypatch):
    made = desks._click
    monkeypatch.setattr(
        desks,
        "_click",
        lambda slip, id_: made(slip, id_ if slip.agent != "bad" else 2**70),  # no bigint
    )
    held = threading.Event()

    class Slow(Wire):
        def run(self, name, statement, params):
            held.wait(1)
            return super().run(name, statement, params)

    door = open_door(lambda: Slow(conninfo))
    answers: dict[str, int] = {}

    def click(agent: str) -> None:
        answers[agent] = Answer(door, f"/s/{link.code}", user_agent=agent).status

    threads = [threading.Thread(target=click, args=(agent,)) for agent in ("first", "bad", "good", "fine")]
    for thread in threads:
        thread.start()
    held.set()
    for thread in threads:
        thread.join(60)
    assert answers == {"first": 302, "bad": 503, "good": 302, "fine": 302}
    assert sorted(Click.objects.values_list("agent", flat=True)) == ["fine", "first", "good"]


def test_the_wire_tells_a_refusal_from_a_break(conninfo):
    wire, other = Wire(conninfo), Wire(conninfo)
    with pytest.raises(WireRefused) as refused:
        wire.run("bad", b"SELECT 1/$1::int", [b"0"])
    assert refused.value.sqlstate == "22012"
    assert wire.run("good", b"SELECT $1::int + 1", [b"41"]) == [(b"42",)]
    pid = wire.run("pid", b"SELECT pg_backend_pid()", [])[0][0]
    other.run("end", b"SELECT pg_terminate_backend($1::int, 5000)", [pid])
    with pytest.raises(WireBroken):
        wire.run("good", b"SELECT $1::int + 1", [b"41"])
    assert wire.run("good", b"SELECT $1::int + 1", [b"41"]) == [(b"42",)]
    wire.close()
    other.close()


def test_the_product_wires_it_to_its_own_settings(link, settings):
    settings.LANDING_BASE = "https://h5.example"
    go = beside(_django)
    answer = Answer(go, f"/s/{link.code}")
    go._desk.stop()
    assert answer.headers["Location"] == f"https://h5.example/l/{link.code}?t={link.ticket}"
    assert Click.objects.count() == 1
