"""When a shop may leave, and until when an extension can be answered (docs/rules.md §9). Pure."""

from datetime import datetime

from tuike.cooperation.types import CanCancel, CancelAnswer, CancelState, EnrolmentShown, EnrolmentState, Outcome
from tuike.kit.days import exact_days, shown

REVIEW_DAYS = 30
"""So many times 86,400 s from the enrolment on every cancel needs the leader's consent, the last instant included."""
ANSWER_DAYS = 3
"""So many times 86,400 s the merchant has to answer an extension, the last instant included."""


def review_until(applied_at: datetime) -> datetime:
    """Return the last instant at which a cancel needs the leader's consent whatever was sold."""
    return exact_days(applied_at, REVIEW_DAYS)


def on_cancel(applied_at: datetime, asked_at: datetime, *, gross_orders: int, base_orders: int) -> Outcome:
    """Return what filing a cancel does: at once only after the 30 days and only while the base isn't reached."""
    late = asked_at > review_until(applied_at)
    return Outcome.AT_ONCE if late and gross_orders < base_orders else Outcome.REVIEW


def lapses_at(asked_at: datetime) -> datetime:
    """Return the last instant at which an extension can be answered; behind it, it counts as refused."""
    return exact_days(asked_at, ANSWER_DAYS)


def answer_in_time(asked_at: datetime, now: datetime) -> bool:
    """Return whether an extension that was asked for at `asked_at` can still be answered."""
    return now <= lapses_at(asked_at)


def can_cancel(enrolment: EnrolmentShown, now: datetime) -> CanCancel:
    """Answer "can I cancel now? If not, when, or who decides?" for the shop, as counts stand."""
    if enrolment.over(now):
        return CanCancel(
            CancelAnswer.OVER, "商品合作已失效，无需取消。", "The cooperation has ended; nothing to cancel.", False
        )
    if enrolment.state is EnrolmentState.APPLIED:
        zh = "团长尚未审核，可随时撤回报名，无需团长同意。"
        en = "The leader has not decided yet: withdraw the application at any time, nobody's consent is needed."
        return CanCancel(CancelAnswer.WITHDRAW, zh, en, False)
    if enrolment.cancel is not None and enrolment.cancel.state is CancelState.OPEN:
        zh = "已发起取消合作，团长审核中，由团长决定。"
        en = "Cancelling was asked for; the leader is reviewing it and decides."
        return CanCancel(CancelAnswer.UNDER_REVIEW, zh, en, True)
    return _of_running(enrolment, now)


def _of_running(enrolment: EnrolmentShown, now: datetime) -> CanCancel:
    gross, base = enrolment.gross_orders, enrolment.base_orders
    edge = review_until(enrolment.applied_at)
    if on_cancel(enrolment.applied_at, now, gross_orders=gross, base_orders=base) is Outcome.AT_ONCE:
        zh = f"可以立即取消：报名已满 30 日，且支付订单 {gross} 单未达到基础支付单量 {base} 单。"
        en = f"Yes, at once: 30 days have passed and {gross} paid orders are fewer than the base of {base}."
        return CanCancel(CancelAnswer.AT_ONCE, zh, en, False)
    if gross >= base:
        zh = f"可以申请取消，由团长审核：支付订单 {gross} 单已达到基础支付单量 {base} 单。"
        en = f"You can ask; the leader decides: {gross} paid orders have reached the base of {base}."
        return CanCancel(CancelAnswer.LEADER, zh, en, True)
    if edge >= enrolment.ends_at:
        zh = f"可以申请取消，由团长审核：报名未满 30 日，合作将于 {shown(enrolment.ends_at)} 到期。"
        en = (
            "You can ask; the leader decides: 30 days since the enrolment will not have passed when the cooperation"
            f" ends at {shown(enrolment.ends_at)}."
        )
        return CanCancel(CancelAnswer.LEADER, zh, en, True)
    zh = (
        f"现在取消由团长审核：报名未满 30 日。{shown(edge)} 之后，若支付订单（现为 {gross} 单）仍未达到"
        f"基础支付单量 {base} 单，可立即取消。"
    )
    en = (
        f"Now the leader decides: 30 days have not passed. After {shown(edge)} you can cancel at once if the paid"
        f" orders ({gross} now) have not reached the base of {base} by then."
    )
    return CanCancel(CancelAnswer.LEADER_FOR_NOW, zh, en, True, edge)
