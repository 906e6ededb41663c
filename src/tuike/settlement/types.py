"""What crosses settlement's border: batches, withdrawals and their exits, payout outcomes, refusals."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tuike.kit.errors import Refusal


class Rail(StrEnum):
    """The way money leaves."""

    BANK = "bank"
    """A batch file to the bank, its outcome imported."""
    WECHAT = "wechat"
    """A WeChat transfer that the payee confirms in the mini-program within 24 hours."""
    SANDBOX = "sandbox"
    """The sandbox's bank, answered at once; development only."""


class WithdrawalState(StrEnum):
    """Where a withdrawal stands."""

    REQUESTED = "requested"
    APPROVED = "approved"
    SENDING = "sending"
    """Handed to the rail, or about to be; whether it arrived is not known."""
    WAITING_USER = "waiting_user"
    """WeChat waits for the payee's confirmation."""
    PAID = "paid"
    RETURNED = "returned"
    """The rail said no, or nobody confirmed: the money is available again."""
    REJECTED = "rejected"
    CANCELLED = "cancelled"


EXITS: dict[WithdrawalState, set[WithdrawalState]] = {
    WithdrawalState.REQUESTED: {WithdrawalState.APPROVED, WithdrawalState.REJECTED, WithdrawalState.CANCELLED},
    WithdrawalState.APPROVED: {WithdrawalState.SENDING},
    WithdrawalState.SENDING: {WithdrawalState.WAITING_USER, WithdrawalState.PAID, WithdrawalState.RETURNED},
    WithdrawalState.WAITING_USER: {WithdrawalState.PAID, WithdrawalState.RETURNED},
    WithdrawalState.PAID: set(),
    WithdrawalState.RETURNED: set(),
    WithdrawalState.REJECTED: set(),
    WithdrawalState.CANCELLED: set(),
}


class Heard(StrEnum):
    """What a rail said about a payout."""

    PAID = "paid"
    RETURNED = "returned"
    WAITING_USER = "waiting_user"
    UNKNOWN = "unknown"
    """No usable answer: asked again by the same number, never sent anew."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A withdrawal somebody asks for; fee and tax are taken out of `amount_fen`.

    `source` is where the money was earned, `most_fen` what of it there is, where that is less than all of available.
    """

    party_id: int
    payee_kind: str
    rail: Rail
    bank_account_id: int
    amount_fen: int
    asked_by: int
    fee_fen: int = 0
    tax_fen: int = 0
    approvals_needed: int = 1
    source: str = "mini_store"
    most_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Payout:
    """A withdrawal as a rail needs it: `no` is its one id for all attempts, `net_fen` what arrives.

    `confirmable` says whether what the payee needs to confirm it is stored (WeChat).
    """

    no: str
    party_id: int
    rail: Rail
    bank_account_id: int
    net_fen: int
    attempts: int
    confirmable: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rail said of one payout, and when it says it happened."""

    no: str
    heard: Heard
    at: datetime
    provider_no: str = ""
    reason: str = ""
    package: str = ""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What recording an outcome did: `moved` the state, or found it `repeated`, or it is a `conflict` for a person."""

    no: str
    state: WithdrawalState
    verdict: str


@dataclass(frozen=True, slots=True)
class Part:
    """What one payee (or a merchant itself) got from one merchant's sales in a batch."""

    payee_kind: str
    payee_id: int
    merchant_id: int
    items: int
    amount_fen: int
    transfer_id: int


@dataclass(frozen=True, slots=True)
class WithdrawalShown:
    """A withdrawal as its party and the operator's finance see it. `tail` is all that is shown of the account."""

    no: str
    party_id: int
    payee_kind: str
    rail: Rail
    bank_account_id: int
    tail: str
    amount_fen: int
    fee_fen: int
    tax_fen: int
    state: WithdrawalState
    reason: str
    asked_by: int
    asked_at: datetime
    approvals_needed: int
    approvals: int
    batch_file_no: str
    provider_no: str
    ended_at: datetime | None
    source: str
    """Where the money was earned: `mini_store` or `mini_program`."""

    @property
    def net_fen(self) -> int:
        """What arrives: without fee and tax."""
        return self.amount_fen - self.fee_fen - self.tax_fen


@dataclass(frozen=True, slots=True)
class BatchOfPayee:
    """What a batch of maturity gave one payee: everything due until `due_until`, so many items and fen."""

    no: str
    due_until: datetime
    at: datetime
    items: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class StatementShown:
    """A party's month."""

    month: date
    opening_fen: int
    in_fen: int
    out_fen: int
    closing_fen: int
    by_kind: dict[str, int]
    entries: int
    digest: bytes
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class BankBatchShown:
    """A file for the bank: how many payouts it holds, their sum, and how many have no outcome yet."""

    no: str
    payouts: int
    net_fen: int
    open: int


@dataclass(frozen=True, slots=True)
class HandBookingShown:
    """An outcome that finance books by hand. `heard` is what is claimed, `reference` the bank's number for it."""

    id: int
    no: str
    """The withdrawal's number."""
    party_id: int
    rail: Rail
    net_fen: int
    stands: WithdrawalState
    heard: Heard
    happened_at: datetime
    reference: str
    reason: str
    state: str
    """`asked`, `approved` or `rejected`."""
    note: str
    asked_by: int
    asked_at: datetime
    decided_by: int | None
    decided_at: datetime | None


class UnknownWithdrawal(Refusal):
    """There is no such withdrawal."""

    code = "unknown_withdrawal"
    status = 404
    zh = "没有这笔提现"
    en = "There is no such withdrawal."


class NotAvailable(Refusal):
    """More than what is available."""

    code = "withdrawal_exceeds_available"
    status = 409
    zh = "可提现余额不足"
    en = "The amount exceeds what is available."


class InDebt(Refusal):
    """No withdrawal while something is owed."""

    code = "withdrawal_in_debt"
    status = 409
    zh = "存在未还清的欠款，还清后方可提现"
    en = "There is a debt to repay before a withdrawal."


class TooSmall(Refusal):
    """Below the smallest withdrawal, or nothing would be left after fee and tax."""

    code = "withdrawal_too_small"
    status = 422
    zh = "提现金额低于最低限额"
    en = "The amount is below the smallest withdrawal."


class WrongState(Refusal):
    """The withdrawal's state doesn't allow this."""

    code = "withdrawal_wrong_state"
    status = 409
    zh = "该提现当前状态不能进行此操作"
    en = "The withdrawal's state does not allow this."


class OwnWithdrawal(Refusal):
    """Who asked can't approve."""

    code = "withdrawal_own"
    status = 403
    zh = "申请人不能审批自己的提现"
    en = "Whoever asked for a withdrawal can't approve it."


class ApprovedBefore(Refusal):
    """The same person approves twice."""

    code = "withdrawal_approved_before"
    status = 409
    zh = "您已审批过这笔提现，需要另一位同事审批"
    en = "You approved this before; another person must."


class ForeignPayouts(Refusal):
    """The bank's file names payouts that aren't of this batch, or other amounts; nothing of it was taken."""

    code = "foreign_payouts"
    status = 422
    zh = "回单与批次 {batch} 不符，未导入任何一行：{numbers}"
    en = "The file does not fit batch {batch}; nothing was imported: {numbers}"


class UnknownBatch(Refusal):
    """There is no such batch of payouts."""

    code = "unknown_payout_batch"
    status = 404
    zh = "没有这个付款批次"
    en = "There is no such batch of payouts."


class NothingToSend(Refusal):
    """No approved withdrawal waits for the bank."""

    code = "nothing_to_send"
    status = 409
    zh = "没有已审批、待银行付款的提现"
    en = "No approved withdrawal is waiting for the bank."


class NotByHand(Refusal):
    """A payout's outcome is the rail's to say, but for a bank's late return and what nobody knows for long."""

    code = "payout_not_by_hand"
    status = 409
    zh = "该提现不能人工入账：仅限银行已付款后退票，或提交付款满 {days} 天仍无结果的提现"
    en = "Not to be booked by hand: only a bank's late return, or a payout without an outcome for {days} days."


class HandBookingOpen(Refusal):
    """One is waiting for its second person already."""

    code = "hand_booking_open"
    status = 409
    zh = "这笔提现已有一笔人工入账待复核"
    en = "An outcome booked by hand is waiting for approval already."


class HandBookingDecided(Refusal):
    """It was decided before, or there is none."""

    code = "hand_booking_decided"
    status = 409
    zh = "该人工入账不存在或已处理"
    en = "This hand booking does not exist or was decided."


class SecondPersonNeeded(Refusal):
    """Who filed it can't approve it."""

    code = "second_person_needed"
    status = 403
    zh = "须由另一位财务复核，提交人不能复核自己的入账"
    en = "Another person of finance must approve what you filed."


class MonthOpen(Refusal):
    """A month that hasn't ended can't be closed."""

    code = "month_open"
    status = 409
    zh = "该月份尚未结束，不能出账单"
    en = "The month has not ended yet."
