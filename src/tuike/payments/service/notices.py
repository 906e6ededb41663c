"""Notices: kept before they are answered, worked on in batches."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from tuike.db import rows
from tuike.gateways.types import Notice, NoticeKind, PaymentFact, RefundFact, TransferFact
from tuike.payments import rules
from tuike.payments.types import Outcome, WaitingNotice

ATTEMPTS = 10
"""Failures on one notice before it is set aside."""


@transaction.atomic
def keep_notice(*, channel: str, notice: Notice, now: datetime) -> bool:
    """Keep a verified notice as it came and return whether it is new: the same id is kept once.

    Durable when this returns outside a transaction: only then may the provider be answered. Notices of events that
    the product doesn't use are kept as done.
    """
    fact = notice.fact
    done = (now, Outcome.IGNORED) if fact is None else (None, "")
    kept = rows.query(
        """
        INSERT INTO payments_notice (channel, notice_no, kind, object_no, facts, received_at, processed_at, outcome,
            attempts)
        VALUES (%s, %s, %s, %s, %s::jsonb, %s, %s, %s, 0) ON CONFLICT (channel, notice_no) DO NOTHING RETURNING id
        """,
        [
            channel,
            notice.id,
            notice.kind,
            _object_no(fact),
            json.dumps(rules.fact_as_json(fact) if fact else {"event_type": notice.event_type}),
            now,
            *done,
        ],
    )
    return bool(kept)


def waiting_notices(*, kind: NoticeKind, limit: int = 500, ids: Sequence[int] | None = None) -> list[WaitingNotice]:
    """Return notices that wait, locked until the transaction ends; two callers get different ones.

    Oldest first, those that couldn't be taken before behind all others; with `ids` only those of them.
    """
    found = rows.query(
        "SELECT id, channel, kind, object_no, facts::text FROM payments_notice"
        " WHERE processed_at IS NULL AND kind = %s AND (%s::bigint[] IS NULL OR id = ANY(%s))"
        " ORDER BY attempts, id LIMIT %s FOR UPDATE SKIP LOCKED",
        [kind, ids, ids, limit],
    )
    return [
        WaitingNotice(
            id=id_, channel=channel, kind=NoticeKind(kind_), object_no=object_no, fact=_read(NoticeKind(kind_), facts)
        )
        for id_, channel, kind_, object_no, facts in found
    ]


def postpone_notice(*, notice_id: int, now: datetime) -> str:
    """Count that a notice couldn't be taken; after `ATTEMPTS` set it aside and return its number, else ''.

    Nothing is lost with one that was set aside: what it was about is asked for at the provider as well.
    """
    found = rows.query(
        """
        UPDATE payments_notice SET attempts = attempts + 1,
            processed_at = CASE WHEN attempts + 1 >= %(most)s THEN %(now)s::timestamptz END,
            outcome = CASE WHEN attempts + 1 >= %(most)s THEN %(aside)s ELSE '' END
        WHERE id = %(id)s AND processed_at IS NULL RETURNING CASE WHEN processed_at IS NULL THEN '' ELSE notice_no END
        """,
        {"most": ATTEMPTS, "now": now, "aside": Outcome.QUARANTINED, "id": notice_id},
    )
    return found[0][0] if found else ""


def finish_notices(*, outcomes: Mapping[int, str], now: datetime) -> int:
    """Say what became of notices, by their id, and return how many still waited; call it with the work itself."""
    return rows.run(
        """
        UPDATE payments_notice n SET processed_at = %s, outcome = f.outcome
        FROM unnest(%s::bigint[], %s::text[]) f (id, outcome) WHERE n.id = f.id AND n.processed_at IS NULL
        """,
        [now, list(outcomes), list(outcomes.values())],
    )


def _object_no(fact: PaymentFact | RefundFact | TransferFact | None) -> str:
    """Return the number of ours that a fact is about."""
    if isinstance(fact, PaymentFact):
        return fact.out_trade_no
    if isinstance(fact, RefundFact):
        return fact.out_refund_no
    return fact.out_bill_no if fact else ""


def _read(kind: NoticeKind, facts: str) -> PaymentFact | RefundFact | TransferFact | None:
    try:
        return rules.fact_from_json(kind, json.loads(facts))
    except (ValueError, TypeError, KeyError):
        return None
