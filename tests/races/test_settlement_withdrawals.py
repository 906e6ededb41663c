"""Withdrawals under contention: real threads, real commits; each race runs once more without what guards it."""

import pytest
from django.db import transaction

from tests.make import parties as make_parties
from tests.make import settlement as make
from tests.make.racers import Meeting, at_once, durable
from tests.make.settlement import ASKER, FIRST, NOW, check, outcome, shown, stand
from tuike.db import rows
from tuike.flows.decide_withdrawal import approve_withdrawal, cancel_withdrawal, reject_withdrawal
from tuike.flows.payout_outcomes import record
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.gateways.payouts import Outcome, OutcomeState
from tuike.parties.types import Role
from tuike.risk import queries as risk
from tuike.settlement import service
from tuike.settlement.service import payouts
from tuike.settlement.types import Heard, WithdrawalState

pytestmark = pytest.mark.usefixtures("committed_db")
S = WithdrawalState
RACERS = 20


def paid_out():
    return rows.query(
        "SELECT count(*), coalesce(sum(e.amount_fen), 0) FROM ledger_transfer t JOIN ledger_entry e"
        " ON e.transfer_id = t.id JOIN ledger_account a ON a.id = e.account_id"
        " WHERE t.kind = 'payout' AND a.path LIKE 'outside:%%'",
        {},
    )[0]


# Twenty withdrawals on one balance


def ask_twenty(party, *, key="k{}", racers=RACERS):
    actor = make_parties.super_admin_of(party)

    def ask(i):
        no = request_withdrawal(party_id=party.id, amount_fen=300, key=key.format(i), actor=actor, now=NOW)
        return "taken" if key != "same" else no

    return at_once([lambda i=i: ask(i) for i in range(racers)])


def test_twenty_on_one_balance_take_exactly_what_there_is():
    party = make.payee(2_300)
    assert sorted(ask_twenty(party)) == ["taken"] * 7 + ["withdrawal_exceeds_available"] * 13
    assert stand(party, "available", "leaving") == {"available": 200, "leaving": 2_100}
    check()


def test_twenty_with_one_key_are_one():
    party = make.payee(2_300)
    said = ask_twenty(party, key="same")
    assert len(set(said)) == 1 and said[0].startswith("W")
    assert stand(party, "available", "leaving") == {"available": 2_000, "leaving": 300}
    check()


def without_lock(monkeypatch, table, *, readers):
    """Let what locks rows of `table` read them only, and let so many `readers` read before the first one writes."""
    all_have_read = Meeting(readers)

    def reading(real):
        def query(statement, params=()):
            if table not in statement or "FOR UPDATE" not in statement:
                return real(statement, params)
            found = real(statement.replace("FOR UPDATE", ""), params)
            all_have_read.come()
            return found

        return query

    for verb in ("query", "planned"):
        monkeypatch.setattr(rows, verb, reading(getattr(rows, verb)))


def with_accounts_open(party):
    """The party after a withdrawal that it took back: nobody waits for another one's new account."""
    actor = make_parties.super_admin_of(party)
    no = request_withdrawal(party_id=party.id, amount_fen=300, key="first", actor=actor, now=NOW)
    cancel_withdrawal(no=no, actor=actor, now=NOW)
    return party


def test_control_without_the_lock_the_requests_dont_queue(monkeypatch):
    party = with_accounts_open(make.payee(2_300))
    without_lock(monkeypatch, "FROM ledger_account", readers=RACERS)
    said = ask_twenty(party)
    # Each saw the same balance; only the gapless versions of the entries are left to refuse, without a name.
    assert "IntegrityError" in said


def test_control_without_lock_and_versions_more_is_taken_than_there_is(monkeypatch, owner_sql):
    party = with_accounts_open(make.payee(2_300))
    without_lock(monkeypatch, "FROM ledger_account", readers=RACERS)
    owner_sql("ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_gapless")
    try:
        said = ask_twenty(party)
        asked = rows.query("SELECT count(*), sum(amount_fen) FROM settlement_withdrawal WHERE state <> 'cancelled'")[0]
        assert said.count("taken") == asked[0] > 7 and asked[1] > 2_300
        with pytest.raises(AssertionError):
            check()
    finally:
        owner_sql("TRUNCATE ledger_entry CASCADE")
        owner_sql("ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_gapless UNIQUE (account_id, version)")


# Approve, reject, cancel at once


def decide_at_once():
    party = make.payee(1_000)
    asker = make_parties.super_admin_of(party)
    one, two = (make_parties.operator_seat(Role.FINANCE) for _ in range(2))
    no = request_withdrawal(party_id=party.id, amount_fen=1_000, key="k", actor=asker, now=NOW)
    works = [
        lambda: approve_withdrawal(no=no, actor=one, now=NOW).value,
        lambda: reject_withdrawal(no=no, reason="不符", actor=two, now=NOW) or "rejected",
        lambda: cancel_withdrawal(no=no, actor=asker, now=NOW) or "cancelled",
    ]
    return party, no, at_once(works * 3)


def test_of_approve_reject_and_cancel_one_wins():
    for _ in range(5):
        party, no, said = decide_at_once()
        (won,) = [word for word in said if word != "withdrawal_wrong_state"]
        assert shown(no).state.value == won
        leaving = 1_000 if won == "approved" else 0
        assert stand(party, "available", "leaving") == {"available": 1_000 - leaving, "leaving": leaving}
    check()


def test_control_without_the_lock_more_than_one_wins(monkeypatch):
    without_lock(monkeypatch, "settlement_withdrawal", readers=9)
    _, _, said = decide_at_once()
    assert len([word for word in said if word in ("approved", "rejected", "cancelled")]) > 1


# Outcomes at once


def outcomes_at_once(said):
    """Let each outcome be recorded in a thread; return the number and the verdicts."""
    party = make.payee(1_000)
    with transaction.atomic():
        no = make.sending(party, 1_000, fee_fen=50).no

    def tell(state):
        told = Outcome(payout_no=no, state=state, reference="R", reason="退回")
        return record(outcomes=[told], now=NOW)[0].verdict

    return party, no, at_once([durable(lambda state=state: tell(state)) for state in said])


def test_twenty_times_paid_is_one_booking():
    party, no, said = outcomes_at_once([OutcomeState.PAID] * RACERS)
    assert sorted(said) == ["moved"] + ["repeated"] * 19
    assert shown(no).state is S.PAID
    assert (paid_out(), stand(party, "available", "leaving")) == ((1, 950), {"available": 0, "leaving": 0})
    assert risk.open_cases() == []
    check()


def test_returned_against_paid_is_one_state_and_one_conflict():
    for _ in range(5):
        party, no, said = outcomes_at_once([OutcomeState.PAID, OutcomeState.RETURNED])
        assert sorted(said) == ["conflict", "moved"]
        back = {S.PAID: 0, S.RETURNED: 1_000}[shown(no).state]
        assert stand(party, "available", "leaving") == {"available": back, "leaving": 0}
        (case,) = risk.cases_about(no)
        assert case.kind == "payout_conflict"
    check()


@pytest.fixture
def unlocked_outcomes(monkeypatch):
    """Outcomes recorded on a state that nobody holds still."""
    assert "FOR UPDATE" in payouts._FOUND
    without_lock(monkeypatch, payouts._FOUND, readers=2)


def test_control_without_the_lock_twenty_all_believe_to_be_the_first(unlocked_outcomes):
    # The ledger's key is the second wall: the money moves once, but each one says that it moved it.
    _, _, said = outcomes_at_once([OutcomeState.PAID] * RACERS)
    assert said.count("moved") > 1 or "NotEnough" in said or "not_enough" in said


def test_control_without_the_lock_paid_and_returned_both_try(unlocked_outcomes):
    _, _, said = outcomes_at_once([OutcomeState.PAID, OutcomeState.RETURNED])
    # Only the floor of the leaving account is left to say no, with the wrong name.
    assert "not_enough" in said


def test_two_runs_take_each_withdrawal_once():
    party = make.payee(4_000)
    with transaction.atomic():
        for _ in range(20):
            make.approved(party, 200)
    rail = shown(rows.query("SELECT no FROM settlement_withdrawal LIMIT 1")[0][0]).rail

    def take():
        return [p.no for p in service.take_to_send(rail=rail, limit=7, now=NOW)]

    taken = [no for said in at_once([durable(take)] * 4) for no in said]
    assert len(taken) == len(set(taken)) == 20
    check()


def test_two_approvers_at_once_are_two_and_one_twice_is_one():
    party = make.payee(1_000)
    with transaction.atomic():
        no = make.asked(party, 1_000, approvals_needed=2)
    approve = [durable(lambda: service.approve(no=no, actor=FIRST, now=NOW).value)] * 5
    assert sorted(at_once(approve)) == ["requested"] + ["withdrawal_approved_before"] * 4
    assert at_once([durable(lambda: service.approve(no=no, actor=ASKER, now=NOW))]) == ["withdrawal_own"]
    assert shown(no).state is S.REQUESTED
    with transaction.atomic():
        service.record_outcomes(outcomes=[outcome(no, Heard.PAID)], now=NOW)
    assert shown(no).state is S.REQUESTED
    check()
