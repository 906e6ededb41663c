"""Reading news: always a person's, in the role in which they sit in the party."""

import json
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from tuike.db import rows
from tuike.messages import rules
from tuike.messages.kinds import KINDS
from tuike.messages.personal_kinds import PERSONAL
from tuike.messages.types import (
    ALL,
    Kind,
    MessageShown,
    PersonalKind,
    PersonalShown,
    TemplateShown,
    Thread,
    ThreadShown,
)

MOST_COUNTED = 99
"""The bell says 99 at most: nobody counts further, and no query does."""


def unseen(*, party_id: int, person_id: int, role: str) -> int:
    """Return how many news of a party a person in a role hasn't seen, 99 at most."""
    found = rows.query(
        """
        SELECT count(*) FROM (
            SELECT 1 FROM messages_message m
            WHERE m.party_id = %s AND m.kind = ANY(%s) AND (m.person_id IS NULL OR m.person_id = %s)
              AND NOT EXISTS (SELECT 1 FROM messages_seen s WHERE s.message_id = m.id AND s.person_id = %s)
              AND NOT EXISTS (SELECT 1 FROM messages_muted u
                  WHERE u.person_id = %s AND u.party_id = m.party_id AND u.kind = m.kind)
            ORDER BY m.id DESC LIMIT %s) AS few
        """,
        [party_id, _kinds_for(role), person_id, person_id, person_id, MOST_COUNTED],
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
          AND (m.person_id IS NULL OR m.person_id = %s)
          AND NOT EXISTS (SELECT 1 FROM messages_muted u
              WHERE u.person_id = %s AND u.party_id = m.party_id AND u.kind = m.kind)
        ORDER BY m.id DESC LIMIT %s
        """,
        [person_id, party_id, _kinds_for(role), before, before, person_id, person_id, limit],
    )
    return [_shown(row) for row in found]


def urgent_since(*, party_ids: Iterable[int], since: datetime, limit: int) -> dict[int, list[MessageShown]]:
    """Return party → its urgent news since an instant, the latest first, at most `limit` of each.

    Of kinds that concern every role only: whoever of the party looks may see them. Nobody has "seen" them here.
    """
    ids, kinds = list(party_ids), [name for name, kind in KINDS.items() if kind.urgent and kind.roles >= ALL]
    found = rows.query(
        "SELECT party_id, id, kind, facts::text, object, at FROM (SELECT *, row_number() OVER (PARTITION BY party_id"
        " ORDER BY id DESC) AS nth FROM messages_message WHERE party_id = ANY(%s) AND at >= %s AND kind = ANY(%s)) AS m"
        " WHERE nth <= %s ORDER BY id DESC",
        [ids, since, kinds, limit],
    )
    shown: dict[int, list[MessageShown]] = {}
    for party_id, *message in found:
        shown.setdefault(party_id, []).append(_shown((*message, False)))
    return shown


def _shown(row: Sequence[Any]) -> MessageShown:
    message_id, kind, text, about, at, seen = row
    facts, known = json.loads(text), KINDS[kind]
    zh, en = rules.filled(known.zh, facts), rules.filled(known.en, facts)
    path_args = {name: facts[name] for name in known.path_args if name in facts}
    return MessageShown(message_id, kind, zh, en, known.page, path_args, about, known.urgent, at, seen)


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


def threads_of(*, person_id: int) -> list[ThreadShown]:
    """Return a person's threads with the latest message and how many are unread, in one query."""
    found = rows.query(
        """
        SELECT t.thread, m.id, m.kind, m.thread, m.facts::text, m.object, m.at, m.read_at IS NOT NULL,
            (SELECT count(*) FROM (SELECT 1 FROM messages_personal u WHERE u.person_id = %(person)s
                AND u.thread = t.thread AND u.read_at IS NULL LIMIT %(most)s) AS few)
        FROM unnest(%(threads)s::text[]) WITH ORDINALITY AS t(thread, place)
        LEFT JOIN LATERAL (SELECT * FROM messages_personal p WHERE p.person_id = %(person)s AND p.thread = t.thread
            ORDER BY p.id DESC LIMIT 1) m ON true
        ORDER BY t.place
        """,
        {"person": person_id, "threads": [one.value for one in Thread], "most": MOST_COUNTED},
    )
    return [
        ThreadShown(Thread(name), unread, _personal(message) if message[0] is not None else None)
        for name, *message, unread in found
    ]


def unread_of(person_id: int) -> int:
    """Return how many messages a person hasn't read, 99 at most."""
    found = rows.query(
        "SELECT count(*) FROM (SELECT 1 FROM messages_personal WHERE person_id = %s AND read_at IS NULL LIMIT %s) f",
        [person_id, MOST_COUNTED],
    )
    return int(found[0][0])


def personal_of(
    *, person_id: int, thread: Thread | None = None, before: int | None = None, limit: int = 20
) -> list[PersonalShown]:
    """Return a person's messages (of a thread), the latest first; `before` is the id where to go on."""
    found = rows.query(
        """
        SELECT id, kind, thread, facts::text, object, at, read_at IS NOT NULL FROM messages_personal
        WHERE person_id = %s AND thread = ANY(%s) AND (%s::bigint IS NULL OR id < %s) ORDER BY id DESC LIMIT %s
        """,
        [person_id, [thread.value] if thread else [one.value for one in Thread], before, before, limit],
    )
    return [_personal(row) for row in found]


def templates() -> dict[str, TemplateShown]:
    """Return the templates that the operator registered, by kind of message."""
    found = rows.query("SELECT kind, template_id, fields::text, page, changed_at FROM messages_template ORDER BY kind")
    return {row[0]: TemplateShown(row[0], row[1], json.loads(row[2]), row[3], row[4]) for row in found}


def personal_kinds() -> dict[str, PersonalKind]:
    """Return every kind of message to persons by name."""
    return dict(PERSONAL)


def facts_of(kind: PersonalKind) -> list[str]:
    """Return the facts that a kind's sentences name: what a template's keyword may show, beside the sentence itself."""
    return sorted({*re.findall(r"\{(\w+)\}", kind.zh), *re.findall(r"\{(\w+)\}", kind.en)})


def _personal(row: Sequence[Any]) -> PersonalShown:
    message_id, kind, thread, text, about, at, read = row
    facts, known = json.loads(text), PERSONAL[kind]
    zh, en = rules.filled(known.zh, facts), rules.filled(known.en, facts)
    return PersonalShown(message_id, kind, Thread(thread), zh, en, known.page, about, at, read)
