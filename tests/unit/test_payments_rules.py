"""What facts mean, how they are booked, when to ask again: tables and properties, no database."""

import itertools
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make.payments import NOW, fact, no_news
from tuike.gateways import types as outside
from tuike.gateways.types import NoticeKind, RefundFact, TradeState, TransferFact, TransferState
from tuike.kit.money import MAX_FEN
from tuike.payments import rules
from tuike.payments.types import IntentState, Outcome, RefundRef, RefundState, Standing

_RANKS = list(RefundState)


def standing(no: str = "P1", state: IntentState = IntentState.OPEN, **changes: object) -> Standing:
    values = {
        "id": int(no[1:]),
        "no": no,
        "purpose": f"test:{no}",
        "channel": "wechatpay",
        "state": state,
        "amount_fen": 9_980,
        "paid_fen": 0,
        "transaction_no": None,
    }
    return Standing(**values | changes)


PAID = standing(state=IntentState.PAID, paid_fen=9_980, transaction_no="42P1")


@pytest.mark.parametrize(
    ("before", "said", "outcome"),
    [
        (standing(), fact("P1"), Outcome.PAID),
        (standing(), fact("P1", trade_state=TradeState.REFUND), Outcome.PAID),
        (standing(), fact("P1", amount_fen=9_979), Outcome.MISMATCHED),
        (standing(), fact("P1", amount_fen=9_981), Outcome.MISMATCHED),
        (standing(), fact("P1", currency="USD"), Outcome.MISMATCHED),
        (standing(state=IntentState.CLOSED), fact("P1"), Outcome.LATE),
        (standing(state=IntentState.CLOSED), fact("P1", amount_fen=1), Outcome.LATE),
        (PAID, fact("P1"), Outcome.REPEATED),
        (PAID, fact("P1", transaction_id="other"), Outcome.CONFLICT),
        (PAID, fact("P1", amount_fen=1), Outcome.CONFLICT),
        (PAID, no_news("P1", TradeState.CLOSED), Outcome.NO_NEWS),
        (standing(), fact("P1", transaction_id=None), Outcome.CONFLICT),
        (standing(), fact("P1", success_at=None), Outcome.CONFLICT),
    ],
)
def test_what_a_fact_means(before, said, outcome):
    assert rules.judge_all([before], [said]).outcomes == {"P1": outcome}


def test_a_transaction_pays_one_intent():
    used = standing("P2", IntentState.PAID, paid_fen=5, transaction_no="42P1")
    judged = rules.judge_all([standing(), used], [fact("P1")])
    assert (judged.moved, judged.outcomes) == ([], {"P1": Outcome.CONFLICT})
    both = rules.judge_all(
        [standing(), standing("P2")], [fact("P2", transaction_id="t"), fact("P1", transaction_id="t")]
    )
    assert both.outcomes == {"P1": Outcome.PAID, "P2": Outcome.CONFLICT}


def test_an_intent_of_which_the_provider_says_closed_is_handed_out_unless_it_is_paid():
    closed = no_news("P1", TradeState.CLOSED)
    assert rules.judge_all([standing()], [closed]).closed_there == ["P1"]
    assert rules.judge_all([standing()], [closed, fact("P1")]).closed_there == []
    assert rules.judge_all([PAID], [closed]).closed_there == []


@given(st.permutations([fact("P1"), fact("P1"), fact("P2", amount_fen=1), no_news("P1"), fact("P9"), no_news("P3")]))
def test_the_order_of_a_batch_changes_nothing(facts):
    judged = rules.judge_all([standing(), standing("P2"), standing("P3")], facts)
    assert [(s.no, state) for s, state, _ in judged.moved] == [("P1", "paid"), ("P2", "mismatched")]
    assert [one.out_trade_no for one in judged.unknown] == ["P9"]
    assert judged.outcomes["P3"] is Outcome.NO_NEWS


@pytest.mark.parametrize(
    ("said", "booked"),
    [(fact("P1"), 9_980), (fact("P1", currency="USD"), 0), (fact("P1", amount_fen=MAX_FEN + 1), 0)]
    + [(fact("P1", amount_fen=amount), 0) for amount in (0, -5, None)],
)
def test_what_can_be_booked(said, booked):
    assert rules.bookable_fen(said) == booked


def test_a_batch_is_one_booking_a_channel_and_the_rest_one_each():
    open_ = [standing("P3"), standing("P2"), standing("P1"), standing("P4", channel="sandbox")]
    closed = standing("P5", IntentState.CLOSED)
    facts = [fact("P1", amount_fen=1), *(fact(no) for no in ("P2", "P3", "P4", "P5"))]
    paid, mismatched, late = rules.payments_of(rules.judge_all([*open_, closed], facts))
    moves = {
        (draft.key, draft.kind): (draft.moves[0].giver.path, draft.moves[0].taker.path, draft.moves[0].amount_fen)
        for draft in rules.payment_drafts(paid, mismatched, late)
    }
    assert moves == {
        ("payment:P2", "payment"): ("outside:wechatpay", "clearing:P2", 19_960),
        ("payment:P4", "payment"): ("outside:sandbox", "clearing:P4", 9_980),
        ("payment:P1", "payment_mismatched"): ("outside:wechatpay", "clearing:P1", 1),
        ("payment:P5", "payment_late"): ("outside:wechatpay", "clearing:P5", 9_980),
    }


def test_what_cannot_be_booked_makes_no_booking():
    paid, mismatched, late = rules.payments_of(rules.judge_all([standing()], [fact("P1", currency="USD")]))
    assert [one.amount_fen for one in mismatched] == [0]
    assert rules.payment_drafts(paid, mismatched, late) == []


@given(st.lists(st.sampled_from(list(outside.RefundState)), min_size=1, max_size=6))
def test_a_refund_ends_in_the_same_state_in_any_order(words):
    ends = set()
    for order in itertools.islice(itertools.permutations(words), 30):
        state = RefundState.OPEN
        for said in order:
            after = rules.state_after(state, said)
            assert after is state or after in state.exits
            state = after
        ends.add(state)
    assert len(ends) == 1
    assert (RefundState.DONE in ends) == (outside.RefundState.SUCCESS in words)


def test_exits():
    assert {s for s in IntentState if not s.exits} == {IntentState.PAID, IntentState.MISMATCHED, IntentState.LATE}
    assert IntentState.CLOSED.exits == {IntentState.LATE}
    assert RefundState.DONE.exits == frozenset()
    assert RefundState.OPEN in RefundState.REFUSED.exits
    assert all(RefundState.OPEN not in s.exits for s in RefundState if s is not RefundState.REFUSED)


def refund_ref(**changes: object) -> RefundRef:
    values = {"id": 1, "no": "R1", "intent_no": "P1", "channel": "wechatpay", "purpose": "x", "amount_fen": 100}
    return RefundRef(**values | {"state": RefundState.OPEN} | changes)


def refund_said(**changes: object) -> RefundFact:
    values = {"out_refund_no": "R1", "refund_id": "50", "out_trade_no": "P1", "transaction_id": "42", "total_fen": 100}
    return RefundFact(**values | {"state": outside.RefundState.SUCCESS, "refund_fen": 100, "success_at": NOW} | changes)


@pytest.mark.parametrize("wrong", [{"refund_fen": 99}, {"out_trade_no": "P2"}])
def test_a_word_about_another_refund_changes_nothing(wrong):
    judged = rules.judge_refunds({"R1": refund_ref()}, [refund_said(**wrong)])
    assert (judged.moved, judged.outcomes) == ([], {"R1": Outcome.CONFLICT})
    assert len(judged.conflicting) == 1


def test_refund_words_in_one_batch():
    words = [refund_said(state=state) for state in outside.RefundState]
    judged = rules.judge_refunds({"R1": refund_ref()}, [*words, refund_said(out_refund_no="R9")])
    assert [(refund.no, refund.state) for refund, _ in judged.moved] == [("R1", RefundState.DONE)]
    assert judged.outcomes == {"R1": Outcome.DONE, "R9": Outcome.UNKNOWN}


@given(st.integers(0, 86_400))
def test_news_is_asked_for_within_five_minutes(age):
    wait = rules.next_ask(created_at=NOW - timedelta(seconds=age), now=NOW) - NOW
    assert timedelta(seconds=30) <= wait <= timedelta(minutes=4)


def test_the_wait_of_a_refund_doubles_to_an_hour():
    waits = [(rules.next_refund_ask(attempts=n, now=NOW) - NOW).total_seconds() for n in (0, 1, 2, 6, 7, 30_000)]
    assert waits == [30, 60, 120, 1920, 3600, 3600]


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (NoticeKind.PAYMENT, fact("P1")),
        (NoticeKind.PAYMENT, no_news("P1")),
        (NoticeKind.REFUND, refund_said()),
        (
            NoticeKind.TRANSFER,
            TransferFact(out_bill_no="W1", transfer_bill_no="9", state=TransferState.SUCCESS, updated_at=NOW),
        ),
    ],
)
def test_a_kept_fact_comes_back_as_it_was(kind, said):
    assert rules.fact_from_json(kind, json.loads(json.dumps(rules.fact_as_json(said)))) == said


def test_nothing_comes_back_of_other_notices():
    with pytest.raises(ValueError, match="other"):
        rules.fact_from_json(NoticeKind.OTHER, {})
