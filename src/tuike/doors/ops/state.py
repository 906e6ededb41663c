"""How the database, the schema and the worker are, found out in bounded time."""

import http.client
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from functools import lru_cache

import psycopg
import structlog
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.loader import MigrationLoader

LONGEST_SECONDS = 2.5
_LIVE_SECONDS = 0.5
_HEARTBEAT_SECONDS = 30  # Procrastinate writes one every 10 s and takes a worker for dead after 30 s
log = structlog.get_logger(__name__)
_asker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="readyz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing looked at. `needed`: without it no request can be served."""

    name: str
    ok: bool
    detail: str
    needed: bool = True


def checks() -> list[Check]:
    """Look at database, migrations, worker and live boards; takes at most three seconds however they are."""
    live = [_live()] if settings.LIVE_ON else []
    return [*_stored(), *live]


def _live() -> Check:
    """Ask the live boards' process on this machine; without it their pages ask again and again instead."""
    link = http.client.HTTPConnection("127.0.0.1", settings.LIVE_PORT, timeout=_LIVE_SECONDS)
    try:
        link.request("GET", "/healthz")
        ok = link.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        ok = False
    finally:
        link.close()
    return Check(name="live", ok=ok, detail="answers" if ok else "no answer", needed=False)


def _stored() -> list[Check]:
    asked = _asker.submit(_look)
    try:
        return asked.result(LONGEST_SECONDS)
    except Late:
        asked.cancel()
        return _unknown(f"no answer in {LONGEST_SECONDS:.0f} s")
    except Exception as problem:  # whatever is wrong: a probe is answered, and in time
        log.warning("database_unreachable", exc=repr(problem))
        return _unknown(type(problem).__name__)  # anyone may read the answer, and a message may name hosts and roles


def _unknown(why: str) -> list[Check]:
    return [
        Check(name="database", ok=False, detail=why),
        Check(name="migrations", ok=False, detail="unknown"),
        Check(name="worker", ok=False, detail="unknown", needed=False),
    ]


def _look() -> list[Check]:
    """Ask over a connection of its own: one of the pool may hang, or all may be taken."""
    params = connections[DEFAULT_DB_ALIAS].get_connection_params()
    told = {key: value for key, value in params.items() if key not in {"context", "cursor_factory", "pool"}}
    told["connect_timeout"] = 2  # less than the longest wait, so that this says what is wrong and not merely that it is
    with psycopg.connect(**told, autocommit=True) as connection:
        connection.execute("SET statement_timeout = '2s'")
        return [Check(name="database", ok=True, detail="answers"), _migrations(connection), _worker(connection)]


def _migrations(connection: psycopg.Connection) -> Check:
    try:
        applied = set(connection.execute("SELECT app, name FROM django_migrations").fetchall())
    except psycopg.errors.UndefinedTable:
        applied = set()
    missing = sorted(_on_disk() - applied)
    detail = "applied" if not missing else f"{len(missing)} not applied, first {missing[0][0]}.{missing[0][1]}"
    return Check(name="migrations", ok=not missing, detail=detail)


def _worker(connection: psycopg.Connection) -> Check:
    try:
        row = connection.execute(
            "SELECT round(extract(epoch FROM now() - max(last_heartbeat)))::int FROM procrastinate_workers"
        ).fetchone()
    except psycopg.errors.UndefinedTable:
        row = None
    seconds = row[0] if row else None
    ok = seconds is not None and seconds <= _HEARTBEAT_SECONDS
    detail = "no heartbeat" if seconds is None else f"heartbeat {seconds} s ago"
    return Check(name="worker", ok=ok, detail=detail, needed=False)


@lru_cache
def _on_disk() -> frozenset[tuple[str, str]]:
    """Return the migrations that this code has."""
    return frozenset(MigrationLoader(None).disk_migrations)
