"""Recording acts and sealing them."""

import json
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import rules
from tuike.audit.types import Actor
from tuike.db import rows

_SEAL_LOCK = 7_001
"""Advisory lock: one sealer at a time, so that the chain has one end."""


def record(*, actor: Actor, action: str, object_: str, facts: dict, now: datetime) -> None:
    """Add one act in the caller's transaction: no act without its change, no change without its act.

    `action` is `noun.verb` (`withdrawal.approve`), `object_` the number a person knows it by. `facts` must be plain
    JSON without personal data in clear.
    """
    record_many(actor=actor, action=action, acts=[(object_, facts)], now=now)


def record_many(*, actor: Actor, action: str, acts: Sequence[tuple[str, dict]], now: datetime) -> None:
    """Add one act per (object, facts): for verbs that take lists."""
    types = {
        "at": "timestamptz",
        "actor_kind": "text",
        "person_id": "bigint",
        "party_id": "bigint",
        "role": "text",
        "action": "text",
        "object": "text",
        "facts": "jsonb",
        "request_id": "text",
        "digest": "bytea",
    }
    who = (actor.kind, actor.person_id, actor.party_id, actor.role)
    made = []
    for object_, given in acts:
        text = json.dumps(given, ensure_ascii=False)
        facts = json.loads(text)  # as they will be read back: what is digested is what is stored
        digest = rules.act_digest(
            at=now,
            actor_kind=actor.kind,
            person_id=actor.person_id,
            party_id=actor.party_id,
            role=actor.role,
            action=action,
            object_=object_,
            facts=facts,
            request_id=actor.request_id,
        )
        made.append((now, *who, action, object_, text, actor.request_id, digest))
    rows.insert("audit_act", types, made)


@transaction.atomic(durable=True)
def seal(*, limit: int = 10_000) -> int:
    """Chain the acts that are not sealed yet, in id order, and return how many; the rest waits for the next run.

    Acts of transactions that are still open are left for later: the chain is ordered by sealing, not by id.
    """
    rows.query("SELECT pg_advisory_xact_lock(%s)", [_SEAL_LOCK])
    last = rows.query("SELECT id, digest FROM audit_link ORDER BY id DESC LIMIT 1")
    no, previous = (last[0][0], bytes(last[0][1])) if last else (0, rules.GENESIS)
    waiting = rows.query(
        "SELECT a.id, a.digest FROM audit_act a LEFT JOIN audit_link l ON l.act_id = a.id"
        " WHERE l.id IS NULL ORDER BY a.id LIMIT %s",
        [limit],
    )
    links = []
    for act_id, digest in waiting:
        no, previous = no + 1, rules.link_digest(previous, digest)
        links.append((no, act_id, previous))
    rows.insert("audit_link", {"id": "bigint", "act_id": "bigint", "digest": "bytea"}, links)
    return len(links)
