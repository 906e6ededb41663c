"""Reading appeals, what was said in them, and the desk's notes."""

from collections.abc import Iterable
from datetime import datetime

from tuike.appeals.types import About, AppealShown, AppealState, NoteShown, SaidKind, SaidShown
from tuike.db import rows

_APPEAL = (
    "SELECT id, no, accrual_id, party_id, about, since, amount_fen, state, round, opened_at, due_at, answered_at,"
    " answered_by, adjustment_no FROM appeals_appeal"
)


def appeal(no: str) -> AppealShown | None:
    """Return an appeal by its number."""
    return next(iter(_asked("WHERE no = %s", [no])), None)


def own_appeal(no: str, *, party_id: int) -> AppealShown | None:
    """Return a party's own appeal; another's looks like none."""
    return next(iter(_asked("WHERE no = %s AND party_id = %s", [no, party_id])), None)


def of_accrual(accrual_id: int) -> list[AppealShown]:
    """Return every appeal about an accrual, the latest first."""
    return _asked("WHERE accrual_id = %s ORDER BY id DESC", [accrual_id])


def open_about(accrual_ids: Iterable[int]) -> list[str]:
    """Return the numbers of the appeals about accruals that wait for an answer, in the order of their filing."""
    found = rows.query(
        "SELECT no FROM appeals_appeal WHERE accrual_id = ANY(%s) AND state = 'open' ORDER BY id",
        [sorted(set(accrual_ids))],
    )
    return [no for (no,) in found]


def overdue(*, now: datetime) -> list[tuple[int, datetime, int]]:
    """Return what should have been answered by now: (appeal, until when, fen at stake), the oldest first."""
    return rows.query(
        "SELECT id, due_at, amount_fen FROM appeals_appeal WHERE state = 'open' AND due_at <= %s ORDER BY due_at, id",
        [now],
    )


def said(appeal_id: int) -> list[SaidShown]:
    """Return what was said in an appeal, the oldest first."""
    found = rows.query(
        "SELECT kind, text, pictures, person_id, at FROM appeals_said WHERE appeal_id = %s ORDER BY id", [appeal_id]
    )
    return [SaidShown(SaidKind(kind), text, tuple(pictures), *rest) for kind, text, pictures, *rest in found]


def picture_of(no: str, *, party_id: int) -> bool:
    """Return whether a file came with one of a party's appeals."""
    return bool(
        rows.query(
            "SELECT 1 FROM appeals_said s JOIN appeals_appeal a ON a.id = s.appeal_id"
            " WHERE a.party_id = %s AND %s = ANY(s.pictures) LIMIT 1",
            [party_id, no],
        )
    )


def notes_of(accrual_id: int) -> list[NoteShown]:
    """Return the desk's notes beside an accrual, the oldest first."""
    found = rows.query("SELECT text, person_id, at FROM appeals_note WHERE accrual_id = %s ORDER BY id", [accrual_id])
    return [NoteShown(*row) for row in found]


def _asked(where: str, params: list) -> list[AppealShown]:
    found = rows.query(f"{_APPEAL} {where}", params)
    return [
        AppealShown(id_, no, accrual_id, party_id, About(about), since, fen, AppealState(state), *rest)
        for id_, no, accrual_id, party_id, about, since, fen, state, *rest in found
    ]
