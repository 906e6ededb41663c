"""Outcomes of payouts booked by hand: two people, exact fen, and every no leaves everything as it was."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.make import parties as make_parties
from tests.make import settlement as make
from tests.make.settlement import NOW, check, outcome, shown, stand
from tuike.db import rows
from tuike.flows.book_by_hand import approve_by_hand, ask_by_hand, reject_by_hand
from tuike.insight.explain import explain
from tuike.kit.errors import Forbidden, Invalid
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties.types import Rail as AccountRail
from tuike.parties.types import Role
from tuike.risk import queries as risk
from tuike.risk import service as cases
from tuike.risk.types import CaseFacts, CaseKind
from tuike.settlement import queries, service
from tuike.settlement.types import (
    HandBookingDecided,
    HandBookingOpen,
    Heard,
    NotByHand,
    OwnWithdrawal,
    SecondPersonNeeded,
    UnknownWithdrawal,
    WithdrawalState,
)

pytestmark = pytest.mark.usefixtures("db")
S = WithdrawalState
LATE = NOW + timedelta(days=30)


def everything() -> list[tuple]:
    return make.everything() + rows.query("SELECT id, state, note FROM settlement_hand_booking ORDER BY id")


@contextmanager
def refused(kind):
    before = everything()
    with pytest.raises(kind):
        yield
    assert everything() == before


@pytest.fixture
def two():
    """Two people of the operator's finance."""
    return make_parties.operator_seat(Role.FINANCE), make_parties.operator_seat(Role.FINANCE)


def paid_out(fen=1_000, **changes):
    party = make.payee(fen)
    no = make.sending(party, fen, **changes).no
    service.record_outcomes(outcomes=[outcome(no, Heard.PAID)], now=NOW + timedelta(minutes=5))
    return party, no


def file(no, actor, *, heard=Heard.RETURNED, at=NOW + timedelta(days=3), now=NOW + timedelta(days=4), **rest):
    said = {"reference": "TP20260523", "reason": "银行退票：账户已销户"} | rest
    ask_by_hand(no=no, heard=heard, happened_at=at, actor=actor, now=now, **said)
    return queries.hand_bookings_of(no)[0].id


def test_a_banks_late_return_gives_everything_back_with_fee_and_tax(two):
    first, second = two
    party, no = paid_out(1_000, fee_fen=30, tax_fen=20)
    before = ledger.balances(refs=[chart.outside("bank")])["outside:bank"]
    cases.open_cases(cases=[CaseFacts(CaseKind.PAYOUT_CONFLICT, no, 950)], now=NOW)
    booking = file(no, first)
    assert shown(no).state is S.PAID
    assert stand(party, "available")["available"] == 0
    assert approve_by_hand(booking_id=booking, actor=second, now=NOW + timedelta(days=5)) is S.RETURNED
    assert stand(party, "available", "leaving") == {"available": 1_000, "leaving": 0}
    platform = ledger.balances(refs=[chart.platform("fees"), chart.platform("tax"), chart.outside("bank")])
    assert platform == {"platform:fees": 0, "platform:tax": 0, "outside:bank": before - 950}
    assert (shown(no).reason, shown(no).provider_no) == ("银行退票：账户已销户", "TP20260523")
    assert [(case.closed_by, case.note) for case in risk.cases_about(no)] == [(second.person_id, f"#{booking}")]
    (receipt,) = explain(no)
    assert receipt.holds
    assert any("银行退票" in section.title.zh for section in receipt.sections)
    check()
    (repeated,) = service.record_outcomes(outcomes=[outcome(no, Heard.RETURNED)], now=LATE)
    assert repeated.verdict == "repeated"


@pytest.mark.parametrize(("heard", "left"), [(Heard.PAID, 0), (Heard.RETURNED, 1_000)])
def test_what_nobody_knows_for_thirty_days_is_booked_by_two(two, heard, left):
    first, second = two
    party = make.payee(1_000)
    no = make.sending(party, 1_000).no
    with refused(NotByHand):
        file(no, first, heard=heard, at=NOW, now=LATE - timedelta(seconds=1))
    booking = file(no, first, heard=heard, at=NOW + timedelta(days=1), now=LATE)
    assert approve_by_hand(booking_id=booking, actor=second, now=LATE) is S(heard.value)
    assert stand(party, "available", "leaving") == {"available": left, "leaving": 0}
    check()


def test_the_author_does_not_approve_and_one_waits_at_a_time(two):
    first, second = two
    _, no = paid_out()
    booking = file(no, first)
    with refused(SecondPersonNeeded):
        approve_by_hand(booking_id=booking, actor=first, now=LATE)
    with refused(HandBookingOpen):
        file(no, second)
    approve_by_hand(booking_id=booking, actor=second, now=LATE, key="k")
    assert approve_by_hand(booking_id=booking, actor=second, now=LATE, key="k") is S.RETURNED
    with refused(HandBookingDecided):
        approve_by_hand(booking_id=booking, actor=second, now=LATE)
    with refused(NotByHand):
        file(no, first)
    check()


def test_turned_down_books_nothing_and_leaves_room_for_another(two):
    first, second = two
    _, no = paid_out()
    booking = file(no, first)
    with refused(Invalid):
        reject_by_hand(booking_id=booking, note=" ", actor=second, now=LATE)
    assert reject_by_hand(booking_id=booking, note="流水号查无此笔", actor=second, now=LATE) is S.PAID
    with refused(HandBookingDecided):
        reject_by_hand(booking_id=booking, note="再次", actor=second, now=LATE)
    file(no, first)
    check()


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR, Role.AUDITOR])
def test_only_finance_books(role, two):
    _, no = paid_out()
    booking = file(no, two[0])
    other = make_parties.operator_seat(role)
    with refused(Forbidden):
        file(no, other)
    with refused(Forbidden):
        approve_by_hand(booking_id=booking, actor=other, now=LATE)
    with refused(Forbidden):
        reject_by_hand(booking_id=booking, note="不", actor=other, now=LATE)


def test_whoever_sits_in_the_party_judges_nothing(two):
    first, second = two
    party, no = paid_out()
    booking = file(no, first)
    make_parties.seated(party, Role.ADMIN, person_id=second.person_id)
    with refused(OwnWithdrawal):
        approve_by_hand(booking_id=booking, actor=second, now=LATE)
    with refused(OwnWithdrawal):
        file(no, second)


def test_what_may_not_be_booked_by_hand(two):
    first, _ = two
    with refused(UnknownWithdrawal):
        file("W0", first)
    party = make.payee(5_000)
    asked, approved = make.asked(party, 1_000), make.approved(party, 1_000)
    for early in (asked, approved):
        with refused(NotByHand):
            file(early, first, now=LATE)
    wechat = make.payee(500, rail=AccountRail.WECHAT, number="o" + "x" * 27)
    no = make.sending(wechat, 500).no
    service.record_outcomes(outcomes=[outcome(no, Heard.PAID)], now=NOW + timedelta(minutes=5))
    with refused(NotByHand):
        file(no, first)


@pytest.mark.parametrize(
    "given",
    [
        {"reference": ""},
        {"reference": "x" * 65},
        {"reason": " "},
        {"reason": "长" * 201},
        {"heard": Heard.UNKNOWN},
        {"at": NOW - timedelta(days=1)},
        {"at": LATE + timedelta(days=9)},
    ],
)
def test_what_is_filed_must_make_sense(two, given):
    _, no = paid_out()
    with refused(Invalid):
        file(no, two[0], **given)


def test_a_rail_that_speaks_meanwhile_is_heard_first(two):
    first, second = two
    party = make.payee(1_000)
    no = make.sending(party, 1_000).no
    booking = file(no, first, heard=Heard.PAID, at=NOW, now=LATE)
    service.record_outcomes(outcomes=[outcome(no, Heard.RETURNED)], now=LATE)
    with refused(NotByHand):
        approve_by_hand(booking_id=booking, actor=second, now=LATE)
    reject_by_hand(booking_id=booking, note="银行已答复", actor=second, now=LATE)
    assert stand(party, "available")["available"] == 1_000
    check()
