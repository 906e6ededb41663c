"""Closing a month while money moves: nothing falls between two statements."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction

from tests.make import settlement as make
from tests.make.racers import Meeting, at_once, wait_till_waited_for
from tests.make.settlement import check
from tuike.db import rows
from tuike.flows.close_month import close_ended_months, close_month
from tuike.settlement import queries

pytestmark = pytest.mark.usefixtures("committed_db")
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
LAST_OF_MAY = datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC)
FIRST_OF_JUNE = datetime(2026, 5, 31, 16, 0, 1, tzinfo=UTC)
JULY = datetime(2026, 7, 1, 4, tzinfo=UTC)
BY_TIME = """
    SELECT coalesce(sum(e.amount_fen), 0) FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id
    JOIN ledger_transfer t ON t.id = e.transfer_id
    WHERE a.path LIKE '%%:available' AND t.posted_at < %s
"""


def late_booking(party, fen):
    """Book with an instant of May in a thread; return what lets it commit."""
    booked, may_commit = threading.Event(), threading.Event()

    def book():
        try:
            with transaction.atomic(durable=True):
                make.fund(party, fen, now=LAST_OF_MAY)
                booked.set()
                may_commit.wait(timeout=60)
        finally:
            connection.close()

    thread = threading.Thread(target=book)
    thread.start()
    assert booked.wait(timeout=60)

    def commit():
        may_commit.set()
        thread.join()

    return commit


def test_what_commits_after_the_closing_is_in_the_next_statement():
    party = make.payee(0)
    with transaction.atomic():
        make.fund(party, 100, now=LAST_OF_MAY)
    commit = late_booking(party, 5)
    by_time = rows.query(BY_TIME, [FIRST_OF_JUNE])
    assert close_month(month=MAY, now=FIRST_OF_JUNE) == 1
    commit()
    # The control: cut by time alone, May would have been 100 when it was closed, and 105 for who opens June.
    assert (by_time, rows.query(BY_TIME, [FIRST_OF_JUNE])) == ([(100,)], [(105,)])
    assert close_ended_months(now=JULY) == {MAY: 0, JUNE: 1}
    june, may = queries.statements_of(f"promoter:{party.id}")
    assert (may.closing_fen, june.opening_fen, june.in_fen, june.closing_fen) == (100, 100, 5, 105)
    check()


def closers(count):
    """Close May in several threads at once; return statements written, or what went wrong."""
    return at_once([lambda: close_month(month=MAY, now=FIRST_OF_JUNE)] * count)


def test_closers_at_once_write_each_statement_once():
    for _ in range(3):
        with transaction.atomic():
            make.fund(make.payee(0), 100, now=LAST_OF_MAY)
    assert sorted(closers(6)) == [0, 0, 0, 0, 0, 3]
    check()


def test_control_without_the_lock_closers_collide(monkeypatch):
    with transaction.atomic():
        make.fund(make.payee(0), 100, now=LAST_OF_MAY)
    real, at_the_door = rows.query, Meeting(4, patience_s=30)

    def until_another_writes_the_same(statement, params=()):
        if "advisory" in statement:
            return []
        if "INSERT INTO settlement_statement" not in statement:
            return real(statement, params)
        at_the_door.come()
        done = real(statement, params)
        wait_till_waited_for()
        return done

    monkeypatch.setattr(rows, "query", until_another_writes_the_same)
    assert "IntegrityError" in closers(4)
