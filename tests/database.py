"""The tests' database: a cluster of their own, a migrated template kept over runs, one clone of it for each worker.

The cluster lies in `var/test` of the checkout (or `TUIKE_TEST_HOME`) and runs like the product's. Where `DATABASE_URL`
is set, the tests use that server instead: its role (or that of `DATABASE_OWNER_URL`) must be able to create databases.
"""

import contextlib
import fcntl
import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tuike.runtime import home as homes
from tuike.runtime import postgres

CHECKOUT = Path(__file__).resolve().parents[1]
TRUSTED = ("pg_trgm", "btree_gist", "btree_gin")  # a database's owner may make these itself
KEPT = ("django_migrations", "django_content_type", "auth_permission")  # never written by a test; Django caches them


def test_home() -> homes.Home:
    """Return the data home of the tests."""
    return homes.at(os.environ.get("TUIKE_TEST_HOME") or CHECKOUT / "var" / "test")


@dataclass(frozen=True)
class Server:
    """The server that holds the tests' databases: given by its addresses, or embedded (both None)."""

    given: str | None
    given_owner: str | None

    def url(self, database: str, role: postgres.Role = "app") -> str:
        """Return the address of a database for a role; a given server has no superuser of ours: its owner serves."""
        if not self.given:
            return postgres.url(test_home(), role=role, database=database)
        base = self.given if role == "app" else self.given_owner or self.given
        return urlunsplit(urlsplit(base)._replace(path=f"/{database}"))

    def maintenance(self) -> psycopg.Connection[Any]:
        """Connect as the owner to a database that is not a test's, to make and drop databases."""
        name = "postgres" if not self.given else urlsplit(self.given).path.lstrip("/")
        return psycopg.connect(self.url(name, "owner"), autocommit=True, connect_timeout=30)

    def environment(self, database: str, *, role: str = "app") -> dict[str, str]:
        """Return the environment of a process that works on `database`."""
        both = {"DATABASE_URL": self.url(database), "DATABASE_OWNER_URL": self.url(database, "owner")}
        source = os.pathsep.join(filter(None, [str(CHECKOUT / "src"), os.environ.get("PYTHONPATH")]))
        return os.environ | both | {"TUIKE_DB_ROLE": role, "PYTHONPATH": source}


def server() -> Server:
    """Return the server to use, by the environment that pytest was started with."""
    return Server(os.environ.get("DATABASE_URL"), os.environ.get("DATABASE_OWNER_URL"))


class Database:
    """One worker's database, a clone of the template. Its name tells who made it, so that leftovers can be dropped."""

    def __init__(self, on: Server) -> None:
        self.server = on
        self.name = f"{_prefix()}{os.getpid()}"

    def make(self) -> None:
        """Clone the template, migrating it first where the code has changed since; drop what dead runs left."""
        if not self.server.given:
            _start()
        with _alone(), self.server.maintenance() as connection:
            names = [name for (name,) in connection.execute("SELECT datname FROM pg_database")]
            for name in names:
                if name.startswith(_prefix()) and not _is_alive(name.removeprefix(_prefix())):
                    _drop(connection, name)
            template = _template(self.server, connection, names)
            _drop(connection, self.name)
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(self.name), sql.Identifier(template))
            )

    def drop(self) -> None:
        """Remove the database; connections to it are cut."""
        self._cut()
        with self.server.maintenance() as connection:
            _drop(connection, self.name)

    def sql(self, statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run a statement as the owner, committed at once; return its rows."""
        with self._owner() as connection:
            cursor = connection.execute(statement, params or None)
            return cursor.fetchall() if cursor.description else []

    def clean(self) -> None:
        """Bring every table back to what the migrations left. Sequences go on: nobody sees an id twice."""
        self._cut()
        with self._owner() as connection, connection.transaction():
            rows = connection.execute(
                "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('public', 'pristine')"
            ).fetchall()
            tables = sorted(name for schema, name in rows if schema == "public" and name not in KEPT)
            pristine = sorted(name for schema, name in rows if schema == "pristine")
            if not tables:
                return
            tests = [
                sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(name, sql.Identifier(name)) for name in tables
            ]
            filled = [name for (name,) in connection.execute(sql.SQL(" UNION ALL ").join(tests))]
            if filled:
                names = sql.SQL(", ").join(map(sql.Identifier, sorted({*filled, *pristine})))
                connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(names))
                for name in pristine:
                    _refill(connection, name)

    def _owner(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.url(self.name, "owner"), autocommit=True, connect_timeout=30)

    def _cut(self) -> None:
        """End every other connection to this database, each role its own."""
        for role in ("app", "owner"):
            with psycopg.connect(self.server.url(self.name, role), autocommit=True, connect_timeout=30) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
                )


@contextlib.contextmanager
def cluster_kept() -> Iterator[None]:
    """Keep the tests' cluster from being stopped; the last run to leave stops it, if a run of tests started it."""
    if server().given:
        yield
        return
    home = test_home().make()
    lock = os.open(home.root / "runs.lock", os.O_RDONLY | os.O_CREAT, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield
        # Not an upgrade: ours is given back first, so that two that leave together don't both see the other.
        fcntl.flock(lock, fcntl.LOCK_UN)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _stop(home)
    finally:
        os.close(lock)


def _start() -> None:
    home = test_home()
    cluster = postgres.start(home)
    if not cluster.attached:
        _mark(home).write_text(str(cluster.pid))


def _stop(home: homes.Home) -> None:
    try:
        started = int(_mark(home).read_text())
    except (FileNotFoundError, ValueError):
        return
    if postgres.status(home).pid == started:  # else somebody started it by hand since
        postgres.stop(home)
    _mark(home).unlink(missing_ok=True)


def _mark(home: homes.Home) -> Path:
    return home.root / "started-by-tests"


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    home = test_home().make()
    with (home.root / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _template(on: Server, connection: psycopg.Connection[Any], names: list[str]) -> str:
    """Return the name of the migrated template for the code as it is; make it, and drop those of older code."""
    prefix = f"tuike_template_{_place()}_"
    wanted = prefix + _fingerprint()
    for name in names:
        if name.startswith(prefix) and name != wanted:
            _drop(connection, name)
    if wanted in names:
        return wanted
    torn = f"{prefix}torn"  # renamed when complete: a template is whole or isn't there
    _drop(connection, torn)
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(torn)))
    with psycopg.connect(on.url(torn, "owner"), autocommit=True) as fresh:
        for extension in TRUSTED:
            fresh.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    done = subprocess.run(
        [sys.executable, "-m", "tuike.db.prepare"],
        env=on.environment(torn, role="owner"),
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )
    if done.returncode:
        raise RuntimeError(f"preparing the tests' database failed:\n{done.stdout}\n{done.stderr}")
    with psycopg.connect(on.url(torn, "owner"), autocommit=True) as fresh:
        _remember(fresh)
    connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(torn), sql.Identifier(wanted)))
    return wanted


def _remember(connection: psycopg.Connection[Any]) -> None:
    """Copy what the migrations put into tables into a schema of its own, for `clean`."""
    connection.execute("CREATE SCHEMA pristine")
    for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall():
        table = sql.Identifier(name)
        if name in KEPT or not connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(table)).fetchone():
            continue
        connection.execute(sql.SQL("CREATE TABLE pristine.{} AS TABLE {}").format(table, table))


def _refill(connection: psycopg.Connection[Any], name: str) -> None:
    found = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
        " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
        [f'public."{name}"'],
    )
    columns = sql.SQL(", ").join(sql.Identifier(column) for (column,) in found)
    connection.execute(
        sql.SQL("INSERT INTO public.{} ({}) OVERRIDING SYSTEM VALUE SELECT {} FROM pristine.{}").format(
            sql.Identifier(name), columns, columns, sql.Identifier(name)
        )
    )


def _fingerprint() -> str:
    """Return a digest of everything that decides what a migrated database looks like."""
    source = CHECKOUT / "src" / "tuike"
    files = [*source.glob("**/migrations/*.py"), *source.glob("**/models.py"), *source.glob("db/*.py")]
    files += [source / "config" / "settings.py", source / "runtime" / "cluster_init.py", Path(__file__)]
    digest = hashlib.sha256("".join(version(name) for name in ("django", "procrastinate")).encode())
    for file in sorted(files):
        digest.update(str(file.relative_to(CHECKOUT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def _place() -> str:
    """Return a short name of this machine and checkout: a given server may be shared with others."""
    return hashlib.sha256(f"{socket.gethostname()}:{CHECKOUT}".encode()).hexdigest()[:8]


def _prefix() -> str:
    return f"tuike_test_{_place()}_"


def _is_alive(pid: str) -> bool:
    return not pid.isdigit() or Path(f"/proc/{pid}").exists()


def _drop(connection: psycopg.Connection[Any], name: str) -> None:
    # Dead runs leave no connections behind; a template has none. So nothing needs to be forced here.
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
