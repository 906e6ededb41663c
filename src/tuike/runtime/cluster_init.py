"""Makes a cluster (initdb) and what the product needs in it: roles, extensions, the database."""

import os
import shutil

import psycopg
from psycopg import sql

from tuike.runtime import place as places
from tuike.runtime.account import Account
from tuike.runtime.binaries import Binaries
from tuike.runtime.errors import Unusable
from tuike.runtime.place import Place

EXTENSIONS = ("pg_trgm", "btree_gist", "btree_gin", "pg_stat_statements")
"""Trigram search, exclusion constraints over ranges, mixed GIN indexes, and which statements cost what."""

_ROLES = {
    "tuike_owner": "LOGIN CREATEDB NOSUPERUSER NOCREATEROLE",
    "tuike_app": "LOGIN NOCREATEDB NOSUPERUSER NOCREATEROLE",
}
_LOCALES = (["--locale=C.UTF-8"], ["--locale=C.utf8"], ["--locale=en_US.UTF-8"])
_BUILTIN = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # from 17 on: needs no locale at all


def make(place: Place, account: Account, binaries: Binaries) -> None:
    """Make an empty cluster in `place.data`, all or nothing: a torn attempt is never taken for a cluster.

    Raises:
        Unusable: initdb failed; its words are passed on.
    """
    fresh = place.base / f"data.new-{os.getpid()}"
    for torn in place.base.glob("data.new-*"):
        shutil.rmtree(torn)
    said = ""
    for locale in [*_LOCALES, *([_BUILTIN] if binaries.major >= 17 else []), ["--locale=C"]]:
        places.private(fresh, account)
        command = [binaries.program("initdb"), "-D", str(fresh), "-U", "postgres", "-E", "UTF8", "-k", *locale]
        command += ["--auth-local=peer", "--auth-host=reject", "--no-instructions"]
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
        done = account.run(command, env=environment)
        if done.returncode == 0:
            fresh.rename(place.data)
            return
        shutil.rmtree(fresh, ignore_errors=True)
        said = done.stderr.strip()
        if "locale" not in said:
            break
    raise Unusable(zh=f"无法建立数据库：\n{said}", en=f"Making the database failed (initdb): \n{said}")


def answers(superuser_url: str) -> bool:
    """Return whether the server accepts our connection."""
    try:
        psycopg.connect(superuser_url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def prepare(superuser_url: str, *, database: str) -> None:
    """Make roles, extensions and `database` where they are missing. Databases made later carry the extensions too."""
    with psycopg.connect(superuser_url, autocommit=True, connect_timeout=3) as connection:
        there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role, attributes in _ROLES.items():
            if role not in there:
                connection.execute(sql.SQL(f"CREATE ROLE {{}} {attributes}").format(sql.Identifier(role)))
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone():
            return
        # The extensions go into the template first: who sees the database knows that they are there.
        with psycopg.connect(superuser_url, dbname="template1", autocommit=True, connect_timeout=3) as template:
            for extension in EXTENSIONS:
                template.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER tuike_owner").format(sql.Identifier(database)))
