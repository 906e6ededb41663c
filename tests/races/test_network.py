"""The network under many hands at once: real threads, real commits, each race with a control that fails."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests import books
from tests.make import network as make_network
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.make.racers import Meeting, at_once, durable, race
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import decide_applications, decide_deposits
from tuike.flows.leave_network import leave_network, return_deposits
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.network import queries
from tuike.network.service import decisions as decisions_of
from tuike.network.service import deposits as deposits_of
from tuike.network.types import ApplicationState, DecisionKind, DepositState
from tuike.parties import service as parties
from tuike.parties.service import tree
from tuike.parties.types import Role, SubjectKind

FEN = 20_000


def move(promoter_id: int, recruiter_id: int):
    """Return the move of a promoter under another, in a transaction of its own."""
    return durable(
        lambda: parties.change_recruiter(
            promoter_id=promoter_id, recruiter_id=recruiter_id, reason="并组", actor=OPERATOR_SHELL, now=NOON
        )
    )


def circles() -> int:
    return rows.query(
        "SELECT count(*) FROM parties_promoter a JOIN parties_promoter b ON b.party_id = a.recruiter_id"
        " WHERE b.recruiter_id = a.party_id"
    )[0][0]


def test_two_moves_that_would_close_a_circle_together_leave_one(committed_db):
    one, other = make_parties.promoter(), make_parties.promoter()
    said = at_once([move(one.id, other.id), move(other.id, one.id)])
    assert sorted(str(answer) for answer in said if isinstance(answer, str)) == ["cycle_in_line"]
    assert circles() == 0
    books.check("recruiters", "line_changes")


def test_control_without_the_trees_lock_two_moves_close_a_circle(committed_db, monkeypatch):
    meeting = Meeting(2)
    monkeypatch.setattr(tree, "lock_tree", lambda: None)
    told = tree._line

    def line(promoter_id, recruiter_id):
        found = told(promoter_id, recruiter_id)
        meeting.come()
        return found

    monkeypatch.setattr(tree, "_line", line)
    one, other = make_parties.promoter(), make_parties.promoter()
    at_once([move(one.id, other.id), move(other.id, one.id)])
    assert circles() == 2
    with pytest.raises(AssertionError, match="recruiters"):
        books.check("recruiters")


def test_one_person_with_two_phones_files_one_application(committed_db):
    make_network.form()
    one = make_network.opened()
    other = make_network.opened(make_network.head(one))
    said = race(2, lambda i: make_network.applied((one, other)[i]))
    assert sorted(said) == ["ApplicationOpen", "won"]
    assert rows.query("SELECT count(*) FROM network_application WHERE state = 'filed'") == [(1,)]


def test_control_without_the_constraint_one_person_files_twice(committed_db, owner_sql):
    make_network.form()
    one = make_network.opened()
    other = make_network.opened(make_network.head(one))
    with dropped(owner_sql, "network_application", "network_application_one_of_person"):
        assert race(2, lambda i: make_network.applied((one, other)[i])) == ["won", "won"]
        owner_sql("DELETE FROM network_application")


@contextmanager
def dropped(owner_sql, table: str, index: str):
    """Take a unique index away for as long as the block lasts."""
    said = owner_sql("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [index])[0][0]
    owner_sql(f"DROP INDEX {index}")
    try:
        yield
    finally:
        owner_sql(said)


def test_two_workers_decide_an_application_once(committed_db):
    make_network.form(real_name=True, auto_pass=True)
    party = make_network.opened()
    made = make_network.applied(party)
    make_parties.certify(party, subject_kind=SubjectKind.INDIVIDUAL)
    assert race(3, lambda _: decide_applications.decide_by_rules(now=NOON)) == ["won"] * 3
    assert queries.application(made.no).state is ApplicationState.PASSED
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'network.decide'") == [(1,)]
    assert rows.query("SELECT count(*) FROM messages_personal WHERE kind = 'application_passed'") == [(1,)]


def left_with_decision():
    """Return a deposit whose time to go back has come and a forfeit about it that has lapsed for the refund's job."""
    asker, judge = make_parties.operator_seat(Role.FINANCE), make_parties.operator_seat(Role.FINANCE)
    party = make_parties.promoter()
    deposit = make_network.paid(party)
    mine = make_parties.super_admin_of(party)
    leave_network(person_id=mine.person_id, promoter_id=party.id, reason="", actor=mine, now=NOON)
    due = NOON + timedelta(days=30)
    asked = decide_deposits.ask_decision(
        no=deposit.no, kind=DecisionKind.FORFEIT, amount_fen=FEN, reason="刷单", actor=asker, now=due
    )
    return party, deposit, asked, judge, due


def test_a_refund_and_a_forfeit_at_once_take_it_once(committed_db):
    """The job's clock is past the seven days, the second person's is at their edge: both would take the deposit."""
    party, deposit, asked, judge, due = left_with_decision()
    edge = due + timedelta(days=7)

    def work(i: int) -> object:
        if i:
            return return_deposits(now=edge + timedelta(seconds=1))
        return decide_deposits.approve_decision(decision_id=asked.decision_id, actor=judge, now=edge)

    said = race(2, work)
    ended = queries.deposit(deposit.no)
    assert said in (["won", "won"], ["DepositNotHere", "won"])
    assert (ended.state, ended.forfeited_fen) in ((DepositState.ENDED, FEN), (DepositState.REFUNDING, 0))
    assert ledger.balances(refs=[chart.promoter(party.id, "deposit")]) == {f"promoter:{party.id}:deposit": 0}
    books.check("deposits", "balances", "floors", "transfers")


def test_control_without_the_statements_conditions_only_the_account_holds(committed_db, monkeypatch):
    """The same race with neither lock nor state asked for: both take, and the ledger's floor stops the second."""
    party, deposit, asked, judge, due = left_with_decision()
    edge = due + timedelta(days=7)
    monkeypatch.setattr(decisions_of, "lock_deposit", lambda *, no: queries.deposit(no))
    monkeypatch.setattr(
        decisions_of, "_TAKE", "UPDATE network_deposit SET {column} = %(fen)s WHERE no = %(no)s RETURNING person_id"
    )
    monkeypatch.setattr(
        deposits_of,
        "_REFUND",
        "UPDATE network_deposit SET state = 'refunding', refund_no = %(refund)s WHERE no = %(no)s"
        " RETURNING promoter_id",
    )
    assert return_deposits(now=edge + timedelta(seconds=1)) == 1
    said = race(1, lambda _: decide_deposits.approve_decision(decision_id=asked.decision_id, actor=judge, now=edge))
    assert said == ["NotEnough"]
    assert ledger.balances(refs=[chart.promoter(party.id, "deposit")]) == {f"promoter:{party.id}:deposit": 0}
    assert deposit.no


def test_two_people_approve_one_forfeit_once(committed_db):
    party, deposit, asked, judge, due = left_with_decision()
    other = make_parties.operator_seat(Role.FINANCE)
    people = (judge, other)
    said = race(
        2,
        lambda i: decide_deposits.approve_decision(decision_id=asked.decision_id, actor=people[i], now=due),
    )
    assert sorted(said) == ["DecisionClosed", "won"]
    assert queries.deposit(deposit.no).forfeited_fen == FEN
    assert ledger.balances(refs=[chart.platform("fees")]) == {"platform:fees": FEN}
    books.check("deposits", "standing")
    assert party.id


def test_two_workers_give_a_deposit_back_once(committed_db):
    party = make_parties.promoter()
    deposit = make_network.paid(party)
    mine = make_parties.super_admin_of(party)
    leave_network(person_id=mine.person_id, promoter_id=party.id, reason="", actor=mine, now=NOON)
    assert race(4, lambda _: return_deposits(now=NOON + timedelta(days=30))) == ["won"] * 4
    assert rows.query("SELECT count(*), sum(amount_fen) FROM payments_refund") == [(1, FEN)]
    assert queries.deposit(deposit.no).state is DepositState.REFUNDING
    books.check("deposits", "clearing")
