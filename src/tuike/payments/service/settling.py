"""Money that came in: facts of any source, order and number, judged and booked as lists."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tuike.db import rows
from tuike.gateways.types import PaymentFact
from tuike.ledger import service as ledger
from tuike.payments import rules
from tuike.payments.types import IntentState, Outcome, Payment, Settled, Standing

_LOCK = """
SELECT id, no, purpose, channel, state, amount_fen, paid_fen, transaction_no FROM payments_intent
WHERE no = ANY(%s) OR transaction_no = ANY(%s) ORDER BY id FOR UPDATE
"""
_STORE = """
UPDATE payments_intent i
SET state = f.state, transaction_no = f.transaction_no, paid_fen = f.paid_fen, paid_at = f.paid_at,
    paid_by = f.paid_by, clearing_no = f.clearing_no, ask_at = NULL
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::timestamptz[], %s::text[], %s::text[])
    AS f (id, state, transaction_no, paid_fen, paid_at, paid_by, clearing_no)
WHERE i.id = f.id AND i.state IN ('open', 'closed')
"""


def settle(*, facts: Sequence[PaymentFact], now: datetime) -> Settled:
    """Take what the provider says of payments, from notices and answers alike, and book what is new.

    Any multiset and order of facts, in batches of any size, ends in the same rows and balances (docs/rules.md §5).
    Good payments of a channel are booked as one transfer `outside:<channel> → clearing:<batch>`; the caller moves
    them on from there in the same transaction. Mismatched and late ones stand on `clearing:<intent>` until they are
    refunded with `RefundSource.PAYMENT`. A constant number of statements, whatever the length of the list.
    """
    said = [fact for fact in facts if rules.says_something(fact)]
    judged = rules.judge_all(_lock(said), said)
    paid, mismatched, late = rules.payments_of(judged)
    if judged.moved:
        _store({IntentState.PAID: paid, IntentState.MISMATCHED: mismatched, IntentState.LATE: late})
        ledger.post(drafts=rules.payment_drafts(paid, mismatched, late), now=now)
    return Settled(
        paid=paid,
        mismatched=mismatched,
        late=late,
        conflicting=judged.conflicting,
        unknown=judged.unknown,
        repeated=judged.repeated,
        closed_there=judged.closed_there,
        batches=rules.batches_of(paid),
        outcomes={fact.out_trade_no: Outcome.NO_NEWS for fact in facts} | dict(judged.outcomes),
    )


def _lock(facts: Sequence[PaymentFact]) -> list[Standing]:
    """Lock the intents that the facts name, and those that have one of the transactions, in id order."""
    numbers = [fact.out_trade_no for fact in facts]
    transactions = [fact.transaction_id for fact in facts if fact.transaction_id]
    return [
        Standing(
            id=id_,
            no=no,
            purpose=purpose,
            channel=channel,
            state=IntentState(state),
            amount_fen=amount_fen,
            paid_fen=paid_fen,
            transaction_no=transaction_no,
        )
        for id_, no, purpose, channel, state, amount_fen, paid_fen, transaction_no in rows.query(
            _LOCK, [numbers, transactions]
        )
    ]


def _store(groups: Mapping[IntentState, Sequence[Payment]]) -> None:
    """Write the payments to their intents; they are locked, so every one of them must still be as it was judged."""
    new = [
        (p.intent_id, state, p.transaction_no, p.amount_fen, p.paid_at, p.payer, p.clearing_no)
        for state, payments in groups.items()
        for p in payments
    ]
    if rows.run(_STORE, rows.columns(new, 7)) != len(new):
        raise RuntimeError("an intent changed under its lock")
