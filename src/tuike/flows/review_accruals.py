"""Holding accruals and deciding on them, by the operator (docs/rules.md §6)."""

from collections.abc import Sequence
from datetime import datetime

from tuike.audit.types import Actor
from tuike.commission import queries, service
from tuike.commission.types import NotHeld
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.flows.answer_appeals import answered_by_review
from tuike.flows.keyed import keyed
from tuike.kit.errors import Invalid

MOST = 500
"""Accruals that one decision may be about."""


@retry
def review_accruals(
    *, verb: str, accrual_ids: Sequence[int], reason: str, actor: Actor, now: datetime, key: str | None = None
) -> int:
    """Hold, release or reject accruals (`verb`), all or none, and return how many.

    Held ones don't settle; released ones settle on their day; of rejected ones the money goes back to who paid it.
    What is open about them in appeals is answered with it.

    Raises:
        Forbidden: no deciding seat of the operator.
        Involved: the person sits in a party that one of them pays.
        NotHeld: one of them isn't held, or (hold) has settled, was cancelled or is under review.
        Invalid: no accruals or too many, no such verb, or no reason.
        KeyMalformed, KeyUsedForOther: the key.
    """
    why = operators.reason(reason)
    wanted = sorted(set(accrual_ids))
    if verb not in ("hold", "release", "reject"):
        raise Invalid(field="verb", reason_zh="没有这种操作", reason_en="there is no such verb")
    if not 1 <= len(wanted) <= MOST:
        raise Invalid(field="accruals", reason_zh=f"请选择 1 到 {MOST} 笔", reason_en=f"choose 1 to {MOST}")

    def work() -> int:
        operators.require(actor, operators.DECIDERS)
        found = queries.accruals_by_id(wanted)
        if len(found) < len(wanted):
            raise NotHeld
        operators.require_uninvolved(actor, {one.payee.id for one in found})
        act = {"hold": service.hold, "release": service.release, "reject": service.reject}[verb]
        act(accrual_ids=wanted, reason=why, actor=actor, now=now)
        if verb != "hold":
            answered_by_review(wanted, released=verb == "release", reason=why, actor=actor, now=now)
        return len(wanted)

    scope = f"person:{actor.person_id}:{verb}_accruals"
    return keyed(scope=scope, key=key, content=[wanted, why], now=now, work=work, again=lambda: len(wanted))
