"""The bank's file comes back: every line is an outcome of the batch it belongs to, or none is taken."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import payout_outcomes
from tuike.flows.decide_withdrawal import finance
from tuike.gateways import bank_files
from tuike.gateways.payouts import Outcome
from tuike.idempotency import service as idempotency
from tuike.settlement import queries
from tuike.settlement.types import ForeignPayouts, UnknownBatch, WithdrawalState

_SHOWN = 10
_REFERENCE = 64
_AHEAD = timedelta(days=1)
"""How far a bank's clock may run ahead of ours."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file said: how many were paid and returned by it, were known before, or contradict what is known."""

    paid: int
    returned: int
    repeated: int
    conflicts: int


@retry
def import_bank_outcomes(*, batch_no: str, file: bytes, actor: Actor, now: datetime) -> Imported:
    """Record the outcomes in a bank's file, whole or not at all; the same file again changes nothing and says the same.

    A line that contradicts an outcome that was recorded before changes nothing and opens a case (docs/rules.md §8).

    Raises:
        Forbidden: the person holds no finance seat of the operator now.
        OutcomesUnreadable: the file is not what the bank sends.
        UnknownBatch: there is no such batch.
        ForeignPayouts: a number that is not of this batch, another amount, a time far ahead, or a reference too long.
    """
    outcomes = bank_files.read_outcomes(file)
    digest = hashlib.sha256(file).hexdigest()
    with transaction.atomic(durable=True):
        finance(actor)
        answer = idempotency.once(
            scope=f"payout_batch:{batch_no[:40]}",
            key=digest,
            content={"sha256": digest},
            now=now,
            work=lambda: asdict(_import(batch_no, outcomes, digest, actor, now)),
        )
        return Imported(**answer)


def _import(batch_no: str, outcomes: list[Outcome], digest: str, actor: Actor, now: datetime) -> Imported:
    payouts = {payout.no: payout for payout in queries.payouts_in(batch_no)}
    if not payouts:
        raise UnknownBatch
    foreign = [
        outcome.payout_no
        for outcome in outcomes
        if outcome.payout_no not in payouts
        or outcome.amount_fen not in (None, payouts[outcome.payout_no].net_fen)
        or len(outcome.reference or "") > _REFERENCE
        or (outcome.settled_at is not None and outcome.settled_at > now + _AHEAD)
    ]
    if foreign:
        more = f" (+{len(foreign) - _SHOWN})" if len(foreign) > _SHOWN else ""
        raise ForeignPayouts(batch=batch_no, numbers=", ".join(foreign[:_SHOWN]) + more)
    recorded = payout_outcomes.record(outcomes=outcomes, now=now)
    moved = [one.state for one in recorded if one.verdict == "moved"]
    done = Imported(
        paid=moved.count(WithdrawalState.PAID),
        returned=moved.count(WithdrawalState.RETURNED),
        repeated=sum(one.verdict == "repeated" for one in recorded),
        conflicts=sum(one.verdict == "conflict" for one in recorded),
    )
    facts = asdict(done) | {"sha256": digest}
    audit.record(actor=actor, action="payout.import", object_=batch_no, facts=facts, now=now)
    return done
