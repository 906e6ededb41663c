"""Refunds at WeChat Pay: the real adapter against the sandbox."""

from dataclasses import replace

import pytest

from tuike.gateways.types import Forged, ForgedReason, NoticeKind, RefundState, Refused, TradeState, Unreachable


def test_refund_from_asking_to_notice(pay, sandbox, paid, refund_of, listener):
    request = refund_of(paid())
    asked = pay.refund(request)
    assert (asked.state, asked.refund_fen, asked.total_fen) == (RefundState.PROCESSING, 4990, 9980)
    assert (asked.out_refund_no, asked.out_trade_no) == (request.out_refund_no, request.out_trade_no)
    came = listener.wait(2)[1]  # the first is the payment's
    notice = pay.verify_notice(came.headers, came.body)
    assert (notice.kind, notice.event_type) == (NoticeKind.REFUND, "REFUND.SUCCESS")
    assert notice.fact == pay.query_refund(request.out_refund_no)
    assert (notice.fact.state, notice.fact.refund_id) == (RefundState.SUCCESS, asked.refund_id)
    assert notice.fact.success_at.tzinfo
    assert pay.query(request.out_trade_no).trade_state is TradeState.REFUND


@pytest.mark.parametrize("end", ["abnormal", "closed"])
def test_a_refund_may_end_otherwise(pay, paid, refund_of, listener, end):
    request = refund_of(paid())
    refund_of.ends(request, end)
    pay.refund(request)
    came = listener.wait(2)[1]
    notice = pay.verify_notice(came.headers, came.body)
    assert (notice.fact.state, notice.fact.success_at) == (RefundState(end.upper()), None)
    assert pay.query_refund(request.out_refund_no).state is RefundState(end.upper())


def test_the_same_refund_again_is_one_refund_and_other_content_is_refused(pay, paid, refund_of):
    request = refund_of(paid())
    assert pay.refund(request).refund_id == pay.refund(request).refund_id
    with pytest.raises(Refused):
        pay.refund(replace(request, refund_fen=4991))
    with pytest.raises(Refused):
        pay.refund(replace(request, out_refund_no=request.out_refund_no + "B", refund_fen=4991))  # 1 fen too much
    assert pay.refund(replace(request, out_refund_no=request.out_refund_no + "C")).refund_fen == 4990  # the other half
    assert pay.query_refund(request.out_refund_no).refund_fen == 4990


def test_what_isn_t_there_or_not_paid_is_refused(pay, order, refund_of):
    request = order()
    pay.prepay(request)
    with pytest.raises(Refused):
        pay.refund(refund_of(request))
    with pytest.raises(Refused) as refused:
        pay.query_refund("R26112299999999")
    assert refused.value.provider_code == "RESOURCE_NOT_EXISTS"


@pytest.mark.parametrize(
    "changes", [{"refund_fen": 0}, {"refund_fen": 9981}, {"refund_fen": 49.9}, {"out_refund_no": "R/1"}], ids=str
)
def test_what_can_t_be_sent_is_never_sent(pay, sandbox, order, refund_of, changes):
    request = refund_of(order(), **changes)
    with pytest.raises(ValueError, match="refund"):
        pay.refund(request)
    assert sandbox.control("journal", direction="received")["journal"] == []


@pytest.mark.parametrize("action", ["drop", "garbage", "unsigned", "wrong_serial", "flip", "stale", "fail"])
def test_an_answer_that_proves_nothing_is_an_unknown_outcome(pay, sandbox, paid, refund_of, action):
    request = refund_of(paid())
    sandbox.control("fault", target="refund.create", action=action)
    with pytest.raises(Unreachable):
        pay.refund(request)
    assert pay.refund(request).refund_fen == 4990
    sandbox.control("fault", target="refund.query", action=action)
    with pytest.raises(Unreachable):
        pay.query_refund(request.out_refund_no)
    assert pay.query_refund(request.out_refund_no).refund_fen == 4990


def test_time_out_after_the_work_was_done_then_asking_tells_the_truth(pay, sandbox, paid, refund_of, impatient):
    request = refund_of(paid())
    sandbox.control("fault", target="refund.create", action="timeout_after", hold_ms=6000)
    with pytest.raises(Unreachable):
        pay.refund(request)
    assert pay.query_refund(request.out_refund_no).refund_fen == 4990


def test_a_refund_notice_for_another_merchant_is_forged(pay, sandbox, paid, refund_of, listener):
    sandbox.control("fault", target="notice:REFUND.SUCCESS", action="alter", set={"mchid": "1900000000"})
    pay.refund(refund_of(paid()))
    came = listener.wait(2)[1]
    with pytest.raises(Forged) as refused:
        pay.verify_notice(came.headers, came.body)
    assert refused.value.reason is ForgedReason.FOREIGN_MERCHANT
