"""Intents, notices, settling, refunds: exact rows and fen, every refusal, and the books after each."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import books
from tests.make import payments as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.gateways import types as outside
from tuike.gateways.types import NoticeKind, TradeState
from tuike.kit.errors import Invalid, NotFound
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move, NotEnough
from tuike.payments import queries, service
from tuike.payments.types import (
    IntentNotOpen,
    IntentReused,
    IntentState,
    NotRefundable,
    Outcome,
    RefundAsk,
    RefundNotRefused,
    RefundReused,
    RefundSource,
    RefundState,
    RefundTooMuch,
    RefundTooOften,
    RefundTooOld,
)

NOW = make.NOW

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def the_books_hold(db):
    """What `tuike verify` says of this module holds after every test."""
    yield
    books.check("transfers", "digests", "entries", "balances", "floors", "refunds")


def stand(*paths: str) -> dict[str, int]:
    """Balances in fen by path."""
    found = dict(rows.query("SELECT path, balance_fen FROM ledger_account WHERE path = ANY(%s)", [list(paths)]))
    return {path: found.get(path, 0) for path in paths}


def everything() -> list:
    """All rows of the module and all balances."""
    return [
        rows.query(f"SELECT * FROM {table} ORDER BY 1")
        for table in ("payments_intent", "payments_refund", "payments_notice", "ledger_account", "ledger_transfer")
    ]


def refused(refusal: type[Exception], work) -> None:
    """The verb refuses by this name and leaves everything as it was."""
    before = everything()
    with pytest.raises(refusal), transaction.atomic():
        work()
    assert everything() == before


def fund(refund_no: str, from_: str, amount_fen: int) -> None:
    """What a flow does for a merchant's refund: the money of the payment goes to the refund's clearing account."""
    move = Move(chart.clearing(from_), chart.clearing(refund_no), amount_fen)
    draft = Draft(key=f"fund:{refund_no}", kind="test", source="test", happened_at=NOW, moves=(move,))
    ledger.post(drafts=[draft], now=NOW)


# Intents


def test_the_second_opening_is_the_first():
    first = make.intent(purpose="checkout:C1")
    assert make.intent(purpose="checkout:C1", now=NOW + timedelta(minutes=5)) == first
    assert (first.state, first.prepared, first.amount_fen) == (IntentState.OPEN, None, 9_980)


@pytest.mark.parametrize("other", [{"amount_fen": 1}, {"payer": "o2"}])
def test_a_purpose_is_not_opened_with_other_content(other):
    make.intent(purpose="checkout:C1")
    refused(IntentReused, lambda: make.intent(purpose="checkout:C1", **other))


@pytest.mark.parametrize("wrong", [{"amount_fen": 0}, {"amount_fen": -1}, {"amount_fen": 10**10 + 1}, {"minutes": 0}])
def test_what_no_payment_is(wrong):
    refused(Invalid, lambda: make.intent(**wrong))


def test_prepared_is_kept_while_the_intent_is_open():
    made = make.intent()
    assert service.mark_prepared(intent_no=made.no, prepared={"package": "p"}).prepared == {"package": "p"}
    service.record_closed(intent_nos=[made.no], now=NOW)
    refused(IntentNotOpen, lambda: service.mark_prepared(intent_no=made.no, prepared={"package": "q"}))


def test_what_has_no_news_is_asked_for_and_then_less_often():
    made, other = make.intent(minutes=2), make.intent()
    service.settle(facts=[make.fact(other.no)], now=NOW)
    assert service.intents_to_ask(now=NOW) == []
    due = service.intents_to_ask(now=NOW + timedelta(seconds=30))
    assert [(one.no, one.expired) for one in due] == [(made.no, False)]
    assert service.intents_to_ask(now=NOW + timedelta(seconds=30)) == []
    late = service.intents_to_ask(now=NOW + timedelta(minutes=2))
    assert [(one.no, one.expired) for one in late] == [(made.no, True)]


def test_closing_takes_open_ones_alone():
    open_, paid = make.intent(), make.paid()
    moved = service.record_closed(intent_nos=[open_.no, paid.no, "P0"], now=NOW)
    assert [one.no for one in moved] == [open_.no]
    assert service.record_closed(intent_nos=[open_.no], now=NOW) == []
    assert queries.intents_by_no([paid.no])[paid.no].state is IntentState.PAID


# Notices


def test_a_notice_is_kept_once_and_worked_on_once():
    made = make.intent()
    notice = make.notice(make.fact(made.no), id_="n-1")
    assert [service.keep_notice(channel="wechatpay", notice=notice, now=NOW) for _ in range(3)] == [True, False, False]
    waiting = service.waiting_notices(kind=NoticeKind.PAYMENT)
    assert [(one.fact, one.object_no) for one in waiting] == [(make.fact(made.no), made.no)]
    assert service.waiting_notices(kind=NoticeKind.REFUND) == []
    assert service.finish_notices(outcomes={waiting[0].id: Outcome.PAID}, now=NOW) == 1
    assert service.finish_notices(outcomes={waiting[0].id: Outcome.LATE}, now=NOW) == 0
    assert service.waiting_notices(kind=NoticeKind.PAYMENT) == []
    assert rows.query("SELECT outcome FROM payments_notice") == [("paid",)]


def test_a_notice_of_another_event_waits_for_nobody():
    service.keep_notice(channel="wechatpay", notice=make.notice(None), now=NOW)
    assert queries.waiting_count() == 0
    assert rows.query("SELECT outcome FROM payments_notice") == [("ignored",)]


# Settling


def test_good_payments_are_one_booking():
    intents = [make.intent(amount_fen=amount) for amount in (100, 250)]
    facts = [make.fact(one.no, amount_fen=one.amount_fen) for one in intents]
    settled = service.settle(facts=facts, now=NOW)
    batch = settled.batches[0]
    assert (batch.amount_fen, batch.count, batch.channel) == (350, 2, "wechatpay")
    assert {payment.clearing_no for payment in settled.paid} == {batch.clearing_no}
    assert stand("outside:wechatpay", f"clearing:{batch.clearing_no}") == {
        "outside:wechatpay": -350,
        f"clearing:{batch.clearing_no}": 350,
    }
    assert rows.query("SELECT count(*) FROM ledger_transfer") == [(1,)]
    stored = queries.intents_by_no([intents[0].no])[intents[0].no]
    assert (stored.state, stored.paid_fen, stored.transaction_no) == (IntentState.PAID, 100, f"42{stored.no}")
    assert stored.paid_at == NOW + timedelta(minutes=1)


def test_a_thousand_facts_take_as_many_statements_as_one(django_assert_max_num_queries):
    intents = [make.intent(amount_fen=100) for _ in range(100)]
    facts = [make.fact(one.no, amount_fen=100) for one in intents]
    with django_assert_max_num_queries(12):
        assert service.settle(facts=facts, now=NOW).batches[0].count == 100


def test_a_repeated_batch_changes_nothing():
    made = make.intent()
    service.settle(facts=[make.fact(made.no)], now=NOW)
    before = everything()
    again = service.settle(facts=[make.fact(made.no), make.fact(made.no)], now=NOW + timedelta(days=1))
    assert (again.paid, again.batches, again.repeated[0]) == ([], [], made.no)
    assert everything() == before


@pytest.mark.parametrize(("wrong", "booked"), [({"amount_fen": 9_979}, 9_979), ({"currency": "USD"}, 0)])
def test_a_mismatch_serves_no_purpose_and_stays_on_its_own_account(wrong, booked):
    made = make.intent()
    settled = service.settle(facts=[make.fact(made.no, **wrong)], now=NOW)
    assert (settled.paid, settled.batches) == ([], [])
    assert [(one.intent_no, one.amount_fen, one.asked_fen) for one in settled.mismatched] == [(made.no, booked, 9_980)]
    assert stand(f"clearing:{made.no}") == {f"clearing:{made.no}": booked}
    again = service.settle(facts=[make.fact(made.no, **wrong)], now=NOW)
    assert (again.mismatched, again.repeated) == ([], [made.no])


def test_money_for_a_closed_intent_is_late():
    made = make.intent()
    service.record_closed(intent_nos=[made.no], now=NOW)
    settled = service.settle(facts=[make.fact(made.no)], now=NOW)
    assert [one.intent_no for one in settled.late] == [made.no]
    assert queries.intents_by_no([made.no])[made.no].state is IntentState.LATE
    assert stand(f"clearing:{made.no}") == {f"clearing:{made.no}": 9_980}


def test_facts_that_contradict_change_nothing():
    made = make.paid()
    before = everything()
    settled = service.settle(facts=[make.fact(made.no, transaction_id="second"), make.fact("P000000009")], now=NOW)
    assert (len(settled.conflicting), len(settled.unknown)) == (1, 1)
    assert settled.outcomes == {made.no: Outcome.CONFLICT, "P000000009": Outcome.UNKNOWN}
    assert everything() == before


def test_a_transaction_of_another_intent_pays_nothing():
    paid, other = make.paid(), make.intent()
    before = everything()
    settled = service.settle(facts=[make.fact(other.no, transaction_id=f"42{paid.no}")], now=NOW)
    assert (len(settled.conflicting), settled.paid) == (1, [])
    assert everything() == before


def test_an_answer_without_a_payment_is_no_news():
    made, gone = make.intent(), make.intent()
    settled = service.settle(facts=[make.no_news(made.no), make.no_news(gone.no, TradeState.CLOSED)], now=NOW)
    assert settled.closed_there == [gone.no]
    assert set(settled.outcomes.values()) == {Outcome.NO_NEWS}
    assert queries.intents_by_no([gone.no])[gone.no].state is IntentState.OPEN


# Refunds


def test_a_refund_goes_out_once():
    paid = make.paid(amount_fen=1_000)
    refund = make.refund(paid.no, amount_fen=300)
    assert refund.fresh and refund.state is RefundState.OPEN
    fund(refund.no, paid.no, 300)
    words = [make.refund_fact(refund, state) for state in outside.RefundState]
    first = service.record_refunds(facts=words, now=NOW)
    assert ([one.no for one in first.done], first.stuck) == ([refund.no], [])
    before = everything()
    again = service.record_refunds(facts=words[::-1], now=NOW)
    assert (again.done, again.outcomes) == ([], {refund.no: Outcome.REPEATED})
    assert everything() == before
    assert stand("outside:wechatpay", f"clearing:{refund.no}") == {
        "outside:wechatpay": -700,
        f"clearing:{refund.no}": 0,
    }


def test_the_second_ask_is_the_first():
    paid = make.paid(amount_fen=1_000)
    first = make.refund(paid.no, amount_fen=300, purpose="after_sale:A1")
    ask = RefundAsk(intent_no=paid.no, purpose="after_sale:A1", amount_fen=300)
    both = service.open_refunds(asks=[ask, ask], now=NOW + timedelta(days=400))
    assert [(one.no, one.fresh) for one in both] == [(first.no, False)] * 2
    assert queries.intents_by_no([paid.no])[paid.no].refunding_fen == 300
    refused(RefundReused, lambda: make.refund(paid.no, amount_fen=301, purpose="after_sale:A1"))
    other = RefundAsk(intent_no=paid.no, purpose="after_sale:A2", amount_fen=1)
    twice = [other, RefundAsk(intent_no=paid.no, purpose="after_sale:A2", amount_fen=2)]
    refused(RefundReused, lambda: service.open_refunds(asks=twice, now=NOW))


def test_refunds_stay_within_the_payment():
    paid = make.paid(amount_fen=1_000)
    make.refund(paid.no, amount_fen=600)
    refused(RefundTooMuch, lambda: make.refund(paid.no, amount_fen=401))
    two = [RefundAsk(intent_no=paid.no, purpose=f"t{n}", amount_fen=201) for n in range(2)]
    refused(RefundTooMuch, lambda: service.open_refunds(asks=two, now=NOW))
    make.refund(paid.no, amount_fen=400)
    refused(RefundTooMuch, lambda: make.refund(paid.no, amount_fen=1))


@pytest.mark.parametrize("amount_fen", [0, -1])
def test_a_refund_of_nothing_is_none(amount_fen):
    paid = make.paid()
    refused(Invalid, lambda: make.refund(paid.no, amount_fen=amount_fen))


def test_a_payment_has_fifty_refunds():
    paid = make.paid(amount_fen=1_000)
    asks = [RefundAsk(intent_no=paid.no, purpose=f"t{n}", amount_fen=1) for n in range(50)]
    service.open_refunds(asks=asks, now=NOW)
    refused(RefundTooOften, lambda: make.refund(paid.no, amount_fen=1))


@pytest.mark.parametrize(("late", "allowed"), [(-1, True), (0, True), (1, False)])
def test_a_payment_can_be_refunded_for_365_days(late, allowed):
    paid = make.paid()
    ask = [RefundAsk(intent_no=paid.no, purpose="x", amount_fen=1)]
    at = NOW + timedelta(days=365, seconds=late)
    if allowed:
        assert service.open_refunds(asks=ask, now=at)[0].fresh
    else:
        refused(RefundTooOld, lambda: service.open_refunds(asks=ask, now=at))


def test_only_money_that_came_in_goes_back_and_from_where_it_is():
    open_, paid = make.intent(), make.paid()
    refused(NotRefundable, lambda: make.refund(open_.no, amount_fen=1))
    refused(NotRefundable, lambda: make.refund("P0", amount_fen=1))
    refused(NotRefundable, lambda: make.refund(paid.no, amount_fen=1, source=RefundSource.PAYMENT))
    service.settle(facts=[make.fact(open_.no, amount_fen=77)], now=NOW)
    refused(NotRefundable, lambda: make.refund(open_.no, amount_fen=77))
    refund = make.refund(open_.no, amount_fen=77, source=RefundSource.PAYMENT)
    assert stand(f"clearing:{open_.no}", f"clearing:{refund.no}") == {
        f"clearing:{open_.no}": 0,
        f"clearing:{refund.no}": 77,
    }
    service.record_refunds(facts=[make.refund_fact(refund)], now=NOW)
    assert stand(f"clearing:{refund.no}", "outside:wechatpay") == {
        f"clearing:{refund.no}": 0,
        "outside:wechatpay": -9980,
    }


def test_a_refund_that_nobody_funded_is_not_booked():
    paid = make.paid()
    refund = make.refund(paid.no, amount_fen=5)
    refused(NotEnough, lambda: service.record_refunds(facts=[make.refund_fact(refund)], now=NOW))


@pytest.mark.parametrize("word", [outside.RefundState.ABNORMAL, outside.RefundState.CLOSED])
def test_what_did_not_arrive_releases_nothing_and_needs_a_person(word):
    paid = make.paid(amount_fen=1_000)
    refund = make.refund(paid.no, amount_fen=1_000)
    fund(refund.no, paid.no, 1_000)
    recorded = service.record_refunds(facts=[make.refund_fact(refund, word)], now=NOW)
    assert [one.no for one in recorded.stuck] == [refund.no]
    assert stand(f"clearing:{refund.no}") == {f"clearing:{refund.no}": 1_000}
    refused(RefundTooMuch, lambda: make.refund(paid.no, amount_fen=1))


def test_a_refund_is_sent_under_one_number_until_it_is_answered():
    paid = make.paid()
    refund = make.refund(paid.no, amount_fen=100)
    first = service.refunds_to_send(now=NOW)
    assert [(one.no, one.intent_no, one.amount_fen, one.total_fen, one.accepted) for one in first] == [
        (refund.no, paid.no, 100, 9_980, False)
    ]
    assert service.refunds_to_send(now=NOW) == []
    assert [one.no for one in service.refunds_to_send(now=NOW + timedelta(seconds=30))] == [refund.no]
    service.record_refunds(facts=[make.refund_fact(refund, outside.RefundState.PROCESSING)], now=NOW)
    assert [one.accepted for one in service.refunds_to_send(now=NOW + timedelta(minutes=5))] == [True]


def test_a_refusal_that_a_top_up_heals_is_sent_again_by_itself():
    refund = make.refund(make.paid().no, amount_fen=100)
    kept = service.record_refund_refused(refund_no=refund.no, provider_code="NOT_ENOUGH", now=NOW)
    assert kept.state is RefundState.OPEN
    assert [one.no for one in service.refunds_to_send(now=NOW + timedelta(hours=1))] == [refund.no]


def test_any_other_refusal_waits_for_a_person():
    refund = make.refund(make.paid().no, amount_fen=100)
    refused(RefundNotRefused, lambda: service.send_again(refund_no=refund.no, actor=OPERATOR_SHELL, now=NOW))
    no = service.record_refund_refused(refund_no=refund.no, provider_code="INVALID_REQUEST", now=NOW)
    assert no.state is RefundState.REFUSED
    assert service.refunds_to_send(now=NOW + timedelta(days=9)) == []
    assert service.send_again(refund_no=refund.no, actor=OPERATOR_SHELL, now=NOW).state is RefundState.OPEN
    assert [one.no for one in service.refunds_to_send(now=NOW)] == [refund.no]
    assert rows.query("SELECT action FROM audit_act WHERE object = %s", [refund.no]) == [("refund.send_again",)]


@pytest.mark.parametrize(
    "verb",
    [
        lambda: service.record_refund_refused(refund_no="R0", provider_code="X", now=NOW),
        lambda: service.send_again(refund_no="R0", actor=OPERATOR_SHELL, now=NOW),
    ],
)
def test_a_refund_that_is_not_there(verb):
    refused(NotFound, verb)


# Any multiset, order and split of what the provider says


def _world() -> tuple[list, list]:
    """Five intents: two good, one mismatched, one late, one refunded twice; everything that may be said of them."""
    good, other, wrong, closed, refunded = (make.intent(amount_fen=100 + n, purpose=f"w:{n}") for n in range(5))
    service.record_closed(intent_nos=[closed.no], now=NOW)
    service.settle(facts=[make.fact(refunded.no, amount_fen=104)], now=NOW)
    refunds = [make.refund(refunded.no, amount_fen=amount, purpose=f"w:r{amount}") for amount in (4, 60)]
    for one in refunds:
        fund(one.no, refunded.no, one.amount_fen)
    facts = [
        make.fact(good.no, amount_fen=100),
        make.fact(other.no, amount_fen=101),
        make.fact(wrong.no, amount_fen=1),
        make.fact(closed.no, amount_fen=103),
        make.fact(refunded.no, amount_fen=104, trade_state=TradeState.REFUND),
    ]
    words = [make.refund_fact(one, state) for one in refunds for state in (outside.RefundState.PROCESSING,)]
    words += [make.refund_fact(refunds[0]), make.refund_fact(refunds[1], outside.RefundState.ABNORMAL)]
    before = [
        make.no_news(one.no, state) for one in (good, other) for state in (TradeState.NOTPAY, TradeState.USERPAYING)
    ]
    return [*facts, *words], before


def _outcome() -> list:
    """What must not depend on the delivery: rows by purpose, and money by what its account is for."""
    intents = rows.query(
        "SELECT purpose, state, paid_fen, refunding_fen, paid_at, paid_by, transaction_no IS NULL"
        " FROM payments_intent ORDER BY purpose"
    )
    refunds = rows.query("SELECT purpose, state, ended_at FROM payments_refund ORDER BY purpose")
    booked = rows.query(
        "SELECT t.kind, sum(abs(e.amount_fen))::bigint FROM ledger_transfer t"
        " JOIN ledger_entry e ON e.transfer_id = t.id GROUP BY t.kind ORDER BY t.kind"
    )
    outside_ = rows.query("SELECT path, balance_fen FROM ledger_account WHERE path LIKE 'outside:%%'")
    left = rows.query("SELECT sum(balance_fen)::bigint FROM ledger_account WHERE path LIKE 'clearing:%%'")
    return [intents, refunds, booked, outside_, left]


def _deliver(said: list) -> None:
    payments = [one for one in said if isinstance(one, outside.PaymentFact)]
    service.settle(facts=payments, now=NOW)
    service.record_refunds(facts=[one for one in said if isinstance(one, outside.RefundFact)], now=NOW)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_multiset_and_order_in_any_batches_ends_in_the_same_books(data):
    with transaction.atomic():
        try:
            news, noise = _world()
            with transaction.atomic():
                point = transaction.savepoint()
                _deliver(news)
                clean = _outcome()
                transaction.savepoint_rollback(point)
            extra = data.draw(st.lists(st.sampled_from([*news, *noise]), max_size=12))
            said = data.draw(st.permutations([*news, *extra]))
            while said:
                size = data.draw(st.integers(1, len(said)))
                batch, said = said[:size], said[size:]
                _deliver(batch)
            assert _outcome() == clean
        finally:
            transaction.set_rollback(True)


def test_the_clean_delivery_is_what_it_should_be():
    news, _ = _world()
    _deliver(news)
    intents, refunds, booked, outside_, left = _outcome()
    assert [row[:4] for row in intents] == [
        ("w:0", "paid", 100, 0),
        ("w:1", "paid", 101, 0),
        ("w:2", "mismatched", 1, 0),
        ("w:3", "late", 103, 0),
        ("w:4", "paid", 104, 64),
    ]
    assert [row[:2] for row in refunds] == [("w:r4", "done"), ("w:r60", "abnormal")]
    assert Counter(dict(booked)) == Counter(
        {"payment": 2 * 305, "payment_mismatched": 2, "payment_late": 206, "refund_out": 8, "test": 128}
    )
    assert (outside_, left) == ([("outside:wechatpay", -405)], [(405,)])
