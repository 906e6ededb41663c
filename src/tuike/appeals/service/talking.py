"""An appeal's way: filed, answered, replied to once, answered again, or withdrawn. Each step moves on the old state."""

from collections.abc import Sequence
from datetime import datetime

from tuike.appeals import queries
from tuike.appeals.types import (
    AppealAnswered,
    AppealFacts,
    AppealNotOpen,
    AppealOpen,
    AppealShown,
    AppealState,
    NoReplyLeft,
    SaidKind,
)
from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.kit.ids import number


def file_appeal(*, facts: AppealFacts, text: str, pictures: Sequence[str], actor: Actor, now: datetime) -> str:
    """Open an appeal in the caller's transaction and return its number (docs/rules.md §6).

    Raises:
        AppealOpen: one about this accrual isn't answered yet. AppealAnswered: one about the same was.
    """
    found = rows.query(
        "INSERT INTO appeals_appeal (no, accrual_id, party_id, about, since, amount_fen, state, round, opened_at,"
        " due_at, adjustment_no) VALUES (left(gen_random_uuid()::text, 24), %s, %s, %s, %s, %s, 'open', 1, %s, %s, '')"
        " ON CONFLICT DO NOTHING RETURNING id",
        [
            *(facts.accrual_id, facts.party_id, facts.about.value, facts.since, facts.amount_fen),
            *(now, facts.due_at),
        ],
    )
    if not found:
        raise AppealOpen if _one_open(facts.accrual_id) else AppealAnswered
    no = number("AP", found[0][0], now)
    rows.run("UPDATE appeals_appeal SET no = %s WHERE id = %s", [no, found[0][0]])
    _say(found[0][0], SaidKind.APPEAL, text, pictures, by=(actor, now))
    said = {"accrual": f"A{facts.accrual_id}", "about": facts.about.value, "pictures": len(pictures)}
    audit.record(actor=actor, action="appeal.file", object_=no, facts=said, now=now)
    return no


def reply(
    *, no: str, party_id: int, text: str, pictures: Sequence[str], due_at: datetime, actor: Actor, now: datetime
) -> None:
    """Open an appeal again that was refused once; the next answer is the last (docs/rules.md §6).

    Raises:
        NotFound: the party has no such appeal. NoReplyLeft: it isn't refused, or was replied to before.
    """
    one = _own(no, party_id)
    moved = rows.run(
        "UPDATE appeals_appeal SET state = 'open', round = 2, due_at = %s, answered_at = NULL, answered_by = NULL"
        " WHERE id = %s AND state = 'refused' AND round = 1",
        [due_at, one.appeal_id],
    )
    if not moved:
        raise NoReplyLeft
    _say(one.appeal_id, SaidKind.REPLY, text, pictures, by=(actor, now))
    audit.record(actor=actor, action="appeal.reply", object_=no, facts={"pictures": len(pictures)}, now=now)


def withdraw(*, no: str, party_id: int, actor: Actor, now: datetime) -> None:
    """Take an appeal back that isn't answered yet.

    Raises:
        NotFound: the party has no such appeal. AppealNotOpen: answered or withdrawn before.
    """
    one = _own(no, party_id)
    _move(one.appeal_id, AppealState.WITHDRAWN, actor, now)
    _say(one.appeal_id, SaidKind.WITHDRAWN, "", (), by=(actor, now))
    audit.record(actor=actor, action="appeal.withdraw", object_=no, facts={}, now=now)


def answer(
    *, no: str, state: AppealState, text: str, actor: Actor, now: datetime, adjustment_no: str = ""
) -> AppealShown:
    """Answer an open appeal in the caller's transaction: accepted, refused, or agreed to under a correction that a
    second person decides (`approving`, with `adjustment_no`); return it as it stood.

    Raises:
        NotFound: no such appeal. AppealNotOpen: answered or withdrawn before.
    """
    one = queries.appeal(no)
    if one is None:
        raise NotFound
    _move(one.appeal_id, state, actor, now, adjustment_no)
    kind = SaidKind.REFUSED if state is AppealState.REFUSED else SaidKind.ACCEPTED
    _say(one.appeal_id, kind, text, (), by=(actor, now))
    action = "appeal.refuse" if state is AppealState.REFUSED else "appeal.accept"
    said = {"reason": text} | ({"adjustment": adjustment_no} if adjustment_no else {})
    audit.record(actor=actor, action=action, object_=no, facts=said, now=now)
    return one


def answer_about(
    *, accrual_ids: Sequence[int], state: AppealState, text: str, actor: Actor, now: datetime
) -> list[AppealShown]:
    """Answer what is open about accruals that an act of the desk has just decided; return those appeals.

    The caller holds the accruals locked: none is filed about them meanwhile.
    """
    return [answer(no=no, state=state, text=text, actor=actor, now=now) for no in queries.open_about(accrual_ids)]


def adjusted(*, adjustment_no: str, approved: bool, now: datetime) -> AppealShown | None:
    """Let the appeal that a correction was filed for go on: accepted, or open again; return it, None for no appeal."""
    found = rows.query(
        "UPDATE appeals_appeal SET state = %s, answered_at = CASE WHEN %s THEN %s END,"
        " answered_by = CASE WHEN %s THEN answered_by END, adjustment_no = CASE WHEN %s THEN adjustment_no ELSE '' END"
        " WHERE adjustment_no = %s AND state = 'approving' RETURNING no",
        ["accepted" if approved else "open", approved, now, approved, approved, adjustment_no],
    )
    return queries.appeal(found[0][0]) if found else None


def _move(appeal_id: int, state: AppealState, actor: Actor, now: datetime, adjustment_no: str = "") -> None:
    moved = rows.run(
        "UPDATE appeals_appeal SET state = %s, answered_at = %s, answered_by = %s, adjustment_no = %s"
        " WHERE id = %s AND state = 'open'",
        [state.value, now, actor.person_id, adjustment_no, appeal_id],
    )
    if not moved:
        raise AppealNotOpen


def _own(no: str, party_id: int) -> AppealShown:
    found = queries.own_appeal(no, party_id=party_id)
    if found is None:
        raise NotFound
    return found


def _one_open(accrual_id: int) -> bool:
    return bool(
        rows.query(
            "SELECT 1 FROM appeals_appeal WHERE accrual_id = %s AND state IN ('open', 'approving')", [accrual_id]
        )
    )


def _say(appeal_id: int, kind: SaidKind, text: str, pictures: Sequence[str], *, by: tuple[Actor, datetime]) -> None:
    actor, now = by
    rows.run(
        "INSERT INTO appeals_said (appeal_id, kind, text, pictures, person_id, at) VALUES (%s, %s, %s, %s, %s, %s)",
        [appeal_id, kind.value, text, list(pictures), actor.person_id, now],
    )
