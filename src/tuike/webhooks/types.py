"""What crosses the border of webhooks: types of events, endpoints, deliveries, what a try brought, and the refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tuike.kit.errors import Refusal
from tuike.parties.types import PartyKind


class EventType(StrEnum):
    """What an endpoint may be told of (docs/user/webhooks.md)."""

    ORDER_PLACED = "order.placed"
    ORDER_PAID = "order.paid"
    ORDER_SHIPPED = "order.shipped"
    ORDER_RECEIVED = "order.received"
    ORDER_CLOSED = "order.closed"
    ORDER_REFUNDED = "order.refunded"
    ACCRUAL_PENDING = "accrual.pending"
    ACCRUAL_SETTLED = "accrual.settled"
    ACCRUAL_CANCELLED = "accrual.cancelled"
    ACCRUAL_WAITING = "accrual.waiting"
    SETTLEMENT_DONE = "settlement.done"
    STATEMENT_READY = "statement.ready"
    WITHDRAWAL_REQUESTED = "withdrawal.requested"
    WITHDRAWAL_APPROVED = "withdrawal.approved"
    WITHDRAWAL_REJECTED = "withdrawal.rejected"
    WITHDRAWAL_WAITING_USER = "withdrawal.waiting_user"
    WITHDRAWAL_PAID = "withdrawal.paid"
    WITHDRAWAL_RETURNED = "withdrawal.returned"
    WITHDRAWAL_CANCELLED = "withdrawal.cancelled"
    PLAN_CHANGED = "plan.changed"
    REPORT_REFUSED = "report.refused"
    ENROLMENT_APPLIED = "enrolment.applied"
    ENROLMENT_WITHDRAWN = "enrolment.withdrawn"
    ENROLMENT_DECIDED = "enrolment.decided"
    ENROLMENT_CANCEL_ASKED = "enrolment.cancel_asked"
    ENROLMENT_CANCEL_REFUSED = "enrolment.cancel_refused"
    ENROLMENT_EXTENSION_ASKED = "enrolment.extension_asked"
    ENROLMENT_EXTENDED = "enrolment.extended"
    ENROLMENT_EXTENSION_REFUSED = "enrolment.extension_refused"
    ENROLMENT_ENDED = "enrolment.ended"
    ENDPOINT_TEST = "endpoint.test"
    """Sent by the test button only; no endpoint asks for it."""


WORDS: dict[EventType, tuple[str, str]] = {
    EventType.ORDER_PLACED: ("订单已创建", "Order placed"),
    EventType.ORDER_PAID: ("订单已支付", "Order paid"),
    EventType.ORDER_SHIPPED: ("订单已发货", "Order shipped"),
    EventType.ORDER_RECEIVED: ("订单已收货", "Order received"),
    EventType.ORDER_CLOSED: ("订单已关闭", "Order closed"),
    EventType.ORDER_REFUNDED: ("订单已退款", "Order refunded"),
    EventType.ACCRUAL_PENDING: ("佣金已预估", "Commission accrued"),
    EventType.ACCRUAL_SETTLED: ("佣金已结算", "Commission settled"),
    EventType.ACCRUAL_CANCELLED: ("佣金已取消", "Commission cancelled"),
    EventType.ACCRUAL_WAITING: ("佣金等待预存款", "Commission waits for the prepaid balance"),
    EventType.SETTLEMENT_DONE: ("结算批次已完成", "Settlement batch done"),
    EventType.STATEMENT_READY: ("月账单已生成", "Statement ready"),
    EventType.WITHDRAWAL_REQUESTED: ("提现已申请", "Withdrawal requested"),
    EventType.WITHDRAWAL_APPROVED: ("提现已通过", "Withdrawal approved"),
    EventType.WITHDRAWAL_REJECTED: ("提现被驳回", "Withdrawal rejected"),
    EventType.WITHDRAWAL_WAITING_USER: ("提现待确认收款", "Withdrawal waits for its payee"),
    EventType.WITHDRAWAL_PAID: ("提现已到账", "Withdrawal paid"),
    EventType.WITHDRAWAL_RETURNED: ("提现已退回", "Withdrawal returned"),
    EventType.WITHDRAWAL_CANCELLED: ("提现已撤销", "Withdrawal taken back"),
    EventType.PLAN_CHANGED: ("推广计划变更", "Plan changed"),
    EventType.REPORT_REFUSED: ("上报未被接受", "Report refused"),
    EventType.ENROLMENT_APPLIED: ("商品已报名", "Product enrolled"),
    EventType.ENROLMENT_WITHDRAWN: ("报名已撤回", "Enrolment withdrawn"),
    EventType.ENROLMENT_DECIDED: ("团长已审核报名", "Leader decided on an enrolment"),
    EventType.ENROLMENT_CANCEL_ASKED: ("已发起取消合作", "Cancel asked"),
    EventType.ENROLMENT_CANCEL_REFUSED: ("团长拒绝取消合作", "Cancel refused"),
    EventType.ENROLMENT_EXTENSION_ASKED: ("团长申请延长推广时间", "Later end asked"),
    EventType.ENROLMENT_EXTENDED: ("合作已延长", "Cooperation extended"),
    EventType.ENROLMENT_EXTENSION_REFUSED: ("延长推广时间被拒绝", "Later end refused"),
    EventType.ENROLMENT_ENDED: ("商品合作已失效", "Cooperation ended"),
    EventType.ENDPOINT_TEST: ("测试事件", "Test event"),
}
"""Each type in both languages."""

_OF_ALL = ("accrual", "settlement", "statement", "withdrawal")
_EVERYBODY = tuple(one for one in EventType if one.value.split(".")[0] in _OF_ALL)
_ENROLMENTS = tuple(one for one in EventType if one.value.startswith("enrolment."))
_ORDERS = tuple(one for one in EventType if one.value.startswith("order."))

OFFERED: dict[PartyKind, tuple[EventType, ...]] = {
    PartyKind.PROMOTER: (*_ORDERS, *_EVERYBODY, EventType.PLAN_CHANGED),
    PartyKind.MERCHANT: (*_ORDERS, *_EVERYBODY, EventType.PLAN_CHANGED, EventType.REPORT_REFUSED, *_ENROLMENTS),
    PartyKind.LEADER: (*_ORDERS, *_EVERYBODY, *_ENROLMENTS),
    PartyKind.OPERATOR: (),
}
"""What an endpoint of each kind of party may ask for."""


class DeliveryState(StrEnum):
    """How far a delivery is; *given up* and *delivered* begin again by a redelivery only."""

    WAITING = "waiting"
    """Not tried yet, or on its way."""
    FAILED = "failed"
    """Tried without success; it comes again by the schedule."""
    DELIVERED = "delivered"
    """Answered with 2xx."""
    GIVEN_UP = "given_up"
    """The schedule is through, or the endpoint was switched off or deleted."""


OPEN = (DeliveryState.WAITING, DeliveryState.FAILED)
ENDED = (DeliveryState.DELIVERED, DeliveryState.GIVEN_UP)


class OffReason(StrEnum):
    """Why an endpoint is off."""

    PERSON = "person"
    """Somebody switched it off."""
    FAILING = "failing"
    """Nothing got through for five days."""
    DELETED = "deleted"
    """It was deleted."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that a party is to be told: type, the object's public number, plain JSON facts."""

    party_id: int
    type: EventType
    object: str
    facts: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class EndpointShown:
    """An endpoint as its party sees it; its secret is shown once, when it is made."""

    id: int
    no: str
    party_id: int
    name: str
    url: str
    types: tuple[EventType, ...]
    active: bool
    off_reason: str
    failing_since: datetime | None
    secret_since: datetime
    old_until: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class NewSecret:
    """An endpoint's new secret, the only time that it is shown."""

    endpoint: EndpointShown
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Taken:
    """A delivery that the caller is to try now: where to, what, and the secrets that sign it, the newest first."""

    delivery_id: int
    take: int
    endpoint_id: int
    url: str
    host: str
    event_no: str
    body: bytes = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """What a try brought: `error` is empty after a 2xx; `answer` is the first kilobyte of what was said."""

    delivery_id: int
    take: int
    took_ms: int
    status: int | None
    error: str
    answer: str


@dataclass(frozen=True, slots=True)
class AttemptShown:
    """A try in the log."""

    at: datetime
    took_ms: int
    status: int | None
    error: str
    answer: str


@dataclass(frozen=True, slots=True)
class DeliveryShown:
    """A delivery with its event as it is sent, and all its tries, the first one first."""

    id: int
    state: DeliveryState
    type: EventType
    object: str
    event_no: str
    event_at: datetime
    body: str
    endpoint_no: str
    endpoint_name: str
    url: str
    endpoint_active: bool
    endpoint_deleted: bool
    next_at: datetime | None
    attempts: tuple[AttemptShown, ...]


class BadUrl(Refusal):
    """The address is none that may be called."""

    code = "webhook_url"
    status = 422
    zh = "地址不可用：{why_zh}"
    en = "The address can't be used: {why_en}"


class TooManyEndpoints(Refusal):
    """The party has as many endpoints as it may have."""

    code = "too_many_endpoints"
    zh = "最多添加 {most} 个接收地址，请先删除不用的"
    en = "A party may have {most} endpoints; delete one that is not in use."


class UnknownEndpoint(Refusal):
    """No such endpoint of this party."""

    code = "unknown_endpoint"
    status = 404
    zh = "没有找到该接收地址"
    en = "There is no such endpoint."


class UnknownDelivery(Refusal):
    """No such delivery of this party."""

    code = "unknown_delivery"
    status = 404
    zh = "没有找到该投递记录"
    en = "There is no such delivery."


class EndpointOff(Refusal):
    """The endpoint is switched off: nothing is sent to it."""

    code = "endpoint_off"
    zh = "该接收地址已停用，请先启用"
    en = "The endpoint is switched off; switch it on first."


class DeliveryUnderWay(Refusal):
    """The delivery is not over: it comes by itself."""

    code = "delivery_under_way"
    zh = "该投递正在进行，无需重新发送"
    en = "This delivery is under way; it needs no redelivery."


class RotatedAlready(Refusal):
    """Two secrets are live; a third would end the old one early."""

    code = "secret_rotating"
    zh = "上一次更换的旧密钥还在有效期内（至 {until}），请在其失效后再更换"
    en = "The old secret of the last rotation is still good (until {until}); rotate again after that."
