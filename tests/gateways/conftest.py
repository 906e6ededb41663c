"""The real adapters, pointed at a running sandbox by the settings that the sandbox wrote."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.gateways.notices import number
from tests.sandbox_process import notice_listener, sandbox_process
from tuike.gateways import config, http
from tuike.gateways.types import Channel, PrepayRequest, RefundRequest, TransferRequest
from tuike.gateways.wechat import WeChat
from tuike.gateways.wechatpay import WeChatPay


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory):
    """One sandbox process for all contract tests."""
    with sandbox_process(tmp_path_factory.mktemp("wechat") / "sandbox", notify_factor=300) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_server):
    """The sandbox, empty."""
    sandbox_server.reset()
    return sandbox_server


@pytest.fixture
def listener():
    """Takes notices."""
    with notice_listener() as taking:
        yield taking


@pytest.fixture(scope="session")
def settings_of_wechat(sandbox_server):
    """What `config.load` makes of the sandbox's own file."""
    return config.load(sandbox_server.env)


@pytest.fixture(scope="session")
def pay(settings_of_wechat):
    """The real adapter of WeChat Pay; it keeps nothing between calls."""
    return WeChatPay(settings_of_wechat)


@pytest.fixture
def wechat(settings_of_wechat):
    """The real client of the server API."""
    return WeChat(settings_of_wechat)


@pytest.fixture
def impatient(monkeypatch):
    """Wait 1.5 s for an answer instead of 5 s: less than a fault holds it back, more than one takes to come."""
    monkeypatch.setattr(http, "READ_SECONDS", 1.5)


@pytest.fixture
def order(sandbox, listener):
    """Make requests for orders: `order(amount_fen=…)`."""

    def make(**changes):
        given = {
            "channel": Channel.JSAPI,
            "out_trade_no": number("P"),
            "description": "丹东草莓 5 斤装",
            "amount_fen": 9980,
            "expires_at": datetime.now(UTC) + timedelta(minutes=30),  # noqa: TID251 the sandbox's real clock
            "notify_url": listener.url,
            "attach": "intent:7",
            "payer_openid": sandbox.openid(),
        }
        return PrepayRequest(**{**given, **changes})

    return make


@pytest.fixture
def paid(pay, sandbox, order):
    """Make an order that is paid: `paid(amount_fen=…)` returns its request."""

    def make(**changes):
        request = order(**changes)
        pay.prepay(request)
        sandbox.control("pay", out_trade_no=request.out_trade_no)
        return request

    return make


@pytest.fixture
def refund_of(sandbox, listener):
    """Make refund requests of an order's request; `refund_of.ends(request, "closed")` plans how one ends."""

    def make(request, **changes):
        given = {
            "out_refund_no": number("R"),
            "out_trade_no": request.out_trade_no,
            "refund_fen": 4990,
            "total_fen": request.amount_fen,
            "notify_url": listener.url,
            "reason": "七天无理由退货",
        }
        return RefundRequest(**{**given, **changes})

    make.ends = lambda request, end: sandbox.control("refund", out_refund_no=request.out_refund_no, outcome=end)
    return make


@pytest.fixture
def transfer_to(sandbox, listener):
    """Make transfer requests to one of the sandbox's people."""

    def make(**changes):
        given = {
            "out_bill_no": number("W"),
            "openid": sandbox.openid(),
            "amount_fen": 12_345,
            "remark": "11 月推广佣金",
            "notify_url": listener.url,
        }
        return TransferRequest(**{**given, **changes})

    return make
