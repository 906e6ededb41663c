"""Telling news, marking them as seen, forgetting old ones."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from tuike.db import rows
from tuike.messages.kinds import KINDS
from tuike.messages.types import UnknownMessage

KEPT = timedelta(days=180)
"""How long news are kept."""

_TYPES = {"party_id": "bigint", "kind": "text", "facts": "jsonb", "object": "text", "at": "timestamptz"}

SEE = """
    INSERT INTO messages_seen (message_id, person_id, at)
    SELECT m.id, %(person_id)s, %(now)s FROM messages_message m
    WHERE m.party_id = %(party_id)s AND (m.person_id IS NULL OR m.person_id = %(person_id)s)
      AND (%(message_id)s::bigint IS NULL OR m.id = %(message_id)s)
      AND NOT EXISTS (SELECT 1 FROM messages_seen s WHERE s.message_id = m.id AND s.person_id = %(person_id)s)
    ON CONFLICT (message_id, person_id) DO NOTHING
"""


def tell(*, party_id: int, kind: str, facts: Mapping[str, Any] | None = None, object_: str = "", now: datetime) -> None:
    """Tell a party one piece of news, in the caller's transaction: no news without its cause.

    `kind` is a row of kinds.py; `facts` are plain JSON (instants as ISO text) without personal data in clear; `object_`
    is the public number of what it is about.
    """
    tell_many(kind=kind, told=[(party_id, facts or {}, object_)], now=now)


def tell_one(
    *,
    party_id: int,
    person_id: int,
    kind: str,
    facts: Mapping[str, Any] | None = None,
    object_: str = "",
    now: datetime,
) -> None:
    """Tell one person of a party a piece of news that nobody else of the party sees; see `tell`."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of news: {kind}")
    said = json.dumps(dict(facts or {}), ensure_ascii=False)
    types = _TYPES | {"person_id": "bigint"}
    rows.insert("messages_message", types, [(party_id, kind, said, object_[:40], now, person_id)])


def tell_many(*, kind: str, told: Iterable[tuple[int, Mapping[str, Any], str]], now: datetime) -> None:
    """Tell several parties news of one kind: (party id, facts, public number) each."""
    if kind not in KINDS:
        raise ValueError(f"no such kind of news: {kind}")
    made = [
        (party_id, kind, json.dumps(dict(facts), ensure_ascii=False), object_[:40], now)
        for party_id, facts, object_ in told
    ]
    rows.insert("messages_message", _TYPES, made)


@transaction.atomic
def see(*, party_id: int, person_id: int, message_id: int | None = None, now: datetime) -> None:
    """Note that a person has seen one piece of news of a party, or (without an id) all of them; again is no matter.

    Raises:
        UnknownMessage: the party has no such news.
    """
    if message_id is not None and not rows.query(
        "SELECT 1 FROM messages_message WHERE id = %s AND party_id = %s AND (person_id IS NULL OR person_id = %s)",
        [message_id, party_id, person_id],
    ):
        raise UnknownMessage
    rows.run(SEE, {"party_id": party_id, "person_id": person_id, "message_id": message_id, "now": now})


@transaction.atomic
def mute(*, party_id: int, person_id: int, kinds: Iterable[str]) -> None:
    """Let a person see no news of these kinds of a party any more, and those of all others again.

    Urgent kinds and unknown names are left out: they are always shown.
    """
    wanted = sorted({name for name in kinds if name in KINDS and not KINDS[name].urgent})
    rows.run("DELETE FROM messages_muted WHERE party_id = %s AND person_id = %s", [party_id, person_id])
    types = {"party_id": "bigint", "person_id": "bigint", "kind": "text"}
    rows.insert(
        "messages_muted", types, [(party_id, person_id, kind) for kind in wanted], suffix="ON CONFLICT DO NOTHING"
    )


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Remove news older than 180 days with what was noted about them; return how many."""
    before = now - KEPT
    rows.run("DELETE FROM messages_seen s USING messages_message m WHERE m.id = s.message_id AND m.at < %s", [before])
    return rows.run("DELETE FROM messages_message WHERE at < %s", [before])
