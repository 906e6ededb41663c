"""What a buyer who leaves gives up of the balance."""

from datetime import datetime

from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move


def give_up_balance(*, buyer_id: int, now: datetime) -> int:
    """Take the balance that a buyer gives up, in the caller's transaction; return how many fen (docs/rules.md §7)."""
    account = chart.buyer(buyer_id, "balance")
    left = ledger.lock(refs=[account, chart.platform("fees")])[account.path]
    if left:
        move = Move(account, chart.platform("fees"), left)
        draft = Draft(f"balance_given_up:{buyer_id}", "balance_given_up", str(buyer_id), now, (move,))
        ledger.post(drafts=[draft], now=now)
    return left
