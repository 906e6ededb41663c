"""Deposits and the decisions about them under two hands at once, each guard with its control (docs/rules.md §1, §7).

The second one always begins when the first has done its work and not committed it (`overlap`).
"""

import threading
from datetime import timedelta

import pytest

from tests import books
from tests.make import network as make_network
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.make.racers import Meeting, at_once, overlap, wait_till_waited_for, without
from tests.races.test_activities import codes, dropped
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import apply_to_network, start_payment
from tuike.flows.leave_network import leave_network, return_deposits
from tuike.gateways.types import Channel
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.network import queries, service
from tuike.network.service import decisions as decisions_of
from tuike.network.service import deposits as deposits_of
from tuike.network.types import DecisionKind, DepositState, PaidIn
from tuike.parties.types import Role
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("committed_db")
FEN, HALF = 20_000, 10_000
HELD, GONE = "FOR UPDATE", {"within": "SELECT id FROM network_deposit WHERE no"}
DUE = NOON + timedelta(days=30)


def left():
    """Return a promoter that has left, and its deposit, held until DUE."""
    party = make_parties.promoter()
    deposit = make_network.paid(party)
    mine = make_parties.super_admin_of(party)
    leave_network(person_id=mine.person_id, promoter_id=party.id, reason="", actor=mine, now=NOON)
    return party, deposit


# Made, paid, cancelled


def made_twice():
    party = make_parties.promoter()
    ask = {"promoter_id": party.id, "person_id": make_network.head(party), "amount_fen": FEN, "now": NOON}
    said = overlap(lambda: service.keep_deposit(**ask).no, lambda: service.keep_deposit(**ask).no)
    return len(set(said)), rows.query("SELECT count(*) FROM network_deposit")[0][0]


def test_two_phones_make_one_deposit():
    assert made_twice() == (1, 1)


def test_control_without_the_index_they_make_two(owner_sql):
    with dropped(owner_sql, "network_deposit", "network_deposit_one_live"):
        assert made_twice() == (2, 2)


def came_in(intent_no):
    """Return a payment whose money stands on its clearing account."""
    move = Move(chart.outside("sandbox"), chart.clearing(intent_no), FEN)
    ledger.post(drafts=[Draft(f"payment:{intent_no}", "payment", intent_no, NOON, (move,))], now=NOON)
    return PaidIn(FEN, intent_no, intent_no, NOON)


def paid_and_cancelled(*, cancel_first):
    deposit, intent = make_network.asked(make_parties.promoter())
    paid = {deposit.no: came_in(intent.no)}
    works = [
        lambda: service.cancel_deposits(nos=[deposit.no], now=NOON),
        lambda: service.book_deposits(paid=paid, now=NOON),
    ]
    said = overlap(*(works if cancel_first else works[::-1]))
    return (said if cancel_first else said[::-1]), queries.deposit(deposit.no)


def test_what_was_cancelled_isnt_paid_and_what_was_paid_isnt_cancelled():
    (cancelled, stray), deposit = paid_and_cancelled(cancel_first=True)
    assert (cancelled, stray, deposit.state) == (1, [deposit.no], DepositState.CANCELLED)
    (cancelled, stray), deposit = paid_and_cancelled(cancel_first=False)
    assert (cancelled, stray, deposit.state) == (0, [], DepositState.PAID)


@pytest.mark.parametrize("cancel_first", [True, False])
def test_control_without_the_old_state_it_is_both_or_fails_without_a_name(monkeypatch, cancel_first):
    within = "SET state = CASE WHEN due_at IS NULL" if cancel_first else "SET state = 'cancelled'"
    without(monkeypatch, "AND state = 'unpaid'", within=within)
    (cancelled, stray), deposit = paid_and_cancelled(cancel_first=cancel_first)
    if cancel_first:
        assert (cancelled, stray, deposit.state) == (1, [], DepositState.PAID)
    else:
        assert (cancelled, stray, deposit.state) == ("IntegrityError", [], DepositState.PAID)


@pytest.mark.parametrize("paid_first", [True, False])
def test_who_leaves_while_it_is_paid_gets_it_back(paid_first):
    party = make_parties.promoter()
    deposit, intent = make_network.asked(party)
    paid = {deposit.no: came_in(intent.no)}
    works = [
        lambda: service.book_deposits(paid=paid, now=NOON),
        lambda: service.hold_deposit(promoter_id=party.id, at_once=False, now=NOON) and None,
    ]
    assert sorted(map(str, overlap(*(works if paid_first else works[::-1])))) == ["None", "[]"]
    found = queries.deposit(deposit.no)
    assert (found.state, found.due_at) == (DepositState.HOLDING, DUE)


def test_control_paying_that_doesnt_look_whether_one_left_keeps_it(monkeypatch):
    without(monkeypatch, "CASE WHEN due_at IS NULL THEN 'paid' ELSE 'holding' END", instead="'paid'")
    with pytest.raises(AssertionError):
        test_who_leaves_while_it_is_paid_gets_it_back(False)


def asked_while_withdrawn(monkeypatch):
    """Ask to pay a deposit, and take the application back before the deposit is made; return when it goes back."""
    settings.change(name="max_paid_tiers", value=1, actor=OPERATOR_SHELL, now=NOON)
    make_network.form(deposit_fen=FEN, auto_pass=True)
    party = make_network.opened()
    applied = make_network.applied(party)
    mine = make_parties.super_admin_of(party)
    looked, withdrawn, keep = threading.Event(), threading.Event(), service.keep_deposit

    def keep_later(**what):
        looked.set()
        wait_till_waited_for(withdrawn)
        return keep(**what)

    def withdraw():
        looked.wait(60)
        try:
            apply_to_network.withdraw_application(person_id=mine.person_id, no=applied.no, actor=mine, now=NOON)
        finally:
            withdrawn.set()

    monkeypatch.setattr(service, "keep_deposit", keep_later)
    ask = lambda: start_payment._open_deposit(mine.person_id, party.id, "openid", Channel.JSAPI, NOON)  # noqa: E731
    assert codes(at_once([ask, withdraw])) == [None, None]
    return rows.query("SELECT state, due_at FROM network_deposit")


def test_a_deposit_that_is_asked_for_while_the_application_is_taken_back_goes_back(monkeypatch):
    assert asked_while_withdrawn(monkeypatch) == [("unpaid", NOON)]


def test_control_without_the_share_on_the_application_it_would_stay(monkeypatch):
    without(monkeypatch, "FOR SHARE", within="FROM network_application a WHERE a.promoter_id")
    assert asked_while_withdrawn(monkeypatch) == [("unpaid", None)]


# Back to the promoter


def returned_by_two(monkeypatch, *, meet):
    """Let two workers give back one deposit; `meet`: both have looked before either writes."""
    left()
    meeting, look = Meeting(2), service.deposits_due

    def looked(**what):
        found = look(**what)
        if meet:
            meeting.come()
        return found

    monkeypatch.setattr(service, "deposits_due", looked)
    said = at_once([lambda: return_deposits(now=DUE)] * 2)
    books.check("deposits", "clearing", "balances", "floors")
    return sorted(said, key=str), rows.query("SELECT count(*), sum(amount_fen) FROM payments_refund")


def test_two_workers_give_back_once(monkeypatch):
    assert returned_by_two(monkeypatch, meet=True) == ([0, 1], [(1, FEN)])


def test_control_without_the_lock_the_state_refuses_the_second(monkeypatch):
    monkeypatch.setattr(deposits_of, "_DUE", deposits_of._DUE.replace("FOR UPDATE OF d SKIP LOCKED", ""))
    assert returned_by_two(monkeypatch, meet=True) == ([1, "deposit_not_here"], [(1, FEN)])


def test_control_without_lock_and_state_both_give_back_and_the_keys_hold_the_money(monkeypatch):
    monkeypatch.setattr(deposits_of, "_DUE", deposits_of._DUE.replace("FOR UPDATE OF d SKIP LOCKED", ""))
    without(monkeypatch, "AND state = 'holding'", within="SET state = 'refunding'")
    assert returned_by_two(monkeypatch, meet=True) == ([1, 1], [(1, FEN)])


def refunded_and_stays():
    """Book a held deposit to its refund while its promoter is let back; return where it stands."""
    party, deposit = left()
    overlap(
        lambda: service.refund_deposit(no=deposit.no, refund_no="R1", amount_fen=FEN, now=DUE),
        lambda: service.stay_deposit(promoter_id=party.id, least_fen=FEN),
    )
    return queries.deposit(deposit.no).state


def test_what_is_on_its_way_back_doesnt_stay():
    assert refunded_and_stays() is DepositState.REFUNDING


def test_control_without_the_old_state_it_stays_without_its_money(monkeypatch):
    without(
        monkeypatch,
        "AND d.state = 'holding' AND d.forfeited_fen",
        within="d SET state = 'paid'",
        instead="AND d.forfeited_fen",
    )
    assert refunded_and_stays() is DepositState.PAID


# Decisions of two people


def asked(no, boss):
    return service.ask_decision(no=no, kind=DecisionKind.FORFEIT, amount_fen=HALF, reason="刷单", actor=boss, now=DUE)


def decided_by_two(second):
    """Approve a forfeit of half a deposit, and approve or reject it at once; return both, and what was forfeited."""
    _, deposit = left()
    boss, one, two = (make_parties.operator_seat(Role.FINANCE) for _ in range(3))
    id_ = asked(deposit.no, boss).decision_id
    works = {
        "approve": lambda: service.approve_decision(decision_id=id_, actor=two, now=DUE),
        "reject": lambda: service.reject_decision(decision_id=id_, note="证据不足", actor=two, now=DUE),
    }
    said = overlap(lambda: service.approve_decision(decision_id=id_, actor=one, now=DUE), works[second])
    return codes(said), queries.deposit(deposit.no).forfeited_fen, queries.decision(id_).state.value


SECOND = pytest.mark.parametrize("second", ["approve", "reject"])
ASKED = "AND state = 'asked' AND asked_at >= %(since)s"


@SECOND
@pytest.mark.parametrize("gone", ["", "lock"])
def test_a_forfeit_is_decided_once_and_the_old_state_alone_sees_to_it(monkeypatch, second, gone):
    if gone:
        without(monkeypatch, HELD, **GONE)
    assert decided_by_two(second) == ([None, "deposit_decision_closed"], HALF, "approved")
    books.check("deposits")


@SECOND
def test_control_without_the_old_state_it_is_decided_twice(monkeypatch, second):
    assert ASKED in decisions_of._CLOSE
    monkeypatch.setattr(decisions_of, "_CLOSE", decisions_of._CLOSE.replace(ASKED, ""))
    said, forfeited, state = decided_by_two(second)
    assert said == [None, None]
    assert (forfeited, state) == ((FEN, "approved") if second == "approve" else (HALF, "rejected"))


def asked_twice():
    _, deposit = left()
    boss = make_parties.operator_seat(Role.FINANCE)
    return codes(overlap(lambda: asked(deposit.no, boss), lambda: asked(deposit.no, boss)))


def test_one_thing_is_asked_for_at_a_time():
    assert asked_twice() == [None, "deposit_decision_open"]


def test_control_without_the_index_two_are(owner_sql):
    with dropped(owner_sql, "network_decision", "network_decision_one_open"):
        assert asked_twice() == [None, None]


def asked_while_it_goes_back():
    _, deposit = left()
    boss = make_parties.operator_seat(Role.FINANCE)
    return codes(
        overlap(
            lambda: service.refund_deposit(no=deposit.no, refund_no="R1", amount_fen=FEN, now=DUE),
            lambda: asked(deposit.no, boss),
        )
    )


def test_what_is_on_its_way_back_isnt_decided_about():
    assert asked_while_it_goes_back() == [None, "deposit_not_here"]


def test_control_without_the_lock_it_is_decided_about(monkeypatch):
    without(monkeypatch, HELD, **GONE)
    assert asked_while_it_goes_back() == [None, None]


def test_a_forfeit_never_has_one_person(owner_sql):
    """The statement's refusal has the database's own behind it."""
    _, deposit = left()
    found = asked(deposit.no, make_parties.operator_seat(Role.FINANCE))
    said = at_once(
        [
            lambda: rows.run(
                "UPDATE network_decision SET state = 'approved', decided_by = asked_by WHERE id = %s",
                [found.decision_id],
            )
        ]
    )
    assert said == ["IntegrityError"]
