"""Makers of sale facts and booked sales."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from tuike.commission import service
from tuike.commission.types import SaleFacts, SaleTerms, Source, Tier
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move

NOW = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
MERCHANT, PROMOTER, RECRUITER, GRAND, LEADER = 7, 9, 10, 11, 3
_numbers = count(1)


def terms(**given: Any) -> SaleTerms:
    """Terms of a promoter at 12 %, its recruiter at 5 %."""
    return SaleTerms(
        **{"promoter_id": PROMOTER, "rate_bps": 1200, "rate_id": 1, "tier2": Tier(RECRUITER, 500, 2)} | given
    )


def sale(sale_id: int, paid_fen: int = 4990, quantity: int = 1, **given: Any) -> SaleFacts:
    """A paid line of the mall."""
    facts: dict[str, Any] = {
        "sale_id": sale_id,
        "order_no": f"O{sale_id}",
        "merchant_id": MERCHANT,
        "source": Source.MINI_STORE,
        "quantity": quantity,
        "paid_fen": paid_fen,
        "placed_at": NOW - timedelta(minutes=5),
        "paid_at": NOW,
        "terms": terms(),
        "product_id": 1,
    }
    return SaleFacts(**facts | given)


def paid(sales: list[SaleFacts], *, now: datetime = NOW) -> str:
    """Book sales with the money that buyers paid for them; return the booking's number."""
    booking = f"B{next(_numbers)}"
    fen = sum(one.paid_fen for one in sales if one.source is Source.MINI_STORE)
    if fen:
        move = Move(chart.outside("wechatpay"), chart.clearing(booking), fen)
        ledger.post(drafts=[Draft(f"payment:{booking}", "payment", "test", now, (move,))], now=now)
    service.accrue(sales=sales, booking=booking, clearing=booking, now=now)
    return booking


def prepaid(fen: int, *, merchant_id: int = MERCHANT, now: datetime = NOW) -> None:
    """Top an external shop up."""
    number = f"TOP{next(_numbers)}"
    move = Move(chart.outside("wechatpay"), chart.clearing(number), fen)
    ledger.post(drafts=[Draft(f"payment:{number}", "payment", "test", now, (move,))], now=now)
    service.fund_prepaid(merchant_id=merchant_id, amount_fen=fen, clearing=number, number=number, at=now, now=now)


def settled(*, days: int = 28, batch_id: int = 1, limit: int = 1000) -> Any:
    """Mature what is due `days` after the makers' day."""
    until = NOW + timedelta(days=days)
    return service.mature(until=until, batch_id=batch_id, batch_no=f"S{batch_id}", limit=limit, now=until)


def stand(*names: str) -> dict[str, int]:
    """Return balances in fen by short name: `m.held`, `p.pending`, `r.available`, `l.owed`, `advance`, `clearing:X`."""
    short = {
        "m": ("merchant", MERCHANT),
        "p": ("promoter", PROMOTER),
        "r": ("promoter", RECRUITER),
        "g": ("promoter", GRAND),
        "l": ("leader", LEADER),
    }
    refs = {}
    for name in names:
        owner, dot, purpose = name.partition(".")
        if dot:
            refs[name] = chart.payee(*short[owner], purpose)
        elif name.startswith("clearing:"):
            refs[name] = chart.clearing(name.removeprefix("clearing:"))
        elif name.startswith("outside:"):
            refs[name] = chart.outside(name.removeprefix("outside:"))
        else:
            refs[name] = chart.platform(name)
    balances = ledger.balances(refs=refs.values())
    return {name: balances[ref.path] for name, ref in refs.items()}
