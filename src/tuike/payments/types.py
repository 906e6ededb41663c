"""What crosses the border of payments: states and their exits, what a settling returns, refunds, refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tuike.gateways.types import NoticeKind, PaymentFact, RefundFact, TransferFact
from tuike.kit.errors import Refusal


class IntentState(StrEnum):
    """States of an intent. Money has come in under `paid`, `mismatched` and `late`; only `paid` serves its purpose."""

    OPEN = "open"
    PAID = "paid"
    CLOSED = "closed"
    MISMATCHED = "mismatched"
    LATE = "late"

    @property
    def exits(self) -> "frozenset[IntentState]":
        """Where it may go from here."""
        return _INTENT_EXITS[self]


_INTENT_EXITS = {
    IntentState.OPEN: frozenset({IntentState.PAID, IntentState.CLOSED, IntentState.MISMATCHED}),
    IntentState.CLOSED: frozenset({IntentState.LATE}),
    IntentState.PAID: frozenset[IntentState](),
    IntentState.MISMATCHED: frozenset[IntentState](),
    IntentState.LATE: frozenset[IntentState](),
}


class RefundState(StrEnum):
    """States of a refund. Money has left under `done` only; `refused`, `abnormal` and `closed` wait for an operator."""

    OPEN = "open"
    REFUSED = "refused"
    PROCESSING = "processing"
    ABNORMAL = "abnormal"
    CLOSED = "closed"
    DONE = "done"

    @property
    def rank(self) -> int:
        """How much is known: facts in any order only ever raise it, so the last state is the same in any order."""
        return list(RefundState).index(self)

    @property
    def exits(self) -> "frozenset[RefundState]":
        """Where it may go from here. A refused refund may be opened again by an operator, under the same number."""
        further = {state for state in RefundState if state.rank > self.rank}
        return frozenset(further | {RefundState.OPEN} if self is RefundState.REFUSED else further)


class RefundSource(StrEnum):
    """Who funds a refund: the `merchant` (posted by whoever owns that), or the wrong `payment` itself (posted here)."""

    MERCHANT = "merchant"
    PAYMENT = "payment"


class Outcome(StrEnum):
    """What became of a fact; also the outcome kept with its notice."""

    PAID = "paid"
    MISMATCHED = "mismatched"
    LATE = "late"
    CONFLICT = "conflict"
    REPEATED = "repeated"
    UNKNOWN = "unknown"
    NO_NEWS = "no_news"
    DONE = "done"
    STUCK = "stuck"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRef:
    """An intent as others see it. `prepared` is what the provider answered for the client, None until then."""

    id: int
    no: str
    purpose: str
    channel: str
    mode: str
    description: str
    payer: str = field(repr=False)
    amount_fen: int
    state: IntentState
    prepared: Mapping[str, Any] | None = field(repr=False)
    created_at: datetime
    expires_at: datetime
    paid_at: datetime | None
    paid_fen: int
    refunding_fen: int
    transaction_no: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentToAsk:
    """An intent without news. `expired`: close it at the provider if it isn't paid, then `record_closed`."""

    no: str
    purpose: str
    channel: str
    expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An intent as it stands while facts are judged."""

    id: int
    no: str
    purpose: str
    channel: str
    state: IntentState
    amount_fen: int
    paid_fen: int
    transaction_no: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment that came in. `amount_fen` is what came, `asked_fen` what was asked for.

    `clearing_no` names the account (`chart.clearing`) on which the money stands now: a batch's for good payments, the
    intent's own for the others. 0 fen means that nothing could be booked (another currency).
    """

    intent_id: int
    intent_no: str
    purpose: str
    channel: str
    amount_fen: int
    asked_fen: int
    transaction_no: str
    payer: str = field(repr=False)
    paid_at: datetime
    clearing_no: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Good payments of one channel that were booked by one transfer to `clearing:<clearing_no>`."""

    channel: str
    clearing_no: str
    amount_fen: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What a list of facts changed. Everything but `repeated` is news, and news only once.

    `closed_there` are open intents that the provider says are closed: the caller closes what hangs on them together
    with them (`record_closed`). `conflicting` facts contradict what is known (a second transaction, a transaction of
    another intent): nothing was changed, a person must look. `outcomes` tells by intent number what became of it.
    """

    paid: Sequence[Payment]
    mismatched: Sequence[Payment]
    late: Sequence[Payment]
    conflicting: Sequence[PaymentFact]
    unknown: Sequence[PaymentFact]
    repeated: Sequence[str]
    closed_there: Sequence[str]
    batches: Sequence[Batch]
    outcomes: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingNotice:
    """A verified notice that nobody has worked on yet; locked for the transaction that got it. `fact` is None where
    what was kept can't be read."""

    id: int
    channel: str
    kind: NoticeKind
    object_no: str
    fact: PaymentFact | RefundFact | TransferFact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundAsk:
    """A refund to open: `purpose` makes the second ask the first one."""

    intent_no: str
    purpose: str
    amount_fen: int
    reason: str = ""
    source: RefundSource = RefundSource.MERCHANT


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRef:
    """A refund as others see it. `clearing:<no>` is the account that funds it."""

    id: int
    no: str
    intent_no: str
    channel: str
    purpose: str
    amount_fen: int
    state: RefundState
    fresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundToSend:
    """A refund to send to the provider, or, when it was `accepted` there, to ask for. Always under the same number."""

    no: str
    intent_no: str
    channel: str
    purpose: str
    amount_fen: int
    total_fen: int
    reason: str
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What the provider's word on refunds changed: `done` ones are booked out; `stuck` ones need a person.

    `conflicting` facts are of another amount or payment than ours: nothing was changed.
    """

    done: Sequence[RefundRef]
    stuck: Sequence[RefundRef]
    conflicting: Sequence[RefundFact]
    unknown: Sequence[RefundFact]
    outcomes: Mapping[str, Outcome]


class IntentReused(Refusal):
    """The purpose has an intent with another amount, channel, mode or payer."""

    code = "payment_purpose_reused"
    status = 409
    zh = "该笔支付已按其他内容发起，请刷新后重试"
    en = "A payment with other content exists for this; reload and try again."


class IntentNotOpen(Refusal):
    """The intent is paid or closed already, or its time is over."""

    code = "payment_not_open"
    status = 409
    zh = "该笔支付已完成或已关闭"
    en = "This payment is already paid or closed."


class NotRefundable(Refusal):
    """Nothing that this refund could be paid from came in: not paid, or of another kind than the refund's source."""

    code = "payment_not_refundable"
    status = 409
    zh = "该笔支付没有可退的款项"
    en = "There is no money of this kind to refund on the payment."


class RefundTooMuch(Refusal):
    """Together with earlier refunds it would be more than was paid."""

    code = "refund_exceeds_payment"
    status = 409
    zh = "退款金额超过该笔支付剩余的可退金额"
    en = "The refunds would exceed what was paid."


class RefundTooOften(Refusal):
    """A payment has at most 50 refunds."""

    code = "refund_too_often"
    status = 409
    zh = "每笔支付最多退款 50 次"
    en = "A payment can be refunded at most 50 times."


class RefundTooOld(Refusal):
    """A payment can be refunded for 365 days."""

    code = "refund_too_old"
    status = 409
    zh = "支付已超过 365 天，不能原路退款"
    en = "The payment is older than 365 days and can't be refunded this way."


class RefundReused(Refusal):
    """The purpose has a refund with another amount, payment or source."""

    code = "refund_purpose_reused"
    status = 409
    zh = "该笔退款已按其他内容发起"
    en = "A refund with other content exists for this."


class RefundNotRefused(Refusal):
    """Only a refund that the provider refused can be sent again."""

    code = "refund_not_refused"
    status = 409
    zh = "该笔退款不在可重新发起的状态"
    en = "This refund is not in a state in which it can be sent again."
