"""Withdrawals, payouts, statements and batches: exact fen, every no by name with nothing changed, and verify."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from tests.make import commission as make_commission
from tests.make import parties as make_parties
from tests.make import settlement as make
from tests.make.settlement import ASKER, FIRST, NOW, SECOND, check, everything, outcome, shown, stand
from tuike.audit.types import SYSTEM
from tuike.db import rows
from tuike.insight import verify
from tuike.kit.errors import Invalid
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.messages import queries as messages
from tuike.settlement import queries, rules, service
from tuike.settlement.types import (
    EXITS,
    ApprovedBefore,
    Heard,
    InDebt,
    MonthOpen,
    NotAvailable,
    OwnWithdrawal,
    Part,
    Rail,
    TooSmall,
    UnknownWithdrawal,
    WithdrawalState,
    WrongState,
)

pytestmark = pytest.mark.usefixtures("db")
S = WithdrawalState


@contextmanager
def refused(kind):
    """Expect a refusal that leaves everything as it was, once the transaction is given up."""
    before = everything()
    with pytest.raises(kind), transaction.atomic():
        yield
    assert everything() == before


def test_asked_approved_sent_paid_to_the_fen():
    party = make.payee(10_000)
    no = make.asked(party, 6_000, fee_fen=100, tax_fen=480)
    assert stand(party, "available", "leaving") == {"available": 4_000, "leaving": 6_000}
    assert shown(no).state is S.REQUESTED
    assert service.approve(no=no, actor=FIRST, now=NOW) is S.APPROVED
    (payout,) = service.take_to_send(rail=Rail.BANK, limit=10, batch_file_no="B1", now=NOW)
    assert (payout.no, payout.net_fen, payout.attempts) == (no, 5_420, 1)
    check()
    (done,) = service.record_outcomes(outcomes=[outcome(no, Heard.PAID)], now=NOW)
    assert (done.state, done.verdict) == (S.PAID, "moved")
    assert stand(party, "available", "leaving") == {"available": 4_000, "leaving": 0}
    platform = ledger.balances(refs=[chart.platform("fees"), chart.platform("tax"), chart.outside("bank")])
    assert platform == {"platform:fees": 100, "platform:tax": 480, "outside:bank": 5_420 - 10_000}
    assert (shown(no).provider_no, shown(no).ended_at) == ("REF1", NOW + timedelta(minutes=3))
    check()


@pytest.mark.parametrize(
    ("rail", "number", "channel"),
    [
        (Rail.BANK, "6225880123456789", "bank"),
        (Rail.WECHAT, "o" + "x" * 27, "wechatpay"),
        (Rail.SANDBOX, "6225880123456789", "sandbox"),
    ],
)
def test_each_rail_pays_from_its_own_channel(rail, number, channel):
    party = make.payee(500, rail=rail, number=number)
    payout = make.sending(party, 500)
    before = ledger.balances(refs=[chart.outside(channel)])[f"outside:{channel}"]
    service.record_outcomes(outcomes=[outcome(payout.no, Heard.PAID)], now=NOW)
    assert ledger.balances(refs=[chart.outside(channel)])[f"outside:{channel}"] == before + 500
    check()


def test_what_comes_back_comes_back_whole_with_fee_and_tax():
    party = make.payee(1_000)
    payout = make.sending(party, 1_000, fee_fen=10, tax_fen=20)
    (done,) = service.record_outcomes(outcomes=[outcome(payout.no, Heard.RETURNED)], now=NOW)
    assert (done.state, shown(payout.no).reason) == (S.RETURNED, "户名不符")
    assert stand(party, "available", "leaving") == {"available": 1_000, "leaving": 0}
    check()


@pytest.mark.parametrize("amount", [99, 0, -5])
def test_too_small(amount):
    party = make.payee()
    with refused(TooSmall):
        make.asked(party, amount)


def test_nothing_would_be_left_after_fee_and_tax():
    party = make.payee()
    with refused(TooSmall):
        make.asked(party, 600, fee_fen=500, tax_fen=100)
    make.asked(party, 601, fee_fen=500, tax_fen=100)


def test_more_than_there_is():
    party = make.payee(1_000)
    with refused(NotAvailable):
        make.asked(party, 1_001)
    make.asked(party, 1_000)
    with refused(NotAvailable):
        make.asked(party, 100)
    check()


def test_no_withdrawal_while_something_is_owed():
    party = make.payee(1_000)
    make.owe(party, 1)
    with refused(InDebt):
        make.asked(party, 100)


def test_two_approvals_by_two_people_none_of_them_the_asker():
    party = make.payee()
    no = make.asked(party, 5_000, approvals_needed=2)
    with refused(OwnWithdrawal):
        service.approve(no=no, actor=ASKER, now=NOW)
    with refused(Invalid):
        service.approve(no=no, actor=SYSTEM, now=NOW)
    assert service.approve(no=no, actor=FIRST, now=NOW) is S.REQUESTED
    with refused(ApprovedBefore):
        service.approve(no=no, actor=FIRST, now=NOW)
    assert service.take_to_send(rail=Rail.BANK, limit=10, now=NOW) == []
    assert service.approve(no=no, actor=SECOND, now=NOW) is S.APPROVED
    with refused(WrongState):
        service.approve(no=no, actor=FIRST, now=NOW)
    check()


def test_a_small_one_passes_by_itself():
    no = make.asked(make.payee(), 200, approvals_needed=0)
    assert shown(no).state is S.APPROVED
    check()


def test_reject_gives_back_with_a_reason():
    party = make.payee(1_000)
    no = make.asked(party, 700)
    for reason in ("", "  ", "长" * 201, "a\0b"):
        with refused(Invalid):
            service.reject(no=no, reason=reason, actor=FIRST, now=NOW)
    service.reject(no=no, reason="长" * 200, actor=FIRST, now=NOW)
    assert stand(party, "available", "leaving") == {"available": 1_000, "leaving": 0}
    assert (shown(no).state, shown(no).reason) == (S.REJECTED, "长" * 200)
    check()


def test_cancel_gives_back_and_only_before_the_yes():
    party = make.payee(1_000)
    no, late = make.asked(party, 300), make.approved(party, 200)
    service.cancel(no=no, actor=ASKER, now=NOW)
    assert stand(party, "available", "leaving") == {"available": 800, "leaving": 200}
    for verb in (service.cancel, service.approve):
        for one in (no, late):
            with refused(WrongState):
                verb(no=one, actor=FIRST, now=NOW)
    with refused(WrongState):
        service.reject(no=late, reason="晚了", actor=FIRST, now=NOW)
    check()


@pytest.mark.parametrize("verb", ["approve", "cancel", "reject"])
def test_there_is_no_such_withdrawal(verb):
    more = {"reason": "x"} if verb == "reject" else {}
    with refused(UnknownWithdrawal):
        getattr(service, verb)(no="W0", actor=FIRST, now=NOW, **more)


def brought_to(state):
    """Return the number of a withdrawal that stands in a state."""
    party = make.payee(1_000)
    if state in (S.REQUESTED, S.REJECTED, S.CANCELLED):
        no = make.asked(party, 1_000)
        if state is S.REJECTED:
            service.reject(no=no, reason="材料不全", actor=FIRST, now=NOW)
        if state is S.CANCELLED:
            service.cancel(no=no, actor=ASKER, now=NOW)
        return no
    if state is S.APPROVED:
        return make.approved(party, 1_000)
    no = make.sending(party, 1_000).no
    if state is not S.SENDING:
        service.record_outcomes(outcomes=[outcome(no, Heard(state.value))], now=NOW)
    return no


@pytest.mark.parametrize("heard", [Heard.PAID, Heard.RETURNED, Heard.WAITING_USER, Heard.UNKNOWN])
@pytest.mark.parametrize("state", list(S))
def test_an_outcome_moves_only_along_the_exits(state, heard):
    no = brought_to(state)
    assert shown(no).state is state
    before = rows.query("SELECT path, balance_fen, version FROM ledger_account ORDER BY path")
    told = None if heard is Heard.UNKNOWN else S(heard.value)
    (done,) = service.record_outcomes(outcomes=[outcome(no, heard)], now=NOW)
    if told in EXITS[state]:
        assert (done.verdict, shown(no).state) == ("moved", told)
    else:
        late = state in (S.PAID, S.RETURNED) and told is S.WAITING_USER
        repeated = told in (None, state) or late
        assert (done.verdict, shown(no).state) == ("repeated" if repeated else "conflict", state)
        assert rows.query("SELECT path, balance_fen, version FROM ledger_account ORDER BY path") == before
    check()


def test_outcomes_of_one_list_are_read_in_order_and_foreign_numbers_named():
    party = make.payee(2_000)
    one, two = make.sending(party, 1_000).no, make.sending(party, 1_000).no
    told = [
        outcome(two, Heard.RETURNED),
        outcome(one, Heard.PAID),
        outcome("W404", Heard.PAID),
        outcome(one, Heard.PAID),
        outcome(one, Heard.RETURNED),
    ]
    done = service.record_outcomes(outcomes=told, now=NOW)
    assert [(r.no, r.verdict) for r in done] == [
        (two, "moved"),
        (one, "moved"),
        ("W404", "unknown"),
        (one, "repeated"),
        (one, "conflict"),
    ]
    assert stand(party, "available", "leaving") == {"available": 1_000, "leaving": 0}
    check()


def test_what_opens_the_confirmation_is_kept_renewed_and_forgotten_at_the_end():
    party = make.payee(500, rail=Rail.WECHAT, number="o" + "x" * 27)
    no = make.sending(party, 500).no
    later = NOW + timedelta(hours=1)
    service.record_outcomes(outcomes=[outcome(no, Heard.WAITING_USER, package="")], now=NOW)
    (payout,) = service.take_to_ask(limit=9, now=later)
    assert (payout.confirmable, payout.attempts) == (False, 2)
    assert queries.confirmation_of(no, party_id=party.id) is None
    service.record_outcomes(outcomes=[outcome(no, Heard.WAITING_USER, package="P2")], now=NOW)
    assert queries.confirmation_of(no, party_id=party.id) == "P2"
    assert queries.confirmation_of(no, party_id=party.id + 1) is None
    service.record_outcomes(outcomes=[outcome(no, Heard.WAITING_USER, package="", provider_no="")], now=NOW)
    assert queries.confirmation_of(no, party_id=party.id) == "P2"
    service.record_outcomes(outcomes=[outcome(no, Heard.PAID, provider_no="")], now=NOW)
    assert shown(no).provider_no == "REF1"
    assert queries.confirmation_of(no, party_id=party.id) is None
    assert rows.query("SELECT confirm_package, ask_at FROM settlement_withdrawal") == [("", None)]


def test_an_unknown_outcome_is_asked_for_a_little_later_each_time():
    no = make.sending(make.payee(500, rail=Rail.WECHAT, number="o" + "x" * 27), 500).no
    at, waits = NOW, []
    for _ in range(9):
        (due,) = rows.query("SELECT ask_at FROM settlement_withdrawal WHERE no = %s", [no])[0]
        waits.append(int((due - at).total_seconds() // 60))
        assert service.take_to_ask(limit=9, now=due - timedelta(seconds=1)) == []
        (payout,) = service.take_to_ask(limit=9, now=due)
        assert payout.no == no
        service.record_outcomes(outcomes=[outcome(no, Heard.UNKNOWN)], now=due)
        at = due
    assert waits == [1, 1, 2, 5, 10, 30, 60, 60, 60]
    assert shown(no).state is S.SENDING
    assert service.take_to_send(rail=Rail.WECHAT, limit=9, now=at) == []
    check()


def test_taking_takes_no_more_than_the_limit_and_only_its_rail():
    party = make.payee(10_000)
    for _ in range(5):
        make.approved(party, 1_000)
    assert service.take_to_send(rail=Rail.WECHAT, limit=9, now=NOW) == []
    assert [len(service.take_to_send(rail=Rail.BANK, limit=2, now=NOW)) for _ in range(4)] == [2, 2, 1, 0]


def test_what_the_outside_says_fits_the_database_whatever_it_is():
    no = make.sending(make.payee(500), 500).no
    service.record_outcomes(outcomes=[outcome(no, Heard.RETURNED, reason="坏\0" * 300, provider_no="9" * 99)], now=NOW)
    assert (shown(no).reason, len(shown(no).provider_no)) == ("坏" * 200, 64)


def test_the_product_cannot_change_what_was_asked_for():
    make.asked(make.payee(), 500)
    for column in ("amount_fen", "party_id", "asked_by", "bank_account_id", "no", "approvals_needed"):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            rows.run(f"UPDATE settlement_withdrawal SET {column} = {column}")
    for table in ("withdrawal", "approval", "attempt", "part", "batch", "statement"):
        with pytest.raises(Exception, match="permission denied"), transaction.atomic():
            rows.run(f"DELETE FROM settlement_{table}")


# Statements

MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)


def on(month, day, hour=4):
    return datetime(2026, month, day, hour, tzinfo=UTC)


def told(party):
    return [
        (s.month.month, s.opening_fen, s.in_fen, s.out_fen, s.closing_fen, s.entries)
        for s in reversed(queries.statements_of(f"promoter:{party.id}"))
    ]


def test_a_month_is_closed_from_its_entries_once():
    party = make.payee(0)
    make.fund(party, 1_000, now=on(5, 2))
    make.asked(party, 300, now=on(5, 3))
    make.fund(party, 50, now=datetime(2026, 5, 31, 15, 59, 59, 999_999, tzinfo=UTC))
    make.fund(party, 7, now=datetime(2026, 5, 31, 16, 0, tzinfo=UTC))
    with refused(MonthOpen):
        service.close_month(month=MAY, now=datetime(2026, 5, 31, 15, 59, 59, tzinfo=UTC))
    assert service.close_month(month=date(2026, 5, 17), now=datetime(2026, 5, 31, 16, 0, tzinfo=UTC)) == 1
    assert service.close_month(month=MAY, now=on(6, 2)) == 0
    assert told(party) == [(5, 0, 1_050, 300, 750, 3)]
    assert queries.statements_of(f"promoter:{party.id}")[0].by_kind == {"fund": 1_050, "withdrawal": -300}
    assert service.open_months(now=on(6, 30)) == []
    assert service.open_months(now=on(7, 1)) == [JUNE]
    assert service.close_month(month=JUNE, now=on(7, 1)) == 1
    assert told(party)[1] == (6, 750, 7, 0, 757, 1)
    check()


def test_what_is_booked_into_a_closed_month_is_in_the_next_statement():
    party = make.payee(0)
    make.fund(party, 1_000, now=on(5, 2))
    service.close_month(month=MAY, now=on(6, 1))
    make.fund(party, 5, now=on(5, 30))
    assert service.close_month(month=MAY, now=on(6, 2)) == 0
    check()
    service.close_month(month=JUNE, now=on(7, 2))
    assert told(party) == [(5, 0, 1_000, 0, 1_000, 1), (6, 1_000, 5, 0, 1_005, 1)]
    check()


def test_months_without_a_booking_have_no_statement_and_break_no_chain():
    party = make.payee(0)
    make.fund(party, 10, now=on(5, 2))
    make.fund(party, 20, now=on(7, 2))
    assert service.open_months(now=on(8, 2)) == [MAY, JUNE, JULY]
    assert [service.close_month(month=m, now=on(8, 2)) for m in (MAY, JUNE, JULY)] == [1, 0, 1]
    assert told(party) == [(5, 0, 10, 0, 10, 1), (7, 10, 20, 0, 30, 1)]
    check()


# Batches


def batch_of(parts, *, no="S1", batch_id=1):
    digest = service.close_batch(batch_id=batch_id, no=no, until=NOW, sales=1, accruals=1, parts=parts, now=NOW)
    assert bytes(rows.query("SELECT digest FROM settlement_batch WHERE id = %s", [batch_id])[0][0]) == digest
    return digest


def test_a_batch_is_its_parts_and_its_digest_recomputes():
    make_commission.paid([make_commission.sale(1), make_commission.sale(2)])
    make_commission.service.mark_received(sale_ids=[1, 2], received_at=make_commission.NOW, settle_days=27)
    batch_id, no = service.open_batch(now=NOW)
    until = make_commission.NOW + timedelta(days=28)
    done = make_commission.service.mature(until=until, batch_id=batch_id, batch_no=no, limit=9, now=until)
    parts = [Part(p.payee.kind, p.payee.id, p.merchant_id, p.items, p.amount_fen, p.transfer_id) for p in done.parts]
    assert sorted((p.payee_kind, p.payee_id, p.amount_fen) for p in parts) == [
        ("merchant", 7, 9980 - 1196 - 498),
        ("promoter", 9, 1196),
        ("promoter", 10, 498),
    ]
    service.close_batch(
        batch_id=batch_id, no=no, until=until, sales=done.sales, accruals=done.accruals, parts=parts, now=until
    )
    check(sales=True)


def test_the_digest_knows_neither_order_nor_transfers():
    parts = [
        Part("promoter", 9, 7, 2, 1_196, 11),
        Part("promoter", 10, 7, 2, 498, 12),
        Part("merchant", 7, 7, 2, 5, 13),
    ]
    again = [
        Part(*(getattr(p, f) for f in ("payee_kind", "payee_id", "merchant_id", "items", "amount_fen")), 99)
        for p in parts
    ]
    assert rules.batch_digest(parts) == rules.batch_digest(reversed(again))
    assert rules.batch_digest(parts) != rules.batch_digest(parts[1:])


def test_an_empty_batch_has_a_digest_that_verify_finds_again():
    batch_of([])
    check()


def test_a_line_of_promoters_checks():
    make_parties.promoter_line(4)
    check()


def test_verify_knows_every_check_of_this_file():
    assert {"leaving", "withdrawals", "approvals", "batches", "parts", "statements", "seats", "recruiters"} <= {
        result.name for result in verify.run()
    }


def test_the_super_administrator_is_told_on_the_phone_once_for_each_step():
    party = make.payee(500, rail=Rail.WECHAT, number="o" + "x" * 27)
    no = make.sending(party, 500).no
    for heard in (Heard.WAITING_USER, Heard.WAITING_USER, Heard.PAID, Heard.PAID):
        service.record_outcomes(outcomes=[outcome(no, heard, package="P")], now=NOW)
    owner = make_parties.super_admin_of(party).person_id
    told = [one for one in messages.personal_of(person_id=owner) if one.page == "withdrawal"]
    assert [(one.kind, one.object) for one in told] == [("withdrawal_arrived", no), ("withdrawal_to_confirm", no)]
    assert told[1].zh == f"提现 {no} 请确认收款：¥5.00"
