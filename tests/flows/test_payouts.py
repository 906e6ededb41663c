"""Mark, call, record: whatever a rail says or doesn't say, a payout is paid once or comes back once."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests.make import parties as make_parties
from tests.make import settlement as make
from tests.make.settlement import NOW, check, everything, shown, stand
from tuike.db import rows
from tuike.flows import run_payouts as flow
from tuike.flows.close_month import close_ended_months
from tuike.flows.export_bank_batch import bank_batch_file, export_bank_batch
from tuike.flows.import_bank_outcomes import Imported, import_bank_outcomes
from tuike.flows.record_payout_notices import record_payout_notices
from tuike.flows.run_payouts import run_payouts
from tuike.gateways.bank_files import OutcomesUnreadable
from tuike.gateways.payouts import Outcome, OutcomeState
from tuike.gateways.types import Notice, NoticeKind, TransferFact, TransferState
from tuike.kit.errors import Forbidden
from tuike.parties.types import Role
from tuike.payments import service as payments
from tuike.risk import queries as risk
from tuike.settlement.types import ForeignPayouts, NothingToSend, Rail, UnknownBatch, WithdrawalState

pytestmark = pytest.mark.usefixtures("db")
S, O = WithdrawalState, OutcomeState  # noqa: E741
OPENID = "o" + "x" * 27


class Said:
    """A rail that answers as it was told to, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.calls = list(answers), []

    def _next(self, verb, no):
        self.calls.append((verb, no))
        answer = self.answers.pop(0) if self.answers else O.UNKNOWN
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, Outcome) else Outcome(payout_no=no, state=answer, reason="说了")

    def send(self, payout):
        self.last = payout
        return self._next("send", payout.payout_no)

    def ask(self, payout_no):
        return self._next("ask", payout_no)


@contextmanager
def refused(kind):
    before = everything()
    with pytest.raises(kind):  # the flow's own transaction is a savepoint of the test's
        yield
    assert everything() == before


def waiting(fen=1_000, **rest):
    """Return a party and its approved withdrawal on the WeChat rail."""
    party = make.payee(fen, rail=Rail.WECHAT, number=OPENID)
    return party, make.approved(party, fen, **rest)


def run(rail, minutes=0, **rest):
    return run_payouts(rails={Rail.WECHAT: rail}, now=NOW + timedelta(minutes=minutes), **rest)


def test_paid_at_the_first_call():
    party, no = waiting(fee_fen=100)
    rail = Said(O.PAID)
    done = run(rail)
    assert (done.sent, done.asked, [(r.no, r.verdict) for r in done.recorded]) == (1, 0, [(no, "moved")])
    sent = rail.last
    assert (sent.payout_no, sent.amount_fen, sent.openid, sent.name) == (no, 900, OPENID, "李雷")
    assert (shown(no).state, stand(party, "leaving")) == (S.PAID, {"leaving": 0})
    assert run(rail, 100).asked == 0 and len(rail.calls) == 1
    assert rows.query("SELECT object FROM audit_act WHERE action = 'payout.send'") == [(no,)]
    told = "SELECT key, facts->>'state' FROM outbox_event WHERE topic = 'withdrawal.changed' ORDER BY id"
    assert rows.query(told) == [(no, "requested"), (no, "approved"), (no, "sending"), (no, "paid")]
    check()


@pytest.mark.parametrize("last", [O.PAID, O.RETURNED])
@pytest.mark.parametrize("first", [O.UNKNOWN, O.ACCEPTED, TimeoutError(), ValueError("x")])
def test_an_unknown_outcome_is_asked_for_by_the_same_number(first, last):
    party, no = waiting()
    rail = Said(first, O.UNKNOWN, O.ACCEPTED, last)
    run(rail)
    assert shown(no).state is S.SENDING and stand(party, "leaving") == {"leaving": 1_000}
    for minutes in (1, 2, 4):
        run(rail, minutes)
    assert rail.calls == [("send", no), ("ask", no), ("ask", no), ("ask", no)]
    assert shown(no).state.value == last.value
    check()


def test_what_the_rail_never_heard_of_is_sent_under_the_same_number():
    _, no = waiting()
    rail = Said(O.UNKNOWN, O.NOT_SENT, O.PAID)
    run(rail)
    run(rail, 1)
    assert rail.calls == [("send", no), ("ask", no), ("send", no)]
    assert shown(no).state is S.PAID
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'payout.send_again'") == [(1,)]
    check()


def test_not_sent_keeps_the_money_where_it_is():
    party, no = waiting()
    rail = Said(O.NOT_SENT)
    run(rail)
    assert (shown(no).state, stand(party, "leaving")) == (S.SENDING, {"leaving": 1_000})


def test_a_definite_no_gives_the_money_back():
    party, no = waiting()
    run(Said(O.REFUSED))
    assert (shown(no).state, shown(no).reason) == (S.RETURNED, "说了")
    assert stand(party, "available", "leaving") == {"available": 1_000, "leaving": 0}
    check()


def test_what_opens_the_confirmation_is_fetched_when_it_got_lost():
    _, no = waiting()
    package = Outcome(payout_no=no, state=O.WAIT_USER, reference="T1", package_info="PKG")
    rail = Said(O.UNKNOWN, O.WAIT_USER, package, O.WAIT_USER, O.PAID)
    for minutes in (0, 1, 2, 4):
        run(rail, minutes)
    assert [verb for verb, _ in rail.calls] == ["send", "ask", "send", "ask", "ask"]
    assert (shown(no).state, shown(no).provider_no) == (S.PAID, "T1")
    check()


def test_nobody_knows_after_six_attempts_then_a_person_is_called_once():
    _, no = waiting()
    rail = Said()
    for minutes in (0, 1, 2, 4, 9):
        run(rail, minutes)
    assert risk.open_cases() == []
    for minutes in (20, 60, 200):
        run(rail, minutes)
    (case,) = risk.open_cases()
    assert (case.kind, case.object, case.amount_fen) == ("unknown_payout", no, 1_000)
    assert shown(no).state is S.SENDING
    assert {verb for verb, _ in rail.calls[1:]} == {"ask"}


def test_another_amount_is_not_believed():
    party, no = waiting()
    run(Said(Outcome(payout_no=no, state=O.PAID, amount_fen=999)))
    assert (shown(no).state, stand(party, "leaving")) == (S.SENDING, {"leaving": 1_000})
    (case,) = risk.open_cases()
    assert (case.kind, case.object, case.facts["said_fen"]) == ("payout_conflict", no, 999)
    check()


def test_one_bad_payout_holds_up_no_other():
    nos = [waiting()[1] for _ in range(3)]
    run(Said(O.PAID, RuntimeError("kaputt"), O.PAID))
    assert [shown(no).state for no in nos] == [S.PAID, S.SENDING, S.PAID]
    check()


def test_a_rail_that_isnt_configured_is_waited_for():
    _, no = waiting()
    run(Said(O.UNKNOWN))
    run_payouts(rails={}, now=NOW + timedelta(minutes=5))
    assert shown(no).state is S.SENDING


def test_only_approved_ones_of_the_rail_are_sent_up_to_the_limit():
    bank = make.approved(make.payee(500), 500)
    nos = [waiting()[1] for _ in range(3)]
    asked = make.asked(make.payee(500, rail=Rail.WECHAT, number=OPENID), 500)
    rail = Said(*[O.PAID] * 9)
    assert [run(rail, limit=2).sent for _ in range(3)] == [2, 1, 0]
    assert [no for _, no in rail.calls] == nos
    assert (shown(bank).state, shown(asked).state) == (S.APPROVED, S.REQUESTED)


# The bank's files


def batch(*fens):
    nos = [make.approved(make.payee(fen), fen) for fen in fens]
    finance = make_parties.operator_seat(Role.FINANCE)
    return nos, finance, export_bank_batch(actor=finance, now=NOW)


def answer(*lines):
    head = "payout_no,outcome,bank_ref,reason,settled_at,amount_fen\r\n"
    return (head + "".join(f"{line}\r\n" for line in lines)).encode()


def paid(no, fen="", ref="R1"):
    return f"{no},paid,{ref},,2026-05-20 12:00:00,{fen}"


def returned(no):
    return f"{no},returned,,户名不符,2026-05-20 12:00:00,"


def imported(made, finance, *lines):
    return import_bank_outcomes(batch_no=made.no, file=answer(*lines), actor=finance, now=NOW)


def test_the_file_holds_each_marked_payout_in_clear_and_who_looked():
    (one, two), finance, made = batch(1_000, 2_500)
    assert (made.payouts, made.net_fen) == (2, 3_500)
    assert made.file.decode("utf-8-sig").splitlines() == [
        "payout_no,account_name,account_no,bank,amount_fen",
        f"{one},李雷,6225880123456789,招商银行,1000",
        f"{two},李雷,6225880123456789,招商银行,2500",
    ]
    assert "6225880123456789" not in repr(made)
    again = bank_batch_file(no=made.no, actor=finance, now=NOW)
    assert again == made
    assert rows.query("SELECT action, object, person_id FROM audit_act WHERE action LIKE 'payout.%%' ORDER BY id") == [
        ("payout.export", made.no, finance.person_id),
        ("payout.export_again", made.no, finance.person_id),
    ]
    with refused(NothingToSend):
        export_bank_batch(actor=finance, now=NOW)
    with refused(UnknownBatch):
        bank_batch_file(no="B0", actor=finance, now=NOW)
    assert run_payouts(rails={}, now=NOW + timedelta(days=9)).asked == 0
    check()


def test_only_finance_exports_and_imports():
    (no,), _, made = batch(1_000)
    make.approved(make.payee(500), 500)
    for actor in (make_parties.operator_seat(Role.OPERATOR), make_parties.super_admin_of(make_parties.operator())):
        with refused(Forbidden):
            export_bank_batch(actor=actor, now=NOW)
        with refused(Forbidden):
            bank_batch_file(no=made.no, actor=actor, now=NOW)
        with refused(Forbidden):
            imported(made, actor, paid(no))


def test_outcomes_are_recorded_once_however_often_the_file_comes():
    (one, two), finance, made = batch(1_000, 2_500)
    file = (paid(one, 1_000), returned(two))
    assert imported(made, finance, *file) == Imported(paid=1, returned=1, repeated=0, conflicts=0)
    stood = everything()
    assert imported(made, finance, *file) == Imported(paid=1, returned=1, repeated=0, conflicts=0)
    assert everything() == stood
    assert (shown(one).state, shown(two).state) == (S.PAID, S.RETURNED)
    other = (*file, "")  # the same outcomes in another file
    assert imported(made, finance, *other) == Imported(paid=0, returned=0, repeated=2, conflicts=0)
    contrary = (returned(one), paid(two))
    assert imported(made, finance, *contrary) == Imported(paid=0, returned=0, repeated=0, conflicts=2)
    assert (shown(one).state, shown(two).state) == (S.PAID, S.RETURNED)
    assert sorted((c.kind, c.object) for c in risk.open_cases()) == [("payout_conflict", one), ("payout_conflict", two)]
    check()


def test_a_foreign_line_refuses_the_whole_file():
    (one,), finance, made = batch(1_000)
    (of_another,), _, _ = batch(700)
    not_sent = make.approved(make.payee(300), 300)
    for line in (
        paid("W404"),
        paid(of_another),
        paid(not_sent),
        paid(one, 999),
        paid(one, ref="R" * 65),
        f"{one},paid,R1,,2026-05-22 12:00:00,",
    ):
        with refused(ForeignPayouts):
            imported(made, finance, line) if one in line else imported(made, finance, paid(one), line)
    with refused(OutcomesUnreadable):
        imported(made, finance, paid(one), paid(one))
    with refused(UnknownBatch):
        import_bank_outcomes(batch_no="B0", file=answer(paid(one)), actor=finance, now=NOW)
    assert imported(made, finance, paid(one)).paid == 1
    check()


# Notices


def notice(no, state, *, id_, fen=1_000):
    fact = TransferFact(out_bill_no=no, transfer_bill_no="T" + no, state=state, amount_fen=fen, updated_at=NOW)
    kept = Notice(kind=NoticeKind.TRANSFER, id=id_, event_type="MCHTRANSFER.BILL.FINISHED", created_at=NOW, fact=fact)
    payments.keep_notice(channel="wechatpay", notice=kept, now=NOW)


def test_notices_come_twice_late_and_contrary():
    party, no = waiting()
    run(Said(O.WAIT_USER))
    notice(no, TransferState.SUCCESS, id_="n1")
    notice(no, TransferState.SUCCESS, id_="n1")
    notice(no, TransferState.SUCCESS, id_="n2")
    notice(no, TransferState.CANCELLED, id_="n3")
    notice("W404", TransferState.SUCCESS, id_="n4")
    assert [r.verdict for r in record_payout_notices(now=NOW)] == ["moved", "repeated", "conflict", "unknown"]
    assert record_payout_notices(now=NOW) == []
    assert (shown(no).state, stand(party, "available", "leaving")) == (S.PAID, {"available": 0, "leaving": 0})
    assert sorted((c.kind, c.object) for c in risk.open_cases()) == [
        ("payout_conflict", no),
        ("unknown_payout", "W404"),
    ]
    assert rows.query("SELECT outcome FROM payments_notice ORDER BY id") == [
        ("moved",),
        ("repeated",),
        ("conflict",),
        ("unknown",),
    ]
    check()


def test_a_notice_with_another_amount_is_a_case():
    _, no = waiting()
    run(Said(O.WAIT_USER))
    notice(no, TransferState.SUCCESS, id_="n1", fen=1)
    assert [r.verdict for r in record_payout_notices(now=NOW)] == ["conflict"]
    assert shown(no).state is S.WAITING_USER
    check()


def test_ended_months_are_closed_in_order():
    party = make.payee(0)
    for month in (0, 31, 62):
        make.fund(party, 10, now=NOW + timedelta(days=month))
    assert list(close_ended_months(now=NOW + timedelta(days=62)).values()) == [1, 1]
    assert close_ended_months(now=NOW + timedelta(days=62)) == {}
    check()


def test_a_second_run_steps_aside(monkeypatch):
    waiting()
    monkeypatch.setattr(flow, "_RUN_LOCK", 7_999)
    inside = []

    class Nosy(Said):
        def send(self, payout):
            from threading import Thread

            from django.db import connection

            def other():
                try:
                    inside.append(rows.query("SELECT pg_try_advisory_lock(7999)")[0][0])
                finally:
                    connection.close()

            thread = Thread(target=other)
            thread.start()
            thread.join()
            return super().send(payout)

    run(Nosy(O.PAID))
    assert inside == [False]
