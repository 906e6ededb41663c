"""Booking, refunding, maturing: exact fen, and the books hold after every step."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import books
from tests.make.commission import LEADER, NOW, PROMOTER, paid, prepaid, sale, settled, stand, terms
from tuike.audit.types import Actor
from tuike.commission import service
from tuike.commission.types import (
    AdjustmentDecided,
    NotHeld,
    Payee,
    Refund,
    RefundFacts,
    RefundTooLarge,
    SaleTerms,
    SamePerson,
    Source,
    UnknownSale,
)
from tuike.db import rows
from tuike.insight.verify import commission, ledger

pytestmark = pytest.mark.usefixtures("db")
PARTS = (*(one.name for one in ledger.CHECKS), *(one.name for one in commission.CHECKS))


def check() -> None:
    """The books and commission's own facts; there are no orders behind these sales."""
    books.check(*PARTS)


REVIEWER, SECOND = Actor("console", person_id=1, role="operator"), Actor("console", person_id=2, role="finance")


def give_back(no: str, *parts: tuple[int, int, int], days: int = 1) -> None:
    at = NOW + timedelta(days=days)
    service.refund(refunds=[Refund(no, 7, tuple(RefundFacts(*part) for part in parts))], at=at, now=at)


def receive(*sale_ids: int) -> None:
    service.mark_received(sale_ids=sale_ids, received_at=NOW, settle_days=27)


def accruals(*sale_ids: int) -> list[tuple]:
    return rows.query(
        "SELECT role, amount_fen, state FROM commission_accrual WHERE sale_id = ANY(%s) ORDER BY sale_id, role",
        [list(sale_ids)],
    )


def test_two_lines_with_a_coupon_as_the_rule_book_says() -> None:
    paid([sale(1), sale(2)])
    assert stand("p.pending", "r.pending", "m.held") == {"p.pending": 1196, "r.pending": 498, "m.held": 9980 - 1694}
    check()


def test_the_same_sales_twice_are_booked_once() -> None:
    booking = paid([sale(1)])
    again = service.accrue(sales=[sale(1)], booking=booking, clearing=booking, now=NOW)
    assert (again.sales, again.accruals) == (0, 0)
    assert stand("p.pending", f"clearing:{booking}") == {"p.pending": 598, f"clearing:{booking}": 0}
    check()


def test_a_line_without_a_claim_pays_nobody_and_matures_for_the_merchant() -> None:
    paid([sale(1, terms=SaleTerms(nobody="no_touch")), sale(2, 800, kind="freight", terms=SaleTerms(nobody="freight"))])
    receive(1, 2)
    settled()
    assert stand("m.held", "m.available", "p.pending") == {"m.held": 0, "m.available": 5790, "p.pending": 0}
    check()


def test_a_refund_before_settling_follows_to_the_fen() -> None:
    paid([sale(1, 9980, 2)])
    give_back("R1", (1, 4990, 1))
    assert accruals(1) == [("direct", 598, "pending"), ("tier2", 249, "pending")]
    assert stand("m.held", "clearing:R1") == {"m.held": 4990 - 847, "clearing:R1": 4990}
    give_back("R2", (1, 4990, 1))
    assert accruals(1) == [("direct", 0, "cancelled"), ("tier2", 0, "cancelled")]
    assert stand("m.held", "p.pending", "r.pending") == {"m.held": 0, "p.pending": 0, "r.pending": 0}
    check()


def test_the_same_refund_twice_is_one_refund() -> None:
    paid([sale(1)])
    give_back("R1", (1, 1000, 0))
    give_back("R1", (1, 1000, 0))
    assert stand("clearing:R1") == {"clearing:R1": 1000}
    check()


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [([(1, 4991, 1)], RefundTooLarge), ([(1, 10, 2)], RefundTooLarge), ([(99, 1, 1)], UnknownSale)],
)
def test_a_refund_of_more_than_is_left_is_refused_and_changes_nothing(parts: list, refusal: type) -> None:
    paid([sale(1)])
    rows.run("SAVEPOINT before")
    with pytest.raises(refusal):
        give_back("R1", *parts)
    rows.run("ROLLBACK TO SAVEPOINT before")
    assert stand("p.pending", "clearing:R1") == {"p.pending": 598, "clearing:R1": 0}
    check()


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(1, 3000), min_size=1, max_size=6), st.data())
def test_any_way_to_the_same_refund_leaves_the_same_commission(cuts: list[int], data: st.DataObject) -> None:
    rich = terms(rate_bps=8000, bonus_fen=100, leader_id=LEADER, service_bps=900, platform_fee_bps=700)
    order = data.draw(st.permutations(range(len(cuts))))
    rows.run("SAVEPOINT example")
    try:
        paid([sale(1, 18_000, 9, terms=rich), sale(2, 18_000, 9, terms=rich)])
        give_back("ONE", (1, sum(cuts), len(cuts)))
        for i in order:
            give_back(f"MANY{i}", (2, cuts[i], 1))
        assert accruals(1) == accruals(2)
        check()
    finally:
        rows.run("ROLLBACK TO SAVEPOINT example")


def test_maturity_waits_27_days_to_the_second() -> None:
    paid([sale(1)])
    receive(1)
    early = NOW + timedelta(days=27) - timedelta(seconds=1)
    assert service.mature(until=early, batch_id=1, batch_no="S1", limit=10, now=early).sales == 0
    due = NOW + timedelta(days=27)
    done = service.mature(until=due, batch_id=1, batch_no="S1", limit=10, now=due)
    assert [(p.payee.kind, p.payee.id, p.amount_fen) for p in done.parts] == [
        ("promoter", PROMOTER, 598),
        ("promoter", 10, 249),
        ("merchant", 7, 4143),
    ]
    assert service.mature(until=due, batch_id=2, batch_no="S2", limit=10, now=due).sales == 0
    assert stand("p.pending", "p.available", "m.held", "m.available") == {
        "p.pending": 0,
        "p.available": 598,
        "m.held": 0,
        "m.available": 4143,
    }
    check()


def test_an_open_after_sale_keeps_a_line_from_settling() -> None:
    paid([sale(1)])
    receive(1)
    service.open_after_sale(sale_ids=[1])
    assert settled().sales == 0
    service.close_after_sale(sale_ids=[1])
    assert settled(batch_id=2).sales == 1


def test_a_held_accrual_does_not_settle_and_a_released_one_does() -> None:
    paid([sale(1)])
    receive(1)
    held = [row[0] for row in rows.query("SELECT id FROM commission_accrual WHERE role = 'direct'")]
    service.hold(accrual_ids=held, reason="同一地址下单", actor=REVIEWER, now=NOW)
    settled()
    assert stand("p.pending", "p.available", "r.available", "m.available") == {
        "p.pending": 598,
        "p.available": 0,
        "r.available": 249,
        "m.available": 4143,
    }
    service.release(accrual_ids=held, reason="核实无误", actor=REVIEWER, now=NOW)
    done = settled(days=29, batch_id=2)
    assert (done.sales, done.accruals) == (0, 1)
    assert stand("p.pending", "p.available") == {"p.pending": 0, "p.available": 598}
    with pytest.raises(NotHeld):
        service.hold(accrual_ids=held, reason="太晚", actor=REVIEWER, now=NOW)
    check()


@pytest.mark.parametrize("matured", [False, True])
def test_a_rejected_accrual_goes_back_to_the_merchant(matured: bool) -> None:
    paid([sale(1)])
    receive(1)
    held = [row[0] for row in rows.query("SELECT id FROM commission_accrual WHERE role = 'direct'")]
    service.hold(accrual_ids=held, reason="刷单", actor=REVIEWER, now=NOW)
    if matured:
        settled()
    service.reject(accrual_ids=held, reason="刷单", actor=REVIEWER, now=NOW)
    if not matured:
        settled()
    assert stand("p.pending", "m.held", "m.available") == {"p.pending": 0, "m.held": 0, "m.available": 4990 - 249}
    give_back("R1", (1, 4990, 1), days=30)
    assert stand("p.available", "p.owed", "clearing:R1") == {"p.available": 0, "p.owed": 0, "clearing:R1": 4990}
    check()


def test_a_refund_of_a_matured_line_with_a_held_accrual_gives_all_back() -> None:
    paid([sale(1)])
    receive(1)
    held = [row[0] for row in rows.query("SELECT id FROM commission_accrual WHERE role = 'direct'")]
    service.hold(accrual_ids=held, reason="核查", actor=REVIEWER, now=NOW)
    settled()
    give_back("R1", (1, 4990, 1), days=30)
    assert stand("p.pending", "r.available", "m.held", "m.available", "m.owed", "clearing:R1") == {
        "p.pending": 0,
        "r.available": 0,
        "m.held": 0,
        "m.available": 0,
        "m.owed": 0,
        "clearing:R1": 4990,
    }
    check()


def withdraw(name: str, fen: int) -> None:
    from tuike.ledger import chart
    from tuike.ledger import service as ledger
    from tuike.ledger.types import Draft, Move

    kind, party = {"p": ("promoter", 9), "m": ("merchant", 7)}[name]
    move = Move(chart.payee(kind, party, "available"), chart.outside("bank"), fen)
    ledger.post(drafts=[Draft(f"out:{name}:{fen}", "test", "test", NOW, (move,))], now=NOW)


def test_a_refund_after_withdrawal_becomes_debt_and_is_netted_oldest_first() -> None:
    paid([sale(1)])
    receive(1)
    settled()
    withdraw("p", 598)
    withdraw("m", 4143)
    give_back("R1", (1, 2000, 0), days=30)
    give_back("R2", (1, 2990, 1), days=31)
    # 240 of the promoter's 598 went with the first refund, the rest with the second; tier 2 still had its 249.
    debts = "SELECT payee_kind, cause LIKE %s, amount_fen, repaid_fen FROM commission_debt ORDER BY id"
    assert [(kind, fen) for kind, _, fen, _ in rows.query(debts, ["R1%"])] == [
        ("promoter", 240),
        ("merchant", 1660),
        ("promoter", 358),
        ("merchant", 2483),
    ]
    assert stand("p.owed", "r.available", "m.owed", "advance", "clearing:R1", "clearing:R2") == {
        "p.owed": -598,
        "r.available": 0,
        "m.owed": -4143,
        "advance": 0,
        "clearing:R1": 2000,
        "clearing:R2": 2990,
    }
    check()
    paid([sale(2, 2500)])
    service.mark_received(sale_ids=[2], received_at=NOW, settle_days=27)
    settled(days=60, batch_id=2)
    assert stand("p.available", "p.owed", "m.available", "m.owed") == {
        "p.available": 0,
        "p.owed": -298,
        "m.available": 0,
        "m.owed": -4143 + 2500 - 300 - 125,
    }
    assert [repaid for *_, repaid in rows.query(debts, ["R1%"])] == [240, 1660, 60, 415]
    check()


def external(sale_id: int, paid_fen: int) -> None:
    paid([sale(sale_id, paid_fen, source=Source.MINI_PROGRAM)])


def test_an_external_shop_pays_from_its_prepaid_balance_and_waits_when_it_is_short() -> None:
    prepaid(1000)
    external(1, 4990)
    external(2, 4990)
    assert accruals(2) == [("direct", 598, "waiting"), ("tier2", 249, "waiting")]
    assert stand("m.prepaid", "p.pending") == {"m.prepaid": 153, "p.pending": 598}
    receive(1, 2)
    assert settled().sales == 1
    give_back("R1", (2, 990, 0))
    prepaid(700)
    done = service.resume_waiting(merchant_id=7, booking="B-later", now=NOW)
    assert (done.sales, done.amount_fen, done.waiting) == (1, 680, 0)
    assert stand("m.prepaid", "p.pending", "p.available") == {"m.prepaid": 173, "p.pending": 480, "p.available": 598}
    assert settled(batch_id=2).sales == 1
    give_back("R2", (1, 4990, 1))
    assert stand("m.prepaid", "p.available", "clearing:R2") == {
        "m.prepaid": 173 + 847,
        "p.available": 480,
        "clearing:R2": 0,
    }
    check()


def test_waiting_sales_are_not_overtaken() -> None:
    external(1, 50_000)
    external(2, 1000)
    prepaid(500)
    assert service.resume_waiting(merchant_id=7, booking="B-x", now=NOW).sales == 0
    assert stand("m.prepaid") == {"m.prepaid": 500}


def test_a_new_sale_does_not_overtake_one_that_waits() -> None:
    prepaid(500)
    external(1, 50_000)
    external(2, 1000)
    assert accruals(2) == [("direct", 120, "waiting"), ("tier2", 50, "waiting")]
    paid([sale(3, 40_000, source=Source.MINI_PROGRAM, merchant_id=8), sale(4, 100, source=Source.MINI_PROGRAM)])
    assert {state for *_, state in accruals(3, 4)} == {"waiting"}
    prepaid(10_000)
    assert service.resume_waiting(merchant_id=7, booking="B-x", now=NOW).sales == 3
    assert stand("m.prepaid") == {"m.prepaid": 500 + 10_000 - 8500 - 170 - 17}
    check()


def test_a_sale_behind_one_of_its_batch_that_waits_waits_too() -> None:
    prepaid(200)
    paid([sale(1, 50_000, source=Source.MINI_PROGRAM), sale(2, 1000, source=Source.MINI_PROGRAM)])
    assert {state for *_, state in accruals(1, 2)} == {"waiting"}
    assert stand("m.prepaid") == {"m.prepaid": 200}


def test_an_accrual_that_was_rejected_while_it_waited_is_not_paid_after_the_top_up() -> None:
    external(1, 4990)
    (direct,) = rows.query("SELECT id FROM commission_accrual WHERE role = 'direct'")[0]
    service.hold(accrual_ids=[direct], reason="疑似刷单", actor=REVIEWER, now=NOW)
    service.reject(accrual_ids=[direct], reason="刷单", actor=REVIEWER, now=NOW)
    prepaid(249)
    done = service.resume_waiting(merchant_id=7, booking="B-x", now=NOW)
    assert (done.sales, done.amount_fen, done.waiting) == (1, 249, 0)
    assert stand("m.prepaid", "p.pending", "r.pending") == {"m.prepaid": 0, "p.pending": 0, "r.pending": 249}
    check()


def test_an_adjustment_takes_two_people_and_what_is_missing_becomes_debt() -> None:
    payee = Payee("promoter", PROMOTER)
    plus = service.ask_adjustment(payee=payee, amount_fen=300, reason="补发", sale_id=None, actor=REVIEWER, now=NOW)
    rows.run("SAVEPOINT before")
    with pytest.raises(SamePerson):
        service.approve_adjustment(no=plus, actor=REVIEWER, now=NOW)
    rows.run("ROLLBACK TO SAVEPOINT before")
    assert stand("p.available") == {"p.available": 0}
    service.approve_adjustment(no=plus, actor=SECOND, now=NOW)
    with pytest.raises(AdjustmentDecided):
        service.approve_adjustment(no=plus, actor=SECOND, now=NOW)
    minus = service.ask_adjustment(payee=payee, amount_fen=-500, reason="误发", sale_id=None, actor=REVIEWER, now=NOW)
    service.approve_adjustment(no=minus, actor=SECOND, now=NOW)
    assert stand("p.available", "p.owed", "promotion") == {"p.available": 0, "p.owed": -200, "promotion": 200}
    check()


def test_a_campaign_of_the_operator_is_paid_by_the_platform_and_refunded_to_it() -> None:
    said = terms(rate_bps=2000, bonus_fen=100, platform_funded=True, platform_fee_bps=1000)
    paid([sale(1, terms=said)])
    # 20 % of 4990 = 998, of which the platform's share takes 99; one piece of bonus; tier 2 is the merchant's to pay.
    assert stand("promotion", "pending", "p.pending", "r.pending", "m.held") == {
        "promotion": -1098,
        "pending": 99,
        "p.pending": 999,
        "r.pending": 249,
        "m.held": 4990 - 249,
    }
    check()
    receive(1)
    settled()
    assert stand("m.available", "fees", "p.available") == {"m.available": 4741, "fees": 99, "p.available": 999}
    give_back("R1", (1, 4990, 1), days=30)
    assert stand("promotion", "fees", "p.available", "m.available", "m.owed", "clearing:R1") == {
        "promotion": 0,
        "fees": 0,
        "p.available": 0,
        "m.available": 0,
        "m.owed": 0,
        "clearing:R1": 4990,
    }
    check()
