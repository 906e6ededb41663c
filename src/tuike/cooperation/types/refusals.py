"""What cooperation refuses."""

from tuike.kit.errors import Refusal


class CooperationClosed(Refusal):
    """The operator hasn't opened the contract's functions to this party (docs/rules.md §9)."""

    code = "cooperation_closed"
    status = 403
    zh = "团长招商功能尚未对您开放，请联系平台开通"
    en = "Leaders' activities are not open to you yet; ask the operator."


class ActivityNotDraft(Refusal):
    """Only a draft can be changed in everything, published, or deleted before it was closed."""

    code = "activity_not_draft"
    zh = "该招商活动已发布，不能这样操作"
    en = "This activity was published already."


class ActivityNotPublished(Refusal):
    """Only a published activity can be closed or changed in what is open to change."""

    code = "activity_not_published"
    zh = "该招商活动未发布或已关闭"
    en = "This activity is not published, or closed."


class ActivityNotOpen(Refusal):
    """No product can be enrolled (any more)."""

    code = "activity_not_open"
    zh = "该招商活动当前不能报名"
    en = "This activity takes no products now."


class BelowActivityFloor(Refusal):
    """Below what the activity asks for in the product's category."""

    code = "below_activity_floor"
    status = 422
    zh = "“{title}”低于该活动要求：佣金率不低于 {rate}，服务费率不低于 {service}"
    en = '"{title}" is below what the activity asks for: commission {rate}, service fee {service}, or more.'


class PeriodInPast(Refusal):
    """A period that lies in the past, or begins there."""

    code = "period_in_past"
    status = 422
    zh = "时间不能早于现在"
    en = "The period lies in the past."


class PeriodOutsideActivity(Refusal):
    """A cooperation lies within the activity's period."""

    code = "period_outside_activity"
    status = 422
    zh = "合作时间须在活动时间之内：{from_} 至 {until}"
    en = "The cooperation must lie within the activity: {from_} to {until}."


class EnrolledAlready(Refusal):
    """One open enrolment of a product in an activity."""

    code = "enrolled_already"
    zh = "“{title}”已报名该活动"
    en = '"{title}" is enrolled in this activity already.'


class EnrolmentDecided(Refusal):
    """The application was decided on, or withdrawn, before."""

    code = "enrolment_decided"
    zh = "该报名已处理，不能重复操作"
    en = "This application was decided on already."


class EnrolmentNotActive(Refusal):
    """The leader hasn't passed it yet."""

    code = "enrolment_not_active"
    zh = "该商品尚未通过团长审核，可直接撤回报名"
    en = "The leader has not passed this product yet; withdraw the application instead."


class EnrolmentOver(Refusal):
    """The cooperation has ended; nothing can be asked or answered any more."""

    code = "enrolment_over"
    zh = "商品合作已失效，不能再操作"
    en = "The cooperation has ended."


class CancelOpenAlready(Refusal):
    """One open wish to cancel at a time; while it is open nothing else is asked."""

    code = "cancel_open_already"
    zh = "已发起取消合作，团长审核中"
    en = "Cancelling was asked for; the leader is reviewing it."


class NoOpenCancel(Refusal):
    """There is nothing to decide, or it was decided before."""

    code = "no_open_cancel"
    zh = "没有待处理的取消合作申请，或已处理"
    en = "There is no open wish to cancel, or it was decided already."


class ExtensionOpenAlready(Refusal):
    """One open wish to extend at a time."""

    code = "extension_open_already"
    zh = "已有待处理的延长推广时间申请"
    en = "A later end was asked for already; the merchant has to answer."


class NoOpenExtension(Refusal):
    """There is nothing to answer, or it was answered before."""

    code = "no_open_extension"
    zh = "没有待处理的延长推广时间申请，或已处理"
    en = "There is no open wish to extend, or it was answered already."


class AnswerTooLate(Refusal):
    """No answer within three days counts as a refusal."""

    code = "answer_too_late"
    zh = "已超过 3 日未处理，该延长申请视为拒绝"
    en = "Three days have passed without an answer: the extension counts as refused."


class ExtensionTooShort(Refusal):
    """An extension ends later than the cooperation does today."""

    code = "extension_too_short"
    status = 422
    zh = "新的结束时间须晚于现在的结束时间 {until}"
    en = "The new end must be after the present one, {until}."


class NotInActivity(Refusal):
    """The product is in no cooperation of the activity now."""

    code = "not_in_activity"
    zh = "该商品不在此招商活动中，或合作已失效"
    en = "The product is not in this activity, or no longer."


class NotForThisPromoter(Refusal):
    """The activity is exclusive to promoters whom the leader named."""

    code = "not_for_this_promoter"
    status = 403
    zh = "该活动为专属活动，仅对团长指定的推客开放"
    en = "This activity is open to named promoters only."


class InPoolAlready(Refusal):
    """A product is in the pool, or applied for, once."""

    code = "in_pool_already"
    zh = "“{title}”已申请或已加入好物联盟"
    en = '"{title}" is in the curated pool, or applied for, already.'


class PoolDecided(Refusal):
    """Decided on before, or not in a state for it."""

    code = "pool_decided"
    zh = "该好物联盟申请已处理"
    en = "This application for the pool was decided on already."
