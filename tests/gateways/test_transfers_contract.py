"""Transfers to users, and the payout rail on top of them: the real adapters against the sandbox."""

import base64
from dataclasses import replace

import pytest

from tests.gateways.notices import number
from tests.waiting import until
from tuike.gateways.payouts import OutcomeState, Payout, WeChatRail, transfer_outcome
from tuike.gateways.types import Forged, ForgedReason, NoticeKind, Refused, TransferState, Unreachable


@pytest.fixture
def rail(pay, listener):
    """The rail under test."""
    return WeChatRail(pay, notify_url=listener.url)


@pytest.fixture
def payout(sandbox):
    """Make payouts to one of the sandbox's people."""

    def make(**changes):
        given = {"payout_no": number("W"), "amount_fen": 12_345, "remark": "推广佣金", "openid": sandbox.openid()}
        return Payout(**{**given, **changes})

    return make


def ends(pay, number_, state):
    """Ask until the transfer is in `state`."""

    def there():
        fact = pay.query_transfer(number_)
        return fact if fact.state is state else None

    return until(there, what=f"{number_} to be {state}")


def test_transfer_from_sending_over_confirmation_to_notice(pay, sandbox, transfer_to, listener):
    request = transfer_to()
    sent = pay.transfer(request)
    assert (sent.state, sent.out_bill_no) == (TransferState.WAIT_USER_CONFIRM, request.out_bill_no)
    assert pay.confirm_parameters(sent.package_info) == {
        "mchId": sandbox.env["WECHATPAY_MCHID"],
        "appId": sandbox.env["WECHAT_APPID"],
        "package": sent.package_info,
    }
    waiting = pay.query_transfer(request.out_bill_no)
    assert (waiting.state, waiting.amount_fen) == (TransferState.WAIT_USER_CONFIRM, 12_345)
    sandbox.control("transfer", out_bill_no=request.out_bill_no, action="confirm")
    (came,) = listener.wait(1)
    notice = pay.verify_notice(came.headers, came.body)
    assert (notice.kind, notice.event_type) == (NoticeKind.TRANSFER, "MCHTRANSFER.BILL.FINISHED")
    assert notice.fact == pay.query_transfer(request.out_bill_no)
    assert (notice.fact.state, notice.fact.amount_fen) == (TransferState.SUCCESS, 12_345)
    assert notice.fact.openid == request.openid


def test_the_name_is_needed_from_2000_yuan_checked_and_sealed(pay, sandbox, transfer_to):
    name = sandbox.control("people")["people"][0]["name"]
    with pytest.raises(Refused) as refused:
        pay.transfer(transfer_to(amount_fen=200_000))
    assert refused.value.provider_code == "NAME_REQUIRED"
    with pytest.raises(Refused) as refused:
        pay.transfer(transfer_to(amount_fen=29, user_name=name))
    assert refused.value.provider_code == "NAME_NOT_TAKEN"
    assert sandbox.control("journal", direction="received")["journal"] == []

    assert pay.transfer(transfer_to(amount_fen=199_999)).state is TransferState.WAIT_USER_CONFIRM
    request = transfer_to(amount_fen=200_000, user_name=name)
    assert pay.transfer(request).transfer_bill_no == pay.transfer(request).transfer_bill_no  # sealed anew, yet the same
    wire = [row["body"] for row in sandbox.control("journal", endpoint="transfer.create")["journal"]]
    assert not any(name in body or base64.b64encode(name.encode()).decode() in body for body in wire)
    assert name.encode("unicode_escape").decode() not in "".join(wire)
    sandbox.control("transfer", out_bill_no=request.out_bill_no, action="confirm")
    assert ends(pay, request.out_bill_no, TransferState.SUCCESS)

    other = transfer_to(amount_fen=200_000, user_name="不是本人")
    pay.transfer(other)
    sandbox.control("transfer", out_bill_no=other.out_bill_no, action="confirm")
    assert ends(pay, other.out_bill_no, TransferState.FAIL).fail_reason == "NAME_NOT_CORRECT"


def test_the_same_number_again_is_one_transfer_and_other_content_is_refused(pay, transfer_to):
    request = transfer_to()
    first, again = pay.transfer(request), pay.transfer(request)
    assert (first.transfer_bill_no, first.package_info) == (again.transfer_bill_no, again.package_info)
    with pytest.raises(Refused) as refused:
        pay.transfer(replace(request, amount_fen=12_346))
    assert refused.value.provider_code == "ALREADY_EXISTS"
    assert pay.query_transfer(request.out_bill_no).amount_fen == 12_345


def test_cancel_before_the_user_confirms_and_refused_after(pay, sandbox, transfer_to, listener):
    request = transfer_to()
    pay.transfer(request)
    assert pay.cancel_transfer(request.out_bill_no).state in (TransferState.CANCELING, TransferState.CANCELLED)
    (came,) = listener.wait(1)
    assert pay.verify_notice(came.headers, came.body).fact.state is TransferState.CANCELLED
    done = transfer_to()
    pay.transfer(done)
    sandbox.control("transfer", out_bill_no=done.out_bill_no, action="confirm")
    with pytest.raises(Refused):
        pay.cancel_transfer(done.out_bill_no)
    with pytest.raises(Refused) as refused:
        pay.cancel_transfer("W26112299999999")
    assert refused.value.provider_code == "NOT_FOUND"


def test_unconfirmed_for_24_hours_it_comes_back(pay, rail, sandbox, payout):
    sent = payout()
    assert rail.send(sent).state is OutcomeState.WAIT_USER
    sandbox.move_clock(86_400 + 60)
    outcome = transfer_outcome(ends(pay, sent.payout_no, TransferState.FAIL))
    assert (outcome.state, outcome.reason) == (OutcomeState.RETURNED, "OVERDUE_CLOSE")
    assert rail.send(sent).state is OutcomeState.RETURNED  # the same number never pays anew


@pytest.mark.parametrize(
    "changes",
    [{"out_bill_no": "W-1"}, {"out_bill_no": "W1/cancel"}, {"amount_fen": 0}, {"openid": ""}, {"user_name": "名" * 64}],
    ids=str,
)
def test_what_can_t_be_sent_is_never_sent(pay, sandbox, transfer_to, changes):
    with pytest.raises(ValueError, match=r"[a-z_]+"):
        pay.transfer(transfer_to(**changes))
    assert sandbox.control("journal", direction="received")["journal"] == []


@pytest.mark.parametrize("action", ["drop", "garbage", "unsigned", "wrong_serial", "flip", "stale", "fail"])
def test_an_answer_that_proves_nothing_is_an_unknown_outcome(pay, sandbox, transfer_to, action):
    request = transfer_to()
    calls = {
        "transfer.create": lambda: pay.transfer(request),
        "transfer.query": lambda: pay.query_transfer(request.out_bill_no),
        "transfer.cancel": lambda: pay.cancel_transfer(request.out_bill_no),
    }
    for endpoint, call in calls.items():
        sandbox.control("fault", target=endpoint, action=action)
        with pytest.raises(Unreachable) as unknown:
            call()
        assert request.openid not in str(unknown.value)
        assert call().out_bill_no == request.out_bill_no


@pytest.mark.parametrize(
    "case",
    [
        ({"mch_id": "1900000000"}, ForgedReason.FOREIGN_MERCHANT),
        ({"mch_id": None}, ForgedReason.UNREADABLE),
        ({"state": "MAYBE"}, ForgedReason.UNREADABLE),
    ],
    ids=str,
)
def test_a_transfer_notice_for_another_merchant_or_without_sense_is_forged(pay, sandbox, transfer_to, listener, case):
    changes, why = case
    sandbox.control("fault", target="notice:MCHTRANSFER.BILL.FINISHED", action="alter", set=changes)
    request = transfer_to()
    pay.transfer(request)
    sandbox.control("transfer", out_bill_no=request.out_bill_no, action="confirm")
    (came,) = listener.wait(1)
    with pytest.raises(Forged) as refused:
        pay.verify_notice(came.headers, came.body)
    assert refused.value.reason is why


def test_the_rail_pays_once_whatever_is_heard(rail, sandbox, payout, impatient):
    sent = payout()
    sandbox.control("fault", target="transfer.create", action="timeout_after", hold_ms=6000)
    assert rail.send(sent).state is OutcomeState.UNKNOWN  # it was done, nobody heard
    known = rail.ask(sent.payout_no)
    assert (known.state, known.amount_fen) == (OutcomeState.WAIT_USER, 12_345)
    again = rail.send(sent)
    assert (again.state, again.reference) == (OutcomeState.WAIT_USER, known.reference)
    assert again.package_info
    assert known.package_info is None  # only sending returns it
    sandbox.control("transfer", out_bill_no=sent.payout_no, action="confirm")
    assert ends(rail._pay, sent.payout_no, TransferState.SUCCESS)
    paid = rail.ask(sent.payout_no)
    assert (paid.state, paid.state.final, paid.settled_at is not None) == (OutcomeState.PAID, True, True)
    assert rail.send(sent).state is OutcomeState.PAID


def test_the_rail_believes_a_refusal_only_when_asking_finds_nothing(rail, sandbox, payout):
    sent = payout()
    rail.send(sent)
    changed = rail.send(replace(sent, amount_fen=1_000))  # refused: the number is taken
    assert (changed.state, changed.amount_fen) == (OutcomeState.WAIT_USER, 12_345)  # and this is what stands there

    stranger = payout(openid="oNobodyHasThisOpenid0123456789")
    refused = rail.send(stranger)
    assert (refused.state, refused.reason, refused.state.final) == (OutcomeState.REFUSED, "PARAM_ERROR", True)
    sandbox.control("fault", target="transfer.query", action="drop")
    assert rail.send(stranger).state is OutcomeState.UNKNOWN


def test_the_rail_keeps_a_payout_whose_refusal_is_the_operator_s_to_mend(rail, sandbox, payout):
    sandbox.control("settings", balance_fen=100)
    sent = payout()
    outcome = rail.send(sent)
    assert (outcome.state, outcome.reason) == (OutcomeState.NOT_SENT, "NOT_ENOUGH")
    sandbox.control("settings", balance_fen=None)
    assert rail.send(sent).state is OutcomeState.WAIT_USER


def test_the_rail_knows_when_nothing_was_sent(rail, sandbox, payout):
    never = payout()
    outcome = rail.ask(never.payout_no)
    assert (outcome.state, outcome.state.final) == (OutcomeState.NOT_SENT, False)
    sandbox.control("fault", target="transfer.query", action="unsigned")
    assert rail.ask(never.payout_no).state is OutcomeState.UNKNOWN
    small = payout(amount_fen=20, name="林小满")  # below ¥0.30 a name isn't taken: it isn't sent along
    assert rail.send(small).state is OutcomeState.WAIT_USER
