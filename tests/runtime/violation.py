"""Run by test_test_database.py in a run of its own (its name keeps it out of the others): one test must be refused."""

from django.db import connection


def test_leaves_a_row_whose_event_is_not_there(db):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO outbox_quarantined (consumer, event_id, error, at) VALUES ('c', 1, 'e', now())")


def test_is_fine(db):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM outbox_quarantined")
        assert cursor.fetchone() == (0,)
