"""Reading news: always a person's, in the role in which they sit in the party."""

import json
import re

from tuike.db import rows
from tuike.messages import rules
from tuike.messages.kinds import KINDS
from tuike.messages.types import Kind, MessageShown

MOST_COUNTED = 99
"""The bell says 99 at most: nobody counts further, and no query does."""


def unseen(*, party_id: int, person_id: int, role: str) -> int:
    """Return how many news of a party a person in a role hasn't seen, 99 at most."""
    found = rows.query(
        """
        SELECT count(*) FROM (
            SELECT 1 FROM messages_message m
            WHERE m.party_id = %s AND m.kind = ANY(%s)
              AND NOT EXISTS (SELECT 1 FROM messages_seen s WHERE s.message_id = m.id AND s.person_id = %s)
              AND NOT EXISTS (SELECT 1 FROM messages_muted u
                  WHERE u.person_id = %s AND u.party_id = m.party_id AND u.kind = m.kind)
            ORDER BY m.id DESC LIMIT %s) AS few
        """,
        [party_id, _kinds_for(role), person_id, person_id, MOST_COUNTED],
    )
    return int(found[0][0])


def of_party(
    *, party_id: int, person_id: int, role: str, before: int | None = None, limit: int = 20
) -> list[MessageShown]:
    """Return the news of a party for a person in a role, the latest first; `before` is the id where to go on."""
    found = rows.query(
        """
        SELECT m.id, m.kind, m.facts::text, m.object, m.at,
            EXISTS (SELECT 1 FROM messages_seen s WHERE s.message_id = m.id AND s.person_id = %s)
        FROM messages_message m
        WHERE m.party_id = %s AND m.kind = ANY(%s) AND (%s::bigint IS NULL OR m.id < %s)
          AND NOT EXISTS (SELECT 1 FROM messages_muted u
              WHERE u.person_id = %s AND u.party_id = m.party_id AND u.kind = m.kind)
        ORDER BY m.id DESC LIMIT %s
        """,
        [person_id, party_id, _kinds_for(role), before, before, person_id, limit],
    )
    shown = []
    for message_id, kind, text, about, at, seen in found:
        facts, known = json.loads(text), KINDS[kind]
        zh, en = rules.filled(known.zh, facts), rules.filled(known.en, facts)
        path_args = {name: facts[name] for name in known.path_args if name in facts}
        shown.append(MessageShown(message_id, kind, zh, en, known.page, path_args, about, known.urgent, at, seen))
    return shown


def _kinds_for(role: str) -> list[str]:
    return [name for name, kind in KINDS.items() if role in kind.roles]


def muted_by(*, party_id: int, person_id: int) -> set[str]:
    """Return the kinds of news of a party that a person doesn't want to see."""
    found = rows.query("SELECT kind FROM messages_muted WHERE party_id = %s AND person_id = %s", [party_id, person_id])
    return {kind for (kind,) in found}


def kinds_of(role: str) -> dict[str, Kind]:
    """Return the kinds of news that concern a role, by name."""
    return {name: KINDS[name] for name in _kinds_for(role)}


def sample(kind: Kind) -> tuple[str, str]:
    """Return a kind's sentences in Chinese and English with dots for facts, without a last one after a colon."""
    return _dotted(kind.zh), _dotted(kind.en)


def _dotted(sentence: str) -> str:
    return re.sub(r"\s*[：:]\s*…$", "", re.sub(r"\{\w+\}", "…", sentence))
