"""Messages on their way to phones: take what is due, record what WeChat said."""

import json
from datetime import datetime, timedelta

from django.db import transaction

from tuike.db import rows
from tuike.messages import rules
from tuike.messages.personal_kinds import PERSONAL
from tuike.messages.types import DueSending

LEASE = timedelta(minutes=2)
"""How long whoever took a sending has it alone; after a crash it is taken again then."""

AT_ONCE = 50
TAKE = """
    WITH due AS (
        SELECT message_id FROM messages_sending WHERE state = 'waiting' AND next_at <= %(now)s
        ORDER BY next_at, message_id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ), taken AS (
        UPDATE messages_sending s SET tries = tries + 1, next_at = %(until)s
        FROM due WHERE s.message_id = due.message_id
        RETURNING s.message_id, s.template_id, s.tries
    )
    SELECT k.message_id, m.person_id, k.template_id, k.tries, m.kind, m.facts::text, m.object,
        coalesce(t.fields, '{}'::jsonb)::text, coalesce(t.page, '')
    FROM taken k JOIN messages_personal m ON m.id = k.message_id
    LEFT JOIN messages_template t ON t.kind = m.kind AND t.template_id = k.template_id
    ORDER BY k.message_id
"""
END = "UPDATE messages_sending SET state = %s, why = %s, ended_at = %s WHERE message_id = %s AND state = 'waiting'"
_GRANT_OF = """
    FROM messages_sending s JOIN messages_personal m ON m.id = s.message_id
    WHERE s.message_id = %s AND g.person_id = m.person_id AND g.template_id = s.template_id
"""


@transaction.atomic
def take_due(*, now: datetime) -> list[DueSending]:
    """Take what is to be shown on phones now, for two minutes, worded in both languages."""
    found = rows.query(TAKE, {"now": now, "until": now + LEASE, "limit": AT_ONCE})
    due = []
    for message_id, person_id, template_id, tries, kind, facts_text, about, fields_text, page in found:
        facts, fields, known = json.loads(facts_text), json.loads(fields_text), PERSONAL[kind]
        zh, en = (rules.template_data(fields, facts, rules.filled(words, facts)) for words in (known.zh, known.en))
        due.append(DueSending(message_id, person_id, template_id, zh, en, page.replace("{object}", about), tries))
    return due


def record_sent(*, message_id: int, now: datetime) -> None:
    """Note that WeChat took a message."""
    rows.run(END, ["sent", "", now, message_id])


@transaction.atomic
def record_refused(*, message_id: int, now: datetime) -> None:
    """Note that the person wants no (more) messages of the template: what was agreed to is forgotten."""
    if rows.run(END, ["refused", "43101", now, message_id]):
        rows.run(f'UPDATE messages_grant g SET "left" = 0, changed_at = %s {_GRANT_OF}', [now, message_id])


@transaction.atomic
def record_unfit(*, message_id: int, why: str, now: datetime) -> None:
    """Note that WeChat won't show this message (its data don't fit, nobody to send it to); the grant is given back."""
    if rows.run(END, ["failed", why[:80], now, message_id]):
        rows.run(f'UPDATE messages_grant g SET "left" = g."left" + 1, changed_at = %s {_GRANT_OF}', [now, message_id])


def put_off(*, message_id: int, tries: int, why: str, now: datetime) -> None:
    """Note that nobody knows whether a message was shown: it is tried again later, and given up after the fourth try.

    A message that was shown has used its grant at WeChat, which then refuses the second one.
    """
    wait = rules.rest(tries)
    if wait is None:
        rows.run(END, ["failed", why[:80], now, message_id])
        return
    rows.run(
        "UPDATE messages_sending SET next_at = %s, why = %s WHERE message_id = %s AND state = 'waiting'",
        [now + wait, why[:80], message_id],
    )
