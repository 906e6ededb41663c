"""Who recruited whom. Sales keep a snapshot of the line they were made under; a change here touches none of them."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.parties import rules
from tuike.parties.service import guards
from tuike.parties.types import LineBackwards, PartyKind, UnknownParty

_TREE_LOCK = 7_101
"""Advisory lock of the tree: whoever joins shares it, whoever moves a branch has it alone."""

MOVE = """
    UPDATE parties_promoter
    SET line = line[1:array_position(line, %(id)s::bigint)] || %(line)s::bigint[]
    WHERE line @> ARRAY[%(id)s::bigint]
"""


_HISTORY = {
    "promoter_id": "bigint",
    "nth": "integer",
    "giver_id": "bigint",
    "taker_id": "bigint",
    "at": "timestamptz",
    "person_id": "bigint",
    "reason": "text",
}


@transaction.atomic
def change_recruiter(
    *, promoter_id: int, recruiter_id: int | None, reason: str, actor: Actor, now: datetime
) -> tuple[int, ...]:
    """Put a promoter, and all below, under another recruiter (or none), and return the new line.

    Moves of the tree queue: two that would each be right alone could close a circle together.

    Raises:
        NotOperator: the actor has no deciding seat of the operator.
        ReasonNeeded: no reason.
        UnknownParty: one of the two is no promoter.
        CycleInLine: the recruiter is the promoter or stands below.
        LineBackwards: `now` is before the last change.
    """
    guards.require_operator(actor)
    why = rules.reason(reason)
    lock_tree()
    party = guards.lock(promoter_id, PartyKind.PROMOTER)
    before = rows.query("SELECT recruiter_id FROM parties_promoter WHERE party_id = %s", [promoter_id])[0][0]
    line = [] if recruiter_id is None else _line(promoter_id, recruiter_id)
    note_change(promoter_id=promoter_id, giver=before, taker=recruiter_id, reason=why, actor=actor, now=now)
    rows.run(MOVE, {"id": promoter_id, "line": line})
    rows.run(
        "UPDATE parties_promoter SET recruiter_id = %s, recruited_at = %s, line = %s WHERE party_id = %s",
        [recruiter_id, None if recruiter_id is None else now, line, promoter_id],
    )
    facts = {"from": before, "to": recruiter_id, "reason": why}
    audit.record(actor=actor, action="promoter.change_recruiter", object_=party.no, facts=facts, now=now)
    return tuple(line)


def note_change(
    *, promoter_id: int, giver: int | None, taker: int | None, reason: str, actor: Actor, now: datetime
) -> None:
    """Add to a promoter's history who stood above and who does from now on; the caller has the promoter's row.

    Raises:
        LineBackwards: the last change is later.
    """
    found = rows.query(
        "SELECT nth, at FROM parties_line_change WHERE promoter_id = %s ORDER BY nth DESC LIMIT 1", [promoter_id]
    )
    nth, last = found[0] if found else (0, None)
    if last is not None and now < last:
        raise LineBackwards
    rows.insert("parties_line_change", _HISTORY, [(promoter_id, nth + 1, giver, taker, now, actor.person_id, reason)])


def line_below(promoter_id: int, recruiter_id: int) -> list[int]:
    """Return the line of somebody who joins under `recruiter_id`; no branch moves until this transaction ends.

    Raises:
        UnknownParty: the recruiter is no promoter.
    """
    rows.query("SELECT pg_advisory_xact_lock_shared(%s)", [_TREE_LOCK])
    return _line(promoter_id, recruiter_id)


def lock_tree() -> None:
    """Have the tree alone until the transaction ends."""
    rows.query("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


def _line(promoter_id: int, recruiter_id: int) -> list[int]:
    found = rows.query("SELECT line FROM parties_promoter WHERE party_id = %s", [recruiter_id])
    if not found:
        raise UnknownParty
    return rules.line_under(promoter_id, recruiter_id, found[0][0])
