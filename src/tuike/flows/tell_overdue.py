"""Held commission and appeals past their time are told to the operator, each once (docs/rules.md §6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tuike.appeals import queries
from tuike.appeals import service as appeals
from tuike.appeals.types import Waiting
from tuike.commission import queries as commission
from tuike.db.retry import retry
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.settings import service as settings

_KINDS = {Waiting.HELD: "held_overdue", Waiting.APPEAL: "appeals_overdue"}


@retry
def tell_overdue(*, now: datetime) -> dict[str, int]:
    """Tell the operator's people of what is past its time since now; return how many of each kind.

    Of a kind it is one message, however many there are; whatever was told isn't told again, unless it was held anew or
    replied to.
    """
    hours = settings.get("review_hours")
    waiting = {
        Waiting.HELD: commission.held_until(before=now - timedelta(hours=hours)),
        Waiting.APPEAL: queries.overdue(now=now),
    }
    with transaction.atomic(durable=True):
        return {kind.value: _tell(kind, some, now) for kind, some in waiting.items()}


def _tell(kind: Waiting, some: Sequence[tuple[int, datetime, int]], now: datetime) -> int:
    operator = parties.operator()
    if not some or operator is None:
        return 0
    fresh = set(appeals.take_overdue(kind=kind, waiting=[(id_, since) for id_, since, _ in some], now=now))
    if fresh:
        facts = {"n": len(fresh), "amount_fen": sum(fen for id_, _, fen in some if id_ in fresh)}
        messages.tell(party_id=operator.id, kind=_KINDS[kind], facts=facts, now=now)
    return len(fresh)
