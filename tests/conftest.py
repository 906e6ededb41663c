"""What every test may ask for. The database part: `db`, `committed_db`, `owner_sql`, `db_env`, and `browser`."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import hypothesis
import psycopg
import pytest

from tests import chromium, database
from tests.database import Database


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' cluster while this run lasts (the controller's business, not its workers')."""
    # Nobody is judged by the clock: on a slow machine that finds faults where there are none.
    slow = [hypothesis.HealthCheck.too_slow]
    hypothesis.settings.register_profile("tests", deadline=None, suppress_health_check=slow)
    hypothesis.settings.load_profile("tests")
    os.environ["DJANGO_SETTINGS_MODULE"] = "tuike.config.settings"  # ours are loaded; processes of the tests take these
    if not hasattr(config, "workerinput"):
        keeping = database.cluster_kept()
        keeping.__enter__()
        config.add_cleanup(lambda: keeping.__exit__(None, None, None))


@pytest.fixture(scope="session")
def test_database() -> Iterator[Database]:
    """Return this worker's own database."""
    mine = Database(database.server())
    mine.make()
    yield mine
    mine.drop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Return Chromium (Playwright's `Browser`); who asks for it carries `chromium.MARKS`."""
    with chromium.running() as started:
        yield started


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any, test_database: Database) -> Iterator[None]:
    """Point Django at this worker's database, as the product's own role."""
    from django.db import connections

    target = psycopg.conninfo.conninfo_to_dict(test_database.server.url(test_database.name))
    settings = connections.settings["default"]
    for option in ("host", "port"):
        settings["OPTIONS"].pop(option, None)
    # In place: the wrappers of all threads, made and to come, share this dictionary.
    settings.update(
        NAME=target["dbname"],
        USER=target.get("user", ""),
        PASSWORD=target.get("password", ""),
        HOST=target.get("host", ""),
        PORT=target.get("port", ""),
    )
    yield
    _close_connections(django_db_blocker)


@pytest.fixture
def committed_db(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any, test_database: Database
) -> Iterator[None]:
    """Real commits, for threads and processes; afterwards every table is as the migrations left it.

    Not together with `db`. A thread of the test closes its connection itself (`connection.close()`); what is left is
    cut.
    """
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        pytest.fail("committed_db and db exclude each other")
    try:
        with django_db_blocker.unblock():
            yield
    finally:
        _close_connections(django_db_blocker)
        test_database.clean()


@pytest.fixture
def owner_sql(django_db_setup: None, test_database: Database) -> Callable[..., list[tuple[Any, ...]]]:
    """Return `run(statement, params=())`: SQL as the database's owner, committed at once, returning rows.

    For tampering, with `committed_db`: it sees only what is committed.
    """
    return test_database.sql


@pytest.fixture
def db_env(django_db_setup: None, test_database: Database) -> dict[str, str]:
    """Return the environment for a process of the product that works on this test's database."""
    return test_database.server.environment(test_database.name)


def _close_connections(django_db_blocker: Any) -> None:
    from django.db import connections

    with django_db_blocker.unblock():
        for connection in connections.all(initialized_only=True):
            connection.close()
            if getattr(connection, "pool", None):
                connection.close_pool()
