"""What the journeys of leaders' activities share: who may, once per key, ended rates; no journey."""

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.cooperation import queries as cooperation_of
from tuike.cooperation import service as cooperation
from tuike.cooperation.types import Changed, EnrolmentShown
from tuike.flows.target_promoters import By
from tuike.idempotency import service as idempotency
from tuike.plans import service as plans


def once(by: By, verb: str, content: Any, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Do `work` of a party to whom the functions are open, in a transaction of its own, once per key.

    Raises:
        CooperationClosed: they aren't open to it. KeyMalformed, KeyUsedForOther: the key. And what `work` raises.
    """
    with transaction.atomic(durable=True):
        cooperation.check_open(by.party_id)
        if by.key is None:
            return work()
        scope = f"party:{by.party_id}:{verb}"
        return idempotency.once(scope=scope, key=by.key, content=plain(content), now=by.now, work=work)


def plain(content: Any) -> Any:
    """Return what a caller sent as plain JSON: dataclasses as objects, instants as text."""
    return json.loads(json.dumps(content, default=_written))


def end_rates(changed: Changed) -> None:
    """End the rate of a cooperation that has ended by what was done, at that instant."""
    if changed.ended_at is not None:
        plans.end_enrolment(enrolment_ids=[changed.enrolment.enrolment_id], at=changed.ended_at)


def shown(made: dict[str, Any]) -> list[EnrolmentShown]:
    """Return the enrolments of an answer as they stand now."""
    return list(cooperation_of.enrolments_by_id(made["ids"]).values())


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else asdict(value)
