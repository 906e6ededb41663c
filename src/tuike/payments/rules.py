"""What a payment's fact means, how payments and refunds are booked, and when to ask again. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tuike.gateways import types as outside
from tuike.gateways.types import NoticeKind, PaymentFact, RefundFact, TradeState, TransferFact, TransferState
from tuike.kit.money import MAX_FEN
from tuike.ledger import chart
from tuike.ledger.types import Draft, Move
from tuike.payments.types import Batch, IntentState, Outcome, Payment, RefundRef, RefundSource, RefundState, Standing

MAX_AMOUNT_FEN = 10**10
"""The largest payment (¥100 million), so that a batch of a thousand stays one booking."""

MAX_REFUNDS = 50
"""Refunds of one payment (WeChat Pay, 申请退款)."""

REFUNDABLE_FOR = timedelta(days=365)
"""How long after its success a payment can be refunded (WeChat Pay, 申请退款)."""

FIRST_ASK = timedelta(seconds=30)
LAST_ASK = timedelta(minutes=4)
"""News of a payment is asked for within five minutes of any instant, whatever notices are lost."""

REFUND_FIRST_ASK = timedelta(seconds=30)
REFUND_LAST_ASK = timedelta(hours=1)
ABNORMAL_ASK = timedelta(days=1)

RETRIED_REFUSALS = frozenset({"NOT_ENOUGH"})
"""Refusals that a top-up of the merchant account heals: the refund stays open and is sent again by its number."""

STUCK = frozenset({RefundState.REFUSED, RefundState.ABNORMAL, RefundState.CLOSED})
"""A refund in one of these needs a person; its money stays on its clearing account."""

_GONE = frozenset({TradeState.CLOSED, TradeState.REVOKED})
_FROM_PROVIDER = {
    outside.RefundState.PROCESSING: RefundState.PROCESSING,
    outside.RefundState.SUCCESS: RefundState.DONE,
    outside.RefundState.ABNORMAL: RefundState.ABNORMAL,
    outside.RefundState.CLOSED: RefundState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What the facts of a batch mean for the intents they are about."""

    moved: Sequence[tuple[Standing, IntentState, PaymentFact]]
    conflicting: Sequence[PaymentFact]
    unknown: Sequence[PaymentFact]
    repeated: Sequence[str]
    closed_there: Sequence[str]
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class JudgedRefunds:
    """What the facts of a batch mean for refunds: the new standing of those that moved, with the fact that moved it."""

    moved: Sequence[tuple[RefundRef, RefundFact]]
    conflicting: Sequence[RefundFact]
    unknown: Sequence[RefundFact]
    outcomes: Mapping[str, Outcome]


def says_something(fact: PaymentFact) -> bool:
    """Return whether the fact tells of money, or that none can come any more."""
    return fact.trade_state.paid or fact.trade_state in _GONE


def bookable_fen(fact: PaymentFact) -> int:
    """Return what can be booked of a paid fact, in fen: 0 for another currency or an amount that no payment has."""
    amount = fact.amount_fen or 0
    return amount if fact.currency == "CNY" and 0 < amount <= MAX_FEN else 0


def judge(standing: Standing, fact: PaymentFact) -> Outcome:
    """Return what a paid fact means for the intent as it stands (docs/rules.md §5).

    An open intent takes exactly its amount in CNY; anything else is a mismatch that never serves the purpose. What
    comes for a closed one is late, whatever its amount. An intent that has its payment takes no other.
    """
    if standing.state is IntentState.OPEN:
        good = fact.currency == "CNY" and fact.amount_fen == standing.amount_fen
        return Outcome.PAID if good else Outcome.MISMATCHED
    if standing.state is IntentState.CLOSED:
        return Outcome.LATE
    same = fact.transaction_id == standing.transaction_no and bookable_fen(fact) == standing.paid_fen
    return Outcome.REPEATED if same else Outcome.CONFLICT


def judge_all(standings: Iterable[Standing], facts: Iterable[PaymentFact]) -> Judged:
    """Judge a batch. The order of the facts doesn't matter: they are taken by number, transaction and amount."""
    by_no = {standing.no: standing for standing in standings}
    owner = {one.transaction_no: one.no for one in by_no.values() if one.transaction_no}
    unknown = [fact for fact in facts if fact.out_trade_no not in by_no]
    outcomes = {fact.out_trade_no: Outcome.UNKNOWN for fact in unknown}
    known = [fact for fact in facts if fact.out_trade_no in by_no]
    moved: dict[str, tuple[Standing, IntentState, PaymentFact]] = {}
    conflicting: list[PaymentFact] = []
    repeated: list[str] = []
    for fact in sorted((fact for fact in known if fact.trade_state.paid), key=_order):
        no = fact.out_trade_no
        if no in moved and _same(moved[no][2], fact):
            continue
        outcome = Outcome.CONFLICT if no in moved else _judge_once(by_no[no], fact, owner)
        outcomes[no] = outcome
        if outcome is Outcome.CONFLICT:
            conflicting.append(fact)
        elif outcome is Outcome.REPEATED:
            repeated.append(no)
        else:
            moved[no] = by_no[no], IntentState(outcome.value), fact
    gone = {fact.out_trade_no for fact in known if fact.trade_state in _GONE} - set(outcomes)
    for fact in known:
        outcomes.setdefault(fact.out_trade_no, Outcome.NO_NEWS)
    closed = sorted(no for no in gone if by_no[no].state is IntentState.OPEN)
    return Judged(list(moved.values()), conflicting, unknown, repeated, closed, outcomes)


def _judge_once(standing: Standing, fact: PaymentFact, owner: dict[str, str]) -> Outcome:
    """Judge one fact; a transaction belongs to one intent, and a success without one or without its instant to none."""
    if not fact.transaction_id or fact.success_at is None:
        return Outcome.CONFLICT
    if owner.setdefault(fact.transaction_id, standing.no) != standing.no:
        return Outcome.CONFLICT
    return judge(standing, fact)


def _order(fact: PaymentFact) -> tuple[str, str, int]:
    return fact.out_trade_no, fact.transaction_id or "", fact.amount_fen or 0


def _same(one: PaymentFact, other: PaymentFact) -> bool:
    return one.transaction_id == other.transaction_id and bookable_fen(one) == bookable_fen(other)


def payment(standing: Standing, fact: PaymentFact, clearing_no: str) -> Payment:
    """Return the payment that a judged fact tells of."""
    if fact.transaction_id is None or fact.success_at is None:
        raise ValueError("a payment without its transaction or instant is never judged to have come in")
    return Payment(
        intent_id=standing.id,
        intent_no=standing.no,
        purpose=standing.purpose,
        channel=standing.channel,
        amount_fen=bookable_fen(fact),
        asked_fen=standing.amount_fen,
        transaction_no=fact.transaction_id,
        payer=fact.payer_openid or "",
        paid_at=fact.success_at,
        clearing_no=clearing_no,
    )


def payments_of(judged: Judged) -> tuple[list[Payment], list[Payment], list[Payment]]:
    """Return the good, mismatched and late payments, each naming the clearing account that takes it.

    The good ones of a channel share one, named after the first of them: an intent is paid once, so the name is, too.
    """
    good: dict[str, list[tuple[Standing, PaymentFact]]] = {}
    others: dict[IntentState, list[Payment]] = {IntentState.MISMATCHED: [], IntentState.LATE: []}
    for standing, state, fact in judged.moved:
        if state is IntentState.PAID:
            good.setdefault(standing.channel, []).append((standing, fact))
        else:
            others[state].append(payment(standing, fact, standing.no))
    paid: list[Payment] = []
    for batch in good.values():
        name = min(batch, key=lambda pair: pair[0].id)[0].no
        paid.extend(payment(standing, fact, name) for standing, fact in batch)
    return paid, others[IntentState.MISMATCHED], others[IntentState.LATE]


def batches_of(paid: Iterable[Payment]) -> list[Batch]:
    """Return the good payments summed by channel."""
    grouped: dict[tuple[str, str], list[int]] = {}
    for one in paid:
        grouped.setdefault((one.channel, one.clearing_no), []).append(one.amount_fen)
    return [
        Batch(channel=channel, clearing_no=no, amount_fen=sum(amounts), count=len(amounts))
        for (channel, no), amounts in sorted(grouped.items())
    ]


def payment_drafts(paid: Sequence[Payment], mismatched: Sequence[Payment], late: Sequence[Payment]) -> list[Draft]:
    """Return the bookings of money that came in: `outside:<channel> → clearing:<no>` (docs/rules.md §7).

    One for the good payments of a batch and channel, one for each payment that serves no purpose.
    """
    latest = {one.clearing_no: one.paid_at for one in sorted(paid, key=lambda one: one.paid_at)}
    drafts = [
        _came_in("payment", batch.channel, batch.clearing_no, batch.amount_fen, latest[batch.clearing_no])
        for batch in batches_of(paid)
    ]
    for kind, others in (("payment_mismatched", mismatched), ("payment_late", late)):
        drafts += [
            _came_in(kind, one.channel, one.clearing_no, one.amount_fen, one.paid_at)
            for one in sorted(others, key=lambda one: one.intent_id)
            if one.amount_fen
        ]
    return drafts


def _came_in(kind: str, channel: str, no: str, amount_fen: int, at: datetime) -> Draft:
    move = Move(chart.outside(channel), chart.clearing(no), amount_fen)
    return Draft(key=f"payment:{no}", kind=kind, source=no, happened_at=at, moves=(move,))


def refund_funding(*, refund_no: str, intent_no: str, amount_fen: int, now: datetime) -> Draft:
    """Return `clearing:<payment> → clearing:<refund>`: money that serves no purpose pays for its own way back."""
    move = Move(chart.clearing(intent_no), chart.clearing(refund_no), amount_fen)
    return Draft(
        key=f"refund-funding:{refund_no}", kind="refund_funding", source=refund_no, happened_at=now, moves=(move,)
    )


def refund_draft(refund: RefundRef, *, at: datetime) -> Draft:
    """Return `clearing:<refund> → outside:<channel>`: the provider has given the money back.

    Its key is not `refund:<no>`: under that one, whoever funds the refund has brought the money together.
    """
    move = Move(chart.clearing(refund.no), chart.outside(refund.channel), refund.amount_fen)
    return Draft(key=f"refund_out:{refund.no}", kind="refund_out", source=refund.no, happened_at=at, moves=(move,))


def refund_source(state: IntentState) -> RefundSource | None:
    """Return who funds refunds of an intent in `state`; None where no money came in."""
    if state is IntentState.PAID:
        return RefundSource.MERCHANT
    return RefundSource.PAYMENT if state in (IntentState.MISMATCHED, IntentState.LATE) else None


def state_after(state: RefundState, said: outside.RefundState) -> RefundState:
    """Return the refund's state after the provider's word: the one that knows more, so any order ends the same."""
    return max(state, _FROM_PROVIDER[said], key=lambda one: one.rank)


def judge_refunds(standings: Mapping[str, RefundRef], facts: Iterable[RefundFact]) -> JudgedRefunds:
    """Judge the provider's words on refunds; a word about another amount or payment than ours changes nothing."""
    moved: dict[str, tuple[RefundRef, RefundFact]] = {}
    conflicting, unknown, outcomes = [], [], dict[str, Outcome]()
    for fact in facts:
        no = fact.out_refund_no
        refund = moved[no][0] if no in moved else standings.get(no)
        if refund is None:
            unknown.append(fact)
            outcomes[no] = Outcome.UNKNOWN
        elif (fact.out_trade_no, fact.refund_fen) != (refund.intent_no, refund.amount_fen):
            conflicting.append(fact)
            outcomes[no] = Outcome.CONFLICT
        elif (state := state_after(refund.state, fact.state)) is refund.state:
            outcomes.setdefault(no, Outcome.REPEATED)
        else:
            moved[no] = replace(refund, state=state), fact
            outcomes[no] = Outcome.DONE if state is RefundState.DONE else Outcome.NO_NEWS
            if state in STUCK:
                outcomes[no] = Outcome.STUCK
    return JudgedRefunds([moved[no] for no in sorted(moved)], conflicting, unknown, outcomes)


def next_ask(*, created_at: datetime, now: datetime) -> datetime:
    """Return when to ask for a payment again: the wait grows with the intent's age, from 30 s to 4 minutes."""
    return now + min(max((now - created_at) / 2, FIRST_ASK), LAST_ASK)


def next_refund_ask(*, attempts: int, now: datetime) -> datetime:
    """Return when to send or ask for a refund again after `attempts`: 30 s, doubled each time, at most an hour."""
    return now + min(REFUND_FIRST_ASK * 2 ** min(attempts, 10), REFUND_LAST_ASK)


def ask_after(state: RefundState, *, now: datetime) -> datetime | None:
    """Return when to ask for a refund next, by what was just learnt of it; None when nothing more will come."""
    if state is RefundState.PROCESSING:
        return now + REFUND_FIRST_ASK
    return now + ABNORMAL_ASK if state is RefundState.ABNORMAL else None


def fact_as_json(fact: PaymentFact | RefundFact | TransferFact) -> dict[str, Any]:
    """Return a fact as plain JSON for keeping."""
    plain = asdict(fact)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in plain.items()}


def fact_from_json(kind: NoticeKind, kept: Mapping[str, Any]) -> PaymentFact | RefundFact | TransferFact:
    """Return the fact that `fact_as_json` kept."""
    values: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value for name, value in kept.items()
    }
    if kind is NoticeKind.PAYMENT:
        return PaymentFact(**values | {"trade_state": TradeState(kept["trade_state"])})
    if kind is NoticeKind.REFUND:
        return RefundFact(**values | {"state": outside.RefundState(kept["state"])})
    if kind is NoticeKind.TRANSFER:
        return TransferFact(**values | {"state": TransferState(kept["state"])})
    raise ValueError(f"no fact is kept of a notice of kind {kind}")
