"""Payments of deposits: their purpose, what becomes of one that came in, of one that nobody can pay any more, and of
refunds that have arrived.

Shared by the journeys that start and confirm payments and send refunds; not a journey itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tuike.network import service as network
from tuike.network.types import PaidIn
from tuike.payments import service as payments
from tuike.payments.types import Payment, RefundAsk
from tuike.risk.types import CaseFacts, CaseKind

KIND = "deposit"


def purpose(no: str) -> str:
    """Return the purpose of a deposit's payment, and of the refund that gives it back."""
    return f"{KIND}:{no}"


def numbers(purposes: Iterable[str]) -> list[str]:
    """Return the numbers of the deposits that purposes name; other kinds of purposes are left out."""
    split = (one.partition(":") for one in purposes)
    return [no for kind, _, no in split if kind == KIND]


def book(paid: Mapping[str, Payment], now: datetime) -> list[CaseFacts]:
    """Book the deposits that were paid, by number, in the caller's transaction. A payment for one that can't be paid
    any more goes back in full by itself; return the cases that say so."""
    if not paid:
        return []
    came = {no: PaidIn(one.amount_fen, one.clearing_no, one.intent_no, one.paid_at) for no, one in paid.items()}
    stray = network.book_deposits(paid=came, now=now)
    asks = [
        RefundAsk(
            intent_no=paid[no].intent_no,
            purpose=f"{KIND}_stray:{no}",
            amount_fen=paid[no].amount_fen,
            reason="保证金无需缴纳，款项退回",
        )
        for no in stray
    ]
    refunds = payments.open_refunds(asks=asks, now=now) if asks else []
    fresh = {one.no: came[no] for no, one in zip(stray, refunds, strict=True) if one.fresh}
    network.return_stray(refunds=fresh, now=now)
    return [
        CaseFacts(CaseKind.LATE_PAYMENT, paid[no].intent_no, paid[no].amount_fen, {"purpose": paid[no].purpose})
        for no in stray
    ]


def cancel(purposes: Iterable[str], now: datetime) -> None:
    """Cancel the deposits whose payments were closed, in the caller's transaction."""
    nos = numbers(purposes)
    if nos:
        network.cancel_deposits(nos=nos, now=now)


def finish(purposes: Iterable[str], now: datetime) -> None:
    """End the deposits whose refunds have arrived, in the caller's transaction."""
    nos = numbers(purposes)
    if nos:
        network.finish_refunds(nos=nos, now=now)
