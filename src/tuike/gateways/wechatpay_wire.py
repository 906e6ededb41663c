"""WeChat Pay's JSON, read strictly into facts and written from requests. Nothing here does I/O.

Field names and their types: WeChat Pay v3, pages 支付通知, 查询订单, 退款, 商家转账.
"""

import re
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from tuike.gateways.types import (
    Channel,
    PaymentFact,
    PrepayRequest,
    RefundFact,
    RefundRequest,
    RefundState,
    TradeState,
    TransferFact,
    TransferRequest,
    TransferState,
)
from tuike.kit.days import SHANGHAI

_TRADE_NO = re.compile(r"[0-9A-Za-z_|*-]{6,32}")
_REFUND_NO = re.compile(r"[0-9A-Za-z_|*@-]{1,64}")
_BILL_NO = re.compile(r"[0-9A-Za-z]{5,32}")
_NAME_BYTES = 190
_Choice = TypeVar("_Choice", bound=StrEnum)


class Malformed(Exception):
    """A JSON object lacks a field, or holds it in another type; the text names the field only."""


class Fields:
    """A JSON object, read by type. An empty string, null and a missing field are the same for `maybe_…`."""

    def __init__(self, data: object) -> None:
        if not isinstance(data, dict):
            raise Malformed("object")
        self.data: dict[str, Any] = data

    def text(self, name: str) -> str:
        """Return a text that must be there."""
        value = self.data.get(name)
        if not isinstance(value, str) or not value:
            raise Malformed(name)
        return value

    def maybe_text(self, name: str) -> str | None:
        """Return a text, or none."""
        return self.text(name) if self.data.get(name) not in (None, "") else None

    def fen(self, name: str) -> int:
        """Return an amount that must be there: a JSON integer ≥ 0 (no text, no fraction, no boolean)."""
        value = self.data.get(name)
        if type(value) is not int or value < 0:
            raise Malformed(name)
        return value

    def maybe_fen(self, name: str) -> int | None:
        """Return an amount, or none."""
        return self.fen(name) if self.data.get(name) is not None else None

    def instant(self, name: str) -> datetime:
        """Return an RFC 3339 instant that must be there."""
        try:
            value = datetime.fromisoformat(self.text(name))
        except ValueError:
            raise Malformed(name) from None
        if value.tzinfo is None:
            raise Malformed(name)
        return value

    def maybe_instant(self, name: str) -> datetime | None:
        """Return an instant, or none."""
        return self.instant(name) if self.data.get(name) not in (None, "") else None

    def choice(self, name: str, kind: type[_Choice]) -> _Choice:
        """Return a state that must be there and be known."""
        try:
            return kind(self.text(name))
        except ValueError:
            raise Malformed(name) from None

    def part(self, name: str) -> "Fields":
        """Return an object inside; a missing one is empty."""
        return Fields(self.data.get(name) or {})


def payment_fact(data: object) -> PaymentFact:
    """Read an order as queries and notices give it.

    Raises:
        Malformed: a field is missing or mistyped; paid states need all of them.
    """
    order = Fields(data)
    state = order.choice("trade_state", TradeState)
    amount, payer = order.part("amount"), order.part("payer")
    return PaymentFact(
        out_trade_no=order.text("out_trade_no"),
        trade_state=state,
        mchid=order.text("mchid"),
        appid=order.text("appid"),
        transaction_id=order.text("transaction_id") if state.paid else order.maybe_text("transaction_id"),
        amount_fen=amount.fen("total") if state.paid else amount.maybe_fen("total"),
        currency=amount.text("currency") if state.paid else amount.maybe_text("currency"),
        payer_openid=payer.text("openid") if state.paid else payer.maybe_text("openid"),
        success_at=order.instant("success_time") if state.paid else None,
        attach=order.maybe_text("attach") or "",
    )


def refund_fact(data: object, *, state_name: str) -> RefundFact:
    """Read a refund; its state is called `status` in answers and `refund_status` in notices.

    Raises:
        Malformed: a field is missing or mistyped.
    """
    refund = Fields(data)
    state = refund.choice(state_name, RefundState)
    return RefundFact(
        out_refund_no=refund.text("out_refund_no"),
        refund_id=refund.text("refund_id"),
        out_trade_no=refund.text("out_trade_no"),
        transaction_id=refund.text("transaction_id"),
        state=state,
        refund_fen=refund.part("amount").fen("refund"),
        total_fen=refund.part("amount").fen("total"),
        success_at=refund.instant("success_time") if state is RefundState.SUCCESS else None,
    )


def transfer_fact(data: object) -> TransferFact:
    """Read a transfer as answers and notices give it.

    Raises:
        Malformed: a field is missing or mistyped.
    """
    bill = Fields(data)
    return TransferFact(
        out_bill_no=bill.text("out_bill_no"),
        transfer_bill_no=bill.text("transfer_bill_no"),
        state=bill.choice("state", TransferState),
        amount_fen=bill.maybe_fen("transfer_amount"),
        openid=bill.maybe_text("openid"),
        package_info=bill.maybe_text("package_info"),
        fail_reason=bill.maybe_text("fail_reason"),
        updated_at=bill.maybe_instant("update_time"),
    )


def order_arguments(request: PrepayRequest) -> dict[str, Any]:
    """Return the package's arguments for opening an order. The description is cut to what WeChat takes.

    Raises:
        ValueError: the request can't be sent (a bug of the caller; the text names the field only).
    """
    arguments: dict[str, Any] = {
        "description": shown_text(request.description, 127),
        "out_trade_no": trade_no(request.out_trade_no),
        "amount": {"total": positive("amount_fen", request.amount_fen), "currency": "CNY"},
        "time_expire": rfc3339(request.expires_at),
        "notify_url": notify_url(request.notify_url),
    }
    if not arguments["description"]:
        raise ValueError("description is empty")
    if len(request.attach.encode()) > 128:
        raise ValueError("attach is longer than 128 bytes")
    if request.attach:
        arguments["attach"] = request.attach
    if request.appid:
        arguments["appid"] = request.appid
    if request.channel is Channel.JSAPI:
        if not request.payer_openid:
            raise ValueError("payer_openid is missing")
        arguments["payer"] = {"openid": request.payer_openid}
    if request.channel is Channel.H5:
        if not request.client_ip:
            raise ValueError("client_ip is missing")
        arguments["scene_info"] = {"payer_client_ip": request.client_ip, "h5_info": {"type": "Wap"}}
    return arguments


def refund_arguments(request: RefundRequest) -> dict[str, Any]:
    """Return the package's arguments for a refund.

    Raises:
        ValueError: the request can't be sent.
    """
    if positive("refund_fen", request.refund_fen) > positive("total_fen", request.total_fen):
        raise ValueError("refund_fen is more than total_fen")
    arguments: dict[str, Any] = {
        "out_refund_no": refund_no(request.out_refund_no),
        "out_trade_no": trade_no(request.out_trade_no),
        "amount": {"refund": request.refund_fen, "total": request.total_fen, "currency": "CNY"},
        "notify_url": notify_url(request.notify_url),
    }
    if request.reason:
        arguments["reason"] = shown_text(request.reason, 80)
    return arguments


def transfer_arguments(request: TransferRequest, *, scene: str) -> dict[str, Any]:
    """Return the package's arguments for a transfer; it encrypts the name itself.

    Raises:
        ValueError: the request can't be sent.
    """
    if not request.openid:
        raise ValueError("openid is missing")
    if len((request.user_name or "").encode()) > _NAME_BYTES:
        raise ValueError("user_name is too long to be encrypted")
    return {
        "out_bill_no": bill_no(request.out_bill_no),
        "transfer_scene_id": scene,
        "openid": request.openid,
        "transfer_amount": positive("amount_fen", request.amount_fen),
        "transfer_remark": shown_text(request.remark, 32) or "佣金",
        "user_name": request.user_name,
        "notify_url": notify_url(request.notify_url),
        "transfer_scene_report_infos": [
            {"info_type": "岗位类型", "info_content": shown_text(request.post, 32)},
            {"info_type": "报酬说明", "info_content": shown_text(request.pay_note, 32)},
        ],
    }


def trade_no(value: str) -> str:
    """Check an order's number: it becomes part of a path."""
    return _number("out_trade_no", _TRADE_NO, value)


def refund_no(value: str) -> str:
    """Check a refund's number: it becomes part of a path."""
    return _number("out_refund_no", _REFUND_NO, value)


def bill_no(value: str) -> str:
    """Check a transfer's number: it becomes part of a path."""
    return _number("out_bill_no", _BILL_NO, value)


def _number(name: str, pattern: re.Pattern[str], value: str) -> str:
    """Return the number if it has the form that WeChat takes."""
    if not pattern.fullmatch(value):
        raise ValueError(f"{name} has a form that WeChat Pay doesn't take")
    return value


def positive(name: str, value: int) -> int:
    """Return an amount > 0 in fen."""
    if type(value) is not int or value <= 0:
        raise ValueError(f"{name} is not a whole number above 0")
    return value


def notify_url(value: str) -> str:
    """Check where notices go: an address without a query (WeChat cuts it off)."""
    if not re.fullmatch(r"https?://[^\s?#]{1,240}", value):
        raise ValueError("notify_url is not an address without a query")
    return value


def rfc3339(instant: datetime) -> str:
    """Write an aware instant with Shanghai's offset, in whole seconds."""
    if instant.tzinfo is None:
        raise ValueError("the instant has no time zone")
    return instant.astimezone(SHANGHAI).isoformat(timespec="seconds")


def shown_text(text: str, most: int) -> str:
    """Return what WeChat Pay takes of a text for people: no control or astral characters (emoji), `most` long.

    The same text always gives the same result, so a repeated call has the same content.
    """
    kept = "".join(char for char in text if char.isprintable() and ord(char) <= 0xFFFF)
    return kept.strip()[:most]
