"""`tuike up` as a whole: real processes, real ports, real kills."""

import os
import signal
import socket

import pytest

from tests.runtime.running import Product
from tests.waiting import until
from tuike.runtime import postgres, procs
from tuike.runtime.house import recorded

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def product():
    running = Product()
    try:
        yield running.start().ready()
    finally:
        running.remove()


@pytest.fixture
def own():
    mine = Product()
    yield mine
    mine.remove()


def test_ready_alive_and_shown(product):
    assert product.get("/healthz") == (200, "ok\n")
    assert product.all_well()
    assert f"http://127.0.0.1:{product.port}" in product.text
    assert product.tuike("doctor").returncode == 0
    socket.create_connection(("127.0.0.1", product.sandbox_port), timeout=20).close()


@pytest.mark.parametrize("name", ["web", "worker", "live", "sandbox", "postgres"])
def test_what_is_killed_comes_back(product, name):
    former = product.pid(name)
    assert former
    os.kill(former, signal.SIGKILL)
    until(lambda: product.pid(name) not in (None, former), what=f"another {name}")
    until(product.all_well, what="ready again")
    assert product.process.poll() is None
    assert not procs.alive(former)


def test_a_killed_server_process_behind_the_web_comes_back(product):
    web = product.pid("web")
    [child] = [pid for pid in procs.members(web) if pid != web and "resource_tracker" not in procs.command(pid)]
    os.kill(child, signal.SIGKILL)
    until(lambda: not procs.alive(child), what="it is gone")
    until(product.all_well, what="ready again")


def test_a_second_one_in_the_same_home_says_so(product):
    done = product.tuike("up")
    assert done.returncode == 3
    assert f"runs already: http://127.0.0.1:{product.port}, pid {product.process.pid}" in done.stdout
    assert product.all_well()


def test_a_taken_port_is_said_with_its_holder(own):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", own.port))
        taken.listen()
        done = own.tuike("up")
    assert done.returncode == 4
    assert f"port 127.0.0.1:{own.port} is held by pid {os.getpid()}" in done.stdout
    assert own.processes() == []


def test_a_taken_port_of_the_sandbox_too(own):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", own.sandbox_port))
        taken.listen()
        assert own.tuike("up").returncode == 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_leaves_no_process(own, number):
    own.start().ready()
    assert len(own.processes()) > 5
    assert own.signal(number) == 0
    assert own.processes() == []
    stopped = [own.text.rindex(f"{name:<8} │ stopping") for name in ("web", "worker", "sandbox", "postgres")]
    assert stopped == sorted(stopped)
    assert not (own.root / "up.json").exists()
    own.start().ready()  # and it starts again


def test_a_stop_during_the_start_leaves_no_process(own):
    own.start()
    until(lambda: own.said("postgres │ done"), what="the database")
    assert own.signal(signal.SIGTERM) == 0
    assert own.processes() == []


def test_a_killed_supervisor_takes_everything_with_it(own):
    own.start().ready()
    own.signal(signal.SIGKILL)
    until(lambda: own.processes() == [], what="nothing left")
    own.start().ready()
    assert own.all_well()


def test_what_a_killed_supervisor_and_guard_leave_is_cleared_by_the_next(own):
    own.start().ready()
    known = recorded(own.root)
    [guard] = [pid for pid in own.processes() if "tuike.runtime.guard" in procs.command(pid)]
    for name in ("web", "worker", "sandbox"):  # so that they can't follow their parent
        os.kill(known["programs"][name]["pid"], signal.SIGSTOP)
    os.kill(guard, signal.SIGKILL)
    own.signal(signal.SIGKILL)
    assert procs.alive(known["programs"]["web"]["pid"])
    own.start().ready()
    assert own.pid("web") != known["programs"]["web"]["pid"]
    assert not any(procs.alive(known["programs"][name]["pid"]) for name in ("web", "worker", "sandbox"))
    assert own.pid("postgres") == known["programs"]["postgres"]["pid"]  # adopted, not thrown away …
    own.signal(signal.SIGTERM)
    assert own.processes() == []  # … and stopped like one's own


def test_somebody_elses_database_is_left_running(own):
    cluster = postgres.start(own.home)
    own.start().ready()
    assert own.pid("postgres") == cluster.pid
    own.signal(signal.SIGTERM)
    assert cluster.alive()
    cluster.stop()


def test_production_refuses_to_start_without_its_secrets(own):
    done = own.tuike("up", TUIKE_ENV="production")
    assert done.returncode == 1
    assert "TUIKE_SECRET_KEY is not set" in done.stdout
    assert own.processes() == []
