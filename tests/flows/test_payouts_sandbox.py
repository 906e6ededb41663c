"""Withdrawals paid out by the real adapters over HTTP, with the sandbox at the other end."""

import time
from datetime import timedelta

import pytest

from tests.make import parties as make_parties
from tests.make import settlement as make
from tests.make.settlement import check, shown, stand
from tests.sandbox_process import notice_listener, sandbox_process
from tuike.audit.types import OPERATOR_SHELL
from tuike.flows.decide_withdrawal import approve_withdrawal
from tuike.flows.export_bank_batch import export_bank_batch
from tuike.flows.import_bank_outcomes import import_bank_outcomes
from tuike.flows.record_payout_notices import record_payout_notices
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.flows.run_payouts import run_payouts
from tuike.gateways import config, http
from tuike.gateways.payouts import Outcome, OutcomeState, Payout, WeChatRail
from tuike.gateways.sandbox_bank import SandboxRail
from tuike.gateways.wechatpay import WeChatPay
from tuike.kit import clock
from tuike.parties import service as parties
from tuike.parties.types import Rail as AccountRail
from tuike.parties.types import Role
from tuike.payments import service as payments
from tuike.settlement import queries
from tuike.settlement.types import Rail, WithdrawalState

pytestmark = pytest.mark.usefixtures("db")
S = WithdrawalState


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One sandbox process for this file."""
    with sandbox_process(tmp_path_factory.mktemp("payouts") / "sandbox", notify_factor=300) as running:
        yield running


@pytest.fixture
def sandbox(server):
    """The sandbox, empty."""
    server.reset()
    return server


@pytest.fixture
def listener():
    """Takes notices."""
    with notice_listener() as taking:
        yield taking


@pytest.fixture
def pay(sandbox):
    """The real adapter of WeChat Pay."""
    return WeChatPay(config.load(sandbox.env))


@pytest.fixture
def rails(pay, sandbox, listener):
    """Both rails that answer at once."""
    wechat = WeChatRail(pay, notify_url=listener.url)
    return {Rail.WECHAT: wechat, Rail.SANDBOX: SandboxRail(base=sandbox.base)}


NOW = clock.real_now()
"""The sandbox runs on the real clock."""


def approved(fen=1_000, *, rail=AccountRail.WECHAT, holder="李雷", number="6225880123456789"):
    """Return a promoter and its withdrawal, asked for and approved by the flows."""
    party = make_parties.promoter()
    account = parties.bind_bank_account(
        party_id=party.id, rail=rail, holder=holder, number=number, bank="招商银行", actor=OPERATOR_SHELL, now=NOW
    )
    parties.verify_bank_account(bank_account_id=account.id, actor=OPERATOR_SHELL, now=NOW)
    make.fund(party, fen, now=NOW)
    asker = make_parties.super_admin_of(party)
    no = request_withdrawal(party_id=party.id, amount_fen=fen, key="k", actor=asker, now=NOW)
    approve_withdrawal(no=no, actor=make_parties.operator_seat(Role.FINANCE), now=NOW)
    return party, no


def to_wechat(sandbox, fen=1_000):
    person = sandbox.control("people")["people"][0]
    return approved(fen, holder=person["name"], number=person["openid"])


def asked_until(no, state, rails):
    """Run as the schedule would, until the withdrawal is in a state."""
    for minute in range(1, 200):
        run_payouts(rails=rails, now=NOW + timedelta(minutes=minute * 60))
        if shown(no).state is state:
            return
        time.sleep(0.02)
    raise AssertionError(shown(no).state)


@pytest.mark.parametrize("end", [("confirm", S.PAID), ("refuse", S.RETURNED)])
def test_wechat_waits_for_the_payee_and_the_notice_ends_it(sandbox, listener, pay, rails, end):
    action, state = end
    party, no = to_wechat(sandbox, 250_000)  # ¥2,500: the name goes along, sealed
    run_payouts(rails=rails, now=NOW)
    assert shown(no).state is S.WAITING_USER
    package = queries.confirmation_of(no, party_id=party.id)
    assert package and pay.confirm_parameters(package)["package"] == package
    sandbox.control("transfer", out_bill_no=no, action=action)
    (came,) = listener.wait(1)
    notice = pay.verify_notice(came.headers, came.body)
    payments.keep_notice(channel="wechatpay", notice=notice, now=NOW)
    (done,) = record_payout_notices(now=NOW)
    assert (done.no, done.state, done.verdict) == (no, state, "moved")
    run_payouts(rails=rails, now=NOW + timedelta(hours=1))
    back = 250_000 if state is S.RETURNED else 0
    assert stand(party, "available", "leaving") == {"available": back, "leaving": 0}
    check()


def test_the_answer_got_lost_and_what_opens_the_confirmation_is_fetched(sandbox, rails, monkeypatch):
    party, no = to_wechat(sandbox)
    monkeypatch.setattr(http, "READ_SECONDS", 1.5)
    sandbox.control("fault", target="transfer.create", action="timeout_after", hold_ms=6000, times=1)
    run_payouts(rails=rails, now=NOW)
    assert shown(no).state is S.SENDING
    run_payouts(rails=rails, now=NOW + timedelta(minutes=1))
    assert shown(no).state is S.WAITING_USER
    assert queries.confirmation_of(no, party_id=party.id)
    sandbox.control("transfer", out_bill_no=no, action="confirm")
    asked_until(no, S.PAID, rails)
    check()


def test_a_call_that_never_arrived_is_made_again_under_its_number(sandbox, rails):
    _, no = to_wechat(sandbox)
    sandbox.control("fault", target="transfer.create", action="drop", times=1)
    run_payouts(rails=rails, now=NOW)
    assert shown(no).state is S.SENDING
    run_payouts(rails=rails, now=NOW + timedelta(minutes=1))
    assert shown(no).state is S.WAITING_USER
    check()


def test_no_money_on_the_platforms_side_keeps_it_waiting(sandbox, rails):
    party, no = to_wechat(sandbox)
    sandbox.control("settings", balance_fen=1)
    run_payouts(rails=rails, now=NOW)
    assert (shown(no).state, stand(party, "leaving")) == (S.SENDING, {"leaving": 1_000})
    sandbox.control("settings", balance_fen=10**9)
    run_payouts(rails=rails, now=NOW + timedelta(minutes=1))
    assert shown(no).state is S.WAITING_USER
    check()


def test_a_payee_that_wechat_doesnt_know_gets_nothing_and_the_money_is_back(sandbox, rails):
    party, no = approved(number="o" + "z" * 27)
    run_payouts(rails=rails, now=NOW)
    assert (shown(no).state, stand(party, "available")) == (S.RETURNED, {"available": 1_000})
    check()


def test_the_sandboxs_bank_answers_at_once_and_decides_once(sandbox, rails):
    party, no = approved(rail=AccountRail.SANDBOX)
    run_payouts(rails=rails, now=NOW)
    assert (shown(no).state, shown(no).provider_no[:3]) == (S.PAID, "SBX")
    order = Payout(payout_no=no, amount_fen=1_000, name="李雷", account_no="6225880123456789", bank="招商银行")
    assert rails[Rail.SANDBOX].send(order).reference == shown(no).provider_no
    assert rails[Rail.SANDBOX].ask(no) == Outcome(payout_no=no, state=OutcomeState.NOT_SENT)
    assert stand(party, "leaving") == {"leaving": 0}
    check()


def test_the_sandboxs_bank_away_is_an_unknown_outcome():
    order = Payout(payout_no="W1", amount_fen=1_000, name="李雷", account_no="6225880123456789")
    said = SandboxRail(base="http://127.0.0.1:9").send(order)
    assert said.state is OutcomeState.UNKNOWN


def test_the_bank_works_through_our_file_and_we_through_its(sandbox):
    (one, no_one), (two, no_two) = (approved(fen, rail=AccountRail.BANK) for fen in (1_000, 2_500))
    finance = make_parties.operator_seat(Role.FINANCE)
    made = export_bank_batch(actor=finance, now=NOW)
    wish = {"csv": made.file.decode("utf-8-sig"), "mode": "returned", "payout_nos": [no_two], "reason": "账号不存在"}
    told = sandbox.control("bank", **wish)
    done = import_bank_outcomes(batch_no=made.no, file=told["csv"].encode(), actor=finance, now=NOW)
    assert (done.paid, done.returned) == (1, 1)
    assert (shown(no_one).state, shown(no_two).state, shown(no_two).reason) == (S.PAID, S.RETURNED, "账号不存在")
    assert stand(one, "available") | {"back": stand(two, "available")["available"]} == {"available": 0, "back": 2_500}
    check()
