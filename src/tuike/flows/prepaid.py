"""Money that external shops pay in for commission, and what waited for it.

Shared by the journeys that confirm payments and take reports; not a journey itself.
"""

import hashlib
from datetime import datetime, timedelta

from tuike.commission import service as commission
from tuike.gateways.types import PaymentFact, TradeState
from tuike.idempotency.types import KeyMalformed
from tuike.parties import service as parties
from tuike.payments import service as payments
from tuike.payments.types import IntentState, Payment

STEP = 1000
"""Waiting sales that go on in one booking."""


def purpose(*, merchant_id: int, key: str) -> str:
    """Return the purpose of a top-up, by the caller's key: at most 64 characters, whatever the key's length.

    Raises:
        KeyMalformed: the key is empty, longer than 80 characters or has invisible characters.
    """
    if not 1 <= len(key) <= 80 or not key.isprintable():
        raise KeyMalformed
    short = key if len(key) < 32 else hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"top_up:{merchant_id}:{short}"


def book_top_up(payment: Payment, *, merchant_id: int, now: datetime) -> None:
    """Book a paid top-up, and let sales go on that waited for it, oldest first; in the caller's transaction."""
    commission.fund_prepaid(
        merchant_id=merchant_id,
        amount_fen=payment.amount_fen,
        clearing=payment.clearing_no,
        number=payment.intent_no,
        at=payment.paid_at,
        now=now,
    )
    go_on(merchant_id=merchant_id, booking=f"R{payment.intent_no}", now=now)


def go_on(*, merchant_id: int, booking: str, now: datetime) -> None:
    """Let sales go on that wait for prepaid money, oldest first, in the caller's transaction (docs/rules.md §6).

    After every event that brings money to the balance, or takes a waiting sale out of the way: a top-up, a refund.
    """
    step = 0
    while True:
        step += 1
        name = booking if step == 1 else f"{booking}.{step}"
        left = commission.resume_waiting(merchant_id=merchant_id, booking=name, now=now, limit=STEP)
        if left.waiting or left.sales < STEP:
            break
    if not left.waiting:
        parties.note_prepaid(short=[], enough=[merchant_id], now=now)


def pay_in(*, merchant_id: int, amount_fen: int, reference: str, key: str, paid_at: datetime, now: datetime) -> bool:
    """Take a bank transfer that a person has seen on the alliance's account as a merchant's top-up, in the caller's
    transaction; return whether it is news. The same `key` is the same payment (docs/rules.md §5, §7).

    The money comes in as all money does: an intent of the channel `bank`, settled by the fact that it was paid.

    Raises:
        KeyMalformed: the key.
        IntentReused: the key was used for another amount.
    """
    intent = payments.open_intent(
        purpose=purpose(merchant_id=merchant_id, key=key),
        amount_fen=amount_fen,
        channel="bank",
        mode="transfer",
        description=f"佣金预存 {reference}",
        payer="",
        expires_at=now + timedelta(days=1),
        now=now,
    )
    if intent.state is not IntentState.OPEN:
        return False
    fact = PaymentFact(
        out_trade_no=intent.no,
        trade_state=TradeState.SUCCESS,
        mchid="",
        appid="",
        transaction_id=f"bank:{merchant_id}:{reference}"[:64],
        amount_fen=amount_fen,
        currency="CNY",
        payer_openid="",
        success_at=paid_at,
    )
    for payment in payments.settle(facts=[fact], now=now).paid:
        book_top_up(payment, merchant_id=merchant_id, now=now)
    return True
