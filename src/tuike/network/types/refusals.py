"""The named noes of network."""

from tuike.kit.errors import Refusal


class UnknownLink(Refusal):
    """No such recruiting link, it is closed, or its owner may not recruit now."""

    code = "unknown_recruit_link"
    status = 404
    zh = "该招募链接不存在或已失效"
    en = "This recruiting link doesn't exist, or isn't good any more."


class TooManyLinks(Refusal):
    """A party has so many open links at most."""

    code = "too_many_recruit_links"
    zh = "最多同时启用 {most} 个招募链接，请先停用不用的"
    en = "At most {most} recruiting links are open at a time; close one first."


class ApplicationNeeded(Refusal):
    """There is no form in force by which to apply."""

    code = "no_application_needed"
    zh = "当前无需申请，开通推客后即可推广"
    en = "Nobody needs to apply now: open a promoter and begin."


class ApplicationOpen(Refusal):
    """The person has an application under review, or the promoter is in already."""

    code = "application_open"
    zh = "您已有审核中的申请，或该推客已加入"
    en = "An application of yours is under review, or the promoter is in already."


class ApplicationClosed(Refusal):
    """There is no such application under review."""

    code = "application_closed"
    zh = "该申请不存在，或已处理完毕"
    en = "There is no such application under review."


class AppliedTooSoon(Refusal):
    """After a rejection some days go by before the next application."""

    code = "applied_too_soon"
    status = 429
    zh = "上次申请未通过，请于 {at} 后再次申请"
    en = "Your last application was rejected; apply again after {at}."


class PersonBanned(Refusal):
    """The person was shut out of the network."""

    code = "person_banned"
    status = 403
    zh = "您已被清退，不能再加入推客网络"
    en = "You were shut out of the network and can't join again."


class ThresholdsUnmet(Refusal):
    """Something that the form asks for isn't there; `missing` names it."""

    code = "thresholds_unmet"
    zh = "申请条件尚未满足：{missing_zh}"
    en = "Not everything that is asked for is there: {missing_en}."


class TiersWithThreshold(Refusal):
    """A threshold of money stands beside more than one paid tier, and the operator hasn't taken the law's note."""

    code = "tiers_with_threshold"
    zh = "《禁止传销条例》：设有保证金或消费门槛时，不得支付超过一级佣金；如需同时启用，请确认已知悉法律提示"
    en = (
        "The law against pyramid selling: with a deposit or spending as a threshold no more than one tier may be paid;"
        " confirm the note to have both."
    )


class DepositNotNeeded(Refusal):
    """Nothing has to be paid: no application under review that asks for a deposit, or it is paid."""

    code = "deposit_not_needed"
    zh = "当前无需缴纳保证金"
    en = "No deposit is to be paid now."


class DepositNotUnpaid(Refusal):
    """The deposit is paid, or its payment is being closed."""

    code = "deposit_not_unpaid"
    zh = "该笔保证金已支付，或支付已超时，请稍后重试"
    en = "This deposit is paid, or the time to pay it is over; try again in a while."


class DepositNotHere(Refusal):
    """There is no such deposit, or not as much of it is left."""

    code = "deposit_not_here"
    zh = "没有这笔保证金，或余额不足"
    en = "There is no such deposit, or less of it is left."


class DecisionOpen(Refusal):
    """Something was asked for about the deposit and waits for a second person."""

    code = "deposit_decision_open"
    zh = "该笔保证金已有待复核的处理"
    en = "A decision about this deposit waits for a second person."


class DecisionClosed(Refusal):
    """It was decided before, lapsed, or never was."""

    code = "deposit_decision_closed"
    zh = "该处理已复核、已过期或不存在"
    en = "It was decided, has lapsed, or doesn't exist."


class SecondPerson(Refusal):
    """Who asked for it doesn't approve it."""

    code = "deposit_second_person"
    status = 403
    zh = "须由另一位同事复核"
    en = "Somebody else must approve it."
