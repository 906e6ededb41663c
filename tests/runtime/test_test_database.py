"""The tests' own database keeps its promises."""

import os
import subprocess
import sys
import threading

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from tests import database
from tuike.db import roles

EVENT = "INSERT INTO outbox_event (topic, key, facts, at) VALUES ('t', 'k', '{}', now()) RETURNING id"
COUNT = "SELECT count(*) FROM outbox_event"


def fetch(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


two_roles = pytest.mark.skipif(
    bool(database.server().given and not database.server().given_owner),
    reason="the given server has one role for everything: name the owner's in DATABASE_OWNER_URL",
)


@two_roles
def test_tests_connect_as_the_product(db):
    [(user, name)] = fetch("SELECT current_user, current_database()")
    assert user == "tuike_app"
    assert name.startswith("tuike_test_")


@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_plain_test_writes_is_gone_in_the_next(db, turn):
    assert fetch(COUNT) == [(0,)]
    fetch(EVENT)
    assert fetch(COUNT) == [(1,)]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_another_run_checks_deferred_constraints_and_leaves_our_cluster_alone(committed_db):
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "tests/runtime/violation.py"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
    # Dropping its database, it waits for a checkpoint of all that the tests beside it wrote: minutes on a slow disk.
    done = subprocess.run(
        command, cwd=database.CHECKOUT, env=environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert "2 passed, 1 error" in done.stdout
    assert 'IntegrityError: insert or update on table "outbox_quarantined" violates foreign key' in done.stdout
    assert fetch(COUNT) == [(0,)]


@pytest.mark.parametrize("turn", [1, 2])
def test_what_is_committed_is_gone_in_the_next_test_and_ids_go_on(committed_db, owner_sql, turn, request):
    assert fetch(COUNT) == [(0,)]
    [(event,)] = fetch(EVENT)
    assert owner_sql(COUNT) == [(1,)]
    last = request.config.stash.get(LAST_ID, 0)
    assert event > last
    request.config.stash[LAST_ID] = event


LAST_ID = pytest.StashKey[int]()


def test_cleaning_brings_back_what_the_migrations_left(committed_db, owner_sql, test_database):
    before = owner_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'pristine' ORDER BY 1")
    owner_sql("CREATE TABLE pristine.settings_probe AS SELECT 7 AS id, 'kept' AS word")
    owner_sql("CREATE TABLE public.settings_probe (id bigint GENERATED ALWAYS AS IDENTITY, word text)")
    try:
        owner_sql("INSERT INTO settings_probe (word) VALUES ('wrong'), ('more')")
        test_database.clean()
        assert owner_sql("SELECT id, word FROM settings_probe") == [(7, "kept")]
    finally:
        owner_sql("DROP TABLE pristine.settings_probe, public.settings_probe")
    assert owner_sql("SELECT tablename FROM pg_tables WHERE schemaname = 'pristine' ORDER BY 1") == before


def test_threads_see_each_other_and_leftover_connections_are_cut(committed_db, test_database):
    seen = []

    def write():
        try:
            fetch(EVENT)
            seen.append(connection.connection.info.backend_pid)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(set(seen)) == 3
    assert fetch(COUNT) == [(3,)]
    with psycopg.connect(test_database.server.url(test_database.name)) as forgotten:
        forgotten.execute("LOCK TABLE outbox_event IN ACCESS SHARE MODE")  # would keep the cleaning waiting
        connection.close()
        test_database.clean()
        with pytest.raises(psycopg.OperationalError):
            forgotten.execute("SELECT 1")
        forgotten.close()
    assert fetch(COUNT) == [(0,)]


def test_a_process_of_the_product_works_on_the_same_database(committed_db, db_env):
    program = (
        "import django; django.setup()\n"
        "from django.db import connection\n"
        "with connection.cursor() as c:\n"
        f"    c.execute({EVENT!r})\n"
        "    c.execute('SELECT current_user, current_database()'); print(*c.fetchone())\n"
    )
    done = subprocess.run([sys.executable, "-c", program], env=db_env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [str(column) for column in fetch("SELECT current_user, current_database()")[0]]
    assert fetch(COUNT) == [(1,)]


@two_roles
def test_the_product_cannot_change_or_remove_a_booked_fact(db):
    narrowed = sorted(roles.narrowed().items())
    assert {table for table, _ in narrowed} >= FACTS
    for table, columns in narrowed:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table}", f"ALTER TABLE {table} DISABLE TRIGGER ALL"):
            with pytest.raises(DatabaseError) as refused, transaction.atomic():
                fetch(statement)
            assert refused.value.__cause__.sqlstate == "42501", statement
        every = {name for (name,) in fetch(COLUMNS.format(table))}
        for column in sorted(every - set(columns)):
            with pytest.raises(DatabaseError) as refused, transaction.atomic():
                fetch(f'UPDATE {table} SET "{column}" = "{column}"')
            assert refused.value.__cause__.sqlstate == "42501", f"{table}.{column}"


FACTS = {"ledger_transfer", "ledger_entry", "ledger_account", "audit_act"}
COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{}'"


def test_a_clone_whose_maker_is_dead_is_recognised():
    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait(20)
    assert not database._is_alive(str(child.pid))
    assert database._is_alive("1")
    assert database._is_alive("not-a-number")
