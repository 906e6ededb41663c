"""Payments of red packets: their purpose, what becomes of one that came in, and of one that nobody can pay any more.

Shared by the journeys that start and confirm payments; not a journey itself.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tuike.marketing import service as marketing
from tuike.marketing.service import Paid
from tuike.payments import service as payments
from tuike.payments.types import Payment, RefundAsk
from tuike.risk.types import CaseFacts, CaseKind

KIND = "red_packet"


def purpose(no: str) -> str:
    """Return the purpose of a packet's payment."""
    return f"{KIND}:{no}"


def no_of(purpose: str) -> str:
    """Return the packet's number that a purpose names, empty for another kind of purpose."""
    kind, _, no = purpose.partition(":")
    return no if kind == KIND else ""


def book(paid: Mapping[str, Payment], now: datetime) -> list[CaseFacts]:
    """Open the packets that were paid, by number, in the caller's transaction. A payment for one that can't be opened
    any more goes back in full by itself; return the cases that say so."""
    if not paid:
        return []
    came = {no: Paid(one.amount_fen, one.clearing_no, one.paid_at) for no, one in paid.items()}
    stray = marketing.fund_packets(paid=came, now=now)
    asks = [
        RefundAsk(
            intent_no=paid[no].intent_no,
            purpose=purpose(no),
            amount_fen=paid[no].amount_fen,
            reason="红包已失效，款项退回",
        )
        for no in stray
    ]
    refunds = payments.open_refunds(asks=asks, now=now) if asks else []
    marketing.return_payments(
        refunds={one.no: came[no] for no, one in zip(stray, refunds, strict=True) if one.fresh}, now=now
    )
    return [
        CaseFacts(CaseKind.LATE_PAYMENT, paid[no].intent_no, paid[no].amount_fen, {"purpose": paid[no].purpose})
        for no in stray
    ]


def cancel(purposes: Iterable[str], now: datetime) -> None:
    """Cancel the packets whose payments were closed, in the caller's transaction."""
    nos = [no for no in map(no_of, purposes) if no]
    if nos:
        marketing.cancel_packets(nos=nos, now=now)
