"""Refunds opened: taken from the payment by one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tuike.db import ids, rows
from tuike.kit.errors import Invalid
from tuike.kit.ids import number
from tuike.ledger import service as ledger
from tuike.payments import queries, rules
from tuike.payments.types import (
    IntentRef,
    NotRefundable,
    RefundAsk,
    RefundRef,
    RefundReused,
    RefundSource,
    RefundState,
    RefundTooMuch,
    RefundTooOften,
    RefundTooOld,
)

_REFUND = {
    "id": "bigint",
    "no": "text",
    "intent_id": "bigint",
    "purpose": "text",
    "reason": "text",
    "amount_fen": "bigint",
    "state": "text",
    "attempts": "smallint",
    "provider_no": "text",
    "problem": "text",
    "created_at": "timestamptz",
    "ask_at": "timestamptz",
}
TAKE = """
UPDATE payments_intent i SET refunding_fen = i.refunding_fen + f.amount_fen, refunds = i.refunds + f.count
FROM unnest(%s::bigint[], %s::bigint[], %s::smallint[]) AS f (id, amount_fen, count)
WHERE i.id = f.id AND i.refunding_fen + f.amount_fen <= i.paid_fen AND i.refunds + f.count <= 50
"""
"""Takes refunds from payments; the limits are in the statement that spends them."""


def open_refunds(*, asks: Sequence[RefundAsk], now: datetime) -> list[RefundRef]:
    """Open refunds in the order of `asks`; a purpose that has its refund gets that one back (`fresh` false).

    Σ of a payment's refunds, asked or done, never exceeds what was paid, whoever asks at once; at most 50, within 365
    days. `source=MERCHANT`: the caller funds `clearing:<refund no>` in the same transaction. `source=PAYMENT` (for
    mismatched and late payments only): posted here, `clearing:<payment> → clearing:<refund no>`. All or none.

    Raises:
        Invalid: an amount that isn't positive.
        NotRefundable: there is no such intent, nothing came in, or the source is not this payment's.
        RefundReused: the purpose has a refund of another amount, payment or source.
        RefundTooMuch, RefundTooOften, RefundTooOld: the limits of a payment.
    """
    wanted = {ask.purpose: ask for ask in asks}
    for ask in asks:
        if ask.amount_fen <= 0:
            raise Invalid(field="amount_fen", reason_zh="退款金额必须大于 0", reason_en="must be more than 0")
        if wanted[ask.purpose] != ask:
            raise RefundReused(purpose=ask.purpose)
    numbers = [ask.intent_no for ask in asks]
    # First: a refund's foreign key takes a weaker lock on its payment, and raising that later can deadlock.
    rows.query("SELECT id FROM payments_intent WHERE no = ANY(%s) ORDER BY id FOR UPDATE", [numbers])
    intents = queries.intents_by_no(numbers)
    fresh = _insert(list(wanted.values()), intents, now)
    refunds = queries.refunds_of(list(wanted))
    for ask in asks:
        refund, intent = refunds[ask.purpose], intents[ask.intent_no]
        if (refund.intent_no, refund.amount_fen) != (ask.intent_no, ask.amount_fen):
            raise RefundReused(purpose=ask.purpose)
        if ask.source is not rules.refund_source(intent.state):
            raise NotRefundable(intent_no=intent.no)
    opened = [wanted[purpose] for purpose in wanted if purpose in fresh]
    _take([(intents[ask.intent_no], ask.amount_fen) for ask in opened], now)
    drafts = [
        rules.refund_funding(
            refund_no=refunds[ask.purpose].no, intent_no=ask.intent_no, amount_fen=ask.amount_fen, now=now
        )
        for ask in opened
        if ask.source is RefundSource.PAYMENT
    ]
    ledger.post(drafts=drafts, now=now)
    return [replace(refunds[ask.purpose], fresh=ask.purpose in fresh) for ask in asks]


def left_to_refund(*, purposes: Sequence[str]) -> dict[str, int]:
    """Return by purpose what of payments refunds haven't taken yet, in fen, and keep it so until the transaction ends;
    a purpose that nothing was paid for is missing."""
    found = rows.query(
        "SELECT purpose, paid_fen - refunding_fen FROM payments_intent WHERE purpose = ANY(%s) AND state = 'paid'"
        " ORDER BY id FOR UPDATE",
        [sorted(set(purposes))],
    )
    return dict(found)


def _insert(asks: Sequence[RefundAsk], intents: Mapping[str, IntentRef], now: datetime) -> set[str]:
    """Add the refunds whose purpose is new and return those purposes; a parallel twin is waited for."""
    for ask in asks:
        if ask.intent_no not in intents:
            raise NotRefundable(intent_no=ask.intent_no)
    new = [
        (
            id_,
            number("R", id_, now),
            intents[ask.intent_no].id,
            ask.purpose,
            ask.reason[:80],
            ask.amount_fen,
            RefundState.OPEN,
            0,
            "",
            "",
            now,
            now,
        )
        for id_, ask in zip(ids.take("payments_refund", len(asks)), sorted(asks, key=lambda a: a.purpose), strict=True)
    ]
    suffix = "ON CONFLICT (purpose) DO NOTHING RETURNING purpose"
    return {purpose for (purpose,) in rows.insert("payments_refund", _REFUND, new, suffix=suffix)}


def _take(opened: Sequence[tuple[IntentRef, int]], now: datetime) -> None:
    """Take amounts (fen) from their payments, or refuse by the limit that was hit."""
    totals: dict[int, list[int]] = {}
    for intent, amount_fen in opened:
        if intent.paid_at is None or now > intent.paid_at + rules.REFUNDABLE_FOR:
            raise RefundTooOld(intent_no=intent.no)
        totals.setdefault(intent.id, []).append(amount_fen)
    taken = [(id_, sum(amounts), len(amounts)) for id_, amounts in totals.items()]
    if rows.run(TAKE, rows.columns(taken, 3)) == len(taken):
        return
    used = dict(rows.query("SELECT id, refunds FROM payments_intent WHERE id = ANY(%s)", [list(totals)]))
    # What the statement took of the others is undone with the transaction that this refusal ends.
    if any(used[id_] + count > rules.MAX_REFUNDS for id_, _, count in taken):
        raise RefundTooOften
    raise RefundTooMuch
