"""Reads of payments. A purpose or a number is what the caller owns and asks by."""

import json
from collections.abc import Iterable

from tuike.db import rows
from tuike.payments.types import IntentRef, IntentState, RefundRef, RefundState

_INTENTS = """
SELECT id, no, purpose, channel, mode, description, payer, amount_fen, state, prepared::text, created_at, expires_at,
       paid_at, paid_fen, refunding_fen, transaction_no
FROM payments_intent WHERE {} = ANY(%s)
"""
_REFUNDS = """
SELECT r.id, r.no, i.no, i.channel, r.purpose, r.amount_fen, r.state
FROM payments_refund r JOIN payments_intent i ON i.id = r.intent_id WHERE {} = ANY(%s)
"""


def intents_of(purposes: Iterable[str]) -> dict[str, IntentRef]:
    """Return the intents of these purposes, by purpose; a purpose without one is missing."""
    return {intent.purpose: intent for intent in _intents("purpose", purposes)}


def payers_of(purposes: Iterable[str]) -> dict[str, str]:
    """Return by whom purposes were paid, as the channel names them; those that nobody paid are missing."""
    found = rows.query(
        "SELECT purpose, paid_by FROM payments_intent WHERE purpose = ANY(%s) AND paid_by <> ''",
        [sorted(set(purposes))],
    )
    return dict(found)


def intents_by_no(numbers: Iterable[str]) -> dict[str, IntentRef]:
    """Return the intents with these numbers, by number."""
    return {intent.no: intent for intent in _intents("no", numbers)}


def refunds_of(purposes: Iterable[str]) -> dict[str, RefundRef]:
    """Return the refunds of these purposes, by purpose."""
    return {refund.purpose: refund for refund in _refunds("r.purpose", purposes)}


def refunds_by_no(numbers: Iterable[str]) -> dict[str, RefundRef]:
    """Return the refunds with these numbers, by number."""
    return {refund.no: refund for refund in _refunds("r.no", numbers)}


def refunds_of_intents(intent_numbers: Iterable[str]) -> list[RefundRef]:
    """Return all refunds of these payments, oldest first."""
    return sorted(_refunds("i.no", intent_numbers), key=lambda refund: refund.id)


def locked_refunds(numbers: Iterable[str]) -> dict[str, RefundRef]:
    """Return the refunds with these numbers, locked in id order until the transaction ends."""
    return {refund.no: refund for refund in _refunds("r.no", numbers, " ORDER BY r.id FOR UPDATE OF r")}


def waiting_count() -> int:
    """Return how many notices wait to be worked on."""
    return int(rows.query("SELECT count(*) FROM payments_notice WHERE processed_at IS NULL")[0][0])


def _intents(column: str, values: Iterable[str]) -> list[IntentRef]:
    return [
        IntentRef(
            id=row[0],
            no=row[1],
            purpose=row[2],
            channel=row[3],
            mode=row[4],
            description=row[5],
            payer=row[6],
            amount_fen=row[7],
            state=IntentState(row[8]),
            prepared=json.loads(row[9]) if row[9] else None,
            created_at=row[10],
            expires_at=row[11],
            paid_at=row[12],
            paid_fen=row[13],
            refunding_fen=row[14],
            transaction_no=row[15],
        )
        for row in rows.query(_INTENTS.format(column), [list(values)])
    ]


def _refunds(column: str, values: Iterable[str], suffix: str = "") -> list[RefundRef]:
    return [
        RefundRef(
            id=id_,
            no=no,
            intent_no=intent_no,
            channel=channel,
            purpose=purpose,
            amount_fen=amount_fen,
            state=RefundState(state),
        )
        for id_, no, intent_no, channel, purpose, amount_fen, state in rows.query(
            _REFUNDS.format(column) + suffix, [list(values)]
        )
    ]
