"""`tuike db`: what a person and a script get."""

import os
import subprocess
import sys

import pytest

from tuike.runtime import home as homes
from tuike.runtime import postgres

PROGRAM = "from tuike.doors.cli.main import main; main()"


@pytest.fixture
def tuike(make_home):
    home = make_home()
    left_out = ("DATABASE_URL", "DATABASE_OWNER_URL", "TUIKE_CLOCK_FILE")
    clean = {name: value for name, value in os.environ.items() if name not in left_out}
    # PGHOST and its kin must not lead the command astray.
    environment = clean | {"TUIKE_HOME": str(home.root), "TUIKE_LANG": "en", "PGHOST": "/nowhere", "PGUSER": "nobody"}
    path = [str(homes.CHECKOUT / "src"), os.environ.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, path))

    def run(*arguments, given="", more=None):
        command = [sys.executable, "-c", PROGRAM, "db", *arguments]
        done = subprocess.run(
            command,
            env=environment | (more or {}),
            input=given,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    run.home = home
    return run


def test_from_start_to_stop(tuike):
    home = tuike.home
    assert tuike("url", "--role", "owner") == (0, postgres.url(home, role="owner") + "\n", "")
    code, out, _ = tuike("status")
    assert (code, out.splitlines()[0]) == (4, "not running")
    code, _, err = tuike("psql", "--", "-c", "SELECT 1")
    assert code == 4
    assert "tuike db start" in err
    assert not home.root.exists()  # looking makes nothing

    assert tuike("start")[0] == 0
    pid = postgres.status(home).pid  # it outlives the command
    assert tuike("start")[1] == f"ran already, process {pid}\n"
    assert tuike("status")[:2][0] == 0

    assert tuike("psql", "--", "-AtXc", "SELECT current_user, current_database()")[:2] == (0, "postgres|tuike\n")
    assert tuike("psql", "--", "-AtX", given="SELECT 6 * 7;\n")[:2] == (0, "42\n")
    code, _, err = tuike("psql", "--", "-X", "-v", "ON_ERROR_STOP=1", "-c", "SELECT 1/0")
    assert code == 1
    assert "division by zero" in err
    assert tuike("psql", "--", "-X", "-v", "ON_ERROR_STOP=1", given="SELECT 1/0;\n")[0] == 3
    assert tuike("psql", "--", "-AtXd", "template1", "-c", "SELECT current_database()")[1] == "template1\n"

    assert tuike("stop") == (0, "stopped\n", "")
    assert not postgres.status(home).running
    assert tuike("stop") == (0, "wasn't running\n", "")


def test_a_given_database_is_the_one_that_is_meant(tuike, make_home):
    other = make_home()
    postgres.start(other)
    given = {"DATABASE_URL": postgres.url(other), "DATABASE_OWNER_URL": postgres.url(other, role="owner")}
    assert tuike("url", more=given)[1].strip() == given["DATABASE_URL"]
    assert tuike("url", "--role", "owner", more=given)[1].strip() == given["DATABASE_OWNER_URL"]
    assert tuike("psql", "--", "-AtXc", "SELECT current_user", more=given)[:2] == (0, "tuike_owner\n")


def test_what_is_wrong_is_said_in_words(tuike):
    postgres.start(tuike.home).stop()
    (tuike.home.pg / "data" / "PG_VERSION").write_text("9\n")
    code, out, err = tuike("start")
    assert (code, out) == (1, "")
    assert "made by PostgreSQL 9" in err
    assert "Traceback" not in err
