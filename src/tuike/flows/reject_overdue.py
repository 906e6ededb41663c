"""What a rule held to be rejected, and nobody has decided in its days, is rejected (docs/rules.md §6)."""

from datetime import datetime

from django.db import transaction

from tuike.audit.types import SYSTEM
from tuike.commission import service as commission
from tuike.db.retry import retry
from tuike.flows.answer_appeals import answered_by_review
from tuike.review import service as review

REASON = "审核期内无人放行，按审核规则驳回 / Nobody released it in time: rejected by its review rule"


@retry
def reject_overdue(*, now: datetime, limit: int = 500) -> int:
    """Reject up to `limit` accruals whose days are over and that are still held; return how many. Once each, also after
    the worker was down: what a person has decided meanwhile stays decided."""
    with transaction.atomic(durable=True):
        held = commission.lock_held(accrual_ids=review.take_overdue(now=now, limit=limit))
        if held:
            commission.reject(accrual_ids=held, reason=REASON, actor=SYSTEM, now=now)
            answered_by_review(held, released=False, reason=REASON, actor=SYSTEM, now=now)
    return len(held)
