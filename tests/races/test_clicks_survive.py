"""A flood of clicks while the database, and then the web too, are killed: what was answered is on disk."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.database import CHECKOUT
from tests.ports import take_port
from tests.waiting import LONGEST_SECONDS, until
from tuike.doors.go.desk import LONGEST_WAIT
from tuike.runtime import home as homes
from tuike.runtime import postgres

SEED = """
import os, django
django.setup()
from tests.make import attribution as make
from tuike.kit import clock
print(make.link(promoter_id=make.bare_promoter(), merchant_id=make.bare_merchant(), now=clock.now()).code)
"""

SLACK = 3.0
"""Seconds that a loaded machine may add of its own."""


class Flood:
    """Eight clients that click until told to stop, and count the 302s that reached them."""

    def __init__(self, port: int, path: str) -> None:
        self._port, self._path, self._stop = port, path, threading.Event()
        self.found, self.busy, self.slowest = [0] * 8, [0] * 8, [0.0] * 8
        self._threads = [threading.Thread(target=self._click, args=(i,)) for i in range(8)]
        for thread in self._threads:
            thread.start()

    def _click(self, i: int) -> None:
        while not self._stop.is_set():
            asked = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
            with contextlib.suppress(OSError, http.client.HTTPException):
                while not self._stop.is_set():
                    began = time.monotonic()
                    asked.request("GET", self._path)
                    answer = asked.getresponse()
                    answer.read()
                    self.slowest[i] = max(self.slowest[i], time.monotonic() - began)
                    assert answer.status in {302, 503}, answer.status
                    self.found[i] += answer.status == 302
                    self.busy[i] += answer.status == 503
            asked.close()
            time.sleep(0.01)

    def until(self, more: int) -> None:
        """Wait for `more` further 302s."""
        goal, deadline = sum(self.found) + more, time.monotonic() + LONGEST_SECONDS
        while sum(self.found) < goal:
            assert time.monotonic() < deadline, "no more redirects"
            time.sleep(0.01)

    def stop(self) -> int:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        return sum(self.found)


@contextlib.contextmanager
def _web(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen]:
    words = ["--interface", "wsgi", "tuike.config.wsgi:application", "--port", str(port), "--no-ws", "--http", "1"]
    words += ["--workers", "2", "--blocking-threads", "16", "--log-level", "error"]
    web = subprocess.Popen(
        [sys.executable, "-m", "granian", *words], env=environment, cwd=CHECKOUT, start_new_session=True
    )
    try:
        yield web
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(web.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            web.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(web.pid, signal.SIGKILL)
        web.wait()


@pytest.fixture
def own_home() -> Iterator[homes.Home]:
    """Return a data home with a running database of its own: this test kills it."""
    root = CHECKOUT / "var" / f"test-clicks-{os.getpid()}"
    home = homes.at(root)
    try:
        postgres.start(home)
        yield home
    finally:
        postgres.remove(home)
        shutil.rmtree(root, ignore_errors=True)


def _environment(home: homes.Home, port: int) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DATABASE", "TUIKE"))}
    told = {"TUIKE_HOME": str(home.root), "PORT": str(port), "PYTHONPATH": f"{CHECKOUT / 'src'}:{CHECKOUT}"}
    return kept | told | {"DJANGO_SETTINGS_MODULE": "tuike.config.settings", "TUIKE_SANDBOX": "0"}


def _run(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words], env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=True, timeout=100
    )
    return done.stdout.strip()


def _rows(home: homes.Home) -> int:
    with psycopg.connect(postgres.url(home)) as connection:
        row = connection.execute("SELECT count(*) FROM attribution_click").fetchone()
    return row[0] if row else 0


def _kill_database(home: homes.Home) -> None:
    pid = postgres.status(home).pid
    assert pid
    os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
def test_no_answered_click_is_lost(own_home: homes.Home, tmp_path: Path):
    port = take_port()
    environment = _environment(own_home, port)
    _run(environment | {"TUIKE_DB_ROLE": "owner"}, "-m", "tuike.db.prepare")
    path = f"/s/{_run(environment, '-c', SEED)}"
    with contextlib.ExitStack() as stack:
        web = stack.enter_context(_web(environment, port))
        flood = Flood(port, path)
        stack.callback(flood.stop)
        flood.until(200)
        # The database alone, long enough away for refusals; the web goes on without a restart.
        _kill_database(own_home)
        until(lambda: sum(flood.busy), what="a refusal")
        postgres.start(own_home)
        flood.until(200)
        assert web.poll() is None
        assert max(flood.slowest) < LONGEST_WAIT + SLACK
        # Both at once.
        os.killpg(web.pid, signal.SIGKILL)
        _kill_database(own_home)
        web.wait()
        postgres.start(own_home)
        stack.enter_context(_web(environment, port))
        flood.until(200)
        answered = flood.stop()
    assert answered >= 600
    assert _rows(own_home) >= answered
