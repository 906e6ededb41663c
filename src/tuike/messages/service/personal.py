"""Messages to persons, which of WeChat's templates shows them, and how often a person agreed to that."""

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.messages import rules
from tuike.messages.personal_kinds import PERSONAL
from tuike.messages.service.party import KEPT
from tuike.messages.types import BadTemplate, Thread, UnknownKind, UnknownTemplate

MOST_GRANTS = 50
"""So many messages of a template a person may have agreed to at once; further yeses add nothing."""

_TYPES = {
    "person_id": "bigint",
    "kind": "text",
    "thread": "text",
    "facts": "jsonb",
    "object": "text",
    "at": "timestamptz",
}
_TEMPLATE_ID = re.compile(r"[0-9A-Za-z_-]{20,64}")
_FACT = re.compile(r"[a-z][a-z_]{0,30}")
_PAGE = re.compile(r"([0-9a-z_-]+/)*[0-9a-z_-]+(\?[0-9A-Za-z=&{}_.-]*)?")

TAKE_AND_SEND = """
    WITH taken AS (
        UPDATE messages_grant SET "left" = "left" - 1, changed_at = %(now)s
        WHERE person_id = %(person)s AND template_id = %(template)s AND "left" > 0
        RETURNING template_id
    )
    INSERT INTO messages_sending (message_id, template_id, state, tries, next_at, why)
    SELECT %(message)s, template_id, 'waiting', 0, %(now)s, '' FROM taken
"""
GRANT = """
    INSERT INTO messages_grant (person_id, template_id, "left", changed_at)
    SELECT %(person)s, template, 1, %(now)s FROM unnest(%(templates)s::text[]) AS template
    ON CONFLICT (person_id, template_id) DO UPDATE
    SET "left" = least(messages_grant."left" + 1, %(most)s), changed_at = excluded.changed_at
"""


def tell_person(
    *, person_id: int, kind: str, facts: Mapping[str, Any] | None = None, object_: str = "", now: datetime
) -> None:
    """Tell a person one message, in the caller's transaction: no message without its cause (docs/rules.md §10).

    `kind` is a row of personal_kinds.py; `facts` are plain JSON (instants as ISO text, `_fen` and `_bps` as numbers)
    without personal data in clear; `object_` is the public number of what it is about. Where the operator has
    registered WeChat's template for the kind and the person has agreed to one more of it, the phone shows it, too.
    """
    tell_persons(kind=kind, told=[(person_id, facts or {}, object_)], now=now)


def tell_persons(*, kind: str, told: Iterable[tuple[int, Mapping[str, Any], str]], now: datetime) -> None:
    """Tell several persons messages of one kind: (person id, facts, public number) each; see `tell_person`."""
    if kind not in PERSONAL:
        raise ValueError(f"no such kind of message: {kind}")
    thread = PERSONAL[kind].thread.value
    made = [
        (person_id, kind, thread, json.dumps(dict(facts), ensure_ascii=False), object_[:40], now)
        for person_id, facts, object_ in told
    ]
    if not made:
        return
    with transaction.atomic():
        found = rows.insert("messages_personal", _TYPES, made, suffix="RETURNING id, person_id")
        _send(kind, found, now)


def _send(kind: str, told: list[tuple[int, int]], now: datetime) -> None:
    """Let phones show the messages (id, person id) whose persons have a grant left, and take it, one statement each."""
    template = rows.query("SELECT template_id FROM messages_template WHERE kind = %s", [kind])
    if not template:
        return
    template_id = template[0][0]
    # In the order of persons, so that two transactions that tell the same ones don't wait for each other in a ring.
    for message_id, person_id in sorted(told, key=lambda one: (one[1], one[0])):
        rows.run(TAKE_AND_SEND, {"person": person_id, "template": template_id, "message": message_id, "now": now})


@transaction.atomic
def read_personal(*, person_id: int, thread: Thread | None = None, upto: int | None = None, now: datetime) -> int:
    """Note that a person has read their messages (of a thread, up to an id); return how many were unread."""
    return rows.run(
        "UPDATE messages_personal SET read_at = %s WHERE person_id = %s AND read_at IS NULL"
        " AND (%s::text IS NULL OR thread = %s) AND (%s::bigint IS NULL OR id <= %s)",
        [now, person_id, thread, thread, upto, upto],
    )


@transaction.atomic
def grant(*, person_id: int, accepted: Iterable[str], rejected: Iterable[str] = (), now: datetime) -> None:
    """Note what a person answered when the phone asked for messages of these templates.

    A yes is good for one more message, a no forgets what was agreed to before. To be called once for each answer (the
    caller's key sees to that).

    Raises:
        UnknownTemplate: one isn't registered.
    """
    yes, no = sorted(set(accepted)), sorted(set(rejected))
    known = rows.query("SELECT DISTINCT template_id FROM messages_template WHERE template_id = ANY(%s)", [yes + no])
    if {one[0] for one in known} != {*yes, *no}:
        raise UnknownTemplate
    rows.run(GRANT, {"person": person_id, "templates": yes, "now": now, "most": MOST_GRANTS})
    rows.run(
        'UPDATE messages_grant SET "left" = 0, changed_at = %s WHERE person_id = %s AND template_id = ANY(%s)',
        [now, person_id, no],
    )


@transaction.atomic
def register_template(
    *, kind: str, template_id: str, fields: Mapping[str, str], page: str = "", actor: Actor, now: datetime
) -> None:
    """Say which of WeChat's templates shows a kind of message, and which of its keywords shows which fact.

    `fields` is keyword → fact (`{"thing1": "title", "amount2": "amount_fen"}`; the fact `sentence` is the whole
    message), `page` the mini-program's page that a tap opens, `{object}` standing for what the message is about.

    Raises:
        UnknownKind: no such kind.
        BadTemplate: an id or keyword that can't be WeChat's, no keyword, or a page that can't be one.
    """
    if kind not in PERSONAL:
        raise UnknownKind
    if not _TEMPLATE_ID.fullmatch(template_id):
        raise BadTemplate(what=template_id[:70] or "—")
    for keyword, fact in fields.items():
        if rules.keyword_kind(keyword) is None or not _FACT.fullmatch(fact):
            raise BadTemplate(what=f"{keyword}={fact}"[:70])
    if not fields:
        raise BadTemplate(what="—")
    if len(page) > 200 or (page and not _PAGE.fullmatch(page)):
        raise BadTemplate(what=page[:70])
    rows.run(
        "INSERT INTO messages_template (kind, template_id, fields, page, changed_at) VALUES (%s, %s, %s::jsonb, %s, %s)"
        " ON CONFLICT (kind) DO UPDATE SET template_id = excluded.template_id, fields = excluded.fields,"
        " page = excluded.page, changed_at = excluded.changed_at",
        [kind, template_id, json.dumps(dict(fields)), page, now],
    )
    facts = {"template_id": template_id, "fields": dict(fields), "page": page}
    audit.record(actor=actor, action="template.register", object_=kind, facts=facts, now=now)


@transaction.atomic
def remove_template(*, kind: str, actor: Actor, now: datetime) -> None:
    """Let a kind of message be shown in the app only.

    Raises:
        UnknownTemplate: none is registered for it.
    """
    if not rows.run("DELETE FROM messages_template WHERE kind = %s", [kind]):
        raise UnknownTemplate
    audit.record(actor=actor, action="template.remove", object_=kind, facts={}, now=now)


@transaction.atomic
def forget_personal(*, person_id: int | None = None, now: datetime) -> int:
    """Remove messages older than 180 days, or all of a person whose data is erased; return how many."""
    if person_id is not None:
        rows.run("DELETE FROM messages_grant WHERE person_id = %s", [person_id])
    which, value = ("person_id = %s", person_id) if person_id is not None else ("at < %s", now - KEPT)
    rows.run(
        f"DELETE FROM messages_sending WHERE message_id IN (SELECT id FROM messages_personal WHERE {which})", [value]
    )
    return rows.run(f"DELETE FROM messages_personal WHERE {which}", [value])
