"""What settlement does: batches of maturity, statements, withdrawals."""

from tuike.settlement.rules import approvals_needed, withheld_fen
from tuike.settlement.service.batches import close_batch, open_batch
from tuike.settlement.service.payouts import record_outcomes, take_to_ask, take_to_send
from tuike.settlement.service.statements import close_month, open_months
from tuike.settlement.service.withdrawals import approve, cancel, reject, request

__all__ = [
    "approvals_needed",
    "approve",
    "cancel",
    "close_batch",
    "close_month",
    "open_batch",
    "open_months",
    "record_outcomes",
    "reject",
    "request",
    "take_to_ask",
    "take_to_send",
    "withheld_fen",
]
