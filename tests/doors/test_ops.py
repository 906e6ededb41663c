"""The probes, the figures and the log line of a request."""

import io
import json
import logging
import socket
import threading

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import RequestFactory

from tests.ports import give_back, take_port
from tuike.config.logging import formatter
from tuike.doors.ops import figures, state
from tuike.doors.web.middleware import RequestLog, named

HEARTBEAT = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 second')"


@pytest.fixture
def logged():
    """Return what the product's loggers write, as in production: one JSON object a line."""
    stream, root = io.StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(production=True))
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)


@pytest.fixture
def elsewhere(monkeypatch):
    """Point the database's address elsewhere and back again."""
    settings = connections.settings["default"]

    def move(**change):
        monkeypatch.setitem(settings, "HOST", change["HOST"])
        monkeypatch.setitem(settings, "PORT", change["PORT"])

    yield move


@pytest.fixture(autouse=True)
def _a_port_of_its_own(settings):
    settings.LIVE_ON, settings.LIVE_PORT = True, take_port()
    yield
    give_back(settings.LIVE_PORT)


def look(client):
    answer = client.get("/readyz")
    return answer.status_code, answer.json()["checks"]


def test_alive_asks_no_database(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_ready_with_a_worker(client, committed_db, owner_sql):
    owner_sql(HEARTBEAT + " RETURNING id", [5])
    status, checks = look(client)
    assert status == 200
    assert {name: check["ok"] for name, check in checks.items()} == {
        "database": True,
        "migrations": True,
        "worker": True,
        "live": False,  # no process of it runs here: said, and no reason to turn requests away
    }


def test_the_live_boards_process_is_asked_where_it_runs(client, committed_db, settings):
    listening = socket.create_server(("127.0.0.1", settings.LIVE_PORT))
    answered = threading.Thread(target=_answer_once, args=(listening,))
    answered.start()
    assert look(client)[1]["live"]["ok"] is True
    answered.join(20)
    settings.LIVE_ON = False
    assert "live" not in look(client)[1]


def _answer_once(listening: socket.socket) -> None:
    with listening, listening.accept()[0] as link:
        link.recv(1000)
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


@pytest.mark.parametrize("seconds", [None, 31])
def test_a_late_worker_is_said_and_takes_nothing_out_of_service(client, committed_db, owner_sql, seconds):
    if seconds:
        owner_sql(HEARTBEAT + " RETURNING id", [seconds])
    status, checks = look(client)
    assert status == 200
    assert checks["worker"]["ok"] is False


def test_a_migration_that_is_not_applied_is_named(client, committed_db, owner_sql):
    [(app, name, at)] = owner_sql(
        "DELETE FROM django_migrations WHERE app = 'ledger' AND name LIKE '0001%%' RETURNING app, name, applied"
    )
    try:
        status, checks = look(client)
    finally:
        owner_sql(
            "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s) RETURNING id", [app, name, at]
        )
    assert status == 503
    assert checks["migrations"] == {"ok": False, "needed": True, "detail": f"1 not applied, first ledger.{name}"}
    assert look(client)[0] == 200


def test_unreachable_then_back_without_a_restart(client, committed_db, elsewhere, monkeypatch, logged):
    with monkeypatch.context():
        before = dict(connections.settings["default"])
        elsewhere(HOST="/nowhere", PORT="1")
        status, checks = look(client)
        connections.settings["default"].update(before)
    assert status == 503
    assert checks["database"] == {"ok": False, "needed": True, "detail": "OperationalError"}
    assert any(line["event"] == "database_unreachable" for line in logged())
    assert look(client)[0] == 200


def test_a_database_that_takes_the_call_and_says_nothing(client, committed_db, elsewhere):
    before = dict(connections.settings["default"])
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        elsewhere(HOST="127.0.0.1", PORT=str(mute.getsockname()[1]))
        status, checks = look(client)
        connections.settings["default"].update(before)
    assert status == 503
    assert checks["database"]["ok"] is False
    assert look(client)[0] == 200


def test_a_query_that_hangs_is_not_waited_for(client, monkeypatch):
    never = threading.Event()
    monkeypatch.setattr(state, "_look", never.wait)
    monkeypatch.setattr(state, "LONGEST_SECONDS", 0.05)
    try:
        status, checks = look(client)
    finally:
        never.set()
    assert status == 503
    assert checks["database"]["detail"].startswith("no answer in")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_a_probe_by_address_without_tls_is_answered_in_production_too(client, settings, committed_db, path):
    settings.SECURE_SSL_REDIRECT = True
    settings.ALLOWED_HOSTS = ["shop.example"]
    assert client.get(path, headers={"host": "10.0.0.7"}).status_code == 200
    assert client.get("/other", headers={"host": "10.0.0.7"}).status_code in {301, 400}


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("10.0.0.7", {}, 403),
        ("", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403),
        ("127.0.0.1", {"Forwarded": "for=10.0.0.7"}, 403),
        ("10.0.0.7", {"Authorization": "Bearer right-token"}, 200),
        ("10.0.0.7", {"Authorization": "Bearer wrong-token"}, 403),
        ("10.0.0.7", {"Authorization": "Bearer "}, 403),
    ],
)
def test_figures_are_for_this_machine_or_for_the_token(client, settings, address, headers, status):
    settings.METRICS_TOKEN = "right-token"
    answer = client.get("/metrics", REMOTE_ADDR=address, headers=headers)
    assert answer.status_code == status
    assert (b"tuike_database_up 1.0" in answer.content) is (status == 200)


def test_without_a_token_no_token_fits(client, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.7", headers={"Authorization": "Bearer "}).status_code == 403


def test_requests_are_counted_by_route_not_by_path(client, committed_db):
    client.get("/healthz")
    client.get("/no-such-page-of-anybody")
    text = client.get("/metrics").content.decode()
    assert 'tuike_http_requests_total{method="GET",route="ops:healthz",status="200"}' in text
    assert 'tuike_http_requests_total{method="GET",route="-",status="404"}' in text
    assert "of-anybody" not in text


def test_a_figure_that_fails_is_left_out_and_the_others_stay(client, committed_db, monkeypatch, logged):
    monkeypatch.setattr(figures, "_looked_up", {})
    figures.gauge("tuike_outbox_age_seconds", "Age of the oldest unread event")(lambda: 12.5)
    figures.gauge("tuike_broken", "Never there")(lambda: 1 / 0)
    text = client.get("/metrics").content.decode()
    assert "tuike_outbox_age_seconds 12.5" in text
    assert "tuike_broken" not in text
    assert [line["gauge"] for line in logged() if line["event"] == "gauge_failed"] == ["tuike_broken"]


def test_without_a_database_the_figures_say_so(client, monkeypatch):
    monkeypatch.setattr(state, "_look", lambda: 1 / 0)
    text = client.get("/metrics").content.decode()
    assert "tuike_database_up 0.0" in text


@pytest.mark.parametrize("sane", ["abcdef12", "0f8b-4c1e.A_7", "a" * 64])
def test_a_sane_request_id_is_kept(client, sane):
    assert client.get("/healthz", headers={"X-Request-ID": sane}).headers["X-Request-ID"] == sane


@pytest.mark.parametrize(
    "odd",
    ["", "short", "a" * 65, "with space", "<script>alert(1)", "-leading-dash", "中文中文中文中文", "line\nbreak1"],
)
def test_an_odd_request_id_is_replaced(odd):
    assert named(odd) != odd
    assert len(named(odd)) == 32


def test_a_request_has_one_line_with_its_name(client, logged):
    client.get("/no-such-page?password=hunter2", headers={"X-Request-ID": "request-4711"})
    [line] = [line for line in logged() if line["event"] == "request"]
    assert line["request_id"] == "request-4711"
    assert (line["method"], line["route"], line["status"]) == ("GET", "-", 404)
    assert line["path"] == "/no-such-page"
    assert line["ms"] >= 0
    assert "hunter2" not in json.dumps(line)


def test_who_asked_is_in_the_line_when_a_door_knew(logged):
    import structlog

    def door(request):
        structlog.contextvars.bind_contextvars(person_id=7, seat_id=9)
        return HttpResponse("ok")

    RequestLog(door)(RequestFactory().get("/"))
    RequestLog(lambda request: HttpResponse("ok"))(RequestFactory().get("/"))
    first, second = (line for line in logged() if line["event"] == "request")
    assert (first["person_id"], first["seat_id"]) == (7, 9)
    assert "person_id" not in second  # nothing of one request is left for the next on the same thread
