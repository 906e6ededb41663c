"""Asking for checkups, taking them on, and writing down what they found."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.checkups.types import Taken
from tuike.db import rows

ATTEMPTS = 3
"""How often a run is begun before it is given up."""


@transaction.atomic
def ask(*, names: Sequence[str] = (), actor: Actor, now: datetime) -> int:
    """Ask for a run of these checks (none: all) and return its id; while the same one waits or runs it is that one."""
    wanted = sorted(set(names))
    made = rows.query(
        "INSERT INTO checkups_checkup (names, asked_by, asked_at, attempts, findings, results, problem)"
        " VALUES (%s, %s, %s, 0, 0, '[]', '') ON CONFLICT DO NOTHING RETURNING id",
        [wanted, actor.person_id, now],
    )
    if not made:
        return rows.query("SELECT id FROM checkups_checkup WHERE names = %s::varchar[] AND ended_at IS NULL", [wanted])[
            0
        ][0]
    audit.record(actor=actor, action="checkup.ask", object_=str(made[0][0]), facts={"checks": wanted}, now=now)
    return made[0][0]


@transaction.atomic
def take(*, now: datetime) -> Taken | None:
    """Take the oldest run that hasn't ended, None when there is none; one worker at a time works on them.

    One that a killed worker was at is begun anew; what was begun `ATTEMPTS` times in vain is given up.
    """
    rows.run(
        "UPDATE checkups_checkup SET ended_at = %s, problem = 'given up' WHERE ended_at IS NULL AND attempts >= %s",
        [now, ATTEMPTS],
    )
    found = rows.query(
        "UPDATE checkups_checkup SET attempts = attempts + 1, started_at = %s WHERE id ="
        " (SELECT id FROM checkups_checkup WHERE ended_at IS NULL ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING id, names",
        [now],
    )
    return Taken(found[0][0], tuple(found[0][1])) if found else None


@transaction.atomic
def finish(
    *, checkup_id: int, results: Sequence[dict[str, Any]], took_ms: int, problem: str = "", now: datetime
) -> None:
    """Write down what a run found, once; `problem` says why it couldn't end."""
    findings = sum(len(one["findings"]) for one in results)
    rows.run(
        "UPDATE checkups_checkup SET ended_at = %s, took_ms = %s, findings = %s, results = %s::jsonb, problem = %s"
        " WHERE id = %s AND ended_at IS NULL",
        [now, took_ms, findings, json.dumps(list(results), ensure_ascii=False), problem[:200], checkup_id],
    )
