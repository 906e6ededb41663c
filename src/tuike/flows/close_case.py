"""A case is closed by somebody of the operator's, with a note of what was done."""

from datetime import datetime

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.flows.keyed import keyed
from tuike.risk import service


@retry
def close_case(*, no: str, note: str, actor: Actor, now: datetime, key: str | None = None) -> None:
    """Close a case with a note.

    Raises:
        Forbidden: no seat of the operator that does more than read.
        NoOpenCase: there is none, or it was closed before.
        Invalid: no note, or longer than 400 characters.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        operators.require(actor, operators.ANYBODY)
        service.close_case(no=no, note=note, actor=actor, now=now)

    scope = f"person:{actor.person_id}:close_case"
    keyed(scope=scope, key=key, content=[no, note], now=now, work=work, again=lambda: None)
