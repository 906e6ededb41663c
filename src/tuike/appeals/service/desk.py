"""What the desk keeps for itself: notes beside accruals, and what it was told to be overdue."""

from collections.abc import Sequence
from datetime import datetime

from tuike.appeals.types import Waiting
from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows


def add_note(*, accrual_id: int, text: str, actor: Actor, now: datetime) -> None:
    """Write a note beside an accrual, in the caller's transaction; nobody changes it any more."""
    rows.run(
        "INSERT INTO appeals_note (accrual_id, text, person_id, at) VALUES (%s, %s, %s, %s)",
        [accrual_id, text, actor.person_id, now],
    )
    audit.record(actor=actor, action="accrual.note", object_=f"accrual:{accrual_id}", facts={"note": text}, now=now)


def take_overdue(*, kind: Waiting, waiting: Sequence[tuple[int, datetime]], now: datetime) -> list[int]:
    """Note of what waits too long (object, since when) that it is told now, and return whose first time it is."""
    taken = rows.insert(
        "appeals_overdue",
        {"kind": "text", "object_id": "bigint", "since": "timestamptz", "at": "timestamptz"},
        [(kind.value, object_id, since, now) for object_id, since in waiting],
        suffix="ON CONFLICT (kind, object_id, since) DO NOTHING RETURNING object_id",
    )
    return sorted(object_id for (object_id,) in taken)
