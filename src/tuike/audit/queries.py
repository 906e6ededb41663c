"""Reading acts."""

import json
from typing import Any

from tuike.audit.types import Actor, ActShown
from tuike.db import rows


def latest(*, object_: str, action: str) -> dict[str, Any] | None:
    """Return the facts of the latest act of this kind on an object, None when there was none."""
    found = rows.query(
        "SELECT facts::text FROM audit_act WHERE object = %s AND action = %s ORDER BY id DESC LIMIT 1",
        [object_, action],
    )
    return json.loads(found[0][0]) if found else None


def act(act_id: int) -> ActShown | None:
    """Return one act."""
    found = rows.query(
        "SELECT a.facts::text, a.id, a.at, a.actor_kind, a.person_id, a.party_id, a.role, a.request_id, a.action,"
        " a.object, a.digest, l.id FROM audit_act a LEFT JOIN audit_link l ON l.act_id = a.id WHERE a.id = %s",
        [act_id],
    )
    if not found:
        return None
    facts, id_, at, *who, action, object_, digest, link = found[0]
    return ActShown(id_, at, Actor(*who), action, object_, json.loads(facts), bytes(digest), link)


def sealed() -> tuple[int, int]:
    """Return how many acts the chain holds, and how many wait to be sealed."""
    return rows.query(
        "SELECT coalesce((SELECT max(id) FROM audit_link), 0), (SELECT count(*) FROM audit_act a"
        " WHERE a.id > coalesce((SELECT max(act_id) FROM audit_link), 0))"
    )[0]
