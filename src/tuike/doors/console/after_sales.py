"""After-sales as the console shows them, to the shop and to the operator: words of kinds, reasons and steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from tuike.doors.console.text import T, Tag
from tuike.insight.lists import merchant_orders
from tuike.kit import days
from tuike.orders import queries as orders_of
from tuike.orders.types import REASONS, AfterSaleRef, AfterSaleState, StepShown

STATES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in merchant_orders.REFUNDS.items()}
KINDS = {key: T(zh, en) for key, (zh, en) in merchant_orders.REFUND_KINDS.items()}
_REASONS = {one.code: T(one.zh, one.en) for some in REASONS.values() for one in some}
_STEPS = {
    "asked": T("申请售后", "Asked"),
    "agreed": T("同意退货", "Agreed to a return"),
    "sent": T("寄回商品", "Sent the goods back"),
    "disputed": T("转平台介入", "Brought before the platform"),
    "approved": T("同意退款", "Approved the refund"),
    "rejected": T("拒绝", "Rejected"),
    "cancelled": T("撤销", "Taken back"),
    "refunded": T("退款完成", "Refunded"),
}
_BY = {
    "buyer": T("买家", "the buyer"),
    "merchant": T("商家", "the shop"),
    "operator": T("平台", "the platform"),
    "time": T("系统", "the system"),
}


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step of the timeline, with the addresses of its pictures."""

    words: T
    by: T
    note: str
    pictures: Sequence[str]
    at: datetime
    bad: bool


@dataclass(frozen=True, slots=True)
class Card:
    """An after-sale with its words, its timeline, and which answers it waits for."""

    one: AfterSaleRef
    state: Tag
    kind: T
    reason: T | None
    steps: Sequence[StepLine]
    left: T | None
    to_decide: bool
    to_receive: bool
    is_return: bool


def cards(some: Sequence[AfterSaleRef], *, now: datetime) -> list[Card]:
    """Return after-sales as they are shown; whoever calls may see them."""
    steps = orders_of.steps_of([one.id for one in some])
    return [
        Card(
            one=one,
            state=STATES[one.state.value],
            kind=KINDS[one.kind.value],
            reason=_REASONS.get(one.reason_code),
            steps=[_line(step) for step in steps.get(one.id, [])],
            left=_left(one, now),
            to_decide=one.state is AfterSaleState.REQUESTED,
            to_receive=one.state is AfterSaleState.SENT,
            is_return=one.kind.value == "return",
        )
        for one in some
    ]


def _line(step: StepShown) -> StepLine:
    pictures = [f"/media/{name}" for name in step.pictures]
    bad = step.kind.value in ("rejected", "disputed", "cancelled")
    return StepLine(_STEPS[step.kind.value], _BY[step.by.value], step.note, pictures, step.at, bad)


def _left(one: AfterSaleRef, now: datetime) -> T | None:
    """Return in words until when the one whose turn it is must act, and what happens then."""
    if one.due_at is None or one.state not in _THEN:
        return None
    then = _THEN[one.state]
    if one.state is AfterSaleState.REQUESTED and one.kind.value == "unshipped":
        then = T("自动同意退款", "the refund is agreed by itself")
    hours = max(0, int((one.due_at - now).total_seconds()) // 3600)
    return T("{at} 前处理（剩 {n} 小时），逾期{then}", "Until {at} ({n} h left); then {then}").fill(
        at=days.shown(one.due_at)[:16], n=str(hours), then=then
    )


_THEN = {
    AfterSaleState.REQUESTED: T("转平台介入", "the platform steps in"),
    AfterSaleState.RETURNING: T("售后自动关闭", "it ends by itself"),
    AfterSaleState.SENT: T("转平台介入", "the platform steps in"),
}
