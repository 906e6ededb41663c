"""What settlement does: batches of maturity, statements, withdrawals."""

from tuike.settlement.rules import approvals_needed, withheld_fen
from tuike.settlement.service.batches import close_batch, open_batch
from tuike.settlement.service.by_hand import approve_outcome, ask_outcome, reject_outcome
from tuike.settlement.service.payouts import record_outcomes, take_to_ask, take_to_send
from tuike.settlement.service.statements import close_month, open_months
from tuike.settlement.service.withdrawals import approve, cancel, hold, reject, request

__all__ = [
    "approvals_needed",
    "approve",
    "approve_outcome",
    "ask_outcome",
    "cancel",
    "close_batch",
    "close_month",
    "hold",
    "open_batch",
    "open_months",
    "record_outcomes",
    "reject",
    "reject_outcome",
    "request",
    "take_to_ask",
    "take_to_send",
    "withheld_fen",
]
