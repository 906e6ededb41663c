"""WeChat's notices about transfers, kept by the hook, become outcomes of payouts."""

from datetime import datetime

from tuike.flows import isolation, payout_outcomes
from tuike.gateways.payouts import transfer_outcome
from tuike.gateways.types import NoticeKind, TransferFact
from tuike.payments import service as payments
from tuike.payments.types import WaitingNotice
from tuike.settlement.types import Recorded


def record_payout_notices(*, now: datetime, limit: int = 500) -> list[Recorded]:
    """Work on up to `limit` kept notices about transfers, oldest first; return what came of each.

    Notices may come twice, late and in any order: what a payout came to is recorded once, and a contradiction or a
    number that isn't ours opens a case (docs/rules.md §8). One that can't be taken delays no other.
    """

    def work(waiting: list[WaitingNotice]) -> list[Recorded]:
        told = [(one.id, one.fact) for one in waiting if isinstance(one.fact, TransferFact)]
        # One by one: a batch is small, and each notice is finished with its own verdict.
        recorded = [payout_outcomes.record(outcomes=[transfer_outcome(fact)], now=now)[0] for _, fact in told]
        verdicts = {id_: one.verdict for (id_, _), one in zip(told, recorded, strict=True)}
        payments.finish_notices(outcomes=verdicts, now=now)
        return recorded

    return [
        one for told in isolation.work_off(kind=NoticeKind.TRANSFER, limit=limit, now=now, work=work) for one in told
    ]
