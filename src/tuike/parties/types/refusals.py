"""The named noes of parties."""

from tuike.kit.errors import Refusal


class UnknownParty(Refusal):
    """No such party of the kind that is meant."""

    code = "unknown_party"
    status = 404
    zh = "没有找到该主体"
    en = "There is no such party."


class OperatorExists(Refusal):
    """There is one operator only."""

    code = "operator_exists"
    status = 409
    zh = "平台运营主体已存在"
    en = "The operator exists already."


class NotCertified(Refusal):
    """Before certification passes, nothing but its pages and help works."""

    code = "not_certified"
    status = 403
    zh = "请先完成认证，认证通过后才能使用该功能"
    en = "Complete the certification first; this works once it has passed."


class AlreadyCertified(Refusal):
    """The party is certified."""

    code = "already_certified"
    status = 409
    zh = "该主体已通过认证"
    en = "This party is certified already."


class CertificationOpen(Refusal):
    """An application is being reviewed; one at a time."""

    code = "certification_open"
    status = 409
    zh = "已有认证申请正在审核中，请等待结果"
    en = "An application is under review; wait for its result."


class CertificationDecided(Refusal):
    """The application was decided before."""

    code = "certification_decided"
    status = 409
    zh = "该认证申请已处理"
    en = "This application was decided before."


class UnknownCertification(Refusal):
    """No such application."""

    code = "unknown_certification"
    status = 404
    zh = "没有找到该认证申请"
    en = "There is no such application."


class Suspended(Refusal):
    """The party is suspended."""

    code = "party_suspended"
    status = 403
    zh = "该主体已被停用：{reason}"
    en = "This party is suspended: {reason}"


class FunctionOff(Refusal):
    """The shop doesn't offer this function."""

    code = "function_off"
    status = 409
    zh = "该店铺未开启此功能"
    en = "This shop does not offer this function."


class NotSuspended(Refusal):
    """There is nothing to restore."""

    code = "not_suspended"
    status = 409
    zh = "该主体未被停用"
    en = "This party is not suspended."


class AllianceAlreadyOpen(Refusal):
    """The alliance is open for the merchant, or opens at the next midnight."""

    code = "alliance_already_open"
    status = 409
    zh = "已开通联盟，无需重复开通"
    en = "The alliance is open for this shop already."


class AllianceNotOpen(Refusal):
    """The alliance is not open for the merchant, or closes at the next midnight."""

    code = "alliance_not_open"
    status = 409
    zh = "尚未开通联盟"
    en = "The alliance is not open for this shop."


class AppidTaken(Refusal):
    """Another shop has named this mini-program as its own."""

    code = "appid_taken"
    status = 409
    zh = "该小程序 AppID 已被其他商家使用"
    en = "Another shop uses this mini-program's AppID."


class NotThisState(Refusal):
    """The promoter doesn't stand in the network as this would need."""

    code = "promoter_not_this_state"
    status = 409
    zh = "推客当前状态（{state}）不能进行此操作"
    en = "The promoter's state ({state}) doesn't allow this."


class LineBackwards(Refusal):
    """A change of recruiter is not earlier than any before."""

    code = "line_backwards"
    status = 409
    zh = "更改上级的时间不能早于上一次更改"
    en = "A recruiter can't be changed at an instant before the last change."


class CycleInLine(Refusal):
    """The recruiter stands below the promoter, or is the promoter."""

    code = "cycle_in_line"
    status = 409
    zh = "不能把自己或自己的下级设为上级"
    en = "A promoter's recruiter can't be the promoter or somebody below."


class RoleNotOfKind(Refusal):
    """This kind of party has no such role, or the role isn't given this way."""

    code = "role_not_of_kind"
    status = 422
    zh = "该类主体不能设置此角色"
    en = "This kind of party has no such role to give."


class AlreadySeated(Refusal):
    """The person has a seat in the party."""

    code = "already_seated"
    status = 409
    zh = "该用户已是本主体的管理员"
    en = "This person has a seat here already."


class NotSeated(Refusal):
    """The person has no seat in the party."""

    code = "not_seated"
    status = 404
    zh = "该用户不是本主体的管理员"
    en = "This person has no seat here."


class TooManyAdministrators(Refusal):
    """A party has at most 100 administrators, the super administrator not counted."""

    code = "too_many_administrators"
    status = 409
    zh = "管理员已达 {most} 人上限，请先移除不再使用的管理员"
    en = "There are {most} administrators, which is the most; remove one first."


class SuperAdminStays(Refusal):
    """The super administrator's seat can't be removed or changed; it is handed on."""

    code = "super_admin_stays"
    status = 409
    zh = "超级管理员不能被移除或更改角色，请先转让超级管理员"
    en = "The super administrator stays; hand the role on first."


class NotSuperAdmin(Refusal):
    """Only the party's super administrator may do this."""

    code = "not_super_admin"
    status = 403
    zh = "仅超级管理员可以进行此操作"
    en = "Only the super administrator may do this."


class NotOperator(Refusal):
    """Only the alliance's operator may do this."""

    code = "not_operator"
    status = 403
    zh = "仅平台运营人员可以进行此操作"
    en = "Only the operator may do this."


class ReasonNeeded(Refusal):
    """A reason must be given, at most 200 characters."""

    code = "reason_needed"
    status = 422
    zh = "请填写原因（不超过 200 字）"
    en = "Give a reason of at most 200 characters."


class NoBankAccount(Refusal):
    """The party has bound no account."""

    code = "no_bank_account"
    status = 409
    zh = "请先绑定收款账户"
    en = "Bind an account for payouts first."


class BankAccountNotVerified(Refusal):
    """The account was not verified yet."""

    code = "bank_account_not_verified"
    status = 409
    zh = "收款账户尚未通过验证"
    en = "The account for payouts is not verified yet."


class BankAccountCooling(Refusal):
    """The account was changed a short while ago."""

    code = "bank_account_cooling"
    status = 409
    zh = "收款账户刚刚变更，{until_shown} 后可用"
    en = "The account was changed; it can be used from {until_shown} on."


class BankAccountGone(Refusal):
    """No such account, or one that was verified or replaced before."""

    code = "bank_account_gone"
    status = 409
    zh = "该收款账户不存在、已验证或已被更换"
    en = "This account does not exist, was verified before, or was replaced."


class UnknownInvitation(Refusal):
    """No such invitation for this person: another phone number's, used up, withdrawn, or too old."""

    code = "unknown_invitation"
    status = 404
    zh = "邀请不存在、已失效，或不是发给您的手机号的"
    en = "There is no such invitation for your phone number, or it is over."


class InvitationOpen(Refusal):
    """The phone number is invited already."""

    code = "invitation_open"
    status = 409
    zh = "该手机号已有一个待接受的邀请"
    en = "This phone number has an invitation that waits for an answer."


class TooManyInvitations(Refusal):
    """More open invitations than there can be seats."""

    code = "too_many_invitations"
    status = 409
    zh = "待接受的邀请与管理员合计已达 {most} 人上限"
    en = "Administrators and open invitations together are at most {most}."


class OtherHand(Refusal):
    """A hand-over takes two people: the one who gives and the one who takes."""

    code = "other_hand"
    status = 409
    zh = "转让需要两个人：由现任超级管理员和接任的管理员分别扫码确认"
    en = "A hand-over takes two people: the super administrator and the one who takes over each confirm by scan."
