"""What external shops have reported is worked off: in order per shop, in lists; one that can't be stops no other."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import structlog
from django.db import OperationalError, transaction

from tuike.db.retry import retry
from tuike.flows.isolation import apart
from tuike.flows.report_orders import take_reported
from tuike.flows.reported import from_json
from tuike.inbox import service as inbox
from tuike.inbox.types import Why
from tuike.kit.errors import Refusal
from tuike.outbox import service as outbox

LIST = 500
"""Reports a transaction."""
_log = structlog.get_logger(__name__)


def take_reports(*, now: datetime, limit: int = LIST) -> dict[str, int]:
    """Work off every report that waits, and return how many were done and refused (docs/rules.md §5, §13).

    A list is one transaction: what it did, and that it is done, are committed together. Stopped at any time it goes
    on where it stopped. Shops take turns.
    """
    done = {"done": 0, "refused": 0}
    merchant_id: int | None = 0
    while merchant_id is not None:
        merchant_id = inbox.next_merchant(after=merchant_id)
        if merchant_id is None:
            # From the first one again, until a whole round finds nothing.
            merchant_id = inbox.next_merchant(after=0)
        if merchant_id is not None:
            taken, refused = _take(merchant_id, limit, now)
            done = {"done": done["done"] + taken, "refused": done["refused"] + refused}
    return done


def _take(merchant_id: int, limit: int, now: datetime) -> tuple[int, int]:
    """Work off a shop's oldest reports; return how many were taken and how many refused."""
    known: list[int] = []
    refused: list[int] = []

    @retry
    def some(ids: Sequence[int] | None) -> int:
        with transaction.atomic(durable=True):
            waiting = inbox.take(merchant_id=merchant_id, limit=limit, ids=ids)
            known[:] = [one.id for one in waiting]
            if waiting:
                take_reported(merchant_id=merchant_id, reports=[from_json(one.content) for one in waiting], now=now)
                inbox.finish(ids=known, now=now)
            return len(waiting)

    def failed(report_id: int, error: Exception) -> None:
        _refuse(report_id, error, now)
        refused.append(report_id)

    try:
        return some(None), 0
    except OperationalError:
        raise
    except Exception:
        return sum(apart(list(known), some, failed)), len(refused)


@retry
def _refuse(report_id: int, error: Exception, now: datetime) -> None:
    with transaction.atomic(durable=True):
        why = _why(report_id, error)
        if (refused := inbox.refuse(report_id=report_id, why=why, now=now)) is not None:
            facts = {"merchant_id": refused[0], "code": why.code, "zh": why.zh, "en": why.en}
            outbox.put(topic="report.refused", events=[(refused[1][:64], facts)], now=now)


def _why(report_id: int, error: Exception) -> Why:
    if isinstance(error, Refusal):
        details = {name: _plain(value) for name, value in error.details.items()}
        return Why(error.code, error.sentence("zh"), error.sentence("en"), details)
    _log.exception("report_not_taken", report=report_id, exc_info=error)
    return Why("report_not_taken", "系统未能处理，请联系平台", "The system could not take it; ask the operator.", {})


def _plain(value: object) -> Any:
    return value if isinstance(value, str | int | bool | None) else str(value)
