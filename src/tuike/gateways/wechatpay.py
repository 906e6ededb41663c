"""WeChat Pay v3: orders, refunds, transfers to users, and the notices about them, on top of `wechatpayv3`.

A call returns a fact, or raises `Refused` (a verified no) or `Unreachable` (nobody knows: ask by the same number).
"""

import json
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from wechatpayv3 import WeChatPayType

from tuike.gateways import wechatpay_wire as wire
from tuike.gateways.config import WeChatConfig
from tuike.gateways.types import (
    Channel,
    ClientSign,
    Forged,
    ForgedReason,
    Notice,
    NoticeKind,
    PaymentFact,
    Prepay,
    PrepayRequest,
    RefundFact,
    RefundRequest,
    Refused,
    TransferFact,
    TransferRequest,
    Unreachable,
)
from tuike.gateways.wechatpay_core import Keyring
from tuike.kit import clock

NOTICE_LIMIT = 64 * 1024
"""Bytes of a notice's body; WeChat's are below 4 KB."""

COMMISSION_SCENE = "1005"
NAME_FROM_FEN = 200_000
NO_NAME_BELOW_FEN = 30

_TYPES = {Channel.JSAPI: WeChatPayType.JSAPI, Channel.NATIVE: WeChatPayType.NATIVE, Channel.H5: WeChatPayType.H5}
_NOT_A_NO = frozenset(
    {
        "SYSTEM_ERROR",
        "SYSTEMERROR",
        "BIZ_ERR_NEED_RETRY",
        "BANK_ERROR",
        "BANKERROR",
        "FREQUENCY_LIMITED",
        "FREQUENCY_LIMIT_EXCEED",
        "RATE_LIMITED",
        "RATELIMIT_EXCEEDED",
    }
)
"""Codes that come with a 4xx here and there and still mean "try again": never a refusal."""


class WeChatPay:
    """One merchant at WeChat Pay. Thread-safe: holds keys and nothing else."""

    def __init__(
        self, config: WeChatConfig, *, web_appid: str = "", real_now: Callable[[], datetime] = clock.real_now
    ) -> None:
        """`web_appid` is the official account's, bound to the same merchant: pages in WeChat's browser pay by it.
        `real_now` measures the freshness of signatures; it is the real clock, whatever the product's clock says."""
        self._config = config
        self._appids = {config.appid, web_appid or config.appid}
        self._real_now = real_now
        self._keys = Keyring(config, real_now)

    def prepay(self, request: PrepayRequest) -> Prepay:
        """Open an order; the same number with the same content gives a prepay again.

        Raises:
            Refused: e.g. the number was used with other content, or is paid or closed already.
            Unreachable: ask `query` by the same number, or call again with the same content.
            ValueError: the request can't be sent.
        """
        arguments = wire.order_arguments(request)
        appid = request.appid or self._config.appid
        if appid not in self._appids:
            raise ValueError("appid is not bound to this merchant")
        operation = f"prepay {request.channel}"
        package = self._keys.current
        answer = self._call(operation, lambda: package.pay(**arguments, pay_type=_TYPES[request.channel]))
        try:
            if request.channel is Channel.NATIVE:
                return Prepay(channel=request.channel, code_url=answer.text("code_url"))
            if request.channel is Channel.H5:
                return Prepay(channel=request.channel, h5_url=answer.text("h5_url"))
            return Prepay(channel=request.channel, client=self._client_sign(appid, answer.text("prepay_id")))
        except wire.Malformed as error:
            raise Unreachable(operation, f"answer without {error}") from None

    def query(self, out_trade_no: str) -> PaymentFact:
        """Return what WeChat knows of an order.

        Raises:
            Refused: `ORDER_NOT_EXIST`: there is no such order (an order that was never paid may be forgotten later).
            Unreachable: ask again.
        """
        number = wire.trade_no(out_trade_no)
        answer = self._call("query", lambda: self._keys.current.query(out_trade_no=number))
        fact = self._read("query", lambda: wire.payment_fact(answer.data))
        self._same("query", fact.out_trade_no, number)
        self._same("query", fact.mchid, self._config.mchid)
        if fact.appid not in self._appids:
            raise Unreachable("query", "the answer is about something else")
        return fact

    def close(self, out_trade_no: str) -> None:
        """Close an unpaid order so that it can't be paid any more; closing twice is closing once.

        Raises:
            Refused: `ORDER_PAID`: too late, it is paid.
            Unreachable: ask `query`.
        """
        number = wire.trade_no(out_trade_no)
        self._call("close", lambda: self._keys.current.close(out_trade_no=number))

    def refund(self, request: RefundRequest) -> RefundFact:
        """Ask for a refund; the same number with the same content gives the same refund again.

        Raises:
            Refused: e.g. `NOT_ENOUGH` (the merchant's balance), or more than was paid.
            Unreachable: ask `query_refund`, or call again with the same content.
            ValueError: the request can't be sent.
        """
        arguments = wire.refund_arguments(request)
        answer = self._call("refund", lambda: self._keys.current.refund(**arguments))
        fact = self._read("refund", lambda: wire.refund_fact(answer.data, state_name="status"))
        self._same("refund", fact.out_refund_no, request.out_refund_no)
        return fact

    def query_refund(self, out_refund_no: str) -> RefundFact:
        """Return what WeChat knows of a refund.

        Raises:
            Refused: `RESOURCE_NOT_EXISTS`: there is no such refund.
            Unreachable: ask again.
        """
        number = wire.refund_no(out_refund_no)
        answer = self._call("query_refund", lambda: self._keys.current.query_refund(out_refund_no=number))
        fact = self._read("query_refund", lambda: wire.refund_fact(answer.data, state_name="status"))
        self._same("query_refund", fact.out_refund_no, number)
        return fact

    def transfer(self, request: TransferRequest) -> TransferFact:
        """Start a transfer to a user, who confirms it in the mini-program within 24 h; else it is cancelled.

        The same number with the same content gives the same transfer again. Rules of amount and name: WeChat Pay,
        发起转账 (name from ¥2,000, none below ¥0.30).

        Raises:
            Refused: a verified no, or `NAME_REQUIRED` / `NAME_NOT_TAKEN`, found here without a call.
            Unreachable: ask `query_transfer` by the same number.
            ValueError: the request can't be sent.
        """
        arguments = wire.transfer_arguments(request, scene=COMMISSION_SCENE)
        if request.user_name and request.amount_fen < NO_NAME_BELOW_FEN:
            raise Refused("transfer", "NAME_NOT_TAKEN")
        if not request.user_name and request.amount_fen >= NAME_FROM_FEN:
            raise Refused("transfer", "NAME_REQUIRED")
        answer = self._call("transfer", lambda: self._keys.current.mch_transfer_bills(**arguments))
        return self._transfer_fact("transfer", answer, request.out_bill_no)

    def query_transfer(self, out_bill_no: str) -> TransferFact:
        """Return what WeChat knows of a transfer.

        Raises:
            Refused: `NOT_FOUND`: there is no such transfer now.
            Unreachable: ask again.
        """
        number = wire.bill_no(out_bill_no)
        answer = self._call("query_transfer", lambda: self._keys.current.mch_transfer_bills_query(out_bill_no=number))
        return self._transfer_fact("query_transfer", answer, number)

    def cancel_transfer(self, out_bill_no: str) -> TransferFact:
        """Cancel a transfer that the user hasn't confirmed; it is over only when its state is `CANCELLED`.

        Raises:
            Refused: it can't be cancelled any more.
            Unreachable: ask `query_transfer`.
        """
        number = wire.bill_no(out_bill_no)
        answer = self._call("cancel_transfer", lambda: self._keys.current.mch_transfer_bills_cancel(out_bill_no=number))
        return self._transfer_fact("cancel_transfer", answer, number)

    def confirm_parameters(self, package_info: str) -> dict[str, str]:
        """Return what the mini-program hands to `wx.requestMerchantTransfer` for the user's confirmation."""
        return {"mchId": self._config.mchid, "appId": self._config.appid, "package": package_info}

    def verify_notice(self, headers: Mapping[str, str], body: bytes) -> Notice:
        """Verify, decrypt and read a notice. A replay within 300 s verifies equally: it is the keeper's matter.

        `headers` as HTTP names them (any case) or as WSGI does (`HTTP_WECHATPAY_…`); `body` exactly as it came.

        Raises:
            Forged: not from WeChat Pay, not for this merchant and app, or not fresh by the real clock. No network is
                used to find out.
        """
        if len(body) > NOTICE_LIMIT:
            raise Forged(ForgedReason.TOO_LARGE)
        try:
            text = body.decode()
        except UnicodeDecodeError:
            raise Forged(ForgedReason.UNREADABLE) from None
        opened = self._keys.open(headers, text)
        try:
            return self._read_notice(opened)
        except wire.Malformed:
            raise Forged(ForgedReason.UNREADABLE) from None

    def _read_notice(self, opened: dict[str, Any]) -> Notice:
        """Turn an opened notice into facts, and check whom it is for."""
        envelope = wire.Fields(opened)
        event_type = envelope.text("event_type")
        resource = opened["resource"]
        kind = NoticeKind.OTHER
        fact: PaymentFact | RefundFact | TransferFact | None = None
        if event_type.startswith("TRANSACTION."):
            kind = NoticeKind.PAYMENT
            fact = payment = wire.payment_fact(resource)
            self._ours(payment.mchid)
            if payment.appid not in self._appids:
                raise Forged(ForgedReason.FOREIGN_APP)
        elif event_type.startswith("REFUND."):
            kind = NoticeKind.REFUND
            self._ours(wire.Fields(resource).text("mchid"))
            fact = wire.refund_fact(resource, state_name="refund_status")
        elif event_type == "MCHTRANSFER.BILL.FINISHED":
            kind = NoticeKind.TRANSFER
            self._ours(wire.Fields(resource).text("mch_id"))
            fact = wire.transfer_fact(resource)
        return Notice(
            kind=kind,
            id=envelope.text("id"),
            event_type=event_type,
            created_at=envelope.instant("create_time"),
            fact=fact,
        )

    def _ours(self, mchid: str) -> None:
        """Raise unless the merchant is this one."""
        if mchid != self._config.mchid:
            raise Forged(ForgedReason.FOREIGN_MERCHANT)

    def _client_sign(self, appid: str, prepay_id: str) -> ClientSign:
        """Sign a prepay for the app in which it is paid, at the real time: WeChat refuses one that is hours away."""
        time_stamp = str(int(self._real_now().timestamp()))
        nonce = secrets.token_hex(16)
        package = f"prepay_id={prepay_id}"
        signature = self._keys.current.sign([appid, time_stamp, nonce, package])
        return ClientSign(app_id=appid, time_stamp=time_stamp, nonce_str=nonce, package=package, pay_sign=signature)

    def _call(self, operation: str, verb: Callable[[], tuple[int, str]]) -> wire.Fields:
        """Make a call of the package; sort its answer into an object, a refusal or an unknown outcome."""
        status, text = verb()
        try:
            data = json.loads(text) if text else {}
            answer = wire.Fields(data)
            if status < 300:
                return answer
            code, message = answer.text("code"), answer.maybe_text("message") or ""
        except (ValueError, RecursionError, wire.Malformed):
            raise Unreachable(operation, f"status {status} with an unreadable body") from None
        if code in _NOT_A_NO:
            raise Unreachable(operation, f"status {status} {code}")
        raise Refused(operation, code, message)

    def _read(self, operation: str, read: Callable[[], Any]) -> Any:
        """Read a fact; a signed answer in another form is an unknown outcome."""
        try:
            return read()
        except wire.Malformed as error:
            raise Unreachable(operation, f"answer with an unreadable {error}") from None

    def _same(self, operation: str, got: str, asked: str) -> None:
        """Raise unless the answer is about what was asked: a genuine answer to another question proves nothing."""
        if got != asked:
            raise Unreachable(operation, "the answer is about something else")

    def _transfer_fact(self, operation: str, answer: wire.Fields, number: str) -> TransferFact:
        """Read a transfer out of an answer and check that it is the one asked for."""
        fact: TransferFact = self._read(operation, lambda: wire.transfer_fact(answer.data))
        self._same(operation, fact.out_bill_no, number)
        return fact
