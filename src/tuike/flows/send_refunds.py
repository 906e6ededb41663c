"""Refunds go to the provider: mark, send or ask, record; notices and answers are the same news."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.db.retry import retry
from tuike.flows import deposit_money, isolation, outside, refund_order
from tuike.gateways.types import NoticeKind, RefundFact, RefundRequest, Refused, Unreachable
from tuike.outbox import service as outbox
from tuike.payments import service as payments
from tuike.payments.types import Recorded, RefundToSend, WaitingNotice
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind


def send_refunds(*, now: datetime, limit: int = 100) -> int:
    """Send or ask for the refunds that are due, each under its one number, and return how many were tried.

    No answer, or one that can't be trusted, leaves the refund as it is: it comes again by its schedule.
    """
    with transaction.atomic(durable=True):
        due = payments.refunds_to_send(now=now, limit=limit)
    facts: list[RefundFact] = []
    for one in due:
        try:
            facts.append(_tell(one))
        except Unreachable:
            continue
        except Refused as no:
            _refused(one, no.provider_code, now)
        except Exception as error:  # an answer that nobody expected delays no other
            isolation.answer_failed(one.no, error, now)
    isolation.apart(
        facts, lambda some: _record(some, now), lambda f, error: isolation.answer_failed(f.out_refund_no, error, now)
    )
    return len(due)


def confirm_refunds(*, now: datetime, limit: int = 1000) -> int:
    """Work off waiting refund notices in one transaction and return how many; one that fails delays no other."""

    def work(waiting: list[WaitingNotice]) -> int:
        recorded = _book([notice.fact for notice in waiting if isinstance(notice.fact, RefundFact)], now)
        payments.finish_notices(
            outcomes={notice.id: str(recorded.outcomes[notice.object_no]) for notice in waiting}, now=now
        )
        return len(waiting)

    return sum(isolation.work_off(kind=NoticeKind.REFUND, limit=limit, now=now, work=work))


def _tell(one: RefundToSend) -> RefundFact:
    if one.accepted:
        return outside.wechatpay().query_refund(one.no)
    return outside.wechatpay().refund(
        RefundRequest(
            out_trade_no=one.intent_no,
            out_refund_no=one.no,
            refund_fen=one.amount_fen,
            total_fen=one.total_fen,
            reason=one.reason,
            notify_url=outside.notify_url("refund"),
        )
    )


@retry
def _record(facts: Sequence[RefundFact], now: datetime) -> None:
    with transaction.atomic(durable=True):
        _book(facts, now)


@retry
def _refused(one: RefundToSend, provider_code: str, now: datetime) -> None:
    with transaction.atomic(durable=True):
        payments.record_refund_refused(refund_no=one.no, provider_code=provider_code, now=now)
        case = CaseFacts(CaseKind.REFUND_FAILED, one.no, one.amount_fen, {"code": provider_code})
        risk.open_cases(cases=[case], now=now)


def _book(facts: Sequence[RefundFact], now: datetime) -> Recorded:
    """Book refunds that succeeded, end their after-sales, and open a case for those that need a person."""
    recorded = payments.record_refunds(facts=facts, now=now)
    refund_order.finish(
        [done.purpose.removeprefix("after_sale:") for done in recorded.done if done.purpose.startswith("after_sale:")],
        now,
    )
    deposit_money.finish((done.purpose for done in recorded.done), now)
    cases = [CaseFacts(CaseKind.REFUND_FAILED, one.no, one.amount_fen, {"state": one.state}) for one in recorded.stuck]
    cases += [
        CaseFacts(CaseKind.REFUND_FAILED, fact.out_refund_no, fact.refund_fen, {"conflict": True})
        for fact in (*recorded.conflicting, *recorded.unknown)
    ]
    if cases:
        risk.open_cases(cases=cases, now=now)
    if recorded.done:
        outbox.put(topic="refund.done", events=[(one.no, {"fen": one.amount_fen}) for one in recorded.done], now=now)
    return recorded
