"""What shops send to members who consented: begun with all whom it reaches, then a portion at a time."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.kit.ids import number
from tuike.members.queries import sendings as queries
from tuike.members.queries import shops
from tuike.members.types.facts import Asked, SendingKind, SendingShown, SendingState
from tuike.members.types.refusals import NobodyMeant

# Consent is looked at again when it is one's turn: who took it back meanwhile gets nothing.
_NEXT = """
    SELECT t.id, t.person_id, coalesce(p.erased_at IS NULL AND
        (SELECT c.given FROM members_consent c WHERE c.person_id = t.person_id ORDER BY c.id DESC LIMIT 1), false)
    FROM members_sending_to t JOIN people_person p ON p.id = t.person_id
    WHERE t.sending_id = %s AND t.outcome = '' ORDER BY t.id LIMIT %s
"""


@transaction.atomic
def begin_sending(
    *,
    merchant_id: int,
    kind: SendingKind,
    coupon_no: str = "",
    text: str = "",
    to_name: str,
    asked: Asked,
    actor: Actor,
    now: datetime,
) -> SendingShown:
    """Fix to whom a shop sends a coupon or a message: each member who is meant and consented, once.

    Raises:
        Invalid: a message without words, or longer than 200 characters.
        NobodyMeant: nobody whom it would reach.
    """
    if kind is SendingKind.MESSAGE and not 0 < len(text.strip()) <= 200:
        raise Invalid(field="text", reason_zh="1 到 200 个字", reason_en="1 to 200 characters")
    persons = shops.meant_of(merchant_id=merchant_id, asked=asked, now=now)
    if not persons:
        raise NobodyMeant
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('members_sending', 'id'))")[0][0]
    no = number("S", id_, now)
    rows.run(
        "INSERT INTO members_sending (id, no, merchant_id, kind, coupon_no, text, to_name, state, began_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [id_, no, merchant_id, kind.value, coupon_no, text.strip(), to_name[:20], SendingState.RUNNING.value, now],
    )
    types = {"sending_id": "bigint", "person_id": "bigint", "outcome": "text"}
    rows.insert("members_sending_to", types, [(id_, person_id, "") for person_id in persons])
    facts = {"kind": kind.value, "coupon": coupon_no, "to": to_name, "members": len(persons)}
    audit.record(actor=actor, action="members.send", object_=no, facts=facts, now=now)
    return queries.sending_of(merchant_id=merchant_id, no=no)


def lock_sending() -> int | None:
    """Return the id of the oldest running sending that nobody else works on, locked; None where there is none."""
    found = rows.query(
        "SELECT id FROM members_sending WHERE state = 'running' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    return found[0][0] if found else None


def next_of_sending(sending_id: int, *, limit: int) -> dict[int, bool]:
    """Return whose turn it is in a locked sending, and whether they still consent."""
    return {person_id: consents for _, person_id, consents in rows.query(_NEXT, [sending_id, limit])}


def note_outcomes(*, sending_id: int, outcomes: Mapping[int, str], now: datetime) -> None:
    """Note what became of persons (`given`, or a refusal's code); a sending in which nobody is left is done."""
    rows.run(
        "UPDATE members_sending_to t SET outcome = o.outcome"
        " FROM unnest(%s::bigint[], %s::text[]) AS o (person_id, outcome)"
        " WHERE t.sending_id = %s AND t.person_id = o.person_id AND t.outcome = ''",
        [list(outcomes), [outcome[:40] for outcome in outcomes.values()], sending_id],
    )
    rows.run(
        "UPDATE members_sending s SET state = 'done', ended_at = %s WHERE s.id = %s AND NOT EXISTS"
        " (SELECT FROM members_sending_to t WHERE t.sending_id = s.id AND t.outcome = '')",
        [now, sending_id],
    )
