"""What moved on a buyer's balance, out of the books."""

from dataclasses import dataclass
from datetime import datetime

from tuike.db import rows
from tuike.insight.explain.words import KINDS, Words
from tuike.ledger import chart


@dataclass(frozen=True, slots=True)
class BalanceMove:
    """One entry: what it was, how much (negative: out), what stood there after it. `mark` is for the next page."""

    mark: int
    kind: str
    words: Words
    amount_fen: int
    balance_fen: int
    at: datetime


def balance_moves(*, buyer_id: int, before: int | None = None, limit: int = 20) -> list[BalanceMove]:
    """Return what moved on a buyer's balance, newest first; `before` is the last mark of the page before."""
    found = rows.query(
        "SELECT e.version, t.kind, e.amount_fen, e.balance_fen, t.happened_at FROM ledger_account a"
        " JOIN ledger_entry e ON e.account_id = a.id JOIN ledger_transfer t ON t.id = e.transfer_id"
        " WHERE a.path = %(path)s AND (%(before)s::bigint IS NULL OR e.version < %(before)s)"
        " ORDER BY e.version DESC LIMIT %(limit)s",
        {"path": chart.buyer(buyer_id, "balance").path, "before": before, "limit": max(1, min(limit, 100))},
    )
    return [BalanceMove(version, kind, KINDS[kind], *rest) for version, kind, *rest in found]
