"""What commission does: accrue, refund, mature, review, adjust."""

from tuike.commission.service.accrue import accrue, accrue_targets, fund_prepaid, resume_waiting
from tuike.commission.service.adjust import approve_adjustment, ask_adjustment, reject_adjustment
from tuike.commission.service.mature import mark_received, mature
from tuike.commission.service.refund import close_after_sale, open_after_sale, refund
from tuike.commission.service.review import hold, judge_again, lock_held, lock_reviewed, reject, release

__all__ = [
    "accrue",
    "accrue_targets",
    "approve_adjustment",
    "ask_adjustment",
    "close_after_sale",
    "fund_prepaid",
    "hold",
    "judge_again",
    "lock_held",
    "lock_reviewed",
    "mark_received",
    "mature",
    "open_after_sale",
    "refund",
    "reject",
    "reject_adjustment",
    "release",
    "resume_waiting",
]
