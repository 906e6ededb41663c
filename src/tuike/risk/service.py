"""Opening and closing cases."""

import json
from collections.abc import Sequence
from datetime import datetime

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.kit.ids import random_code
from tuike.risk.types import CaseFacts, CaseKind, NoOpenCase


def open_cases(*, cases: Sequence[CaseFacts], now: datetime) -> int:
    """Open a case for each, unless one of its kind is open for the same object; return how many are new."""
    return len(
        rows.insert(
            "risk_case",
            {
                "no": "text",
                "kind": "text",
                "object": "text",
                "amount_fen": "bigint",
                "facts": "jsonb",
                "opened_at": "timestamptz",
                "note": "text",
            },
            (
                (
                    f"C{random_code(10)}",
                    c.kind,
                    c.object,
                    c.amount_fen,
                    json.dumps(c.facts, ensure_ascii=False),
                    now,
                    "",
                )
                for c in cases
            ),
            suffix="ON CONFLICT DO NOTHING RETURNING id",
        )
    )


def open_once(*, cases: Sequence[CaseFacts], now: datetime) -> int:
    """Open a case for each, unless there ever was one of its kind for the same object; return how many are new."""
    held = set(
        rows.query(
            "SELECT DISTINCT kind, object FROM risk_case WHERE object = ANY(%s)",
            [sorted({one.object for one in cases})],
        )
    )
    return open_cases(cases=[one for one in cases if (one.kind.value, one.object) not in held], now=now)


def close_case(*, no: str, note: str, actor: Actor, now: datetime) -> None:
    """Close a case with a note of what was done.

    Raises:
        NoOpenCase: there is none, or it was closed before.
        Invalid: no note, or longer than 400 characters.
    """
    if not 1 <= len(note.strip()) <= 400 or "\0" in note:
        why = {"reason_zh": "请填写处理说明（不超过 400 字）", "reason_en": "say what was done in 400 characters"}
        raise Invalid(field="note", **why)
    moved = rows.run(
        "UPDATE risk_case SET closed_at = %s, closed_by = %s, note = %s WHERE no = %s AND closed_at IS NULL",
        [now, actor.person_id, note.strip(), no],
    )
    if not moved:
        raise NoOpenCase
    audit.record(actor=actor, action="case.close", object_=no, facts={"note": note.strip()}, now=now)


def close_about(*, kinds: Sequence[CaseKind], object_: str, note: str, actor: Actor, now: datetime) -> int:
    """Close what is open about an object, of these kinds, because an act of `actor` settled it; return how many.

    `note` names the act.
    """
    closed = rows.query(
        "UPDATE risk_case SET closed_at = %s, closed_by = %s, note = %s"
        " WHERE object = %s AND kind = ANY(%s) AND closed_at IS NULL RETURNING no",
        [now, actor.person_id, note, object_, [kind.value for kind in kinds]],
    )
    acts = [(no, {"note": note}) for (no,) in sorted(closed)]
    audit.record_many(actor=actor, action="case.close", acts=acts, now=now)
    return len(closed)
