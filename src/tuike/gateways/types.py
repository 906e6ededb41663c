"""What crosses the border to WeChat and the banks: requests, facts, and the three ways of not getting one.

`Unreachable` means nobody knows whether it happened: ask again by the same number. `Refused` means it did not happen.
`Forged` means a notice didn't come from WeChat. None of them carries a secret, openid, phone number or name in its
text; fields that hold one are kept out of `repr`.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Unreachable(Exception):
    """The outcome is unknown: time-out, server error, garbage or an answer that can't be verified.

    Whoever gets this asks again, or repeats the call, under the same number; it never means "no".
    """

    def __init__(self, operation: str, why: str) -> None:
        self.operation = operation
        self.why = why
        super().__init__(f"{operation}: {why}")


class Refused(Exception):
    """A definite no: the provider did nothing. `provider_code` is its code, `message` its sentence with ids masked."""

    def __init__(self, operation: str, provider_code: str, message: str = "") -> None:
        self.operation = operation
        self.provider_code = provider_code
        self.message = _masked(message)
        super().__init__(f"{operation}: {provider_code}")


class BadCredentials(Refused):
    """AppID, secret or access token isn't accepted (40001, 40013, 40014, 40125, 42001)."""


class BadCode(Refused):
    """The login or phone code is unknown, used or expired (40029, 40163)."""


class RiskyUser(Refused):
    """WeChat blocks this user's login (40226)."""


class TooOften(Refused):
    """A quota of calls is used up (45009, 45011)."""


class PageMissing(Refused):
    """The mini-program has no such published page (41030)."""


class MessageDeclined(Refused):
    """The user hasn't subscribed to this message, or has used the subscription up (43101)."""


class MessageMismatch(Refused):
    """The message's data don't fit its template (47003)."""


class NotOpened(Refused):
    """The AppID has no permission for this API (48001)."""


class ForgedReason(StrEnum):
    """Why a notice isn't taken for WeChat's; a label for logs and metrics."""

    TOO_LARGE = "too_large"
    MISSING_HEADER = "missing_header"
    MALFORMED_HEADER = "malformed_header"
    SIGNATURE_TYPE = "signature_type"
    UNKNOWN_SERIAL = "unknown_serial"
    STALE = "stale"
    BAD_SIGNATURE = "bad_signature"
    UNREADABLE = "unreadable"
    UNDECRYPTABLE = "undecryptable"
    FOREIGN_MERCHANT = "foreign_merchant"
    FOREIGN_APP = "foreign_app"


class Forged(Exception):
    """A notice that WeChat Pay didn't send to this merchant and app, or not now. Nothing of it may be believed."""

    def __init__(self, reason: ForgedReason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class Channel(StrEnum):
    """How the buyer pays."""

    JSAPI = "jsapi"
    NATIVE = "native"
    H5 = "h5"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrepayRequest:
    """An order to open at WeChat Pay. `payer_openid` is for JSAPI, `client_ip` for H5; `attach` comes back as sent.

    `appid` is the app in which the payer has the openid: empty for the mini-program, else the official account's.
    """

    channel: Channel
    out_trade_no: str
    description: str
    amount_fen: int
    expires_at: datetime
    notify_url: str
    attach: str = ""
    appid: str = ""
    payer_openid: str | None = field(default=None, repr=False)
    client_ip: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSign:
    """What the mini-program hands to `wx.requestPayment`, and a page in WeChat's browser to its bridge's
    `getBrandWCPayRequest`; the names there are those of `as_parameters`."""

    app_id: str
    time_stamp: str
    nonce_str: str
    package: str = field(repr=False)
    pay_sign: str = field(repr=False)
    sign_type: ClassVar[str] = "RSA"

    def as_parameters(self) -> dict[str, str]:
        """Return the parameters under the client's own names."""
        return {
            "appId": self.app_id,
            "timeStamp": self.time_stamp,
            "nonceStr": self.nonce_str,
            "package": self.package,
            "signType": self.sign_type,
            "paySign": self.pay_sign,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepay:
    """An opened order; exactly one of the three ways to go on is set, by channel. Good for two hours at WeChat."""

    channel: Channel
    client: ClientSign | None = None
    code_url: str | None = field(default=None, repr=False)
    h5_url: str | None = field(default=None, repr=False)


class TradeState(StrEnum):
    """States of an order at WeChat Pay. `REFUND` = paid, and a refund was asked for since."""

    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    NOTPAY = "NOTPAY"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    USERPAYING = "USERPAYING"
    PAYERROR = "PAYERROR"

    @property
    def paid(self) -> bool:
        """Whether money has come in under this state."""
        return self in (TradeState.SUCCESS, TradeState.REFUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFact:
    """What WeChat Pay says of an order. Paid states always carry transaction, amount, currency, payer and instant."""

    out_trade_no: str
    trade_state: TradeState
    mchid: str
    appid: str
    transaction_id: str | None = None
    amount_fen: int | None = None
    currency: str | None = None
    payer_openid: str | None = field(default=None, repr=False)
    success_at: datetime | None = None
    attach: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundRequest:
    """Money back to the payer of `out_trade_no`; `total_fen` is what that order was paid with."""

    out_refund_no: str
    out_trade_no: str
    refund_fen: int
    total_fen: int
    notify_url: str
    reason: str = ""


class RefundState(StrEnum):
    """States of a refund. `ABNORMAL` = the payer's card or account didn't take it: an operator has to act at WeChat."""

    PROCESSING = "PROCESSING"
    SUCCESS = "SUCCESS"
    ABNORMAL = "ABNORMAL"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFact:
    """What WeChat Pay says of a refund."""

    out_refund_no: str
    refund_id: str
    out_trade_no: str
    transaction_id: str
    state: RefundState
    refund_fen: int
    total_fen: int
    success_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferRequest:
    """Money to a user's WeChat balance (scene 1005, commission). `out_bill_no` has only letters and digits.

    `user_name` is required from ¥2,000 and not taken under ¥0.30; it leaves encrypted. `post` and `pay_note` are the
    two reports of the scene (岗位类型, 报酬说明).
    """

    out_bill_no: str
    openid: str = field(repr=False)
    amount_fen: int
    remark: str
    notify_url: str
    post: str = "推广员"
    pay_note: str = "推广佣金"
    user_name: str | None = field(default=None, repr=False)


class TransferState(StrEnum):
    """States of a transfer. Money has moved in `SUCCESS` only; `FAIL` and `CANCELLED` are the other two ends."""

    ACCEPTED = "ACCEPTED"
    PROCESSING = "PROCESSING"
    WAIT_USER_CONFIRM = "WAIT_USER_CONFIRM"
    TRANSFERING = "TRANSFERING"
    SUCCESS = "SUCCESS"
    FAIL = "FAIL"
    CANCELING = "CANCELING"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFact:
    """What WeChat Pay says of a transfer; an answer to send or cancel knows less than one to a query.

    `package_info` opens the confirmation in the user's mini-program and comes with `WAIT_USER_CONFIRM` on sending;
    sending the same transfer again under the same number returns it again.
    """

    out_bill_no: str
    transfer_bill_no: str
    state: TransferState
    amount_fen: int | None = None
    openid: str | None = field(default=None, repr=False)
    package_info: str | None = field(default=None, repr=False)
    fail_reason: str | None = None
    updated_at: datetime | None = None


class NoticeKind(StrEnum):
    """What a verified notice is about; `OTHER` is genuine but of an event that the product doesn't use."""

    PAYMENT = "payment"
    REFUND = "refund"
    TRANSFER = "transfer"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A verified, decrypted notice. `id` is WeChat's and the same in every delivery; keep notices unique by it."""

    kind: NoticeKind
    id: str
    event_type: str
    created_at: datetime
    fact: PaymentFact | RefundFact | TransferFact | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginFact:
    """Who a login code stands for. The session key isn't kept: nothing of the product needs it."""

    openid: str = field(repr=False)
    unionid: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneFact:
    """A phone number that WeChat has verified."""

    number: str = field(repr=False)
    country_code: str


_OPENID = re.compile(r"\bo[A-Za-z0-9_-]{20,}")
_DIGITS = re.compile(r"\d{7,}")


def _masked(message: str) -> str:
    """Return a provider's sentence without openids and long numbers, cut to 200 characters."""
    return _DIGITS.sub("***", _OPENID.sub("***", message))[:200]
