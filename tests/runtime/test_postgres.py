"""The embedded server, started for real: durable, closed, and not to be confused by what a crash leaves behind."""

import os
import signal
import socket
import threading
import time
from pathlib import Path

import psycopg
import pytest

from tests.waiting import until
from tuike.runtime import postgres
from tuike.runtime.errors import Unusable

COMPUTES = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND state = 'active' AND query LIKE '%%generate_series%%'"


def ask(home, statement, params=None, *, role="superuser"):
    with psycopg.connect(postgres.url(home, role=role), autocommit=True) as connection:
        cursor = connection.execute(statement, params)
        return cursor.fetchall() if cursor.description else []


def test_durable_and_made_for_the_product(make_home):
    home = make_home()
    cluster = postgres.start(home)
    assert not cluster.attached
    assert os.getsid(cluster.pid) == cluster.pid  # Ctrl-C in our terminal doesn't reach it
    for name in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert ask(home, f"SHOW {name}") == [("on",)], name
    assert ask(home, "SHOW TimeZone") == [("UTC",)]
    assert ask(home, "SHOW log_parameter_max_length") == [("0",)]
    roles = "SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles WHERE rolname ~ '^tuike'"
    assert sorted(ask(home, roles)) == [
        ("tuike_app", False, False, False, True),
        ("tuike_owner", False, False, True, True),
    ]
    extensions = {name for (name,) in ask(home, "SELECT extname FROM pg_extension")}
    assert extensions >= {"pg_trgm", "btree_gist", "btree_gin", "pg_stat_statements"}
    ask(home, "CREATE TABLE t (id int)", role="owner")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(home, "CREATE TABLE mine (id int)", role="app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        ask(home, "SELECT * FROM t", role="app")
    # A database that the owner makes, as the tests do, carries the extensions too; Chinese has trigrams in it.
    ask(home, "CREATE DATABASE another", role="owner")
    with psycopg.connect(postgres.url(home, role="owner", database="another")) as connection:
        assert connection.execute("SELECT show_trgm('保温杯') <> '{}'").fetchone() == (True,)
    cluster.stop()
    assert cluster.wait(0) == 0
    assert not (home.pg / "data" / "postmaster.pid").exists()


def test_no_file_can_switch_durability_off_or_open_a_port(make_home):
    home = make_home()
    postgres.start(home).stop()
    (home.pg / "local.conf").write_text("fsync = off\nlisten_addresses = '*'\nwork_mem = 7MB\n")
    cluster = postgres.start(home)
    assert ask(home, "SHOW work_mem") == [("7MB",)]  # the file is read
    assert ask(home, "SHOW fsync") == [("on",)]
    assert ask(home, "SHOW listen_addresses") == [("",)]
    assert not listening(cluster.pid)
    with socket.create_server(("127.0.0.1", 0)):
        assert listening(os.getpid())  # the check can see a port


def listening(pid):
    """Return the inodes of the TCP sockets that a process listens on."""
    mine = {os.readlink(entry) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()}
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
                found.add(fields[9])
    return found


def test_the_log_holds_no_values(make_home):
    home = make_home()
    postgres.start(home)
    ask(home, "CREATE TABLE phones (number text UNIQUE)")
    with psycopg.connect(postgres.url(home, role="superuser"), autocommit=True) as connection:
        connection.execute("INSERT INTO phones VALUES (%s)", ["13800000000"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO phones VALUES (%s)", ["13800000000"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO phones VALUES ('13800000000')")
    log = postgres.log_file(home).read_text()
    assert log.count("duplicate key value violates unique constraint") == 2
    assert "13800000000" not in log


def test_second_start_attaches_and_a_crowd_starts_one_server(make_home):
    home = make_home()
    started = []
    crowd = [threading.Thread(target=lambda: started.append(postgres.start(home))) for _ in range(4)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join(60)
    assert len({cluster.pid for cluster in started}) == 1
    assert sorted(cluster.attached for cluster in started) == [False, True, True, True]
    assert all(cluster.alive() for cluster in started)
    assert started[1].wait(0.01) is None
    assert postgres.status(home).ready
    assert postgres.stop(home)
    assert not postgres.stop(home)
    assert not any(cluster.alive() for cluster in started)
    assert {cluster.wait(60) for cluster in started} == {0, -1}  # our child's code, and nobody's


def test_two_homes_side_by_side(make_home):
    one, other = make_home(), make_home()
    first, second = postgres.start(one), postgres.start(other)
    assert first.pid != second.pid
    ask(one, "CREATE TABLE only_here (id int)", role="owner")
    assert ask(other, "SELECT to_regclass('only_here')::text") == [(None,)]
    first.stop()
    assert second.alive()
    assert ask(other, "SELECT 1") == [(1,)]


def test_starts_over_an_unreaped_killed_server(make_home):
    home = make_home()
    killed = postgres.start(home)
    os.kill(killed.pid, signal.SIGKILL)
    # Nobody has waited for it: a zombie keeps its number, as it does under a supervisor that is busy.
    until(lambda: not Path(f"/proc/{killed.pid}/cmdline").read_bytes(), what="its end")
    assert (home.pg / "data" / "postmaster.pid").exists()
    assert not postgres.status(home).running
    again = postgres.start(home)
    assert not again.attached
    assert again.pid != killed.pid
    assert killed.wait(0) == -signal.SIGKILL
    assert ask(home, "SELECT 1") == [(1,)]


def test_starts_over_a_pid_file_whose_number_is_somebody_elses(make_home):
    home = make_home()
    postgres.start(home).stop()
    stale = home.pg / "data" / "postmaster.pid"
    stale.write_text(f"{os.getpid()}\n{home.pg / 'data'}\n1\n5432\n{home.pg / 'run'}\n\n0 0\nready\n")
    assert not postgres.status(home).running
    assert not postgres.start(home).attached
    assert ask(home, "SELECT 1") == [(1,)]


@pytest.mark.slow
def test_starts_while_a_busy_backend_of_a_killed_server_holds_on(make_home):
    home = make_home()
    killed = postgres.start(home)
    pids = []

    def busy():
        with psycopg.connect(postgres.url(home)) as connection:
            pids.append(connection.info.backend_pid)
            connection.execute("SELECT sum(length(repeat('x', (i % 7)::int))) FROM generate_series(1, 1e12) i")

    def quietly():
        with pytest.raises(psycopg.OperationalError):
            busy()

    thread = threading.Thread(target=quietly)
    thread.start()
    until(lambda: pids and ask(home, COMPUTES, [pids[0]]), what="it computes")
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait(60)
    assert Path(f"/proc/{pids[0]}").exists()  # the case is real: it computes on without its server
    assert not postgres.start(home).attached
    thread.join(20)
    assert ask(home, "SELECT 1") == [(1,)]


def test_a_server_that_we_cannot_see_keeps_its_data_folder(make_home, monkeypatch):
    home = make_home()
    cluster = postgres.start(home)
    # What another container over the same folder sees: a pid file whose number means nothing to it.
    monkeypatch.setattr(postgres, "_running", lambda where: None)
    monkeypatch.setattr(postgres, "_end_orphans", lambda where, account: None)
    monkeypatch.setattr(postgres, "_HELD_WAIT", 0.5)
    with pytest.raises(Unusable, match=str(home.pg / "data")):
        postgres.start(home)
    assert (home.pg / "data" / "postmaster.pid").exists()
    monkeypatch.undo()
    assert postgres.start(home).pid == cluster.pid


@pytest.mark.parametrize("kills", [1, pytest.param(4, marks=pytest.mark.slow)])
def test_kill_9_under_writers_loses_no_acknowledged_commit(make_home, kills):
    home = make_home()
    cluster = postgres.start(home)
    ask(home, "CREATE TABLE fact (writer int, n int, PRIMARY KEY (writer, n))")
    acknowledged = dict.fromkeys(range(3), -1)

    def write(writer):
        n = acknowledged[writer] + 1
        try:
            with psycopg.connect(postgres.url(home, role="superuser"), autocommit=True) as connection:
                while True:
                    connection.execute("INSERT INTO fact VALUES (%s, %s) ON CONFLICT DO NOTHING", [writer, n])
                    acknowledged[writer] = n
                    n += 1
        except psycopg.OperationalError:
            return

    for _ in range(kills):
        before = dict(acknowledged)
        writers = [threading.Thread(target=write, args=[writer]) for writer in acknowledged]
        for thread in writers:
            thread.start()
        until(lambda before=before: all(acknowledged[one] > before[one] for one in before), what="each one writes")
        time.sleep(0.2)  # in full swing
        os.kill(cluster.pid, signal.SIGKILL)
        assert cluster.wait(60) == -signal.SIGKILL
        for thread in writers:
            thread.join(20)
        assert all(acknowledged[writer] > before[writer] for writer in acknowledged)  # each was writing
        cluster = postgres.start(home)
        for writer, last in acknowledged.items():
            [(found,)] = ask(home, f"SELECT count(*) FROM fact WHERE writer = {writer} AND n <= {last}")
            assert found == last + 1
    assert "automatic recovery in progress" in postgres.log_file(home).read_text()


def test_a_home_with_a_very_long_path(make_home):
    home = make_home("a" * 60, "推客" * 20, "c" * 60)
    planned = postgres.url(home)
    cluster = postgres.start(home)
    assert planned == postgres.url(home)
    assert len(os.fsencode(cluster.socket_dir / ".s.PGSQL.5432")) < 107
    assert cluster.socket_dir.stat().st_mode & 0o777 == 0o700
    assert ask(home, "SELECT current_user", role="app") == [("tuike_app",)]
    assert postgres.start(home).attached
    cluster.stop()
    # Whoever cleans the temp dir takes the folder away: it is made anew.
    cluster.socket_dir.rmdir()
    postgres.start(home)
    assert ask(home, "SELECT 1") == [(1,)]


def test_a_data_folder_of_another_version_is_refused_in_words(make_home):
    home = make_home()
    postgres.start(home).stop()
    version = home.pg / "data" / "PG_VERSION"
    version.write_text("9\n")
    with pytest.raises(Unusable, match="PostgreSQL 9"):
        postgres.start(home)
    version.write_text("18\n")
    postgres.start(home)


def test_a_start_that_fails_says_what_the_server_said(make_home):
    home = make_home()
    postgres.start(home).stop()
    (home.pg / "local.conf").write_text("shared_buffers = much\n")
    with pytest.raises(Unusable, match='invalid value for parameter "shared_buffers"'):
        postgres.start(home)
    (home.pg / "local.conf").unlink()
    postgres.start(home)


def test_the_log_is_bounded(make_home):
    home = make_home().make()
    log = postgres.log_file(home)
    log.write_text("x" * 2000)
    postgres.trim_log(home, limit=2000)
    assert log.stat().st_size == 2000
    with log.open("a") as writer:
        writer.write("y")
        writer.flush()
        postgres.trim_log(home, limit=2000)
        assert log.stat().st_size == 0
        writer.write("z")  # the server goes on writing into the same file
    assert log.read_text() == "z"
    assert log.with_name("postgres.log.1").read_text() == "x" * 2000 + "y"


def test_pure_computations_touch_nothing(make_home):
    home = make_home()
    assert postgres.url(home, role="owner").startswith("postgresql://tuike_owner@/tuike?host=/tmp/")
    assert not postgres.status(home).running
    assert not home.root.exists()
