"""The payout rails under one interface: send under a number, ask by that number, one number for all attempts.

`WeChatRail` sends to the payee's WeChat balance, who then confirms it; `BankRail` puts payouts into batch files that an
operator hands to the bank, and reads the bank's outcomes back.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from tuike.gateways.types import Refused, TransferFact, TransferRequest, TransferState, Unreachable
from tuike.gateways.wechatpay import NO_NAME_BELOW_FEN, WeChatPay


class OutcomeState(StrEnum):
    """What is known of a payout, and what may be done next.

    `ACCEPTED`: under way, ask later. `WAIT_USER`: under way, the payee has to confirm within 24 h. `PAID`: over, money
    has left. `RETURNED`: over, money has come back. `REFUSED`: the rail said a definite no and knows no such payout:
    money may be given back. `NOT_SENT`: the rail knows no such payout now, and it may be sent again under the same
    number; money must not be given back, since an earlier call may still arrive. `UNKNOWN`: ask again.
    """

    ACCEPTED = "accepted"
    WAIT_USER = "wait_user"
    PAID = "paid"
    RETURNED = "returned"
    REFUSED = "refused"
    NOT_SENT = "not_sent"
    UNKNOWN = "unknown"

    @property
    def final(self) -> bool:
        """Whether nothing more will happen under this number by itself."""
        return self in (OutcomeState.PAID, OutcomeState.RETURNED, OutcomeState.REFUSED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """Money to one payee. `payee` is an openid on the WeChat rail; a bank payout carries the account instead."""

    payout_no: str
    amount_fen: int
    remark: str = ""
    openid: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    account_no: str | None = field(default=None, repr=False)
    bank: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a rail says of a payout. `reference` is the rail's own number; `package_info` opens the confirmation."""

    payout_no: str
    state: OutcomeState
    reference: str | None = None
    reason: str | None = None
    amount_fen: int | None = None
    package_info: str | None = field(default=None, repr=False)
    settled_at: datetime | None = None


class Rail(Protocol):
    """A way to pay out."""

    def send(self, payout: Payout) -> Outcome:
        """Send, or send again, under the payout's number; never pays twice."""

    def ask(self, payout_no: str) -> Outcome:
        """Return what is known under the number."""


_STATES = {
    TransferState.ACCEPTED: OutcomeState.ACCEPTED,
    TransferState.PROCESSING: OutcomeState.ACCEPTED,
    TransferState.TRANSFERING: OutcomeState.ACCEPTED,
    TransferState.CANCELING: OutcomeState.ACCEPTED,
    TransferState.WAIT_USER_CONFIRM: OutcomeState.WAIT_USER,
    TransferState.SUCCESS: OutcomeState.PAID,
    TransferState.FAIL: OutcomeState.RETURNED,
    TransferState.CANCELLED: OutcomeState.RETURNED,
}
_NO_SUCH_BILL = frozenset({"NOT_FOUND", "RECORD_NOT_EXIST", "RESOURCE_NOT_EXISTS"})
_LATER = frozenset({"NOT_ENOUGH", "QUOTA_EXCEED", "ACCOUNT_ERROR", "SIGN_ERROR", "NO_AUTH"})
"""A no that is the operator's to mend (balance, limits, rights, keys); the payee's money stays where it is."""


class WeChatRail:
    """Transfers to WeChat balances. Neither verb raises for what the outside does: that is the outcome."""

    def __init__(self, pay: WeChatPay, *, notify_url: str) -> None:
        """`notify_url` is where WeChat Pay reports the end of a transfer."""
        self._pay = pay
        self._notify_url = notify_url

    def send(self, payout: Payout) -> Outcome:
        """Start the transfer, or get the running one with a fresh `package_info`.

        A refusal is believed only when asking by the number finds no transfer: WeChat also refuses a number that it
        has already taken.

        Raises:
            ValueError: the payout can't be sent (no openid, a number with other than letters and digits).
        """
        request = TransferRequest(
            out_bill_no=payout.payout_no,
            openid=payout.openid or "",
            amount_fen=payout.amount_fen,
            remark=payout.remark,
            notify_url=self._notify_url,
            user_name=payout.name if payout.amount_fen >= NO_NAME_BELOW_FEN else None,
        )
        try:
            return transfer_outcome(self._pay.transfer(request))
        except Unreachable as error:
            return Outcome(payout_no=payout.payout_no, state=OutcomeState.UNKNOWN, reason=error.why)
        except Refused as refused:
            code = refused.provider_code
        known = self.ask(payout.payout_no)
        if known.state is not OutcomeState.NOT_SENT:
            return known
        state = OutcomeState.NOT_SENT if code in _LATER else OutcomeState.REFUSED
        return Outcome(payout_no=payout.payout_no, state=state, reason=code)

    def ask(self, payout_no: str) -> Outcome:
        """Return what WeChat knows of the transfer."""
        try:
            return transfer_outcome(self._pay.query_transfer(payout_no))
        except Unreachable as error:
            return Outcome(payout_no=payout_no, state=OutcomeState.UNKNOWN, reason=error.why)
        except Refused as error:
            known = error.provider_code in _NO_SUCH_BILL
            state = OutcomeState.NOT_SENT if known else OutcomeState.UNKNOWN
            return Outcome(payout_no=payout_no, state=state, reason=error.provider_code)


def transfer_outcome(fact: TransferFact) -> Outcome:
    """Return a transfer (answered or notified) as an outcome."""
    state = _STATES[fact.state]
    return Outcome(
        payout_no=fact.out_bill_no,
        state=state,
        reference=fact.transfer_bill_no,
        reason=fact.fail_reason,
        amount_fen=fact.amount_fen,
        package_info=fact.package_info,
        settled_at=fact.updated_at if state.final else None,
    )


class BankRail:
    """Bank transfers by batch file (`gateways.bank_files`): the bank answers with a file, not to questions."""

    def send(self, payout: Payout) -> Outcome:
        """Accept the payout for a batch file.

        Raises:
            ValueError: name, account or bank is missing.
        """
        if not (payout.name and payout.account_no and payout.bank):
            raise ValueError("a bank payout needs name, account number and bank")
        return Outcome(payout_no=payout.payout_no, state=OutcomeState.ACCEPTED, amount_fen=payout.amount_fen)

    def ask(self, payout_no: str) -> Outcome:
        """Return that nothing is known before the bank's file is read."""
        return Outcome(payout_no=payout_no, state=OutcomeState.ACCEPTED)
