"""Deposits to the fen: paid, held, given back, forfeited by two people, given back by hand; nobody earns by one."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import network as make_network
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import people as make_people
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.commission import service as commission
from tuike.commission.types import Payee
from tuike.db import rows
from tuike.flows import apply_to_network, close_account, decide_applications, decide_deposits, govern_network
from tuike.flows.close_unpaid import _forget
from tuike.flows.leave_network import leave_network, return_deposits
from tuike.flows.operators import Involved
from tuike.flows.send_refunds import _record
from tuike.kit.errors import Forbidden, Invalid
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.members.types import AccountHasMoney
from tuike.network import queries
from tuike.network.types import (
    ApplicationState,
    DecisionClosed,
    DecisionKind,
    DecisionOpen,
    DecisionState,
    DepositNotHere,
    DepositNotNeeded,
    DepositNotUnpaid,
    DepositState,
    SecondPerson,
)
from tuike.parties import queries as parties
from tuike.parties import service as parties_of
from tuike.parties.types import PromoterState, Role
from tuike.payments import queries as payments
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("committed_db")
NOON = make.NOON
HOLD = timedelta(days=30)
FEN = 20_000
PREFIXES = ("network_", "parties_", "ledger_", "payments_", "risk_", "messages_")


def unchanged(kind, work) -> None:
    """The refusal is this one, and nothing changed."""
    with refused(kind, *PREFIXES):
        work()


def fen(*refs) -> list[int]:
    found = ledger.balances(refs=refs)
    return [found[ref.path] for ref in refs]


def standing(party) -> int:
    return fen(chart.promoter(party.id, "deposit"))[0]


def leave(party, now=NOON):
    mine = make_parties.super_admin_of(party)
    return leave_network(person_id=mine.person_id, promoter_id=party.id, reason="", actor=mine, now=now)


def arrived(refund, now) -> None:
    """The provider says that a refund went through."""
    _record([make_payments.refund_fact(refund, total_fen=refund.amount_fen, success_at=now)], now)


def refund_of(deposit):
    return payments.refunds_of([f"deposit:{deposit.no}"]).get(f"deposit:{deposit.no}")


def ask(deposit, amount_fen=FEN, actor=None, now=NOON, **changes):
    said = {"no": deposit.no, "kind": DecisionKind.FORFEIT, "amount_fen": amount_fen, "reason": "刷单"} | changes
    return decide_deposits.ask_decision(**said, actor=actor, now=now)


@pytest.fixture
def two():
    return make_parties.operator_seat(Role.FINANCE), make_parties.operator_seat(Role.FINANCE)


def needing(**changes):
    return make_network.form(**{"deposit_fen": FEN, "law_noted": True, "auto_pass": True} | changes)


def test_a_whole_life_paid_let_in_left_held_and_given_back():
    needing()
    party = make_network.opened()
    made = make_network.applied(party)
    assert made.state is ApplicationState.FILED
    deposit, intent = make_network.asked(party)
    assert make_network.asked(party)[0] == deposit  # asked again it is the same one
    make_network.come_in(intent)
    make_network.come_in(intent)  # the second notice is no news
    assert (standing(party), queries.deposit(deposit.no).state) == (FEN, DepositState.PAID)
    unchanged(DepositNotNeeded, lambda: make_network.asked(party))
    books.check()
    assert decide_applications.decide_by_rules(now=NOON) == 1
    assert parties.promoter_facts([party.id])[party.id].state is PromoterState.ACTIVE
    leave(party)
    due = NOON + HOLD
    assert queries.deposit(deposit.no).due_at == due
    assert return_deposits(now=due - timedelta(microseconds=1)) == 0
    assert return_deposits(now=due) == 1
    assert return_deposits(now=due) == 0
    refund = refund_of(deposit)
    assert (refund.amount_fen, refund.intent_no) == (FEN, intent.no)
    assert fen(chart.promoter(party.id, "deposit"), chart.clearing(refund.no)) == [0, FEN]
    assert queries.deposit(deposit.no).state is DepositState.REFUNDING
    books.check()
    arrived(refund, due)
    arrived(refund, due)
    done = queries.deposit(deposit.no)
    assert (done.state, done.returned_fen, done.left_fen) == (DepositState.ENDED, FEN, 0)
    assert fen(chart.clearing(refund.no), chart.outside("wechatpay")) == [0, 0]
    kinds = [kind for (kind,) in rows.query("SELECT kind FROM messages_personal ORDER BY id")]
    assert sorted(kinds) == ["application_passed", "deposit_paid", "deposit_returned"]
    books.check()


def test_nobody_ever_earns_from_an_application_or_a_deposit(two):
    """Up-lines earn from goods alone: whatever becomes of a deposit, no account of anybody's commission moves."""
    top = make_parties.promoter(name="上级")
    needing()
    party = make_network.opened(recruiter_no=top.no)
    make_network.applied(party)
    deposit = make_network.paid(party)
    decide_applications.decide_by_rules(now=NOON)
    ask(deposit, 5_000, two[0])
    decide_deposits.approve_decision(
        decision_id=queries.decisions_of(deposit.no)[0].decision_id, actor=two[1], now=NOON
    )
    leave(party)
    return_deposits(now=NOON + HOLD)
    arrived(refund_of(deposit), NOON + HOLD)
    assert rows.query("SELECT count(*) FROM commission_accrual") == [(0,)]
    moved = {path for (path,) in rows.query("SELECT DISTINCT path FROM ledger_account WHERE balance_fen <> 0")}
    assert moved == {"platform:fees", "outside:wechatpay"}
    touched = rows.query(
        "SELECT DISTINCT a.path FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
        " WHERE a.path LIKE 'promoter:%%' ORDER BY 1"
    )
    assert touched == [(f"promoter:{party.id}:deposit",)]
    books.check()


def test_what_was_rejected_or_withdrawn_gives_it_back_at_once():
    for decide in ("reject", "withdraw"):
        needing(auto_pass=False)
        party = make_network.opened()
        made = make_network.applied(party)
        deposit = make_network.paid(party)
        if decide == "reject":
            judge = make_parties.operator_seat()
            decide_applications.decide_by_hand(no=made.no, admit=False, reason="不符", actor=judge, now=NOON)
        else:
            mine = make_parties.super_admin_of(party)
            apply_to_network.withdraw_application(person_id=made.person_id, no=made.no, actor=mine, now=NOON)
        assert queries.deposit(deposit.no).due_at == NOON
        assert return_deposits(now=NOON) == 1
        assert (standing(party), refund_of(deposit).amount_fen) == (0, FEN)
    books.check()


def test_who_leaves_before_being_let_in_gets_it_back_at_once():
    needing(auto_pass=False)
    party = make_network.opened()
    made = make_network.applied(party)
    deposit = make_network.paid(party)
    leave(party)
    assert queries.application(made.no).state is ApplicationState.WITHDRAWN
    assert queries.deposit(deposit.no).due_at == NOON


def test_another_sum_or_a_late_payment_never_becomes_a_deposit():
    needing()
    party = make_network.opened()
    made = make_network.applied(party)
    deposit, intent = make_network.asked(party)
    assert make_network.come_in(intent, fen=FEN - 1).cases == 1
    assert (standing(party), queries.deposit(deposit.no).state) == (0, DepositState.UNPAID)
    late = NOON + timedelta(hours=2)
    unchanged(DepositNotUnpaid, lambda: make_network.asked(party, now=late))
    books.check()
    other = make_network.opened()
    make_network.applied(other)
    cancelled, second = make_network.asked(other)
    _forget([second.no], late)
    assert queries.deposit(cancelled.no).state is DepositState.CANCELLED
    make_network.come_in(second, now=late)  # paid all the same, after its closing
    assert queries.deposit(cancelled.no).state is DepositState.CANCELLED
    assert [one.amount_fen for one in payments.refunds_of_intents([second.no])] == [FEN]
    fresh, third = make_network.asked(other, now=late)
    assert fresh.no != cancelled.no
    mine = make_parties.super_admin_of(party)
    apply_to_network.withdraw_application(person_id=made.person_id, no=made.no, actor=mine, now=NOON)
    rows.run("UPDATE network_deposit SET state = 'cancelled' WHERE no = %s", [fresh.no])
    assert make_network.come_in(third, now=late).cases == 1  # ended by hand while its payment was good: it goes back
    back = payments.refunds_of([f"deposit_stray:{fresh.no}"])[f"deposit_stray:{fresh.no}"]
    assert fen(chart.clearing(back.no), chart.promoter(other.id, "deposit")) == [FEN, 0]
    books.check()


def test_what_comes_in_after_one_took_it_back_goes_back():
    """The payment was open when the application was withdrawn: its money is held, and due at once."""
    needing()
    party = make_network.opened()
    made = make_network.applied(party)
    deposit, intent = make_network.asked(party)
    mine = make_parties.super_admin_of(party)
    apply_to_network.withdraw_application(person_id=made.person_id, no=made.no, actor=mine, now=NOON)
    assert queries.deposit(deposit.no).state is DepositState.UNPAID
    make_network.come_in(intent, now=NOON + timedelta(minutes=5))
    assert (queries.deposit(deposit.no).state, standing(party)) == (DepositState.HOLDING, FEN)
    books.check()
    assert return_deposits(now=NOON + timedelta(minutes=5)) == 1
    assert (refund_of(deposit).amount_fen, standing(party)) == (FEN, 0)
    books.check()


def test_who_applies_again_while_the_payment_is_open_pays_for_that():
    needing()
    party = make_network.opened()
    made = make_network.applied(party)
    deposit, intent = make_network.asked(party)
    mine = make_parties.super_admin_of(party)
    apply_to_network.withdraw_application(person_id=made.person_id, no=made.no, actor=mine, now=NOON)
    make_network.applied(party)
    assert make_network.asked(party)[0].no == deposit.no
    make_network.come_in(intent)
    assert queries.deposit(deposit.no).state is DepositState.PAID
    assert decide_applications.decide_by_rules(now=NOON) == 1
    assert parties.promoter_facts([party.id])[party.id].state is PromoterState.ACTIVE
    books.check()


def test_a_forfeit_takes_two_people_and_a_reason(two):
    one, other = two
    party = make_parties.promoter()
    deposit = make_network.paid(party)
    insider = make_parties.operator_seat(Role.FINANCE)
    parties_of.add_seat(party_id=party.id, person_id=insider.person_id, role=Role.ADMIN, actor=OPERATOR_SHELL, now=NOON)
    clerk = make_parties.operator_seat(Role.OPERATOR)
    unchanged(Forbidden, lambda: ask(deposit, actor=clerk))
    unchanged(Involved, lambda: ask(deposit, actor=insider))
    unchanged(Invalid, lambda: ask(deposit, actor=one, reason=""))
    unchanged(DepositNotHere, lambda: ask(deposit, FEN + 1, one))
    unchanged(DepositNotHere, lambda: ask(deposit, 0, one))
    unchanged(DepositNotHere, lambda: ask(deposit, actor=one, kind=DecisionKind.HAND, reference="B1"))
    asked = ask(deposit, 5_000, one)
    unchanged(DecisionOpen, lambda: ask(deposit, 1, other))
    approve = decide_deposits.approve_decision
    unchanged(SecondPerson, lambda: approve(decision_id=asked.decision_id, actor=one, now=NOON))
    unchanged(Involved, lambda: approve(decision_id=asked.decision_id, actor=insider, now=NOON))
    unchanged(Forbidden, lambda: approve(decision_id=asked.decision_id, actor=clerk, now=NOON))
    assert standing(party) == FEN
    assert approve(decision_id=asked.decision_id, actor=other, now=NOON).state is DecisionState.APPROVED
    assert fen(chart.promoter(party.id, "deposit"), chart.platform("fees")) == [15_000, 5_000]
    unchanged(DecisionClosed, lambda: approve(decision_id=asked.decision_id, actor=other, now=NOON))
    books.check()
    rest = ask(deposit, 15_000, other)
    reject = decide_deposits.reject_decision
    unchanged(Invalid, lambda: reject(decision_id=rest.decision_id, note="", actor=one, now=NOON))
    reject(decision_id=rest.decision_id, note="证据不足", actor=other, now=NOON)
    unchanged(DecisionClosed, lambda: approve(decision_id=rest.decision_id, actor=one, now=NOON))
    last = ask(deposit, 15_000, one)
    approve(decision_id=last.decision_id, actor=other, now=NOON)
    ended = queries.deposit(deposit.no)
    assert (ended.state, ended.forfeited_fen, standing(party)) == (DepositState.ENDED, FEN, 0)
    assert fen(chart.platform("fees")) == [FEN]
    books.check()


def test_while_two_people_decide_nothing_goes_back_for_seven_days(two):
    party = make_parties.promoter()
    deposit = make_network.paid(party)
    leave(party)
    due = NOON + HOLD
    asked = ask(deposit, 5_000, two[0], now=due)
    edge = due + timedelta(days=7)
    assert return_deposits(now=edge) == 0
    late = edge + timedelta(microseconds=1)
    approve = decide_deposits.approve_decision
    unchanged(DecisionClosed, lambda: approve(decision_id=asked.decision_id, actor=two[1], now=late))
    again = ask(deposit, 7_000, two[1], now=late)  # the one before has lapsed
    assert queries.decision(asked.decision_id).state is DecisionState.LAPSED
    approve(decision_id=again.decision_id, actor=two[0], now=late + timedelta(days=7))
    assert return_deposits(now=late + timedelta(days=7)) == 1
    assert refund_of(deposit).amount_fen == 13_000
    unchanged(DepositNotHere, lambda: ask(deposit, 1, two[0], now=late))
    books.check()


def test_a_banned_promoters_deposit_is_held_and_stays_when_it_is_let_back():
    party = make_parties.promoter()
    deposit = make_network.paid(party)
    judge = make_parties.operator_seat()
    govern_network.ban_promoter(promoter_no=party.no, reason="刷单", actor=judge, now=NOON)
    assert queries.deposit(deposit.no).state is DepositState.HOLDING
    govern_network.restore_party(party_id=party.id, reason="申诉", actor=judge, now=NOON)
    assert queries.deposit(deposit.no).state is DepositState.PAID
    assert return_deposits(now=NOON + HOLD) == 0


def test_who_owes_something_waits_a_day_more():
    party = make_parties.promoter()
    deposit = make_network.paid(party)
    leave(party)
    due = NOON + HOLD
    no = commission.ask_adjustment(
        payee=Payee("promoter", party.id),
        sale_id=None,
        amount_fen=-1,
        reason="x",
        actor=make_parties.operator_seat(Role.FINANCE),
        now=NOON,
    )
    commission.approve_adjustment(no=no, actor=make_parties.operator_seat(Role.FINANCE), now=NOON)
    assert fen(chart.promoter(party.id, "owed")) == [-1]
    assert return_deposits(now=due) == 1
    found = queries.deposit(deposit.no)
    assert (found.state, found.due_at, standing(party)) == (DepositState.HOLDING, due + timedelta(days=1), FEN)


def test_after_a_year_two_people_give_it_back_by_hand(two):
    party = make_parties.promoter()
    deposit = make_network.paid(party)
    edge = NOON + timedelta(days=365)
    settings.change(name="deposit_hold_days", value=0, actor=SYSTEM, now=NOON)
    leave(party, now=edge)
    late = edge + timedelta(microseconds=1)
    assert return_deposits(now=late) == 1
    assert return_deposits(now=late) == 0
    assert rows.query("SELECT kind, object, amount_fen FROM risk_case WHERE closed_at IS NULL") == [
        ("deposit_to_return", deposit.no, FEN)
    ]
    assert (standing(party), refund_of(deposit)) == (FEN, None)
    hand = {"kind": DecisionKind.HAND, "reason": "银行转账"}
    unchanged(Invalid, lambda: ask(deposit, actor=two[0], now=late, **hand))
    unchanged(Invalid, lambda: ask(deposit, FEN - 1, two[0], now=late, reference="B77", **hand))
    asked = ask(deposit, actor=two[0], now=late, reference="B77", **hand)
    decide_deposits.approve_decision(decision_id=asked.decision_id, actor=two[1], now=late)
    done = queries.deposit(deposit.no)
    assert (done.state, done.returned_fen, standing(party)) == (DepositState.ENDED, FEN, 0)
    assert fen(chart.outside("bank")) == [FEN]
    assert rows.query("SELECT count(*) FROM risk_case WHERE closed_at IS NULL") == [(0,)]
    books.check()


def test_within_a_year_the_channel_gives_it_back():
    party = make_parties.promoter()
    deposit = make_network.paid(party)
    settings.change(name="deposit_hold_days", value=0, actor=SYSTEM, now=NOON)
    edge = NOON + timedelta(days=365)
    leave(party, now=edge)
    return_deposits(now=edge)
    assert refund_of(deposit).amount_fen == FEN


def test_who_left_and_applies_again_needs_no_second_deposit_while_the_first_stands():
    needing()
    party = make_network.opened()
    make_network.applied(party)
    deposit = make_network.paid(party)
    decide_applications.decide_by_rules(now=NOON)
    leave(party)
    later = NOON + timedelta(days=1)
    assert make_network.applied(party, now=later).state is ApplicationState.PASSED
    assert (queries.deposit(deposit.no).state, standing(party)) == (DepositState.PAID, FEN)
    assert return_deposits(now=NOON + HOLD) == 0


def test_an_account_with_a_deposit_isnt_closed():
    person = make_people.person()
    party = make_parties.promoter(super_admin=person.id)
    make_network.paid(party)
    closing = {"person_id": person.id, "give_up": True, "actor": make_people.acting(person.id), "now": NOON}
    unchanged(AccountHasMoney, lambda: close_account.close_account(**closing))


def test_states_know_their_exits():
    for kind in (DepositState, ApplicationState, PromoterState):
        assert all(set(one.exits) <= set(kind) for one in kind)
    assert DepositState.ENDED.exits == frozenset()
