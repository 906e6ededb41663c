"""`tuike demo` as a person runs it: loaded from the command line, walked against web, worker and sandbox."""

import re
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tests import books
from tests.doors.product import call, product
from tests.sandbox_process import sandbox_process
from tuike.db import rows

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def sandbox(tmp_path):
    with sandbox_process(tmp_path / "sandbox", notify_factor=300) as running:
        yield running


@pytest.fixture
def tuike(db_env, sandbox):
    def run(*words, **environment):
        told = {**db_env, **sandbox.env, "TUIKE_SANDBOX_PORT": str(sandbox.port), "TUIKE_LANG": "en"}
        told |= {"TUIKE_CLOCK_FILE": str(sandbox.clock_file), **environment}
        argv = [sys.executable, "-P", "-m", "tuike.doors.cli.main", *words]
        return subprocess.run(argv, env=told, capture_output=True, text=True, check=False, timeout=250)

    return run


@pytest.mark.slow
def test_loaded_and_walked_from_click_to_claw_back(committed_db, db_env, sandbox, tuike, tmp_path):
    loaded = tuike("demo", "load")
    assert loaded.returncode == 0, loaded.stderr
    assert "陆晨希" in loaded.stdout
    assert "/s/" in loaded.stdout
    names = [one["name"] for one in sandbox.control("people")["people"]]
    assert {"陆晨希", "罗文博", "白晓舟"} <= set(names)
    with product(db_env, sandbox, tmp_path) as running:
        assert call("GET", f"{running.base}/media/demo/cm01.webp").headers["Content-Type"] == "image/webp"
        assert call("GET", f"{running.base}/media/demo/none.webp").status == 404
        assert call("GET", f"{running.base}/media/../secrets/key.png").status == 404
        walked = tuike("demo", "journey", PORT=str(running.port))
        assert walked.returncode == 0, walked.stdout + walked.stderr
        steps = re.findall(r"^✓ +(\d+) (.*)$", walked.stdout, re.MULTILINE)
        assert [int(no) for no, _ in steps] == list(range(1, 16))
        assert "everything holds" in steps[-1][1]
        books.check()
        newest = rows.query("SELECT state, rail FROM settlement_withdrawal ORDER BY id DESC LIMIT 1")
        assert newest == [("paid", "wechat")]
        owed = rows.query("SELECT count(*) FROM commission_debt WHERE repaid_fen < amount_fen")
        assert owed == [(2,)]  # the story's own, and the journey's
        again = tuike("demo", "load")
        assert (again.returncode, again.stdout) == (0, "the demo alliance is here; tuike demo who shows who is in it\n")


def test_a_journey_without_the_demo_says_so(committed_db, tuike):
    walked = tuike("demo", "journey")
    assert walked.returncode == 1
    assert "run tuike demo load" in walked.stderr


def test_the_worker_keeps_the_demo_from_being_loaded_beside_it(committed_db, monkeypatch, tmp_path):
    from tuike.doors.cli.story import load

    monkeypatch.setattr(load, "HEARTBEAT_SECONDS", 1)
    rows.query("SELECT procrastinate_register_worker_v1()")
    rows.run("UPDATE procrastinate_workers SET last_heartbeat = now() + interval '1 hour'")
    said = load.load_here(now=NOW, media=tmp_path, report=lambda done, all_: None)
    assert said is load.Outcome.WORKING
    assert rows.query("SELECT count(*) FROM people_person") == [(0,)]


def test_production_refuses(tuike):
    for command in ("load", "journey", "who"):
        said = tuike("demo", command, TUIKE_ENV="production")
        assert (said.returncode, "demo_in_production" in said.stderr) == (5, True)
