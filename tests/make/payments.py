"""Intents, facts and refunds for tests."""

import itertools
from datetime import UTC, datetime, timedelta

from tests.make.people import APPID
from tuike.gateways import types as outside
from tuike.gateways.types import Notice, NoticeKind, PaymentFact, RefundFact, TradeState
from tuike.payments import service
from tuike.payments.types import IntentRef, RefundAsk, RefundRef, RefundSource

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def intent(
    *, purpose: str | None = None, amount_fen: int = 9_980, now: datetime = NOW, minutes: int = 30, payer: str = "o1"
) -> IntentRef:
    """Open an intent at the sandboxed channel."""
    return service.open_intent(
        purpose=purpose or f"test:{next(_numbers)}",
        amount_fen=amount_fen,
        channel="wechatpay",
        mode="jsapi",
        description="测试订单",
        payer=payer,
        expires_at=now + timedelta(minutes=minutes),
        now=now,
    )


def fact(intent_no: str, *, amount_fen: int = 9_980, **changes: object) -> PaymentFact:
    """What the provider says of a payment of that intent."""
    values = {
        "out_trade_no": intent_no,
        "trade_state": TradeState.SUCCESS,
        "mchid": "1900000109",
        "appid": APPID,
        "transaction_id": f"42{intent_no}",
        "amount_fen": amount_fen,
        "currency": "CNY",
        "payer_openid": "o1",
        "success_at": NOW + timedelta(minutes=1),
    }
    return PaymentFact(**values | changes)  # type: ignore[arg-type]


def no_news(intent_no: str, state: TradeState = TradeState.NOTPAY) -> PaymentFact:
    """An answer without a payment."""
    return PaymentFact(out_trade_no=intent_no, trade_state=state, mchid="1900000109", appid=APPID)


def paid(*, amount_fen: int = 9_980, now: datetime = NOW) -> IntentRef:
    """An intent whose payment came in."""
    made = intent(amount_fen=amount_fen, now=now)
    service.settle(facts=[fact(made.no, amount_fen=amount_fen, success_at=now)], now=now)
    return made


def refund(intent_no: str, *, amount_fen: int, purpose: str | None = None, **changes: object) -> RefundRef:
    """Open a refund; a merchant's has to be funded by the caller."""
    values = {"intent_no": intent_no, "purpose": purpose or f"refund:{next(_numbers)}", "amount_fen": amount_fen}
    asked = RefundAsk(**values | {"source": RefundSource.MERCHANT} | changes)  # type: ignore[arg-type]
    return service.open_refunds(asks=[asked], now=NOW)[0]


def refund_fact(
    made: RefundRef, state: outside.RefundState = outside.RefundState.SUCCESS, **changes: object
) -> RefundFact:
    """What the provider says of a refund."""
    values = {
        "out_refund_no": made.no,
        "refund_id": f"50{made.no}",
        "out_trade_no": made.intent_no,
        "transaction_id": f"42{made.intent_no}",
        "state": state,
        "refund_fen": made.amount_fen,
        "total_fen": 9_980,
        "success_at": NOW + timedelta(hours=1) if state is outside.RefundState.SUCCESS else None,
    }
    return RefundFact(**values | changes)  # type: ignore[arg-type]


def notice(about: PaymentFact | RefundFact | None, *, id_: str | None = None) -> Notice:
    """A verified notice."""
    kind = {PaymentFact: NoticeKind.PAYMENT, RefundFact: NoticeKind.REFUND}.get(type(about), NoticeKind.OTHER)
    return Notice(
        kind=kind, id=id_ or f"n{next(_numbers)}", event_type="TRANSACTION.SUCCESS", created_at=NOW, fact=about
    )
