"""Outcomes booked by hand under contention: filed once at a time, booked once; each race again without its guard."""

from datetime import timedelta

import pytest

from tests.make import parties as make_parties
from tests.make import settlement as make
from tests.make.racers import Meeting, race
from tests.make.settlement import NOW, check, outcome, stand
from tuike.db import rows
from tuike.flows.book_by_hand import approve_by_hand, ask_by_hand
from tuike.parties.types import Role
from tuike.settlement import queries, service
from tuike.settlement.service import by_hand
from tuike.settlement.types import Heard

pytestmark = pytest.mark.usefixtures("committed_db")
LATER = NOW + timedelta(days=4)


@pytest.fixture
def paid():
    """A payout that has arrived, and four people of finance."""
    party = make.payee(1_000)
    no = make.sending(party, 1_000).no
    service.record_outcomes(outcomes=[outcome(no, Heard.PAID)], now=NOW)
    return party, no, [make_parties.operator_seat(Role.FINANCE) for _ in range(4)]


def file(no, actor):
    ask_by_hand(
        no=no,
        heard=Heard.RETURNED,
        happened_at=NOW + timedelta(days=3),
        reference="TP1",
        reason="退票",
        actor=actor,
        now=LATER,
    )


def approvals():
    return rows.query("SELECT count(*) FROM audit_act WHERE action = 'payout.book_by_hand'")[0][0]


def approve_at_once(no, people):
    file(no, people[0])
    (booking,) = queries.hand_bookings_of(no)
    return race(3, lambda i: approve_by_hand(booking_id=booking.id, actor=people[i + 1], now=LATER))


def test_three_who_approve_at_once_book_it_once(paid):
    party, no, people = paid
    assert sorted(approve_at_once(no, people)) == ["HandBookingDecided", "HandBookingDecided", "won"]
    assert approvals() == 1
    assert stand(party, "available")["available"] == 1_000
    check()


def test_without_the_locks_it_is_approved_more_than_once(paid, monkeypatch):
    party, no, people = paid
    meeting = Meeting(3)
    read = by_hand._open

    def met(booking_id):
        found = read(booking_id)
        meeting.come()
        return found

    monkeypatch.setattr(by_hand, "_ABOUT", by_hand._ABOUT.replace("FOR UPDATE OF w", ""))
    monkeypatch.setattr(by_hand, "_OPEN", by_hand._OPEN.replace("FOR UPDATE", ""))
    monkeypatch.setattr(by_hand, "_open", met)
    monkeypatch.setattr(by_hand, "_FOUND", by_hand._FOUND.replace("FOR UPDATE OF w", ""))
    said = approve_at_once(no, people)
    assert said.count("won") > 1 or approvals() > 1
    assert stand(party, "available")["available"] == 1_000, "the ledger's key still books it once"


def test_four_filings_at_once_are_one(paid):
    _, no, people = paid
    said = race(4, lambda i: file(no, people[i]))
    assert sorted(said) == ["HandBookingOpen"] * 3 + ["won"]
    assert len(queries.hand_bookings_of(no)) == 1


def test_without_the_constraint_there_would_be_four(paid, owner_sql):
    _, no, people = paid
    owner_sql("DROP INDEX settlement_hand_booking_one_open")
    try:
        said = race(4, lambda i: file(no, people[i]))
        assert said == ["won"] * 4
    finally:
        owner_sql("TRUNCATE settlement_hand_booking")
        owner_sql(
            "CREATE UNIQUE INDEX settlement_hand_booking_one_open ON settlement_hand_booking (withdrawal_id)"
            " WHERE state = 'asked'"
        )
