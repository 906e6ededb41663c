"""`tuike settle`, and how the commands that read the books behave in a process of their own."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from tests import books, database
from tests.make import alliance as make
from tests.make.alliance import NOON
from tuike.db import rows
from tuike.doors.cli.main import app

COMMANDS = (["verify"], ["explain", "A1"], ["why-not", "O1"], ["settle"])


@pytest.fixture
def tuike(monkeypatch):
    """Run the command line in this process, on this test's database."""
    for name, value in (("TUIKE_LANG", "en"), ("TUIKE_PROCESS", "test"), ("TUIKE_LOG_LEVEL", "WARNING")):
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(app, words)


@pytest.fixture
def alone(tmp_path):
    """Run the command line in a process of its own, away from every database but the one that is given."""

    def run(*words, **environment):
        left_out = ("DATABASE_", "TUIKE_", "DJANGO_")
        clean = {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
        told = {"TUIKE_HOME": str(tmp_path / "home"), "TUIKE_LANG": "en", "TUIKE_SANDBOX": "0", **environment}
        return subprocess.run(
            [sys.executable, "-P", "-m", "tuike.doors.cli.main", *words],
            env={**clean, **told},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


def told(done) -> dict[str, str]:
    return dict(line.split("\t") for line in done.stdout.splitlines())


@pytest.mark.usefixtures("db")
def test_settle_does_what_is_due_and_then_nothing(tuike):
    one = make.alliance()
    make.touch(one)
    for i in range(3):
        make.received(make.bought(one, now=NOON + timedelta(hours=1 + i)), now=NOON + timedelta(days=1, seconds=i))
    at = "2026-03-31T12:00:01"  # two of the three are due: received on the 4th at noon, 27 days before
    first = told(tuike("settle", "--at", at, "--batch", "1"))
    assert first["due until"] == "2026-03-31 12:00:01"
    assert (first["batches"], first["sales"], first["accruals"]) == ("2", "2", "4")
    # 5990 each: what the promoter, its recruiter and the shop get is all of it.
    assert first["amount"] == "¥119.80"
    again = told(tuike("settle", "--at", at))
    assert (again["batches"], again["sales"], again["amount"]) == ("0", "0", "¥0.00")
    assert again["digest"] == first["digest"]
    assert rows.query("SELECT count(*) FROM settlement_batch") == [(2,)]
    rest = told(tuike("settle", "--at", "2026-03-31T04:00:02+00:00"))
    assert (rest["batches"], rest["sales"]) == ("1", "1")
    assert rest["digest"] != first["digest"]
    books.check()


@pytest.mark.usefixtures("db")
def test_settle_refuses_what_it_cannot_read_and_the_future_in_production(tuike, monkeypatch):
    unread = tuike("settle", "--at", "tomorrow")
    assert (unread.exit_code, unread.stdout) == (2, "")
    assert "2026-12-01T00:00" in unread.stderr
    assert tuike("settle", "--batch", "0").exit_code == 2
    monkeypatch.setenv("TUIKE_ENV", "production")
    early = tuike("settle", "--at", "2999-01-01T00:00")
    assert early.exit_code == 5
    assert "settle_in_future" in early.stderr


@pytest.mark.usefixtures("committed_db")
def test_in_a_process_of_its_own(alone, db_env):
    one = make.alliance()
    make.touch(one)
    order = make.received(make.bought(one, now=NOON + timedelta(hours=1)), now=NOON + timedelta(days=1))
    where = {"DATABASE_URL": db_env["DATABASE_URL"]}
    settled = alone("settle", "--at", "2026-04-01T00:00", **where)
    assert (settled.returncode, settled.stderr) == (0, "")
    assert told(settled)["sales"] == "1"
    for words in (["verify"], ["explain", order.no], ["why-not", order.no]):
        done = alone(*words, **where)
        assert (done.returncode, done.stderr) == (0, ""), words
    chinese = alone("explain", order.no, TUIKE_LANG="zh", **where)
    assert "谁带来的" in chinese.stdout
    assert "5990 × 12% = 718.80 → 718 分，不足一分的 0.80 分归商家" in chinese.stdout


@pytest.mark.parametrize("words", COMMANDS)
def test_no_database_is_said_in_words(alone, tmp_path, words):
    done = alone(*words)
    assert (done.returncode, done.stdout) == (4, "")
    assert "tuike db start" in done.stderr
    assert not (tmp_path / "home").exists()  # looking makes nothing
    assert "Traceback" not in done.stderr


def test_an_address_that_leads_nowhere(alone):
    done = alone("verify", DATABASE_URL="postgresql://tuike_app@127.0.0.1:1/tuike")
    assert (done.returncode, done.stdout) == (4, "")
    assert "DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("django_db_setup")
def test_a_database_without_tables(alone):
    empty = database.server().url("postgres")
    done = alone("explain", "A1", DATABASE_URL=empty)
    assert (done.returncode, done.stdout) == (4, "")
    assert "no tables" in done.stderr


def test_help_teaches(alone):
    """Each command says what it is for, shows an example and names its exit codes."""
    for words in COMMANDS:
        said = alone(words[0], "--help")
        assert said.returncode == 0
        assert "For example: tuike" in said.stdout
        assert "Exit codes: 0" in said.stdout
    chinese = alone("explain", "--help", TUIKE_LANG="zh").stdout
    assert "例：tuike explain" in chinese
    assert "退出码：0" in chinese
