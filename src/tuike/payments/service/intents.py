"""Intents: opened, prepared at the provider, asked for, closed."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tuike.db import ids, rows
from tuike.kit.errors import Invalid
from tuike.kit.ids import number
from tuike.payments import queries, rules
from tuike.payments.types import IntentNotOpen, IntentRef, IntentReused, IntentState, IntentToAsk

_INTENT = {
    "id": "bigint",
    "no": "text",
    "channel": "text",
    "mode": "text",
    "purpose": "text",
    "description": "text",
    "payer": "text",
    "paid_by": "text",
    "amount_fen": "bigint",
    "paid_fen": "bigint",
    "refunding_fen": "bigint",
    "refunds": "smallint",
    "clearing_no": "text",
    "state": "text",
    "created_at": "timestamptz",
    "expires_at": "timestamptz",
    "ask_at": "timestamptz",
}


def open_intent(
    *,
    purpose: str,
    amount_fen: int,
    channel: str,
    mode: str,
    description: str,
    payer: str,
    expires_at: datetime,
    now: datetime,
) -> IntentRef:
    """Open an intent, or return the one that this purpose has with the same amount, channel, mode and payer.

    `purpose` is a text of at most 64 characters that only the caller reads; `payer` the provider's id of who is to
    pay ('' where anybody may). A parallel twin waits for the first one and gets its intent.

    Raises:
        Invalid: the amount is not within 1 fen … ¥100 million, or `expires_at` is not after `now`.
        IntentReused: the purpose has an intent with other content.
    """
    if not 0 < amount_fen <= rules.MAX_AMOUNT_FEN:
        raise Invalid(field="amount_fen", reason_zh="支付金额超出范围", reason_en="not an amount that can be paid")
    if expires_at <= now:
        raise Invalid(field="expires_at", reason_zh="支付时间已过", reason_en="the time to pay is over")
    # Looked for first: an insert would wait for whoever is changing the one that is there, a confirmation for example.
    if purpose not in queries.intents_of([purpose]):
        id_ = ids.take_one("payments_intent")
        row = (
            id_,
            number("P", id_, now),
            channel,
            mode,
            purpose,
            description[:120],
            payer,
            "",
            amount_fen,
            0,
            0,
            0,
            "",
            IntentState.OPEN,
            now,
            expires_at,
            rules.next_ask(created_at=now, now=now),
        )
        rows.insert("payments_intent", _INTENT, [row], suffix="ON CONFLICT (purpose) DO NOTHING")
    intent = queries.intents_of([purpose])[purpose]
    if (intent.amount_fen, intent.channel, intent.mode, intent.payer) != (amount_fen, channel, mode, payer):
        raise IntentReused(purpose=purpose)
    return intent


def mark_prepared(*, intent_no: str, prepared: dict[str, Any]) -> IntentRef:
    """Keep what the provider answered for the client; a later answer for the same intent replaces it.

    Raises:
        IntentNotOpen: it was paid or closed since, or there is no such intent.
    """
    moved = rows.run(
        "UPDATE payments_intent SET prepared = %s::jsonb WHERE no = %s AND state = 'open'",
        [json.dumps(prepared), intent_no],
    )
    if not moved:
        raise IntentNotOpen(intent_no=intent_no)
    return queries.intents_by_no([intent_no])[intent_no]


def intents_to_ask(*, now: datetime, limit: int = 100) -> list[IntentToAsk]:
    """Return open intents that are due to be asked for, the longest overdue first, and set their next asking.

    Two callers at once get different ones. What was handed out and never answered comes again by itself.
    """
    due = rows.query(
        "SELECT id, no, purpose, channel, created_at, expires_at FROM payments_intent"
        " WHERE ask_at <= %s AND state = 'open' ORDER BY ask_at LIMIT %s FOR UPDATE SKIP LOCKED",
        [now, limit],
    )
    rows.run(
        "UPDATE payments_intent i SET ask_at = f.ask_at FROM unnest(%s::bigint[], %s::timestamptz[]) f (id, ask_at)"
        " WHERE i.id = f.id",
        [[row[0] for row in due], [rules.next_ask(created_at=row[4], now=now) for row in due]],
    )
    return [
        IntentToAsk(no=no, purpose=purpose, channel=channel, expired=expires_at <= now)
        for _, no, purpose, channel, _, expires_at in due
    ]


def record_closed(*, intent_nos: Sequence[str], now: datetime) -> list[IntentRef]:
    """Close open intents and return those that were; paid and closed ones stay as they are.

    Call it once the provider has said that no money can come any more, in the transaction that closes what hangs on
    the intent: money that comes all the same is then late and goes back (docs/rules.md §5).
    """
    moved = rows.query(
        """
        UPDATE payments_intent SET state = 'closed', closed_at = %s, ask_at = NULL
        WHERE id IN (SELECT id FROM payments_intent WHERE no = ANY(%s) ORDER BY id FOR UPDATE) AND state = 'open'
        RETURNING no
        """,
        [now, list(intent_nos)],
    )
    found = queries.intents_by_no([no for (no,) in moved])
    return [found[no] for no in sorted(found)]
