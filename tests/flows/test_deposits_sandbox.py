"""A deposit over HTTP: prepared and paid at the sandbox, let in, left, and given back through the channel."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import network as make_network
from tests.make import parties as make_parties
from tests.sandbox_process import sandbox_process
from tuike.audit.types import SYSTEM
from tuike.flows import decide_applications, outside, start_payment
from tuike.flows.close_unpaid import ask_payments
from tuike.flows.leave_network import leave_network, return_deposits
from tuike.flows.send_refunds import send_refunds
from tuike.gateways import config
from tuike.gateways.types import Channel
from tuike.gateways.wechatpay import WeChatPay
from tuike.kit import clock
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.network import queries
from tuike.network.types import DepositNotNeeded, DepositState
from tuike.parties import queries as parties
from tuike.parties.types import PromoterState
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("committed_db")
FEN = 20_000


@pytest.fixture
def sandbox(tmp_path, monkeypatch):
    """The sandbox's process, at the other end of WeChat Pay's real adapter."""
    with sandbox_process(tmp_path / "sandbox", notify_factor=300) as running:
        adapter = WeChatPay(config.load(running.env))
        monkeypatch.setattr(outside, "wechatpay", lambda: adapter)
        yield running


def test_a_deposit_is_paid_and_given_back_over_http(sandbox):
    now = clock.real_now()
    settings.change(name="deposit_hold_days", value=0, actor=SYSTEM, now=now)
    make_network.form(now, deposit_fen=FEN, law_noted=True, auto_pass=True)
    party = make_network.opened(now=now)
    head = make_network.head(party)
    start = {"person_id": head, "promoter_id": party.id, "payer": start_payment.Payer("", ""), "mode": Channel.NATIVE}
    with pytest.raises(DepositNotNeeded):
        start_payment.start_deposit(**start, now=now)
    make_network.applied(party, now=now)
    started = start_payment.start_deposit(**start, now=now)
    assert (started.amount_fen, "code_url" in started.prepared) == (FEN, True)
    assert start_payment.start_deposit(**start, now=now) == started
    sandbox.control("pay", out_trade_no=started.intent_no)
    later = now + timedelta(minutes=6)
    assert ask_payments(now=later) == 1
    assert ledger.balances(refs=[chart.promoter(party.id, "deposit")])[f"promoter:{party.id}:deposit"] == FEN
    with pytest.raises(DepositNotNeeded):
        start_payment.start_deposit(**start, now=later)
    assert decide_applications.decide_by_rules(now=later) == 1
    assert parties.promoter_facts([party.id])[party.id].state is PromoterState.ACTIVE
    mine = make_parties.super_admin_of(party)
    leave_network(person_id=head, promoter_id=party.id, reason="", actor=mine, now=later)
    assert return_deposits(now=later) == 1
    [deposit] = queries.deposits_of(party.id)
    assert send_refunds(now=later) == 1
    sandbox.control("refund", out_refund_no=deposit.refund_no, outcome="success")
    assert send_refunds(now=later + timedelta(days=1)) == 1
    [ended] = queries.deposits_of(party.id)
    assert (ended.state, ended.returned_fen) == (DepositState.ENDED, FEN)
    assert ledger.balances(refs=[chart.outside("wechatpay")]) == {"outside:wechatpay": 0}
    books.check()
