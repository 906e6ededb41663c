"""Work in batches in which one item that can't be taken delays no other.

Shared by the journeys that work off notices and answers; not a journey itself.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import structlog
from django.db import OperationalError, transaction

from tuike.db.retry import retry
from tuike.gateways.types import NoticeKind
from tuike.payments import service as payments
from tuike.payments.types import WaitingNotice
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind

I = TypeVar("I")  # noqa: E741
R = TypeVar("R")
_log = structlog.get_logger(__name__)


class Unreadable(Exception):
    """What was kept of a notice isn't a fact that this version knows."""


def apart(items: Sequence[I], work: Callable[[Sequence[I]], R], failed: Callable[[I, Exception], None]) -> list[R]:
    """Do `work` on all items, and where that fails on each half of them, down to the ones that fail by themselves.

    `work` owns its transaction. Those that fail alone go to `failed`. The database's own trouble is no item's fault:
    it is raised.
    """
    if not items:
        return []
    try:
        return [work(items)]
    except OperationalError:
        raise
    except Exception as error:
        if len(items) == 1:
            failed(items[0], error)
            return []
    middle = len(items) // 2
    return apart(items[:middle], work, failed) + apart(items[middle:], work, failed)


def work_off(*, kind: NoticeKind, limit: int, now: datetime, work: Callable[[list[WaitingNotice]], R]) -> list[R]:
    """Give up to `limit` waiting notices to `work` inside a transaction, and return what it said; nothing: none wait.

    A notice that fails alone waits behind the others and is set aside after some attempts, with a case for a person.
    """
    taken: list[int] = []

    @retry
    def some(ids: Sequence[int] | None) -> list[R]:
        with transaction.atomic(durable=True):
            waiting = payments.waiting_notices(kind=kind, limit=limit, ids=ids)
            taken[:] = [notice.id for notice in waiting]
            if any(notice.fact is None for notice in waiting):
                raise Unreadable
            return [work(waiting)] if waiting else []

    def failed(notice_id: int, error: Exception) -> None:
        _log.exception("notice_not_taken", notice=notice_id, exc_info=error)
        _postpone(notice_id, error, now)

    try:
        return some(None)
    except OperationalError:
        raise
    except Exception:
        return [one for told in apart(list(taken), some, failed) for one in told]


def answer_failed(number: str, error: Exception, now: datetime) -> None:
    """Hand an answer of the provider that can't be taken to a person; it is asked for again all the same."""
    _log.exception("answer_not_taken", number=number, exc_info=error)
    with transaction.atomic(durable=True):
        risk.open_cases(cases=[_case(number, error)], now=now)


@retry
def _postpone(notice_id: int, error: Exception, now: datetime) -> None:
    with transaction.atomic(durable=True):
        number = payments.postpone_notice(notice_id=notice_id, now=now)
        if number:
            risk.open_cases(cases=[_case(number, error)], now=now)


def _case(number: str, error: Exception) -> CaseFacts:
    return CaseFacts(CaseKind.STUCK_NOTICE, number[:64], 0, {"error": type(error).__name__})
